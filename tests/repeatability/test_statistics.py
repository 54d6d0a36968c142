"""Statistics of repeats: answers worked out by hand, and laws that hold for any values."""

from math import sqrt

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from analyzer.repeatability.statistics import (
    compute_bland_altman,
    estimate_rep_spread,
    estimate_within_person_sd,
)

VALUES = st.floats(-100, 100).map(lambda value: round(value, 3))
GROUPS = st.lists(st.lists(VALUES, min_size=2, max_size=5), min_size=2, max_size=8)
PAIRS = st.lists(st.tuples(VALUES, VALUES), min_size=3, max_size=10)


def test_within_person_sd_of_three_pairs():
    # Differences 2, -4, 6: sum of squares 4 + 16 + 36 = 56, over 2 n = 6.
    within = estimate_within_person_sd([(10, 12), (20, 16), (30, 36)])
    assert within.sd == pytest.approx(sqrt(56 / 6))  # 3.055
    assert within.degrees_of_freedom == 3
    assert within.mdc95 == pytest.approx(1.96 * sqrt(56 / 3))  # 8.468
    # Chi-square of 3 degrees of freedom, tabulated: 9.348 above which 2.5 %, 0.2158 below which 2.5 %. Squares 28.
    assert within.interval_95 == pytest.approx((sqrt(28 / 9.348), sqrt(28 / 0.2158)), rel=1e-3)
    assert within.mdc95_interval_95 == pytest.approx([1.96 * sqrt(2) * end for end in within.interval_95])
    # Student's t of 3 degrees of freedom, tabulated: 3.182.
    assert within.least_change == pytest.approx(3.182 * sqrt(56 / 3), rel=1e-3)


def test_within_person_sd_of_groups_of_different_size():
    # 1, 2, 3: squares 2, two degrees of freedom; 10, 14: squares 8, one. Mean square 10 / 3.
    within = estimate_within_person_sd([(1, 2, 3), (10, 14)])
    assert (within.sd, within.degrees_of_freedom) == (pytest.approx(sqrt(10 / 3)), 3)


def test_mean_squares_of_a_published_analysis_of_variance():
    # Shrout and Fleiss 1979, six subjects, four judges: mean square within subjects 6.264 (18 degrees of freedom).
    ratings = [(9, 2, 5, 8), (6, 1, 3, 2), (8, 4, 6, 8), (7, 1, 2, 6), (10, 5, 6, 9), (6, 2, 4, 7)]
    within = estimate_within_person_sd(ratings)
    assert (within.sd**2, within.degrees_of_freedom) == (pytest.approx(6.264, abs=5e-4), 18)


def test_many_repeats_bring_the_least_change_to_the_mdc():
    many = estimate_within_person_sd([(0.0, 2.0)] * 2000)
    assert many.least_change == pytest.approx(many.mdc95, rel=1e-3)
    few = estimate_within_person_sd([(0.0, 2.0)] * 15)
    assert few.least_change / few.mdc95 == pytest.approx(2.131 / 1.96, rel=1e-3)  # t of 15 degrees of freedom


@pytest.mark.parametrize("groups", [[], [[1.0]], [[1.0, 2.0], [3.0]]])
def test_groups_without_a_repeat_are_refused(groups):
    with pytest.raises(ValueError, match="at least two values"):
        estimate_within_person_sd(groups)


def test_bland_altman_of_four_pairs():
    # Differences 1, 3, 5, 7: mean 4, SD sqrt(20/3) = 2.582. t of 3 degrees of freedom: 3.182.
    agreement = compute_bland_altman([10, 20, 30, 40], [11, 23, 35, 47])
    sd = sqrt(20 / 3)
    assert (agreement.n, agreement.bias, agreement.sd) == (4, 4, pytest.approx(sd))
    assert (agreement.lower, agreement.upper) == (pytest.approx(4 - 1.96 * sd), pytest.approx(4 + 1.96 * sd))
    assert agreement.bias_interval_95 == pytest.approx((4 - 3.182 * sd / 2, 4 + 3.182 * sd / 2), abs=2e-3)
    margin = 3.182 * sd * sqrt(1 / 4 + 1.96**2 / 6)
    assert agreement.upper_interval_95 == pytest.approx((agreement.upper - margin, agreement.upper + margin), abs=2e-3)
    assert agreement.lower_interval_95 == pytest.approx((agreement.lower - margin, agreement.lower + margin), abs=2e-3)


def test_one_pair_has_no_agreement():
    with pytest.raises(ValueError, match="two pairs"):
        compute_bland_altman([1], [2])


def test_rep_spread_of_two_clips():
    # 1, 3: squares 2; 10, 11, 12: squares 2; three degrees of freedom. Harmonic mean of 2 and 3: 2 / (1/2 + 1/3) = 2.4.
    spread = estimate_rep_spread([[1, 3], [10, 11, 12]])
    assert (spread.sd, spread.reps) == (pytest.approx(sqrt(4 / 3)), pytest.approx(2.4))
    assert estimate_rep_spread([[1], [2]]) is None


@given(GROUPS, st.lists(VALUES, min_size=8, max_size=8))
def test_a_constant_of_each_person_changes_nothing(groups, shifts):
    moved = [[value + shift for value in group] for group, shift in zip(groups, shifts, strict=False)]
    assert estimate_within_person_sd(moved).sd == pytest.approx(estimate_within_person_sd(groups).sd, abs=1e-6)


@given(GROUPS, st.floats(0.01, 50))
def test_scaling_scales_every_result(groups, factor):
    plain = estimate_within_person_sd(groups)
    scaled = estimate_within_person_sd([[factor * value for value in group] for group in groups])
    for name in ("sd", "mdc95", "least_change", "interval_95"):
        assert getattr(scaled, name) == pytest.approx(np.multiply(factor, getattr(plain, name)), abs=1e-6)


@given(PAIRS)
def test_swapping_first_and_second_changes_only_the_sign_of_the_bias(pairs):
    first, second = ([pair[index] for pair in pairs] for index in (0, 1))
    forward, backward = compute_bland_altman(first, second), compute_bland_altman(second, first)
    assert backward.bias == pytest.approx(-forward.bias)
    assert backward.sd == pytest.approx(forward.sd)
    assert (backward.lower, backward.upper) == (pytest.approx(-forward.upper), pytest.approx(-forward.lower))
    assert estimate_within_person_sd([pair[::-1] for pair in pairs]).sd == estimate_within_person_sd(pairs).sd


@given(PAIRS)
def test_within_person_sd_of_pairs_follows_from_bias_and_sd_of_the_differences(pairs):
    # Mean square of the differences: their variance and the squared bias.
    agreement = compute_bland_altman(*zip(*pairs, strict=True))
    n = agreement.n
    expected = sqrt(((n - 1) * agreement.sd**2 + n * agreement.bias**2) / (2 * n))
    assert estimate_within_person_sd(pairs).sd == pytest.approx(expected, abs=1e-6)


@given(GROUPS)
def test_estimate_lies_within_its_interval(groups):
    within = estimate_within_person_sd(groups)
    assume(within.sd > 0)
    assert within.interval_95[0] < within.sd < within.interval_95[1]
    assert within.least_change > within.mdc95
