"""The line of a plank: baseline, zone, drift and recovery, with answers worked out on paper (sources 3)."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.movements.plank.body_line import analyze_body_line

FPS = 30
ENOUGH_S = 20


def make_line(*parts: tuple[float, float]) -> tuple[np.ndarray, np.ndarray]:
    """Times and a line that keeps each value for so many seconds."""
    values = np.concatenate([np.full(round(seconds * FPS), value) for value, seconds in parts])
    return np.arange(len(values)) / FPS, values


def test_steady_line_is_all_in_the_zone():
    line = analyze_body_line(*make_line((6.0, 12.0)))
    assert (line.zero_deg, line.settle_s, line.drifts) == (6.0, 0.0, ())
    assert line.in_zone_s == pytest.approx(12.0)
    assert line.slope_deg_10s == pytest.approx(0.0)


def test_sag_of_three_seconds_is_one_drift_with_a_recovery_after_three_seconds():
    line = analyze_body_line(*make_line((4.0, 6.0), (-8.0, 3.0), (4.0, 4.0)))
    (drift,) = line.drifts
    assert (drift.direction, drift.largest_deg, drift.shape_changed, drift.recovered) == ("sag", -12.0, True, True)
    assert drift.start_s == pytest.approx(6.0)
    assert line.in_zone_s == pytest.approx(10.0)


def test_less_than_three_seconds_in_the_zone_is_no_recovery():
    line = analyze_body_line(*make_line((0.0, 6.0), (8.0, 3.0), (0.0, 2.0)))
    (drift,) = line.drifts
    assert (drift.direction, drift.shape_changed, drift.recovered) == ("pike", False, False)


def test_two_sags_with_a_second_between_are_one_drift():
    assert len(analyze_body_line(*make_line((0.0, 6.0), (-8.0, 3.0), (0.0, 1.0), (-8.0, 3.0))).drifts) == 1
    assert len(analyze_body_line(*make_line((0.0, 6.0), (-8.0, 3.0), (0.0, 4.0), (-8.0, 3.0))).drifts) == 2


def test_less_than_two_seconds_outside_is_no_drift():
    assert analyze_body_line(*make_line((0.0, 6.0), (-8.0, 1.5), (0.0, 6.0))).drifts == ()


def test_line_lost_in_the_first_seconds_does_not_become_the_own_zero():
    assert analyze_body_line(*make_line((6.0, 1.5), (-20.0, 6.0))).zero_deg == 6.0


def test_unusual_line_is_not_taken_as_the_baseline():
    line = analyze_body_line(*make_line((18.0, 10.0)))
    assert line.zero_deg == 10.0
    assert line.in_zone_s == 0.0


def test_getting_into_the_posture_is_settling():
    times, values = make_line((5.0, 10.0))
    values[:FPS] = np.linspace(15.0, 5.0, FPS)
    line = analyze_body_line(times, values)
    assert 0.4 < line.settle_s < 1.6
    assert line.zero_deg == pytest.approx(5.0, abs=0.5)


def test_slope_is_given_for_ten_seconds():
    times = np.arange(ENOUGH_S * FPS) / FPS
    assert analyze_body_line(times, -0.2 * times).slope_deg_10s == pytest.approx(-2.0)


@given(st.floats(-9, 9), st.integers(0, 2**16))
def test_sag_and_pike_are_mirror_images(level, seed):
    times, values = make_line((level, 6.0), (level - 15, 3.0), (level, 4.0))
    values = values + np.random.default_rng(seed).normal(0, 0.2, len(values))
    one, other = analyze_body_line(times, values), analyze_body_line(times, -values)
    assert one.zero_deg == pytest.approx(-other.zero_deg)
    assert one.in_zone_s == pytest.approx(other.in_zone_s)
    assert [d.direction for d in one.drifts] == ["sag"]
    assert [d.direction for d in other.drifts] == ["pike"]


def test_unknown_line_gives_no_drift():
    assert analyze_body_line(np.arange(5.0), np.full(5, np.nan)) is None
