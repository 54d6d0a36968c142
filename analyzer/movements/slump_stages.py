"""The stages of a seated slump test, or of slumping and sitting up in turns, found from the track (domain 4)."""

from collections.abc import Iterator
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
from analyzer.kinematics.joints import Joints
from analyzer.movements.holds import Frames, closed, runs
from analyzer.movements.motion import Motion
from analyzer.movements.stages import Step, find_steps

Side = Literal["near", "far"]

TALL_SIT, SLUMP, CHIN_TO_CHEST, KNEE_STRAIGHT = "tall_sit", "slump", "chin_to_chest", "knee_straight"
TOES_UP, NECK_RELEASE, RETURN = "toes_up", "neck_release", "return"
# Not stages of their own in domain 4, but seen where somebody lets go of one thing at a time.
TOES_RELEASE, KNEE_RELEASE = "toes_release", "knee_release"
STAGES = (TALL_SIT, SLUMP, CHIN_TO_CHEST, KNEE_STRAIGHT, TOES_UP, NECK_RELEASE, TOES_RELEASE, KNEE_RELEASE, RETURN)


@dataclass(frozen=True)
class SlumpLimits:
    """What counts as sitting, and the least that is a stage."""

    thigh_deg: float = 50.0  # thigh at least this far off the vertical: sitting; chosen, as kinematics/reference
    trunk_from_deg: float = -20.0  # leaning back further is reclining, not sitting tall; chosen
    trunk_to_deg: float = 60.0  # a seated slump stays above this; chosen
    unseen_s: float = 1.0  # lost, or off the seat, for less than this does not end the sitting; chosen
    hips_travel_trunks: float = 0.5  # hips move less than this on a seat; a rower's or a squatter's move more; chosen
    slump_trunks: float = 0.07  # shoulders gone forward and down by 3 to 4 cm; chosen
    slump_share: float = 0.35  # or by this share of what they do in the clip; chosen
    tall_percentile: float = 10.0  # of the shoulders' place: sitting tall; chosen
    neck_deg: float = 10.0  # more than is measured by chance (8, domain 5); chosen
    knee_deg: float = 30.0  # a leg that straightens; chosen
    straight_deg: float = 50.0  # and ends at least so straight; half of healthy adults stop within 20, domain 4; chosen
    toes_deg: float = 6.0  # toes pulled up while the knee is held straight; the foot is noisy; chosen
    together_s: float = 0.5  # what begins within this of a slump or a return belongs to it; chosen
    shortest_s: float = 0.3  # less than this of sitting tall at the start is no stage; chosen
    after_s: float = 1.0  # nor is less than this at the end; chosen


LIMITS = SlumpLimits()


@dataclass(frozen=True)
class Span:
    """One stage: it begins with a movement, which ends at `moved_s`, and lasts until the next one begins."""

    name: str
    start_s: float
    moved_s: float
    end_s: float
    side: Side | None = None


@dataclass(frozen=True)
class Sitting:
    """The longest time in a seat.

    Attributes
    ----------
    frames : (T,) of it.
    share : of the time the trunk is seen.
    hips_travel_trunks : how far the hips moved, the larger of across and up.
    gone : (T,) how far the shoulders went forward and down of the hips, in trunk lengths; 0 sitting tall.
    slumps : first and last frame of each time slumped.
    """

    frames: Frames
    share: float
    hips_travel_trunks: float
    gone: Series
    slumps: tuple[tuple[int, int], ...]


def find_sitting(motion: Motion, limits: SlumpLimits = LIMITS) -> Sitting | None:
    """The longest time in which somebody sits; None when nobody does."""
    trunk, thigh = motion.angles["trunk_inclination_deg"], motion.angles["thigh_inclination_deg"]
    with np.errstate(invalid="ignore"):
        seated = (thigh < -limits.thigh_deg) & (np.abs(trunk) < limits.trunk_to_deg)
    stretches = runs(closed(seated, motion.times_s, limits.unseen_s))
    if not stretches:
        return None
    first, last = max(stretches, key=lambda run: motion.times_s[run[1]] - motion.times_s[run[0]])
    frames = np.zeros(len(seated), dtype=bool)
    frames[first : last + 1] = True
    hip = motion.near.hip[frames & seated]
    hip = hip[np.isfinite(hip).all(axis=1)]
    if not len(hip):
        return None
    travel = np.percentile(hip, 95, axis=0) - np.percentile(hip, 5, axis=0)
    seen = np.isfinite(trunk)

    along = motion.near.shoulder - motion.near.hip
    place = (motion.forward * along[:, 0] + along[:, 1]) / np.sqrt(2) / motion.trunk_px
    place = np.where(frames, place, np.nan)
    with np.errstate(invalid="ignore"):
        tall = place[np.isfinite(place) & (trunk >= limits.trunk_from_deg)]
    if len(tall) < 3:
        return None
    lowest, highest = np.percentile(tall, [limits.tall_percentile, 100 - limits.tall_percentile])
    gone = place - lowest
    least = max(limits.slump_trunks, limits.slump_share * float(highest - lowest))
    slumped = _above(gone, least, least / 2)
    return Sitting(
        frames,
        float((frames & seen).sum() / max(seen.sum(), 1)),
        float(travel.max()) / motion.trunk_px,
        gone,
        tuple(_slumps(slumped, motion.times_s, limits)),
    )


def find_stages(motion: Motion, limits: SlumpLimits = LIMITS) -> list[Span]:
    """The stages in order of time, whatever their order is; empty when nobody sits.

    Where a leg straightens it is a slump test. Where none does, only sitting tall and slumping are told.
    """
    sitting = find_sitting(motion, limits)
    if sitting is None:
        return []
    times_s = motion.times_s[sitting.frames]
    start_s, end_s = float(times_s[0]), float(times_s[-1])
    neck = np.where(sitting.frames, motion.angles["neck_flexion_deg"], np.nan)
    legs = list(_legs(motion, sitting, limits))
    is_test = any(span.name == KNEE_STRAIGHT for span in legs)
    bends = _bends(motion, sitting, neck, limits)
    if not is_test:
        spans = [Span(TALL_SIT, s.start_s, s.moved_s, s.end_s) if s.name == RETURN else s for s in bends]
    else:
        spans = [*bends, *_apart(legs, bends, limits), *_apart(_necks(motion, neck, bends, limits), bends, limits)]
    spans.sort(key=lambda span: span.start_s)
    if not spans or spans[0].start_s - start_s >= limits.shortest_s:
        spans.insert(0, Span(TALL_SIT, start_s, start_s, start_s))
    # A crossing, told between frames, may lie a hair before the first one.
    return [span for span in _one_after_another(spans, end_s, limits) if span.end_s > start_s]


def _above(values: Series, enter: float, leave: float) -> Frames:
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


def _slumps(slumped: Frames, times_s: FloatArray, limits: SlumpLimits) -> Iterator[tuple[int, int]]:
    for first, last in runs(closed(slumped, times_s, limits.together_s)):
        if times_s[last] - times_s[first] >= limits.together_s:
            yield first, last


def _bends(motion: Motion, sitting: Sitting, neck: Series, limits: SlumpLimits) -> list[Span]:
    """Each slump and each return of the trunk; the neck that goes along with it tells the first and last moment."""
    times_s, frames = motion.times_s, sitting.frames
    trunk_steps = find_steps(times_s, sitting.gone, limits.slump_trunks / 2)
    neck_steps = find_steps(times_s, neck, limits.neck_deg)
    seat_first, seat_last = np.flatnonzero(frames)[[0, -1]]
    found = []
    for first, last in sitting.slumps:
        begin_s = end_s = float(times_s[first])
        if times_s[first] - times_s[seat_first] > limits.shortest_s:
            begin_s, end_s = _whole_move_s(begin_s, trunk_steps, neck_steps, 1, limits)
        found.append(Span(SLUMP, begin_s, end_s, end_s))
        if times_s[seat_last] - times_s[last] > limits.shortest_s:
            begin_s, end_s = _whole_move_s(float(times_s[last]), trunk_steps, neck_steps, -1, limits)
            found.append(Span(RETURN, begin_s, end_s, end_s))
    return found


def _whole_move_s(
    crossed_s: float, trunk_steps: list[Step], neck_steps: list[Step], sign: int, limits: SlumpLimits
) -> tuple[float, float]:
    """Beginning and end of the movement that crosses the level at `crossed_s`."""
    moves = [
        step
        for step in trunk_steps
        if sign * step.change > 0 and step.start_s - limits.shortest_s <= crossed_s <= step.end_s + limits.shortest_s
    ]
    if not moves:
        return crossed_s, crossed_s
    start_s, end_s = min(step.start_s for step in moves), max(step.end_s for step in moves)
    for step in neck_steps:
        if sign * step.change > 0 and abs(step.start_s - start_s) <= limits.together_s:
            # On the way down the neck may go on to the next stage: only its beginning counts.
            return min(start_s, step.start_s), max(end_s, step.end_s) if sign < 0 else end_s
    return start_s, end_s


def _legs(motion: Motion, sitting: Sitting, limits: SlumpLimits) -> Iterator[Span]:
    """A knee that straightens and bends again, and what the toes do meanwhile; the near leg where both do it."""
    taken: list[Span] = []
    sides: tuple[tuple[Side, Joints], ...] = (("near", motion.near), ("far", motion.far))
    for side, joints in sides:
        knee, ankle = (np.where(sitting.frames, values, np.nan) for values in leg_angles_deg(joints, motion.forward))
        steps = find_steps(motion.times_s, knee, limits.knee_deg)
        held: Step | None = None
        for step in steps:
            name = KNEE_RELEASE if step.change > 0 else KNEE_STRAIGHT
            both = any(s.name == name and abs(s.start_s - step.start_s) <= limits.together_s for s in taken)
            if both or (name == KNEE_STRAIGHT and step.after > limits.straight_deg):
                continue
            if name == KNEE_RELEASE and held is None:
                continue
            taken.append(Span(name, step.start_s, step.end_s, step.end_s, side))
            if held is not None:
                taken += _toes(motion.times_s, ankle, held.end_s, step.start_s, side, limits)
            held = step if name == KNEE_STRAIGHT else None
        if held is not None:
            end_s = float(motion.times_s[sitting.frames][-1])
            taken += _toes(motion.times_s, ankle, held.end_s, end_s, side, limits)
    yield from taken


def leg_angles_deg(joints: Joints, forward: int) -> tuple[Series, Series]:
    """Knee flexion and ankle dorsiflexion of one leg alone."""
    shin = shin_inclination_deg(joints.ankle, joints.knee, forward)
    thigh = thigh_inclination_deg(joints.knee, joints.hip, forward)
    foot = foot_pitch_deg(joints.heel, joints.toe, forward)
    return knee_flexion_deg(shin, thigh), ankle_dorsiflexion_deg(shin, foot)


def _toes(
    times_s: FloatArray, ankle: Series, from_s: float, to_s: float, side: Side, limits: SlumpLimits
) -> Iterator[Span]:
    part = (times_s >= from_s) & (times_s <= to_s)
    for step in find_steps(times_s[part], ankle[part], limits.toes_deg) if part.sum() > 2 else ():
        name = TOES_UP if step.change > 0 else TOES_RELEASE
        yield Span(name, max(step.start_s, from_s), step.end_s, step.end_s, side)


def _necks(motion: Motion, neck: Series, bends: list[Span], limits: SlumpLimits) -> Iterator[Span]:
    """What the neck does while the trunk does not slump or return."""
    free = neck.copy()
    for span in bends:
        free[(motion.times_s >= span.start_s) & (motion.times_s <= span.moved_s)] = np.nan
    for step in find_steps(motion.times_s, free, limits.neck_deg):
        name = CHIN_TO_CHEST if step.change > 0 else NECK_RELEASE
        yield Span(name, step.start_s, step.end_s, step.end_s)


def _apart(found: "list[Span] | Iterator[Span]", bends: list[Span], limits: SlumpLimits) -> Iterator[Span]:
    """Without what lets go together with a return."""
    returns = [span for span in bends if span.name == RETURN]
    letting_go = (NECK_RELEASE, KNEE_RELEASE, TOES_RELEASE)
    for span in found:
        together = any(r.start_s - limits.shortest_s <= span.start_s <= r.moved_s for r in returns)
        if not (together and span.name in letting_go):
            yield span


def _one_after_another(spans: list[Span], end_s: float, limits: SlumpLimits) -> Iterator[Span]:
    """Each stage until the next begins; a return ends with its movement, and sitting tall may follow."""
    for span, following in zip(spans, [*spans[1:], None], strict=True):
        until_s = following.start_s if following else end_s
        if span.name == RETURN and until_s > span.moved_s:
            yield Span(span.name, span.start_s, span.moved_s, span.moved_s, span.side)
            if following or until_s - span.moved_s >= limits.after_s:
                yield Span(TALL_SIT, span.moved_s, span.moved_s, until_s)
            continue
        yield Span(span.name, span.start_s, min(span.moved_s, until_s), until_s, span.side)
