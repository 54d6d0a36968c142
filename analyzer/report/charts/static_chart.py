"""A picture of the angles over time, as PNG or SVG."""

from collections.abc import Mapping
from io import BytesIO, StringIO
from typing import Any

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from analyzer.report.charts.angle_series import (
    AngleSeries,
    columns_with_data,
    find_low_confidence_spans,
    interpolate_angle,
)
from analyzer.report.charts.event_bands import EventBands
from analyzer.vocabulary.angles import ANGLE_DISPLAYS, MAIN_ANGLES, Dash

SECOND_PANEL_ANGLES = ("back_rounding_deg", "body_line_deg", "neck_flexion_deg", "shoulder_flexion_deg")
"""Drawn in a panel of their own below the main ones, where they have data."""

LineStyle = str | tuple[float, tuple[float, ...]]
"""Of matplotlib: a name, or offset and lengths of dashes and gaps."""

_DASHES: Mapping[Dash, LineStyle] = {
    "solid": "-",
    "dash": (0, (5, 2)),
    "dot": (0, (1, 1.4)),
    "dashdot": (0, (5, 1.6, 1, 1.6)),
}
_INK = "#1b1f24"
_NO_BANDS = EventBands()
_NUMBERS_SHARE = 0.12  # of the panel: room for the numbers of the bands; chosen
_PNG_DPI = 200
_MIN_SPAN_DEG = 40.0  # of the angle axis, so that the jitter of a still joint does not fill the panel; chosen


def plot_angles(
    angles: AngleSeries, *, degrees: bool = True, bands: EventBands = _NO_BANDS, highlighted: str = MAIN_ANGLES[0]
) -> Figure:
    """Draw the main angles over time.

    Lines are open where an angle is unknown, and spans of low confidence are shaded.

    Parameters
    ----------
    angles : columns of `angles.csv`.
    degrees : whether the angle axis has numbers.
    bands : reps, holds and stages, tinted and numbered.
    highlighted : the angle on whose line the turn of each rep is marked.
    """
    main = columns_with_data(angles, (*MAIN_ANGLES, *({highlighted} - {*MAIN_ANGLES, *SECOND_PANEL_ANGLES})))
    second = columns_with_data(angles, SECOND_PANEL_ANGLES)
    panels = [main, second] if second else [main]
    heights = [3.0, 2.2][: len(panels)]
    colours = dict.fromkeys(("text.color", "axes.labelcolor", "axes.edgecolor", "xtick.color", "ytick.color"), _INK)
    style: dict[Any, Any] = {"font.size": 10, **colours}
    with matplotlib.rc_context(style):
        figure = Figure(figsize=(5.4, 0.75 + sum(heights)))
        grid: NDArray[Any] = figure.subplots(len(panels), 1, sharex=True, squeeze=False, height_ratios=heights)
        for row, (axes, columns) in enumerate(zip(grid[:, 0], panels, strict=True)):
            _draw_panel(axes, angles, columns, degrees, labels_shading=row == 0)
            _mark_events(axes, angles, bands, highlighted if highlighted in columns else None, has_numbers=row == 0)
        grid[-1, 0].set_xlabel("Time (seconds)")
        ConstrainedLayoutEngine().execute(figure)  # once, not again for each file
    return figure


def render_png(figure: Figure) -> bytes:
    """Return a chart as a PNG, 1080 pixels wide."""
    usual_dpi = figure.get_dpi()
    figure.set_dpi(_PNG_DPI)
    output = BytesIO()
    canvas: Any = FigureCanvasAgg(figure)
    canvas.print_png(output)  # `Figure.savefig` would draw everything twice
    figure.set_dpi(usual_dpi)
    return output.getvalue()


def render_svg(figure: Figure) -> str:
    """Return a chart as an `<svg>` element without a background; its text and axes take the colour of the page."""
    backgrounds = [figure.patch, *(axes.patch for axes in figure.axes)]
    for background in backgrounds:
        background.set_visible(False)
    output = StringIO()
    with matplotlib.rc_context({"svg.hashsalt": "angles"}):  # the same identifiers each time
        canvas: Any = FigureCanvasSVG(figure)
        canvas.print_svg(output, metadata={"Date": None})
    for background in backgrounds:
        background.set_visible(True)
    drawing = output.getvalue()
    body = drawing[drawing.index("<defs") :].replace(_INK, "currentColor")
    size = " ".join(f"{72 * inches:g}" for inches in figure.get_size_inches())
    return f'<svg viewBox="0 0 {size}" role="img" aria-label="Angles over time">{body}'


def _draw_panel(axes: Axes, angles: AngleSeries, columns: list[str], degrees: bool, *, labels_shading: bool) -> None:
    """Draw one panel; with `labels_shading` its legend explains the shading."""
    times_s = np.asarray(angles["time_s"], dtype=float)
    for column in columns:
        display = ANGLE_DISPLAYS[column]
        values = np.asarray(angles[column], dtype=float)
        axes.plot(
            times_s, values, color=display.colour, linestyle=_DASHES[display.dash], linewidth=2, label=display.title
        )
    spans = find_low_confidence_spans(angles)
    for index, (start_s, end_s) in enumerate(spans):
        label = "Tracking unsure" if labels_shading and index == 0 else None
        axes.axvspan(start_s, end_s, color="#808890", alpha=0.22, linewidth=0, label=label)
    if not columns:
        axes.text(0.5, 0.5, "No angles could be given", transform=axes.transAxes, ha="center", va="center")
    elif degrees:
        axes.set_ylabel("Angle (degrees)")
    else:
        axes.set_ylabel("Shape only, no degrees")
    if columns:
        low, high = axes.get_ylim()
        margin = max(0.0, _MIN_SPAN_DEG - (high - low)) / 2
        axes.set_ylim(low - margin, high + margin)
        axes.yaxis.set_major_locator(MaxNLocator(nbins=6, steps=[1, 2, 3, 5, 10], integer=True))
    if not (columns and degrees):
        axes.set_yticks([])
    if len(times_s) > 1:
        axes.set_xlim(times_s[0], times_s[-1])
    axes.grid(axis="y", color="#808890", alpha=0.3, linewidth=0.6)
    axes.spines[["top", "right"]].set_visible(False)


def _mark_events(
    axes: Axes, angles: AngleSeries, bands: EventBands, highlighted: str | None, *, has_numbers: bool
) -> None:
    """Tint and number the bands, mark the turns on the line of `highlighted`, and add the legend."""
    if bands.bands and has_numbers:
        low, high = axes.get_ylim()
        axes.set_ylim(low, high + _NUMBERS_SHARE * (high - low))
    for band in bands.bands:
        axes.axvspan(band.start_s, band.end_s, facecolor="#0072B2", alpha=0.12, linewidth=0)
        for edge_s in (band.start_s, band.end_s):
            axes.axvline(edge_s, color="#0072B2", alpha=0.45, linewidth=0.6)
        if has_numbers:
            middle_s = (band.start_s + band.end_s) / 2
            axes.text(
                middle_s, 0.99, band.label, transform=axes.get_xaxis_transform(), ha="center", va="top", weight="bold"
            )
    if highlighted is not None and bands.turns_s:
        turns = interpolate_angle(angles, highlighted, bands.turns_s)
        axes.plot(
            bands.turns_s,
            turns,
            "D",
            markersize=7,
            label=bands.turn_name.capitalize(),
            color="#F0E442",
            markeredgecolor="#1b1f24",
            zorder=3,
        )
    if axes.get_legend_handles_labels()[0]:
        axes.legend(
            loc="lower left",
            bbox_to_anchor=(0, 1.0),
            ncols=2,
            frameon=False,
            fontsize=9,
            handlelength=3,
            borderaxespad=0.2,
        )
