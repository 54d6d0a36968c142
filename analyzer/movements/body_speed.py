"""Body speed: how fast hands or hips rise in each rep, where no load is tracked."""

from collections.abc import Sequence

from analyzer.kinematics.arrays import Series
from analyzer.movements.lift_speed import LIMITS, find_way_up
from analyzer.movements.motion import Motion
from analyzer.movements.protocol import BodySpeedJoint
from analyzer.movements.speed_measures import LiftSpeedMeasures, build_speed_measures
from analyzer.results.measured_reps import select_measured_reps
from analyzer.results.schema import Rep

TRUNK_STATURE_RATIO = 0.288
"""Hip to shoulder over stature: Drillis & Contini 1966, as in `kinematics.camera_lens`."""
MIN_GAIN_TRUNKS = 0.3  # hands or hips that rise less than this many trunk lengths do not show the speed; chosen


def measure_body_speed(
    motion: Motion, reps: Sequence[Rep], joint: BodySpeedJoint, height_cm: float | None
) -> LiftSpeedMeasures | None:
    """Measure the speed of the near hand or hip in each measured rep.

    Parameters
    ----------
    joint : what rises with the load, or with the body.
    height_cm : stature, if given: the scale. Without it, and in a view without degrees, only shares are known.

    Returns
    -------
    None where no rep is known.
    """
    height = _height_trunks(motion, joint)
    ways_up = []
    for rep in select_measured_reps(reps):
        way = find_way_up(motion.times_s, height, rep.bottom_s, rep.end_s, LIMITS)
        ways_up.append((rep.index, way if way is not None and way.gain >= MIN_GAIN_TRUNKS else None))
    has_scale = height_cm is not None and motion.allows_degrees
    unit_m = TRUNK_STATURE_RATIO * height_cm / 100 if height_cm is not None and has_scale else None
    return build_speed_measures(joint, "stature" if has_scale else "none", ways_up, unit_m)


def _height_trunks(motion: Motion, joint: BodySpeedJoint) -> Series:
    """Return the height of the joint, (T,) trunk lengths."""
    points = motion.near.wrist if joint == "hands" else motion.near.hip
    return -points[:, 1] / motion.trunk_px
