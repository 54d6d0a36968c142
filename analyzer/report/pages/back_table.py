"""The line of the back on the coach's page: its change in every rep, hold or stage, and a strip through each."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analyzer.kinematics.arrays import FloatArray
from analyzer.kinematics.back_rounding import BackRounding, find_peak_third
from analyzer.kinematics.camera_view import allows_angles
from analyzer.report.charts.event_bands import EventBand, list_event_bands
from analyzer.report.drawing.back_trail import classify_rounding
from analyzer.results.schema import Analysis
from analyzer.vocabulary.terms import BASELINE_TEXTS, ROUNDING_LIMITS_DEG, RoundingLevel
from analyzer.vocabulary.units import NO_VALUE, format_number, format_plus_minus

_AT_TURN_S = 0.1  # the turn of a rep is read over this long before and after; chosen
_STRIP_CELLS = 5  # chosen: as many numbers as a phone has room for

_SOME_DEG, _MUCH_DEG = ROUNDING_LIMITS_DEG["some"], ROUNDING_LIMITS_DEG["much"]
ROUNDING_RANGES: Mapping[RoundingLevel, str] = {
    "little": f"less than {format_number(_SOME_DEG)}",
    "some": f"{_SOME_DEG:.0f} to {format_number(_MUCH_DEG)}",
    "much": f"more than {format_number(_MUCH_DEG)}",
}
"""Legend of the colours."""


@dataclass(frozen=True)
class StripCell:
    """One part of a strip: the change in whole degrees, and how large it is; None where it is unknown."""

    text: str
    level: RoundingLevel | None


@dataclass(frozen=True)
class BackTableRow:
    """One rep, hold or stage, as text; `peak_third` is the third of the back that bends most."""

    name: str
    change: str
    peak_third: str
    strip: list[StripCell]


@dataclass(frozen=True)
class BackTable:
    """Table of the back.

    Attributes
    ----------
    omission_reason : why the back was not measured, and then there are no rows; None where it was.
    baseline : what changes are measured from, in words.
    first : header of the first column: "Rep", "Hold", "Stage" or "Moment".
    """

    omission_reason: str | None
    baseline: str = ""
    first: str = ""
    rows: tuple[BackTableRow, ...] = ()

    @property
    def has_strips(self) -> bool:
        """True if any row has a strip."""
        return any(row.strip for row in self.rows)


def build_back_table(analysis: Analysis, back: BackRounding | None, angles: pd.DataFrame) -> BackTable | None:
    """Build a row for every event, else for the most and the least rounded moments.

    Parameters
    ----------
    back : of T frames; None where the outline was not measured.
    angles : T rows, columns of `angles.csv`.

    Returns
    -------
    None without an outline, or in a view that allows no angles.
    """
    if back is None:
        return None
    if back.abstained is not None:
        return BackTable(back.abstained)
    if not allows_angles(analysis.view.grade):
        return None
    bands, times_s = list_event_bands(analysis).bands, angles["time_s"].to_numpy(dtype=float)
    rows = tuple(_build_row(back, times_s, band) for band in bands) or _build_extreme_rows(analysis)
    first = bands[0].event.split("-")[0].capitalize() if bands else "Moment"
    return BackTable(None, BASELINE_TEXTS[back.baseline], first, rows)


def _build_row(back: BackRounding, times_s: FloatArray, band: EventBand) -> BackTableRow:
    inside = (times_s >= band.start_s) & (times_s <= band.end_s)
    measured = inside if band.turn_s is None else inside & (np.abs(times_s - band.turn_s) <= _AT_TURN_S)
    edges = np.linspace(band.start_s, band.end_s, _STRIP_CELLS + 1)
    part = np.clip(np.searchsorted(edges, times_s, "right") - 1, 0, _STRIP_CELLS - 1)
    strip = [_build_cell(_median(back.rounding_deg[inside & (part == number)])) for number in range(_STRIP_CELLS)]
    change = _format_change(_median(back.rounding_deg[measured]), _median(back.half_width_deg[measured]))
    return BackTableRow(band.title, change, _format_third(find_peak_third(back, measured)), strip)


def _build_extreme_rows(analysis: Analysis) -> tuple[BackTableRow, ...]:
    extremes = analysis.measures.get("back") or {}
    rows = []
    for name in ("Most", "Least"):
        if extreme := extremes.get(name.lower()):
            low_deg, high_deg = extreme["interval_80_deg"]
            change = _format_change(extreme["rounding_deg"], (high_deg - low_deg) / 2)
            rows.append(BackTableRow(f"{name} rounded", change, _format_third(extreme["peak_third"]), []))
    return tuple(rows)


def _build_cell(rounding_deg: float) -> StripCell:
    return StripCell(format_number(rounding_deg, signed=True), classify_rounding(rounding_deg))


def _format_change(rounding_deg: float, half_width_deg: float) -> str:
    """Return a change with the half width of its interval: "+20° (±6°)"."""
    if not np.isfinite(rounding_deg):
        return "not seen"
    return f"{format_number(rounding_deg, signed=True)} ({format_plus_minus(half_width_deg)})"


def _format_third(third: str | None) -> str:
    return f"{third} third" if third else NO_VALUE


def _median(values: FloatArray) -> float:
    known = values[np.isfinite(values)]
    return float(np.median(known)) if len(known) else float("nan")
