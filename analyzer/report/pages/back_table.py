"""The line of the back as the coach reads it: its change in every rep, hold or stage, and a strip through each."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from analyzer.kinematics.back_rounding import LIMITS as BACK_LIMITS
from analyzer.kinematics.back_rounding import BackRounding, find_peak_third
from analyzer.kinematics.camera_view import allows_angles
from analyzer.report.charts.event_bands import EventBand, list_event_bands
from analyzer.report.measure_text import NO_VALUE, format_number
from analyzer.results.schema import Analysis

RoundingLevel = Literal["little", "some", "much"]
ROUNDING_COLOURS: Mapping[RoundingLevel, tuple[int, int, int]] = {
    "little": (0, 158, 115),
    "some": (240, 228, 66),
    "much": (204, 121, 167),
}
"""Okabe and Ito's green, yellow and purple: told apart by the colour-blind, and none of them the load's orange."""

_SOME_DEG = BACK_LIMITS.peak_deg  # less than this is not told from the measure's own error
_MUCH_DEG = 20.0  # chosen
_AT_TURN_S = 0.1  # the turn of a rep is read over this long before and after; chosen
_CELLS = 5  # of a strip; chosen: as many numbers as a phone has room for
_BASELINE_TEXTS = {
    "standing": "from your own tall stance",
    "sitting": "from your own tall seat",
    "lying": "from your own straight line",
    "flattest": "from the flattest frames: no tall stance was found",
}


@dataclass(frozen=True)
class StripCell:
    """One part of a strip: the change in whole degrees, and its colour; None where it is not known."""

    text: str
    step: RoundingLevel | None


@dataclass(frozen=True)
class BackTableRow:
    """One rep, hold or stage, as text."""

    name: str
    change: str
    bends_most: str
    strip: list[StripCell]


@dataclass(frozen=True)
class BackTable:
    """What the page says of the back: `left_out` is why it says nothing, and then there are no rows."""

    left_out: str | None
    baseline: str = ""
    first: str = ""
    rows: tuple[BackTableRow, ...] = ()

    @property
    def strips(self) -> bool:
        """Whether there is a strip to show."""
        return any(row.strip for row in self.rows)


def classify_rounding(rounding_deg: float) -> RoundingLevel | None:
    """How large a change is, rounded or arched; None where it is not known."""
    if not np.isfinite(rounding_deg):
        return None
    size = abs(rounding_deg)
    return "little" if size < _SOME_DEG else "some" if size <= _MUCH_DEG else "much"


def build_back_table(analysis: Analysis, line: BackRounding | None, angles: pd.DataFrame) -> BackTable | None:
    """Rows for every event, else for the most and the least rounded moments; None where no outline was taken.

    Parameters
    ----------
    line : of T frames.
    angles : T rows, columns of `angles.csv`.
    """
    if line is None:
        return None
    if line.abstained is not None:
        return BackTable(line.abstained)
    if not allows_angles(analysis.view.grade):
        return None
    bands, times_s = list_event_bands(analysis).bands, angles["time_s"].to_numpy(dtype=float)
    rows = tuple(_row(line, times_s, band) for band in bands) or _extremes(analysis)
    return BackTable(None, _BASELINE_TEXTS[line.baseline], _kind(bands[0]) if bands else "Moment", rows)


def _kind(band: EventBand) -> str:
    return band.event.split("-")[0].capitalize()


def _row(line: BackRounding, times_s: np.ndarray, band: EventBand) -> BackTableRow:
    inside = (times_s >= band.start_s) & (times_s <= band.end_s)
    asked = inside if band.turn_s is None else inside & (np.abs(times_s - band.turn_s) <= _AT_TURN_S)
    edges = np.linspace(band.start_s, band.end_s, _CELLS + 1)
    part = np.clip(np.searchsorted(edges, times_s, "right") - 1, 0, _CELLS - 1)
    strip = [_cell(_median(line.rounding_deg[inside & (part == number)])) for number in range(_CELLS)]
    change = _change(_median(line.rounding_deg[asked]), _median(line.half_width_deg[asked]))
    return BackTableRow(band.title, change, _third(find_peak_third(line, asked)), strip)


def _extremes(analysis: Analysis) -> tuple[BackTableRow, ...]:
    measured: Mapping[str, Any] = analysis.measures.get("back") or {}
    found = [(f"{name} rounded", measured.get(name.lower())) for name in ("Most", "Least")]
    return tuple(
        BackTableRow(
            name,
            _change(one["rounding_deg"], (one["interval_80_deg"][1] - one["interval_80_deg"][0]) / 2),
            _third(one["peak_third"]),
            [],
        )
        for name, one in found
        if one
    )


def _cell(rounding_deg: float) -> StripCell:
    return StripCell(_signed(rounding_deg) if np.isfinite(rounding_deg) else NO_VALUE, classify_rounding(rounding_deg))


def _change(rounding_deg: float, half_width_deg: float) -> str:
    if not np.isfinite(rounding_deg):
        return "not seen"
    return f"{_signed(rounding_deg)} (±{format_number(half_width_deg)})"


def _signed(degrees: float) -> str:
    return ("+" if round(degrees) > 0 else "") + format_number(degrees)


def _third(third: str | None) -> str:
    return f"{third} third" if third else NO_VALUE


def _median(values: np.ndarray) -> float:
    known = values[np.isfinite(values)]
    return float(np.median(known)) if len(known) else float("nan")
