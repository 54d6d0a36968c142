"""Small drawings for the page over all clips, as inline SVG that takes its colours from the page."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from markupsafe import Markup

_WIDE, _HIGH = 120, 30  # of a strip, in its own units; chosen
_MAX_HOLDS = 3  # drawn in one; a clip holds one or two; chosen
_MAX_BARS = 24  # more bars would be too thin; chosen


@dataclass(frozen=True)
class TimelinePoint:
    """One clip on a timeline: its label, its day (any zero), the value of a quantity and its spread."""

    label: str
    day: int
    value: float
    sd: float = 0.0


def draw_rep_bars(values: Sequence[float | None], largest: float, label: str) -> Markup:
    """Draw one bar a rep: its angle, scaled to the largest of all clips of that movement.

    Parameters
    ----------
    values : one a rep; an unknown one leaves a gap.
    label : the same in words, for screen readers.
    """
    shown = list(values)[:_MAX_BARS]
    step = min(12.0, _WIDE / max(len(shown), 1))
    parts = [f'<line class="axis" x1="0" y1="{_HIGH - 0.5}" x2="{_WIDE}" y2="{_HIGH - 0.5}"/>']
    for number, value in enumerate(shown):
        if value is None or largest <= 0:
            continue
        high = max(1.0, (_HIGH - 2) * min(1.0, abs(value) / largest))
        x, y = number * step + 0.1 * step, _HIGH - 1 - high
        parts.append(f'<rect class="bar" x="{x:.1f}" y="{y:.1f}" width="{0.8 * step:.1f}" height="{high:.1f}"/>')
    return _svg(parts, label)


def draw_hold_bars(parts: Sequence[tuple[float, float | None]], longest: float, label: str) -> Markup:
    """Draw one bar a hold: its duration, filled by the share in the own zone.

    Parameters
    ----------
    parts : duration, and the time in the zone or None; seconds.
    longest : hold of all clips of that movement, seconds.
    """
    shown = list(parts)[:_MAX_HOLDS]
    high = min(12.0, _HIGH / max(len(shown), 1) - 2)
    drawn = []
    for number, (duration_s, zone_s) in enumerate(shown):
        width = _WIDE * min(1.0, duration_s / longest) if longest > 0 else 0.0
        y = number * (high + 2) + 1
        drawn.append(f'<rect class="room" x="0" y="{y:.1f}" width="{width:.1f}" height="{high:.1f}"/>')
        if zone_s:
            filled = width * min(1.0, zone_s / duration_s)
            drawn.append(f'<rect class="bar" x="0" y="{y:.1f}" width="{filled:.1f}" height="{high:.1f}"/>')
    return _svg(drawn, label)


def draw_stage_bars(parts: Sequence[tuple[float, float]], end_s: float, label: str) -> Markup:
    """Draw the stages on the time axis of the clip.

    Parameters
    ----------
    parts : start and end; seconds.
    end_s : of the clip.
    """
    drawn = [f'<line class="axis" x1="0" y1="{_HIGH / 2}" x2="{_WIDE}" y2="{_HIGH / 2}"/>']
    for start_s, stop_s in parts:
        x, width = _WIDE * start_s / end_s, max(1.0, _WIDE * (stop_s - start_s) / end_s - 1)
        drawn.append(f'<rect class="bar" x="{x:.1f}" y="8" width="{width:.1f}" height="14"/>')
    return _svg(drawn, label)


def draw_timeline(points: Sequence[TimelinePoint], threshold: float | None, label: str) -> Markup:
    """Draw the values of clips over time; the band around the first is the change that does not count.

    Without a threshold there is no band.
    """
    wide, high, edge = 300, 90, 8  # chosen
    has_band, threshold = threshold is not None, threshold or 0.0
    lows = [point.value - point.sd for point in points] + [points[0].value - threshold]
    highs = [point.value + point.sd for point in points] + [points[0].value + threshold]
    low, span = min(lows), max(max(highs) - min(lows), 1e-9)

    def y(value: float) -> float:
        return edge + (high - 2 * edge) * (1 - (value - low) / span)

    first_day, days = points[0].day, points[-1].day - points[0].day

    def x(number: int) -> float:
        share = (points[number].day - first_day) / days if days else number / max(len(points) - 1, 1)
        return edge + (wide - 2 * edge) * share

    top, bottom = y(points[0].value + threshold), y(points[0].value - threshold)
    band = f'<rect class="band" x="0" y="{top:.1f}" width="{wide}" height="{bottom - top:.1f}"/>'
    drawn = [band] if has_band else []
    vertices = " ".join(f"{x(number):.1f},{y(point.value):.1f}" for number, point in enumerate(points))
    drawn.append(f'<polyline class="way" points="{vertices}"/>')
    for number, point in enumerate(points):
        at, middle = f"{x(number):.1f}", f"{y(point.value):.1f}"
        if point.sd:
            top, bottom = y(point.value + point.sd), y(point.value - point.sd)
            drawn.append(f'<line class="spread" x1="{at}" y1="{top:.1f}" x2="{at}" y2="{bottom:.1f}"/>')
        drawn.append(f'<circle class="dot" cx="{at}" cy="{middle}" r="4"><title>{escape(point.label)}</title></circle>')
    return _svg(drawn, label, wide, high, "timeline")


def _svg(parts: Sequence[str], label: str, wide: int = _WIDE, high: int = _HIGH, kind: str = "strip") -> Markup:
    """Return an SVG; `parts` must hold numbers and escaped text only."""
    return Markup(
        f'<svg class="{kind}" viewBox="0 0 {wide} {high}" role="img" aria-label="{escape(label)}">'
        f"{''.join(parts)}</svg>"
    )
