"""What a client can train: every movement that was filmed, with load, comfortable range, evidence and one next step."""

from collections.abc import Sequence
from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from analyzer.coaching.catalogue import load_catalogue
from analyzer.coaching.comfort_over_time import (
    ComfortTrend,
    FilmedClip,
    compute_comfort_trends,
    is_whole_range_comfortable,
)
from analyzer.coaching.screening import REFERRAL_TIERS
from analyzer.coaching.symptom_reports import TrafficLight
from analyzer.coaching.trainable_menu import MenuRow, StepDirection, load_menu
from analyzer.movements.registry import load_movements
from analyzer.results.schema import Analysis, Finding

_REFERRAL_IDS = [f"clinician.{tier}" for tier in REFERRAL_TIERS]  # findings that refer, the most urgent first
_LIGHT_ORDER: Sequence[TrafficLight | None] = ("go", None, "modify", "stop")
_STRICTEST_FIRST: Sequence[TrafficLight] = ("stop", "modify", "go")


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class LoadPoint(_Part):
    """The load of one clip."""

    analysis: str = Field(description="id of the analysis")
    at: datetime
    load_kg: float


class NextStep(_Part):
    """One step of the trainable menu."""

    name: str = Field(examples=["Heavier"])
    say: str = Field(examples=["Add a little weight to your Romanian deadlift."])
    way: StepDirection = Field(description="down: easier; now: stay with it; up: more range, then more load")


class TrainingOption(_Part):
    """One movement and variant; nothing in it that was not measured or reported."""

    movement: str = Field(examples=["hinge"])
    variant: str | None = Field(examples=["trap_bar"])
    title: str = Field(examples=["Hip hinge / deadlift, trap bar"])
    analysis: str = Field(description="id of the latest clip's analysis: the evidence")
    at: datetime = Field(description="when that clip was filmed, as far as is known")
    load_kg: float | None = Field(description="of that clip; null when nobody said", examples=[40])
    reps: int | None = Field(description="complete ones of that clip; null for holds and stages")
    held_s: float | None = Field(description="its longest hold; null where nothing is held")
    loads: list[LoadPoint] = Field(description="every clip whose load is known, oldest first")
    light: TrafficLight | None = Field(description="what the client last reported of it; null when nobody asked")
    reported_at: datetime | None = Field(description="when that clip was filmed")
    comfortable: list[ComfortTrend] = Field(description="the comfortable range, dated")
    next: NextStep | None = Field(description="null with a stop, while a referral stands, and where the menu has none")
    leave: str | None = Field(description="said in place of a next step where the last report is a stop")


def list_training_options(filmed: Sequence[FilmedClip]) -> list[TrainingOption]:
    """One entry a movement and variant, from a client's results, oldest first.

    Returns
    -------
    What goes first, then what nobody asked about, what is to be easier, and last what is left for now; of each the one
    that was filmed last comes first. While a referral stands no entry has a next step.
    """
    groups: dict[tuple[str, str | None], list[FilmedClip]] = {}
    for one in filmed:
        if _key(one)[0] != "unknown":
            groups.setdefault(_key(one), []).append(one)
    held_back = find_active_referral(filmed) is not None
    entries = [_entry(group, held_back) for group in groups.values()]
    entries.sort(key=lambda entry: entry.at, reverse=True)
    return sorted(entries, key=lambda entry: _LIGHT_ORDER.index(entry.light))


def find_active_referral(filmed: Sequence[FilmedClip]) -> str | None:
    """The neutral text that refers to a clinician, for as long as it stands; None when none does.

    A yes to one of the questions stands until all were answered without one. A report that refers stands until then,
    or until the same movement is reported on again without referring: what nobody asked again is not taken back.

    Parameters
    ----------
    filmed : a client's results, oldest first.
    """
    standing: dict[tuple[str, str | None] | None, Finding] = {}
    for one in filmed:
        screen = one.analysis.measures.get("screen") or {}
        told = next((finding for finding in one.analysis.findings if finding.id in _REFERRAL_IDS), None)
        if screen.get("state") == "answered" and screen.get("tier") is None:
            standing.clear()
        if told is not None:
            standing[None if screen.get("tier") else _key(one)] = told
        elif _symptom_reports(one.analysis):
            standing.pop(_key(one), None)
    urgent = min(standing.values(), key=lambda told: _REFERRAL_IDS.index(told.id), default=None)
    return urgent.text if urgent else None


def _key(one: FilmedClip) -> tuple[str, str | None]:
    return one.analysis.movement.name, one.analysis.movement.variant


def _entry(group: Sequence[FilmedClip], held_back: bool) -> TrainingOption:
    last, (name, variant) = group[-1], _key(group[-1])
    asked = next((one for one in reversed(group) if _symptom_reports(one.analysis)), None)
    light = _strictest_light(asked.analysis) if asked else None
    # Less is asked for until somebody says otherwise, also where later clips came without a report.
    base = asked if asked and light == "modify" else last
    movement = load_movements().get(name)
    title = movement.title if movement else name.replace("_", " ")
    return TrainingOption(
        movement=name,
        variant=variant,
        title=title[:1].upper() + title[1:] + (f", {variant.replace('_', ' ')}" if variant else ""),
        analysis=last.id,
        at=last.at,
        load_kg=_load_kg(last.analysis),
        reps=sum(rep.complete for rep in last.analysis.reps) if last.analysis.reps else None,
        held_s=max((hold.duration_s for hold in last.analysis.holds), default=None),
        loads=[
            LoadPoint(analysis=one.id, at=one.at, load_kg=load_kg)
            for one in group
            if (load_kg := _load_kg(one.analysis)) is not None
        ],
        light=light,
        reported_at=asked.at if asked else None,
        comfortable=compute_comfort_trends(group),
        next=None if held_back or light == "stop" else _next_step(base.analysis),
        leave=load_catalogue().entry("training.leave").say if light == "stop" else None,
    )


def _symptom_reports(analysis: Analysis) -> list[dict[str, object]]:
    return analysis.measures.get("reported") or []


def _strictest_light(analysis: Analysis) -> TrafficLight:
    """The most careful light of a clip that was reported on."""
    lights = {one["light"] for one in _symptom_reports(analysis)}
    return next(light for light in _STRICTEST_FIRST if light in lights)


def _load_kg(analysis: Analysis) -> float | None:
    value = analysis.provenance.settings.get("load_kg")
    return float(value) if isinstance(value, int | float) else None


def _next_step(analysis: Analysis) -> NextStep | None:
    """The step that the result tells; but more load only once the whole range stayed comfortable: range, then load."""
    first = next((finding for finding in analysis.findings if finding.kind == "next"), None)
    row = _find_menu_row(analysis, first) if first and first.try_ else None
    if first is None or row is None:
        return None
    step = next(step for step in row.steps if step.say == first.try_)
    if step in row.later and not is_whole_range_comfortable(analysis):
        step = next((later for later in row.later if later.by == "range"), row.now)
    way: StepDirection = "down" if step in row.easier else "up" if step in row.later else "now"
    return NextStep(name=step.name, say=step.say, way=way)


def _find_menu_row(analysis: Analysis, first: Finding) -> MenuRow | None:
    """The row of the menu that a step was taken from: that of the finding, or of what the person can do.

    None where the menu has the step no more.
    """
    movement = load_movements().get(analysis.movement.name)
    entries = load_catalogue(*filter(None, [movement.catalogue_path if movement else None])).entries
    ids = [first.id, *(finding.id for finding in analysis.findings if finding.kind == "can")]
    known = [load_menu()[entry.menu] for id in ids if (entry := entries.get(id)) and entry.menu]
    return next((row for row in known if any(step.say == first.try_ for step in row.steps)), None)
