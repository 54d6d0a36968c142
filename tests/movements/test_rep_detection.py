"""Reps in made-up series whose times are known."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzer.movements.rep_detection import build_reps, find_reps
from tests.movements.people import RDL, STAND, reps, simulate_motion

FPS = 30.0
# Half a cosine is at a share s of its way after arccos(1 - 2 s) / pi of its time.
BOUND = np.arccos(1 - 2 * 0.10) / np.pi
BAND = np.arccos(1 - 2 * 0.05) / np.pi


def make_series(*keys: tuple[float, float], fps: float = FPS) -> tuple[np.ndarray, np.ndarray]:
    """Depths joined by half cosines: (seconds, degrees) one after the other, the first at time 0."""
    when, values = np.array(keys, dtype=float).T
    times = np.arange(0.0, when[-1] + 1e-9, 1 / fps)
    index = np.clip(np.searchsorted(when, times, side="right") - 1, 0, len(when) - 2)
    part = (times - when[index]) / (when[index + 1] - when[index])
    return times, values[index] + (values[index + 1] - values[index]) * (0.5 - 0.5 * np.cos(np.pi * part))


ONE = ((0, 0), (1, 0), (3, 90), (4, 90), (5, 0), (6, 0))  # 2 s down, 1 s pause, 1 s up


def test_rep_has_its_bounds_at_a_tenth_and_its_bottom_in_the_middle_of_the_pause():
    [rep] = find_reps(*make_series(*ONE))
    assert rep.complete
    assert rep.start_s == pytest.approx(1 + 2 * BOUND, abs=0.005)
    assert rep.end_s == pytest.approx(5 - BOUND, abs=0.005)
    assert rep.descent_s == pytest.approx(2 - 2 * BOUND - 2 * BAND, abs=0.01)
    assert rep.pause_s == pytest.approx(1 + 3 * BAND, abs=0.01)
    assert rep.ascent_s == pytest.approx(1 - BOUND - BAND, abs=0.01)
    assert rep.bottom_s == pytest.approx(3.5, abs=0.02)
    assert rep.depth == pytest.approx(90)
    assert rep.range == pytest.approx(90)


def test_turn_without_a_pause_is_found_between_two_frames():
    times = np.arange(0, 3, 0.05)
    [rep] = find_reps(times, np.maximum(80 - 500 * (times - 1.537) ** 2, 0))
    assert rep.bottom_s == pytest.approx(1.537, abs=1e-6)


def test_rep_of_a_clip_that_starts_at_the_bottom_has_no_descent_and_counts():
    times, depth = make_series(*ONE)
    late = times >= 3.5
    [rep] = find_reps(times[late], depth[late])
    assert rep.complete
    assert rep.descent_s is None
    assert rep.pause_s is None
    assert rep.ascent_s == pytest.approx(1 - BOUND - BAND, abs=0.01)
    assert rep.bottom_end_s == pytest.approx(4 + BAND, abs=0.01)
    assert rep.start_s == 3.5


def test_rep_of_a_clip_that_starts_half_way_down_has_a_pause_but_no_descent():
    times, depth = make_series(*ONE)
    late = times >= 2.0
    [rep] = find_reps(times[late], depth[late])
    assert rep.complete
    assert rep.descent_s is None
    assert rep.pause_s == pytest.approx(1 + 3 * BAND, abs=0.01)


@pytest.mark.parametrize("start_s", [4.3, 4.5])
def test_way_up_that_is_under_way_when_the_clip_begins_is_incomplete(start_s):
    times, depth = make_series(*ONE, (8, 90), (10, 0))
    late = times >= start_s
    first, second = find_reps(times[late], depth[late])
    assert not first.complete
    assert first.ascent_s is None
    assert second.complete


def test_shallow_rep_that_a_clip_begins_with_at_rest_counts():
    times, depth = make_series((0, 65), (0.5, 65), (1.5, 0), (3, 90), (5, 0))
    assert [rep.complete for rep in find_reps(times, depth)] == [True, True]


@pytest.mark.parametrize("end_s", [3.5, 4.5])
def test_rep_cut_before_the_top_is_incomplete(end_s):
    times, depth = make_series(*ONE)
    early = times <= end_s
    [rep] = find_reps(times[early], depth[early])
    assert not rep.complete
    assert rep.ascent_s is None
    assert rep.descent_s == pytest.approx(2 - 2 * BOUND - 2 * BAND, abs=0.01)
    assert rep.end_s == pytest.approx(end_s)


def test_clip_that_starts_and_ends_at_the_bottom_has_complete_ascents():
    detected = find_reps(
        *make_series((0, 90), (1, 90), (2, 0), (3, 0), (4, 90), (5, 90), (6, 0), (7, 0), (8, 90), (9, 90))
    )
    assert [rep.complete for rep in detected] == [True, True, False]


def test_touch_and_go_lifts_with_a_short_lockout_are_separate_reps():
    keys = [(0, 0), (1, 0)]
    for rep in range(4):
        keys += [(2 + 2 * rep, 90), (3 + 2 * rep, 25 if rep < 3 else 0)]
    assert sum(rep.complete for rep in find_reps(*make_series(*keys))) == 4


def test_wobbles_at_the_bottom_small_bends_and_standing_are_not_reps():
    setting_up = [(0, 0), (1, 0), (1.6, 32), (2.2, 0), (3, 8), (4, 0)]
    lift = [(6, 90), (6.5, 70), (7, 88), (7.4, 72), (8, 90), (9, 0), (12, 0), (13.5, 90), (15, 0), (16, 0)]
    detected = find_reps(*make_series(*setting_up, *lift))
    assert len(detected) == 2
    assert detected[0].start_s == pytest.approx(4 + 2 * BOUND, abs=0.02)
    assert detected[0].bottom_s == pytest.approx(7, abs=0.3)


def make_set(*ascents_s: float) -> tuple[np.ndarray, np.ndarray]:
    """Reps of 1 s down and these times up, with half a second at the top."""
    keys, at_s = [(0.0, 0.0)], 0.5
    for ascent_s in ascents_s:
        keys += [(at_s, 0.0), (at_s + 1.0, 90.0), (at_s + 1.0 + ascent_s, 0.0)]
        at_s += 1.5 + ascent_s
    return make_series(*keys, (at_s, 0.0))


def test_a_rep_that_comes_up_far_faster_than_the_others_is_a_cut_in_the_film_and_does_not_count():
    reps = find_reps(*make_set(1.0, 0.3, 1.0))
    assert [rep.complete for rep in reps] == [True, False, True]
    assert [rep.ascent_s is None for rep in reps] == [False, True, False]


@pytest.mark.parametrize("ascents_s", [(1.0, 0.6, 1.0), (1.0, 0.3), (0.5, 1.0, 2.0, 4.0)])
def test_reps_of_other_speeds_count(ascents_s):
    assert all(rep.complete for rep in find_reps(*make_set(*ascents_s)))


def test_bends_below_25_degrees_and_flicks_are_not_reps():
    assert find_reps(*make_series((0, 0), (1, 20), (2, 0), (3, 20), (4, 0))) == []
    assert find_reps(*make_series((0, 0), (2, 0), (2.2, 60), (2.4, 0), (4, 0))) == []


def test_short_gap_is_filled_and_a_hidden_top_is_a_top():
    times, depth = make_series((0, 90), (1, 90), (2, 0), (3, 0), (4, 90), (5, 90), (6, 0), (7, 0))
    depth[(times > 1.3) & (times < 1.6)] = np.nan
    assert sum(rep.complete for rep in find_reps(times, depth)) == 2
    depth[(times > 1.6) & (times < 3.4)] = np.nan  # lost past half-way up, visible again half-way down
    assert sum(rep.complete for rep in find_reps(times, depth)) == 2


def test_hidden_bottom_and_unknown_depth_give_no_rep():
    times, depth = make_series((0, 90), (6, 90))
    depth[(times > 2) & (times < 4)] = np.nan
    assert find_reps(times, depth) == []
    assert find_reps(times, np.full_like(times, np.nan)) == []
    assert find_reps(np.empty(0), np.empty(0)) == []


depths = st.lists(st.integers(40, 120), min_size=1, max_size=5)


@given(depths, st.floats(0.7, 2.0), st.floats(0.7, 2.0))
@settings(deadline=None, max_examples=40)
def test_all_simulated_reps_are_found(bottoms, down_s, up_s):
    deep = [max(bottom, 0.8 * max(bottoms)) for bottom in bottoms]
    keys, now = [(0.0, 0.0), (0.5, 0.0)], 0.5
    for bottom in deep:
        keys += [(now + down_s, bottom), (now + down_s + up_s, 0.0)]
        now += down_s + up_s
    detected = find_reps(*make_series(*keys, (now + 0.5, 0.0)))
    assert len(detected) == len(deep)
    assert all(rep.complete for rep in detected)
    for index, rep in enumerate(detected):
        assert rep.bottom_s == pytest.approx(0.5 + index * (down_s + up_s) + down_s, abs=0.25)


@given(st.floats(0.7, 3.0), st.floats(-50.0, 50.0), st.floats(0.0, 100.0))
@settings(deadline=None, max_examples=30)
def test_rep_times_do_not_depend_on_scale_or_offset(scale, shift, later_s):
    times, depth = make_series(*ONE)
    [one] = find_reps(times, depth)
    [other] = find_reps(times + later_s, scale * depth + shift)
    assert other.start_s - later_s == pytest.approx(one.start_s, abs=1e-6)
    assert other.bottom_s - later_s == pytest.approx(one.bottom_s, abs=0.05)
    assert other.end_s - later_s == pytest.approx(one.end_s, abs=1e-6)
    assert other.range == pytest.approx(scale * one.range)


def test_reversed_time_exchanges_descent_and_ascent():
    times, depth = make_series(*ONE)
    [one], [other] = find_reps(times, depth), find_reps(times, depth[::-1])
    assert other.descent_s == pytest.approx(one.ascent_s, abs=1e-6)
    assert other.ascent_s == pytest.approx(one.descent_s, abs=1e-6)
    assert other.pause_s == pytest.approx(one.pause_s, abs=1e-6)


def test_reps_of_a_result_have_angles_only_where_the_view_gives_degrees():
    keys = reps(STAND, RDL, 2)
    side = simulate_motion(keys, noise=0.0)
    rep_list = build_reps(find_reps(side.times_s, side.angles["trunk_thigh_deg"]), side)
    assert [rep.index for rep in rep_list] == [1, 2]
    assert rep_list[0].at_bottom["trunk_inclination_deg"] == pytest.approx(76, abs=2)
    assert rep_list[0].range["trunk_thigh_deg"] == pytest.approx(100 - 1, rel=0.12)  # within the bounds at 10 %
    turned = simulate_motion(keys, yaw_deg=40, noise=0.0)
    assert not turned.allows_degrees
    rep_list = build_reps(find_reps(turned.times_s, turned.angles["trunk_thigh_deg"]), turned)
    assert len(rep_list) == 2
    assert rep_list[0].at_bottom == {}
    assert rep_list[0].range == {}


def test_an_angle_that_is_known_about_the_bottom_only_has_no_range():
    motion = simulate_motion(reps(STAND, RDL, 2), noise=0.0)
    fold_deg = motion.degrees["trunk_thigh_deg"]
    hidden = replace(motion, degrees=motion.degrees | {"trunk_thigh_deg": np.where(fold_deg > 80, fold_deg, np.nan)})
    rep_list = build_reps(find_reps(motion.times_s, motion.angles["trunk_thigh_deg"]), hidden)
    assert len(rep_list) == 2
    for rep in rep_list:
        assert rep.at_bottom["trunk_thigh_deg"] == pytest.approx(100, abs=2)
        assert "trunk_thigh_deg" not in rep.range
        assert rep.range["trunk_inclination_deg"] > 60


def test_pause_after_sinking_too_deep_belongs_to_the_bottom():
    sinks = ((0, 0), (1, 0), (2, 100), (2.5, 90), (4.5, 90), (5.5, 0), (6.5, 0))  # 10 % too deep, then a pause of 2 s
    times, depth = make_series(*sinks)
    [rep] = find_reps(times, depth)
    # The way up begins 5 % of the rep's range, 5 degrees, above the pause; it ends at 10 degrees.
    assert rep.bottom_end_s == pytest.approx(4.5 + np.arccos(1 - 2 * 5 / 90) / np.pi, abs=0.01)
    assert rep.ascent_s == pytest.approx((np.arccos(1 - 2 * 80 / 90) - np.arccos(1 - 2 * 5 / 90)) / np.pi, abs=0.01)
    assert rep.depth == pytest.approx(100)
    [mirrored] = find_reps(times, depth[::-1])
    assert mirrored.descent_s == pytest.approx(rep.ascent_s, abs=1e-6)


def test_short_slowing_and_a_high_pause_are_part_of_the_way_up():
    slows = ((0, 0), (1, 0), (2, 100), (2.2, 90), (2.5, 90), (3.5, 0), (4.5, 0))  # .3 s: no pause
    high = ((0, 0), (1, 0), (2, 100), (2.5, 70), (4.5, 70), (5.5, 0), (6.5, 0))  # not at the bottom
    for keys, deep_s in ((slows, 2.2), (high, 2.5)):
        [rep] = find_reps(*make_series(*keys))
        assert 2.0 < rep.bottom_end_s < deep_s
