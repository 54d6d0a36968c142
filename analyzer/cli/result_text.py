"""The result of one analysis as a few lines for the terminal."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from analyzer.kinematics.camera_view import allows_angles
from analyzer.results.schema import UNKNOWN_MOVEMENT
from analyzer.vocabulary.key_measures import format_key_measure

if TYPE_CHECKING:
    from analyzer.results.schema import Analysis, Finding


def summary_lines(analysis: "Analysis") -> Iterator[str]:
    """Yield the view, the movement with its events, key measures, findings and warnings, one a line."""
    view = analysis.view
    yield f"View: {view.grade}{', ' + '; '.join(view.reasons) if view.reasons else ''}"
    yield f"Movement: {_describe_movement(analysis)}{_describe_alternatives(analysis)}"
    for measure in analysis.key_measures:
        yield format_key_measure(measure)
    for finding in analysis.findings:
        yield _describe_finding(finding)
    for warning in analysis.quality.warnings:
        yield f"Warning: {warning}"


def _describe_movement(analysis: "Analysis") -> str:
    movement = analysis.movement
    if movement.name == UNKNOWN_MOVEMENT:
        return "not recognised; angles only" if allows_angles(analysis.view.grade) else "not recognised"
    source = f"{movement.confidence:.0%} sure" if movement.source == "auto" else "as given"
    complete = sum(rep.complete for rep in analysis.reps)
    counts = (
        (complete, "rep", ""),
        (len(analysis.reps) - complete, "rep", " shown in part"),
        (len(analysis.holds), "hold", ""),
        (len(analysis.stages), "stage", ""),
    )
    events = [f", {count} {name}{'s' if count > 1 else ''}{part}" for count, name, part in counts if count]
    return f"{movement.name.replace('_', ' ')} ({source}){''.join(events)}"


def _describe_alternatives(analysis: "Analysis") -> str:
    """Return the other movements that a recognised clip may show."""
    movement = analysis.movement
    if movement.source == "given" or not movement.alternatives:
        return ""
    others = ", ".join(f"{other.name.replace('_', ' ')} {other.confidence:.0%}" for other in movement.alternatives)
    return f"; perhaps {others}: --movement {movement.alternatives[0].name} measures again at once"


def _describe_finding(finding: "Finding") -> str:
    parts = [finding.text, finding.cue and f'Cue: "{finding.cue}"', finding.try_ and f"Try: {finding.try_}"]
    return f"{finding.kind.capitalize()}: {' '.join(filter(None, parts))}"
