"""The comfortable range over time, with changes worked out by hand."""

import pytest

from analyzer.coaching.comfort_over_time import ANGLE_FAMILIES, compute_comfort_trends, is_whole_range_comfortable
from analyzer.coaching.language_check import find_forbidden_words
from analyzer.movements.minimal_detectable_change import LIMITS
from analyzer.movements.registry import load_movements
from tests.coaching.client_history import at, make_comfort_row, make_filmed_clip

STAGE = {"stage": "knee_straight", "time_s": 3.0}


def fold(day, from_tall_deg, share_pct=100.0, *, hour=10, where=None, **given):
    rows = {"trunk_thigh_deg": [make_comfort_row(from_tall_deg, share_pct, where=where)]}
    return make_filmed_clip(day, lights=["go"], comfortable=rows, hour=hour, **given)


def knee(day, from_tall_deg, side="near", **given):
    rows = {"knee_flexion_deg": [make_comfort_row(from_tall_deg, side=side, where=STAGE)]}
    return make_filmed_clip(day, lights=["go"], comfortable=rows, movement="slump", **given)


def test_every_clip_has_a_dated_point():
    rows = {"trunk_thigh_deg": [make_comfort_row(58.0, deepest_deg=62.0)]}
    [line] = compute_comfort_trends([make_filmed_clip(1, lights=["go"], comfortable=rows), fold(8, 60)])
    text = [(point.analysis, point.at, point.deepest_deg, point.from_tall_deg) for point in line.points]
    assert text == [("clip-1-10", at(1), 62.0, 58.0), ("clip-8-10", at(8), 60.0, 60.0)]
    assert (line.angle, line.side) == ("trunk_thigh_deg", None)


# One rep against one on another day, default spread 3: 1.96 * sqrt(9 + 9 + 2 * 3.5^2) = 12.8 degrees.
@pytest.mark.parametrize(
    ("after", "clear", "text"),
    [(72, False, "no clear change"), (73, True, "13 degrees more"), (47, True, "13 degrees less")],
)
def test_only_a_change_beyond_the_minimal_detectable_change_is_reported(after, clear, text):
    [line] = compute_comfort_trends([fold(1, 60), fold(8, after)])
    assert (line.change_deg, line.clear, line.change_text) == (after - 60, clear, text)
    assert line.threshold_deg == 12.8


def test_a_smaller_difference_is_clear_on_the_same_day():
    # 1.96 * sqrt(9 + 9 + 2 * 2.5^2) = 10.8
    [line] = compute_comfort_trends([fold(1, 60, hour=9), fold(1, 72, hour=11)])
    assert (line.threshold_deg, line.change_text) == (10.8, "12 degrees more")


def test_a_turned_camera_needs_a_larger_difference():
    # 15 degrees of yaw: 3.7 more for trunk-thigh; sources 1.5
    [line] = compute_comfort_trends([fold(1, 60), fold(8, 75, yaw_deg=15.0)])
    assert (line.threshold_deg, line.clear) == (16.5, False)


def test_held_postures_use_the_minimal_detectable_change_of_their_family():
    [line] = compute_comfort_trends([knee(1, -60.0), knee(8, -72.0)])
    assert (line.threshold_deg, line.change_deg, line.change_text) == (11, 12, "12 degrees more")


def test_the_last_clip_is_compared_with_the_first():
    [line] = compute_comfort_trends([fold(1, 60), fold(4, 90), fold(8, 61)])
    assert (line.change_deg, line.change_text) == (1, "no clear change")


def test_one_clip_has_no_change_and_a_clip_without_reports_has_no_point():
    [line] = compute_comfort_trends([make_filmed_clip(1), fold(4, 60), make_filmed_clip(8)])
    assert ([point.analysis for point in line.points], line.change_deg) == (["clip-4-10"], None)
    assert (line.clear, line.change_text) == (False, "no clear change")
    assert compute_comfort_trends([make_filmed_clip(1), make_filmed_clip(2)]) == []


def test_legs_are_the_person_s_own_whichever_side_was_filmed():
    lines = compute_comfort_trends(
        [knee(1, -60.0), knee(8, -80.0, facing="left"), knee(9, -75.0, "far", facing="left")]
    )
    assert [(line.side, [point.from_tall_deg for point in line.points]) for line in lines] == [
        ("right", [-60, -75]),
        ("left", [-80]),
    ]


def test_an_angle_without_minimal_detectable_change_has_no_change():
    rows = [{"elbow_flexion_deg": [make_comfort_row(deg)]} for deg in (10, 90)]
    [line] = compute_comfort_trends(
        [make_filmed_clip(day, lights=["go"], comfortable=one) for day, one in zip((1, 8), rows, strict=True)]
    )
    assert (line.change_deg, line.threshold_deg, line.change_text) == (None, None, "no clear change")


def test_comfort_angles_of_every_movement_have_a_minimal_detectable_change():
    angles = {angle for movement in load_movements().values() for angle in movement.get_comfort_angles()}
    assert angles <= set(ANGLE_FAMILIES)
    assert set(ANGLE_FAMILIES.values()) <= set(LIMITS.families)


# Trunk-thigh within one clip: 5 degrees. 57 of 60 is 3 short, 54 of 60 is 6 short.
@pytest.mark.parametrize(
    ("from_tall_deg", "share_pct", "whole"),
    [(60, 100, True), (57, 95, True), (54, 90, False), (3, None, True), (0, 0, False)],
)
def test_the_range_is_whole_where_no_posture_is_clearly_deeper(from_tall_deg, share_pct, whole):
    assert is_whole_range_comfortable(fold(1, from_tall_deg, share_pct).analysis) is whole


def test_the_range_is_not_whole_with_an_uncomfortable_report_or_without_reports():
    rows = {"trunk_thigh_deg": [make_comfort_row(60)]}
    assert not is_whole_range_comfortable(
        make_filmed_clip(1, lights=["go"], comfortable=rows, not_comfortable=[{"rep": 2, "time_s": 5.0}]).analysis
    )
    assert not is_whole_range_comfortable(make_filmed_clip(1).analysis)
    assert not is_whole_range_comfortable(make_filmed_clip(1, lights=["go"]).analysis)  # a view without degrees


def test_change_texts_pass_the_language_check():
    for after in (60, 90, 30):
        [line] = compute_comfort_trends([fold(1, 60), fold(8, after)])
        assert find_forbidden_words(line.change_text) == []
