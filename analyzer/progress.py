"""Progress reporting of long operations."""

from collections.abc import Callable

ProgressCallback = Callable[[str, int, int], None]
"""Called with the stage in words, how much of it is done, and how much there is in total."""
