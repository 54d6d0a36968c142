"""The check that a person is visible long enough to be measured."""

import numpy as np

from analyzer.clip.probe import Clip
from analyzer.errors import ClipError
from analyzer.request import FILMING_ADVICE

_MIN_VISIBLE_SHARE = 0.2  # of the frames: a clip with the person, or the trunk, visible in less is refused; chosen
_MIN_VISIBLE_S = 0.5  # or for less than this; chosen


def check_person_visible(clip: Clip, is_visible: np.ndarray) -> None:
    """Check that the person is visible in enough frames.

    Parameters
    ----------
    is_visible : bool array, one value for each frame that was read.

    Raises
    ------
    ClipError : they are visible in too few.
    """
    visible, frames = int(is_visible.sum()), len(is_visible)
    if visible < _MIN_VISIBLE_SHARE * frames or visible / frames * clip.duration_s < _MIN_VISIBLE_S:
        raise ClipError(
            clip.name,
            f"no person stays in view long enough (detected in {visible} of {frames} frames)",
            FILMING_ADVICE,
        )
