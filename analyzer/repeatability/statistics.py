"""Statistics of repeated measurements: within-person SD, minimal detectable change and limits of agreement.

Sources 5.1. A *group* is the values of one person who did the same thing in two or more clips, one value for each clip.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import chdtri, stdtrit  # the quantiles of scipy.stats, which loads slowly

Interval = tuple[float, float]

Z95 = 1.96
"""Two-sided 95 % of a normal distribution, as in the definitions of the MDC and the limits of agreement."""


@dataclass(frozen=True)
class WithinPersonSd:
    """SD of one clip's value within a person, pooled over people; in the unit of the values.

    With one value for each clip it equals the standard error of measurement (SEM).

    Attributes
    ----------
    sd : one-way random-effects ANOVA, square root of the mean square within groups.
    interval_95 : exact for normal errors (chi-square).
    degrees_of_freedom : clips minus groups; for pairs, their number.
    """

    sd: float
    interval_95: Interval
    degrees_of_freedom: int

    @property
    def mdc95(self) -> float:
        """Return the minimal detectable change, `1.96 * sqrt(2) * SEM`."""
        return Z95 * float(np.sqrt(2)) * self.sd

    @property
    def mdc95_interval_95(self) -> Interval:
        """Return the interval of `mdc95`."""
        low, high = (Z95 * float(np.sqrt(2)) * end for end in self.interval_95)
        return low, high

    @property
    def least_change(self) -> float:
        """Return the difference of two new clips that 5 % of unchanged people exceed, `t * sqrt(2) * SEM`.

        It is more than `mdc95`, since the SD itself is known from few clips only: 1.96 would call 6.9 % of unchanged
        people changed with 15 pairs, and 5.0 % only with very many.
        """
        return float(stdtrit(self.degrees_of_freedom, 0.975) * np.sqrt(2)) * self.sd


@dataclass(frozen=True)
class BlandAltman:
    """Differences second minus first of n people, with 95 % intervals; in the unit of the values.

    Attributes
    ----------
    bias : mean difference.
    sd : SD of the differences.
    lower, upper : limits of agreement, `bias -+ 1.96 * sd`.
    """

    n: int
    bias: float
    bias_interval_95: Interval
    sd: float
    lower: float
    lower_interval_95: Interval
    upper: float
    upper_interval_95: Interval


def estimate_within_person_sd(groups: Sequence[Sequence[float]]) -> WithinPersonSd:
    """Estimate the SD of one clip's value within a person.

    Parameters
    ----------
    groups : two or more values for each; groups may differ in size.

    Raises
    ------
    ValueError : no group, or a group of fewer than two values.
    """
    if not groups or min(map(len, groups)) < 2:
        raise ValueError("expected at least one group, and at least two values in each")
    deviations = [np.asarray(group, dtype=float) - np.mean(group) for group in groups]
    squares = float(sum((one**2).sum() for one in deviations))
    freedom = sum(len(group) - 1 for group in groups)
    interval = tuple(float(np.sqrt(squares / chdtri(freedom, above))) for above in (0.025, 0.975))
    return WithinPersonSd(float(np.sqrt(squares / freedom)), (interval[0], interval[1]), freedom)


def compute_bland_altman(first: Sequence[float], second: Sequence[float]) -> BlandAltman:
    """Compute bias and limits of agreement of paired values; raises ValueError with fewer than two pairs.

    The interval of a limit uses its approximate standard error, `sd * sqrt(1/n + 1.96^2 / (2 (n - 1)))` (Bland and
    Altman 1999).
    """
    differences = np.asarray(second, dtype=float) - np.asarray(first, dtype=float)
    n = len(differences)
    if n < 2:
        raise ValueError("expected at least two pairs")
    bias, sd = float(differences.mean()), float(differences.std(ddof=1))
    t = float(stdtrit(n - 1, 0.975))
    bias_margin = t * sd / float(np.sqrt(n))
    limit_margin = t * sd * float(np.sqrt(1 / n + Z95**2 / (2 * (n - 1))))
    lower, upper = bias - Z95 * sd, bias + Z95 * sd
    return BlandAltman(
        n=n,
        bias=bias,
        bias_interval_95=(bias - bias_margin, bias + bias_margin),
        sd=sd,
        lower=lower,
        lower_interval_95=(lower - limit_margin, lower + limit_margin),
        upper=upper,
        upper_interval_95=(upper - limit_margin, upper + limit_margin),
    )


@dataclass(frozen=True)
class RepSpread:
    """SD from rep to rep within a clip, pooled over clips, and the harmonic mean of their number of reps."""

    sd: float
    reps: float


def estimate_rep_spread(clips: Sequence[Sequence[float]]) -> RepSpread | None:
    """Estimate the spread of the reps of a clip; None where no clip has two values.

    Parameters
    ----------
    clips : the values of each clip's reps.
    """
    known = [np.asarray(values, dtype=float) for values in clips if len(values)]
    freedom = sum(len(values) - 1 for values in known)
    if not freedom:
        return None
    squares = sum(float(((values - values.mean()) ** 2).sum()) for values in known)
    harmonic = len(known) / sum(1 / len(values) for values in known)
    return RepSpread(float(np.sqrt(squares / freedom)), harmonic)
