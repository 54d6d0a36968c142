"""The number of parts of a clip that are read at the same time."""

from analyzer.clip.probe import Clip
from analyzer.settings import Settings

_LARGE_PX = 4_000_000  # the decoder of a larger picture takes 200 MB, so one thread must do; chosen


def choose_thread_count(clip: Clip, settings: Settings) -> int:
    """Return how many parts of a clip may be read at the same time."""
    return 1 if clip.width_px * clip.height_px > _LARGE_PX else settings.pose_threads
