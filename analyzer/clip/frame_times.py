"""True frame times from the time stamps of packets: pure functions, no FFmpeg."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

_DEFAULT_RATE = Fraction(30)  # frames a second, for a file that states neither stamps nor rate; chosen


@dataclass(frozen=True)
class FrameTimes:
    """Presentation time of each frame; N frames.

    Parameters
    ----------
    times_s : float array (N,), seconds from the first frame, strictly increasing.
    stamps : int array (N,), each frame's presentation stamp in the file's unit, strictly increasing; None when the
        file's stamps do not identify its frames, and only their order counts.
    keyframes : int array (K,), in order, the frames at which decoding can begin; empty where stamps are None.
    """

    times_s: NDArray[np.float64]
    stamps: NDArray[np.int64] | None
    keyframes: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, dtype=np.int64))

    def start_at_frame(self, first: int) -> "FrameTimes":
        """Return the times without the frames before `first`, counted from there."""
        times_s = self.times_s[first:]
        stamps = None if self.stamps is None else self.stamps[first:]
        return FrameTimes(times_s - times_s[0], stamps, self.keyframes[self.keyframes >= first] - first)


def compute_frame_times(
    pts: Sequence[int | None],
    dts: Sequence[int | None],
    unit_s: Fraction,
    rate: Fraction | None,
    is_decoding_order: bool,
    key_stamps: Collection[int] = (),
) -> FrameTimes:
    """Compute frame times from the stamps of packets in file order.

    Parameters
    ----------
    pts, dts : N presentation and decoding stamps in units of `unit_s` seconds; None where the file has none.
    rate : frames a second as the file says, used only where stamps are missing.
    is_decoding_order : True when the container holds no presentation stamps of its own (H.264 in AVI).
    key_stamps : presentation stamps of the key frames.
    """
    known = [stamp for stamp in pts if stamp is not None]
    if not is_decoding_order and len(known) == len(pts) == len(set(known)):
        stamps = np.sort(np.asarray(known, dtype=np.int64))
        return FrameTimes(
            (stamps - stamps[0]) * float(unit_s), stamps, np.flatnonzero(np.isin(stamps, list(key_stamps)))
        )
    for candidate in (pts, dts) if not is_decoding_order else (dts, pts):
        present = [stamp for stamp in candidate if stamp is not None]
        if len(present) == len(candidate):
            raw = np.sort(np.asarray(present, dtype=np.int64))
            return FrameTimes(_spread_evenly((raw - raw[0]) * float(unit_s), float(1 / (rate or _DEFAULT_RATE))), None)
    return FrameTimes(np.arange(len(pts)) / float(rate or _DEFAULT_RATE), None)


def find_stamp_index(stamps: NDArray[np.int64], stamp: int | None) -> int | None:
    """Find the position of `stamp` in the increasing `stamps` (N,); None if it is not there."""
    if stamp is None:
        return None
    index = int(np.searchsorted(stamps, stamp))
    return index if index < len(stamps) and stamps[index] == stamp else None


def _spread_evenly(times_s: NDArray[np.float64], usual_gap_s: float) -> NDArray[np.float64]:
    """Spread frames that share one stamp evenly up to the next stamp, the last ones at the usual gap."""
    distinct, counts = np.unique(times_s, return_counts=True)
    gaps = np.append(np.diff(distinct), usual_gap_s * counts[-1])
    return np.concatenate(
        [start + gap * np.arange(n) / n for start, gap, n in zip(distinct, gaps, counts, strict=True)]
    )
