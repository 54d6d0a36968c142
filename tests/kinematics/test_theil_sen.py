"""The slope that single bad points do not affect."""

import numpy as np
import pytest
from scipy.stats import theilslopes

from analyzer.kinematics.arrays import theil_sen_slope


def test_one_bad_point_does_not_matter():
    x = np.arange(7.0)
    assert theil_sen_slope(x, np.where(x == 3, 100.0, 2 * x + 1)) == pytest.approx(2.0)


def test_same_as_scipy_with_equal_x():
    rng = np.random.default_rng(2)
    x, y = rng.integers(0, 6, 12).astype(float), rng.normal(size=12)
    assert theil_sen_slope(x, y) == pytest.approx(theilslopes(y, x).slope)
