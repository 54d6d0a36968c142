import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.signal import butter, filtfilt

from analyzer.pose.low_pass import filter_low_pass


@given(st.integers(4, 400), st.sampled_from((10.0, 15.0, 29.97, 60.0, 240.0)), st.floats(0.5, 4.9), st.floats(0.1, 2.0))
def test_it_is_the_butterworth_filter_of_scipy(count, rate_hz, cutoff_hz, pad_s):
    values = np.random.default_rng(count).normal(size=(count, 3)).cumsum(axis=0) * 40 + 500
    share = np.arctan(np.tan(np.pi * cutoff_hz / rate_hz) / 0.802) / (np.pi / 2)
    expected = filtfilt(*butter(2, share), values, axis=0, padlen=min(count - 1, round(pad_s * rate_hz)))
    assert filter_low_pass(values, rate_hz, cutoff_hz, pad_s) == pytest.approx(expected, abs=1e-6)


def test_a_straight_line_stays():
    line = np.linspace(-3.0, 8.0, 50)[:, None]
    assert filter_low_pass(line, 30.0, 6.0, 1.0) == pytest.approx(line, abs=1e-9)


@pytest.mark.parametrize(("frequency_hz", "gain"), [(0.5, 1.0), (6.0, 0.5**0.5), (12.0, 0.131)])
def test_gain(frequency_hz, gain):
    wave = np.sin(2 * np.pi * frequency_hz * np.arange(1000) / 240)[:, None]
    middle = slice(300, 700)
    assert np.ptp(filter_low_pass(wave, 240.0, 6.0, 1.0)[middle]) / 2 == pytest.approx(gain, abs=0.005)


@pytest.mark.parametrize(("count", "rate_hz"), [(3, 30.0), (100, 12.0)])
def test_too_few_values_or_too_low_a_rate_change_nothing(count, rate_hz):
    values = np.random.default_rng(0).normal(size=(count, 2))
    assert np.array_equal(filter_low_pass(values, rate_hz, 6.0, 1.0), values)
