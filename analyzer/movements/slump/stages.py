"""Find the stages of a seated slump test, or of slumping and sitting up in turns, in a motion (sources 4)."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from analyzer.kinematics.angles import (
    FloatArray,
    Series,
    ankle_dorsiflexion_deg,
    foot_pitch_deg,
    knee_flexion_deg,
    shin_inclination_deg,
    thigh_inclination_deg,
)
from analyzer.kinematics.joints import SideJoints
from analyzer.movements.frame_runs import FrameMask, close_gaps, find_runs
from analyzer.movements.level_steps import LevelStep, find_steps
from analyzer.movements.motion import Motion
from analyzer.movements.statistics import median

BodySide = Literal["near", "far"]
SlumpStage = Literal[
    "tall_sit",
    "slump",
    "chin_to_chest",
    "knee_straight",
    "toes_up",
    "neck_release",
    "toes_release",
    "knee_release",
    "return",
]
STAGES: tuple[SlumpStage, ...] = get_args(SlumpStage)
(
    TALL_SIT,
    SLUMP,
    CHIN_TO_CHEST,
    KNEE_STRAIGHT,
    TOES_UP,
    NECK_RELEASE,
    TOES_RELEASE,  # not a stage of its own in sources 4: a single part that is let go
    KNEE_RELEASE,  # likewise
    RETURN,
) = STAGES


@dataclass(frozen=True)
class SlumpLimits:
    """Thresholds of sitting and of stages."""

    thigh_deg: float = 50.0  # thigh at least this far off the vertical: sitting; chosen, as kinematics/baseline_posture
    trunk_from_deg: float = -20.0  # leaning back further is reclining, not sitting tall; chosen
    trunk_to_deg: float = 60.0  # a seated slump stays above this; chosen
    max_hidden_s: float = 1.0  # hidden, or off the seat, for less than this does not end the sitting; chosen
    slump_trunks: float = 0.07  # shoulders moved forward and down by 3 to 4 cm; chosen
    slump_share: float = 0.35  # or by this share of their range in the clip; chosen
    rounded_deg: float = 20.0  # or the back rounded by this: shoulders may stay over hips that roll back; chosen
    rolled_trunks: float = 0.05  # or hips rolled back by this, shoulders half as much nearer to them; chosen
    tall_percentile: float = 10.0  # of the shoulders' place: sitting tall, where there is no baseline posture; chosen
    neck_deg: float = 10.0  # more than the error (8, sources 5); chosen
    knee_deg: float = 30.0  # smallest change of a leg that straightens; chosen
    # and ends at least so straight; half of healthy adults stop within 20, sources 4; chosen
    straight_deg: float = 50.0
    toes_deg: float = 5.0  # toes pulled up while the knee is held straight: feet at rest rise so once a minute; chosen
    simultaneous_s: float = 0.5  # a movement within this of a slump or a return belongs to it; chosen
    min_stage_s: float = 0.3  # a shorter tall sitting at the start is no stage; chosen
    min_final_stage_s: float = 1.0  # nor is a shorter one at the end; chosen


LIMITS = SlumpLimits()


@dataclass(frozen=True)
class StageSpan:
    """One stage: it begins with a movement, which ends at `movement_end_s`, and lasts until the next one begins."""

    name: SlumpStage
    start_s: float
    movement_end_s: float
    end_s: float
    side: BodySide | None = None


@dataclass(frozen=True)
class SlumpSign:
    """A quantity that grows in a slump.

    Attributes
    ----------
    values : (T,) 0 sitting tall; NaN where unknown, and outside the seat.
    slump_threshold : a slump from this value on.
    min_step : smallest change by which its movements are timed.
    """

    values: Series
    slump_threshold: float
    min_step: float


@dataclass(frozen=True)
class SeatedPeriod:
    """The longest time in a seat.

    Attributes
    ----------
    frames : (T,) frames in it.
    signs : signs of a slump, the shoulders first; each is sufficient.
    slumps : first and last frame of each slump.
    """

    frames: FrameMask
    signs: tuple[SlumpSign, ...]
    slumps: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class _Leg:
    """Angles of one leg while seated, (T,) each; `feet` shows the ankle by heel to toe, and by ankle to toe."""

    side: BodySide
    knee_deg: Series
    feet_deg: tuple[Series, Series]


def find_seated_period(motion: Motion, limits: SlumpLimits = LIMITS) -> SeatedPeriod | None:
    """Find the longest time in which the person sits; None where they never do."""
    trunk, thigh = motion.angles["trunk_inclination_deg"], motion.angles["thigh_inclination_deg"]
    with np.errstate(invalid="ignore"):
        seated = (thigh < -limits.thigh_deg) & (np.abs(trunk) < limits.trunk_to_deg)
    stretches = find_runs(close_gaps(seated, motion.times_s, limits.max_hidden_s))
    if not stretches:
        return None
    first, last = max(stretches, key=lambda run: motion.times_s[run[1]] - motion.times_s[run[0]])
    frames = np.zeros(len(seated), dtype=bool)
    frames[first : last + 1] = True
    with np.errstate(invalid="ignore"):
        upright = frames & (trunk >= limits.trunk_from_deg)
    signs = tuple(_signs(motion, frames, upright, limits))
    if not signs:
        return None
    shoulders, *others = signs
    slumped = _above(shoulders.values, shoulders.slump_threshold, shoulders.slump_threshold / 2)
    for sign in others:  # unknown often, and then no slump
        slumped |= _above(np.nan_to_num(sign.values), sign.slump_threshold, sign.slump_threshold / 2)
    return SeatedPeriod(
        frames,
        signs,
        tuple(_slumps(slumped, motion.times_s, limits)),
    )


def _signs(motion: Motion, frames: FrameMask, upright: FrameMask, limits: SlumpLimits) -> Iterator[SlumpSign]:
    """Yield the signs of a slump: shoulders forward and down of the hips, back rounding, hips rolled back.

    In trunk lengths, the rounding in degrees; + towards a slump. Zero is the baseline posture: leaning back from there
    is not taller. No sign where the person is hardly visible.
    """
    along = np.where(frames[:, None], motion.near.shoulder - motion.near.hip, np.nan) / motion.trunk_px
    moved = (motion.forward * along[:, 0] + along[:, 1]) / np.sqrt(2)
    known = moved[upright & np.isfinite(moved)]
    if len(known) < 3:
        return
    lowest, highest = np.percentile(known, [limits.tall_percentile, 100 - limits.tall_percentile])
    tall = frames & motion.reference.frames if motion.reference and motion.reference.kind == "sitting" else None
    zero = median(moved[tall]) if tall is not None else None
    threshold = max(limits.slump_trunks, limits.slump_share * float(highest - lowest))
    yield SlumpSign(moved - (lowest if zero is None else zero), threshold, limits.slump_trunks / 2)
    rounded = np.where(frames, motion.angles["back_rounding_deg"], np.nan)
    yield SlumpSign(rounded, limits.rounded_deg, limits.rounded_deg / 2)
    if tall is not None and zero is not None:
        back = -motion.forward * motion.near.hip[:, 0] / motion.trunk_px
        rolled = np.minimum(back - np.nanmedian(back[tall]), 2 * (along[:, 1] - np.nanmedian(along[tall, 1])))
        yield SlumpSign(rolled, limits.rolled_trunks, limits.rolled_trunks / 2)


def find_slump_stages(motion: Motion, limits: SlumpLimits = LIMITS) -> list[StageSpan]:
    """Find the stages in order of time, in any order of the test; empty where nobody sits.

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


def _above(values: Series, enter: float, leave: float) -> FrameMask:
    """Return where a quantity has risen to `enter` and not yet fallen below `leave`, (T,); NaN changes nothing."""
    result = np.zeros(len(values), dtype=bool)
    inside = False
    for index, value in enumerate(values):
        if value >= enter:
            inside = True
        elif value < leave:
            inside = False
        result[index] = inside
    return result


def _slumps(slumped: FrameMask, times_s: FloatArray, limits: SlumpLimits) -> Iterator[tuple[int, int]]:
    for first, last in find_runs(close_gaps(slumped, times_s, limits.simultaneous_s)):
        if times_s[last] - times_s[first] >= limits.simultaneous_s:
            yield first, last


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
        knee, ankle = leg_angles_deg(joints, motion.forward)
        shin = shin_inclination_deg(joints.ankle, joints.knee, motion.forward)
        forefoot = ankle_dorsiflexion_deg(shin, foot_pitch_deg(joints.ankle, joints.toe, motion.forward))
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
    """Compute knee flexion and ankle dorsiflexion of one leg alone; (T,) degrees each."""
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
