"""Find steps of a quantity from one level to another, with the moments at which they begin and end."""

from dataclasses import dataclass

import numpy as np

from analyzer.kinematics.arrays import FloatArray, Series
from analyzer.movements.frame_runs import close_gaps, find_runs, rate_per_s
from analyzer.movements.statistics import median

# A minimum-jerk movement (Flash & Hogan 1985) passes a quarter of its way at 0.3594 of its time and half at 0.5: its
# beginning, which is lost in the noise, lies this many times that interval before the half.
_START_TO_HALF = 0.5 / (0.5 - 0.3594)


@dataclass(frozen=True)
class LevelStepLimits:
    """Thresholds of a step of any quantity."""

    rate_s: float = 0.4  # time over which the speed is measured; chosen
    rate_share: float = 0.5  # a step goes at least this share of its least size a second; chosen
    max_pause_s: float = 0.2  # a halt shorter than this does not break a step; chosen
    level_s: float = 0.3  # time before and after over which the levels are measured; chosen


LIMITS = LevelStepLimits()


@dataclass(frozen=True)
class LevelStep:
    """A change from `before` to `after`; the movement begins at `start_s` and ends at `end_s`."""

    start_s: float
    end_s: float
    before: float
    after: float

    @property
    def change(self) -> float:
        """Return the signed size, `after - before`."""
        return self.after - self.before


def find_steps(
    times_s: FloatArray, values: Series, min_change: float, limits: LevelStepLimits = LIMITS
) -> list[LevelStep]:
    """Find all changes of at least `min_change`, in order of time.

    Parameters
    ----------
    times_s : (T,) seconds.
    values : (T,) in the unit of `min_change`; NaN where unknown. A step across a long unknown part is not found.
    """
    rate = rate_per_s(times_s, values, limits.rate_s)
    known = np.isfinite(values)
    steps = []
    for sign in (1.0, -1.0):
        with np.errstate(invalid="ignore"):
            is_moving = (sign * rate > limits.rate_share * min_change) & known
        for first, last in find_runs(close_gaps(is_moving, times_s, limits.max_pause_s)):
            step = _step(times_s, values, first, last, limits)
            if step is not None and sign * step.change >= min_change:
                steps.append(step)
    return sorted(steps, key=lambda step: step.start_s)


def _step(times_s: FloatArray, values: Series, first: int, last: int, limits: LevelStepLimits) -> LevelStep | None:
    early = (times_s >= times_s[first] - limits.level_s) & (times_s <= times_s[first])
    late = (times_s <= times_s[last] + limits.level_s) & (times_s >= times_s[last])
    before, after = median(values[early]), median(values[late])
    if before is None or after is None or before == after:
        return None
    part = slice(first, last + 1)
    share = (values[part] - before) / (after - before)
    quarter, half, three = (_crossing_s(times_s[part], share, level) for level in (0.25, 0.5, 0.75))
    if quarter is None or half is None or three is None:
        return None
    start_s = half - _START_TO_HALF * (half - quarter)
    end_s = half + _START_TO_HALF * (three - half)
    # At most a little beyond the frames in which it moves: the speed is measured over a window.
    return LevelStep(
        start_s=float(np.clip(start_s, times_s[first] - limits.level_s, half)),
        end_s=float(np.clip(end_s, half, times_s[last] + limits.level_s)),
        before=before,
        after=after,
    )


def _crossing_s(times_s: FloatArray, share: Series, level: float) -> float | None:
    """Return when a share is first reached, between frames; None where it is not."""
    with np.errstate(invalid="ignore"):
        reached = np.flatnonzero(share >= level)
    if not len(reached):
        return None
    at = int(reached[0])
    if at == 0 or not np.isfinite(share[at - 1]):
        return float(times_s[at])
    part = (level - share[at - 1]) / (share[at] - share[at - 1])
    return float(times_s[at - 1] + part * (times_s[at] - times_s[at - 1]))
