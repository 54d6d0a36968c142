"""From the time stamps of packets to true frame times: pure functions, no FFmpeg."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

_USUAL_RATE = Fraction(30)  # frames a second, for a file that tells neither stamps nor rate; chosen


@dataclass(frozen=True)
class FrameTimes:
    """When each frame is shown.

    Parameters
    ----------
    times_s : float array (N,), seconds from the first frame, strictly increasing.
    stamps : int array (N,), each frame's presentation stamp in the file's unit, strictly increasing; None when the
        file's stamps do not name its frames, and only their order counts.
    keys : int array (K,), in order, the frames at which reading can begin; empty where stamps are None.
    """

    times_s: NDArray[np.float64]
    stamps: NDArray[np.int64] | None
    keys: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, dtype=np.int64))

    def start_at_frame(self, first: int) -> "FrameTimes":
        """Leave out the frames before `first`."""
        times_s = self.times_s[first:]
        stamps = None if self.stamps is None else self.stamps[first:]
        return FrameTimes(times_s - times_s[0], stamps, self.keys[self.keys >= first] - first)


def timeline(
    pts: Sequence[int | None],
    dts: Sequence[int | None],
    unit_s: Fraction,
    rate: Fraction | None,
    ordered: bool,
    keys: Collection[int] = (),
) -> FrameTimes:
    """Order the packets' stamps into frame times.

    Parameters
    ----------
    pts, dts : N presentation and decoding stamps in units of `unit_s` seconds; None where the file has none.
    rate : frames a second as the file says, used only where stamps are missing.
    ordered : True when the container holds no presentation stamps of its own (H.264 in AVI).
    keys : presentation stamps of the key frames.
    """
    known = [stamp for stamp in pts if stamp is not None]
    if not ordered and len(known) == len(pts) == len(set(known)):
        stamps = np.sort(np.asarray(known, dtype=np.int64))
        return FrameTimes((stamps - stamps[0]) * float(unit_s), stamps, np.flatnonzero(np.isin(stamps, list(keys))))
    for candidate in (pts, dts) if not ordered else (dts, pts):
        whole = [stamp for stamp in candidate if stamp is not None]
        if len(whole) == len(candidate):
            raw = np.sort(np.asarray(whole, dtype=np.int64))
            return FrameTimes(_spread((raw - raw[0]) * float(unit_s), float(1 / (rate or _USUAL_RATE))), None)
    return FrameTimes(np.arange(len(pts)) / float(rate or _USUAL_RATE), None)


def find_stamp_index(stamps: NDArray[np.int64], stamp: int | None) -> int | None:
    """Position of `stamp` in the increasing `stamps`, None if it is not there."""
    if stamp is None:
        return None
    index = int(np.searchsorted(stamps, stamp))
    return index if index < len(stamps) and stamps[index] == stamp else None


def _spread(times_s: NDArray[np.float64], usual_gap_s: float) -> NDArray[np.float64]:
    """Frames that share one stamp are laid evenly up to the next stamp; the last run at the usual gap."""
    distinct, counts = np.unique(times_s, return_counts=True)
    gaps = np.append(np.diff(distinct), usual_gap_s * counts[-1])
    return np.concatenate(
        [start + gap * np.arange(n) / n for start, gap, n in zip(distinct, gaps, counts, strict=True)]
    )
