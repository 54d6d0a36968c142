import numpy as np
import pytest

from analyzer.report.charts.angle_series import find_low_confidence_spans
from analyzer.report.charts.static_chart import plot_angles, render_png, render_svg
from tests.report.body import angle_table


def test_low_and_unknown_confidence_is_shaded_half_a_frame_beyond():
    table = angle_table(30, fps=10)
    table.loc[5:9, "confidence"] = 0.4
    table.loc[20:21, "confidence"] = np.nan
    assert find_low_confidence_spans(table) == [
        (pytest.approx(0.45), pytest.approx(0.95)),
        (pytest.approx(1.95), pytest.approx(2.15)),
    ]


def test_png_is_1080_wide_and_the_drawing_beside_it_stays_the_same():
    figure = plot_angles(angle_table())
    before = render_svg(figure)
    png = render_png(figure)
    assert png[:8] == b"\x89PNG\r\n\x1a\n" and int.from_bytes(png[16:20]) == 1080
    assert render_svg(figure) == before


def test_an_unknown_stretch_stays_open():
    table = angle_table()
    whole = render_svg(plot_angles(table)).count("M ")
    table.loc[20:30, "trunk_inclination_deg"] = np.nan
    assert render_svg(plot_angles(table)).count("M ") == whole + 1


def test_the_inline_drawing_takes_the_colour_of_the_page_and_needs_no_network():
    drawing = render_svg(plot_angles(angle_table()))
    assert drawing.startswith("<svg viewBox=") and "currentColor" in drawing and "http" not in drawing


@pytest.mark.parametrize("frames", [0, 1])
def test_a_table_without_angles_gives_an_empty_plot(frames):
    assert render_png(plot_angles(angle_table(frames))).startswith(b"\x89PNG")
