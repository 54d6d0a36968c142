"""The fitted body of a clip: camera view, posture and uncertainty of every frame."""

from dataclasses import dataclass

import numpy as np

from analyzer.kinematics import body_model as body
from analyzer.kinematics.angles import wrap_angle_deg
from analyzer.kinematics.arrays import FloatArray, Series, median_interval_s
from analyzer.kinematics.body_fit import fit_parameters
from analyzer.kinematics.body_model import project_body
from analyzer.kinematics.body_priors import FIT_SETTINGS, PRIORS, FitSettings
from analyzer.kinematics.fit_observations import FitObservations, ObservedLandmarks, build_observations
from analyzer.kinematics.fit_problem import FitSolution
from analyzer.kinematics.landmarks import Facing

_TRUNK_JOINTS, _FOLD_JOINTS, _KNEE_JOINTS = slice(0, 4), slice(0, 6), slice(2, 8)  # that define each angle
_LEFT_ANKLE, _RIGHT_ANKLE = 6, 7
_BLIND_INFORMATION = 0.3  # of a parameter without any evidence: an SD of about 105 degrees


@dataclass(frozen=True)
class FittedBody:
    """One person's body over a clip; T frames; angles in degrees with the signs of `docs/angles.md`.

    Attributes
    ----------
    facing : side of the picture that the person faces.
    yaw_deg : turn of the line to the person off the side view, -90 to 90: + the camera stands towards the front.
    yaw_sd_deg : standard deviation of `yaw_deg`.
    pitch_deg : camera pitch, + it looks down.
    trunk_deg, thigh_deg, shin_deg : (T,) inclinations; thigh and shin are those of the leg that is stood on, or
        the mean of both.
    trunk_sd_deg, trunk_thigh_sd_deg, knee_sd_deg : (T,) standard deviations; large where little is visible.
    joints : (T, 8, 2) shoulders, hips, knees and ankles (left before right) in the sagittal plane, forward and up, in
        distances from the camera.
    pixels : (T, 8, 2) the same joints in the picture, corrected for camera roll; x right, y down.
    turn : (T,) turn of the person against the clip's bearing, radians.
    trunk_px : length of the trunk.
    lateral_offset : as in `FitObservations`.
    solution : parameters of the body.
    """

    facing: Facing
    yaw_deg: float
    yaw_sd_deg: float
    pitch_deg: float
    trunk_deg: Series
    thigh_deg: Series
    shin_deg: Series
    trunk_sd_deg: Series
    trunk_thigh_sd_deg: Series
    knee_sd_deg: Series
    joints: FloatArray
    pixels: FloatArray
    turn: Series
    trunk_px: float
    lateral_offset: float
    solution: FitSolution


def fit_body(landmarks: ObservedLandmarks, settings: FitSettings = FIT_SETTINGS) -> FittedBody | None:
    """Fit the body to a clip.

    Parameters
    ----------
    landmarks : T frames without a cut.
    settings : how landmarks are weighted and uncertainty is scaled.

    Returns
    -------
    The body in all T frames; None where fewer than three frames are given or no person is visible.
    """
    times_s = landmarks.times_s
    if len(times_s) < 3:
        return None
    step = max(1, round(1.0 / (settings.rate_hz * median_interval_s(times_s, default_s=1.0 / settings.rate_hz))))
    rows = np.arange(0, len(times_s), step)
    observations = build_observations(landmarks.select_frames(rows), settings)
    if not np.isfinite(observations.trunk_px) or observations.trunk_px <= 0:
        return None
    solution = fit_parameters(observations)
    if solution is None:
        return None

    def interpolate(values: FloatArray) -> FloatArray:
        """Interpolate over the frames that were not fitted."""
        if step == 1:
            return values
        flat = values.reshape(len(values), -1).T
        columns = [np.interp(times_s, times_s[rows], column) for column in flat]
        return np.stack(columns, axis=1).reshape(-1, *values.shape[1:])

    lens, clip, frames = landmarks.lens, solution.clip, solution.frames
    projection = project_body(clip, frames, lens.focal_length_px, observations.lateral_offset)
    trunk = np.exp(clip[body.LOG_TRUNK])
    raised = (projection.plane[:, _LEFT_ANKLE, 1] - projection.plane[:, _RIGHT_ANKLE, 1]) / trunk
    stance = -np.clip(raised / settings.raised_foot, -1.0, 1.0)  # -1: stands on the right leg, 1: on the left one
    trunk_sd, trunk_thigh_sd, knee_sd = _standard_deviations_deg(observations, solution, projection.pixels, settings)
    facing, yaw_deg = _facing_and_yaw(solution, observations.lateral_offset)
    return FittedBody(
        facing=facing,
        yaw_deg=yaw_deg,
        yaw_sd_deg=settings.yaw_sd_scale
        * float(np.degrees(np.sqrt(solution.clip_covariance[body.BEARING, body.BEARING]))),
        pitch_deg=float(np.degrees(clip[body.PITCH])),
        trunk_deg=wrap_angle_deg(interpolate(np.degrees(frames[:, body.TRUNK]))),
        thigh_deg=wrap_angle_deg(interpolate(np.degrees(frames[:, body.THIGH] + stance * frames[:, body.THIGH_LR]))),
        shin_deg=wrap_angle_deg(interpolate(np.degrees(frames[:, body.SHIN] + stance * frames[:, body.SHIN_LR]))),
        trunk_sd_deg=interpolate(trunk_sd),
        trunk_thigh_sd_deg=interpolate(trunk_thigh_sd),
        knee_sd_deg=interpolate(knee_sd),
        joints=interpolate(projection.plane[:, :8]),
        pixels=interpolate(projection.pixels[:, :8]) + lens.principal_point_px,
        turn=interpolate(frames[:, body.TURN]),
        trunk_px=float(trunk * lens.focal_length_px),
        lateral_offset=observations.lateral_offset,
        solution=solution,
    )


def _facing_and_yaw(solution: FitSolution, lateral_offset: float) -> tuple[Facing, float]:
    """Compute facing and yaw, degrees, against the line from the camera to the middle of the body."""
    forward, _, _ = body.compute_body_axes(solution.clip[body.BEARING : body.BEARING + 1])
    sight = np.array([lateral_offset, 0.0, 1.0]) + _body_middle(solution) * forward[0]
    sight /= np.linalg.norm(sight)
    towards_camera = float(-forward[0] @ sight)
    across = float(forward[0] @ (sight[2], 0.0, -sight[0]))  # to the right of the line to the person
    return "right" if across >= 0 else "left", float(np.degrees(np.arcsin(np.clip(towards_camera, -1, 1))))


def _body_middle(solution: FitSolution) -> float:
    """Compute how far the body's middle is in front of the origin.

    It is the mean of shoulders, hips, knees and ankles, median over the clip.
    """
    trunk, thigh, shin = (
        np.exp(solution.clip[body.LOG_TRUNK] + (solution.clip[log] if log != body.LOG_TRUNK else 0.0))
        for log in (body.LOG_TRUNK, body.LOG_THIGH, body.LOG_SHIN)
    )
    frames = solution.frames
    hip = frames[:, body.HIP_F]
    knee = hip - thigh * np.sin(frames[:, body.THIGH])
    ankle = knee - shin * np.sin(frames[:, body.SHIN])
    shoulder = hip + trunk * np.sin(frames[:, body.TRUNK])
    return float(np.median((shoulder + hip + knee + ankle) / 4))


def _standard_deviations_deg(
    observations: FitObservations, solution: FitSolution, projected_px: FloatArray, settings: FitSettings
) -> tuple[Series, Series, Series]:
    """Compute the standard deviations of trunk, trunk-thigh angle and knee, (T,) degrees each."""
    covariance = _frame_covariance(solution, observations.interval_s, settings)

    def sd_deg(scale: float, joints: slice, parts: dict[int, float]) -> Series:
        row = np.zeros(body.FRAME_PARAMETERS)
        for parameter, sign in parts.items():
            row[parameter] = sign
        misfit = _misfit(observations, projected_px, joints, settings)
        sd: Series = scale * misfit * np.degrees(np.sqrt(np.einsum("i,tij,j->t", row, covariance, row)))
        return sd

    return (
        sd_deg(settings.trunk_sd_scale, _TRUNK_JOINTS, {body.TRUNK: 1.0}),
        sd_deg(settings.trunk_thigh_sd_scale, _FOLD_JOINTS, {body.TRUNK: 1.0, body.THIGH: -1.0}),
        sd_deg(settings.knee_sd_scale, _KNEE_JOINTS, {body.SHIN: 1.0, body.THIGH: -1.0}),
    )


def _misfit(observations: FitObservations, projected_px: FloatArray, points: slice, settings: FitSettings) -> Series:
    """Compute the factor (T,), at least 1, by which scatter about the body widens its uncertainty (Birge 1932).

    Landmarks that a plate draws aside are outliers to the fit: they move it little, and count here.
    """
    sd = PRIORS.noise * observations.trunk_px
    squared = ((projected_px[:, points] - observations.pixels[:, points]) ** 2).sum(axis=2) / sd**2
    weight = observations.weight[:, points]
    width = 2 * max(1, round(settings.bridge_s / observations.interval_s)) + 1
    total, known = (np.convolve(values.sum(axis=1), np.ones(width), "same") for values in (weight * squared, weight))
    misfit: Series = np.sqrt(np.maximum(total / np.maximum(known, 1e-9), 1.0))
    return misfit


def _frame_covariance(solution: FitSolution, interval_s: float, settings: FitSettings) -> FloatArray:
    """Compute the covariance (T, P, P) of each frame's parameters: its own evidence, and that of the clip's parameters.

    A landmark's error lasts, so neither many frames nor smoothing make it small: a frame counts by its own evidence
    alone, borrowed from neighbours within `bridge_s` where it has little.
    """
    reach = max(1, round(settings.bridge_s / interval_s))
    width = 2 * reach + 1
    own = solution.information
    padded = np.concatenate([own[:1]] * reach + [own] + [own[-1:]] * reach)
    total = np.cumsum(np.concatenate([np.zeros_like(padded[:1]), padded]), axis=0)
    information = (total[width:] - total[:-width]) / width
    information = information + np.diag(np.full(body.FRAME_PARAMETERS, _BLIND_INFORMATION))
    by_clip = np.linalg.solve(information, solution.coupling)
    shared = by_clip @ solution.clip_covariance @ by_clip.transpose(0, 2, 1)
    return np.linalg.inv(information) + shared
