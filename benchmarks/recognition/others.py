"""What simulated people do that is none of the movements: exercises beside them, and postures drawn at random."""

import numpy as np
from numpy.random import Generator

from benchmarks.recognition.movements import MOVEMENT_SIMULATORS, gait, hinge, plank_pose, seat, squat
from benchmarks.recognition.simulated import (
    ClipSimulator,
    SegmentAngles,
    SimulatedClip,
    draw_uniform,
    hold_poses,
    make_cycles,
    make_pose,
    simulate_script,
    standing_pose,
    vary_pose,
)


def _sit_about(rng: Generator) -> SimulatedClip:
    sit = seat(rng) | {"shin": draw_uniform(rng, -15, 25)}
    keys = [
        sit | {"arm": draw_uniform(rng, -20, 90), "elbow": draw_uniform(rng, 0, 130)}
        for _ in range(int(rng.integers(1, 5)))
    ]
    return simulate_script(rng, "none", hold_poses(rng, *keys))


def _lunge(rng: Generator) -> SimulatedClip:
    depth, trunk = draw_uniform(rng, 0.6, 1.0), draw_uniform(rng, -5, 35)
    left = {"left_thigh": draw_uniform(rng, 0, 25), "left_shin": draw_uniform(rng, 50, 100) * depth}
    arm, elbow = draw_uniform(rng, -20, 30), draw_uniform(rng, 0, 140)
    low = make_pose(trunk, -draw_uniform(rng, 55, 95) * depth, draw_uniform(rng, -8, 25), arm, elbow, **left)
    if rng.random() < 0.4:
        swap = {
            "thigh": low["left_thigh"],
            "shin": low["left_shin"],
            "left_thigh": low["thigh"],
            "left_shin": low["shin"],
        }
        low |= swap
    top = standing_pose(rng, arm, elbow)
    if rng.random() < 0.35:  # split stance all the time
        top |= {
            "thigh": -draw_uniform(rng, 10, 30),
            "left_thigh": draw_uniform(rng, 10, 30),
            "left_shin": draw_uniform(rng, 15, 40),
        }
    return simulate_script(rng, "none", make_cycles(rng, top, low))


def _row(rng: Generator) -> SimulatedClip:
    trunk, knee, shin = draw_uniform(rng, 30, 85), draw_uniform(rng, 10, 60), draw_uniform(rng, -5, 15)
    low = make_pose(trunk, shin - knee, shin, draw_uniform(rng, -10, 15), draw_uniform(rng, 0, 25))
    high = low | {
        "arm": -draw_uniform(rng, 20, 70),
        "elbow": draw_uniform(rng, 60, 120),
        "trunk": trunk - draw_uniform(rng, 0, 12),
    }
    return simulate_script(rng, "none", make_cycles(rng, high, low, 0.8, 4.0))


def _swing(rng: Generator) -> SimulatedClip:
    trunk, knee, shin = draw_uniform(rng, 40, 85), draw_uniform(rng, 15, 60), draw_uniform(rng, -5, 15)
    low = make_pose(trunk, shin - knee, shin, -draw_uniform(rng, 10, 70), draw_uniform(rng, 0, 15))
    top = standing_pose(rng, draw_uniform(rng, 60, 150), draw_uniform(rng, 0, 20)) | {
        "trunk": draw_uniform(rng, -12, 5)
    }
    return simulate_script(rng, "none", make_cycles(rng, top, low, 1.1, 2.0))


def _snatch(rng: Generator) -> SimulatedClip:
    trunk, knee, shin = draw_uniform(rng, 35, 65), draw_uniform(rng, 60, 115), draw_uniform(rng, 5, 25)
    low = make_pose(trunk, shin - knee, shin, draw_uniform(rng, -10, 10), draw_uniform(rng, 0, 15))
    rack = standing_pose(rng, draw_uniform(rng, 20, 95), draw_uniform(rng, 110, 150))
    top = standing_pose(rng, draw_uniform(rng, 140, 180), draw_uniform(rng, 0, 20)) if rng.random() < 0.6 else rack
    return simulate_script(rng, "none", make_cycles(rng, top, low, 1.5, 7.0))


def _push_up(rng: Generator) -> SimulatedClip:
    up = plank_pose(rng, True)
    low = up | {
        "elbow": draw_uniform(rng, 60, 120),
        "arm": -draw_uniform(rng, 20, 70),
        "trunk": up["trunk"] + draw_uniform(rng, 2, 14),
    }
    return simulate_script(rng, "none", make_cycles(rng, up, low, 0.8, 4.0))


def _pike(rng: Generator) -> SimulatedClip:
    up = plank_pose(rng, rng.random() < 0.5)
    angle = draw_uniform(rng, 25, 60)
    dog = up | {
        "trunk": 90 + angle,
        "thigh": 90 - angle,
        "left_thigh": 90 - angle,
        "shin": 85 - angle,
        "left_shin": 85 - angle,
        "arm": up["arm"] + draw_uniform(rng, 10, 60),
    }
    return simulate_script(rng, "none", make_cycles(rng, dog, up))


def _climber(rng: Generator) -> SimulatedClip:
    up = plank_pose(rng, rng.random() < 0.7)
    one = up | {"thigh": -draw_uniform(rng, 0, 60), "shin": draw_uniform(rng, 40, 100)}
    other = up | {"left_thigh": one["thigh"], "left_shin": one["shin"]}
    return simulate_script(rng, "none", make_cycles(rng, one, other, 0.6, 3.0))


def _burpee(rng: Generator) -> SimulatedClip:
    bodies = [
        standing_pose(rng),
        make_pose(draw_uniform(rng, 50, 90), -draw_uniform(rng, 60, 110), 30, 10, 10),
        plank_pose(rng, True),
        make_pose(draw_uniform(rng, 50, 90), -draw_uniform(rng, 60, 110), 30, 10, 10),
        standing_pose(rng, 170, 10),
    ]
    times, keys, now = [0.0], [bodies[0]], 0.0
    for _ in range(int(rng.integers(1, 5))):
        for body in bodies:
            now += draw_uniform(rng, 0.3, 0.9)
            times.append(now)
            keys.append(vary_pose(rng, body, 5))
    return simulate_script(rng, "none", (np.array(times), keys))


def _lie(rng: Generator) -> SimulatedClip:
    back = rng.random() < 0.7
    trunk = -draw_uniform(rng, 70, 110) if back else draw_uniform(rng, 75, 105)
    thigh = -draw_uniform(rng, 10, 130) if back else draw_uniform(rng, 75, 100)
    base = make_pose(
        trunk, thigh, thigh + draw_uniform(rng, 0, 110), draw_uniform(rng, -90, 90), draw_uniform(rng, 0, 120)
    )
    spread_deg = 45 if rng.random() < 0.5 else 15
    return simulate_script(rng, "none", make_cycles(rng, base, vary_pose(rng, base, spread_deg), 0.8, 5.0))


def _prone(rng: Generator) -> SimulatedClip:
    base = make_pose(
        draw_uniform(rng, 76, 98),
        draw_uniform(rng, 82, 96),
        draw_uniform(rng, 82, 100),
        rng.choice([-1, 1]) * draw_uniform(rng, 55, 110),
        0.0,
    )
    base["elbow"] = draw_uniform(rng, 0, 120)
    return simulate_script(rng, "none", hold_poses(rng, base, vary_pose(rng, base, 4)))


def _side(rng: Generator) -> SimulatedClip:
    sign = rng.choice([-1, 1])
    base = make_pose(
        sign * draw_uniform(rng, 55, 90),
        sign * draw_uniform(rng, 55, 95),
        sign * draw_uniform(rng, 55, 95),
        draw_uniform(rng, -30, 90),
        draw_uniform(rng, 0, 100),
    )
    base["left_thigh"] += rng.normal(0, 15)
    return simulate_script(rng, "none", make_cycles(rng, base, vary_pose(rng, base, 8)))


def _hang(rng: Generator) -> SimulatedClip:
    base = standing_pose(rng, draw_uniform(rng, 155, 185), draw_uniform(rng, 0, 20)) | {
        "thigh": -draw_uniform(rng, 0, 30),
        "shin": draw_uniform(rng, 0, 70),
    }
    base |= {"left_thigh": base["thigh"], "left_shin": base["shin"]}
    pulled = (
        base | {"arm": draw_uniform(rng, 20, 60), "elbow": draw_uniform(rng, 100, 140)}
        if rng.random() < 0.5
        else vary_pose(rng, base, 5)
    )
    return simulate_script(rng, "none", make_cycles(rng, base, pulled))


def _arms(rng: Generator) -> SimulatedClip:
    kind = rng.integers(0, 3)
    low = standing_pose(rng)
    top = (
        low | {"elbow": draw_uniform(rng, 90, 150)},
        low | {"arm": draw_uniform(rng, 50, 115)},
        low | {"arm": draw_uniform(rng, -60, -20), "elbow": draw_uniform(rng, 40, 120)},
    )[kind]
    return simulate_script(rng, "none", make_cycles(rng, low, top, 0.8, 5.0))


def _jump(rng: Generator) -> SimulatedClip:
    low = make_pose(
        draw_uniform(rng, 10, 50), -draw_uniform(rng, 20, 60), draw_uniform(rng, 10, 35), -draw_uniform(rng, 0, 60), 10
    )
    top = standing_pose(rng, draw_uniform(rng, 30, 180), 10)
    return simulate_script(rng, "none", make_cycles(rng, top, low, 0.5, 1.1))


def _run(rng: Generator) -> SimulatedClip:
    return gait(
        rng,
        "none",
        (150, 230),
        (20, 60),
        draw_uniform(rng, 60, 110),
        draw_uniform(rng, 0, 18),
        draw_uniform(rng, -10, 20),
        draw_uniform(rng, 70, 110),
        rng.random() < 0.5,
    )


def _one_leg(rng: Generator) -> SimulatedClip:
    base = standing_pose(rng, draw_uniform(rng, -20, 180), draw_uniform(rng, 0, 120))
    up = base | {"left_thigh": -draw_uniform(rng, 20, 100), "left_shin": draw_uniform(rng, 0, 80)}
    return simulate_script(rng, "none", make_cycles(rng, base, up, 1.5, 9.0))


def _bridge(rng: Generator) -> SimulatedClip:
    low = make_pose(
        -draw_uniform(rng, 60, 95),
        -draw_uniform(rng, 40, 80),
        draw_uniform(rng, -20, 20),
        draw_uniform(rng, -20, 60),
        draw_uniform(rng, 0, 60),
    )
    up = low | {"thigh": -draw_uniform(rng, 85, 110), "trunk": -draw_uniform(rng, 95, 120)}
    return simulate_script(rng, "none", make_cycles(rng, up, low))


def _seated_press(rng: Generator) -> SimulatedClip:
    sit = seat(rng) | {"arm": draw_uniform(rng, 20, 90), "elbow": draw_uniform(rng, 90, 140)}
    return simulate_script(
        rng, "none", make_cycles(rng, sit | {"arm": draw_uniform(rng, 60, 180), "elbow": draw_uniform(rng, 0, 60)}, sit)
    )


def _fall(rng: Generator) -> SimulatedClip:
    lies = make_pose(
        rng.choice([-1, 1]) * draw_uniform(rng, 60, 100),
        draw_uniform(rng, -100, 100),
        draw_uniform(rng, -40, 110),
        draw_uniform(rng, -90, 90),
        40,
    )
    times = np.cumsum([0.0, draw_uniform(rng, 0.5, 3), draw_uniform(rng, 0.5, 1.5), draw_uniform(rng, 0.5, 5)])
    return simulate_script(rng, "none", (times, [standing_pose(rng), standing_pose(rng), lies, lies]))


def _anything(rng: Generator) -> SegmentAngles:
    trunk = rng.normal(30, 50)
    thigh, knee = rng.normal(-20, 50), abs(rng.normal(30, 45))
    other = rng.normal(thigh, 25) if rng.random() < 0.4 else thigh
    shin = other + (knee if rng.random() < 0.6 else abs(rng.normal(30, 45)))
    arm, elbow = draw_uniform(rng, -60, 180), abs(rng.normal(30, 50))
    return make_pose(trunk, thigh, thigh + knee, arm, elbow, rng.normal(0, 25), left_thigh=other, left_shin=shin)


def _random(rng: Generator) -> SimulatedClip:
    """Draw postures at random: what no movement looks like."""
    first = (
        standing_pose(rng, draw_uniform(rng, -20, 180), draw_uniform(rng, 0, 140))
        if rng.random() < 0.4
        else _anything(rng)
    )
    if rng.random() < 0.6:
        return simulate_script(rng, "none", make_cycles(rng, first, _anything(rng), 0.7, 6.0))
    return simulate_script(
        rng, "none", hold_poses(rng, first, *(_anything(rng) for _ in range(int(rng.integers(0, 4)))))
    )


OTHER_MOTIONS: dict[ClipSimulator, int] = {
    _lunge: 2,
    _row: 2,
    _swing: 3,
    _snatch: 1,
    _push_up: 3,
    _pike: 1,
    _climber: 1,
    _burpee: 1,
    _lie: 3,
    _prone: 10,
    _side: 1,
    _hang: 1,
    _arms: 8,
    _jump: 1,
    _run: 1,
    _one_leg: 1,
    _bridge: 1,
    _seated_press: 1,
    _fall: 1,
    _sit_about: 5,
    _random: 8,
}
"""How often each is drawn, against the others."""


def simulate_clips(each: int, seed: int = 0) -> list[SimulatedClip]:
    """Simulate `each` stretches of every movement, twice as many of hinge and squat, six times as many of others."""
    rng = np.random.default_rng(seed)
    clips = [make(rng) for make in MOVEMENT_SIMULATORS for _ in range(2 * each if make in (hinge, squat) else each)]
    others = [make for make, often in OTHER_MOTIONS.items() for _ in range(often)]
    return clips + [others[index % len(others)](rng) for index in range(6 * each)]
