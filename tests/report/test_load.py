import re

import numpy as np
import pytest

from analyzer.load.load_path import LoadPath
from analyzer.report.drawing.canvas import Canvas
from analyzer.report.drawing.frame_overlay import FrameOverlay
from analyzer.report.drawing.load_trail import LoadDrawing, LoadTrail
from analyzer.report.drawing.overlay import draw_frame
from analyzer.report.pages.load_table import build_load_table
from tests.report.body import standing_person
from tests.report.test_report_page import Page, render_report

ORANGE = np.array([230, 159, 0])
TIMES_S = np.arange(60) / 30


def rising_path():
    """From (300, 500) at 0 s to (300, 382) at the last frame, 2 px up a frame; unknown in frame 5."""
    centre = np.column_stack([np.full(60, 300.0), 500.0 - 2 * np.arange(60)])
    centre[5] = np.nan
    return LoadPath(centre, 60.0)


def measure(unit="cm", scale="plate", **more):
    rep = {"seen": True, "up": 53.1, "bow_forward": 0.6, "forward_of_start": 1.1, "behind_start": 2.5}
    foot = {"from_midfoot_at_bottom": -1.2, "from_midfoot_most": 6.6, "mean_speed_m_s": 0.412}
    unseen = {"rep": 2, "seen": False, **dict.fromkeys([*rep, *foot])} | {"seen": False}
    return {
        "scale": scale, "unit": unit, "load": "plate", "diameter": 45.0, "midfoot_doubt": 4.74,
        "reps": [{"rep": 1, **rep, **foot, **more}, unseen],
    }  # fmt: skip


def test_the_trail_starts_with_its_rep_and_ends_where_the_load_is(lifted):
    trail = LoadTrail.from_load_path(rising_path(), lifted.reps[:1], TIMES_S)  # frames 0 to 27
    mark = trail.at(12)
    np.testing.assert_array_equal(mark.centre_px, (300, 476))
    assert (mark.trail_px.shape, mark.radius_px) == ((13, 2), 60)
    np.testing.assert_array_equal(mark.trail_px[[0, -1]], [(300, 500), (300, 476)])
    whole = trail.at(12, whole=True)
    assert len(whole.trail_px) == 28 and tuple(whole.centre_px) == (300, 476)
    assert trail.at(28) is None


def test_a_mark_is_moved_into_a_part_of_a_smaller_picture():
    mark = LoadDrawing(np.array([[100.0, 50.0]]), np.array([100.0, 60.0]), 20.0)
    moved = mark.to_crop(np.array([0.5, 0.5])).to_crop(2.0, (10, 5))
    np.testing.assert_allclose(moved.trail_px, [(80, 40)])
    np.testing.assert_allclose(moved.centre_px, (80, 50))
    assert moved.radius_px == pytest.approx(20)


def orange(mark):
    image = np.full((640, 640, 3), 120, np.uint8)
    draw_frame(
        Canvas.from_rgb(image), FrameOverlay(standing_person() + np.nan, np.ones(33), "right", {}, 0.9, load=mark)
    )
    return np.abs(image.astype(int) - ORANGE).max(axis=2) < 40


def test_the_ring_has_the_radius_of_the_plate_and_gaps_of_the_trail_stay_open():
    path = np.array([(300, 200), (300, 220), (np.nan, np.nan), (300, 260), (300, 280)])
    y, x = np.nonzero(orange(LoadDrawing(path, np.array([300.0, 400.0]), 60.0)))
    on_ring = np.abs(np.hypot(x - 300, y - 400) - 60) < 2
    assert on_ring.sum() > 377  # its circumference
    assert set(x[~on_ring]) <= set(range(298, 303))
    assert set(range(202, 219)) | set(range(262, 279)) <= set(y[~on_ring])
    assert not set(y) & set(range(223, 258))


@pytest.mark.parametrize("centre", [(np.nan, np.nan), (1e7, 300.0)])
def test_a_load_that_is_not_known_or_far_out_is_not_drawn(centre):
    assert not orange(LoadDrawing(np.full((3, 2), np.nan), np.array(centre), 60.0)).any()


def test_lengths_are_whole_centimetres_with_the_side_of_the_foot(analysis):
    analysis.measures["load_path"] = measure()
    load = build_load_table(analysis)
    table = load.table
    cells = [cell.replace("\N{NO-BREAK SPACE}", " ") for cell in table.rows[0]]
    assert cells == ["1", "53 cm", "1 cm", "+7 cm", "0.41 m/s"]
    assert table.rows[1] == ["2", *["\N{EN DASH}"] * 4]
    notes = " ".join(load.notes).replace("\N{NO-BREAK SPACE}", " ")
    assert "45 cm" in notes and "about 5 cm" in notes


@pytest.mark.parametrize(("load", "text"), [("plate", "near plate"), ("kettlebell", "ball of the kettlebell")])
def test_the_notes_name_the_tracked_load(analysis, load, text):
    analysis.measures["load_path"] = measure() | {"load": load}
    assert text in build_load_table(analysis).notes[0]


def test_distance_behind_the_middle_of_the_foot_is_negative(analysis):
    analysis.measures["load_path"] = measure(from_midfoot_most=-2.6)
    table = build_load_table(analysis).table
    assert table.rows[0][3].startswith("\N{MINUS SIGN}3")


def test_without_a_scale_lengths_are_in_trunk_lengths_and_unknown_values_are_omitted(analysis):
    lengths = {"up": 1.08, "bow_forward": 0.014, "from_midfoot_at_bottom": None, "from_midfoot_most": None}
    analysis.measures["load_path"] = measure("trunk", "trunk", **lengths, mean_speed_m_s=None)
    load = build_load_table(analysis)
    table = load.table
    assert table.columns == ["Rep", "Up", "Forward of its line"]
    assert [re.sub(r"\s", " ", cell) for cell in table.rows[0]] == ["1", "1.08 trunk lengths", "0.01 trunk lengths"]
    assert "--height-cm" in " ".join(load.notes) and "off by" not in " ".join(load.notes)


def test_a_load_that_was_not_detected_has_no_table(tmp_path, lifted):
    assert build_load_table(lifted) is None
    assert 'id="load"' not in render_report(tmp_path, lifted)
    lifted.measures["load_path"] = measure() | {"reps": [measure()["reps"][1]]}
    assert build_load_table(lifted) is None


def test_the_page_shows_the_load_once_and_only_to_the_coach(tmp_path, lifted):
    lifted.measures["load_path"] = measure()
    text = render_report(tmp_path, lifted)
    assert "Path of the load" not in Page(text[: text.index("For the coach")]).text
    words = Page(text).text
    assert words.count("Path of the load") == 1 and "Load path" not in words
