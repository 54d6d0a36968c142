"""Find the longest time in a seat and the slumps in it."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from analyzer.kinematics.arrays import FloatArray, Series
from analyzer.movements.frame_runs import FrameMask, close_gaps, find_runs
from analyzer.movements.motion import Motion
from analyzer.movements.slump.thresholds import LIMITS, SlumpLimits
from analyzer.movements.statistics import median


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
    moved = (motion.forward_sign * along[:, 0] + along[:, 1]) / np.sqrt(2)
    known = moved[upright & np.isfinite(moved)]
    if len(known) < 3:
        return
    lowest, highest = np.percentile(known, [limits.tall_percentile, 100 - limits.tall_percentile])
    tall = frames & motion.baseline.frames if motion.baseline and motion.baseline.kind == "sitting" else None
    zero = median(moved[tall]) if tall is not None else None
    threshold = max(limits.slump_trunks, limits.slump_share * float(highest - lowest))
    yield SlumpSign(moved - (lowest if zero is None else zero), threshold, limits.slump_trunks / 2)
    rounded = np.where(frames, motion.angles["back_rounding_deg"], np.nan)
    yield SlumpSign(rounded, limits.rounded_deg, limits.rounded_deg / 2)
    if tall is not None and zero is not None:
        back = -motion.forward_sign * motion.near.hip[:, 0] / motion.trunk_px
        rolled = np.minimum(back - np.nanmedian(back[tall]), 2 * (along[:, 1] - np.nanmedian(along[tall, 1])))
        yield SlumpSign(rolled, limits.rolled_trunks, limits.rolled_trunks / 2)


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
