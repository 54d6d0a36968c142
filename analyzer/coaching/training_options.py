"""What a client can train: every movement that was filmed, with load, comfortable range, evidence and one next step."""

from collections.abc import Sequence
from datetime import datetime

from pydantic import Field

from analyzer.coaching.catalogue import load_catalogue
from analyzer.coaching.coaching_measures import CoachingMeasures, TrafficLight, read_coaching_measures
from analyzer.coaching.comfort_over_time import (
    ComfortTrend,
    FilmedClip,
    compute_comfort_trends,
    is_whole_range_comfortable,
)
from analyzer.coaching.screening import REFERRAL_TIERS
from analyzer.coaching.trainable_menu import StepDirection, find_step
from analyzer.movements.registry import load_movements
from analyzer.results.schema import Analysis, Finding
from analyzer.strict_model import StrictModel

_REFERRAL_IDS = [f"clinician.{tier}" for tier in REFERRAL_TIERS]  # findings that refer, the most urgent first
_LIGHT_ORDER: Sequence[TrafficLight | None] = ("go", None, "modify", "stop")
_STRICTEST_FIRST: Sequence[TrafficLight] = ("stop", "modify", "go")

_TrainingKey = tuple[str, str | None]  # movement and variant


class LoadPoint(StrictModel):
    """The load of one clip."""

    analysis: str = Field(description="id of the analysis")
    at: datetime
    load_kg: float


class NextStep(StrictModel):
    """One step of the trainable menu."""

    name: str = Field(examples=["Heavier"])
    say: str = Field(examples=["Add a little weight to your Romanian deadlift."])
    way: StepDirection = Field(description="down: easier; now: stay with it; up: more range, then more load")


class TrainingOption(StrictModel):
    """One movement and variant; nothing in it that was not measured or reported."""

    movement: str = Field(examples=["hinge"])
    variant: str | None = Field(examples=["trap_bar"])
    title: str = Field(examples=["Hip hinge / deadlift, trap bar"])
    analysis: str = Field(description="id of the latest clip's analysis: the evidence")
    at: datetime = Field(description="when that clip was filmed, as far as is known")
    load_kg: float | None = Field(description="load of that clip; null when not given", examples=[40])
    reps: int | None = Field(description="complete reps of that clip; null for holds and stages")
    held_s: float | None = Field(description="its longest hold; null without holds")
    loads: list[LoadPoint] = Field(description="every clip with a known load, oldest first")
    light: TrafficLight | None = Field(description="by the client's last reports; null without reports")
    reported_at: datetime | None = Field(description="when the clip with those reports was filmed")
    comfortable: list[ComfortTrend] = Field(description="the comfortable range, dated")
    next: NextStep | None = Field(
        description="null after a stop, during a referral, and for a step that the menu does not have any more"
    )
    leave: str | None = Field(description="shown in place of a next step where the last report is a stop")


def list_training_options(clips: Sequence[FilmedClip]) -> list[TrainingOption]:
    """List one entry for each movement and variant of a client's results, oldest first.

    Returns
    -------
    Entries with the light "go" first, then those without reports, "modify" and "stop"; within each the movement that
    was filmed last comes first. While a referral is active no entry has a next step.
    """
    groups: dict[_TrainingKey, list[FilmedClip]] = {}
    for clip in clips:
        if _training_key(clip)[0] != "unknown":
            groups.setdefault(_training_key(clip), []).append(clip)
    is_referred = find_active_referral(clips) is not None
    options = [_build_option(group, is_referred) for group in groups.values()]
    options.sort(key=lambda option: option.at, reverse=True)
    return sorted(options, key=lambda option: _LIGHT_ORDER.index(option.light))


def find_active_referral(clips: Sequence[FilmedClip]) -> str | None:
    """Return the text that refers to a clinician, as long as a referral is active; None without one.

    A yes to a screening question is active until all questions were answered without a yes. A report that refers is
    active until then, or until the same movement is reported on again without a referral: silence does not end it.

    Parameters
    ----------
    clips : a client's results, oldest first.
    """
    active: dict[_TrainingKey | None, Finding] = {}
    for clip in clips:
        measures = read_coaching_measures(clip.analysis)
        screen = measures.screen
        referral = next((finding for finding in clip.analysis.findings if finding.id in _REFERRAL_IDS), None)
        if screen and screen.state == "answered" and screen.tier is None:
            active.clear()
        if referral is not None:
            active[None if screen and screen.tier else _training_key(clip)] = referral
        elif measures.reported:
            active.pop(_training_key(clip), None)
    most_urgent = min(active.values(), key=lambda finding: _REFERRAL_IDS.index(finding.id), default=None)
    return most_urgent.text if most_urgent else None


def _training_key(clip: FilmedClip) -> _TrainingKey:
    return clip.analysis.movement.name, clip.analysis.movement.variant


def _build_option(group: Sequence[FilmedClip], is_referred: bool) -> TrainingOption:
    last, (name, variant) = group[-1], _training_key(group[-1])
    measures = [read_coaching_measures(clip.analysis) for clip in group]
    with_reports = [(clip, its) for clip, its in zip(group, measures, strict=True) if its.reported]
    reported_clip = with_reports[-1][0] if with_reports else None
    light = _strictest_light(with_reports[-1][1]) if with_reports else None
    # An easier step stays until the client reports otherwise, also where later clips have no report.
    step_clip = reported_clip if reported_clip and light == "modify" else last
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
            LoadPoint(analysis=clip.id, at=clip.at, load_kg=load_kg)
            for clip in group
            if (load_kg := _load_kg(clip.analysis)) is not None
        ],
        light=light,
        reported_at=reported_clip.at if reported_clip else None,
        comfortable=compute_comfort_trends(group),
        next=None if is_referred or light == "stop" else _find_next_step(step_clip.analysis),
        leave=load_catalogue().get_entry("training.leave").say if light == "stop" else None,
    )


def _strictest_light(measures: CoachingMeasures) -> TrafficLight:
    """Return the strictest light of a clip with reports."""
    lights = {report.light for report in measures.reported}
    return next(light for light in _STRICTEST_FIRST if light in lights)


def _load_kg(analysis: Analysis) -> float | None:
    value = analysis.provenance.settings.get("load_kg")
    return float(value) if isinstance(value, int | float) else None


def _find_next_step(analysis: Analysis) -> NextStep | None:
    """Return the step of the first thing to work on; a heavier one only once the whole range stayed comfortable."""
    first = next((finding for finding in analysis.findings if finding.kind == "next"), None)
    row_and_step = find_step(first.step_id) if first and first.step_id else None
    if row_and_step is None:
        return None
    row, step = row_and_step
    if step in row.later and not is_whole_range_comfortable(analysis):
        step = next((later for later in row.later if later.by == "range"), row.now)
    return NextStep(name=step.name, say=step.say, way=row.direction_of(step))
