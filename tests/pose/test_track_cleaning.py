"""Cleaning a track: every step by itself, on series with a known answer."""

import numpy as np
import pytest

from analyzer.kinematics.landmarks import LEFT, RIGHT
from analyzer.pose import track_cleaning as clean
from analyzer.pose.track_cleaning import LIMITS, fix_side_swaps, remove_outliers
from tests.bodies import PX_PER_M, TRUNK_M, BodyPosture, picture_px

FPS = 30.0
TRUNK_PX = TRUNK_M * PX_PER_M
NAN = float("nan")


def times(seconds: float, fps: float = FPS) -> np.ndarray:
    return np.arange(round(seconds * fps)) / fps


def smooth(values: np.ndarray, *given: object) -> np.ndarray:
    """Of one series alone."""
    return clean.smooth_and_resample(values[:, None], *given)[:, 0]


# ---- left and right --------------------------------------------------------------------------------------------


def walk(frames: int = 120) -> np.ndarray:
    """A walk facing right, from the side: the legs truly cross each other twice a second."""
    swing = 28 * np.sin(2 * np.pi * np.arange(frames) / FPS)
    posture = BodyPosture(thigh_deg=-swing, shin_deg=-swing - 8, left_thigh_deg=swing, left_shin_deg=swing - 8)
    return picture_px(posture.world_m(frames, 0.0))


def exchanged(points: np.ndarray, rows) -> np.ndarray:
    result = points.copy()
    for left, right in [
        (LEFT.knee, RIGHT.knee),
        (LEFT.ankle, RIGHT.ankle),
        (LEFT.heel, RIGHT.heel),
        (LEFT.toe, RIGHT.toe),
    ]:
        result[rows, left], result[rows, right] = points[rows, right], points[rows, left]
    return result


def test_legs_that_truly_cross_are_left_alone():
    points = walk()
    visible = np.ones((120, 33))
    assert (fix_side_swaps(points, visible, TRUNK_PX)[0] == points).all()


@pytest.mark.parametrize("rows", [[37], [36, 37, 38], list(range(63, 73))])
def test_swapped_frames_are_repaired_with_their_visibility(rows):
    truth = walk()
    visible = np.ones((120, 33))
    visible[rows, LEFT.knee] = 0.3  # of the point that stands under the wrong name
    points, visibility = fix_side_swaps(exchanged(truth, rows), visible, TRUNK_PX)
    assert points == pytest.approx(truth)
    assert (visibility[rows, RIGHT.knee] == 0.3).all() and (visibility[rows, LEFT.knee] == 1).all()


def test_a_swap_beside_a_lost_frame_is_repaired_too():
    truth = walk()
    points = exchanged(truth, [37])
    points[36] = NAN
    repaired, _ = fix_side_swaps(points, np.ones((120, 33)), TRUNK_PX)
    assert repaired[37] == pytest.approx(truth[37])
    assert np.isnan(repaired[36]).all()


def test_the_input_is_not_modified():
    points = exchanged(walk(), [37])
    before = points.copy()
    fix_side_swaps(points, np.ones((120, 33)), TRUNK_PX)
    assert (points == before).all()


# ---- outliers --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("length", [1, 2, 3])
def test_only_the_spike_of_a_still_point_is_removed(length):
    at = times(3)
    series = np.random.default_rng(0).normal(0, 0.5, (90, 1))
    series[40 : 40 + length] += 30
    result = remove_outliers(series, at, floor=4.0)
    assert np.flatnonzero(np.isnan(result[:, 0])).tolist() == list(range(40, 40 + length))


@pytest.mark.parametrize("length", [1, 2])
@pytest.mark.parametrize("where", [30, 37, 40, 45])
def test_a_spike_on_a_moving_point_is_removed(length, where):
    at = times(3)
    series = 75 * np.sin(2 * np.pi * 0.5 * at)[:, None]  # a shoulder in a hinge of 2 s
    series[where : where + length] += 80
    result = remove_outliers(series, at, floor=4.0)
    assert np.isnan(result[where : where + length]).all()


@pytest.mark.parametrize(("hz", "amplitude_px"), [(0.3, 150), (0.5, 100), (0.7, 80)])
def test_a_true_peak_is_preserved(hz, amplitude_px):
    """At the pace of lifts: 150 px are a trunk length."""
    at = times(6)
    series = amplitude_px * np.column_stack([np.sin(2 * np.pi * hz * at), np.cos(2 * np.pi * hz * at)])
    assert np.isfinite(remove_outliers(series, at, floor=4.0)).all()


@pytest.mark.parametrize(("hz", "amplitude_px"), [(1.0, 150), (2.0, 75)])
def test_a_true_peak_of_a_fast_movement_is_preserved(hz, amplitude_px):
    at = times(6)
    series = amplitude_px * np.sin(2 * np.pi * hz * at)[:, None]
    assert np.isfinite(remove_outliers(series, at, floor=4.0)).all()


def test_noise_below_the_floor_stays():
    series = np.random.default_rng(0).choice([0.0, 0.0, 0.0, 0.0, 3.9], (90, 1))
    assert np.isfinite(remove_outliers(series, times(3), floor=4.0)).all()


# ---- gaps and smoothing ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("fps", [24.0, 30.0, 59.94, 60.0])
@pytest.mark.parametrize("where", range(20, 41, 4))
def test_a_gap_of_up_to_a_fifth_of_a_second_is_filled(fps, where):
    """Wherever in the clip it lies: as many frames as 0.2 s hold are filled, one more is not."""
    at = times(3, fps)
    line = 5.0 * at
    most = int(0.2 * fps + 0.1)  # 12 frames at 59.94 a second count as 0.2 s
    for missing in (1, most, most + 1):
        values = line.copy()
        values[where : where + missing] = NAN
        result = smooth(values, at, at, 6.0, 0.2)
        empty = np.flatnonzero(np.isnan(result)).tolist()
        assert empty == ([] if missing <= most else list(range(where, where + missing)))
        assert np.nanmax(np.abs(result - line)) < 0.05


def test_series_with_gaps_of_their_own_are_smoothed_as_if_alone():
    at = times(3)
    values = np.column_stack([np.sin(at * k) for k in (1, 2, 3, 4)])
    values[20:40, 1], values[50, 2], values[:, 3] = NAN, NAN, NAN
    together = clean.smooth_and_resample(values, at, at, 6.0, 0.2)
    alone = np.column_stack([smooth(one, at, at, 6.0, 0.2) for one in values.T])
    assert np.array_equal(together, alone, equal_nan=True)
    assert np.isfinite(together).sum(axis=0).tolist() == [90, 70, 90, 0]


def test_unknown_ends_stay_unknown():
    at = times(3)
    values = np.where((at > 0.5) & (at < 2.5), 7.0, NAN)
    result = smooth(values, at, at, 6.0, 0.2)
    assert (np.isnan(result) == np.isnan(values)).all()
    assert np.nanmax(np.abs(result - 7)) < 1e-9


def test_all_unknown_stays_unknown_and_one_value_is_unchanged():
    at = times(1)
    assert np.isnan(smooth(at * NAN, at, at, 6.0, 0.2)).all()
    values = at * NAN
    values[12] = 4.0
    result = smooth(values, at, at, 6.0, 0.2)
    assert result[12] == 4.0 and np.isfinite(result).sum() == 1


@pytest.mark.parametrize("hz", [0.25, 0.5, 1.5, 3.0])
@pytest.mark.parametrize("fps", [24.0, 30.0, 60.0])
def test_smoothing_has_no_lag(hz, fps):
    at = times(12, fps)
    result = smooth(np.sin(2 * np.pi * hz * (at - 0.0137)), at, at, 6.0, 0.2)
    middle = (at >= 4) & (at < 8)  # whole periods
    turned = np.mean((result * np.exp(-2j * np.pi * hz * (at - 0.0137)))[middle]) * 2j
    lag_s = -np.angle(turned) / (2 * np.pi * hz)
    assert abs(lag_s) < 1e-4


def test_the_time_of_a_peak_is_preserved():
    at = times(4)
    for peak in range(40, 80, 7):
        bump = np.exp(-(((at - peak / FPS) / 0.2) ** 2))
        assert np.argmax(smooth(bump, at, at, 6.0, 0.2)) == peak


@pytest.mark.parametrize("cutoff_hz", [LIMITS.cutoff_hz, LIMITS.hold_cutoff_hz])
@pytest.mark.parametrize("fps", [24.0, 30.0, 60.0, 120.0])
def test_the_cut_off_halves_the_power(cutoff_hz, fps):
    """-3 dB there whatever the frame rate: amplitude 0.707; a third of it passes, three times as much does not."""
    at = times(20, fps)
    middle = (at > 4) & (at < 16)

    def gain(hz: float) -> float:
        turn = np.exp(2j * np.pi * hz * at)
        parts = [smooth(part, at, at, cutoff_hz, 0.2) for part in (turn.real, turn.imag)]
        return float(np.abs(np.mean(((parts[0] + 1j * parts[1]) / turn)[middle])))

    assert gain(cutoff_hz) == pytest.approx(np.sqrt(0.5), rel=0.02)
    assert gain(cutoff_hz / 3) == pytest.approx(1.0, abs=0.015)
    if 3 * cutoff_hz < fps / 2:
        assert gain(3 * cutoff_hz) < 0.03


def test_below_twice_the_cut_off_nothing_is_smoothed():
    at = times(3, 11.0)
    values = np.random.default_rng(0).normal(size=len(at))
    assert smooth(values, at, at, 6.0, 0.2) == pytest.approx(values)


def test_a_variable_frame_rate_is_mapped_back_to_its_own_times():
    rng = np.random.default_rng(1)
    at = np.cumsum(rng.uniform(0.6, 1.4, 240)) / FPS
    wave = np.sin(2 * np.pi * 0.5 * at)
    result = smooth(wave, at, at, 6.0, 0.2)
    inside = (at > 0.5) & (at < at[-1] - 0.5)
    assert np.abs(result - wave)[inside].max() < 0.01


@pytest.mark.parametrize("step", [2, 4])
def test_frames_between_tracked_ones_are_interpolated(step):
    all_s = times(4, 30.0 * step)
    at = all_s[::step]
    result = smooth(np.sin(2 * np.pi * 0.5 * at), at, all_s, 6.0, 0.2)
    inside = (all_s > 0.3) & (all_s < 3.7)
    assert np.abs(result - np.sin(2 * np.pi * 0.5 * all_s))[inside].max() < 0.01


@pytest.mark.parametrize("beyond", range(4))
def test_frames_after_the_last_tracked_one_hold_its_value(beyond):
    """Slow motion: of 240 frames a second every 4th is tracked, so that up to 3 follow the last tracked one."""
    all_s = np.arange(4 * 120 + 1 + beyond) / 240
    at = all_s[::4]
    result = smooth(3.0 + 2.0 * at, at, all_s, 6.0, 0.2)
    assert np.isfinite(result).all()
    assert result[480:] == pytest.approx(np.full(1 + beyond, 7.0), abs=0.01)


def test_untracked_frames_beside_a_gap_hold_the_adjacent_value():
    all_s = np.arange(480) / 240
    at = all_s[::4]
    values = 3.0 + 2.0 * at
    values[40:80] = NAN  # frames 160 to 316 were tracked in vain
    result = smooth(values, at, all_s, 6.0, 0.2)
    assert np.flatnonzero(np.isnan(result)).tolist() == list(range(160, 317))
