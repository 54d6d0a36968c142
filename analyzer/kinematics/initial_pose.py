"""Where the fit of the body starts: posture and place worked out from each picture by itself."""

import numpy as np

from analyzer.kinematics import body_model as body
from analyzer.kinematics.body_model import CLIP_PARAMETERS, FRAME_PARAMETERS, FloatArray, project_body
from analyzer.kinematics.body_priors import BodyPriors
from analyzer.kinematics.fit_observations import FitObservations

_ANKLES = slice(6, 8)
_LEGS_APART = 0.25  # half the difference of left and right, radians, that noise does not reach; chosen
_LEG_WEIGHT = 0.05  # of a leg that is seen at all; chosen
_CLEAR = 0.15  # depth that says for sure which way a segment leans, trunk lengths; chosen
_FRONT = 0.5  # cosine of the bearing below which the camera sees rather the front or the back than the side


def initialize_frames(evidence: FitObservations, clip: FloatArray) -> FloatArray:
    """Frames to start from: mid-points of left and right in a sagittal plane seen under the clip's bearing.

    How far forward a point lies shows across the picture. From the front or behind it does not: the model's depth has
    to say it; where that is little, a segment that looks short leans as bodies bend, trunk and shin forward, thighs
    back. What is not
    seen is as before and after, or upright.
    """
    weight = evidence.weight.reshape(len(evidence.weight), -1, 2)
    pairs = evidence.pixels.reshape(len(evidence.pixels), -1, 2, 2)
    total = np.maximum(weight.sum(axis=2), 1e-9)[..., None]
    middle = (pairs * weight[..., None]).sum(axis=2) / total / evidence.focal_length_px - (evidence.aside, 0.0)
    cosine, sine = np.cos(clip[body.BEARING]), np.sin(clip[body.BEARING])
    from_side = abs(cosine) > _FRONT
    if from_side:
        forward = middle[..., 0] / cosine
    else:
        depth = evidence.depth.reshape(len(middle), -1, 2).mean(axis=2) * evidence.trunk_px / evidence.focal_length_px
        forward = middle[..., 0] * cosine - depth * sine
    joints, seen = np.stack([forward, -middle[..., 1]], axis=-1), np.asarray(weight.any(axis=2))
    frames = np.zeros((len(middle), FRAME_PARAMETERS))
    frames[:, body.HIP_F : body.HIP_U + 1] = joints[:, 1]
    trunk = np.exp(clip[body.LOG_TRUNK])
    rows = np.arange(len(frames))
    for index, lower, upper, length, sign in (
        (body.TRUNK, 1, 0, trunk, 1.0),
        (body.THIGH, 2, 1, trunk * np.exp(clip[body.LOG_THIGH]), -1.0),
        (body.SHIN, 3, 2, trunk * np.exp(clip[body.LOG_SHIN]), 1.0),
    ):
        known = seen[:, lower] & seen[:, upper]
        if known.any():
            run = (joints[:, upper] - joints[:, lower])[known]
            if from_side:
                angle = np.arctan2(run[:, 0], run[:, 1])
            else:
                clear = np.abs(run[:, 0]) > _CLEAR * trunk
                angle = np.where(clear, np.sign(run[:, 0]), sign) * np.arccos(np.clip(run[:, 1] / length, -1.0, 1.0))
            frames[:, index] = np.interp(rows, rows[known], angle)
    if from_side:
        _part_legs(frames, pairs / evidence.focal_length_px / (cosine, -1.0), weight)
    return frames


def _part_legs(frames: FloatArray, points: FloatArray, weight: FloatArray) -> None:
    """Start from both legs where they clearly do something else, as in a lunge: else one would become an outlier.

    Parameters
    ----------
    frames : as in `body_model`; changed in place.
    points : (T, K / 2, 2, 2) joint, left before right, forward and up.
    weight : (T, K / 2, 2) of the points.
    """
    known = weight[:, 1:4].min(axis=(1, 2)) > _LEG_WEIGHT
    for mean, difference, lower, upper in ((body.THIGH, body.THIGH_LR, 2, 1), (body.SHIN, body.SHIN_LR, 3, 2)):
        along = points[:, upper] - points[:, lower]
        left, right = np.arctan2(along[..., 0], along[..., 1]).T
        half = np.angle(np.exp(1j * (left - right))) / 2
        apart = known & (np.abs(half) > _LEGS_APART)
        frames[apart, difference] = half[apart]
        frames[apart, mean] = right[apart] + half[apart]


def initialize_clip(evidence: FitObservations, bearing: float, priors: BodyPriors) -> FloatArray:
    """Parameters of the clip to start from: a usual body under some bearing."""
    clip = np.zeros(CLIP_PARAMETERS)
    clip[body.BEARING] = bearing
    clip[body.LOG_TRUNK] = np.log(evidence.trunk_px / evidence.focal_length_px)
    for index, (mean, _) in priors.of_clip().items():
        clip[index] = mean
    standing = project_body(clip, initialize_frames(evidence, clip), 1.0, evidence.aside).plane[:, _ANKLES].mean(axis=1)
    clip[body.STAND_F :] = np.median(standing, axis=0)
    return clip
