"""The interactive chart of a report: its data for plotly.js, and plotly.js itself packed into text."""

import base64
import gzip
import json
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

from analyzer.package_data import find_library_file
from analyzer.report.charts.angle_series import columns_with_data, find_low_confidence_spans, interpolate_angle
from analyzer.report.charts.event_bands import EventBands
from analyzer.vocabulary.angles import ANGLE_DISPLAYS, MAIN_ANGLES

_MAX_FPS = 30.0  # of the charted rows: lifts move far slower, and the file stays small; chosen
_MAX_ROWS = 2400  # more than a screen can show; chosen
_NO_BANDS = EventBands()

PlotlyJson = dict[str, Any]
"""An object of plotly.js as JSON."""


def build_chart_json(
    angles: pd.DataFrame, *, degrees: bool, bands: EventBands = _NO_BANDS, highlighted: str = MAIN_ANGLES[0]
) -> str:
    """Build `{"data": [...], "layout": {...}}` for plotly.js, safe inside a `<script>` element.

    Parameters
    ----------
    angles : columns of `angles.csv`; every angle with data becomes a line.
    degrees : whether the angle axis and the hover text have numbers.
    bands : reps, holds and stages, tinted and numbered.
    highlighted : the angle that is visible from the start beside the main ones; the turns of reps are marked on its
        line, and their `customdata` is the rep's anchor in the report.
    """
    times_s = angles["time_s"].to_numpy(dtype=float)
    step = _step(times_s)
    seconds = _numbers(times_s[::step], 3)
    data = [
        {
            "type": "scatter",
            "mode": "lines",
            "name": ANGLE_DISPLAYS[column].label.capitalize(),
            "x": seconds,
            "y": _numbers(angles[column].to_numpy(dtype=float)[::step], 1),
            "line": {"color": ANGLE_DISPLAYS[column].colour, "dash": ANGLE_DISPLAYS[column].dash, "width": 2.5},
            "visible": True if column in MAIN_ANGLES or column == highlighted else "legendonly",
            "connectgaps": False,
            "hovertemplate": "%{y:.0f}°" if degrees else "<extra></extra>",
            **({} if degrees else {"hoverinfo": "skip"}),
        }
        for column in columns_with_data(angles, tuple(ANGLE_DISPLAYS))
    ]
    data += _build_turn_marks(angles, bands, highlighted, degrees)
    layout = _build_layout(angles, bands, degrees)
    text = json.dumps({"data": data, "layout": layout}, allow_nan=False, separators=(",", ":"))
    return text.replace("<", "\\u003c")


def _build_layout(angles: pd.DataFrame, bands: EventBands, degrees: bool) -> PlotlyJson:
    """Build axes and legend, grey spans of low confidence, and the tinted and numbered bands."""
    unsure = [_build_span(*span_s, "rgba(128,136,144,0.22)") for span_s in find_low_confidence_spans(angles)]
    events = [
        _build_span(band.start_s, band.end_s, "rgba(0,114,178,0.12)", edge="rgba(0,114,178,0.45)")
        for band in bands.bands
    ]
    return {
        "annotations": [_build_number(band.label, (band.start_s + band.end_s) / 2) for band in bands.bands],
        "hovermode": "x unified" if degrees else False,
        "margin": {"l": 52, "r": 8, "t": 8, "b": 44},
        "legend": {"orientation": "h", "x": 0, "y": 1.07, "yanchor": "bottom", "entrywidth": 76},
        "xaxis": {"title": {"text": "Time (seconds)"}, "hoverformat": ".1f", "zeroline": False},
        "yaxis": {
            "title": {"text": "Angle (degrees)" if degrees else "Shape only, no degrees"},
            "showticklabels": degrees,
        },
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "shapes": [*unsure, *events],
    }


def _step(times_s: np.ndarray) -> int:
    """Return n: every n-th row is charted."""
    if len(times_s) < 2:
        return 1
    fps = (len(times_s) - 1) / (times_s[-1] - times_s[0])
    return max(1, round(fps / _MAX_FPS), -(-len(times_s) // _MAX_ROWS))


def _build_span(start_s: float, end_s: float, colour: str, edge: str | None = None) -> PlotlyJson:
    """Build a tinted span of the time axis, with or without edges."""
    return {
        "type": "rect",
        "yref": "paper",
        "x0": round(start_s, 3),
        "x1": round(end_s, 3),
        "y0": 0,
        "y1": 1,
        "fillcolor": colour,
        "line": {"width": 1, "color": edge} if edge else {"width": 0},
        "layer": "below",
    }


def _build_number(label: str, time_s: float) -> PlotlyJson:
    """Build the number of a band, above the chart."""
    return {
        "text": f"<b>{label}</b>",
        "x": round(time_s, 3),
        "y": 1,
        "yref": "paper",
        "yanchor": "bottom",
        "showarrow": False,
        "font": {"size": 14},
    }


def _build_turn_marks(angles: pd.DataFrame, bands: EventBands, highlighted: str, degrees: bool) -> list[PlotlyJson]:
    reps = [band for band in bands.bands if band.turn_s is not None]
    if not reps:
        return []
    return [
        {
            "type": "scatter",
            "mode": "markers",
            "name": bands.turn_name.capitalize(),
            "x": [round(float(band.turn_s or 0), 3) for band in reps],
            "y": _numbers(np.array(interpolate_angle(angles, highlighted, bands.turns_s)), 1),
            "marker": {"symbol": "diamond", "size": 13, "color": "#F0E442", "line": {"color": "#1b1f24", "width": 2}},
            "text": [band.title for band in reps],
            "customdata": [band.event for band in reps],
            **({"hovertemplate": "%{text}<extra></extra>"} if degrees else {"hoverinfo": "skip"}),
        }
    ]


@lru_cache(maxsize=1)
def pack_plotly_js() -> str:
    """Return plotly.js as Base64 of gzip: 2 MB in place of 4.8, without characters that HTML would have to escape."""
    script = find_library_file("plotly", "package_data/plotly.min.js").read_bytes()
    return base64.b64encode(gzip.compress(script, compresslevel=4, mtime=0)).decode()


def _numbers(values: np.ndarray, decimals: int) -> list[float | None]:
    return [round(float(value), decimals) if np.isfinite(value) else None for value in values]
