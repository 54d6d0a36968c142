"""The interactive chart of a report: its data for plotly.js, and plotly.js itself packed into text."""

import base64
import gzip
import json
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
from plotly.offline import get_plotlyjs

from analyzer.report.angle_names import ANGLE_DISPLAYS, MAIN_ANGLES
from analyzer.report.charts.event_bands import EventBands, interpolate_angle
from analyzer.report.charts.static_chart import columns_with_data, find_low_confidence_spans

_MOST_FPS = 30.0
"""Rows beyond this rate are thinned out: lifts move far slower, and the file stays small."""
_MOST_ROWS = 2400
"""And rows beyond this many, which no screen shows apart."""
_NO_BANDS = EventBands()


def build_chart_json(
    angles: pd.DataFrame, *, degrees: bool, bands: EventBands = _NO_BANDS, shown: str = MAIN_ANGLES[0]
) -> str:
    """Give `{"data": [...], "layout": {...}}` for plotly.js, safe inside a `<script>` element.

    Every angle with data is a line, the main ones and `shown` from the start. Reps, holds and stages are tinted and
    numbered, and the turn of a rep is a mark on the line of `shown`, whose `customdata` names the rep's anchor. With
    `degrees` off, the angle axis and the read-out carry no numbers.
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
            "visible": True if column in MAIN_ANGLES or column == shown else "legendonly",
            "connectgaps": False,
            "hovertemplate": "%{y:.0f}°" if degrees else "<extra></extra>",
            **({} if degrees else {"hoverinfo": "skip"}),
        }
        for column in columns_with_data(angles, tuple(ANGLE_DISPLAYS))
    ]
    unsure = [
        {
            "type": "rect",
            "yref": "paper",
            "x0": round(start_s, 3),
            "x1": round(end_s, 3),
            "y0": 0,
            "y1": 1,
            "fillcolor": "rgba(128,136,144,0.22)",
            "line": {"width": 0},
            "layer": "below",
        }
        for start_s, end_s in find_low_confidence_spans(angles)
    ]
    layout: dict[str, Any] = {
        "annotations": [_number(band.label, (band.start_s + band.end_s) / 2) for band in bands.bands],
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
        "shapes": [*unsure, *(_tint(band.start_s, band.end_s) for band in bands.bands)],
    }
    data += _turns(angles, bands, shown, degrees)
    text = json.dumps({"data": data, "layout": layout}, allow_nan=False, separators=(",", ":"))
    return text.replace("<", "\\u003c")


def _step(times_s: np.ndarray) -> int:
    """Every how many rows one is charted."""
    if len(times_s) < 2:
        return 1
    fps = (len(times_s) - 1) / (times_s[-1] - times_s[0])
    return max(1, round(fps / _MOST_FPS), -(-len(times_s) // _MOST_ROWS))


def _tint(start_s: float, end_s: float) -> dict[str, Any]:
    return {
        "type": "rect",
        "yref": "paper",
        "x0": round(start_s, 3),
        "x1": round(end_s, 3),
        "y0": 0,
        "y1": 1,
        "fillcolor": "rgba(0,114,178,0.12)",
        "line": {"width": 1, "color": "rgba(0,114,178,0.45)"},
        "layer": "below",
    }


def _number(label: str, time_s: float) -> dict[str, Any]:
    return {
        "text": f"<b>{label}</b>",
        "x": round(time_s, 3),
        "y": 1,
        "yref": "paper",
        "yanchor": "bottom",
        "showarrow": False,
        "font": {"size": 14},
    }


def _turns(angles: pd.DataFrame, bands: EventBands, shown: str, degrees: bool) -> list[dict[str, Any]]:
    turned = [band for band in bands.bands if band.turn_s is not None]
    if not turned:
        return []
    return [
        {
            "type": "scatter",
            "mode": "markers",
            "name": bands.turn.capitalize(),
            "x": [round(float(band.turn_s or 0), 3) for band in turned],
            "y": _numbers(np.array(interpolate_angle(angles, shown, bands.turns_s)), 1),
            "marker": {"symbol": "diamond", "size": 13, "color": "#F0E442", "line": {"color": "#1b1f24", "width": 2}},
            "text": [band.title for band in turned],
            "customdata": [band.event for band in turned],
            **({"hovertemplate": "%{text}<extra></extra>"} if degrees else {"hoverinfo": "skip"}),
        }
    ]


@lru_cache(maxsize=1)
def pack_plotly_js() -> str:
    """Give plotly.js as Base64 of gzip: 2 MB in place of 4.8, and no character that HTML could trip over."""
    return base64.b64encode(gzip.compress(get_plotlyjs().encode(), compresslevel=6, mtime=0)).decode()


def _numbers(values: np.ndarray, decimals: int) -> list[float | None]:
    return [round(float(value), decimals) if np.isfinite(value) else None for value in values]
