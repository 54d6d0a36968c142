"""Initial parameters of the body fit: posture and place computed from each frame by itself."""

import numpy as np

from analyzer.kinematics import body_model as body
from analyzer.kinematics.arrays import FloatArray
from analyzer.kinematics.body_model import CLIP_PARAMETERS, FRAME_PARAMETERS, project_body
from analyzer.kinematics.body_priors import BodyPriors
from analyzer.kinematics.fit_observations import FitObservations

_ANKLES = slice(6, 8)
_LEGS_APART = 0.25  # half the difference of left and right, radians, that noise does not reach; chosen
_LEG_WEIGHT = 0.05  # of a leg that is visible at all; chosen
_CLEAR_LEAN = 0.15  # depth that clearly shows which way a segment leans, trunk lengths; chosen
_FRONT_COSINE = 0.5  # cosine of the bearing below which the camera sees the front or the back rather than the side


def initialize_frames(observations: FitObservations, clip: FloatArray) -> FloatArray:
    """Estimate each frame's posture from mid-points of left and right, for a given bearing of the clip.

    From the side, the picture shows how far forward a point is. From the front or behind it does not, and the model's
    depth has to; where that is little, a segment that looks short leans as bodies bend: trunk and shin forward, thighs
    back. Hidden segments are interpolated over time, or upright.

    Parameters
    ----------
    observations : T frames.
    clip : (S,) parameters of the clip.

    Returns
    -------
    (T, P) parameters of the frames.
    """
    weight = observations.weight.reshape(len(observations.weight), -1, 2)
    pairs = observations.pixels.reshape(len(observations.pixels), -1, 2, 2)
    focal_length_px = observations.focal_length_px
    total = np.maximum(weight.sum(axis=2), 1e-9)[..., None]
    middle = (pairs * weight[..., None]).sum(axis=2) / total / focal_length_px - (observations.lateral_offset, 0.0)
    cosine, sine = np.cos(clip[body.BEARING]), np.sin(clip[body.BEARING])
    is_from_side = abs(cosine) > _FRONT_COSINE
    if is_from_side:
        forward = middle[..., 0] / cosine
    else:
        depth = observations.depth.reshape(len(middle), -1, 2).mean(axis=2) * observations.trunk_px / focal_length_px
        forward = middle[..., 0] * cosine - depth * sine
    joints, is_visible = np.stack([forward, -middle[..., 1]], axis=-1), np.asarray(weight.any(axis=2))
    frames = np.zeros((len(middle), FRAME_PARAMETERS))
    frames[:, body.HIP_F : body.HIP_U + 1] = joints[:, 1]
    trunk = np.exp(clip[body.LOG_TRUNK])
    rows = np.arange(len(frames))
    for index, lower, upper, length, usual_lean in (
        (body.TRUNK, 1, 0, trunk, 1.0),
        (body.THIGH, 2, 1, trunk * np.exp(clip[body.LOG_THIGH]), -1.0),
        (body.SHIN, 3, 2, trunk * np.exp(clip[body.LOG_SHIN]), 1.0),
    ):
        is_known = is_visible[:, lower] & is_visible[:, upper]
        if is_known.any():
            along = (joints[:, upper] - joints[:, lower])[is_known]
            if is_from_side:
                angle = np.arctan2(along[:, 0], along[:, 1])
            else:
                is_clear = np.abs(along[:, 0]) > _CLEAR_LEAN * trunk
                lean = np.where(is_clear, np.sign(along[:, 0]), usual_lean)
                angle = lean * np.arccos(np.clip(along[:, 1] / length, -1.0, 1.0))
            frames[:, index] = np.interp(rows, rows[is_known], angle)
    if is_from_side:
        _separate_legs(frames, pairs / focal_length_px / (cosine, -1.0), weight)
    return frames


def initialize_clip(observations: FitObservations, bearing: float, priors: BodyPriors) -> FloatArray:
    """Return the clip's parameters (S,) of a usual body under a bearing, radians."""
    clip = np.zeros(CLIP_PARAMETERS)
    clip[body.BEARING] = bearing
    clip[body.LOG_TRUNK] = np.log(observations.trunk_px / observations.focal_length_px)
    for index, (mean, _) in priors.clip_priors().items():
        clip[index] = mean
    frames = initialize_frames(observations, clip)
    ankles = project_body(clip, frames, 1.0, observations.lateral_offset).plane[:, _ANKLES].mean(axis=1)
    clip[body.STAND_F :] = np.median(ankles, axis=0)
    return clip


def _separate_legs(frames: FloatArray, points: FloatArray, weight: FloatArray) -> None:
    """Start from both legs where they clearly differ, as in a lunge: otherwise one would become an outlier.

    Parameters
    ----------
    frames : (T, P) as in `body_model`; changed in place.
    points : (T, K / 2, 2, 2) joint, left before right, forward and up.
    weight : (T, K / 2, 2) of the points.
    """
    is_known = weight[:, 1:4].min(axis=(1, 2)) > _LEG_WEIGHT
    for mean, difference, lower, upper in ((body.THIGH, body.THIGH_LR, 2, 1), (body.SHIN, body.SHIN_LR, 3, 2)):
        along = points[:, upper] - points[:, lower]
        left, right = np.arctan2(along[..., 0], along[..., 1]).T
        half = np.angle(np.exp(1j * (left - right))) / 2
        is_apart = is_known & (np.abs(half) > _LEGS_APART)
        frames[is_apart, difference] = half[is_apart]
        frames[is_apart, mean] = right[is_apart] + half[is_apart]
