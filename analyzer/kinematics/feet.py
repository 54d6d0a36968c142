"""Ankles that plates hide: held where the foot stood in the upright frames before and after."""

from dataclasses import dataclass, replace

import numpy as np

from analyzer.kinematics.angles import Points, Series, inclination_deg
from analyzer.kinematics.joints import Joints


@dataclass(frozen=True)
class FeetLimits:
    """When a foot counts as standing, and when as hidden."""

    upright_deg: float = 20.0  # thigh and shin this near the vertical: a leg that stands, foot in view; chosen
    doubt: float = 0.06  # answers this far apart, in trunks: a hidden ankle (seen ones have .03); chosen
    strayed: float = 0.2  # an ankle this far from its place, in shins, while in doubt, is not followed; chosen
    stepped: float = 0.15  # places before and after this far apart, in shins: a step was made; chosen
    length: tuple[float, float] = (0.75, 1.25)  # a held ankle makes a shin of this length, or the foot moved; chosen
    around_s: float = 0.5  # the place is a median over this time; chosen


LIMITS = FeetLimits()


def with_held_ankles(
    joints: Joints, times_s: Series, apart: Series, limits: FeetLimits = LIMITS
) -> tuple[Joints, np.ndarray]:
    """Put strayed ankles back where the foot stood.

    At the bottom of a deadlift plates cover the foot, and the model draws the ankle up the shin or behind it, which
    bends the knee. A whole stretch between two upright frames is held, so that there is no step in it. Where the foot
    stood elsewhere before than after, or the place does not fit the knee, ankle, heel and toe become NaN.

    Parameters
    ----------
    joints : of the near side, squared (`square.squared`).
    times_s : (T,) seconds.
    apart : (T,) how far apart the model's two answers for the ankle are, in trunk lengths; NaN where unknown.

    Returns
    -------
    The joints, and (T,) True in frames where the foot was not taken as the model drew it: held or NaN.
    """
    strange = np.zeros(len(times_s), dtype=bool)
    thigh = inclination_deg(joints.knee, joints.hip, 1)
    shin = inclination_deg(joints.ankle, joints.knee, 1)
    shin_px = np.linalg.norm(joints.knee - joints.ankle, axis=1)
    with np.errstate(invalid="ignore"):
        standing = (np.abs(thigh) < limits.upright_deg) & (np.abs(shin) < limits.upright_deg)
        standing &= ~(apart > limits.doubt)
    if standing.sum() < 3:
        return joints, strange
    full_px = float(np.median(shin_px[standing]))
    rows = np.flatnonzero(standing)
    feet = {name: getattr(joints, name).copy() for name in ("ankle", "heel", "toe")}
    for first, last in zip([-1, *rows.tolist()], [*rows.tolist(), len(times_s)], strict=True):
        inside = slice(first + 1, last)
        if last - first < 2:
            continue
        held = {name: _held(points, times_s, rows, first, last, limits.around_s) for name, points in feet.items()}
        place = held["ankle"]
        off = np.linalg.norm(joints.ankle[inside] - place[1:-1], axis=1)
        doubtful = apart[inside][np.isfinite(apart[inside])]
        if not (len(doubtful) and np.median(doubtful) > limits.doubt):
            continue
        if not (off[np.isfinite(off)] > limits.strayed * full_px).any():
            continue
        held_shin = np.linalg.norm(joints.knee[inside] - place[1:-1], axis=1) / full_px
        fits = (held_shin > limits.length[0]) & (held_shin < limits.length[1])
        fits &= np.linalg.norm(place[0] - place[-1]) < limits.stepped * full_px
        strange[inside] = True
        for name, points in feet.items():
            points[inside] = np.where(fits[:, None], held[name][1:-1], np.nan)
    return replace(joints, **feet), strange


def _held(points: Points, times_s: Series, rows: np.ndarray, first: int, last: int, around_s: float) -> Points:
    """A straight line from the foot's place at the standing row `first` to that at `last`, (last - first + 1, 2).

    The same place all along where `first` is -1 or `last` is T: nobody stands before or after.
    """

    def place(row: int) -> Points:
        near = points[rows[np.abs(times_s[rows] - times_s[row]) <= around_s]]
        near = near[np.isfinite(near).all(axis=1)]
        return np.median(near, axis=0) if len(near) else np.full(2, np.nan)

    begin = place(first) if first >= 0 else place(last)
    end = place(last) if last < len(points) else begin
    return np.linspace(begin, end, last - first + 1)
