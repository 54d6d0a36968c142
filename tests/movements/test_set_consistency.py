"""Similarity of the reps of a set, with answers worked out on paper."""

import pytest

from analyzer.movements.set_consistency import measure_drift, measure_set_consistency


def test_spread_and_duration_of_a_set():
    consistency = measure_set_consistency({"trunk_deg": [50.0, 53.0, None, 56.0]}, [2.0, 2.0, 2.0])
    assert consistency.bottom_sd == {"trunk_deg": 3.0}
    assert consistency.duration_sd_pct == 0.0
    assert consistency.has_steady_tempo
    assert consistency.is_very_repeatable


@pytest.mark.parametrize(
    ("angles_deg", "durations_s"), [([50.0, 60.0, 70.0], [2.0, 2.0, 2.0]), ([50.0, 50.0, 50.0], [1.0, 2.0, 3.0])]
)
def test_spread_of_angle_or_duration_is_not_repeatable(angles_deg, durations_s):
    assert measure_set_consistency({"trunk_deg": angles_deg}, durations_s).is_very_repeatable is False


def test_two_reps_have_no_spread():
    consistency = measure_set_consistency({"trunk_deg": [50.0, 53.0]}, [2.0, 2.0])
    assert consistency.bottom_sd == {"trunk_deg": None}
    assert consistency.duration_sd_pct is None
    assert consistency.is_very_repeatable is None


def test_a_few_reps_with_an_angle_do_not_speak_for_the_set():
    few = [None] * 3 + [50.0, 51.0, 60.0, 61.0] + [None] * 3
    consistency = measure_set_consistency({"trunk_thigh_deg": few, "trunk_deg": [50.0] * 10}, [2.0] * 10)
    assert consistency.bottom_sd == {"trunk_thigh_deg": None, "trunk_deg": 0.0}
    assert measure_drift(few, "trunk_thigh", 0.0) is None


def test_drift_needs_four_reps():
    assert measure_drift([50.0, 55.0, 60.0], "trunk", 0.0) is None
    change = measure_drift([50.0, 50.0, 60.0, 60.0], "trunk", 0.0)
    assert change is not None
    assert change.change == 10.0
