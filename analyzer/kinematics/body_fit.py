"""Fit one articulated body to the landmarks of a whole clip: choice of the start, then all frames at once."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from analyzer.kinematics import body_model as body
from analyzer.kinematics.arrays import BoolArray, FloatArray
from analyzer.kinematics.body_priors import PRIORS, BodyPriors
from analyzer.kinematics.fit_observations import FitObservations, downweight_far_side
from analyzer.kinematics.fit_problem import FitProblem, FitSolution
from analyzer.kinematics.initial_pose import initialize_clip, initialize_frames

_USABLE = 1.0  # sum of weights of a frame that shows a body; half of the usual where all are doubtful; chosen
_MIN_FRAMES = 5
_REACH_S = 0.3  # neighbours support a frame without landmarks this far; chosen
_STARTS_DEG = tuple(range(-180, 180, 45))
_DISTINCT_DEG = 10.0  # bearings nearer to each other count as one; chosen
_START_FRAMES, _START_STEPS, _CHOICE_STEPS, _STEPS = 50, 5, 20, 10


def fit_parameters(observations: FitObservations, priors: BodyPriors = PRIORS) -> FitSolution | None:
    """Fit the parameters of the body.

    Several bearings are tried on some of the frames; the two best are followed further, and the better one on all.

    Parameters
    ----------
    observations : T frames.
    priors : what is known of any body.

    Returns
    -------
    T frames; those without landmarks are interpolated and carry no information. None where fewer than five frames
    show a body.
    """
    total = observations.weight[:, :8].sum(axis=1)
    usable = np.flatnonzero(total > min(_USABLE, np.percentile(total, 75) / 2))
    if len(usable) < _MIN_FRAMES:
        return None
    clip = _choose_start(observations, usable, priors)
    near = _expand_usable(usable, len(observations.pixels), round(_REACH_S / observations.interval_s))
    selected = downweight_far_side(observations.select_frames(near, keep_neighbours=True), clip[body.BEARING])
    problem = FitProblem(selected, priors, clip)
    start = _interpolate_unusable(initialize_frames(selected, clip), np.isin(near, usable))
    clip, frames, _ = problem.minimize(clip, start, _STEPS)
    return _fill_gaps(problem.solution(clip, frames), near, len(observations.pixels))


def _choose_start(observations: FitObservations, usable: NDArray[np.intp], priors: BodyPriors) -> FloatArray:
    """Choose the clip's parameters (S,) to start from, by the cost on some of the usable frames."""
    sampled = usable[np.unique(np.linspace(0, len(usable) - 1, _START_FRAMES).astype(int))]
    few = observations.select_frames(sampled)

    def try_start(clip: FloatArray, steps: int) -> tuple[float, FloatArray]:
        problem = FitProblem(downweight_far_side(few, clip[body.BEARING]), priors, clip)
        clip, _, cost = problem.minimize(clip, initialize_frames(few, clip), steps)
        return cost, clip

    trials = [try_start(initialize_clip(few, np.radians(deg), priors), _START_STEPS) for deg in _STARTS_DEG]
    finalists = _distinct_bearings(sorted(trials, key=lambda trial: trial[0]))[:2]
    _, clip = min((try_start(clip, _CHOICE_STEPS) for _, clip in finalists), key=lambda trial: trial[0])
    return clip


def _distinct_bearings(trials: list[tuple[float, FloatArray]]) -> list[tuple[float, FloatArray]]:
    """Leave out trials (cost, clip) with a bearing close to that of a better one."""
    distinct: list[tuple[float, FloatArray]] = []
    for trial in trials:
        apart = [np.angle(np.exp(1j * (trial[1][body.BEARING] - other[1][body.BEARING]))) for other in distinct]
        if all(abs(angle) > np.radians(_DISTINCT_DEG) for angle in apart):
            distinct.append(trial)
    return distinct


def _expand_usable(usable: NDArray[np.intp], count: int, reach: int) -> NDArray[np.intp]:
    """Return the frames at most `reach` from a usable one: farther ones would follow their neighbours' movement."""
    is_near = np.zeros(count, dtype=bool)
    for shift in range(-reach, reach + 1):
        is_near[np.clip(usable + shift, 0, count - 1)] = True
    return np.flatnonzero(is_near)


def _interpolate_unusable(frames: FloatArray, is_usable: BoolArray) -> FloatArray:
    """Replace the parameters (T, P) of frames that show little by those between their neighbours."""
    rows = np.arange(len(frames))
    return np.stack([np.interp(rows, rows[is_usable], values) for values in frames[is_usable].T], axis=1)


def _fill_gaps(solution: FitSolution, fitted: NDArray[np.intp], count: int) -> FitSolution:
    """Add the frames that were not fitted: interpolated, and without any information."""
    rows = np.arange(count)
    information = np.zeros((count, *solution.information.shape[1:]))
    coupling = np.zeros((count, *solution.coupling.shape[1:]))
    information[fitted], coupling[fitted] = solution.information, solution.coupling
    frames = np.stack([np.interp(rows, fitted, values) for values in solution.frames.T], axis=1)
    return replace(solution, frames=frames, information=information, coupling=coupling)
