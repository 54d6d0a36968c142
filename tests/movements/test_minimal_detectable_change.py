"""The minimal detectable change: published figures, hand calculations and laws."""

from math import sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.movements.minimal_detectable_change import (
    COMPARISON_SETTINGS,
    LIMITS,
    LITERATURE,
    MdcTable,
    OwnMdc,
    compare_first_last,
    compare_means,
    is_clear_change,
)

VALUES = st.lists(st.floats(-180, 180), min_size=1, max_size=8)
FAMILIES = st.sampled_from(sorted(LIMITS.families))
SETTING = st.sampled_from(COMPARISON_SETTINGS)


def threshold(before, after, family="trunk_thigh", setting="same_clip", **options):
    return compare_means(before, after, family, setting, **options).threshold


# The calculated examples of sources 5 for a spread of 3: reps at 0, 3, 6 have an SD of exactly 3.
@pytest.mark.parametrize(
    ("n", "setting", "expected"),
    [(1, "same_clip", 8.3), (3, "same_clip", 5.0), (3, "refilmed", 8.4), (3, "other_day", 11.0)],
)
def test_formula_reproduces_published_figures_and_never_goes_below_the_default(n, setting, expected):
    values = [0, 3, 6][:n]
    assert threshold(values, values, setting=setting) == pytest.approx(expected, abs=0.06)


def test_formula_above_the_default_equals_the_hand_calculation():
    # sw 5, three against two: 1.96 * sqrt(25/3 + 25/2) = 8.946, above the trunk's 4.
    before, after = [0, 5, 10], [20, 20 + 5 * sqrt(2)]
    assert threshold(before, after, "trunk") == pytest.approx(1.96 * sqrt(25 / 3 + 25 / 2))


def test_spread_is_capped():
    assert threshold([0, 40, 80], [0, 40, 80], "knee") == pytest.approx(1.96 * sqrt(36 * 2 / 3))


@pytest.mark.parametrize(("setting", "expected"), [("same_clip", 4), ("refilmed", 6.1), ("other_day", 8)])
def test_steadiest_lifter_reaches_the_defaults_of_the_trunk(setting, expected):
    assert threshold([30] * 3, [30] * 3, "trunk", setting) == pytest.approx(expected, abs=0.06)


def test_two_reps_use_the_default_spread():
    assert threshold([0, 40], [0, 40], "knee") == pytest.approx(1.96 * sqrt(9 / 2 + 9 / 2))


@pytest.mark.parametrize(("setting", "expected"), [("same_clip", 5), ("refilmed", 8), ("other_day", 11)])
def test_one_stage_against_another_uses_the_default(setting, expected):
    assert threshold([20], [30], "knee", setting, are_medians=True) == expected


def test_hold_time_changes_from_15_percent_of_the_longer():
    assert not compare_means([20], [17.1], "hold_time", "refilmed", are_medians=True).is_clear
    assert compare_means([20], [17], "hold_time", "refilmed", are_medians=True).is_clear


def test_tempo_changes_from_10_percent_or_a_seventh_of_a_second():
    assert threshold([1.0] * 3, [1.0] * 3, "tempo") == 0.15
    assert threshold([3.0] * 3, [2.0] * 3, "tempo") == pytest.approx(0.3)
    assert threshold([1.0], [1.0], "tempo") == pytest.approx(0.15 * sqrt(3))  # one rep against one
    # Reps at 1, 2, 3 s, SD 1: 1.96 * sqrt(2/3) = 1.6 s, far above 10 %.
    assert threshold([1, 2, 3], [1, 2, 3], "tempo") == pytest.approx(1.96 * sqrt(2 / 3))


def test_a_change_as_large_as_the_threshold_counts():
    # 1.35 - 1.2 is 0.15000000000000013 and 1.15 - 1 is 0.1499999999999999: both are 0.15 seconds.
    for before, after in ((1.2, 1.35), (1.0, 1.15), (1.15, 1.0)):
        assert compare_means([before] * 3, [after] * 3, "tempo", "refilmed").is_clear
    assert not is_clear_change(0.149, 0.15)
    assert not is_clear_change(0.0, 0.0)


def test_camera_yaw_adds_the_geometric_error():
    straight = threshold([10] * 3, [10] * 3, "trunk")
    assert threshold([10] * 3, [10] * 3, "trunk", yaw_deg=10) == straight
    assert threshold([10] * 3, [10] * 3, "trunk", yaw_deg=-20) == pytest.approx(straight + 4.9)
    assert threshold([10] * 3, [10] * 3, "knee", yaw_deg=17.5) == pytest.approx(5 + (2.3 + 3.6) / 2)
    assert threshold([10] * 3, [10] * 3, "hip_back", yaw_deg=20) == 4


def test_unknown_values_are_left_out():
    change = compare_means([np.nan, 10, 20], [30, np.nan], "trunk", "refilmed")
    assert (change.before, change.after, change.n_before, change.n_after) == (15, 30, 2, 1)
    assert compare_means([np.nan], [1], "trunk", "refilmed") is None


def test_unknown_family_is_refused_with_the_known_ones():
    with pytest.raises(ValueError, match=r"ankle: expected one of trunk, .*tempo"):
        compare_means([1], [2], "ankle", "refilmed")


def test_first_against_last_compares_three_of_each():
    change = compare_first_last([0, 0, 0, 50, 9, 9, 9], "trunk")
    assert (change.before, change.after, change.n_before, change.n_after) == (0, 9, 3, 3)
    assert change.is_clear


def test_first_against_last_of_few_reps_has_a_wide_threshold():
    assert compare_first_last([10], "trunk") is None
    change = compare_first_last([10, 14, 18], "trunk")  # 1 v 1: 8.3
    assert (change.change, change.is_clear) == (8, False)


@given(VALUES, VALUES, FAMILIES, SETTING, st.floats(0, 30))
def test_swapping_the_clips_changes_only_the_sign(a, b, family, setting, yaw_deg):
    forward, backward = (compare_means(*pair, family, setting, yaw_deg=yaw_deg) for pair in ((a, b), (b, a)))
    assert backward.change == pytest.approx(-forward.change)
    assert backward.threshold == pytest.approx(forward.threshold)


@given(VALUES, VALUES, st.sampled_from(["trunk", "knee", "back", "hip_back"]), SETTING, st.floats(-90, 90))
def test_threshold_does_not_depend_on_a_common_shift(a, b, family, setting, shift):
    plain = compare_means(a, b, family, setting)
    moved = compare_means([x + shift for x in a], [x + shift for x in b], family, setting)
    assert moved.change == pytest.approx(plain.change, abs=1e-6)
    assert moved.threshold == pytest.approx(plain.threshold, abs=1e-6)


@given(VALUES, FAMILIES)
def test_set_against_itself_is_never_a_clear_change(values, family):
    assert not compare_means(values, values, family, "same_clip").is_clear


@given(VALUES, VALUES, FAMILIES)
def test_threshold_never_decreases_with_time_between_clips(a, b, family):
    same_clip, refilmed, other_day = (compare_means(a, b, family, setting).threshold for setting in COMPARISON_SETTINGS)
    assert same_clip <= refilmed <= other_day


# ---- own repeats -------------------------------------------------------------------------------------------------

OWN = OwnMdc(least_change=3.0, setting="refilmed", source="your own 18 pairs", rep_sd=2.0, reps=3.0, yaw_deg=12.0)
TABLE = MdcTable({"hinge.fold": OWN})


def own_change(n_before=3, n_after=3, setting="refilmed", key="hinge.fold", yaw_deg=0.0):
    return compare_means(
        [90.0] * n_before, [94.0] * n_after, "trunk_thigh", setting, key=key, own_mdc=TABLE, yaw_deg=yaw_deg
    )


def test_own_repeats_replace_the_literature_for_their_measure():
    change = own_change()
    assert (change.threshold, change.source, change.is_clear) == (3.0, "your own 18 pairs", True)
    other = own_change(key="hinge.knee")
    assert (other.threshold, other.source, other.is_clear) == (pytest.approx(8, abs=0.5), LITERATURE, False)


def test_own_repeats_say_nothing_about_parts_of_one_clip():
    assert own_change(setting="same_clip") == compare_means([90] * 3, [94] * 3, "trunk_thigh", "same_clip")


def test_own_repeats_of_one_day_get_the_difference_between_days_of_the_literature():
    change = own_change(setting="other_day")
    assert change.threshold == pytest.approx(sqrt(9 + 11**2 - 8**2))
    assert change.source == "your own 18 pairs, with the difference between days from the literature"


def test_fewer_reps_than_in_the_repeats_widen_the_threshold():
    # One rep each: 1.96^2 * 4 * (1 + 1 - 2/3) more, in squares.
    assert own_change(1, 1).threshold == pytest.approx(sqrt(9 + 1.96**2 * 4 * 4 / 3))
    assert own_change(8, 8).threshold == 3.0
    medians = compare_means(
        [90.0], [94.0], "trunk_thigh", "refilmed", key="hinge.fold", own_mdc=TABLE, are_medians=True
    )
    assert medians.threshold == 3.0  # one value a hold or stage, as in the repeats


def test_own_repeats_include_the_error_of_their_own_yaw():
    assert own_change(yaw_deg=12.0).threshold == 3.0
    # From 12 to 20 degrees of yaw the error grows from 2.1 + 0.4 * 1.6 to 6.0.
    assert own_change(yaw_deg=20.0).threshold == pytest.approx(3.0 + 6.0 - (2.1 + 0.4 * 1.6))
