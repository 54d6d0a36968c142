"""What the coach's page says beside pictures and chart: evidence, tables, view, ranges and settings."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from analyzer.report.client import UNKNOWN
from analyzer.report.events import Table, reported_text
from analyzer.report.moments import stage_title
from analyzer.report.names import ANGLES
from analyzer.report.plain import MINUS, NONE, measure_name, measure_text, rows_of
from analyzer.report.plot import columns_with_data
from analyzer.result import Analysis, Finding, Grade

VIEWS: dict[Grade, tuple[str, str]] = {
    "good": ("Good view", "The angles are good to about 5 degrees."),
    "fair": ("Fair view", "The angles are good to about 8 degrees."),
    "rough": ("Rough view", "The angles are good to about 12 degrees, so take them as rough figures."),
    "refused": (
        "Shapes only, no angles",
        "The body was not seen clearly enough for angles. The pictures show the shape.",
    ),
}
REFILM = (
    "Square to the side, the phone level on something solid at hip height.",
    "2.5 to 4 m away, the whole body and the load in the picture.",
    "Stand or sit tall and still for two seconds first.",
)
_ELSEWHERE = (
    "range",
    "own_tall",
    "change_from_own_tall",
    "screen",
    "reported",
    "comfortable_range",
    "context",
    "load_path",
    "back",
)
"""Measures that have a place of their own, or that the tables show."""
_TOLD_BY_THE_CLIP = ("task", "variant", "load_kg", "reps", "tempo", "threshold")


@dataclass(frozen=True)
class Told:
    """One finding with what backs it."""

    finding: Finding
    evidence: list[tuple[str, str]]


@dataclass(frozen=True)
class Range:
    """One line of the table of ranges, as text."""

    title: str
    meaning: str
    lowest: str
    highest: str
    from_tall: str


def told(analysis: Analysis) -> list[Told]:
    """Every finding, in the order in which they are said."""
    return [Told(finding, list(rows_of(finding.evidence))) for finding in analysis.findings]


def summary(analysis: Analysis) -> list[tuple[str, str]]:
    """The measures of the whole set: names and texts."""
    return list(rows_of(analysis.measures, leave_out=_ELSEWHERE))


def notes(analysis: Analysis) -> list[tuple[str, str]]:
    """What the coach noted with the clip; reps, load and tempo stand elsewhere."""
    return list(rows_of(analysis.measures.get("context") or {}, leave_out=_TOLD_BY_THE_CLIP))


def felt(analysis: Analysis) -> list[Table]:
    """What the client reported, and how far stayed comfortable."""
    reported = analysis.measures.get("reported") or []
    rows = [[_place(one), reported_text(one), str(one.get("light") or NONE)] for one in reported]
    tables = [Table("Reported", ["When", "What", "Light"], rows)] if rows else []
    comfortable = (analysis.measures.get("comfortable_range") or {}).get("angles") or {}
    columns = ("side", "deepest_deg", "from_tall_deg", "share_pct")
    rows = [
        [measure_name(angle), *(measure_text(column, one.get(column)) for column in columns)]
        for angle, sides in comfortable.items()
        for one in sides
    ]
    titles = ["Angle", "Leg", "Furthest", "From tall", "Of today's range"]
    return [*tables, Table("Stayed comfortable", titles, rows)] if rows else tables


def _place(one: Mapping[str, Any]) -> str:
    if one.get("stage"):
        return stage_title(one["stage"], one.get("side"))
    for kind in ("rep", "hold"):
        if one.get(kind):
            return f"{kind.capitalize()} {one[kind]}"
    return measure_text("at_s", one.get("at_s"))


def recognised(analysis: Analysis) -> str:
    """Who says which movement it is."""
    movement = analysis.movement
    if movement.source == "given":
        return "Chosen by you."
    if movement.name == UNKNOWN:
        return "Not a movement I know: angles without judgement."
    return f"Recognised from the clip, {movement.confidence:.0%} sure."


def ranges(analysis: Analysis, angles: pd.DataFrame) -> list[Range]:
    """Smallest and largest value of each angle, and the largest change from the person's own tall stance."""
    tall: Mapping[str, float] = (analysis.measures.get("own_tall") or {}).get("angles", {})
    rows = []
    for column in columns_with_data(angles, tuple(ANGLES)):
        values = angles[column].to_numpy(dtype=float)
        values = values[np.isfinite(values)]
        change = values - tall[column] if tall.get(column) is not None else np.array([])
        rows.append(
            Range(
                title=ANGLES[column].title,
                meaning=ANGLES[column].meaning.replace("is -", f"is {MINUS}"),
                lowest=_degrees(values.min()),
                highest=_degrees(values.max()),
                from_tall=_degrees(change[np.abs(change).argmax()], signed=True) if len(change) else "",
            )
        )
    return rows


def details(analysis: Analysis) -> list[tuple[str, str]]:
    """Where the numbers come from, as pairs of name and text."""
    clip, made = analysis.clip, analysis.provenance
    settings: dict[str, Any] = made.settings
    return [
        ("Clip", f"{clip.width_px} x {clip.height_px} pixels, {clip.frames} frames, {clip.mean_fps:.2f} a second"),
        ("SHA-256 of the clip", clip.sha256),
        ("Turned upright by", f"{clip.rotation_deg}°"),
        ("Person chosen by", f"{analysis.subject.chosen_by}; others seen: {analysis.subject.others_seen}"),
        ("Analyzer", made.analyzer),
        ("MediaPipe", made.mediapipe),
        ("SHA-256 of the pose model", made.model_sha256),
        *((f"Setting {name}", json.dumps(value, ensure_ascii=False)) for name, value in sorted(settings.items())),
    ]


def _degrees(value: float, *, signed: bool = False) -> str:
    """Whole degrees: a phone clip bears no more."""
    whole = round(float(value))
    return (f"{whole:+d}°" if signed and whole else f"{whole}°").replace("-", MINUS)
