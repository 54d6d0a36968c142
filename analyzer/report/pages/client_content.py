"""Content of the client's page: what they can do, one suggestion, and what they did.

Sentences of findings may state measured values; tables and charts of angles are for the coach's page.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analyzer.report.movement_words import get_movement_words
from analyzer.results.measured_reps import select_measured_reps
from analyzer.results.schema import UNKNOWN_MOVEMENT, Analysis, Finding
from analyzer.vocabulary.terms import format_count, format_name
from analyzer.vocabulary.units import format_number

_SHORTEST_PHASE_S = 0.05  # a shorter part of a rep is left out of the tempo; chosen


@dataclass(frozen=True)
class ClientPageContent:
    """Texts of the client's page.

    Attributes
    ----------
    title : the movement and its variant.
    is_known : False where the clip shows no known movement.
    can : findings of what they can do.
    notes : plain facts.
    suggestion : the first finding to work on; None where there is none.
    performed : name and text of what they did: reps, load, tempo.
    """

    title: str
    is_known: bool
    can: list[str]
    notes: list[str]
    suggestion: Finding | None
    performed: list[tuple[str, str]]


def build_client_content(analysis: Analysis) -> ClientPageContent:
    """Choose the texts of the client's page, in the order of the result's findings."""
    return ClientPageContent(
        title=format_movement_title(analysis),
        is_known=analysis.movement.name != UNKNOWN_MOVEMENT,
        can=[finding.text for finding in analysis.findings if finding.kind == "can"],
        notes=[finding.text for finding in analysis.findings if finding.kind == "note"],
        suggestion=next((finding for finding in analysis.findings if finding.kind == "next"), None),
        performed=list_performed(analysis),
    )


def format_movement_title(analysis: Analysis) -> str:
    """Return the movement as a person reads it, with its variant: "Hip hinge, sumo"."""
    variant = analysis.movement.variant
    title = get_movement_words(analysis.movement.name).title
    return f"{title}, {format_name(variant)}" if variant else title


def list_performed(analysis: Analysis) -> list[tuple[str, str]]:
    """Return name and text of what was done: how often or how long, with which load if it is known, how fast."""
    rows = [*_list_events(analysis)]
    load_kg = analysis.provenance.settings.get("load_kg")
    if load_kg is not None:
        rows.append(("Load", format_number(float(load_kg), "kg") if load_kg else "Bodyweight"))
    tempo = _format_tempo(analysis)
    if tempo:
        rows.append(("Tempo", tempo))
    return rows or [("Length", format_number(analysis.clip.duration_s, "s"))]


def _list_events(analysis: Analysis) -> list[tuple[str, str]]:
    """Return the number of reps and postures, and the length of each hold."""
    rows = []
    if analysis.reps:
        complete = sum(rep.complete for rep in analysis.reps)
        partial = len(analysis.reps) - complete
        counts = [f"{complete}"] if complete or not partial else []
        counts += [f"{partial} that the clip shows in part"] if partial else []
        rows.append(("Reps", ", and ".join(counts)))
    if analysis.holds:
        lengths = [_format_hold(hold.duration_s) for hold in analysis.holds]
        rows.append(("Held" if len(lengths) == 1 else f"{len(lengths)} holds", ", ".join(lengths)))
        in_zone_s = [hold.in_zone_s for hold in analysis.holds if hold.in_zone_s is not None]
        if in_zone_s:
            rows.append(("In your own line", format_number(sum(in_zone_s), "s", decimals=0)))
    if analysis.stages:
        rows.append(("Recorded", format_count(len(analysis.stages), "posture")))
    return rows


def _format_hold(duration_s: float) -> str:
    """Return the length of a hold: tenths of a second, none for a whole second."""
    is_whole = round(duration_s, 1) == round(duration_s)
    return format_number(duration_s, "s", decimals=0 if is_whole else 1)


def _format_tempo(analysis: Analysis) -> str:
    """Return the median time of each part of a measured rep: "2.0 s down, 1.0 s up"."""
    words = get_movement_words(analysis.movement.name)
    reps = select_measured_reps(analysis.reps)
    medians_s = {
        words.phases.outward: _median([rep.descent_s for rep in reps]),
        "pause": _median([rep.pause_s for rep in reps]),
        words.phases.back: _median([rep.ascent_s for rep in reps]),
    }
    return ", ".join(
        f"{format_number(time_s, 's')} {phase}"
        for phase, time_s in medians_s.items()
        if time_s is not None and time_s >= _SHORTEST_PHASE_S
    )


def _median(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return float(np.median(known)) if known else None
