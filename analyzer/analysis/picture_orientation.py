"""Notice a clip that is stored on its side: the person lies across the picture and does no movement that is known."""

import numpy as np

from analyzer.kinematics.joints import SideJoints

LYING_WARNING = (
    "the person lies across the picture all the time, and no rep or hold was found: if they stand or sit, the clip is"
    " stored on its side. Turn it upright in the phone's photo app and send it again"
)
_LYING_DEG = 60.0  # line from ankle to shoulder this far off the vertical; chosen on 5 clips turned by 90 degrees
_LYING_SHARE = 0.8  # of the frames that show both; chosen on the same


def is_lying_throughout(near: SideJoints) -> bool:
    """Return whether the line from ankle to shoulder lies flat in nearly all frames that show both."""
    across, down = (near.shoulder - near.ankle).T
    is_known = np.isfinite(across)
    off_vertical_deg = np.degrees(np.arctan2(np.abs(across), np.abs(down)))[is_known]
    return bool(is_known.any()) and float(np.mean(off_vertical_deg > _LYING_DEG)) > _LYING_SHARE
