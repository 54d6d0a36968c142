"""Keeping the process small: what the C library is told about memory and threads. Does nothing outside Linux."""

import ctypes
import os
import sys

_ARENAS, _MMAP_THRESHOLD, _TRIM_THRESHOLD = -8, -3, -1  # M_... of glibc's malloc.h
_LARGE_BYTES = 4 * 2**20  # blocks from this size on go back to the system when freed: video frames; chosen
_SPARE_BYTES = 128 * 2**20  # free memory kept for the next frame instead of being given back each time; chosen


def configure_process() -> None:
    """Arrange memory and threads for one clip at a time; before NumPy and OpenCV are loaded and threads start.

    Chunks of the clip are tracked side by side already: threads inside the libraries would only get in their way. To
    be called by a program of its own; a library leaves its host alone.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    os.environ.setdefault("OPENCV_FOR_THREADS_NUM", "1")
    libc = _libc()
    if libc is not None and hasattr(libc, "mallopt"):
        libc.mallopt(_ARENAS, 2)
        libc.mallopt(_MMAP_THRESHOLD, _LARGE_BYTES)
        libc.mallopt(_TRIM_THRESHOLD, _SPARE_BYTES)


def release_memory() -> None:
    """Return free memory to the system, after a stage whose memory the next one would not find again."""
    libc = _libc()
    if libc is not None and hasattr(libc, "malloc_trim"):
        libc.malloc_trim(0)


def _libc() -> ctypes.CDLL | None:
    return ctypes.CDLL(None) if sys.platform.startswith("linux") else None
