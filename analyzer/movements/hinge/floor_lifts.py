"""Lifts from the floor: a set goes from bottom to bottom, and a lift is complete once the load is down again."""

from collections.abc import Sequence
from dataclasses import replace

from analyzer.movements.hinge.thresholds import FLOOR_VARIANTS, LIMITS
from analyzer.movements.lift_reps import LiftShape
from analyzer.movements.motion import ClipDetails
from analyzer.movements.rep_detection import RepTimes


def is_lifted_from_floor(details: ClipDetails, shapes: Sequence[LiftShape]) -> bool:
    """Return whether the set is lifted from the floor: by the variant, else by a start at the bottom with low hands."""
    if details.variant is not None:
        return details.variant in FLOOR_VARIANTS
    return begins_at_bottom(shapes[0].times) and _has_low_hands(shapes[0])


def begins_at_bottom(first: RepTimes) -> bool:
    """Return whether the clip begins at the bottom of its first rep."""
    return first.pause_s is None and first.ascent_s is not None


def has_set_up(first: RepTimes) -> bool:
    """Return whether the way down of the first rep is the set-up: the client stays at its bottom for long."""
    return (first.pause_s or 0.0) > LIMITS.setup_pause_s


def mark_unlowered_lift(details: ClipDetails, shapes: Sequence[LiftShape]) -> list[LiftShape]:
    """Mark the last lift of a set from bottom to bottom as incomplete where the clip shows no way down after it.

    Such a clip ends at lockout, or the client lets the load go and stands up without it.
    """
    if not shapes or shapes[-1].times.is_lowered or not _goes_from_bottom_to_bottom(details, shapes):
        return list(shapes)
    last = shapes[-1]
    return [*shapes[:-1], replace(last, times=replace(last.times, complete=False))]


def list_lift_times(details: ClipDetails, shapes: Sequence[LiftShape]) -> list[RepTimes]:
    """Return the times of the reps; without way down and pause of a first lift where these are a long set-up."""
    times = [shape.times for shape in shapes]
    if times and _goes_from_bottom_to_bottom(details, shapes) and _sets_up_for_long(times):
        times[0] = replace(times[0], descent_s=None, pause_s=None)
    return times


def _goes_from_bottom_to_bottom(details: ClipDetails, shapes: Sequence[LiftShape]) -> bool:
    first = shapes[0].times
    from_floor = _has_low_hands(shapes[0]) if details.variant is None else details.variant in FLOOR_VARIANTS
    return from_floor and (begins_at_bottom(first) or _sets_up_for_long([shape.times for shape in shapes]))


def _sets_up_for_long(reps: Sequence[RepTimes]) -> bool:
    """Return whether the first bottom is a set-up, not a rep that pauses as the others do."""
    pause_s, others_s = reps[0].pause_s or 0.0, max((rep.pause_s or 0.0 for rep in reps[1:]), default=0.0)
    return pause_s > max(LIMITS.lifts_setup_pause_s, LIMITS.lifts_setup_pause_ratio * others_s)


def _has_low_hands(shape: LiftShape) -> bool:
    return shape.hand_height is not None and shape.hand_height < LIMITS.max_floor_hand_height
