"""What a clip shows of the back: whether it keeps its shape, how it changes, and whether that grows or differs.

The limits apply to the change from the baseline posture and to its 80 % interval. Lifters whose back looks neutral
still bend it by about 35 degrees from T11 to S2 (sources 2.3). A change surely beyond that is something to work on; one
surely within it, and at most half of it, is a back that keeps its shape; any other is stated without judgement. Between
the reps of one clip, a change counts from the minimal detectable change on (sources 5).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from analyzer.movements.minimal_detectable_change import MeanChange, compare_means
from analyzer.movements.protocol import BackTask, Observation
from analyzer.movements.set_consistency import measure_drift
from analyzer.movements.statistics import drop_unknown
from analyzer.movements.typed_measures import JsonObject
from analyzer.results.schema import KeyMeasure
from analyzer.vocabulary.terms import BASELINE_TEXTS, SHORT_BASELINE_TEXTS


@dataclass(frozen=True)
class BackFindingLimits:
    """When a back keeps its shape, and when its change is something to work on."""

    neutral_deg: float = 35.0  # 13 + 20 degrees, rounded up: sources 2.3
    keeps_shape_deg: float = 17.0  # half of it; chosen, then tried on 22 rendered clips: docs/validation.md
    dead_stop_s: float = 1.0  # at the bottom at least this long: the rep starts from a dead stop; chosen
    touch_s: float = 0.5  # at the bottom at most this long: the rep turns without a stop; chosen
    min_start_reps: int = 2  # fewest reps of either kind for a difference between them; chosen
    min_toe_touch_deg: float = 20.0  # no share of a smaller toe touch; chosen


LIMITS = BackFindingLimits()
_OUTLINE_NOT_SEEN = "its outline was not seen clearly at the moments that count"
_FAMILY = "back"  # of the minimal detectable change
_GROWTH = ("back.grows", "back.arches_more")
_SAME_AS_GROWTH = (".late_set",)  # ends of the ids that call for the same: make the first reps the set
_KEEP_HOLD = "back.keep_hold"
_SAME_AS_KEEP_HOLD = (".sag", ".pike")  # ends of the ids that call for the same: shorter holds in the own line
_Interval = tuple[float, float]


@dataclass(frozen=True)
class _TaskWords:
    """Ids of the words that differ between tasks in which the back keeps its shape."""

    keeps_shape: str
    grows: str
    room: str
    compare_starts: str


_LIFT_WORDS = _TaskWords("back.keeps_shape", "back.grows", "back.room", "back.compare_starts")
_SQUAT_WORDS = _TaskWords("back.keeps_shape_squat", "back.grows_squat", "back.room_squat", "back.compare_starts_squat")


@dataclass(frozen=True)
class BackContext:
    """What is known of the back in a clip beside its key measure; sequences have one value for each of its events.

    Attributes
    ----------
    baseline : what the change is measured from, a key of `BASELINE_TEXTS`.
    yaw_deg : of the camera; widens what counts as a change.
    numbers : index of each rep; empty for holds and stages.
    times_s : its moment.
    pauses_s : time at the bottom of each rep; None where unknown.
    toe_touch_deg : rounding of the back in the person's own toe touch; None where unknown.
    """

    baseline: str = "standing"
    yaw_deg: float = 0.0
    numbers: Sequence[int] = ()
    times_s: Sequence[float] = ()
    pauses_s: Sequence[float | None] = ()
    toe_touch_deg: float | None = None


def list_back_observations(
    back: KeyMeasure | None, task: BackTask | None, context: BackContext, limits: BackFindingLimits = LIMITS
) -> list[Observation]:
    """List one fact about the back, and at most one thing to try; empty where its change was not measured.

    Parameters
    ----------
    back : key measure of the back, degrees: + rounded, - arched.
    task : what the back does in the movement; None: its change is only stated.
    """
    if back is None:
        return []
    evidence = _build_evidence(back, context, limits)
    if back.interval_80 is None:
        return [Observation("back.measured", "note", 0.95, evidence)]
    if task == "hold":
        return _observe_hold(back, context, evidence)
    if task == "full_range":
        return [Observation("back.own_range", "note", 0.95, evidence)]
    if task is None:
        return [_observe_change(back, evidence, is_clear=not _includes_zero(back.interval_80))]
    return _observe_lift(back, back.interval_80, task, context, evidence, limits)


def observe_unmeasured_back(reason: str | None) -> Observation:
    """Return the fact that the clip gives no number for the back; `reason` as in `BackRounding.abstained`."""
    return Observation("back.not_measured", "note", 0.2, {"reason": reason or _OUTLINE_NOT_SEEN})


def states_growth(of_back: Sequence[Observation]) -> bool:
    """Return whether observations of the back state that its change grows over the set."""
    return any(observation.id.startswith(_GROWTH) for observation in of_back)


def combine_observations(others: Sequence[Observation], of_back: Sequence[Observation]) -> list[Observation]:
    """Combine the observations of a movement with those of the back, of two that call for the same only one.

    The growth of the back's change comes before another change within the set, the body line before the back.
    """
    grows = states_growth(of_back)
    leaves_line = any(observation.id.endswith(_SAME_AS_KEEP_HOLD) for observation in others)
    return [
        *(observation for observation in others if not (grows and observation.id.endswith(_SAME_AS_GROWTH))),
        *(observation for observation in of_back if not (leaves_line and observation.id.startswith(_KEEP_HOLD))),
    ]


def _observe_lift(
    back: KeyMeasure,
    interval_deg: _Interval,
    task: BackTask,
    context: BackContext,
    evidence: JsonObject,
    limits: BackFindingLimits,
) -> list[Observation]:
    """Observe a back that is meant to keep its shape over reps."""
    words = _SQUAT_WORDS if task == "squat" else _LIFT_WORDS
    change_deg, (low_deg, high_deg) = abs(back.value), _unsigned(interval_deg)
    within = _observe_growth(back, context, words, evidence)
    if within is None and task == "lift":
        within = _observe_difference(back, context, evidence, limits)
    is_small = change_deg <= limits.keeps_shape_deg
    if is_small and high_deg <= limits.neutral_deg and within is None:
        return [Observation(words.keeps_shape, "can", 0.95, evidence)]
    is_unclear = change_deg <= limits.neutral_deg and _includes_zero(interval_deg) and within is None
    fact = _observe_change(back, evidence, is_clear=not is_unclear)
    if within is not None:
        return [fact, within]
    if low_deg > limits.neutral_deg:
        room = words.room if back.value > 0 else "back.room_arched"
        return [fact, Observation(room, "next", 0.94, evidence)]
    if change_deg > limits.neutral_deg:  # perhaps beyond: worth a comparison where there is nothing else to work on
        return [fact, Observation(words.compare_starts, "next", 0.0, evidence)]
    return [fact]


def _observe_change(back: KeyMeasure, evidence: JsonObject, *, is_clear: bool) -> Observation:
    """Observe a change as a plain fact."""
    if not is_clear:
        return Observation("back.no_clear_change", "note", 0.95, evidence)
    return Observation("back.rounds" if back.value >= 0 else "back.arches", "note", 0.95, evidence)


def _observe_growth(
    back: KeyMeasure, context: BackContext, words: _TaskWords, evidence: JsonObject
) -> Observation | None:
    """Observe a change that grows from the first reps to the last ones; None for less than the MDC."""
    growth = measure_drift(back.per_rep, _FAMILY, context.yaw_deg)
    if growth is None or not growth.is_clear or growth.change * growth.after <= 0:
        return None
    more = words.grows if growth.change > 0 else "back.arches_more"
    return Observation(more, "next", 0.97, evidence | _describe_growth(growth))


def _describe_growth(growth: MeanChange) -> JsonObject:
    return {
        "growth_deg": round(abs(growth.change), 1),
        "first_deg": round(growth.before, 1),
        "last_deg": round(growth.after, 1),
        "first_reps": growth.n_before,
        "last_reps": growth.n_after,
        "threshold_deg": round(growth.threshold, 1),
    }


def _observe_difference(
    back: KeyMeasure, context: BackContext, evidence: JsonObject, limits: BackFindingLimits
) -> Observation | None:
    """Observe a difference between reps from a dead stop and reps that turn without one; None for less than the MDC."""
    known = [
        (deg, pause_s)
        for deg, pause_s in zip(back.per_rep, context.pauses_s, strict=False)
        if deg is not None and pause_s is not None
    ]
    stopped = [deg for deg, pause_s in known if pause_s >= limits.dead_stop_s]
    touched = [deg for deg, pause_s in known if pause_s <= limits.touch_s]
    if min(len(stopped), len(touched)) < limits.min_start_reps:
        return None
    difference = compare_means(touched, stopped, _FAMILY, "same_clip", yaw_deg=context.yaw_deg)
    if difference is None or not difference.is_clear:
        return None
    is_more_stopped = abs(difference.after) > abs(difference.before)
    return Observation(
        "back.differs_stopped" if is_more_stopped else "back.differs_touched",
        "next",
        0.93,
        evidence
        | {
            "difference_deg": round(abs(difference.change), 1),
            "stopped_deg": round(difference.after, 1),
            "touched_deg": round(difference.before, 1),
            "stopped_reps": len(stopped),
            "touched_reps": len(touched),
            "threshold_deg": round(difference.threshold, 1),
        },
    )


def _observe_hold(back: KeyMeasure, context: BackContext, evidence: JsonObject) -> list[Observation]:
    """Observe the change of the back from the person's own line."""
    change = compare_means([0.0], [back.value], _FAMILY, "same_clip", yaw_deg=context.yaw_deg, are_medians=True)
    if change is None or not change.is_clear:
        return [Observation("back.keeps_shape_hold", "can", 0.95, evidence)]
    rounds = back.value > 0
    return [
        Observation("back.rounds_in_hold" if rounds else "back.arches_in_hold", "note", 0.95, evidence),
        Observation("back.keep_hold_rounds" if rounds else "back.keep_hold_arches", "next", 0.94, evidence),
    ]


def _build_evidence(back: KeyMeasure, context: BackContext, limits: BackFindingLimits) -> JsonObject:
    """Build the values that every finding about the reps may use; None where unknown."""
    low_deg, high_deg = (None, None) if back.interval_80 is None else _unsigned(back.interval_80)
    toe_touch_deg = context.toe_touch_deg
    has_share = toe_touch_deg is not None and toe_touch_deg >= limits.min_toe_touch_deg and back.value > 0
    return {
        "back_deg": abs(back.value),
        "low_deg": low_deg,
        "high_deg": high_deg,
        "likely": _format_interval(low_deg, high_deg),
        "measured_from": BASELINE_TEXTS[context.baseline],
        "from_short": SHORT_BASELINE_TEXTS[context.baseline],
        "reps": len(drop_unknown(back.per_rep)),
        "times_s": _find_most_changed_s(back, context),
        "toe_touch_deg": toe_touch_deg,
        "toe_touch_pct": round(100 * back.value / toe_touch_deg, 1) if has_share and toe_touch_deg else None,
        **_describe_reps(back, context),
    }


def _describe_reps(back: KeyMeasure, context: BackContext) -> JsonObject:
    """Describe how the change is spread over the reps: alike in all of them, else the least and the most changed."""
    values: JsonObject = dict.fromkeys(("alike_reps", "least_rep", "least_deg", "most_rep", "most_deg"))
    known = [(abs(deg), number) for deg, number in zip(back.per_rep, context.numbers, strict=False) if deg is not None]
    if len(known) < 2:
        return values
    (least_deg, least_rep), (most_deg, most_rep) = min(known), max(known, key=lambda one: one[0])
    spread = compare_means([least_deg], [most_deg], _FAMILY, "same_clip", yaw_deg=context.yaw_deg)
    if spread is None or not spread.is_clear:
        return values | {"alike_reps": len(known)}
    return values | {
        "least_rep": least_rep,
        "least_deg": round(least_deg, 1),
        "most_rep": most_rep,
        "most_deg": round(most_deg, 1),
    }


def _find_most_changed_s(back: KeyMeasure, context: BackContext) -> list[float]:
    """Return the moment with the largest change, as the one to look at; empty where none is known."""
    known = [(abs(deg), at_s) for deg, at_s in zip(back.per_rep, context.times_s, strict=False) if deg is not None]
    return [max(known, key=lambda one: one[0])[1]] if known else []


def _format_interval(low_deg: float | None, high_deg: float | None) -> str | None:
    """Return the interval of the size of a change in words: "20 to 30", or "up to 9"."""
    if low_deg is None or high_deg is None:
        return None
    return f"up to {high_deg:.0f}" if round(low_deg) == 0 else f"{low_deg:.0f} to {high_deg:.0f}"


def _unsigned(interval_deg: _Interval) -> _Interval:
    """Return the interval of the change without its sign: it starts at 0 where the interval includes 0."""
    low_deg, high_deg = sorted(abs(end) for end in interval_deg)
    return (0.0 if _includes_zero(interval_deg) else low_deg), high_deg


def _includes_zero(interval_deg: _Interval) -> bool:
    return interval_deg[0] < 0 < interval_deg[1]
