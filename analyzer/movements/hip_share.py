"""How much of a bend comes from the hips and how much from the back: shared by hinge and toe touch; sources 2.4."""

import numpy as np

from analyzer.movements.motion import Motion
from analyzer.movements.rep_detection import median_at

HIP_SHARE_TRUNK_DEG = 50.0  # the share is told from standing to this trunk inclination; sources 2.4


def rounding_deg(motion: Motion, at_s: float) -> float | None:
    """Back rounding at a moment, degrees: own tall posture 0, + rounded; None where the back's line is not measured.

    The column is told from the back's own tall frames, which need not be those of `motion.reference` (an arm may lie
    over the back there): nothing more is taken off.
    """
    return median_at(motion.times_s, motion.angles["back_rounding_deg"], at_s)


def hip_share(motion: Motion, start_s: float, bottom_s: float) -> float | None:
    """1 minus rounding over trunk inclination, from standing tall to 50 degrees on the way down; None where unknown."""
    if motion.reference is None or motion.reference.kind != "standing":
        return None
    trunk, tall = motion.angles["trunk_inclination_deg"], motion.tall_deg("trunk_inclination_deg")
    inside = np.flatnonzero((motion.times_s >= start_s) & (motion.times_s <= bottom_s) & np.isfinite(trunk))
    reached = inside[trunk[inside] >= HIP_SHARE_TRUNK_DEG]
    if tall is None or tall >= HIP_SHARE_TRUNK_DEG or not len(reached):
        return None
    at_s = float(motion.times_s[reached[0]])
    rounding, bend = rounding_deg(motion, at_s), median_at(motion.times_s, trunk, at_s)
    return None if rounding is None or bend is None or bend <= tall else 1 - rounding / (bend - tall)
