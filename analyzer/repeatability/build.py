"""Compute the repeatability of each measure from groups of repeats."""

from collections.abc import Sequence
from dataclasses import asdict

from analyzer._version import __version__
from analyzer.movements.minimal_detectable_change import RepeatSetting
from analyzer.movements.protocol import Movement
from analyzer.movements.registry import load_movements
from analyzer.repeatability.clip_values import ClipValue, list_clip_values
from analyzer.repeatability.repeats import FoundRepeats, RepeatClip, RepeatGroup, iterate_by_movement
from analyzer.repeatability.schema import (
    MIN_DEGREES_OF_FREEDOM,
    MIN_PEOPLE,
    Agreement,
    MeasureRepeatability,
    MovementRepeatability,
    Repeatability,
    RepeatedValue,
)
from analyzer.repeatability.statistics import (
    compute_bland_altman,
    estimate_rep_spread,
    estimate_within_person_sd,
)

MeasuredClip = tuple[RepeatClip, ClipValue]


def build_repeatability(repeats: FoundRepeats, setting: RepeatSetting) -> Repeatability:
    """Compute the statistics of all movements; without repeats there are none."""
    known = load_movements()
    movements = [
        _measure_movement(known[name], groups) for name, groups in iterate_by_movement(repeats.groups) if name in known
    ]
    return Repeatability(setting=setting, movements=movements, left_out=list(repeats.left_out), analyzer=__version__)


def _measure_movement(movement: Movement, groups: Sequence[RepeatGroup]) -> MovementRepeatability:
    by_key: dict[str, list[list[MeasuredClip]]] = {}
    for group in groups:
        of_group: dict[str, list[MeasuredClip]] = {}
        for clip in group.clips:
            for value in list_clip_values(clip.analysis, movement):
                of_group.setdefault(value.key, []).append((clip, value))
        for key, values in of_group.items():
            if len(values) > 1:
                by_key.setdefault(key, []).append(values)
    measures = [_measure(key, measured) for key, measured in by_key.items()]
    order = {spec.id: number for number, spec in enumerate(movement.key_measures)}
    return MovementRepeatability(
        movement=movement.name,
        title=movement.title,
        people=len({group.client for group in groups}),
        clips=sum(len(group.clips) for group in groups),
        measures=sorted(measures, key=lambda one: (not one.is_key, order.get(one.key, len(order)))),
    )


def _measure(key: str, groups: Sequence[Sequence[MeasuredClip]]) -> MeasureRepeatability:
    """Compute the statistics of one measure; each group has two clips or more."""
    values = [[value.value for _, value in group] for group in groups]
    clips = [clip for group in groups for clip in group]
    people = len({clip.client for clip, _ in clips})
    within = estimate_within_person_sd(values)
    spread = estimate_rep_spread([value.reps for _, value in clips]) if all(value.reps for _, value in clips) else None
    any_value = clips[0][1]
    low, high = within.interval_95
    mdc_low, mdc_high = within.mdc95_interval_95
    return MeasureRepeatability(
        key=key,
        label=any_value.label,
        unit=any_value.unit,
        is_key=any_value.is_key,
        people=people,
        clips=len(clips),
        degrees_of_freedom=within.degrees_of_freedom,
        within_person_sd=_rounded(within.sd),
        within_person_sd_interval_95=(_rounded(low), _rounded(high)),
        sem=_rounded(within.sd),
        mdc95=_rounded(within.mdc95),
        mdc95_interval_95=(_rounded(mdc_low), _rounded(mdc_high)),
        least_change=_rounded(within.least_change),
        is_used=within.degrees_of_freedom >= MIN_DEGREES_OF_FREEDOM and people >= MIN_PEOPLE,
        rep_sd=None if spread is None else _rounded(spread.sd),
        reps_per_clip=None if spread is None else _rounded(spread.reps),
        max_yaw_deg=max(abs(clip.analysis.view.yaw_deg) for clip, _ in clips),
        agreement=_agree(values),
        groups=[
            RepeatedValue(
                client=group[0][0].client,
                files=[clip.file for clip, _ in group],
                values=[_rounded(value.value) for _, value in group],
            )
            for group in groups
        ],
    )


def _agree(values: Sequence[Sequence[float]]) -> Agreement | None:
    if len(values) < 2:
        return None
    computed = compute_bland_altman([group[0] for group in values], [group[1] for group in values])
    rounded = {
        name: tuple(map(_rounded, value)) if isinstance(value, tuple) else value
        for name, value in asdict(computed).items()
    }
    return Agreement.model_validate(
        {name: _rounded(value) if isinstance(value, float) else value for name, value in rounded.items()}
    )


def _rounded(value: float) -> float:
    """Round to four decimals, finer than any measurement."""
    return round(value, 4) + 0.0
