"""What simulated people do that is none of the movements: exercises beside them, and postures drawn at random."""

import numpy as np
from numpy.random import Generator

from benchmarks.recognition.movements import MOVEMENTS, gait, hinge, plank_pose, seat, squat
from benchmarks.recognition.simulated import Maker, Pose, Stretch, cycles, draw, held, perform, pose, stand, varied


def _sit_about(rng: Generator) -> Stretch:
    sit = seat(rng) | {"shin": draw(rng, -15, 25)}
    keys = [sit | {"arm": draw(rng, -20, 90), "elbow": draw(rng, 0, 130)} for _ in range(int(rng.integers(1, 5)))]
    return perform(rng, "none", held(rng, *keys))


def _lunge(rng: Generator) -> Stretch:
    depth, trunk = draw(rng, 0.6, 1.0), draw(rng, -5, 35)
    left = {"left_thigh": draw(rng, 0, 25), "left_shin": draw(rng, 50, 100) * depth}
    arm, elbow = draw(rng, -20, 30), draw(rng, 0, 140)
    low = pose(trunk, -draw(rng, 55, 95) * depth, draw(rng, -8, 25), arm, elbow, **left)
    if rng.random() < 0.4:
        swap = {
            "thigh": low["left_thigh"],
            "shin": low["left_shin"],
            "left_thigh": low["thigh"],
            "left_shin": low["shin"],
        }
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
    up = plank_pose(rng, True)
    low = up | {"elbow": draw(rng, 60, 120), "arm": -draw(rng, 20, 70), "trunk": up["trunk"] + draw(rng, 2, 14)}
    return perform(rng, "none", cycles(rng, up, low, 0.8, 4.0))


def _pike(rng: Generator) -> Stretch:
    up = plank_pose(rng, rng.random() < 0.5)
    angle = draw(rng, 25, 60)
    dog = up | {"trunk": 90 + angle, "thigh": 90 - angle, "left_thigh": 90 - angle, "shin": 85 - angle,
                "left_shin": 85 - angle, "arm": up["arm"] + draw(rng, 10, 60)}  # fmt: skip
    return perform(rng, "none", cycles(rng, dog, up))


def _climber(rng: Generator) -> Stretch:
    up = plank_pose(rng, rng.random() < 0.7)
    one = up | {"thigh": -draw(rng, 0, 60), "shin": draw(rng, 40, 100)}
    other = up | {"left_thigh": one["thigh"], "left_shin": one["shin"]}
    return perform(rng, "none", cycles(rng, one, other, 0.6, 3.0))


def _burpee(rng: Generator) -> Stretch:
    bodies = [stand(rng), pose(draw(rng, 50, 90), -draw(rng, 60, 110), 30, 10, 10), plank_pose(rng, True),
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


def _prone(rng: Generator) -> Stretch:
    base = pose(draw(rng, 76, 98), draw(rng, 82, 96), draw(rng, 82, 100), rng.choice([-1, 1]) * draw(rng, 55, 110), 0.0)
    base["elbow"] = draw(rng, 0, 120)
    return perform(rng, "none", held(rng, base, varied(rng, base, 4)))


def _side(rng: Generator) -> Stretch:
    sign = rng.choice([-1, 1])
    base = pose(
        sign * draw(rng, 55, 90),
        sign * draw(rng, 55, 95),
        sign * draw(rng, 55, 95),
        draw(rng, -30, 90),
        draw(rng, 0, 100),
    )
    base["left_thigh"] += rng.normal(0, 15)
    return perform(rng, "none", cycles(rng, base, varied(rng, base, 8)))


def _hang(rng: Generator) -> Stretch:
    base = stand(rng, draw(rng, 155, 185), draw(rng, 0, 20)) | {"thigh": -draw(rng, 0, 30), "shin": draw(rng, 0, 70)}
    base |= {"left_thigh": base["thigh"], "left_shin": base["shin"]}
    pulled = (
        base | {"arm": draw(rng, 20, 60), "elbow": draw(rng, 100, 140)} if rng.random() < 0.5 else varied(rng, base, 5)
    )
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
    return gait(rng, "none", (150, 230), (20, 60), draw(rng, 60, 110), draw(rng, 0, 18), draw(rng, -10, 20),
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
    sit = seat(rng) | {"arm": draw(rng, 20, 90), "elbow": draw(rng, 90, 140)}
    return perform(rng, "none", cycles(rng, sit | {"arm": draw(rng, 60, 180), "elbow": draw(rng, 0, 60)}, sit))


def _fall(rng: Generator) -> Stretch:
    lies = pose(
        rng.choice([-1, 1]) * draw(rng, 60, 100), draw(rng, -100, 100), draw(rng, -40, 110), draw(rng, -90, 90), 40
    )
    times = np.cumsum([0.0, draw(rng, 0.5, 3), draw(rng, 0.5, 1.5), draw(rng, 0.5, 5)])
    return perform(rng, "none", (times, [stand(rng), stand(rng), lies, lies]))


def _anything(rng: Generator) -> Pose:
    trunk = rng.normal(30, 50)
    thigh, knee = rng.normal(-20, 50), abs(rng.normal(30, 45))
    other = rng.normal(thigh, 25) if rng.random() < 0.4 else thigh
    shin = other + (knee if rng.random() < 0.6 else abs(rng.normal(30, 45)))
    arm, elbow = draw(rng, -60, 180), abs(rng.normal(30, 50))
    return pose(trunk, thigh, thigh + knee, arm, elbow, rng.normal(0, 25), left_thigh=other, left_shin=shin)


def _random(rng: Generator) -> Stretch:
    """Postures drawn at random: what no movement looks like."""
    first = stand(rng, draw(rng, -20, 180), draw(rng, 0, 140)) if rng.random() < 0.4 else _anything(rng)
    if rng.random() < 0.6:
        return perform(rng, "none", cycles(rng, first, _anything(rng), 0.7, 6.0))
    return perform(rng, "none", held(rng, first, *(_anything(rng) for _ in range(int(rng.integers(0, 4))))))


OTHERS: dict[Maker, int] = {
    _lunge: 2, _row: 2, _swing: 3, _snatch: 1, _push_up: 3, _pike: 1, _climber: 1, _burpee: 1, _lie: 3, _prone: 2,
    _side: 1, _hang: 1, _arms: 3, _jump: 1, _run: 1, _one_leg: 1, _bridge: 1, _seated_press: 1, _fall: 1,
    _sit_about: 3, _random: 8,
}  # fmt: skip
"""How often each is drawn, against the others."""


def simulated(each: int, seed: int = 0) -> list[Stretch]:
    """Simulate `each` stretches of every movement, twice as many of hinge and squat, five times as many of others."""
    rng = np.random.default_rng(seed)
    found = [make(rng) for make in MOVEMENTS for _ in range(2 * each if make in (hinge, squat) else each)]
    others = [make for make, often in OTHERS.items() for _ in range(often)]
    return found + [others[index % len(others)](rng) for index in range(5 * each)]
