"""The fitted body of a clip: camera view, posture and uncertainty of every frame."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analyzer.kinematics import body_model as body
from analyzer.kinematics.angles import FloatArray, Series, wrap_angle_deg
from analyzer.kinematics.body_fit import FitSolution, fit_parameters
from analyzer.kinematics.body_model import project_body
from analyzer.kinematics.body_priors import PRIORS
from analyzer.kinematics.camera_lens import CameraLens
from analyzer.kinematics.fit_observations import FitObservations
from analyzer.kinematics.landmarks import LEFT, RIGHT, Facing


@dataclass(frozen=True)
class FitSettings:
    """How landmarks are weighed and frames tied."""

    rate_hz: float = 30.0  # frames are fitted at most so often: movements stay below 6 Hz (sources 5)
    doubt: float = 0.06  # SD that a landmark of visibility 0 has beyond its noise, trunk lengths; measured, 27 clips
    apart: float = 0.7  # SD over the distance of the answers for picture and mirror image; measured, 27 clips
    toe: float = 0.15  # weight of toes: shoes differ; chosen
    raised: float = 0.3  # a foot this far above the other, trunk lengths: the other leg is stood on; chosen
    cut: float = 0.5  # the joints' median jump between frames, trunk lengths, at which the film was cut; chosen
    bridge_s: float = 0.15  # neighbours so near carry a frame that shows nothing; chosen
    # SD of the angles' errors over what the fit alone states: landmarks err alike; measured, 27 clips
    trunk: float = 0.75
    trunk_thigh: float = 0.75
    knee: float = 0.5
    yaw: float = 1.7


LIMITS = FitSettings()
_TRUNK, _LEGS = slice(0, 4), slice(2, 8)


@dataclass(frozen=True)
class FittedBody:
    """One person's body over a clip; T frames; angles in degrees with the signs of `docs/angles.md`.

    Attributes
    ----------
    facing : side of the picture that the person faces.
    yaw_deg : turn of the line to the person off the side view, -90 to 90: + the camera stands towards the front.
    yaw_sd_deg : its standard deviation.
    bearing_deg : direction that the person faces, against the lens's axis: 0 image right, 90 the camera, 180 left.
    pitch_deg : of the camera, + it looks down.
    trunk_deg, thigh_deg, shin_deg : (T,) inclinations; thigh and shin are those of the leg that is stood on, or
        the mean of both.
    thigh_difference_deg : (T,) left thigh minus right.
    trunk_sd_deg, trunk_thigh_sd_deg, knee_sd_deg : (T,) standard deviations; large where little is seen.
    joints : (T, 8, 2) shoulders, hips, knees and ankles (left before right) in the sagittal plane, forward and up, in
        distances from the camera.
    pixels : (T, 8, 2) where the camera sees them, levelled.
    turn : (T,) turn of the person against the clip's bearing, radians.
    trunk_px : length of the trunk.
    aside : as in `Evidence`.
    cost : how badly the body explains the picture.
    """

    facing: Facing
    yaw_deg: float
    yaw_sd_deg: float
    bearing_deg: float
    pitch_deg: float
    trunk_deg: Series
    thigh_deg: Series
    shin_deg: Series
    thigh_difference_deg: Series
    trunk_sd_deg: Series
    trunk_thigh_sd_deg: Series
    knee_sd_deg: Series
    joints: FloatArray
    pixels: FloatArray
    turn: Series
    trunk_px: float
    aside: float
    cost: float
    solution: FitSolution


def build_observations(
    times_s: FloatArray,
    points_px: FloatArray,
    visibility: FloatArray,
    mirror_distance_px: FloatArray,
    world_m: FloatArray,
    lens: CameraLens,
    limits: FitSettings = LIMITS,
) -> FitObservations:
    """Weigh the landmarks.

    Parameters
    ----------
    times_s : (T,) seconds.
    points_px : (T, 33, 2) pixels, x right, y down, levelled, not smoothed; NaN where unknown.
    visibility : (T, 33) 0 to 1.
    mirror_distance_px : (T, 33) distance of the answers for the picture and its mirror image; NaN where not known.
    world_m : (T, 33, 3) the pose model's guess in metres, z away from the camera.
    lens : the camera.
    """
    pixels = points_px[:, body.FIT_LANDMARKS] - lens.principal_point_px
    known = np.asarray(np.isfinite(pixels).all(axis=2))
    trunk_px = _trunk_length(points_px)
    seen = np.nan_to_num(visibility[:, body.FIT_LANDMARKS])
    apart = np.nan_to_num(mirror_distance_px[:, body.FIT_LANDMARKS] / trunk_px, nan=PRIORS.noise)
    variance = PRIORS.noise**2 + (limits.doubt * (1 - seen)) ** 2 + (limits.apart * apart) ** 2
    weight: FloatArray = np.where(known, PRIORS.noise**2 / variance, 0.0)
    weight[:, -2:] *= limits.toe
    depth = world_m[:, body.FIT_LANDMARKS, 2] - world_m[:, [LEFT.hip, RIGHT.hip], 2].mean(axis=1)[:, None]
    depth = depth / _trunk_length(world_m)
    depth_weight = np.where(np.isfinite(depth) & known, seen, 0.0)
    depth_weight[:, -2:] = 0.0
    return FitObservations(
        np.where(known[..., None], pixels, 0.0),
        weight,
        np.nan_to_num(depth),
        depth_weight,
        _joined(pixels, trunk_px, limits),
        _interval_s(times_s, limits),
        trunk_px,
        lens.focal_length_px,
        _aside(pixels, lens),
    )


def _interval_s(times_s: FloatArray, limits: FitSettings) -> float:
    """Usual time between frames; where a damaged file gives most of them the same time, that of the fit."""
    usual = float(np.median(np.diff(times_s)))
    return usual if usual > 0 else 1.0 / limits.rate_hz


def _aside(pixels: FloatArray, lens: CameraLens) -> float:
    """Middle of the hips over the clip, of the shoulders where no hip is known."""
    for joint in (slice(2, 4), slice(0, 2)):
        across = pixels[:, joint, 0]
        known = across[np.isfinite(across)]
        if len(known):
            return float(np.median(known)) / lens.focal_length_px
    return 0.0


def _trunk_length(points: FloatArray) -> float:
    """Mid-hip to mid-shoulder: upper quartile over the clip, since bending and turning only shorten it.

    Not less than what belongs to the shoulders' width: who lies with the head or feet to the camera shows no trunk.
    """
    shoulder, hip = (
        points[:, [left, right]].mean(axis=1)
        for left, right in ((LEFT.shoulder, RIGHT.shoulder), (LEFT.hip, RIGHT.hip))
    )
    width = np.linalg.norm(points[:, LEFT.shoulder] - points[:, RIGHT.shoulder], axis=1)
    lengths = np.maximum(np.linalg.norm(shoulder - hip, axis=1), width / (2 * PRIORS.shoulder_width[0]))
    known = lengths[np.isfinite(lengths)]
    return float(np.percentile(known, 75)) if len(known) else np.nan


def _joined(pixels: FloatArray, trunk_px: float, limits: FitSettings) -> NDArray[np.bool_]:
    if len(pixels) < 3:
        return np.zeros(0, dtype=bool)
    with np.errstate(invalid="ignore"):
        jump = np.linalg.norm(np.diff(pixels[:, :8], axis=0), axis=2) / trunk_px
    jump = np.where(np.isfinite(jump).any(axis=1), np.nanmedian(np.nan_to_num(jump, nan=0.0), axis=1), 0.0)
    smooth = jump < limits.cut
    joined: NDArray[np.bool_] = smooth[:-1] & smooth[1:]
    return joined


def fit_body(
    times_s: FloatArray,
    points_px: FloatArray,
    visibility: FloatArray,
    mirror_distance_px: FloatArray,
    world_m: FloatArray,
    lens: CameraLens,
    limits: FitSettings = LIMITS,
) -> FittedBody | None:
    """Fit the body to a clip; parameters as in `build_observations`. None where nobody is seen."""
    if len(times_s) < 3:
        return None
    step = max(1, round(1.0 / (limits.rate_hz * _interval_s(times_s, limits))))
    rows = np.arange(0, len(times_s), step)
    evidence = build_observations(
        times_s[rows], points_px[rows], visibility[rows], mirror_distance_px[rows], world_m[rows], lens, limits
    )
    if not np.isfinite(evidence.trunk_px) or evidence.trunk_px <= 0:
        return None
    solution = fit_parameters(evidence)
    if solution is None:
        return None
    covariance = _covariance(solution, evidence.interval_s, limits)
    clip, frames = solution.clip, solution.frames

    seen = project_body(clip, frames, lens.focal_length_px, evidence.aside)
    trunk = np.exp(clip[body.LOG_TRUNK])
    raised = (seen.plane[:, 6, 1] - seen.plane[:, 7, 1]) / trunk  # left ankle over the right one
    stance = -np.clip(raised / limits.raised, -1.0, 1.0)

    def every(values: FloatArray) -> FloatArray:
        """Interpolate over the frames that were not fitted."""
        if step == 1:
            return values
        flat = values.reshape(len(values), -1).T
        return np.stack([np.interp(times_s, times_s[rows], row) for row in flat], axis=1).reshape(-1, *values.shape[1:])

    trunk_misfit, leg_misfit = (_misfit(evidence, seen.pixels, points, limits) for points in (_TRUNK, _LEGS))

    def sd_deg(scale: float, misfit: Series, **parts: float) -> Series:
        row = np.zeros(body.FRAME_PARAMETERS)
        for name, sign in parts.items():
            row[getattr(body, name)] = sign
        return every(scale * misfit * np.degrees(np.sqrt(np.einsum("i,tij,j->t", row, covariance, row))))

    forward, _, _ = body.compute_body_axes(clip[body.BEARING : body.BEARING + 1])
    sight = np.array([evidence.aside, 0.0, 1.0]) + _middle(solution) * forward[0]
    sight /= np.linalg.norm(sight)
    towards = float(-forward[0] @ sight)
    across = float(forward[0] @ (sight[2], 0.0, -sight[0]))  # to the right of the line to the person
    return FittedBody(
        facing="right" if across >= 0 else "left",
        yaw_deg=float(np.degrees(np.arcsin(np.clip(towards, -1, 1)))),
        yaw_sd_deg=limits.yaw * float(np.degrees(np.sqrt(solution.clip_covariance[body.BEARING, body.BEARING]))),
        bearing_deg=float(np.degrees(clip[body.BEARING])),
        pitch_deg=float(np.degrees(clip[body.PITCH])),
        trunk_deg=wrap_angle_deg(every(np.degrees(frames[:, body.TRUNK]))),
        thigh_deg=wrap_angle_deg(every(np.degrees(frames[:, body.THIGH] + stance * frames[:, body.THIGH_LR]))),
        shin_deg=wrap_angle_deg(every(np.degrees(frames[:, body.SHIN] + stance * frames[:, body.SHIN_LR]))),
        thigh_difference_deg=every(np.degrees(2 * frames[:, body.THIGH_LR])),
        trunk_sd_deg=sd_deg(limits.trunk, trunk_misfit, TRUNK=1.0),
        trunk_thigh_sd_deg=sd_deg(limits.trunk_thigh, leg_misfit, TRUNK=1.0, THIGH=-1.0),
        knee_sd_deg=sd_deg(limits.knee, leg_misfit, SHIN=1.0, THIGH=-1.0),
        joints=every(seen.plane[:, :8]),
        pixels=every(seen.pixels[:, :8]) + lens.principal_point_px,
        turn=every(frames[:, body.TURN]),
        trunk_px=float(trunk * lens.focal_length_px),
        aside=evidence.aside,
        cost=solution.cost,
        solution=solution,
    )


def _middle(solution: FitSolution) -> float:
    """Where the body's middle lies in front of the origin: mean of shoulders, hips, knees and ankles over the clip."""
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


def _misfit(evidence: FitObservations, pixels: FloatArray, points: slice, limits: FitSettings) -> Series:
    """(T,) factor by which scatter of some points about the body widens its uncertainty (Birge 1932); at least 1.

    Landmarks that a plate draws aside are outliers to the fit: they move it little, and show here.
    """
    sd = PRIORS.noise * evidence.trunk_px
    squared = ((pixels[:, points] - evidence.pixels[:, points]) ** 2).sum(axis=2) / sd**2
    weight = evidence.weight[:, points]
    reach = 2 * max(1, round(limits.bridge_s / evidence.interval_s)) + 1
    total, known = (np.convolve(values.sum(axis=1), np.ones(reach), "same") for values in (weight * squared, weight))
    misfit: Series = np.sqrt(np.maximum(total / np.maximum(known, 1e-9), 1.0))
    return misfit


def _covariance(solution: FitSolution, interval_s: float, limits: FitSettings) -> FloatArray:
    """(T, P, P) of each frame's parameters: its own evidence, and what the clip's parameters leave open.

    A landmark's error lasts, so neither many frames nor smoothing make it small: a frame counts by its own evidence
    alone, borrowed from neighbours within `bridge_s` where it has little.
    """
    reach = max(1, round(limits.bridge_s / interval_s))
    width = 2 * reach + 1
    own = solution.information
    padded = np.concatenate([own[:1]] * reach + [own] + [own[-1:]] * reach)
    total = np.cumsum(np.concatenate([np.zeros_like(padded[:1]), padded]), axis=0)
    information = (total[width:] - total[:-width]) / width
    information = information + np.diag(np.full(body.FRAME_PARAMETERS, 0.3))  # nothing seen: SD about 105 degrees
    by_clip = np.linalg.solve(information, solution.coupling)
    shared = by_clip @ solution.clip_covariance @ by_clip.transpose(0, 2, 1)
    return np.linalg.inv(information) + shared
