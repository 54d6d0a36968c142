"""What the coach's page says beside pictures and chart: evidence, tables, view, ranges and settings."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from analyzer.kinematics.camera_view import Grade
from analyzer.report.angle_names import ANGLE_DISPLAYS
from analyzer.report.charts.static_chart import columns_with_data
from analyzer.report.key_moments import format_stage_title
from analyzer.report.measure_text import MINUS_SIGN, NO_VALUE, format_measure, format_measure_name, format_measure_rows
from analyzer.report.pages.client_content import UNKNOWN_MOVEMENT
from analyzer.report.pages.event_tables import ReportTable, format_symptom_report
from analyzer.results.schema import Analysis, Finding

VIEW_TEXTS: dict[Grade, tuple[str, str]] = {
    "good": ("Good view", "The angles are good to about 5 degrees."),
    "fair": ("Fair view", "The angles are good to about 8 degrees."),
    "rough": ("Rough view", "The angles are good to about 12 degrees, so take them as rough figures."),
    "refused": (
        "Shapes only, no angles",
        "The body was not seen clearly enough for angles. The pictures show the shape.",
    ),
}
REFILM_ADVICE = (
    "Square to the side, the phone level on something solid at hip height.",
    "2.5 to 4 m away, the whole body and the load in the picture.",
    "Stand or sit tall and still for two seconds first.",
)
_MEASURES_SHOWN_ELSEWHERE = (
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
_CONTEXT_FROM_CLIP = ("task", "variant", "load_kg", "reps", "tempo", "threshold")


@dataclass(frozen=True)
class FindingEvidence:
    """One finding with what backs it."""

    finding: Finding
    evidence: list[tuple[str, str]]


@dataclass(frozen=True)
class AngleRange:
    """One line of the table of ranges, as text."""

    title: str
    meaning: str
    lowest: str
    highest: str
    from_tall: str


def list_findings(analysis: Analysis) -> list[FindingEvidence]:
    """Every finding, in the order in which they are said."""
    return [FindingEvidence(finding, list(format_measure_rows(finding.evidence))) for finding in analysis.findings]


def summarize_measures(analysis: Analysis) -> list[tuple[str, str]]:
    """The measures of the whole set: names and texts."""
    return list(format_measure_rows(analysis.measures, leave_out=_MEASURES_SHOWN_ELSEWHERE))


def list_context_notes(analysis: Analysis) -> list[tuple[str, str]]:
    """What the coach noted with the clip; reps, load and tempo stand elsewhere."""
    return list(format_measure_rows(analysis.measures.get("context") or {}, leave_out=_CONTEXT_FROM_CLIP))


def build_symptom_tables(analysis: Analysis) -> list[ReportTable]:
    """What the client reported, and how far stayed comfortable."""
    reported = analysis.measures.get("reported") or []
    rows = [[_place(one), format_symptom_report(one), str(one.get("light") or NO_VALUE)] for one in reported]
    tables = [ReportTable("Reported", ["When", "What", "Light"], rows)] if rows else []
    comfortable = (analysis.measures.get("comfortable_range") or {}).get("angles") or {}
    columns = ("side", "deepest_deg", "from_tall_deg", "share_pct")
    rows = [
        [format_measure_name(angle), *(format_measure(column, one.get(column)) for column in columns)]
        for angle, sides in comfortable.items()
        for one in sides
    ]
    titles = ["Angle", "Leg", "Furthest", "From tall", "Of today's range"]
    return [*tables, ReportTable("Stayed comfortable", titles, rows)] if rows else tables


def _place(one: Mapping[str, Any]) -> str:
    if one.get("stage"):
        return format_stage_title(one["stage"], one.get("side"))
    for kind in ("rep", "hold"):
        if one.get(kind):
            return f"{kind.capitalize()} {one[kind]}"
    return format_measure("at_s", one.get("at_s"))


def describe_recognition(analysis: Analysis) -> str:
    """Who says which movement it is."""
    movement = analysis.movement
    if movement.source == "given":
        return "Chosen by you."
    if movement.name == UNKNOWN_MOVEMENT:
        return "Not a movement I know: angles without judgement."
    return f"Recognised from the clip, {movement.confidence:.0%} sure."


def list_angle_ranges(analysis: Analysis, angles: pd.DataFrame) -> list[AngleRange]:
    """Smallest and largest value of each angle, and the largest change from the person's own tall stance."""
    tall: Mapping[str, float] = (analysis.measures.get("own_tall") or {}).get("angles", {})
    rows = []
    for column in columns_with_data(angles, tuple(ANGLE_DISPLAYS)):
        values = angles[column].to_numpy(dtype=float)
        values = values[np.isfinite(values)]
        change = values - tall[column] if tall.get(column) is not None else np.array([])
        rows.append(
            AngleRange(
                title=ANGLE_DISPLAYS[column].title,
                meaning=ANGLE_DISPLAYS[column].meaning.replace("is -", f"is {MINUS_SIGN}"),
                lowest=_degrees(values.min()),
                highest=_degrees(values.max()),
                from_tall=_degrees(change[np.abs(change).argmax()], signed=True) if len(change) else "",
            )
        )
    return rows


def list_provenance(analysis: Analysis) -> list[tuple[str, str]]:
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
    return (f"{whole:+d}°" if signed and whole else f"{whole}°").replace("-", MINUS_SIGN)
