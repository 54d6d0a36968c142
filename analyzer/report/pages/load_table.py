"""The path of the load on the coach's page: one row a rep, and where its lengths come from."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from analyzer.report.pages.report_table import ReportTable, build_table
from analyzer.results.schema import Analysis
from analyzer.vocabulary.measures import MeasureValue
from analyzer.vocabulary.units import format_number

_SCALES = {
    "plate": "Scale: the plate, taken as a full-size one of 45 cm across.",
    "stature": "Scale: the height that was given. A plate is nearer to the camera than the body, so its lengths read "
    "too large by a tenth or two.",
    "trunk": "No scale: no full-size plate of 45 cm is visible, and no height was given. Lengths are in trunk lengths, "
    "hip to shoulder; with the height (--height-cm) they would be in cm.",
}
_TRACKED = {"plate": "Followed: the near plate.", "kettlebell": "Followed: the ball of the kettlebell."}
_LINE = "Forward of its line: how far it swings ahead of the straight line from the start to the end of the way up."


@dataclass(frozen=True)
class LoadTable:
    """The table of the path of the load and notes on it; no table where no number is known."""

    table: ReportTable | None
    notes: list[str]


def build_load_table(analysis: Analysis) -> LoadTable | None:
    """Build the table and its notes; None where no load was detected."""
    measured: Mapping[str, MeasureValue] = analysis.measures.get("load_path") or {}
    reps = _list_reps(measured)
    if not any(rep["seen"] for rep in reps):
        return None
    unit: Literal["cm", "trunks"] = "cm" if measured["unit"] == "cm" else "trunks"
    cells = {
        "Up": [format_number(_number(rep["up"]), unit) for rep in reps],
        "Forward of its line": [format_number(_number(rep["bow_forward"]), unit) for rep in reps],
        "From mid-foot": [format_number(_number(rep["from_midfoot_most"]), unit, signed=True) for rep in reps],
        "Mean speed": [format_number(_number(rep["mean_speed_m_s"]), "m_s") for rep in reps],
    }
    notes = [_TRACKED[str(measured["load"])], _LINE, _SCALES[str(measured["scale"])]]
    doubt = _number(measured["midfoot_doubt"])
    if doubt is not None and any(rep["from_midfoot_most"] is not None for rep in reps):
        # Whole cm or tenths of a trunk length: the doubt itself is known no better.
        text = format_number(doubt, unit, decimals=0 if unit == "cm" else 1)
        notes.append(
            "From mid-foot: where it is farthest forward in the lower half of the way up; + is ahead of the middle of "
            f"the near foot. All of a clip may be off by about {text}, in the same direction."
        )
    table = build_table("Path of the load", "Rep", [str(rep["rep"]) for rep in reps], cells)
    return LoadTable(table, notes)


def _list_reps(measured: Mapping[str, MeasureValue]) -> list[Mapping[str, MeasureValue]]:
    reps = measured.get("reps")
    return [rep for rep in reps if isinstance(rep, Mapping)] if isinstance(reps, list | tuple) else []


def _number(value: MeasureValue) -> float | None:
    return float(value) if isinstance(value, int | float) else None
