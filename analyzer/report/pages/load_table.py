"""The path of the load as the coach reads it: one row a rep, and where its lengths come from."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from analyzer.report.measure_text import NO_VALUE, format_number
from analyzer.report.pages.event_tables import ReportTable, split_into_tables
from analyzer.results.schema import Analysis

_SCALES = {
    "plate": "Scale: the plate, taken as a full-size one of 45 cm across.",
    "stature": "Scale: the height that was given. A plate is nearer to the camera than the body, so its lengths read "
    "too large by a tenth or two.",
    "trunk": "No scale: no full-size plate of 45 cm is seen, and no height was given. Lengths are in trunk lengths, "
    "hip to shoulder; with the height (--height-cm) they would be in cm.",
}
_SEEN = {"plate": "Followed: the near plate.", "kettlebell": "Followed: the ball of the kettlebell."}
_LINE = "Forward of its line: how far it swings ahead of the straight line from the start to the end of the way up."


@dataclass(frozen=True)
class LoadTable:
    """What the coach's page says of the load."""

    tables: list[ReportTable]
    notes: list[str]


def build_load_table(analysis: Analysis) -> LoadTable | None:
    """Table and notes; None where no load was seen."""
    measured: Mapping[str, Any] = analysis.measures.get("load_path") or {}
    reps = measured.get("reps") or []
    if not any(rep["seen"] for rep in reps):
        return None
    unit = "cm" if measured["unit"] == "cm" else "trunks"
    columns: dict[str, Callable[[Mapping[str, Any]], str]] = {
        "Up": lambda rep: _length(rep["up"], unit),
        "Forward of its line": lambda rep: _length(rep["bow_forward"], unit),
        "From mid-foot": lambda rep: _length(rep["from_midfoot_most"], unit, signed=True),
        "Mean speed": lambda rep: (
            NO_VALUE if rep["mean_speed_m_s"] is None else f"{rep['mean_speed_m_s']:.2f}\N{NO-BREAK SPACE}m/s"
        ),
    }
    cells = {name: [told(rep) for rep in reps] for name, told in columns.items()}
    notes = [_SEEN[measured["load"]], _LINE, _SCALES[measured["scale"]]]
    if any(rep["from_midfoot_most"] is not None for rep in reps):
        # Tenths of a trunk length, whole cm: the doubt itself is known no better.
        doubt = format_number(round(measured["midfoot_doubt"], 0 if unit == "cm" else 1), unit)
        notes.append(
            "From mid-foot: where it is farthest forward in the lower half of the way up; + is ahead of the middle of "
            f"the near foot. All of a clip may be off by about {doubt}, in the same direction."
        )
    return LoadTable(split_into_tables("Path of the load", "Rep", [str(rep["rep"]) for rep in reps], cells), notes)


def _length(value: float | None, unit: str, *, signed: bool = False) -> str:
    if value is None:
        return NO_VALUE
    text = format_number(value, unit)
    return f"+{text}" if signed and value > 0 and text[0] != "0" else text
