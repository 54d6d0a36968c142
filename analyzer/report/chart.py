"""The interactive chart of a report: its data for plotly.js, and plotly.js itself packed into text."""

import base64
import gzip
import json
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
from plotly.offline import get_plotlyjs

from analyzer.report.names import ANGLES, MAIN_ANGLES
from analyzer.report.plot import columns_with_data, low_confidence_spans

_MOST_FPS = 30.0
"""Rows beyond this rate are thinned out: lifts move far slower, and the file stays small."""


def chart_json(angles: pd.DataFrame, *, degrees: bool) -> str:
    """Give `{"data": [...], "layout": {...}}` for plotly.js, safe inside a `<script>` element.

    Every angle with data is a line, the main ones shown from the start. With `degrees` off, the angle axis and the
    read-out carry no numbers.
    """
    times_s = angles["time_s"].to_numpy(dtype=float)
    step = max(1, round((len(times_s) - 1) / (times_s[-1] - times_s[0]) / _MOST_FPS)) if len(times_s) > 1 else 1
    seconds = _numbers(times_s[::step], 3)
    data = [
        {
            "type": "scatter",
            "mode": "lines",
            "name": ANGLES[column].label.capitalize(),
            "x": seconds,
            "y": _numbers(angles[column].to_numpy(dtype=float)[::step], 1),
            "line": {"color": ANGLES[column].colour, "dash": ANGLES[column].dash, "width": 2.5},
            "visible": True if column in MAIN_ANGLES else "legendonly",
            "connectgaps": False,
            "hovertemplate": "%{y:.0f}°" if degrees else "<extra></extra>",
            **({} if degrees else {"hoverinfo": "skip"}),
        }
        for column in columns_with_data(angles, tuple(ANGLES))
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
        for start_s, end_s in low_confidence_spans(angles)
    ]
    layout: dict[str, Any] = {
        "hovermode": "x unified" if degrees else False,
        "margin": {"l": 52, "r": 8, "t": 8, "b": 44},
        "legend": {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "entrywidth": 76},
        "xaxis": {"title": {"text": "Time (seconds)"}, "hoverformat": ".1f", "zeroline": False},
        "yaxis": {
            "title": {"text": "Angle (degrees)" if degrees else "Shape only, no degrees"},
            "showticklabels": degrees,
        },
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "shapes": unsure,
    }
    text = json.dumps({"data": data, "layout": layout}, allow_nan=False, separators=(",", ":"))
    return text.replace("<", "\\u003c")


@lru_cache(maxsize=1)
def packed_plotly_js() -> str:
    """Give plotly.js as Base64 of gzip: 2 MB in place of 4.8, and no character that HTML could trip over."""
    return base64.b64encode(gzip.compress(get_plotlyjs().encode(), compresslevel=4, mtime=0)).decode()


def _numbers(values: np.ndarray, decimals: int) -> list[float | None]:
    return [round(float(value), decimals) if np.isfinite(value) else None for value in values]
