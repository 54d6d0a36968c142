"""Content of the coach's page beside pictures and chart: evidence, measures, reports, angle ranges, provenance."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analyzer.report.charts.angle_series import columns_with_data
from analyzer.report.movement_words import MovementWords, get_movement_words
from analyzer.report.pages.event_tables import format_symptom_report
from analyzer.report.pages.report_table import ReportTable
from analyzer.results.schema import UNKNOWN_MOVEMENT, Analysis, Finding
from analyzer.vocabulary.angles import ANGLE_DISPLAYS
from analyzer.vocabulary.key_measures import format_amount, format_directed, format_interval, format_threshold
from analyzer.vocabulary.measures import (
    MeasureLabel,
    MeasureValue,
    format_measure,
    format_measure_name,
    format_measure_rows,
)
from analyzer.vocabulary.terms import TRAFFIC_LIGHT_TEXTS, UNKNOWN_MOVEMENT_TEXT
from analyzer.vocabulary.units import NO_VALUE, format_number

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
    "order",
    "sides",
    "reps",
    "known_reps",
    "least_ratio",
    "drift",
)
"""Measures that the page shows elsewhere, and what others are compared with."""
_EVIDENCE_NOT_SHOWN = (
    "times_s",
    "reps",
    "stages",
    "measured_from",
    "from_short",
    "low_deg",
    "high_deg",
    "likely",
    "alike_reps",
    "reason",
    "least_rep",
    "least_deg",
    "most_rep",
    "most_deg",
)
"""Evidence that the chart, the key measures or the table of the reps show."""
_CONTEXT_FROM_CLIP = ("task", "variant", "load_kg", "reps", "tempo", "threshold")
_COMFORT_COLUMNS = {
    "side": "Leg",
    "deepest_deg": "Furthest",
    "from_tall_deg": "From tall",
    "share_pct": "Of today's range",
}


@dataclass(frozen=True)
class KeyMeasureTile:
    """One key measure as text: its name, value, and 80 % interval ("29 to 45"), "" where that is unknown."""

    label: str
    value: str
    interval: str


@dataclass(frozen=True)
class FindingEvidence:
    """One finding with the names and texts of its evidence."""

    finding: Finding
    evidence: list[tuple[str, str]]


@dataclass(frozen=True)
class AngleRange:
    """One row of the table of angle ranges, as text."""

    title: str
    meaning: str
    lowest: str
    highest: str
    from_tall: str


def list_key_measures(analysis: Analysis) -> list[KeyMeasureTile]:
    """Return the key measures as text, in their order."""
    return [
        KeyMeasureTile(
            measure.label,
            format_directed(measure.value, measure.unit, measure.direction),
            format_interval(measure.interval_80, measure.unit, measure.direction) if measure.interval_80 else "",
        )
        for measure in analysis.key_measures
    ]


def list_findings(analysis: Analysis) -> list[FindingEvidence]:
    """Return every finding, in the order of the result, with the evidence that neither it nor a key measure states."""
    labels = get_movement_words(analysis.movement.name).measure_labels
    shown = {tile.value for tile in list_key_measures(analysis)}
    return [
        FindingEvidence(
            finding,
            [
                (name, text)
                for name, text in format_measure_rows(finding.evidence, labels, exclude=_EVIDENCE_NOT_SHOWN)
                if text not in shown and not _states_number(finding.text, text)
            ],
        )
        for finding in analysis.findings
    ]


def _states_number(sentence: str, text: str) -> bool:
    """Return whether a sentence states the number that a text begins with."""
    number = re.match(r"\D?(\d+(?:\.\d+)?)", text)
    return number is not None and re.search(rf"(?<![\d.]){re.escape(number[1])}(?!\d|\.\d)", sentence) is not None


def summarize_measures(analysis: Analysis) -> list[tuple[str, str]]:
    """Return names and texts of the measures of the whole clip that no table shows."""
    labels = get_movement_words(analysis.movement.name).measure_labels
    return [
        *format_measure_rows(analysis.measures, labels, exclude=_MEASURES_SHOWN_ELSEWHERE),
        *_list_drifts(analysis.measures.get("drift") or {}, labels),
    ]


def _list_drifts(drifts: Mapping[str, MeasureValue], labels: Mapping[str, MeasureLabel]) -> Iterator[tuple[str, str]]:
    """Return the change of each angle over the set, with the smallest change that counts."""
    for key, drift in drifts.items():
        if isinstance(drift, Mapping) and drift.get("change_deg") is not None:
            change_deg, least_deg, is_clear = drift["change_deg"], drift.get("threshold_deg"), bool(drift.get("clear"))
            text = format_number(change_deg, signed=True)
            if least_deg:
                parts = change_deg, "deg", least_deg, is_clear
                text = f"{format_amount(*parts)}, {format_threshold(*parts)}"
            yield f"{format_measure_name(key, labels)}, change over the set", text


def list_context_notes(analysis: Analysis) -> list[tuple[str, str]]:
    """Return what the coach noted with the clip; reps, load and tempo are shown elsewhere."""
    return list(format_measure_rows(analysis.measures.get("context") or {}, exclude=_CONTEXT_FROM_CLIP))


def build_symptom_tables(analysis: Analysis) -> list[ReportTable]:
    """Build the tables of symptom reports and of the range that stayed comfortable; none where nothing is reported."""
    words = get_movement_words(analysis.movement.name)
    rows = [
        [
            _format_moment(report, words),
            format_symptom_report(report),
            TRAFFIC_LIGHT_TEXTS.get(str(report.get("light")), NO_VALUE),
        ]
        for report in analysis.measures.get("reported") or []
    ]
    tables = [ReportTable("Reported", ["When", "What", "Light"], rows)] if rows else []
    comfortable = (analysis.measures.get("comfortable_range") or {}).get("angles") or {}
    rows = [
        [format_measure_name(angle), *(format_measure(column, side.get(column)) for column in _COMFORT_COLUMNS)]
        for angle, sides in comfortable.items()
        for side in sides
    ]
    if rows:
        tables.append(ReportTable("Stayed comfortable", ["Angle", *_COMFORT_COLUMNS.values()], rows))
    return tables


def _format_moment(report: Mapping[str, MeasureValue], words: MovementWords) -> str:
    """Return the stage, rep, hold or time that a symptom report belongs to."""
    if stage := report.get("stage"):
        side = report.get("side")
        return words.format_stage(str(stage), str(side) if side else None)
    for kind in ("rep", "hold"):
        if report.get(kind):
            return f"{kind.capitalize()} {report[kind]}"
    return format_measure("at_s", report.get("at_s"))


def describe_recognition(analysis: Analysis) -> str:
    """Return how the movement was chosen: by the user, or recognised with which probability."""
    movement = analysis.movement
    if movement.source == "given":
        return "Chosen by you."
    if movement.name == UNKNOWN_MOVEMENT:
        return f"{UNKNOWN_MOVEMENT_TEXT}: angles without judgement."
    return f"Recognised from the clip, {movement.confidence:.0%} sure."


def list_angle_ranges(analysis: Analysis, angles: pd.DataFrame) -> list[AngleRange]:
    """Return smallest and largest value of each angle, and its largest change from the baseline posture.

    Parameters
    ----------
    angles : one row a frame, with the columns of `angles.csv`.
    """
    tall: Mapping[str, float] = (analysis.measures.get("own_tall") or {}).get("angles", {})
    ranges = []
    for column in columns_with_data(angles, tuple(ANGLE_DISPLAYS)):
        values = angles[column].to_numpy(dtype=float)
        values = values[np.isfinite(values)]
        change = values - tall[column] if tall.get(column) is not None else np.array([])
        ranges.append(
            AngleRange(
                title=ANGLE_DISPLAYS[column].title,
                meaning=ANGLE_DISPLAYS[column].meaning,
                lowest=format_number(float(values.min())),
                highest=format_number(float(values.max())),
                from_tall=format_number(float(change[np.abs(change).argmax()]), signed=True) if len(change) else "",
            )
        )
    return ranges


def list_provenance(analysis: Analysis) -> list[tuple[str, str]]:
    """Return names and texts of the clip's facts, the software and the settings that the numbers come from."""
    clip, provenance = analysis.clip, analysis.provenance
    return [
        ("Clip", f"{clip.width_px} x {clip.height_px} pixels, {clip.frames} frames, {clip.mean_fps:.2f} a second"),
        ("SHA-256 of the clip", clip.sha256),
        ("Turned upright by", format_number(clip.rotation_deg)),
        ("Person chosen by", f"{analysis.subject.chosen_by}; others detected: {analysis.subject.others_seen}"),
        ("Analyzer", provenance.analyzer),
        ("MediaPipe", provenance.mediapipe),
        ("SHA-256 of the pose model", provenance.model_sha256),
        *_list_settings(provenance.settings),
    ]


def _list_settings(settings: Mapping[str, MeasureValue]) -> Iterator[tuple[str, str]]:
    for name, value in sorted(settings.items()):
        yield f"Setting {name}", json.dumps(value, ensure_ascii=False)
