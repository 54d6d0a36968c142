"""The least-squares problem of the fitted body and its minimisation.

Iteratively reweighted Gauss-Newton with a Levenberg-Marquardt damping (Triggs et al. 2000, "Bundle adjustment: a modern
synthesis"): the parameters that the clip shares are eliminated by a Schur complement, the frames are solved as one
banded system, since neighbours are tied by a prior on acceleration.
"""

from dataclasses import dataclass

import numpy as np
from scipy.linalg import LinAlgError, cho_solve_banded, cholesky_banded

from analyzer.kinematics import body_model as body
from analyzer.kinematics.arrays import FloatArray
from analyzer.kinematics.body_model import CLIP_PARAMETERS, FRAME_PARAMETERS, project_body
from analyzer.kinematics.body_priors import BodyPriors
from analyzer.kinematics.fit_observations import FitObservations
from analyzer.kinematics.fit_residuals import (
    SOFT_OUTLIER,
    balance_residuals,
    cauchy_weight,
    depth_residuals,
    foot_residuals,
    pixel_residuals,
    planted_weight,
)

_KNEE_DEG = (-9.0, 150.0)  # joint limits; beyond them the cost grows with an SD of 3 degrees
_FOLD_DEG = (-35.0, 166.0)
_LIMIT_SD = 0.05
_LARGEST_STEP = 0.6  # of an angle in one iteration, radians; chosen


@dataclass(frozen=True)
class FitSolution:
    """Parameters of the best body, with what is needed for its uncertainty; T frames, P and S parameters.

    Attributes
    ----------
    clip, frames : (S,) and (T, P) parameters as in `body_model`.
    information : (T, P, P) information matrix of a frame's parameters from that frame alone.
    coupling : (T, P, S) information that couples a frame's parameters with the clip's.
    clip_covariance : (S, S) covariance of the clip's parameters.
    """

    clip: FloatArray
    frames: FloatArray
    information: FloatArray
    coupling: FloatArray
    clip_covariance: FloatArray


@dataclass
class _NormalEquations:
    """Cost, and Hessian and gradient of frames, of the clip, and of both together."""

    cost: float
    hessian: FloatArray
    gradient: FloatArray
    coupling: FloatArray
    clip_hessian: FloatArray
    clip_gradient: FloatArray


class FitProblem:
    """The cost of a body on some frames, and its minimisation.

    Parameters
    ----------
    observations : T frames.
    priors : what is known of any body.
    start : (S,) parameters of the clip to start from; those without a prior are held near them.
    """

    def __init__(self, observations: FitObservations, priors: BodyPriors, start: FloatArray) -> None:
        self._observations, self._priors = observations, priors
        # Errors of frames are alike: priors of the clip weigh as much more as frames count less.
        self._redundancy = max(len(observations.pixels) / priors.effective_frames, 1.0)
        self._clip_mean, self._clip_weight = start.copy(), np.zeros(CLIP_PARAMETERS)
        for index, (mean, sd) in priors.clip_priors().items():
            self._clip_mean[index], self._clip_weight[index] = mean, self._redundancy / sd**2
        self._clip_weight[body.LOG_TRUNK] = self._redundancy / 0.5**2
        # Parameters of a frame that rest at 0: SD, and whether outliers are allowed (a lunge, a pointed foot).
        self._rest = {
            body.THIGH_LR: (np.radians(priors.leg_asymmetry_deg), True),
            body.SHIN_LR: (np.radians(priors.leg_asymmetry_deg), True),
            body.FOOT: (np.radians(priors.foot_pitch_deg), True),
            body.KNEE_OUT: (priors.knee_spread, False),
            body.TRUNK_LEN: (priors.landmark_slide, False),
            body.THIGH_LEN: (priors.landmark_slide, False),
            body.SHIN_LEN: (priors.landmark_slide, False),
            body.TURN: (np.radians(priors.turn_deg), False),
        }
        unit = np.ones(FRAME_PARAMETERS)
        unit[body.HIP_F : body.HIP_U + 1] = np.exp(start[body.LOG_TRUNK])
        second_difference = np.array(priors.acceleration) * unit * observations.interval_s**2
        self._smoothness = observations.is_continuous[:, None] / second_difference**2  # (T - 2, P)
        self._foot_weight = planted_weight(observations.weight)

    def minimize(self, clip: FloatArray, frames: FloatArray, steps: int) -> tuple[FloatArray, FloatArray, float]:
        """Minimise the cost in at most `steps` iterations.

        Parameters
        ----------
        clip, frames : (S,) and (T, P) parameters to start from.

        Returns
        -------
        clip, frames, cost : the parameters reached, and the cost of all frames.
        """
        damping = 1e-3
        now = self._normal_equations(clip, frames)
        for _ in range(steps):
            for _ in range(6):
                clip_step, frame_step = self._solve(now, damping)
                largest = max(np.abs(frame_step[:, body.TRUNK :]).max(), abs(clip_step[body.BEARING]), 1e-9)
                share = min(1.0, _LARGEST_STEP / largest)
                trial_clip, trial_frames = clip + share * clip_step, frames + share * frame_step
                trial = self._normal_equations(trial_clip, trial_frames)
                if trial.cost <= now.cost * (1 + 1e-9):
                    break
                damping *= 10
            else:
                break
            is_settled = now.cost - trial.cost < 1e-4 * now.cost and share == 1.0
            clip, frames, now = trial_clip, trial_frames, trial
            damping = max(damping / 4, 1e-6)
            if is_settled:
                break
        return clip, frames, now.cost

    def solution(self, clip: FloatArray, frames: FloatArray) -> FitSolution:
        """Compute the uncertainty of parameters; errors of frames are alike, so many frames do not make it small.

        A hidden joint that rests at its limit is not known for that: limits do not count as information.
        """
        now = self._normal_equations(clip, frames, with_limits=False)
        hessian = now.hessian + 1e-3 * np.eye(FRAME_PARAMETERS)
        eliminated = np.einsum("tij,tik->jk", now.coupling, np.linalg.solve(hessian, now.coupling))
        information = (now.clip_hessian - eliminated) / self._redundancy
        return FitSolution(
            clip,
            frames,
            now.hessian,
            now.coupling,
            np.linalg.pinv(information + 1e-6 * np.eye(CLIP_PARAMETERS), hermitian=True),
        )

    def _normal_equations(self, clip: FloatArray, frames: FloatArray, with_limits: bool = True) -> _NormalEquations:
        """Compute cost and normal equations of all frames, with or without the limits of the joints."""
        parts = [self._observed_part(clip, frames[part], part) for part in self._observations.chunks()]
        total = _NormalEquations(
            sum(part.cost for part in parts),
            np.concatenate([part.hessian for part in parts]),
            np.concatenate([part.gradient for part in parts]),
            np.concatenate([part.coupling for part in parts]),
            np.sum([part.clip_hessian for part in parts], axis=0),
            np.sum([part.clip_gradient for part in parts], axis=0),
        )
        off = clip - self._clip_mean
        total.cost += float(self._clip_weight @ off**2)
        total.clip_hessian += np.diag(self._clip_weight)
        total.clip_gradient += self._clip_weight * off
        self._add_rest(total, frames)
        if with_limits:
            _add_joint_limit(total, frames, body.SHIN, body.THIGH, _KNEE_DEG)
            _add_joint_limit(total, frames, body.TRUNK, body.THIGH, _FOLD_DEG)
        if len(frames) > 2:
            bend = frames[:-2] - 2 * frames[1:-1] + frames[2:]
            pull = bend * self._smoothness
            total.cost += float((pull * bend).sum())
            total.gradient[:-2] += pull
            total.gradient[1:-1] -= 2 * pull
            total.gradient[2:] += pull
        return total

    def _add_rest(self, total: _NormalEquations, frames: FloatArray) -> None:
        """Pull the parameters that rest at 0 towards it."""
        for index, (sd, allows_outliers) in self._rest.items():
            value = frames[:, index]
            squared = (value / sd) ** 2
            if allows_outliers:
                weight = cauchy_weight(squared, SOFT_OUTLIER) / sd**2
                total.cost += float((SOFT_OUTLIER * np.log1p(squared / SOFT_OUTLIER)).sum())
            else:
                weight = np.ones_like(value) / sd**2
                total.cost += float(squared.sum())
            total.hessian[:, index, index] += weight
            total.gradient[:, index] += weight * value

    def _observed_part(self, clip: FloatArray, frames: FloatArray, part: slice) -> _NormalEquations:
        """Compute the normal equations of pixels, depths, planted feet and balance of some frames."""
        observations, priors = self._observations, self._priors
        projection = project_body(clip, frames, observations.focal_length_px, observations.lateral_offset)
        trunk = float(np.exp(clip[body.LOG_TRUNK]))
        weight = observations.weight[part]
        terms = [
            pixel_residuals(projection, observations.pixels[part], weight, priors.noise * observations.trunk_px),
            depth_residuals(projection, observations.depth[part], observations.depth_weight[part], trunk, priors),
            foot_residuals(projection, clip, self._foot_weight[part], trunk, priors),
            balance_residuals(projection, weight, trunk, priors),
        ]
        count = len(frames)
        residual = np.concatenate([term.residual.reshape(count, -1) for term in terms], axis=1)
        by_frame = np.concatenate([term.by_frame.reshape(count, -1, FRAME_PARAMETERS) for term in terms], axis=1)
        by_clip = np.concatenate([term.by_clip.reshape(count, -1, CLIP_PARAMETERS) for term in terms], axis=1)
        transposed = by_frame.transpose(0, 2, 1)
        flat = by_clip.reshape(-1, CLIP_PARAMETERS)
        return _NormalEquations(
            sum(term.cost for term in terms),
            transposed @ by_frame,
            (transposed @ residual[..., None])[..., 0],
            transposed @ by_clip,
            flat.T @ flat,
            flat.T @ residual.reshape(-1),
        )

    def _solve(self, now: _NormalEquations, damping: float) -> tuple[FloatArray, FloatArray]:
        """Solve for the steps of the clip's and of the frames' parameters."""
        damped = now.hessian.copy()
        diagonal = np.einsum("tii->ti", damped)
        diagonal += damping * diagonal + 1e-6
        right = np.concatenate([now.gradient[..., None], now.coupling], axis=2)
        solved = self._solve_frames(damped, right)
        own, by_clip = solved[..., 0], solved[..., 1:]
        hessian = now.clip_hessian - np.einsum("tij,tik->jk", now.coupling, by_clip)
        gradient = now.clip_gradient - np.einsum("tij,ti->j", now.coupling, own)
        hessian += np.diag(np.diag(now.clip_hessian) * damping + 1e-9)
        clip_step = -np.linalg.solve(hessian, gradient)
        return clip_step, -(own + by_clip @ clip_step)

    def _solve_frames(self, hessian: FloatArray, right: FloatArray) -> FloatArray:
        """Solve the frames' block of the normal equations, tied by the accelerations, for several right sides."""
        count, size, _ = hessian.shape
        if not self._smoothness.any():
            return np.asarray(np.linalg.solve(hessian, right), dtype=np.float64)
        band = np.zeros((2 * size + 1, count * size))  # lower form: band[i - j, j] = a[i, j]
        for i in range(size):
            for j in range(i + 1):
                band[i - j, j::size] = hessian[:, i, j]
        # Smoothness couples a frame with itself, with the next one, and with the second next one.
        own, next_frame, second_next = (np.zeros((count, size)) for _ in range(3))
        own[:-2] += self._smoothness
        own[1:-1] += 4 * self._smoothness
        own[2:] += self._smoothness
        next_frame[:-2] -= 2 * self._smoothness
        next_frame[1:-1] -= 2 * self._smoothness
        second_next[:-2] += self._smoothness
        band[0] += own.reshape(-1)
        band[size] += next_frame.reshape(-1)
        band[2 * size] += second_next.reshape(-1)
        flat = right.reshape(count * size, -1)
        try:
            factor = cholesky_banded(band, lower=True, check_finite=False, overwrite_ab=True)
        except LinAlgError:  # a frame without any evidence, far from its neighbours
            return np.asarray(np.linalg.solve(hessian + 1e-3 * np.eye(size), right), dtype=np.float64)
        solved: FloatArray = cho_solve_banded((factor, True), flat, check_finite=False)
        return solved.reshape(right.shape)


def _add_joint_limit(
    total: _NormalEquations, frames: FloatArray, upper: int, lower: int, range_deg: tuple[float, float]
) -> None:
    """Push the angle of a joint, between two segments, back into its range."""
    angle = frames[:, upper] - frames[:, lower]
    beyond = angle - np.clip(angle, *np.radians(range_deg))
    weight = np.where(beyond != 0, _LIMIT_SD**-2, 0.0)
    total.cost += float((weight * beyond**2).sum())
    for index, sign in ((upper, 1.0), (lower, -1.0)):
        total.gradient[:, index] += sign * weight * beyond
        total.hessian[:, index, index] += weight
    total.hessian[:, upper, lower] -= weight
    total.hessian[:, lower, upper] -= weight
