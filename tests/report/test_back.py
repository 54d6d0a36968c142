"""The line of the back on the coach's page and in the pictures."""

from dataclasses import replace

import numpy as np
import pytest

from analyzer.kinematics.back_outline import PROFILE_POSITIONS
from analyzer.kinematics.back_rounding import LIMITS, BackRounding
from analyzer.report.charts.static_chart import plot_angles, render_svg
from analyzer.report.drawing.back_trail import BackTrail, classify_rounding
from analyzer.report.drawing.canvas import Canvas
from analyzer.report.drawing.frame_overlay import FrameOverlay
from analyzer.report.drawing.labels import parse_colour
from analyzer.report.drawing.overlay import draw_frame
from analyzer.report.pages.back_table import build_back_table
from analyzer.report.pages.coach_content import summarize_measures
from analyzer.report.pages.report_page import write_report
from analyzer.vocabulary.terms import ROUNDING_COLOURS, ROUNDING_LIMITS_DEG
from tests.report.body import STANDING, angle_table, standing_person

FRAMES = 60


def line(rounding_deg, depth=0.2, **changed):
    """A back that bends most in the middle, with the interval 6 degrees to both sides."""
    rounding_deg = np.broadcast_to(np.asarray(rounding_deg, dtype=float), (FRAMES,))
    known = np.where(np.isfinite(rounding_deg), 1.0, np.nan)
    back = BackRounding(
        rounding_deg=rounding_deg,
        half_width_deg=6.2 * known,
        profile=np.full((FRAMES, len(PROFILE_POSITIONS)), depth),
        curvature_by_third_deg=known[:, None] * np.array([2.0, 9.0, 4.0]) * np.sign(rounding_deg)[:, None],
        is_baseline=np.arange(FRAMES) < 5,
        baseline="standing",
        abstained=None,
    )
    return replace(back, **changed)


def page(tmp_path, analysis, back):
    table = angle_table(FRAMES)
    write_report(analysis, table, [], [], render_svg(plot_angles(table)), tmp_path / "report.html", back)
    return (tmp_path / "report.html").read_text(encoding="utf-8")


def test_each_rep_has_its_turn_and_a_strip_from_start_to_end(lifted):
    at_s = np.arange(FRAMES) / 30
    table = build_back_table(
        lifted, line(np.where(at_s < 0.95, 40 * np.minimum(at_s, 0.5), np.nan)), angle_table(FRAMES)
    )
    first, second, _ = table.rows
    # The turn, 0.5 s: the median of 40 x (0.4 .. 0.5) and of 20 after it, that is 20.
    assert (first.name, first.change, first.peak_third) == ("Rep 1", "+20° (±6°)", "middle third")
    # Medians of the rep's fifths, 0.18 s each: 40 x 0.083 (frames 0 to 5), 0.267 (6 to 10), 0.45; then 20.
    assert [cell.text for cell in first.strip] == ["+3°", "+11°", "+18°", "+20°", "+20°"]
    assert [cell.level for cell in first.strip] == ["little", "some", "some", "some", "some"]
    assert second.change == "not seen"
    assert {(cell.text, cell.level) for cell in second.strip} == {("–", None)}


@pytest.mark.parametrize(
    ("degrees", "step"),
    [(0, "little"), (7.9, "little"), (8, "some"), (-15, "some"), (20, "some"), (20.1, "much"), (-30, "much")],
)
def test_the_colour_is_that_of_the_size_of_the_change(degrees, step):
    assert classify_rounding(degrees) == step


def test_an_arch_is_negative(lifted):
    assert build_back_table(lifted, line(-12.4), angle_table(FRAMES)).rows[0].change == "−12° (±6°)"


def test_without_events_the_extremes_are_shown(analysis):
    most = {"rounding_deg": 31.0, "interval_80_deg": [22.0, 40.0], "peak_third": "upper"}
    analysis.measures["back"] = {"most": most, "least": None}
    table = build_back_table(analysis, line(31.0), angle_table(FRAMES))
    assert [(row.name, row.change, row.peak_third) for row in table.rows] == [
        ("Most rounded", "+31° (±9°)", "upper third")
    ]
    assert not table.has_strips


def test_the_page_has_the_numbers_in_labelled_cells(tmp_path, lifted):
    text = page(tmp_path, lifted, line(25.0))
    assert '<span class="much">+25°</span>' in text
    assert "from your own tall stance" in text
    assert "not the low back alone" in text


def test_the_page_reports_a_missing_tall_stance(tmp_path, lifted):
    assert "no tall stance was found" in page(tmp_path, lifted, line(25.0, baseline="flattest"))


def test_a_change_is_some_from_where_it_has_a_peak():
    assert ROUNDING_LIMITS_DEG["some"] == LIMITS.peak_deg
    assert [classify_rounding(size) for size in (7.9, -8.0, 20.0, -20.1)] == ["little", "some", "some", "much"]


def test_the_page_explains_in_one_sentence_why_the_back_is_missing(tmp_path, lifted):
    text = page(tmp_path, lifted, line(np.nan, abstained="an arm lies over it"))
    assert "<p>The back was not measured: an arm lies over it.</p>" in text
    assert "Bends most" not in text


def test_the_back_is_omitted_without_degrees_or_outline(tmp_path, lifted):
    assert "The line of the back" not in page(tmp_path, lifted, None)
    lifted.view.grade = "refused"
    assert "The line of the back" not in page(tmp_path, lifted, line(25.0))


def test_the_back_is_not_repeated_with_the_whole_set(lifted):
    lifted.measures["back"] = {"baseline": "standing", "known_share": 1.0}
    assert not [name for name, _ in summarize_measures(lifted) if name.startswith("Back")]


@pytest.mark.parametrize(("facing", "sign"), [("right", -1), ("left", 1)])
def test_the_outline_lies_behind_the_trunk(facing, sign):
    points = np.repeat(standing_person()[None], FRAMES, axis=0)
    mark = BackTrail.from_back_rounding(line(25.0), points, facing).at(3)
    hip, shoulder = np.array(STANDING["hip"]), np.array(STANDING["shoulder"])
    # The trunk is (3, -170) long; a quarter turn of a fifth of it points to the back.
    behind = sign * 0.2 * np.array([170, 3])
    assert np.allclose(mark.line_px[[0, -1]], [hip + behind, shoulder + behind])
    assert mark.colour == parse_colour(ROUNDING_COLOURS["much"])
    assert np.allclose(mark.to_crop(0.5, (10, 20)).line_px, (mark.line_px - (10, 20)) / 2)


def test_nothing_is_drawn_where_the_back_is_unknown():
    points = np.repeat(standing_person()[None], FRAMES, axis=0)
    assert BackTrail.from_back_rounding(line(np.nan), points, "right").at(3) is None
    assert BackTrail.from_back_rounding(line(25.0, depth=np.nan), points, "right").at(3) is None
    assert BackTrail.from_back_rounding(line(25.0), points * np.nan, "right").at(3) is None


def test_the_line_is_drawn_in_its_colour():
    image = np.full((640, 640, 3), 120, np.uint8)
    mark = BackTrail.from_back_rounding(line(25.0), np.repeat(standing_person()[None], FRAMES, axis=0), "right").at(0)
    draw_frame(Canvas.from_rgb(image), FrameOverlay(standing_person(), np.ones(33), "right", {}, 1.0, back=mark))
    x, y = np.round(mark.line_px[12]).astype(int)
    assert tuple(image[y, x]) == parse_colour(ROUNDING_COLOURS["much"])
