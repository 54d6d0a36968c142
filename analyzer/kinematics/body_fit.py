"""Fit one articulated body to the landmarks of a whole clip, with the covariance of every frame's posture.

Iteratively reweighted Gauss-Newton with a Levenberg-Marquardt damping (Triggs et al. 2000, "Bundle adjustment: a modern
synthesis"): the parameters that the clip shares are eliminated by a Schur complement, the frames are solved as one
banded system, since neighbours are tied by a prior on acceleration.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import LinAlgError, cho_solve_banded, cholesky_banded

from analyzer.kinematics import body_model as body
from analyzer.kinematics.body_model import CLIP_PARAMETERS, FRAME_PARAMETERS, FloatArray, Projection, project_body
from analyzer.kinematics.body_priors import PRIORS, BodyPriors
from analyzer.kinematics.fit_observations import FitObservations, downweight_far_side
from analyzer.kinematics.initial_pose import initialize_clip, initialize_frames

_ANKLES = slice(6, 8)
# Share of the mass at shoulders, hips, knees and ankles, left and right: head, arms and trunk .678 at .626 of hip to
# shoulder; thighs .2 at .567 of knee to hip; shins .093 at .567 of ankle to knee (Dempster in Winter, Biomechanics and
# Motor Control of Human Movement); less the ankles themselves.
_SHARES = np.array([0.678 * 0.626, 0.678 * 0.374 + 0.2 * 0.567, 0.2 * 0.433 + 0.093 * 0.567, 0.093 * 0.433]) / 0.971
_MASS = np.repeat((_SHARES - [0.0, 0.0, 0.0, 1.0]) / 2, 2)
_OUTLIER, _OUTLIER_DEPTH = 9.0, 4.0  # squared SDs at which a Cauchy weight is one half
_KNEE_DEG = (-9.0, 150.0)  # joint limits; beyond them the cost grows with an SD of 3 degrees
_FOLD_DEG = (-35.0, 166.0)
_LIMIT_SD = 0.05
_USABLE = 1.0  # sum of weights of a frame that shows a body; half of the usual where all are doubtful; chosen
_REACH_S = 0.3  # neighbours carry a frame that shows nothing so far; chosen
_STARTS_DEG = tuple(range(-180, 180, 45))
_START_FRAMES, _START_STEPS, _CHOICE_STEPS, _STEPS = 50, 5, 20, 10


@dataclass(frozen=True)
class FitSolution:
    """Parameters of the best body, with what is needed for its uncertainty.

    Attributes
    ----------
    clip : (CLIP_PARAMETERS,) and frames : (T, FRAME_PARAMETERS), as in `body_model`.
    cost : robust cost a frame; above about 15 the body does not explain the picture.
    information : (T, P, P) of a frame's parameters by that frame alone.
    coupling : (T, P, S) of a frame's parameters with the clip's.
    clip_covariance : (S, S) of the clip's parameters.
    """

    clip: FloatArray
    frames: FloatArray
    cost: float
    information: FloatArray
    coupling: FloatArray
    clip_covariance: FloatArray


@dataclass
class _Normal:
    """Normal equations: cost, and Hessian and gradient of frames, clip, and both."""

    cost: float
    hessian: FloatArray
    gradient: FloatArray
    coupling: FloatArray
    clip_hessian: FloatArray
    clip_gradient: FloatArray


@dataclass(frozen=True)
class _Term:
    """One kind of evidence: robust cost; weighted residuals and their derivatives by frame and clip."""

    cost: float
    residual: FloatArray
    by_frame: FloatArray
    by_clip: FloatArray


def fit_parameters(evidence: FitObservations, priors: BodyPriors = PRIORS) -> FitSolution | None:
    """Fit the body; None where fewer than five frames show one.

    Several bearings are tried on some of the frames; the two best are followed further, and the better one on all.
    """
    total = evidence.weight[:, :8].sum(axis=1)
    usable = np.flatnonzero(total > min(_USABLE, np.percentile(total, 75) / 2))
    if len(usable) < 5:
        return None
    some = usable[np.unique(np.linspace(0, len(usable) - 1, _START_FRAMES).astype(int))]
    few = evidence.taken(some)
    tried: list[tuple[float, FloatArray]] = []
    for start_deg in _STARTS_DEG:
        clip = initialize_clip(few, np.radians(start_deg), priors)
        problem = _Problem(downweight_far_side(few, clip[body.BEARING]), priors, clip)
        clip, _, cost = problem.minimise(clip, initialize_frames(few, clip), _START_STEPS)
        tried.append((cost, clip))
    best: tuple[float, FloatArray] | None = None
    for _, clip in _distinct(sorted(tried, key=lambda item: item[0]))[:2]:
        problem = _Problem(downweight_far_side(few, clip[body.BEARING]), priors, clip)
        clip, _, cost = problem.minimise(clip, initialize_frames(few, clip), _CHOICE_STEPS)
        if best is None or cost < best[0]:
            best = (cost, clip)
    assert best is not None
    clip = best[1]
    near = _expand_usable(usable, len(evidence.pixels), round(_REACH_S / evidence.interval_s))
    shown = downweight_far_side(evidence.taken(near, tied=True), clip[body.BEARING])
    problem = _Problem(shown, priors, clip)
    start = _interpolated(initialize_frames(shown, clip), np.isin(near, usable))
    clip, frames, _ = problem.minimise(clip, start, _STEPS)
    return _with_gaps(problem.solution(clip, frames), near, len(evidence.pixels))


def _expand_usable(usable: NDArray[np.intp], count: int, reach: int) -> NDArray[np.intp]:
    """Frames at most `reach` from a usable one: farther ones would be carried off by their neighbours' movement."""
    is_near = np.zeros(count, dtype=bool)
    for shift in range(-reach, reach + 1):
        is_near[np.clip(usable + shift, 0, count - 1)] = True
    return np.flatnonzero(is_near)


def _interpolated(frames: FloatArray, usable: NDArray[np.bool_]) -> FloatArray:
    """Start frames that show little where their neighbours are."""
    rows = np.arange(len(frames))
    return np.stack([np.interp(rows, rows[usable], values) for values in frames[usable].T], axis=1)


def _with_gaps(solution: FitSolution, fitted: NDArray[np.intp], count: int) -> FitSolution:
    """Add the frames that show nothing: interpolated, and without any information."""
    rows = np.arange(count)
    information = np.zeros((count, *solution.information.shape[1:]))
    coupling = np.zeros((count, *solution.coupling.shape[1:]))
    information[fitted], coupling[fitted] = solution.information, solution.coupling
    frames = np.stack([np.interp(rows, fitted, values) for values in solution.frames.T], axis=1)
    return replace(solution, frames=frames, information=information, coupling=coupling)


def _distinct(tried: list[tuple[float, FloatArray]]) -> list[tuple[float, FloatArray]]:
    """Without those whose bearing lies within 10 degrees of a better one."""
    result: list[tuple[float, FloatArray]] = []
    for item in tried:
        apart = [np.angle(np.exp(1j * (item[1][body.BEARING] - other[1][body.BEARING]))) for other in result]
        if all(abs(angle) > np.radians(10) for angle in apart):
            result.append(item)
    return result


def _cauchy(squared: FloatArray, half: float) -> FloatArray:
    return 1.0 / (1.0 + squared / half)


def _cost(weight: FloatArray, squared: FloatArray, half: float) -> float:
    return float((weight * half * np.log1p(squared / half)).sum())


def _add_limit(total: _Normal, frames: FloatArray, upper: int, lower: int, range_deg: tuple[float, float]) -> None:
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


class _Problem:
    """The cost of a body, and its minimisation."""

    def __init__(self, evidence: FitObservations, priors: BodyPriors, start: FloatArray) -> None:
        self.evidence, self.priors = evidence, priors
        count = len(evidence.pixels)
        self.alike = max(count / priors.effective_frames, 1.0)  # priors of the clip weigh so much more
        table = priors.of_clip()
        self.clip_mean, self.clip_weight = start.copy(), np.zeros(CLIP_PARAMETERS)
        for index, (mean, sd) in table.items():
            self.clip_mean[index], self.clip_weight[index] = mean, self.alike / sd**2
        self.clip_weight[body.LOG_TRUNK] = self.alike / 0.5**2
        # Parameters of a frame that rest at 0: SD, and whether outliers are allowed (a lunge, a pointed foot).
        self.rest = {
            body.THIGH_LR: (np.radians(priors.leg_asymmetry_deg), True),
            body.SHIN_LR: (np.radians(priors.leg_asymmetry_deg), True),
            body.FOOT: (np.radians(priors.foot_pitch_deg), True),
            body.KNEE_OUT: (priors.knee_spread, False),
            body.TRUNK_LEN: (priors.slide, False),
            body.THIGH_LEN: (priors.slide, False),
            body.SHIN_LEN: (priors.slide, False),
            body.TURN: (np.radians(priors.turn_deg), False),
        }
        unit = np.ones(FRAME_PARAMETERS)
        unit[body.HIP_F : body.HIP_U + 1] = np.exp(start[body.LOG_TRUNK])
        second_difference = np.array(priors.acceleration) * unit * evidence.interval_s**2
        self.smooth = evidence.joined[:, None] / second_difference**2  # (T - 2, P)

    def minimise(self, clip: FloatArray, frames: FloatArray, steps: int) -> tuple[FloatArray, FloatArray, float]:
        """Parameters of the clip and of the frames, and the cost of them all."""
        damping = 1e-3
        now = self.normal(clip, frames)
        for _ in range(steps):
            for _ in range(6):
                clip_step, frame_step = self._step(now, damping)
                largest = max(np.abs(frame_step[:, body.TRUNK :]).max(), abs(clip_step[body.BEARING]), 1e-9)
                share = min(1.0, 0.6 / largest)
                trial_clip, trial_frames = clip + share * clip_step, frames + share * frame_step
                trial = self.normal(trial_clip, trial_frames)
                if trial.cost <= now.cost * (1 + 1e-9):
                    break
                damping *= 10
            else:
                break
            settled = now.cost - trial.cost < 1e-4 * now.cost and share == 1.0
            clip, frames, now = trial_clip, trial_frames, trial
            damping = max(damping / 4, 1e-6)
            if settled:
                break
        return clip, frames, now.cost

    def solution(self, clip: FloatArray, frames: FloatArray) -> FitSolution:
        """The parameters with their uncertainty; errors of frames are alike, so many frames do not make it small.

        A joint that is not seen and rests at its limit is not known for that: limits do not count as information.
        """
        now = self.normal(clip, frames, limited=False)
        hessian = now.hessian + 1e-3 * np.eye(FRAME_PARAMETERS)
        eliminated = np.einsum("tij,tik->jk", now.coupling, np.linalg.solve(hessian, now.coupling))
        information = (now.clip_hessian - eliminated) / self.alike
        return FitSolution(
            clip,
            frames,
            now.cost / max(len(frames), 1),
            now.hessian,
            now.coupling,
            np.linalg.pinv(information + 1e-6 * np.eye(CLIP_PARAMETERS), hermitian=True),
        )

    def normal(self, clip: FloatArray, frames: FloatArray, limited: bool = True) -> _Normal:
        """Cost and normal equations of all frames; `limited`: with the limits of the joints."""
        parts = [self._observation_terms(clip, frames[part], part) for part in self.evidence.chunks()]
        total = _Normal(
            sum(part.cost for part in parts),
            np.concatenate([part.hessian for part in parts]),
            np.concatenate([part.gradient for part in parts]),
            np.concatenate([part.coupling for part in parts]),
            np.sum([part.clip_hessian for part in parts], axis=0),
            np.sum([part.clip_gradient for part in parts], axis=0),
        )
        off = clip - self.clip_mean
        total.cost += float(self.clip_weight @ off**2)
        total.clip_hessian += np.diag(self.clip_weight)
        total.clip_gradient += self.clip_weight * off
        self._add_rest(total, frames)
        if limited:
            _add_limit(total, frames, body.SHIN, body.THIGH, _KNEE_DEG)
            _add_limit(total, frames, body.TRUNK, body.THIGH, _FOLD_DEG)
        if len(frames) > 2:
            bend = frames[:-2] - 2 * frames[1:-1] + frames[2:]
            pull = bend * self.smooth
            total.cost += float((pull * bend).sum())
            total.gradient[:-2] += pull
            total.gradient[1:-1] -= 2 * pull
            total.gradient[2:] += pull
        return total

    def _add_rest(self, total: _Normal, frames: FloatArray) -> None:
        """Pull the parameters that rest at 0 there."""
        for index, (sd, outliers) in self.rest.items():
            value = frames[:, index]
            squared = (value / sd) ** 2
            weight = (_cauchy(squared, _OUTLIER_DEPTH) if outliers else np.ones_like(value)) / sd**2
            total.cost += float((_OUTLIER_DEPTH * np.log1p(squared / _OUTLIER_DEPTH) if outliers else squared).sum())
            total.hessian[:, index, index] += weight
            total.gradient[:, index] += weight * value

    def _observation_terms(self, clip: FloatArray, frames: FloatArray, part: slice) -> _Normal:
        """Pixels, depths and planted feet of some frames."""
        seen = project_body(clip, frames, self.evidence.focal_length_px, self.evidence.aside)
        trunk = float(np.exp(clip[body.LOG_TRUNK]))
        terms = [
            self._pixels(seen, part),
            self._depths(seen, trunk, part),
            self._feet(seen, clip, trunk, part),
            self._balance(seen, trunk, part),
        ]
        count = len(frames)
        residual = np.concatenate([term.residual.reshape(count, -1) for term in terms], axis=1)
        frame = np.concatenate([term.by_frame.reshape(count, -1, FRAME_PARAMETERS) for term in terms], axis=1)
        shared = np.concatenate([term.by_clip.reshape(count, -1, CLIP_PARAMETERS) for term in terms], axis=1)
        flipped = frame.transpose(0, 2, 1)
        flat = shared.reshape(-1, CLIP_PARAMETERS)
        return _Normal(
            sum(term.cost for term in terms),
            flipped @ frame,
            (flipped @ residual[..., None])[..., 0],
            flipped @ shared,
            flat.T @ flat,
            flat.T @ residual.reshape(-1),
        )

    def _pixels(self, seen: Projection, part: slice) -> _Term:
        """Distance of the points from where the model of the pose has them."""
        sd = self.priors.noise * self.evidence.trunk_px
        off = (seen.pixels - self.evidence.pixels[part]) / sd
        squared, weight = (off**2).sum(axis=2), self.evidence.weight[part]
        root = np.sqrt(weight * _cauchy(squared, _OUTLIER))[..., None]
        scale = (root / sd)[..., None]
        return _Term(_cost(weight, squared, _OUTLIER), off * root, seen.by_frame * scale, seen.by_clip * scale)

    def _depths(self, seen: Projection, trunk: float, part: slice) -> _Term:
        """Depth of the points behind the mid-hip, in trunk lengths."""

        def behind_hips(values: FloatArray) -> FloatArray:
            return values - values[:, 2:4].mean(axis=1, keepdims=True)

        off = (behind_hips(seen.depth / trunk) - self.evidence.depth[part]) / self.priors.depth_noise
        weight = self.priors.depth_share * self.evidence.depth_weight[part]
        root = np.sqrt(weight * _cauchy(off**2, _OUTLIER_DEPTH))
        scale = (root / (trunk * self.priors.depth_noise))[..., None]
        by_clip = seen.depth_by_clip.copy()
        by_clip[..., body.LOG_TRUNK] -= seen.depth
        return _Term(
            _cost(weight, off**2, _OUTLIER_DEPTH),
            off * root,
            behind_hips(seen.depth_by_frame) * scale,
            behind_hips(by_clip) * scale,
        )

    def _feet(self, seen: Projection, clip: FloatArray, trunk: float, part: slice) -> _Term:
        """Distance of the mid-ankle from where the feet are planted."""
        sd = self.priors.stand * trunk
        off = (seen.plane[:, _ANKLES].mean(axis=1) - clip[body.STAND_F :]) / sd
        squared, weight = (off**2).sum(axis=1), self.evidence.weight[part, _ANKLES].max(axis=1)
        root = np.sqrt(weight * _cauchy(squared, _OUTLIER_DEPTH))
        by_clip = seen.plane_by_clip[:, _ANKLES].mean(axis=1)
        by_clip[:, 0, body.STAND_F] -= 1.0
        by_clip[:, 1, body.STAND_U] -= 1.0
        by_clip[..., body.LOG_TRUNK] -= off * sd
        scale = (root / sd)[:, None, None]
        return _Term(
            _cost(weight, squared, _OUTLIER_DEPTH),
            off * root[:, None],
            seen.plane_by_frame[:, _ANKLES].mean(axis=1) * scale,
            by_clip * scale,
        )

    def _balance(self, seen: Projection, trunk: float, part: slice) -> _Term:
        """How far the centre of mass lies in front of the ankles: who stands keeps it over the feet.

        It decides between leaning forward and leaning back where the camera cannot; who lies or sits is an outlier.
        """
        mean, sd = self.priors.balance
        ahead = np.tensordot(seen.plane[:, :8, 0], _MASS, axes=1) / trunk
        off = (ahead - mean) / sd
        weight = np.minimum(self.evidence.weight[part, :8].sum(axis=1) / 4, 1.0)
        root = np.sqrt(weight * _cauchy(off**2, _OUTLIER_DEPTH))
        scale = (root / (trunk * sd))[:, None]
        by_clip = np.tensordot(seen.plane_by_clip[:, :8, 0], _MASS, axes=(1, 0))
        by_clip[:, body.LOG_TRUNK] -= ahead * trunk
        return _Term(
            _cost(weight, off**2, _OUTLIER_DEPTH),
            (off * root)[:, None],
            np.tensordot(seen.plane_by_frame[:, :8, 0], _MASS, axes=(1, 0)) * scale,
            by_clip * scale,
        )

    def _step(self, now: _Normal, damping: float) -> tuple[FloatArray, FloatArray]:
        """Steps of the clip's and of the frames' parameters."""
        damped = now.hessian.copy()
        diagonal = np.einsum("tii->ti", damped)
        diagonal += damping * diagonal + 1e-6
        right = np.concatenate([now.gradient[..., None], now.coupling], axis=2)
        solved = self._frames_solve(damped, right)
        own, by_clip = solved[..., 0], solved[..., 1:]
        hessian = now.clip_hessian - np.einsum("tij,tik->jk", now.coupling, by_clip)
        gradient = now.clip_gradient - np.einsum("tij,ti->j", now.coupling, own)
        hessian += np.diag(np.diag(now.clip_hessian) * damping + 1e-9)
        clip_step = -np.linalg.solve(hessian, gradient)
        return clip_step, -(own + by_clip @ clip_step)

    def _frames_solve(self, hessian: FloatArray, right: FloatArray) -> FloatArray:
        """Solve the frames' block of the normal equations, tied by the accelerations, for several right sides."""
        count, size, _ = hessian.shape
        if not self.smooth.any():
            return np.asarray(np.linalg.solve(hessian, right), dtype=np.float64)
        band = np.zeros((2 * size + 1, count * size))  # lower form: band[i - j, j] = a[i, j]
        for i in range(size):
            for j in range(i + 1):
                band[i - j, j::size] = hessian[:, i, j]
        own, one, two = (np.zeros((count, size)) for _ in range(3))
        own[:-2] += self.smooth
        own[1:-1] += 4 * self.smooth
        own[2:] += self.smooth
        one[:-2] -= 2 * self.smooth
        one[1:-1] -= 2 * self.smooth
        two[:-2] += self.smooth
        band[0] += own.reshape(-1)
        band[size] += one.reshape(-1)
        band[2 * size] += two.reshape(-1)
        flat = right.reshape(count * size, -1)
        try:
            factor = cholesky_banded(band, lower=True, check_finite=False, overwrite_ab=True)
        except LinAlgError:  # a frame without any evidence, far from its neighbours
            return np.asarray(np.linalg.solve(hessian + 1e-3 * np.eye(size), right), dtype=np.float64)
        solved: FloatArray = cho_solve_banded((factor, True), flat, check_finite=False)
        return solved.reshape(right.shape)
