"""Cleaning of a raw track: average with the mirror image, swapped sides, outliers, gaps, zero-lag smoothing."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import PchipInterpolator
from scipy.ndimage import correlate1d, maximum_filter1d, median_filter

from analyzer.clip.recording_warnings import MAX_FILLED_GAP_S
from analyzer.kinematics.arrays import FloatArray, median_interval_s
from analyzer.kinematics.back_outline import extract_dorsal_profile
from analyzer.kinematics.landmarks import LEFT, RIGHT, Facing, trunk_length
from analyzer.pose.low_pass import filter_low_pass
from analyzer.pose.mirror_average import average_with_mirror, interpolate_rows
from analyzer.pose.track import LANDMARK_COUNT, CleanTrack, RawTrack


@dataclass(frozen=True)
class CleaningLimits:
    """Limits of the points that are used, and of their smoothing."""

    visibility: float = 0.5  # points of lower visibility are dropped; sources 5
    margin: float = 0.02  # points farther outside the picture than this share of it are guesses; chosen
    mirror_distance_scale: float = 0.2  # mirrored points this far off, in trunk lengths, get 1/e of the weight; chosen
    max_mirror_distance: float = 0.35  # points farther off than this are dropped: at least one is a guess; chosen
    swap_gain: float = 0.5  # sides are exchanged when that halves the jump to the last frame; chosen
    swap_jump: float = 0.25  # and the jump is larger than this, in trunk lengths; chosen
    hampel_s: float = 0.4  # window of the outlier test: finds spikes of 3 frames at 30 a second; chosen
    hampel_mads: float = 4.0  # outlier: this many scaled median deviations; chosen
    hampel_frames: int = 3  # longest spike that is removed, in frames; longer ones are movement; chosen
    hampel_floor: float = 0.03  # and at least this far off, in trunk lengths: below it is noise; chosen
    gap_s: float = MAX_FILLED_GAP_S
    outline_s: float = 0.15  # the outline is a median over this time, 5 frames at 30 a second; sources 1.4
    cutoff_hz: float = 6.0  # lifts; sources 5
    hold_cutoff_hz: float = 4.0  # plank and slump; sources 5


LIMITS = CleaningLimits()
_SCALED_MAD = 1.4826  # makes a median deviation comparable to a standard deviation
_PAD_S = 1.0  # length by which a segment is padded with its point reflection before it is filtered; chosen


def clean_track(
    raw: RawTrack,
    times_s: FloatArray,
    size_px: tuple[int, int],
    cutoff_hz: float = LIMITS.cutoff_hz,
    limits: CleaningLimits = LIMITS,
) -> CleanTrack:
    """Clean and smooth the landmarks, and resample them to every frame of the clip.

    Parameters
    ----------
    raw : the model's output, N rows, in pixels of the upright picture.
    times_s : (T,) presentation times of all source frames; `raw.frames` index into it.
    size_px : width and height of the upright picture.
    cutoff_hz : -3 dB point of the zero-lag 4th-order Butterworth.
    limits : which points are used and how they are smoothed; `cutoff_hz` above replaces both of its own.

    Returns
    -------
    Track of T rows: `points_px` NaN where a point was unknown for longer than `limits.gap_s`.
    """
    sample_times_s = times_s[raw.frames]
    trunk_px = _trunk_px(raw.points_px)
    unswapped, visibility = fix_side_swaps(raw.points_px, raw.visibility, trunk_px, limits)
    points, mirror_distance_px = average_with_mirror(
        unswapped, raw.mirror_px, sample_times_s, limits.mirror_distance_scale * trunk_px
    )
    unsmoothed, _ = average_with_mirror(unswapped, raw.mirror_px, sample_times_s, np.inf)
    with np.errstate(invalid="ignore"):
        visibility = np.where(mirror_distance_px > limits.max_mirror_distance * trunk_px, 0.0, visibility)
    visibility = np.where(_is_outside(points, size_px, limits.margin), 0.0, visibility)
    points[visibility < limits.visibility] = np.nan
    flat = points.reshape(len(points), -1)
    flat = remove_outliers(flat, sample_times_s, limits.hampel_floor * trunk_px, limits)
    smooth = smooth_and_resample(flat, sample_times_s, times_s, cutoff_hz, limits.gap_s)
    nearest = np.searchsorted((sample_times_s[1:] + sample_times_s[:-1]) / 2, times_s)
    return CleanTrack(
        times_s,
        smooth.reshape(-1, LANDMARK_COUNT, 2),
        unsmoothed[nearest],
        visibility[nearest],
        mirror_distance_px[nearest],
        raw.world_m[nearest],
    )


def clean_profile(
    raw: RawTrack, facing: Facing, times_s: FloatArray, cutoff_hz: float, limits: CleaningLimits = LIMITS
) -> FloatArray | None:
    """Clean and smooth the outline of the back, and resample it to every frame of the clip.

    It is measured from the mean of the landmarks in the picture and in its mirror image, as the angles are; a median
    over `limits.outline_s` is smoothed like the landmarks.

    Parameters
    ----------
    raw, times_s, cutoff_hz, limits : as in `clean_track`.
    facing : side of the picture that the person faces.

    Returns
    -------
    (T, B) as in `back_outline.DorsalOutline`; None for a track without outlines.
    """
    if raw.outline is None:
        return None
    sample_times_s = times_s[raw.frames]
    points, _ = average_with_mirror(
        raw.points_px, raw.mirror_px, sample_times_s, limits.mirror_distance_scale * _trunk_px(raw.points_px)
    )
    profile = extract_dorsal_profile(raw.outline, facing, raw.points_px, points)
    frames = 2 * round(limits.outline_s / 2 / median_interval_s(sample_times_s)) + 1
    unknown = np.isnan(profile)
    profile = np.where(unknown, np.nan, median_filter(interpolate_rows(profile), size=(frames, 1), mode="nearest"))
    return smooth_and_resample(profile, sample_times_s, times_s, cutoff_hz, limits.gap_s)


def fix_side_swaps(
    points_px: FloatArray, visibility: FloatArray, trunk_px: float, limits: CleaningLimits = LIMITS
) -> tuple[FloatArray, FloatArray]:
    """Exchange left and right legs or arms in frames where that removes a jump of both sides.

    Parameters
    ----------
    points_px, visibility : (N, 33, 2) and (N, 33).
    trunk_px : hip to shoulder, the unit of length.
    limits : how large a jump must be, and by how much an exchange must lower it.

    Returns
    -------
    points_px, visibility : copies with the sides corrected.
    """
    points, visibility = points_px.copy(), visibility.copy()
    for left, right in (
        ((LEFT.knee, LEFT.ankle, LEFT.heel, LEFT.toe), (RIGHT.knee, RIGHT.ankle, RIGHT.heel, RIGHT.toe)),
        ((LEFT.elbow, LEFT.wrist), (RIGHT.elbow, RIGHT.wrist)),
    ):
        own, exchanged = list(left + right), list(right + left)
        last: FloatArray | None = None
        for row in range(len(points)):
            here = points[row, own]
            if not np.isfinite(here).all():
                continue
            if last is not None:
                jump = np.linalg.norm(here - last, axis=1).mean()
                swapped_jump = np.linalg.norm(points[row, exchanged] - last, axis=1).mean()
                if jump > limits.swap_jump * trunk_px and swapped_jump < limits.swap_gain * jump:
                    points[row, own] = points[row, exchanged]
                    visibility[row, own] = visibility[row, exchanged]
            last = points[row, own]
    return points, visibility


def remove_outliers(
    series: FloatArray, times_s: FloatArray, floor: float, limits: CleaningLimits = LIMITS
) -> FloatArray:
    """Remove outliers with a Hampel test on each series, against a parabola through its neighbours.

    Values far off the parabola become NaN, the worst of a neighbourhood first. (Against a running median, true peaks of
    fast movements would go, and short spikes on moving points would stay.) The ends of a segment, with neighbours on
    one side only, stay.

    Parameters
    ----------
    series : (N, K); NaN where unknown.
    times_s : (N,) seconds.
    floor : smallest deviation of an outlier, in the unit of the series.
    limits : window and threshold of the test.

    Returns
    -------
    (N, K) copy with NaN in place of outliers.
    """
    reach = max(2, round(limits.hampel_s / 2 / median_interval_s(times_s)))
    result = series.copy()
    for _ in range(limits.hampel_frames):
        off = np.abs(result - _predict_from_neighbours(result, reach))
        usual = np.array([np.median(known) if len(known) else 0.0 for known in (c[np.isfinite(c)] for c in off.T)])
        off = np.nan_to_num(off)
        worst = off >= maximum_filter1d(off, 2 * reach + 1, axis=0)
        bad = worst & (off > np.fmax(limits.hampel_mads * _SCALED_MAD * usual, floor))
        if not bad.any():
            break
        result[bad] = np.nan
    return result


def _predict_from_neighbours(series: FloatArray, reach: int) -> FloatArray:
    """Predict each value of (N, K) from its known neighbours: a parabola by least squares, without the value itself.

    NaN where fewer than two are known on one side.
    """
    known = np.isfinite(series)
    weights, values = known.astype(float), np.where(known, series, 0.0)
    places = np.arange(-reach, reach + 1)

    def around(series: FloatArray, kernel: NDArray[Any]) -> FloatArray:
        return correlate1d(series, kernel.astype(float), axis=0, mode="constant")

    others = (places != 0).astype(float)
    power = [around(weights, others * places**k) for k in range(5)]
    moment = [around(values, others * places**k) for k in range(3)]
    # The parabola's value in the middle, by Cramer's rule.
    minors = [
        power[2] * power[4] - power[3] ** 2,
        power[2] * power[3] - power[1] * power[4],
        power[1] * power[3] - power[2] ** 2,
    ]
    whole = sum(power[k] * minors[k] for k in range(3))
    enough = (around(weights, places > 0) >= 2) & (around(weights, places < 0) >= 2)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(enough, sum(moment[k] * minors[k] for k in range(3)) / whole, np.nan)


def smooth_and_resample(
    values: FloatArray, sample_times_s: FloatArray, output_times_s: FloatArray, cutoff_hz: float, gap_s: float
) -> FloatArray:
    """Smooth series without lag and resample them.

    Each segment without a gap over `gap_s` is resampled to uniform times by PCHIP, filtered forward and back by a
    2nd-order Butterworth (4th order, zero lag, -3 dB at `cutoff_hz`) and resampled to the output times.

    Parameters
    ----------
    values : (N, K); NaN where unknown.
    sample_times_s : (N,) seconds.
    output_times_s : (T,) seconds.
    cutoff_hz : -3 dB point.
    gap_s : longest gap that is filled.

    Returns
    -------
    (T, K); NaN outside the segments, but times less than 0.9 sampling intervals beyond a segment have the value at its
    end.
    """
    result = np.full((len(output_times_s), values.shape[1]), np.nan)
    # Series that are known in the same rows, as most are, go through together: one by one takes five times as long.
    patterns, pattern_of = np.unique(np.isfinite(values), axis=1, return_inverse=True)
    for number, known in enumerate(patterns.T):
        together = pattern_of.reshape(-1) == number
        result[:, together] = _smooth_together(
            values[:, together], np.flatnonzero(known), sample_times_s, output_times_s, cutoff_hz, gap_s
        )
    return result


def _smooth_together(
    values: FloatArray,
    known: NDArray[np.intp],
    sample_times_s: FloatArray,
    output_times_s: FloatArray,
    cutoff_hz: float,
    gap_s: float,
) -> FloatArray:
    """Smooth and resample series that are all known in the rows `known`."""
    result = np.full((len(output_times_s), values.shape[1]), np.nan)
    if not len(known):
        return result
    step = median_interval_s(sample_times_s)
    widest = gap_s + 1.1 * step  # time stamps are rounded: a gap of just so long must not be split by a hair
    for part in np.split(known, np.flatnonzero(np.diff(sample_times_s[known]) > widest) + 1):
        start, end = sample_times_s[part[0]], sample_times_s[part[-1]]
        inside = (output_times_s > start - 0.9 * step) & (output_times_s < end + 0.9 * step)
        if len(part) < 2:
            result[inside] = values[part[0]]
            continue
        uniform = np.linspace(start, end, max(2, round((end - start) / step) + 1))
        path = PchipInterpolator(sample_times_s[part], values[part])(uniform)
        result[inside] = PchipInterpolator(uniform, filter_low_pass(path, 1 / step, cutoff_hz, _PAD_S))(
            np.clip(output_times_s[inside], start, end)
        )
    return result


def _trunk_px(points_px: FloatArray) -> float:
    return float(np.nanmedian(trunk_length(points_px)))


def _is_outside(points_px: FloatArray, size_px: tuple[int, int], margin: float) -> NDArray[np.bool_]:
    share = points_px / np.array(size_px)
    with np.errstate(invalid="ignore"):
        out: NDArray[np.bool_] = np.any((share < -margin) | (share > 1 + margin), axis=2)
    return out
