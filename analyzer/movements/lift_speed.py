"""Speed of one way up from the height of a load or a joint: mean, peak and loss over the set.

The way up is bounded by the speed of what is lifted, as encoders on a bar bound it, and not by a share of the body's
range: its ends would be cut off, and the mean come out a fifth too high.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline, PPoly

from analyzer.kinematics.arrays import FloatArray, Series
from analyzer.movements.statistics import drop_unknown
from analyzer.pose.track_cleaning import smooth_and_resample


@dataclass(frozen=True)
class SpeedLimits:
    """Limits of a way up and of its speed."""

    min_fps: float = 20.0  # no speed from slower clips; sources 5
    cutoff_hz: float = 6.0  # zero-lag low-pass of the height, as of the landmarks; sources 5
    gap_s: float = 0.2  # longest gap that is filled; sources 5
    moving_share: float = 0.02  # of the peak speed: slower at its two ends is still rest; chosen, on 7 rendered clips
    anchor_share: float = 0.1  # its ends lie outside the heights at this share of the gain and of what is left; chosen
    min_gain_share: float = 0.5  # a way up gains this share of all the height passed through around it; chosen
    margin_s: float = 1.0  # the way up may begin this much before, and end this much after, that of the body; chosen


LIMITS = SpeedLimits()


@dataclass(frozen=True)
class WayUp:
    """One way up; lengths and speeds in the unit of the height.

    Attributes
    ----------
    start_s, end_s : where its speed passes the limit, between frames.
    gain : height from start to end.
    mean_speed : gain over duration.
    peak_speed : largest speed.
    """

    start_s: float
    end_s: float
    gain: float
    mean_speed: float
    peak_speed: float


def find_way_up(
    times_s: FloatArray, height: Series, bottom_s: float, top_s: float, limits: SpeedLimits = LIMITS
) -> WayUp | None:
    """Find one way up and compute its speed.

    The height is low-passed without lag; its speed is the derivative of the cubic spline through it. The way up lasts
    from the last moment slower than a share of the peak speed before it has gained a tenth of its height to the first
    such moment after it has gained nine tenths: a stop in between, a sticking point, belongs to it.

    Parameters
    ----------
    times_s : (T,) presentation times, seconds, strictly increasing; they need not be uniform.
    height : (T,) any unit, + up; NaN where unknown.
    bottom_s, top_s : start and end of the way up as the body shows it. The result may lie `limits.margin_s` outside.
    limits : filter and bounds.

    Returns
    -------
    None where the height is unknown in a part of the way up, never rises, or has fewer frames than `limits.min_fps`.
    """
    part = (times_s >= bottom_s - limits.margin_s) & (times_s <= top_s + limits.margin_s)
    times_s, height = times_s[part], height[part]
    if len(times_s) < 4 or 1.0 / np.median(np.diff(times_s)) < limits.min_fps - 0.5:
        return None
    smooth = smooth_and_resample(height[:, None], times_s, times_s, limits.cutoff_hz, limits.gap_s)[:, 0]
    known = _select_known(times_s, smooth, bottom_s, top_s)
    if known is None:
        return None
    spline = CubicSpline(times_s[known], smooth[known])
    return _measure_way_up(spline, times_s[known], smooth[known], (bottom_s, top_s), limits)


def compute_shares_of_fastest(speeds: Sequence[float | None]) -> list[float | None]:
    """Compute each speed in percent of the fastest of the set; None where unknown."""
    known = drop_unknown(speeds)
    if not known or max(known) <= 0:
        return [None] * len(speeds)
    return [None if speed is None else 100.0 * speed / max(known) for speed in speeds]


def compute_speed_loss_pct(speeds: Sequence[float | None]) -> float | None:
    """Compute the loss of speed over a set: what the last rep is slower than the fastest one, percent of the fastest.

    Source: Sanchez-Medina & Gonzalez-Badillo 2011 (sources 5). 0 where the last rep is the fastest; None with fewer
    than two known reps, or where the last one is unknown.
    """
    known = drop_unknown(speeds)
    if len(known) < 2 or speeds[-1] is None or max(known) <= 0:
        return None
    return 100.0 * (1.0 - speeds[-1] / max(known))


def _select_known(times_s: FloatArray, smooth: Series, bottom_s: float, top_s: float) -> slice | None:
    """Return the run of known frames that holds most of the way up of the body; None where it is too short."""
    is_known = np.isfinite(smooth)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], is_known, [False]]).astype(int)))
    runs = [slice(int(first), int(stop)) for first, stop in edges.reshape(-1, 2)]

    def overlap_s(run: slice) -> float:
        first_s, last_s = float(times_s[run][0]), float(times_s[run][-1])
        return min(last_s, top_s) - max(first_s, bottom_s)

    best = max(runs, key=overlap_s, default=None)
    return best if best is not None and best.stop - best.start >= 4 and overlap_s(best) > 0 else None


def _measure_way_up(
    spline: CubicSpline, times_s: FloatArray, height: Series, body_s: tuple[float, float], limits: SpeedLimits
) -> WayUp | None:
    """Measure the way up with the largest gain near that of the body."""
    low, high = _find_ends(height, *np.searchsorted(times_s, body_s))
    gain = float(height[high] - height[low])
    if gain <= 0 or gain < limits.min_gain_share * np.ptp(height):
        return None
    share = (height[low : high + 1] - height[low]) / gain
    left = low + int(np.flatnonzero(share <= limits.anchor_share)[-1])
    arrived = low + int(np.argmax(share >= 1 - limits.anchor_share))
    velocity = spline.derivative()
    peak_speed = _largest_between(velocity, float(times_s[left]), float(times_s[arrived]))
    crossings = velocity.solve(limits.moving_share * peak_speed, extrapolate=False)
    before, after = crossings[crossings <= times_s[left]], crossings[crossings >= times_s[arrived]]
    if not len(before) or not len(after):
        return None
    start_s, end_s = float(before[-1]), float(after[0])
    gain = float(spline(end_s) - spline(start_s))
    return WayUp(start_s, end_s, gain, gain / (end_s - start_s), peak_speed)


def _find_ends(height: Series, bottom: np.intp, top: np.intp) -> tuple[int, int]:
    """Return the frames of the lowest height and of the highest one after it, that of the largest rise of all."""
    middle = min(max((int(bottom) + int(top)) // 2, 1), len(height) - 1)
    low = int(np.argmin(height[:middle]))
    high = middle + int(np.argmax(height[middle:]))
    return low, high


def _largest_between(velocity: PPoly, start_s: float, end_s: float) -> float:
    turns: NDArray[np.float64] = velocity.derivative().roots(extrapolate=False)
    inside = turns[(turns > start_s) & (turns < end_s)]
    return float(velocity(np.concatenate([[start_s], inside, [end_s]])).max())
