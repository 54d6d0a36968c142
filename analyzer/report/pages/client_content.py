"""What the client's page says: what they can do, one thing to try, and what was done. Plain words, no angles."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analyzer.movements.registry import load_movements
from analyzer.report.angle_names import get_phase_names
from analyzer.report.measure_text import format_number
from analyzer.results.schema import Analysis, Finding

UNKNOWN_MOVEMENT = "unknown"


@dataclass(frozen=True)
class ClientPageContent:
    """The texts of the client's page; `known` is False for a movement that nobody here knows."""

    title: str
    known: bool
    can: list[str]
    one_thing: Finding | None
    done: list[tuple[str, str]]


def build_client_content(analysis: Analysis) -> ClientPageContent:
    """Choose the texts; findings come in the order in which they are to be said."""
    work_on = [finding for finding in analysis.findings if finding.kind == "next"]
    return ClientPageContent(
        title=format_movement_title(analysis),
        known=analysis.movement.name != UNKNOWN_MOVEMENT,
        can=[finding.text for finding in analysis.findings if finding.kind == "can"],
        one_thing=work_on[0] if work_on else None,
        done=list_performed(analysis),
    )


def format_movement_title(analysis: Analysis) -> str:
    """The movement as a person reads it, with its variant: "Hip hinge, sumo"."""
    name, variant = analysis.movement.name, analysis.movement.variant
    known = load_movements().get(name)
    title = known.title if known else "Your clip" if name == UNKNOWN_MOVEMENT else name.replace("_", " ")
    title = title[:1].upper() + title[1:]
    return f"{title}, {variant.replace('_', ' ')}" if variant else title


def list_performed(analysis: Analysis) -> list[tuple[str, str]]:
    """Name and text of what was done: how often or how long, with what, how fast."""
    rows = []
    counted = [rep for rep in analysis.reps if rep.complete]
    if analysis.reps:
        parts = len(analysis.reps) - len(counted)
        more = f", and {parts} that the clip shows in part" if parts else ""
        rows.append(("Reps", f"{len(counted)}{more}"))
    if analysis.holds:
        held = [format_number(hold.duration_s, "s").replace(".0 s", " s") for hold in analysis.holds]
        rows.append(("Held" if len(held) == 1 else f"{len(held)} holds", ", ".join(held)))
        zones = [hold.in_zone_s for hold in analysis.holds if hold.in_zone_s is not None]
        if zones:
            rows.append(("In your zone", f"{sum(zones):.0f} s"))
    if analysis.stages:
        rows.append(("Recorded", f"{len(analysis.stages)} {'posture' if len(analysis.stages) == 1 else 'postures'}"))
    load_kg = analysis.provenance.settings.get("load_kg")
    if load_kg is not None:
        rows.append(("Load", format_number(float(load_kg), "kg") if load_kg else "Bodyweight"))
    elif analysis.reps:
        rows.append(("Load", "Not noted"))
    tempo = _tempo(analysis)
    if tempo:
        rows.append(("Tempo", tempo))
    if not rows:
        rows.append(("Length", format_number(analysis.clip.duration_s, "s")))
    return rows


def _tempo(analysis: Analysis) -> str:
    """The usual time of each part of a rep, in words."""
    out, back = get_phase_names(analysis.movement.name)
    reps = [rep for rep in analysis.reps if rep.complete]
    parts = {
        out: _usual([rep.descent_s for rep in reps]),
        "pause": _usual([rep.pause_s for rep in reps]),
        back: _usual([rep.ascent_s for rep in reps]),
    }
    said = [
        f"{format_number(value, 's')} {name}" for name, value in parts.items() if value is not None and value >= 0.05
    ]
    return ", ".join(said)


def _usual(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return float(np.median(known)) if known else None
