"""The chart of a report as data and as files; matplotlib, which takes a second to load, is loaded to draw only."""

from dataclasses import dataclass

from analyzer.report.charts.angle_series import AngleSeries
from analyzer.report.charts.event_bands import EventBands


@dataclass(frozen=True)
class ChartData:
    """What a chart shows; the arguments of `static_chart.plot_angles`."""

    angles: AngleSeries
    degrees: bool
    bands: EventBands
    highlighted: str


@dataclass(frozen=True)
class Chart:
    """A chart as a PNG file, and as an `<svg>` element."""

    png: bytes
    svg: str


def draw_chart(data: ChartData) -> Chart:
    """Draw a chart."""
    from analyzer.report.charts.static_chart import plot_angles, render_png, render_svg  # late: loads matplotlib

    figure = plot_angles(data.angles, degrees=data.degrees, bands=data.bands, highlighted=data.highlighted)
    return Chart(render_png(figure), render_svg(figure))
