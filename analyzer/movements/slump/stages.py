"""The stages of a seated slump test, or of slumping and sitting up in turns, found from the track (sources 4)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

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

TALL_SIT, SLUMP, CHIN_TO_CHEST, KNEE_STRAIGHT = "tall_sit", "slump", "chin_to_chest", "knee_straight"
TOES_UP, NECK_RELEASE, RETURN = "toes_up", "neck_release", "return"
# Not stages of their own in sources 4, but seen where somebody lets go of one thing at a time.
TOES_RELEASE, KNEE_RELEASE = "toes_release", "knee_release"
STAGES = (TALL_SIT, SLUMP, CHIN_TO_CHEST, KNEE_STRAIGHT, TOES_UP, NECK_RELEASE, TOES_RELEASE, KNEE_RELEASE, RETURN)


@dataclass(frozen=True)
class SlumpLimits:
    """What counts as sitting, and the least that is a stage."""

    thigh_deg: float = 50.0  # thigh at least this far off the vertical: sitting; chosen, as kinematics/reference
    trunk_from_deg: float = -20.0  # leaning back further is reclining, not sitting tall; chosen
    trunk_to_deg: float = 60.0  # a seated slump stays above this; chosen
    unseen_s: float = 1.0  # lost, or off the seat, for less than this does not end the sitting; chosen
    slump_trunks: float = 0.07  # shoulders gone forward and down by 3 to 4 cm; chosen
    slump_share: float = 0.35  # or by this share of what they do in the clip; chosen
    rounded_deg: float = 20.0  # or the back rounded by this: shoulders may stay over hips that roll back; chosen
    rolled_trunks: float = 0.05  # or hips rolled back by so much, shoulders half as much nearer to them; chosen
    tall_percentile: float = 10.0  # of the shoulders' place: sitting tall, where no tall posture was found; chosen
    neck_deg: float = 10.0  # more than is measured by chance (8, sources 5); chosen
    knee_deg: float = 30.0  # a leg that straightens; chosen
    # and ends at least so straight; half of healthy adults stop within 20, sources 4; chosen
    straight_deg: float = 50.0
    toes_deg: float = 5.0  # toes pulled up while the knee is held straight: feet at rest rise so once a minute; chosen
    simultaneous_s: float = 0.5  # what begins within this of a slump or a return belongs to it; chosen
    shortest_s: float = 0.3  # less than this of sitting tall at the start is no stage; chosen
    after_s: float = 1.0  # nor is less than this at the end; chosen


LIMITS = SlumpLimits()


@dataclass(frozen=True)
class StageSpan:
    """One stage: it begins with a movement, which ends at `movement_end_s`, and lasts until the next one begins."""

    name: str
    start_s: float
    movement_end_s: float
    end_s: float
    side: BodySide | None = None


@dataclass(frozen=True)
class SlumpSign:
    """Something that grows when somebody slumps."""

    values: Series  # (T,) 0 sitting tall; NaN where unknown, and outside the seat
    slumped: float  # from here on it is a slump
    moving: float  # the least change that times one


@dataclass(frozen=True)
class SeatedPeriod:
    """The longest time in a seat.

    Attributes
    ----------
    frames : (T,) of it.
    signs : what shows a slump, the shoulders first; each is enough.
    slumps : first and last frame of each time slumped.
    """

    frames: FrameMask
    signs: tuple[SlumpSign, ...]
    slumps: tuple[tuple[int, int], ...]


def find_seated_period(motion: Motion, limits: SlumpLimits = LIMITS) -> SeatedPeriod | None:
    """The longest time in which somebody sits; None when nobody does."""
    trunk, thigh = motion.angles["trunk_inclination_deg"], motion.angles["thigh_inclination_deg"]
    with np.errstate(invalid="ignore"):
        seated = (thigh < -limits.thigh_deg) & (np.abs(trunk) < limits.trunk_to_deg)
    stretches = find_runs(close_gaps(seated, motion.times_s, limits.unseen_s))
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
    slumped = _above(shoulders.values, shoulders.slumped, shoulders.slumped / 2)
    for sign in others:  # often not seen, and then no slump
        slumped |= _above(np.nan_to_num(sign.values), sign.slumped, sign.slumped / 2)
    return SeatedPeriod(
        frames,
        signs,
        tuple(_slumps(slumped, motion.times_s, limits)),
    )


def _signs(motion: Motion, frames: FrameMask, upright: FrameMask, limits: SlumpLimits) -> Iterator[SlumpSign]:
    """The shoulders' way forward and down of the hips, the back's bend, and the hips' roll; none when nobody is seen.

    Ways in trunk lengths, the bend in degrees, + the way a slump goes. The zero is the own tall posture: who leans back
    from there is no taller for it.
    """
    along = np.where(frames[:, None], motion.near.shoulder - motion.near.hip, np.nan) / motion.trunk_px
    gone = (motion.forward * along[:, 0] + along[:, 1]) / np.sqrt(2)
    seen = gone[upright & np.isfinite(gone)]
    if len(seen) < 3:
        return
    lowest, highest = np.percentile(seen, [limits.tall_percentile, 100 - limits.tall_percentile])
    tall = frames & motion.reference.frames if motion.reference and motion.reference.kind == "sitting" else None
    zero = median(gone[tall]) if tall is not None else None
    least = max(limits.slump_trunks, limits.slump_share * float(highest - lowest))
    yield SlumpSign(gone - (lowest if zero is None else zero), least, limits.slump_trunks / 2)
    rounded = np.where(frames, motion.angles["back_rounding_deg"], np.nan)
    yield SlumpSign(rounded, limits.rounded_deg, limits.rounded_deg / 2)
    if tall is not None and zero is not None:
        back = -motion.forward * motion.near.hip[:, 0] / motion.trunk_px
        rolled = np.minimum(back - np.nanmedian(back[tall]), 2 * (along[:, 1] - np.nanmedian(along[tall, 1])))
        yield SlumpSign(rolled, limits.rolled_trunks, limits.rolled_trunks / 2)


def find_slump_stages(motion: Motion, limits: SlumpLimits = LIMITS) -> list[StageSpan]:
    """The stages in order of time, whatever their order is; empty when nobody sits.

    Where a leg straightens it is a slump test. Where none does, only sitting tall and slumping are told.
    """
    sitting = find_seated_period(motion, limits)
    if sitting is None:
        return []
    times_s = motion.times_s[sitting.frames]
    start_s, end_s = float(times_s[0]), float(times_s[-1])
    neck = np.where(sitting.frames, motion.angles["neck_flexion_deg"], np.nan)
    legs = list(_leg_spans(motion, sitting, limits))
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
    if not spans or spans[0].start_s - start_s >= limits.shortest_s:
        spans.insert(0, StageSpan(TALL_SIT, start_s, start_s, start_s))
    # A crossing, told between frames, may lie a hair before the first one.
    return [span for span in _make_consecutive(spans, end_s, limits) if span.end_s > start_s]


def _above(values: Series, enter: float, leave: float) -> FrameMask:
    """Where a quantity has risen to `enter` and not yet fallen below `leave`; what is unknown changes nothing."""
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
    """Each slump and each return of the trunk; the neck that goes along with it tells the first and last moment."""
    times_s, frames = motion.times_s, sitting.frames
    bends = [find_steps(times_s, sign.values, sign.moving) for sign in sitting.signs]
    neck_steps = find_steps(times_s, neck, limits.neck_deg)
    seat_first, seat_last = np.flatnonzero(frames)[[0, -1]]
    found = []
    for first, last in sitting.slumps:
        begin_s = end_s = float(times_s[first])
        if times_s[first] - times_s[seat_first] > limits.shortest_s:
            begin_s, end_s = _whole_move_s(begin_s, bends, neck_steps, 1, limits)
        found.append(StageSpan(SLUMP, begin_s, end_s, end_s))
        if times_s[seat_last] - times_s[last] > limits.shortest_s:
            begin_s, end_s = _whole_move_s(float(times_s[last]), bends, neck_steps, -1, limits)
            found.append(StageSpan(RETURN, begin_s, end_s, end_s))
    return found


def _whole_move_s(
    crossed_s: float, bends: Iterable[list[LevelStep]], neck_steps: list[LevelStep], sign: int, limits: SlumpLimits
) -> tuple[float, float]:
    """Beginning and end of the movement that crosses the level at `crossed_s`: of the first of `bends` that has one."""
    crossing = (
        [
            step
            for step in steps
            if sign * step.change > 0
            and step.start_s - limits.shortest_s <= crossed_s <= step.end_s + limits.shortest_s
        ]
        for steps in bends
    )
    moves: list[LevelStep] = next(filter(None, crossing), [])
    if not moves:
        return crossed_s, crossed_s
    start_s, end_s = min(step.start_s for step in moves), max(step.end_s for step in moves)
    for step in neck_steps:
        if sign * step.change > 0 and abs(step.start_s - start_s) <= limits.simultaneous_s:
            # On the way down the neck may go on to the next stage: only its beginning counts.
            return min(start_s, step.start_s), max(end_s, step.end_s) if sign < 0 else end_s
    return start_s, end_s


def _leg_spans(motion: Motion, sitting: SeatedPeriod, limits: SlumpLimits) -> Iterator[StageSpan]:
    """A knee that straightens and bends again, and what the toes do meanwhile; the near leg where both do it."""
    taken: list[StageSpan] = []
    sides: tuple[tuple[BodySide, SideJoints], ...] = (("near", motion.near), ("far", motion.far))
    for side, joints in sides:
        knee, ankle = leg_angles_deg(joints, motion.forward)
        knee = np.where(sitting.frames, knee, np.nan)
        shin = shin_inclination_deg(joints.ankle, joints.knee, motion.forward)
        forefoot = ankle_dorsiflexion_deg(shin, foot_pitch_deg(joints.ankle, joints.toe, motion.forward))
        steps = find_steps(motion.times_s, knee, limits.knee_deg)
        held: LevelStep | None = None
        for step in steps:
            name = KNEE_RELEASE if step.change > 0 else KNEE_STRAIGHT
            both = any(s.name == name and abs(s.start_s - step.start_s) <= limits.simultaneous_s for s in taken)
            if both or (name == KNEE_STRAIGHT and step.after > limits.straight_deg):
                continue
            if name == KNEE_RELEASE and held is None:
                continue
            taken.append(StageSpan(name, step.start_s, step.end_s, step.end_s, side))
            if held is not None:
                taken += _toe_spans(motion.times_s, (ankle, forefoot), held.end_s, step.start_s, side, limits)
            held = step if name == KNEE_STRAIGHT else None
        if held is not None:
            end_s = float(motion.times_s[sitting.frames][-1])
            taken += _toe_spans(motion.times_s, (ankle, forefoot), held.end_s, end_s, side, limits)
    yield from taken


def leg_angles_deg(joints: SideJoints, forward: int) -> tuple[Series, Series]:
    """Knee flexion and ankle dorsiflexion of one leg alone."""
    shin = shin_inclination_deg(joints.ankle, joints.knee, forward)
    thigh = thigh_inclination_deg(joints.knee, joints.hip, forward)
    foot = foot_pitch_deg(joints.heel, joints.toe, forward)
    return knee_flexion_deg(shin, thigh), ankle_dorsiflexion_deg(shin, foot)


def _toe_spans(
    times_s: FloatArray, feet: Iterable[Series], from_s: float, to_s: float, side: BodySide, limits: SlumpLimits
) -> Iterator[StageSpan]:
    """Toes pulled up, and let go after that, as any of `feet` shows: heel to toe, or ankle to toe."""
    part = (times_s >= from_s) & (times_s <= to_s)
    if part.sum() <= 2:
        return
    up = False
    for step in _merge_steps(times_s[part], [foot[part] for foot in feet], limits.toes_deg):
        name = TOES_UP if step.change > 0 else TOES_RELEASE
        if name == TOES_UP or up:
            yield StageSpan(name, max(step.start_s, from_s), step.end_s, step.end_s, side)
        up = up or name == TOES_UP


def _neck_spans(
    motion: Motion, sitting: SeatedPeriod, bends: list[StageSpan], limits: SlumpLimits
) -> Iterator[StageSpan]:
    """What the neck does while the trunk does not slump or return.

    The head's tilt on the trunk shows a nod in full, of which the ear's place over the shoulder shows about half; a
    head that is hidden or turned leaves the latter.
    """
    free = sitting.frames.copy()
    for span in bends:
        free &= (motion.times_s < span.start_s) | (motion.times_s > span.movement_end_s)
    head = motion.angles["head_tilt_deg"] - motion.angles["trunk_inclination_deg"]
    nods = [np.where(free, values, np.nan) for values in (head, motion.angles["neck_flexion_deg"])]
    for step in _merge_steps(motion.times_s, nods, limits.neck_deg):
        name = CHIN_TO_CHEST if step.change > 0 else NECK_RELEASE
        yield StageSpan(name, step.start_s, step.end_s, step.end_s)


def _merge_steps(times_s: FloatArray, measures: Iterable[Series], least: float) -> list[LevelStep]:
    """Steps that some measure of the same thing shows; of two at the same time the earlier measure's."""
    steps: list[LevelStep] = []
    for values in measures:
        found = find_steps(times_s, values, least)
        steps += [
            step
            for step in found
            if not any(step.start_s < other.end_s and other.start_s < step.end_s for other in steps)
        ]
    return sorted(steps, key=lambda step: step.start_s)


def _drop_released(
    found: "list[StageSpan] | Iterator[StageSpan]", bends: list[StageSpan], limits: SlumpLimits
) -> Iterator[StageSpan]:
    """Without what lets go together with a return."""
    returns = [span for span in bends if span.name == RETURN]
    letting_go = (NECK_RELEASE, KNEE_RELEASE, TOES_RELEASE)
    for span in found:
        together = any(r.start_s - limits.shortest_s <= span.start_s <= r.movement_end_s for r in returns)
        if not (together and span.name in letting_go):
            yield span


def _make_consecutive(spans: list[StageSpan], end_s: float, limits: SlumpLimits) -> Iterator[StageSpan]:
    """Each stage until the next begins; a return ends with its movement, and sitting tall may follow."""
    for span, following in zip(spans, [*spans[1:], None], strict=True):
        until_s = following.start_s if following else end_s
        if span.name == RETURN and until_s > span.movement_end_s:
            yield StageSpan(span.name, span.start_s, span.movement_end_s, span.movement_end_s, span.side)
            if following or until_s - span.movement_end_s >= limits.after_s:
                yield StageSpan(TALL_SIT, span.movement_end_s, span.movement_end_s, until_s)
            continue
        yield StageSpan(span.name, span.start_s, min(span.movement_end_s, until_s), until_s, span.side)
