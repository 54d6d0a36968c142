"""Speed of ways up whose speed is known."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzer.movements.lift_speed import (
    LIMITS,
    WayUp,
    compute_shares_of_fastest,
    compute_speed_loss_pct,
    find_way_up,
)

GAIN = 0.6
BOTTOM_S, END_S = 1.5, 3.5


def uniform(fps: float, duration_s: float = 5.0) -> np.ndarray:
    return np.arange(round(duration_s * fps)) / fps


def min_jerk(times_s: np.ndarray, start_s: float = BOTTOM_S, duration_s: float = END_S - BOTTOM_S) -> np.ndarray:
    share = np.clip((times_s - start_s) / duration_s, 0, 1)
    return GAIN * share**3 * (10 - 15 * share + 6 * share**2)


def sine(times_s: np.ndarray, start_s: float = BOTTOM_S, duration_s: float = END_S - BOTTOM_S) -> np.ndarray:
    share = np.clip((times_s - start_s) / duration_s, 0, 1)
    return GAIN * (1 - np.cos(np.pi * share)) / 2


def way_up(times_s: np.ndarray, height: np.ndarray) -> WayUp:
    way = find_way_up(times_s, height, BOTTOM_S, END_S)
    assert way is not None
    return way


# Where it has 2 % of its peak speed: share^2 (1 - share)^2 = .02 / 16, or the sine of pi share = .02.
MIN_JERK_CUT = (1 - np.sqrt(1 - 4 * np.sqrt(0.02 / 16))) / 2
SINE_CUT = np.arcsin(0.02) / np.pi


@pytest.mark.parametrize("fps", [24, 25, 30, 50, 60])
@pytest.mark.parametrize(
    ("path", "cut", "peak_to_mean"), [(min_jerk, MIN_JERK_CUT, 1.875), (sine, SINE_CUT, np.pi / 2)]
)
def test_lift_of_known_speed(fps, path, cut, peak_to_mean):
    way = way_up(uniform(fps), path(uniform(fps)))
    inside_s = (END_S - BOTTOM_S) * (1 - 2 * cut)
    assert way.peak_speed == pytest.approx(peak_to_mean * GAIN / (END_S - BOTTOM_S), rel=0.01)
    assert way.mean_speed == pytest.approx(way.gain / inside_s, rel=0.02)
    assert way.gain == pytest.approx(GAIN, rel=0.02)
    assert way.start_s == pytest.approx(BOTTOM_S + cut * (END_S - BOTTOM_S), abs=0.03)


def test_rest_before_and_after_does_not_count():
    times_s = uniform(30, 9.0)
    late = min_jerk(times_s, start_s=3.0)
    way = find_way_up(times_s, late, 3.0, 5.0)
    assert way is not None
    assert way.mean_speed == pytest.approx(way_up(uniform(30), min_jerk(uniform(30))).mean_speed, rel=0.005)


def test_stop_in_between_belongs_to_the_way_up():
    times_s = uniform(30, 8.0)
    height = min_jerk(times_s, 1.5, 1.0) + min_jerk(times_s, 3.0, 1.0)
    way = find_way_up(times_s, height, 1.5, 4.0)
    assert way is not None
    assert way.gain == pytest.approx(2 * GAIN, rel=0.02)
    assert way.end_s - way.start_s == pytest.approx(2.5, abs=0.25)


def test_bounds_of_the_body_that_cut_the_ends_do_not_matter():
    times_s = uniform(30)
    whole = way_up(times_s, min_jerk(times_s))
    cut = find_way_up(times_s, min_jerk(times_s), BOTTOM_S + 0.4, END_S - 0.5)
    assert cut is not None
    assert cut.mean_speed == pytest.approx(whole.mean_speed, rel=0.005)


@pytest.mark.parametrize("seed", range(5))
def test_variable_frame_times(seed):
    """A phone's rate wanders, and frames are missing."""
    rng = np.random.default_rng(seed)
    times_s = np.cumsum(rng.choice([1 / 30, 1 / 30, 1 / 24, 1 / 15], 160))
    way = find_way_up(times_s, min_jerk(times_s), BOTTOM_S, END_S)
    regular = way_up(uniform(30), min_jerk(uniform(30)))
    assert way is not None
    assert way.mean_speed == pytest.approx(regular.mean_speed, rel=0.02)
    assert way.peak_speed == pytest.approx(regular.peak_speed, rel=0.02)


def test_frame_times_that_are_taken_as_uniform_would_be_wrong():
    """Twice the frames in the second half: by frame number the lift would be a third longer."""
    times_s = np.concatenate([uniform(30, 2.5), 2.5 + uniform(60, 2.5)])
    assert way_up(times_s, min_jerk(times_s)).mean_speed == pytest.approx(
        way_up(uniform(30), min_jerk(uniform(30))).mean_speed, rel=0.01
    )


@pytest.mark.parametrize("fps", [24, 30, 60])
def test_noise_of_two_millimetres(fps):
    times_s, rng = uniform(fps), np.random.default_rng(18)
    clean = way_up(times_s, min_jerk(times_s))
    noisy = [way_up(times_s, min_jerk(times_s) + rng.normal(0, 0.002, len(times_s))) for _ in range(20)]
    assert np.sqrt(np.mean([(way.mean_speed - clean.mean_speed) ** 2 for way in noisy])) < 0.04
    assert np.sqrt(np.mean([(way.peak_speed - clean.peak_speed) ** 2 for way in noisy])) < 0.06


def test_short_gap_is_filled_and_a_long_one_is_not():
    times_s = uniform(30)
    gap = min_jerk(times_s)
    gap[70:75] = np.nan
    assert way_up(times_s, gap).mean_speed == pytest.approx(way_up(times_s, min_jerk(times_s)).mean_speed, rel=0.02)
    gap[60:85] = np.nan
    assert find_way_up(times_s, gap, BOTTOM_S, END_S) is None


def test_lift_that_the_clip_cuts_has_no_speed():
    times_s = uniform(30)
    height = min_jerk(times_s)
    assert find_way_up(times_s[:85], height[:85], BOTTOM_S, END_S) is None
    assert find_way_up(times_s[70:], height[70:], BOTTOM_S, END_S) is None


def test_fewer_than_twenty_frames_a_second_give_no_speed():
    assert find_way_up(uniform(18), min_jerk(uniform(18)), BOTTOM_S, END_S) is None
    assert find_way_up(uniform(20), min_jerk(uniform(20)), BOTTOM_S, END_S) is not None


def test_nothing_known_has_no_speed():
    assert find_way_up(uniform(30), np.full(150, np.nan), BOTTOM_S, END_S) is None
    assert find_way_up(uniform(30), np.zeros(150), BOTTOM_S, END_S) is None


lifts = st.tuples(st.floats(0.1, 2.0), st.floats(0.5, 2.5), st.sampled_from([24, 25, 30, 50, 60]))


@given(lifts, st.floats(0.01, 1000.0), st.floats(-100.0, 100.0))
@settings(deadline=None, max_examples=30)
def test_speeds_scale_with_the_height_and_do_not_depend_on_its_zero(lift, scale, zero):
    gain, duration_s, fps = lift
    times_s = uniform(fps)
    height = gain * min_jerk(times_s, 1.2, duration_s)
    one, other = (find_way_up(times_s, path, 1.2, 1.2 + duration_s) for path in (height, scale * (height + zero)))
    assert one is not None
    assert other is not None
    assert other.mean_speed == pytest.approx(scale * one.mean_speed, rel=1e-3)
    assert other.peak_speed == pytest.approx(scale * one.peak_speed, rel=1e-3)
    assert (other.start_s, other.end_s) == pytest.approx((one.start_s, one.end_s), abs=1e-3)


@given(lifts, st.floats(1.2, 3.0))
@settings(deadline=None, max_examples=30)
def test_slower_frames_of_time_slow_the_speed_alike(lift, slower):
    """Slow motion: times longer by a factor give speeds lower by it, as far as the filter is not felt."""
    gain, duration_s, _ = lift
    times_s = uniform(60)
    height = gain * min_jerk(times_s, 1.2, duration_s)
    one = find_way_up(times_s, height, 1.2, 1.2 + duration_s)
    slow_s = 1.2 * slower
    other = find_way_up(times_s * slower, height, slow_s, slow_s + slower * duration_s)
    assert one is not None
    assert other is not None
    assert other.mean_speed * slower == pytest.approx(one.mean_speed, rel=0.05)


@given(lifts)
@settings(deadline=None, max_examples=30)
def test_lift_played_backwards_is_no_lift(lift):
    gain, duration_s, fps = lift
    times_s = uniform(fps)
    height = gain * min_jerk(times_s, 1.2, duration_s)
    assert find_way_up(times_s, height[::-1], BOTTOM_S, END_S) is None


def test_speed_loss_is_from_the_fastest_to_the_last_rep():
    assert compute_speed_loss_pct([0.50, 0.55, 0.44]) == pytest.approx(20.0)
    assert compute_speed_loss_pct([0.40, 0.50]) == pytest.approx(0.0)
    assert compute_speed_loss_pct([0.50, None, 0.40]) == pytest.approx(20.0)
    assert compute_speed_loss_pct([0.50, 0.40, None]) is None
    assert compute_speed_loss_pct([0.50]) is None
    assert compute_speed_loss_pct([]) is None


def test_shares_of_the_fastest():
    assert compute_shares_of_fastest([0.4, None, 0.5]) == [pytest.approx(80.0), None, pytest.approx(100.0)]
    assert compute_shares_of_fastest([None, None]) == [None, None]


def test_limits_are_those_of_the_sources():
    assert (LIMITS.min_fps, LIMITS.cutoff_hz, LIMITS.gap_s) == (20.0, 6.0, 0.2)
