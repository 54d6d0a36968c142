"""What the simulated people do: one function a movement, and many for what is none of them."""

import numpy as np
from numpy.random import Generator

from benchmarks.recognition.simulated import (
    FPS,
    NAMES,
    SHIN,
    THIGH,
    TRUNK,
    Maker,
    Pose,
    Stretch,
    cycles,
    draw,
    filmed,
    held,
    perform,
    pose,
    slow,
    stand,
    varied,
)


def _balanced(body: Pose, least: float = -0.1, most: float = 0.2) -> bool:
    """Whether the weight lies over the feet: in front of the ankle by so much of the body height (foot about .15)."""
    knee = SHIN * np.sin(np.radians(body["shin"]))
    hip = knee + THIGH * np.sin(np.radians(body["thigh"]))
    shoulder = hip + TRUNK * np.sin(np.radians(body["trunk"]))
    ahead = 0.68 * (hip + 0.63 * (shoulder - hip)) + 0.2 * (knee + 0.57 * (hip - knee)) + 0.09 * 0.57 * knee
    return bool(least <= ahead <= most)


def _over_feet(rng: Generator, make: "callable[[], Pose]", most: float = 0.2) -> Pose:  # type: ignore[valid-type]
    for _ in range(60):
        body = make()
        if _balanced(body, most=most):
            return body
    return body


def hinge(rng: Generator) -> Stretch:
    """Romanian, good morning, bow, conventional, sumo, trap bar, kettlebell, squat-like from the floor, one leg."""
    kind = rng.choice(9, p=[0.15, 0.15, 0.1, 0.15, 0.15, 0.1, 0.1, 0.03, 0.07])
    arm, elbow = draw(rng, -15, 15), draw(rng, 0, 15)

    def low() -> Pose:
        if kind == 0:
            trunk, knee, shin = draw(rng, 60, 92), draw(rng, 10, 38), draw(rng, -8, 6)
        elif kind == 1:
            trunk, knee, shin = draw(rng, 45, 88), draw(rng, 2, 32), draw(rng, -8, 5)
        elif kind == 2:
            trunk, knee, shin = draw(rng, 42, 70), draw(rng, 5, 28), draw(rng, -6, 6)
        elif kind in (3, 4):
            trunk, knee, shin = draw(rng, 50, 88), draw(rng, 40, 80), draw(rng, -2, 18)
        elif kind == 5:
            trunk, knee, shin = draw(rng, 40, 72), draw(rng, 40, 85), draw(rng, -4, 12)
        elif kind == 6:
            trunk, knee, shin = draw(rng, 42, 66), draw(rng, 55, 95), draw(rng, 2, 22)
        elif kind == 7:
            trunk, knee, shin = draw(rng, 38, 62), draw(rng, 85, 120), draw(rng, 10, 32)
        else:
            trunk, knee, shin = draw(rng, 50, 92), draw(rng, 5, 35), draw(rng, -6, 8)
        left = {"left_thigh": draw(rng, -10, trunk), "left_shin": draw(rng, 5, trunk + 30)} if kind == 8 else {}
        return pose(trunk, shin - knee, shin, arm, elbow, draw(rng, -40, 20), **left)

    down = _over_feet(rng, low, most=0.24)
    if kind == 1 or (kind == 2 and rng.random() < 0.4):  # hands at the head or the shoulders, or crossed
        high_arm, high_elbow = draw(rng, -40, 40), draw(rng, 95, 150)
        down |= {"arm": high_arm - down["trunk"] if rng.random() < 0.5 else high_arm, "elbow": high_elbow}
        return perform(rng, "hinge", cycles(rng, stand(rng, high_arm, high_elbow), down))
    if kind == 2 and rng.random() < 0.4:  # hands on the hips
        down |= {"arm": -30.0 - down["trunk"], "elbow": 90.0}
        return perform(rng, "hinge", cycles(rng, stand(rng, -30.0, 90.0), down))
    top = stand(rng)
    if rng.random() < 0.3:
        top["trunk"] -= draw(rng, 0, 10)
    return perform(rng, "hinge", cycles(rng, top, down))


def squat(rng: Generator) -> Stretch:
    """Without a load, arms ahead or crossed; goblet, front, back."""
    kind = rng.integers(0, 5)
    arm, elbow = ((draw(rng, 50, 110), draw(rng, 0, 30)), (draw(rng, 10, 50), draw(rng, 110, 150)),
                  (draw(rng, 50, 100), draw(rng, 110, 155)), (draw(rng, -45, 10), draw(rng, 100, 150)),
                  (draw(rng, -10, 60), draw(rng, 0, 90)))[kind]  # fmt: skip

    def low() -> Pose:
        trunk, shin = draw(rng, 8, 60), draw(rng, 8, 45)
        return pose(trunk, -draw(rng, 45, 112), shin, arm, elbow, draw(rng, -30, 20))

    top = stand(rng) if kind in (0, 4) and rng.random() < 0.5 else stand(rng, arm, elbow)
    return perform(rng, "squat", cycles(rng, top, _over_feet(rng, low, most=0.15), 0.8, 7.0))


def sit_to_stand(rng: Generator) -> Stretch:
    """From a seat to standing and back, once or again and again."""
    arm, elbow = draw(rng, -10, 60), draw(rng, 0, 110)
    sit = pose(draw(rng, -12, 22), -draw(rng, 68, 102), draw(rng, -15, 14), arm, elbow)
    lean = sit | {"trunk": draw(rng, 22, 58), "shin": sit["shin"] + draw(rng, 3, 16)}
    top = stand(rng, arm if rng.random() < 0.5 else None, None)
    slow_s = draw(rng, 0.5, 2.2)
    times, keys = [0.0], [sit]
    for _ in range(int(rng.integers(1, 6))):
        for length, body in ((draw(rng, 0.4, 3), sit), (0.5 * slow_s, lean), (0.8 * slow_s, top),
                             (draw(rng, 0.2, 2), top), (0.5 * slow_s, lean), (0.6 * slow_s, sit)):  # fmt: skip
            times.append(times[-1] + length)
            keys.append(varied(rng, body))
    cut = rng.integers(0, 3)
    if cut == 1:
        times, keys = times[3:], keys[3:]
    elif cut == 2 and len(times) > 6:
        times, keys = times[:-2], keys[:-2]
    return perform(rng, "sit_to_stand", (np.array(times), keys))


def toe_touch(rng: Generator) -> Stretch:
    """Bend to the feet over near straight knees."""
    trunk, knee, shin = draw(rng, 82, 132), draw(rng, -4, 18), draw(rng, -10, 3)
    low = pose(trunk, shin - knee, shin, draw(rng, -12, 25), draw(rng, 0, 25), draw(rng, -10, 60))
    top = stand(rng) if rng.random() < 0.7 else stand(rng, draw(rng, 140, 178), draw(rng, 0, 25))
    return perform(rng, "toe_touch", cycles(rng, top, low, 2.0, 9.0))


def standing_extension(rng: Generator) -> Stretch:
    """Lean back from standing."""
    arm, elbow = ((draw(rng, -20, 10), draw(rng, 0, 20)), (draw(rng, -40, -20), draw(rng, 70, 110)),
                  (draw(rng, 140, 178), draw(rng, 0, 25)), (draw(rng, 20, 40), draw(rng, 100, 140)))[rng.integers(0, 4)]  # fmt: skip
    back = pose(-draw(rng, 17, 50), draw(rng, 0, 16), draw(rng, 0, 22), arm, elbow, -draw(rng, 0, 40))
    return perform(rng, "standing_extension", cycles(rng, stand(rng, arm, elbow), back, 2.0, 8.0))


def overhead(rng: Generator) -> Stretch:
    """Arms up from hanging or from the shoulders, with or without a dip of the knees."""
    top = stand(rng, draw(rng, 140, 182), draw(rng, 0, 30)) | {"trunk": draw(rng, -16, 8)}
    low = stand(rng) if rng.random() < 0.5 else stand(rng, draw(rng, 20, 95), draw(rng, 100, 155))
    script = cycles(rng, low, top, 1.0, 7.0)
    if rng.random() < 0.3:
        times, keys = script
        bend = draw(rng, 10, 50)
        dip = low | {"thigh": -0.55 * bend, "shin": 0.45 * bend, "left_thigh": -0.55 * bend, "left_shin": 0.45 * bend}
        now, dips = 0.0, [(0.0, low)]
        for _ in range(max(1, len(keys) // 4)):
            for length, body in ((draw(rng, 0.5, 2), low), (0.3, dip), (0.5, top), (draw(rng, 0.3, 2), top), (0.8, low)):
                now += length
                dips.append((now, varied(rng, body)))
        script = np.array([t for t, _ in dips]), [body for _, body in dips]
    return perform(rng, "overhead", script)


def _gait(rng: Generator, movement: str, pace: tuple[float, float], swing: tuple[float, float], knee: float, lean: float,
          arm: float, elbow: float, travels: bool) -> Stretch:  # fmt: skip
    seconds, rate, size = draw(rng, 2.5, 14), draw(rng, *pace) / 60, draw(rng, *swing)
    times = np.arange(0, seconds, 1 / FPS)
    begin = draw(rng, 0, seconds / 2) if rng.random() < 0.35 else -1.0
    moving = np.clip((times - begin) / 0.4, 0, 1)
    phase = np.pi * rate * times + draw(rng, 0, 6)

    def leg(at: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        thigh = -4 - size * np.sin(at)
        return moving * thigh, moving * (thigh + 6 + knee * np.maximum(np.cos(at), 0) ** 2)

    (thigh, shin), (left_thigh, left_shin) = leg(phase), leg(phase + np.pi)
    swings = draw(rng, 0, 25) * np.sin(phase) if arm < 60 else 0 * times
    ones = np.ones_like(times)
    values = np.stack([lean * ones, thigh, shin, left_thigh, left_shin, arm + swings, elbow * ones, 0 * ones], axis=1)
    assert values.shape[1] == len(NAMES)
    values += slow(rng, values.shape, 1.5)
    walks = draw(rng, 0.3, 0.9) * np.cumsum(moving) / FPS if travels else 0 * times
    return Stretch(movement, filmed(rng, times, values, walks))


def carry(rng: Generator) -> Stretch:
    """Walk, with or without a load; upright or somewhat stooped; the camera may go along."""
    arm, elbow = ((0.0, draw(rng, 0, 20)), (draw(rng, 0, 40), draw(rng, 60, 140)))[int(rng.random() < 0.3)]
    lean = draw(rng, -5, 15) if rng.random() < 0.8 else draw(rng, 15, 35)
    return _gait(rng, "carry", (65, 140), (8, 28), draw(rng, 25, 60), lean, arm, elbow, rng.random() < 0.5)


def _plank_pose(rng: Generator, high: bool) -> Pose:
    """A body held on forearms or hands, with sag or pike."""
    slope, bend = draw(rng, -8, 14), rng.normal(0, 10)
    trunk, thigh = 88 - slope - bend / 2, 88 - slope + bend / 2
    arm, elbow = (draw(rng, -12, 25), draw(rng, 0, 20)) if high else (draw(rng, -15, 20), draw(rng, 65, 115))
    shin = thigh + draw(rng, -6, 14) if rng.random() < 0.88 else thigh + draw(rng, 40, 100)
    return pose(trunk, thigh, shin, arm, elbow, draw(rng, -40, 20))


def plank(rng: Generator) -> Stretch:
    """Held face down, on forearms or hands."""
    base = _plank_pose(rng, rng.random() < 0.35)
    script = held(rng, base) if rng.random() < 0.7 else held(rng, base, varied(rng, base, 5))
    return perform(rng, "plank", script, wobble_deg=1.0)


def _seat(rng: Generator) -> Pose:
    return pose(draw(rng, -12, 12), -draw(rng, 68, 104), draw(rng, -25, 25), draw(rng, -25, 50), draw(rng, 0, 110))


def slump(rng: Generator) -> Stretch:
    """Sit, slump, let the head down, straighten a knee; in any order and number."""
    sit = _seat(rng)
    keys, now, body = [(0.0, sit)], draw(rng, 0.5, 3), dict(sit)
    slumped = sit | {"trunk": sit["trunk"] + draw(rng, 4, 34), "neck": draw(rng, 15, 75)}
    for step in range(int(rng.integers(2, 7))):
        if step % 2 == 0:
            body = slumped | ({"left_shin": -draw(rng, 45, 85)} if rng.random() < 0.45 else {})
        else:
            body = slumped if rng.random() < 0.3 else sit
        keys += [(now, keys[-1][1]), (now + draw(rng, 0.5, 2), varied(rng, body))]
        now = keys[-1][0] + draw(rng, 0.3, 4)
    keys.append((now, keys[-1][1]))
    return perform(rng, "slump", (np.array([t for t, _ in keys]), [body for _, body in keys]))


def rest(rng: Generator) -> Stretch:
    """Stand about: arms that move a little, a step, a look down; or crouch before a lift and stay there."""
    if rng.random() < 0.25:
        crouch = pose(draw(rng, 25, 80), -draw(rng, 30, 100), draw(rng, 0, 30), draw(rng, -10, 20), draw(rng, 0, 30))
        return perform(rng, "rest", held(rng, crouch, varied(rng, crouch, 6)))
    bodies = [stand(rng, draw(rng, -20, 40), draw(rng, 0, 120)) for _ in range(int(rng.integers(1, 4)))]
    return perform(rng, "rest", held(rng, *bodies), wobble_deg=3.0)


def _sit_about(rng: Generator) -> Stretch:
    sit = _seat(rng) | {"shin": draw(rng, -15, 25)}
    keys = [sit | {"arm": draw(rng, -20, 90), "elbow": draw(rng, 0, 130)} for _ in range(int(rng.integers(1, 5)))]
    return perform(rng, "none", held(rng, *keys))


def _lunge(rng: Generator) -> Stretch:
    depth, trunk = draw(rng, 0.6, 1.0), draw(rng, -5, 35)
    left = {"left_thigh": draw(rng, 0, 25), "left_shin": draw(rng, 50, 100) * depth}
    arm, elbow = draw(rng, -20, 30), draw(rng, 0, 140)
    low = pose(trunk, -draw(rng, 55, 95) * depth, draw(rng, -8, 25), arm, elbow, **left)
    if rng.random() < 0.4:
        swap = {"thigh": low["left_thigh"], "shin": low["left_shin"], "left_thigh": low["thigh"], "left_shin": low["shin"]}
        low |= swap
    top = stand(rng, arm, elbow)
    if rng.random() < 0.35:  # split stance all the time
        top |= {"thigh": -draw(rng, 10, 30), "left_thigh": draw(rng, 10, 30), "left_shin": draw(rng, 15, 40)}
    return perform(rng, "none", cycles(rng, top, low))


def _row(rng: Generator) -> Stretch:
    trunk, knee, shin = draw(rng, 30, 85), draw(rng, 10, 60), draw(rng, -5, 15)
    low = pose(trunk, shin - knee, shin, draw(rng, -10, 15), draw(rng, 0, 25))
    high = low | {"arm": -draw(rng, 20, 70), "elbow": draw(rng, 60, 120), "trunk": trunk - draw(rng, 0, 12)}
    return perform(rng, "none", cycles(rng, high, low, 0.8, 4.0))


def _swing(rng: Generator) -> Stretch:
    trunk, knee, shin = draw(rng, 40, 85), draw(rng, 15, 60), draw(rng, -5, 15)
    low = pose(trunk, shin - knee, shin, -draw(rng, 10, 70), draw(rng, 0, 15))
    top = stand(rng, draw(rng, 60, 150), draw(rng, 0, 20)) | {"trunk": draw(rng, -12, 5)}
    return perform(rng, "none", cycles(rng, top, low, 1.1, 2.0))


def _snatch(rng: Generator) -> Stretch:
    trunk, knee, shin = draw(rng, 35, 65), draw(rng, 60, 115), draw(rng, 5, 25)
    low = pose(trunk, shin - knee, shin, draw(rng, -10, 10), draw(rng, 0, 15))
    rack = stand(rng, draw(rng, 20, 95), draw(rng, 110, 150))
    top = stand(rng, draw(rng, 140, 180), draw(rng, 0, 20)) if rng.random() < 0.6 else rack
    return perform(rng, "none", cycles(rng, top, low, 1.5, 7.0))


def _push_up(rng: Generator) -> Stretch:
    up = _plank_pose(rng, True)
    low = up | {"elbow": draw(rng, 60, 120), "arm": -draw(rng, 20, 70), "trunk": up["trunk"] + draw(rng, 2, 14)}
    return perform(rng, "none", cycles(rng, up, low, 0.8, 4.0))


def _pike(rng: Generator) -> Stretch:
    up = _plank_pose(rng, rng.random() < 0.5)
    angle = draw(rng, 25, 60)
    dog = up | {"trunk": 90 + angle, "thigh": 90 - angle, "left_thigh": 90 - angle, "shin": 85 - angle,
                "left_shin": 85 - angle, "arm": up["arm"] + draw(rng, 10, 60)}  # fmt: skip
    return perform(rng, "none", cycles(rng, dog, up))


def _climber(rng: Generator) -> Stretch:
    up = _plank_pose(rng, rng.random() < 0.7)
    one = up | {"thigh": -draw(rng, 0, 60), "shin": draw(rng, 40, 100)}
    other = up | {"left_thigh": one["thigh"], "left_shin": one["shin"]}
    return perform(rng, "none", cycles(rng, one, other, 0.6, 3.0))


def _burpee(rng: Generator) -> Stretch:
    bodies = [stand(rng), pose(draw(rng, 50, 90), -draw(rng, 60, 110), 30, 10, 10), _plank_pose(rng, True),
              pose(draw(rng, 50, 90), -draw(rng, 60, 110), 30, 10, 10), stand(rng, 170, 10)]  # fmt: skip
    times, keys, now = [0.0], [bodies[0]], 0.0
    for _ in range(int(rng.integers(1, 5))):
        for body in bodies:
            now += draw(rng, 0.3, 0.9)
            times.append(now)
            keys.append(varied(rng, body, 5))
    return perform(rng, "none", (np.array(times), keys))


def _lie(rng: Generator) -> Stretch:
    back = rng.random() < 0.7
    trunk = -draw(rng, 70, 110) if back else draw(rng, 75, 105)
    thigh = -draw(rng, 10, 130) if back else draw(rng, 75, 100)
    base = pose(trunk, thigh, thigh + draw(rng, 0, 110), draw(rng, -90, 90), draw(rng, 0, 120))
    way = 45 if rng.random() < 0.5 else 15
    return perform(rng, "none", cycles(rng, base, varied(rng, base, way), 0.8, 5.0))


def _side(rng: Generator) -> Stretch:
    sign = rng.choice([-1, 1])
    base = pose(sign * draw(rng, 55, 90), sign * draw(rng, 55, 95), sign * draw(rng, 55, 95), draw(rng, -30, 90), draw(rng, 0, 100))
    base["left_thigh"] += rng.normal(0, 15)
    return perform(rng, "none", cycles(rng, base, varied(rng, base, 8)))


def _hang(rng: Generator) -> Stretch:
    base = stand(rng, draw(rng, 155, 185), draw(rng, 0, 20)) | {"thigh": -draw(rng, 0, 30), "shin": draw(rng, 0, 70)}
    base |= {"left_thigh": base["thigh"], "left_shin": base["shin"]}
    pulled = base | {"arm": draw(rng, 20, 60), "elbow": draw(rng, 100, 140)} if rng.random() < 0.5 else varied(rng, base, 5)
    return perform(rng, "none", cycles(rng, base, pulled))


def _arms(rng: Generator) -> Stretch:
    kind = rng.integers(0, 3)
    low = stand(rng)
    top = (low | {"elbow": draw(rng, 90, 150)}, low | {"arm": draw(rng, 50, 115)},
           low | {"arm": draw(rng, -60, -20), "elbow": draw(rng, 40, 120)})[kind]  # fmt: skip
    return perform(rng, "none", cycles(rng, low, top, 0.8, 5.0))


def _jump(rng: Generator) -> Stretch:
    low = pose(draw(rng, 10, 50), -draw(rng, 20, 60), draw(rng, 10, 35), -draw(rng, 0, 60), 10)
    top = stand(rng, draw(rng, 30, 180), 10)
    return perform(rng, "none", cycles(rng, top, low, 0.5, 1.1))


def _run(rng: Generator) -> Stretch:
    return _gait(rng, "none", (150, 230), (20, 60), draw(rng, 60, 110), draw(rng, 0, 18), draw(rng, -10, 20),
                 draw(rng, 70, 110), rng.random() < 0.5)  # fmt: skip


def _one_leg(rng: Generator) -> Stretch:
    base = stand(rng, draw(rng, -20, 180), draw(rng, 0, 120))
    up = base | {"left_thigh": -draw(rng, 20, 100), "left_shin": draw(rng, 0, 80)}
    return perform(rng, "none", cycles(rng, base, up, 1.5, 9.0))


def _bridge(rng: Generator) -> Stretch:
    low = pose(-draw(rng, 60, 95), -draw(rng, 40, 80), draw(rng, -20, 20), draw(rng, -20, 60), draw(rng, 0, 60))
    up = low | {"thigh": -draw(rng, 85, 110), "trunk": -draw(rng, 95, 120)}
    return perform(rng, "none", cycles(rng, up, low))


def _seated_press(rng: Generator) -> Stretch:
    sit = _seat(rng) | {"arm": draw(rng, 20, 90), "elbow": draw(rng, 90, 140)}
    return perform(rng, "none", cycles(rng, sit | {"arm": draw(rng, 60, 180), "elbow": draw(rng, 0, 60)}, sit))


def _fall(rng: Generator) -> Stretch:
    lies = pose(rng.choice([-1, 1]) * draw(rng, 60, 100), draw(rng, -100, 100), draw(rng, -40, 110), draw(rng, -90, 90), 40)
    times = np.cumsum([0.0, draw(rng, 0.5, 3), draw(rng, 0.5, 1.5), draw(rng, 0.5, 5)])
    return perform(rng, "none", (times, [stand(rng), stand(rng), lies, lies]))


def _anything(rng: Generator) -> Pose:
    trunk = rng.normal(30, 50)
    thigh, knee = rng.normal(-20, 50), abs(rng.normal(30, 45))
    other = rng.normal(thigh, 25) if rng.random() < 0.4 else thigh
    return pose(trunk, thigh, thigh + knee, draw(rng, -60, 180), abs(rng.normal(30, 50)), rng.normal(0, 25),
                left_thigh=other, left_shin=other + (knee if rng.random() < 0.6 else abs(rng.normal(30, 45))))  # fmt: skip


def _random(rng: Generator) -> Stretch:
    """Postures drawn at random: what no movement looks like."""
    first = stand(rng, draw(rng, -20, 180), draw(rng, 0, 140)) if rng.random() < 0.4 else _anything(rng)
    if rng.random() < 0.6:
        return perform(rng, "none", cycles(rng, first, _anything(rng), 0.7, 6.0))
    return perform(rng, "none", held(rng, first, *(_anything(rng) for _ in range(int(rng.integers(0, 4))))))


MOVEMENTS: tuple[Maker, ...] = (
    hinge, squat, sit_to_stand, toe_touch, standing_extension, overhead, carry, plank, slump, rest,
)  # fmt: skip
OTHERS: tuple[Maker, ...] = (
    _lunge, _lunge, _row, _row, _swing, _snatch, _push_up, _pike, _climber, _burpee, _lie, _lie, _side, _hang, _arms,
    _jump, _run, _one_leg, _bridge, _seated_press, _fall, _sit_about, *([_random] * 8),
)  # fmt: skip


def simulated(each: int, seed: int = 0) -> list[Stretch]:
    """Simulate `each` stretches of every movement, three times as many of others."""
    rng = np.random.default_rng(seed)
    found = [make(rng) for make in MOVEMENTS for _ in range(2 * each if make in (hinge, squat) else each)]
    return found + [OTHERS[index % len(OTHERS)](rng) for index in range(4 * each)]
