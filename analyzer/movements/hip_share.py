"""Share of a bend that comes from the hips and from the back: shared by hinge and toe touch; sources 2.4."""

import numpy as np

from analyzer.movements.motion import Motion
from analyzer.movements.rep_detection import median_at

HIP_SHARE_TRUNK_DEG = 50.0  # the share is measured from standing to this trunk inclination; sources 2.4


def rounding_deg(motion: Motion, at_s: float) -> float | None:
    """Return the back rounding at a moment in degrees: 0 in the baseline posture, + round; None where not measured.

    The column has its own baseline frames, which need not be those of the motion's baseline posture (an arm may hide
    the back there): nothing more is subtracted.
    """
    return median_at(motion.times_s, motion.degrees["back_rounding_deg"], at_s)


def hip_share(motion: Motion, start_s: float, bottom_s: float) -> float | None:
    """Return 1 minus rounding over trunk inclination, from standing to 50 degrees; None where unknown."""
    if motion.baseline is None or motion.baseline.kind != "standing":
        return None
    trunk, tall = motion.degrees["trunk_inclination_deg"], motion.baseline_deg("trunk_inclination_deg")
    inside = np.flatnonzero((motion.times_s >= start_s) & (motion.times_s <= bottom_s) & np.isfinite(trunk))
    reached = inside[trunk[inside] >= HIP_SHARE_TRUNK_DEG]
    if tall is None or tall >= HIP_SHARE_TRUNK_DEG or not len(reached):
        return None
    at_s = float(motion.times_s[reached[0]])
    rounding, bend = rounding_deg(motion, at_s), median_at(motion.times_s, trunk, at_s)
    return None if rounding is None or bend is None or bend <= tall else 1 - rounding / (bend - tall)
