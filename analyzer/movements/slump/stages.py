"""Find the stages of a seated slump test, or of slumping and sitting up in turns, in a motion (sources 4)."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from analyzer.kinematics.angles import (
    ankle_dorsiflexion_deg,
    foot_pitch_deg,
    knee_flexion_deg,
    shin_inclination_deg,
    thigh_inclination_deg,
)
from analyzer.kinematics.arrays import FloatArray, Series
from analyzer.kinematics.joints import SideJoints
from analyzer.movements.frame_runs import FrameMask
from analyzer.movements.level_steps import LevelStep, find_steps
from analyzer.movements.motion import Motion
from analyzer.movements.slump.seated_period import SeatedPeriod, find_seated_period
from analyzer.movements.slump.thresholds import (
    CHIN_TO_CHEST,
    KNEE_RELEASE,
    KNEE_STRAIGHT,
    LIMITS,
    NECK_RELEASE,
    RETURN,
    SLUMP,
    TALL_SIT,
    TOES_RELEASE,
    TOES_UP,
    SlumpLimits,
    StageSpan,
)
from analyzer.results.schema import BodySide


@dataclass(frozen=True)
class _Leg:
    """Angles of one leg while seated, (T,) each; `feet` shows the ankle by heel to toe, and by ankle to toe."""

    side: BodySide
    knee_deg: Series
    feet_deg: tuple[Series, Series]


def find_slump_stages(motion: Motion, limits: SlumpLimits = LIMITS) -> list[StageSpan]:
    """Find the stages in order of time, in any order of the test; empty where the person does not sit.

    Where a leg straightens it is a slump test. Where none does, there are only tall sitting and slumps.
    """
    sitting = find_seated_period(motion, limits)
    if sitting is None:
        return []
    times_s = motion.times_s[sitting.frames]
    start_s, end_s = float(times_s[0]), float(times_s[-1])
    neck = np.where(sitting.frames, motion.angles["neck_flexion_deg"], np.nan)
    legs = _leg_spans(motion, sitting, limits)
    is_test = any(span.name == KNEE_STRAIGHT for span in legs)
    bends = _trunk_spans(motion, sitting, neck, limits)
    if not is_test:
        spans = [StageSpan(TALL_SIT, s.start_s, s.movement_end_s, s.end_s) if s.name == RETURN else s for s in bends]
    else:
        spans = [
            *bends,
            *_drop_released(legs, bends, limits),
            *_drop_released(_neck_spans(motion, sitting, bends, limits), bends, limits),
        ]
    spans.sort(key=lambda span: span.start_s)
    if not spans or spans[0].start_s - start_s >= limits.min_stage_s:
        spans.insert(0, StageSpan(TALL_SIT, start_s, start_s, start_s))
    # A crossing between frames may lie slightly before the first one.
    return [span for span in _make_consecutive(spans, end_s, limits) if span.end_s > start_s]


def _trunk_spans(motion: Motion, sitting: SeatedPeriod, neck: Series, limits: SlumpLimits) -> list[StageSpan]:
    """Find each slump and each return of the trunk; a neck that moves with it extends the movement."""
    times_s, frames = motion.times_s, sitting.frames
    bends = [find_steps(times_s, sign.values, sign.min_step) for sign in sitting.signs]
    neck_steps = find_steps(times_s, neck, limits.neck_deg)
    seat_first, seat_last = np.flatnonzero(frames)[[0, -1]]
    spans = []
    for first, last in sitting.slumps:
        begin_s = end_s = float(times_s[first])
        if times_s[first] - times_s[seat_first] > limits.min_stage_s:
            begin_s, end_s = _whole_move_s(begin_s, bends, neck_steps, 1, limits)
        spans.append(StageSpan(SLUMP, begin_s, end_s, end_s))
        if times_s[seat_last] - times_s[last] > limits.min_stage_s:
            begin_s, end_s = _whole_move_s(float(times_s[last]), bends, neck_steps, -1, limits)
            spans.append(StageSpan(RETURN, begin_s, end_s, end_s))
    return spans


def _whole_move_s(
    crossed_s: float, bends: Iterable[list[LevelStep]], neck_steps: list[LevelStep], sign: int, limits: SlumpLimits
) -> tuple[float, float]:
    """Return start and end of the movement that crosses the level at `crossed_s`, by the first of `bends` with one."""
    crossing = (
        [
            step
            for step in steps
            if sign * step.change > 0
            and step.start_s - limits.min_stage_s <= crossed_s <= step.end_s + limits.min_stage_s
        ]
        for steps in bends
    )
    moves: list[LevelStep] = next(filter(None, crossing), [])
    if not moves:
        return crossed_s, crossed_s
    start_s, end_s = min(step.start_s for step in moves), max(step.end_s for step in moves)
    for step in neck_steps:
        if sign * step.change > 0 and abs(step.start_s - start_s) <= limits.simultaneous_s:
            # On the way down the neck may continue into the next stage: only its start counts.
            return min(start_s, step.start_s), max(end_s, step.end_s) if sign < 0 else end_s
    return start_s, end_s


def _leg_spans(motion: Motion, sitting: SeatedPeriod, limits: SlumpLimits) -> list[StageSpan]:
    """Find knees that straighten and bend again, with the toes meanwhile; the near leg where both move at once."""
    spans: list[StageSpan] = []
    sides: tuple[tuple[BodySide, SideJoints], ...] = (("near", motion.near), ("far", motion.far))
    for side, joints in sides:
        knee, ankle = leg_angles_deg(joints, motion.forward_sign)
        shin = shin_inclination_deg(joints.ankle, joints.knee, motion.forward_sign)
        forefoot = ankle_dorsiflexion_deg(shin, foot_pitch_deg(joints.ankle, joints.toe, motion.forward_sign))
        leg = _Leg(side, np.where(sitting.frames, knee, np.nan), (ankle, forefoot))
        spans += _one_leg_spans(motion.times_s, sitting.frames, leg, spans, limits)
    return spans


def _one_leg_spans(
    times_s: FloatArray, frames: FrameMask, leg: _Leg, other_spans: Sequence[StageSpan], limits: SlumpLimits
) -> list[StageSpan]:
    """Find the stages of one leg, without those that the other leg has at the same time."""
    spans: list[StageSpan] = []
    straightened: LevelStep | None = None
    for step in find_steps(times_s, leg.knee_deg, limits.knee_deg):
        name = KNEE_RELEASE if step.change > 0 else KNEE_STRAIGHT
        is_duplicate = any(
            span.name == name and abs(span.start_s - step.start_s) <= limits.simultaneous_s
            for span in (*other_spans, *spans)
        )
        is_partial = step.after > limits.straight_deg if name == KNEE_STRAIGHT else straightened is None
        if is_duplicate or is_partial:
            continue
        spans.append(StageSpan(name, step.start_s, step.end_s, step.end_s, leg.side))
        if straightened is not None:
            spans += _toe_spans(times_s, leg, straightened.end_s, step.start_s, limits)
        straightened = step if name == KNEE_STRAIGHT else None
    if straightened is not None:
        spans += _toe_spans(times_s, leg, straightened.end_s, float(times_s[frames][-1]), limits)
    return spans


def leg_angles_deg(joints: SideJoints, forward: int) -> tuple[Series, Series]:
    """Compute knee flexion and ankle dorsiflexion of one leg alone, as in `kinematics.angles`.

    Parameters
    ----------
    joints : T frames.
    forward : +1 when forward is image right, -1 when it is image left.

    Returns
    -------
    knee : (T,) degrees in (-180, 180]: 0 straight, + bent; NaN where hip, knee or ankle is unknown.
    ankle : (T,) degrees in (-180, 180]: 0 at a right angle, + toes towards the shin; NaN where a landmark is unknown.
    """
    shin = shin_inclination_deg(joints.ankle, joints.knee, forward)
    thigh = thigh_inclination_deg(joints.knee, joints.hip, forward)
    foot = foot_pitch_deg(joints.heel, joints.toe, forward)
    return knee_flexion_deg(shin, thigh), ankle_dorsiflexion_deg(shin, foot)


def _toe_spans(times_s: FloatArray, leg: _Leg, from_s: float, to_s: float, limits: SlumpLimits) -> Iterator[StageSpan]:
    """Find toes that are pulled up, and let go after that, by any of the two angles of the foot."""
    part = (times_s >= from_s) & (times_s <= to_s)
    if part.sum() <= 2:
        return
    is_up = False
    for step in _merge_steps(times_s[part], [foot[part] for foot in leg.feet_deg], limits.toes_deg):
        name = TOES_UP if step.change > 0 else TOES_RELEASE
        if name == TOES_UP or is_up:
            yield StageSpan(name, max(step.start_s, from_s), step.end_s, step.end_s, leg.side)
        is_up = is_up or name == TOES_UP


def _neck_spans(
    motion: Motion, sitting: SeatedPeriod, bends: list[StageSpan], limits: SlumpLimits
) -> Iterator[StageSpan]:
    """Find movements of the neck while the trunk does not slump or return.

    The head's tilt on the trunk shows a nod in full, the ear's place over the shoulder about half of it; where the head
    is hidden or turned only the latter is known.
    """
    is_still = sitting.frames.copy()
    for span in bends:
        is_still &= (motion.times_s < span.start_s) | (motion.times_s > span.movement_end_s)
    head = motion.angles["head_tilt_deg"] - motion.angles["trunk_inclination_deg"]
    nods = [np.where(is_still, values, np.nan) for values in (head, motion.angles["neck_flexion_deg"])]
    for step in _merge_steps(motion.times_s, nods, limits.neck_deg):
        name = CHIN_TO_CHEST if step.change > 0 else NECK_RELEASE
        yield StageSpan(name, step.start_s, step.end_s, step.end_s)


def _merge_steps(times_s: FloatArray, signals: Iterable[Series], min_change: float) -> list[LevelStep]:
    """Return the steps of several signals of the same thing; of two at the same time the one of the first signal."""
    steps: list[LevelStep] = []
    for values in signals:
        steps += [
            step
            for step in find_steps(times_s, values, min_change)
            if not any(step.start_s < other.end_s and other.start_s < step.end_s for other in steps)
        ]
    return sorted(steps, key=lambda step: step.start_s)


def _drop_released(spans: Iterable[StageSpan], bends: list[StageSpan], limits: SlumpLimits) -> Iterator[StageSpan]:
    """Yield the spans without releases that happen together with a return."""
    returns = [span for span in bends if span.name == RETURN]
    releases = (NECK_RELEASE, KNEE_RELEASE, TOES_RELEASE)
    for span in spans:
        is_together = any(r.start_s - limits.min_stage_s <= span.start_s <= r.movement_end_s for r in returns)
        if not (is_together and span.name in releases):
            yield span


def _make_consecutive(spans: list[StageSpan], end_s: float, limits: SlumpLimits) -> Iterator[StageSpan]:
    """Yield each stage until the next begins; a return ends with its movement, and tall sitting may follow."""
    for span, following in zip(spans, [*spans[1:], None], strict=True):
        until_s = following.start_s if following else end_s
        if span.name == RETURN and until_s > span.movement_end_s:
            yield StageSpan(span.name, span.start_s, span.movement_end_s, span.movement_end_s, span.side)
            if following or until_s - span.movement_end_s >= limits.min_final_stage_s:
                yield StageSpan(TALL_SIT, span.movement_end_s, span.movement_end_s, until_s)
            continue
        yield StageSpan(span.name, span.start_s, min(span.movement_end_s, until_s), until_s, span.side)
