"""What simulated people do: one function a movement."""

from collections.abc import Callable

import numpy as np
from numpy.random import Generator

from benchmarks.recognition.simulated import (
    FPS,
    NAMES,
    SHIN,
    THIGH,
    TRUNK,
    ClipSimulator,
    SegmentAngles,
    SimulatedClip,
    draw_slow_noise,
    draw_uniform,
    hold_poses,
    make_cycles,
    make_pose,
    simulate_fit,
    simulate_script,
    standing_pose,
    vary_pose,
)


def _balanced(body: SegmentAngles, least: float = -0.1, most: float = 0.2) -> bool:
    """Return whether the weight lies over the feet: so far before the ankle, of the body height (foot about .15)."""
    knee = SHIN * np.sin(np.radians(body["shin"]))
    hip = knee + THIGH * np.sin(np.radians(body["thigh"]))
    shoulder = hip + TRUNK * np.sin(np.radians(body["trunk"]))
    ahead = 0.68 * (hip + 0.63 * (shoulder - hip)) + 0.2 * (knee + 0.57 * (hip - knee)) + 0.09 * 0.57 * knee
    return bool(least <= ahead <= most)


def _over_feet(make: Callable[[], SegmentAngles], most: float) -> SegmentAngles:
    """Draw a posture until it stands by itself."""
    for _ in range(60):
        body = make()
        if _balanced(body, most=most):
            return body
    return body


_HINGES = (
    # share, then ranges of trunk, knee and shin at the bottom, degrees
    (0.15, (60, 92), (10, 38), (-8, 6)),  # Romanian
    (0.15, (45, 88), (2, 32), (-8, 5)),  # good morning, hands at the shoulders
    (0.10, (42, 70), (5, 28), (-6, 6)),  # bow, hands anywhere
    (0.30, (50, 88), (40, 80), (-2, 18)),  # conventional
    (0.10, (40, 72), (40, 85), (-4, 12)),  # sumo
    (0.10, (42, 66), (55, 95), (2, 22)),  # trap bar, kettlebell
    (0.03, (38, 62), (85, 120), (10, 32)),  # squat-like from the floor
    (0.07, (50, 92), (5, 35), (-6, 8)),  # on one leg
)
_GOOD_MORNING, _BOW, _ONE_LEG = 1, 2, 7


def hinge(rng: Generator) -> SimulatedClip:
    """Bend at the hips, in all variants."""
    kind = int(rng.choice(len(_HINGES), p=[share for share, *_ in _HINGES]))
    _, trunks, knees, shins = _HINGES[kind]
    arm, elbow = draw_uniform(rng, -15, 15), draw_uniform(rng, 0, 15)

    def low() -> SegmentAngles:
        """Draw the posture at the bottom of a hinge."""
        trunk, shin = draw_uniform(rng, *trunks), draw_uniform(rng, *shins)
        left = (
            {"left_thigh": draw_uniform(rng, -10, trunk), "left_shin": draw_uniform(rng, 5, trunk + 30)}
            if kind == _ONE_LEG
            else {}
        )
        return make_pose(trunk, shin - draw_uniform(rng, *knees), shin, arm, elbow, draw_uniform(rng, -40, 20), **left)

    down = _over_feet(low, most=0.24)
    if kind == _GOOD_MORNING or (kind == _BOW and rng.random() < 0.7):  # hands at the shoulders, crossed or on the hips
        arm, elbow = (
            (-30.0, 90.0)
            if kind == _BOW and rng.random() < 0.5
            else (draw_uniform(rng, -40, 40), draw_uniform(rng, 95, 150))
        )
        with_trunk = rng.random() < 0.5
        down |= {"arm": arm - down["trunk"] if with_trunk else arm, "elbow": elbow}
        return simulate_script(rng, "hinge", make_cycles(rng, standing_pose(rng, arm, elbow), down))
    top = standing_pose(rng)
    if rng.random() < 0.3:
        top["trunk"] -= draw_uniform(rng, 0, 10)
    return simulate_script(rng, "hinge", make_cycles(rng, top, down))


def squat(rng: Generator) -> SimulatedClip:
    """Squat without a load, arms ahead or crossed; goblet, front, back."""
    kind = rng.integers(0, 5)
    arm, elbow = (
        (draw_uniform(rng, 50, 110), draw_uniform(rng, 0, 30)),
        (draw_uniform(rng, 10, 50), draw_uniform(rng, 110, 150)),
        (draw_uniform(rng, 50, 100), draw_uniform(rng, 110, 155)),
        (draw_uniform(rng, -45, 10), draw_uniform(rng, 100, 150)),
        (draw_uniform(rng, -10, 60), draw_uniform(rng, 0, 90)),
    )[kind]

    def low() -> SegmentAngles:
        """Draw the posture at the bottom of a squat."""
        trunk, shin = draw_uniform(rng, 8, 60), draw_uniform(rng, 8, 45)
        return make_pose(trunk, -draw_uniform(rng, 45, 112), shin, arm, elbow, draw_uniform(rng, -30, 20))

    top = standing_pose(rng) if kind in (0, 4) and rng.random() < 0.5 else standing_pose(rng, arm, elbow)
    return simulate_script(rng, "squat", make_cycles(rng, top, _over_feet(low, most=0.15), 0.8, 7.0))


def sit_to_stand(rng: Generator) -> SimulatedClip:
    """Rise from a seat and sit down again, once or several times."""
    arm, elbow = draw_uniform(rng, -10, 60), draw_uniform(rng, 0, 110)
    sit = make_pose(draw_uniform(rng, -12, 22), -draw_uniform(rng, 68, 102), draw_uniform(rng, -15, 14), arm, elbow)
    lean = sit | {"trunk": draw_uniform(rng, 22, 58), "shin": sit["shin"] + draw_uniform(rng, 3, 16)}
    top = standing_pose(rng, arm if rng.random() < 0.5 else None, None)
    slow_s = draw_uniform(rng, 0.5, 2.2)
    times, keys = [0.0], [sit]
    for _ in range(int(rng.integers(1, 6))):
        for length, body in (
            (draw_uniform(rng, 0.4, 3), sit),
            (0.5 * slow_s, lean),
            (0.8 * slow_s, top),
            (draw_uniform(rng, 0.2, 2), top),
            (0.5 * slow_s, lean),
            (0.6 * slow_s, sit),
        ):
            times.append(times[-1] + length)
            keys.append(vary_pose(rng, body))
    cut = rng.integers(0, 3)
    if cut == 1:
        times, keys = times[3:], keys[3:]
    elif cut == 2 and len(times) > 6:
        times, keys = times[:-2], keys[:-2]
    return simulate_script(rng, "sit_to_stand", (np.array(times), keys))


def toe_touch(rng: Generator) -> SimulatedClip:
    """Bend to the feet over near straight knees."""
    trunk, knee, shin = draw_uniform(rng, 82, 132), draw_uniform(rng, -4, 18), draw_uniform(rng, -10, 3)
    low = make_pose(
        trunk, shin - knee, shin, draw_uniform(rng, -12, 25), draw_uniform(rng, 0, 25), draw_uniform(rng, -10, 60)
    )
    top = (
        standing_pose(rng)
        if rng.random() < 0.7
        else standing_pose(rng, draw_uniform(rng, 140, 178), draw_uniform(rng, 0, 25))
    )
    return simulate_script(rng, "toe_touch", make_cycles(rng, top, low, 2.0, 9.0))


_ARMS_BACK = (((-20, 10), (0, 20)), ((-40, -20), (70, 110)), ((140, 178), (0, 25)), ((20, 40), (100, 140)))
"""Arm and elbow: hanging, on the hips, overhead, crossed."""


def standing_extension(rng: Generator) -> SimulatedClip:
    """Lean back from standing."""
    arms, elbows = _ARMS_BACK[rng.integers(0, len(_ARMS_BACK))]
    arm, elbow = draw_uniform(rng, *arms), draw_uniform(rng, *elbows)
    back = make_pose(
        -draw_uniform(rng, 17, 50),
        draw_uniform(rng, 0, 16),
        draw_uniform(rng, 0, 22),
        arm,
        elbow,
        -draw_uniform(rng, 0, 40),
    )
    return simulate_script(rng, "standing_extension", make_cycles(rng, standing_pose(rng, arm, elbow), back, 2.0, 8.0))


def overhead(rng: Generator) -> SimulatedClip:
    """Raise the arms from hanging or from the shoulders, with or without a dip of the knees."""
    top = standing_pose(rng, draw_uniform(rng, 140, 182), draw_uniform(rng, 0, 30)) | {
        "trunk": draw_uniform(rng, -16, 8)
    }
    low = (
        standing_pose(rng)
        if rng.random() < 0.5
        else standing_pose(rng, draw_uniform(rng, 20, 95), draw_uniform(rng, 100, 155))
    )
    script = make_cycles(rng, low, top, 1.0, 7.0)
    if rng.random() < 0.3:
        _, keys = script
        bend = draw_uniform(rng, 10, 50)
        dip = low | {"thigh": -0.55 * bend, "shin": 0.45 * bend, "left_thigh": -0.55 * bend, "left_shin": 0.45 * bend}
        now, dips = 0.0, [(0.0, low)]
        for _ in range(max(1, len(keys) // 4)):
            for length, body in (
                (draw_uniform(rng, 0.5, 2), low),
                (0.3, dip),
                (0.5, top),
                (draw_uniform(rng, 0.3, 2), top),
                (0.8, low),
            ):
                now += length
                dips.append((now, vary_pose(rng, body)))
        script = np.array([t for t, _ in dips]), [body for _, body in dips]
    return simulate_script(rng, "overhead", script)


def gait(
    rng: Generator,
    movement: str,
    pace: tuple[float, float],
    swing: tuple[float, float],
    knee: float,
    lean: float,
    arm: float,
    elbow: float,
    travels: bool,
) -> SimulatedClip:
    """Simulate walking or marching on the spot, from a standstill in some clips."""
    seconds, rate, size = draw_uniform(rng, 2.5, 14), draw_uniform(rng, *pace) / 60, draw_uniform(rng, *swing)
    times = np.arange(0, seconds, 1 / FPS)
    begin = draw_uniform(rng, 0, seconds / 2) if rng.random() < 0.35 else -1.0
    moving = np.clip((times - begin) / 0.4, 0, 1)
    phase = np.pi * rate * times + draw_uniform(rng, 0, 6)

    def leg(at: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Compute thigh and shin of one leg from the phase of its step."""
        thigh = -4 - size * np.sin(at)
        return moving * thigh, moving * (thigh + 6 + knee * np.maximum(np.cos(at), 0) ** 2)

    (thigh, shin), (left_thigh, left_shin) = leg(phase), leg(phase + np.pi)
    swings = draw_uniform(rng, 0, 25) * np.sin(phase) if arm < 60 else 0 * times
    ones = np.ones_like(times)
    values = np.stack([lean * ones, thigh, shin, left_thigh, left_shin, arm + swings, elbow * ones, 0 * ones], axis=1)
    assert values.shape[1] == len(NAMES)
    values += draw_slow_noise(rng, values.shape, 1.5)
    walks = draw_uniform(rng, 0.3, 0.9) * np.cumsum(moving) / FPS if travels else 0 * times
    return SimulatedClip(movement, simulate_fit(rng, times, values, walks))


def carry(rng: Generator) -> SimulatedClip:
    """Walk, with or without a load; upright or somewhat stooped; the camera may go along."""
    arm, elbow = ((0.0, draw_uniform(rng, 0, 20)), (draw_uniform(rng, 0, 40), draw_uniform(rng, 60, 140)))[
        int(rng.random() < 0.3)
    ]
    lean = draw_uniform(rng, -5, 15) if rng.random() < 0.8 else draw_uniform(rng, 15, 35)
    return gait(rng, "carry", (65, 140), (8, 28), draw_uniform(rng, 25, 60), lean, arm, elbow, rng.random() < 0.5)


def plank_pose(rng: Generator, high: bool) -> SegmentAngles:
    """Return a body held on forearms or hands, with sag or pike."""
    slope, bend = draw_uniform(rng, -8, 14), rng.normal(0, 10)
    trunk, thigh = 88 - slope - bend / 2, 88 - slope + bend / 2
    arm, elbow = (
        (draw_uniform(rng, -12, 25), draw_uniform(rng, 0, 20))
        if high
        else (draw_uniform(rng, -15, 20), draw_uniform(rng, 65, 115))
    )
    shin = thigh + draw_uniform(rng, -6, 14) if rng.random() < 0.88 else thigh + draw_uniform(rng, 40, 100)
    return make_pose(trunk, thigh, shin, arm, elbow, draw_uniform(rng, -40, 20))


def plank(rng: Generator) -> SimulatedClip:
    """Hold the body face down, on forearms or hands."""
    base = plank_pose(rng, rng.random() < 0.35)
    script = hold_poses(rng, base) if rng.random() < 0.7 else hold_poses(rng, base, vary_pose(rng, base, 5))
    return simulate_script(rng, "plank", script, wobble_deg=1.0)


def seat(rng: Generator) -> SegmentAngles:
    """Draw a sitting posture."""
    return make_pose(
        draw_uniform(rng, -12, 12),
        -draw_uniform(rng, 68, 104),
        draw_uniform(rng, -25, 25),
        draw_uniform(rng, -25, 50),
        draw_uniform(rng, 0, 110),
    )


def slump(rng: Generator) -> SimulatedClip:
    """Sit, slump, let the head down, straighten a knee; in any order and number, some with the head up throughout."""
    sit = seat(rng)
    keys, now, body = [(0.0, sit)], draw_uniform(rng, 0.5, 3), dict(sit)
    neck = draw_uniform(rng, 15, 75) if rng.random() < 0.7 else draw_uniform(rng, -10, 15)
    slumped = sit | {"trunk": sit["trunk"] + draw_uniform(rng, 4, 34), "neck": neck}
    for step in range(int(rng.integers(2, 7))):
        if step % 2 == 0:
            body = slumped | ({"left_shin": -draw_uniform(rng, 45, 85)} if rng.random() < 0.45 else {})
        else:
            body = slumped if rng.random() < 0.3 else sit
        keys += [(now, keys[-1][1]), (now + draw_uniform(rng, 0.5, 2), vary_pose(rng, body))]
        now = keys[-1][0] + draw_uniform(rng, 0.3, 4)
    keys.append((now, keys[-1][1]))
    return simulate_script(rng, "slump", (np.array([t for t, _ in keys]), [body for _, body in keys]))


def rest(rng: Generator) -> SimulatedClip:
    """Stand about: arms that move a little, a step, a look down; or crouch before a lift and stay there."""
    if rng.random() < 0.25:
        crouch = make_pose(
            draw_uniform(rng, 25, 80),
            -draw_uniform(rng, 30, 100),
            draw_uniform(rng, 0, 30),
            draw_uniform(rng, -10, 20),
            draw_uniform(rng, 0, 30),
        )
        return simulate_script(rng, "rest", hold_poses(rng, crouch, vary_pose(rng, crouch, 6)))
    bodies = [
        standing_pose(rng, draw_uniform(rng, -20, 40), draw_uniform(rng, 0, 120))
        for _ in range(int(rng.integers(1, 4)))
    ]
    return simulate_script(rng, "rest", hold_poses(rng, *bodies), wobble_deg=3.0)


MOVEMENT_SIMULATORS: tuple[ClipSimulator, ...] = (
    hinge,
    squat,
    sit_to_stand,
    toe_touch,
    standing_extension,
    overhead,
    carry,
    plank,
    slump,
    rest,
)
