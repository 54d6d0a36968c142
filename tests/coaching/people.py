"""Hand-made clips for the coaching tests: angles in steps, and a movement with given attributes."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from analyzer.kinematics.baseline_posture import BaselinePosture
from analyzer.movements.motion import Motion
from analyzer.movements.protocol import Events, Movement
from analyzer.movements.registry import load_movements
from analyzer.results.schema import Hold, Rep, Stage

FPS = 10


class StubMovement(Movement):
    """The attributes of the installed movement of that name, or others as given; it has no events and observations."""

    def __init__(self, name="hinge", main_angle="trunk_thigh_deg", **attributes: Any):
        if name in load_movements():
            vars(self).update({each: getattr(load_movements()[name], each) for each in Movement.__annotations__})
        vars(self).update(attributes | {"name": name, "title": "Test", "main_angle": main_angle})

    def recognise(self, motion):
        return 1.0

    def find_events(self, motion, details):
        return Events()


def motion(duration_s: float = 10.0, *, degrees: bool = True, fps: float = FPS, **angles) -> Motion:
    """Angles by name: a number, or one a frame. The own tall posture is the first second."""
    times_s = np.arange(0, duration_s, 1 / fps)
    table = {name: np.broadcast_to(np.asarray(value, float), times_s.shape).copy() for name, value in angles.items()}
    first_second = times_s < 1
    reference = BaselinePosture("standing", True, 0.0, 1.0, first_second)
    return Motion(
        times_s,
        table,
        table if degrees else {name: np.full_like(values, np.nan) for name, values in table.items()},
        np.ones(len(times_s)),
        {},
        {},
        1,
        100.0,
        reference,
    )


def stage(name: str, start_s: float, end_s: float, side=None, **angles: float) -> Stage:
    return Stage(name=name, start_s=start_s, end_s=end_s, side=side, angles=angles)


def rep(index: int, bottom_deg: float, *, angle="trunk_thigh_deg", complete=True, descent_s=1.0, ascent_s=1.0) -> Rep:
    start = 2.0 * (index - 1)
    return Rep(
        index=index,
        start_s=start,
        bottom_s=start + 1,
        end_s=start + 2,
        descent_s=descent_s,
        pause_s=0.0,
        ascent_s=ascent_s,
        complete=complete,
        at_bottom={angle: bottom_deg},
    )


def hold(index: int, start_s: float, end_s: float, angles: Mapping[str, float]) -> Hold:
    return Hold(
        index=index, start_s=start_s, end_s=end_s, duration_s=end_s - start_s, in_zone_s=None, angles=dict(angles)
    )
