"""The number of parts of a clip that are read at the same time."""

from analyzer.clip.probe import Clip
from analyzer.settings import Settings


def choose_thread_count(clip: Clip, settings: Settings) -> int:
    """Return how many parts of a clip may be read at the same time."""
    return 1 if clip.is_large else settings.pose_threads
