"""Detection of the baseline posture."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.kinematics.baseline_posture import LIMITS, BaselinePosture, find_baseline_posture

FPS = 30
STAND, SIT, LIE = (3.0, 2.0, 4.0), (2.0, -85.0, 85.0), (85.0, 80.0, 3.0)  # trunk, thigh, knee
HINGED = (70.0, -18.0, 20.0)


def make_series(*parts: tuple[tuple[float, float, float], float]) -> list[np.ndarray]:
    """Times, trunk, thigh, knee and shoulder height: postures held for so many seconds, half a second between."""
    key_times, keys, now = [], [], 0.0
    for posture, seconds in parts:
        key_times += [now, now + seconds]
        keys += [posture, posture]
        now += seconds + 0.5
    times = np.arange(0, key_times[-1] + 1e-9, 1 / FPS)
    trunk, thigh, knee = (np.interp(times, key_times, [key[i] for key in keys]) for i in range(3))
    return [times, trunk, thigh, knee, 150 * np.cos(np.radians(trunk))]


EDGE_S = 0.25  # stillness is measured over 0.4 s, so a posture ends up to 0.2 s and a frame before the movement begins


def find_baseline(*parts: tuple[tuple[float, float, float], float]) -> BaselinePosture:
    reference = find_baseline_posture(*make_series(*parts))
    assert reference is not None
    return reference


@pytest.mark.parametrize(("posture", "kind"), [(STAND, "standing"), (LIE, "lying"), ((-88, -85, 0), "lying")])
def test_a_posture_held_still_is_found_whole(posture, kind):
    reference = find_baseline((posture, 2.0))
    assert (reference.kind, reference.is_still) == (kind, True)
    assert (reference.start_s, reference.end_s) == (0.0, pytest.approx(2.0))
    assert reference.frames.all()


def test_only_the_first_second_of_sitting_is_taken():
    reference = find_baseline((SIT, 2.0))
    assert (reference.kind, reference.is_still) == ("sitting", True)
    assert (reference.start_s, reference.end_s) == (0.0, pytest.approx(LIMITS.long_enough_s, abs=EDGE_S))


def test_second_of_sitting_ends_before_a_gap_in_the_frames():
    times_s, *postures = make_series((SIT, 6))
    is_there = (times_s < 0.9) | (times_s > 4.0)
    posture = find_baseline_posture(times_s[is_there], *(series[is_there] for series in postures))
    assert posture is not None
    assert posture.end_s < 0.9


def test_the_first_still_second_of_standing_is_taken():
    times, *rest = make_series((STAND, 1.5), (HINGED, 1.0), (STAND, 3.0))
    reference = find_baseline_posture(times, *rest)
    assert reference is not None and (reference.kind, reference.is_still) == ("standing", True)
    assert reference.start_s == 0.0
    assert 1.5 - EDGE_S <= reference.end_s <= 1.5
    assert (reference.frames == ((times >= reference.start_s) & (times <= reference.end_s))).all()


def test_a_short_stop_is_passed_over_for_a_full_second_later():
    reference = find_baseline((STAND, 0.6), (HINGED, 1.0), (STAND, 1.5))
    assert 2.6 <= reference.start_s <= 2.6 + EDGE_S


def test_without_a_full_second_the_longest_stop_is_taken():
    reference = find_baseline((STAND, 0.6), (HINGED, 1.0), (STAND, 0.9), (HINGED, 0.5))
    assert 2.6 <= reference.start_s <= 2.6 + EDGE_S
    assert reference.end_s <= 3.5


@pytest.mark.parametrize("others", [[(SIT, 5.0)], [(LIE, 5.0)], [(SIT, 5.0), (LIE, 5.0)]])
def test_standing_is_preferred_to_sitting_and_lying(others):
    assert find_baseline(*others, (STAND, 1.4)).kind == "standing"
    assert find_baseline((LIE, 5.0), (SIT, 1.4)).kind == "sitting"


def test_the_tall_part_of_a_slump_is_taken():
    slumped = (20.0, -85.0, 85.0)
    reference = find_baseline((slumped, 2.0), (SIT, 2.0))
    assert reference.kind == "sitting"
    assert 2.5 - EDGE_S <= reference.start_s <= 2.5 + EDGE_S


def test_a_person_who_never_stands_still_gets_the_tallest_moment():
    times = np.arange(0, 4, 1 / FPS)
    trunk = 40 - 40 * np.cos(2 * np.pi * times / 2)  # upright for a moment at 0, 2 and 4 s
    reference = find_baseline_posture(times, trunk, 0 * trunk, 0 * trunk, 150 * np.cos(np.radians(trunk)))
    assert reference is not None and (reference.kind, reference.is_still) == ("standing", False)
    assert np.abs(trunk[reference.frames]).max() < 15


@pytest.mark.parametrize(
    "held",
    [
        HINGED,  # trunk level, but the thigh leans the other way: not lying
        (40.0, -20.0, 20.0),  # half way down
        (20.0, -24.0, 40.0),  # a half squat: too bent to stand, too upright to sit
        (45.0, -90.0, 90.0),  # slumped far over on a chair
    ],
)
def test_other_postures_held_are_no_reference(held):
    assert find_baseline_posture(*make_series((held, 3.0))) is None


def test_constant_movement_near_the_floor_gives_no_baseline():
    times = np.arange(0, 4, 1 / FPS)
    trunk = 60 + 20 * np.sin(2 * np.pi * times)
    assert find_baseline_posture(times, trunk, -0.2 * trunk, 0 * trunk, 150 * np.cos(np.radians(trunk))) is None


def test_a_very_short_posture_is_not_a_baseline():
    times, *rest = make_series((STAND, 3.0))
    for values in rest:
        values[3:] = np.nan
    assert find_baseline_posture(times, *rest) is None


@pytest.mark.parametrize("frames", [0, 1, 2])
def test_a_clip_of_a_few_frames_gives_none(frames):
    assert find_baseline_posture(*[values[:frames] for values in make_series((STAND, 2.0))]) is None


def test_unknown_values_give_none():
    times, *rest = make_series((STAND, 2.0))
    assert find_baseline_posture(times, *[values * np.nan for values in rest]) is None


def test_unknown_frames_end_a_stretch():
    times, *rest = make_series((STAND, 3.0))
    for values in rest:
        values[20:25] = np.nan
    reference = find_baseline_posture(times, *rest)
    assert reference is not None
    assert 25 / FPS <= reference.start_s <= 25 / FPS + EDGE_S
    assert not reference.frames[:25].any()


def test_a_hidden_leg_does_not_hide_the_stance():
    times, trunk, thigh, knee, height = make_series((STAND, 2.0))
    reference = find_baseline_posture(times, trunk, thigh, knee * np.nan, height)
    assert reference is not None and reference.kind == "standing"


@given(st.integers(10, 240), st.floats(-20, 20), st.floats(-20, 20))
def test_baseline_does_not_depend_on_frame_rate_and_lean(fps, trunk, thigh):
    times = np.arange(0, 2, 1 / fps)
    still = np.ones(len(times))
    reference = find_baseline_posture(times, trunk * still, thigh * still, 0 * still, 100 * still)
    assert reference is not None and reference.kind == "standing" and reference.frames.all()
