"""Settings that keep the process small and fast; those of the C library have no effect outside Linux."""

import atexit
import ctypes
import gc
import os
import sys

_ARENAS, _MMAP_THRESHOLD, _TRIM_THRESHOLD = -8, -3, -1  # M_... of glibc's malloc.h
_LARGE_BYTES = 4 * 2**20  # freed blocks of at least this size, such as video frames, are returned to the system; chosen
_SPARE_BYTES = 128 * 2**20  # free memory that is not returned, for the next frame; chosen
_GC_THRESHOLDS = (100_000, 50, 50)  # with Python's own, loading the libraries takes 0.3 s longer; chosen


def configure_process() -> None:
    """Configure memory and threads for one clip at a time, before NumPy and OpenCV are loaded and threads start.

    Parts of the clip are tracked in parallel already, so that more threads inside the libraries only slow them down.
    For programs of this package; the library does not change the settings of its host.
    """
    gc.set_threshold(*_GC_THRESHOLDS)
    atexit.register(gc.freeze)  # leaves nothing to collect at the end, which would take 0.4 s
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    os.environ.setdefault("OPENCV_FOR_THREADS_NUM", "1")
    libc = _libc()
    if libc is not None and hasattr(libc, "mallopt"):
        libc.mallopt(_ARENAS, 2)
        libc.mallopt(_MMAP_THRESHOLD, _LARGE_BYTES)
        libc.mallopt(_TRIM_THRESHOLD, _SPARE_BYTES)


def release_memory() -> None:
    """Return free memory to the system, after a stage whose memory the next one cannot reuse."""
    libc = _libc()
    if libc is not None and hasattr(libc, "malloc_trim"):
        libc.malloc_trim(0)


def _libc() -> ctypes.CDLL | None:
    return ctypes.CDLL(None) if sys.platform.startswith("linux") else None
