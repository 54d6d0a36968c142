"""What the body is fitted to: the landmarks of a clip, and their weighted points and depths."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from analyzer.kinematics import body_model as body
from analyzer.kinematics.arrays import BoolArray, FloatArray, Series, median_interval_s
from analyzer.kinematics.body_priors import FIT_SETTINGS, PRIORS, FitSettings
from analyzer.kinematics.camera_lens import CameraLens
from analyzer.kinematics.landmarks import LEFT, RIGHT, trunk_length

_CHUNK = 512  # frames whose derivatives are in memory at a time
_FAR_SIDE_EXTRA = 1.2  # how much more a far landmark scatters; measured: near 0.03, far 0.05 trunk lengths to yaw 60


@dataclass(frozen=True)
class ObservedLandmarks:
    """Landmarks of one person over a clip as the pose model gives them, not smoothed; T frames.

    Attributes
    ----------
    times_s : (T,) seconds.
    points_px : (T, 33, 2) pixels, x right, y down, corrected for camera roll; NaN where unknown.
    visibility : (T, 33) the model's belief that a landmark is visible, 0 to 1.
    mirror_distance_px : (T, 33) distance of the landmarks in the picture and in its mirror image; NaN where unknown.
    world_m : (T, 33, 3) the model's guess in metres, x right, y down, z away from the camera; NaN where unknown.
    lens : the camera.
    """

    times_s: Series
    points_px: FloatArray
    visibility: FloatArray
    mirror_distance_px: FloatArray
    world_m: FloatArray
    lens: CameraLens

    def select_frames(self, frames: slice | NDArray[np.intp]) -> "ObservedLandmarks":
        """Return the landmarks of some frames only."""
        return replace(
            self,
            times_s=self.times_s[frames],
            points_px=self.points_px[frames],
            visibility=self.visibility[frames],
            mirror_distance_px=self.mirror_distance_px[frames],
            world_m=self.world_m[frames],
        )


@dataclass(frozen=True)
class FitObservations:
    """Weighted points and depths that the body is fitted to; T frames, K points (`body_model.FIT_LANDMARKS`), no NaN.

    Attributes
    ----------
    pixels : (T, K, 2) from the picture's middle, x right, y down; 0 where the weight is 0.
    weight : (T, K) squared ratio of the usual noise to that of the point, at most 1; 0 where it is not known.
    depth : (T, K) behind the mid-hip, in trunk lengths.
    depth_weight : (T, K) 0 to 1; 0 where the depth is not known.
    is_continuous : (T - 2,) False where a cut lies between a frame and the second one after it.
    interval_s : time between frames.
    trunk_px, focal_length_px : length of the trunk and focal length, pixels.
    lateral_offset : median position of the body right of the picture's middle, x over the distance. The sagittal plane
        passes through there; one through the picture's middle could not hold a body seen from the front.
    """

    pixels: FloatArray
    weight: FloatArray
    depth: FloatArray
    depth_weight: FloatArray
    is_continuous: BoolArray
    interval_s: float
    trunk_px: float
    focal_length_px: float
    lateral_offset: float

    def select_frames(self, frames: NDArray[np.intp], keep_neighbours: bool = False) -> "FitObservations":
        """Return the observations of some frames; `keep_neighbours`: frames that stay adjacent stay continuous."""
        is_continuous = np.zeros(max(len(frames) - 2, 0), dtype=bool)
        if keep_neighbours:
            is_continuous = self.is_continuous[frames[:-2]] & (frames[2:] - frames[:-2] == 2)
        return replace(
            self,
            pixels=self.pixels[frames],
            weight=self.weight[frames],
            depth=self.depth[frames],
            depth_weight=self.depth_weight[frames],
            is_continuous=is_continuous,
        )

    def chunks(self) -> Iterator[slice]:
        """Yield slices over the frames, so that the memory for derivatives is bounded."""
        for start in range(0, len(self.pixels), _CHUNK):
            yield slice(start, start + _CHUNK)


def build_observations(landmarks: ObservedLandmarks, settings: FitSettings = FIT_SETTINGS) -> FitObservations:
    """Weight the landmarks of a clip for the fit.

    Parameters
    ----------
    landmarks : T frames.
    settings : how visibility and the distance of the mirrored landmarks lower the weight.

    Returns
    -------
    T frames of weighted points; `trunk_px` is NaN where no trunk is known.
    """
    lens = landmarks.lens
    pixels = landmarks.points_px[:, body.FIT_LANDMARKS] - lens.principal_point_px
    is_known = np.asarray(np.isfinite(pixels).all(axis=2))
    trunk_px = estimate_trunk_length(landmarks.points_px)
    visibility = np.nan_to_num(landmarks.visibility[:, body.FIT_LANDMARKS])
    mirror_distance = np.nan_to_num(landmarks.mirror_distance_px[:, body.FIT_LANDMARKS] / trunk_px, nan=PRIORS.noise)
    variance = (
        PRIORS.noise**2
        + (settings.visibility_sd * (1 - visibility)) ** 2
        + (settings.mirror_sd_ratio * mirror_distance) ** 2
    )
    weight: FloatArray = np.where(is_known, PRIORS.noise**2 / variance, 0.0)
    weight[:, -2:] *= settings.toe_weight
    world_m = landmarks.world_m
    depth = world_m[:, body.FIT_LANDMARKS, 2] - world_m[:, [LEFT.hip, RIGHT.hip], 2].mean(axis=1)[:, None]
    depth = depth / estimate_trunk_length(world_m)
    depth_weight = np.where(np.isfinite(depth) & is_known, visibility, 0.0)
    depth_weight[:, -2:] = 0.0
    return FitObservations(
        pixels=np.where(is_known[..., None], pixels, 0.0),
        weight=weight,
        depth=np.nan_to_num(depth),
        depth_weight=depth_weight,
        is_continuous=_find_continuous(pixels, trunk_px, settings),
        interval_s=median_interval_s(landmarks.times_s, default_s=1.0 / settings.rate_hz),
        trunk_px=trunk_px,
        focal_length_px=lens.focal_length_px,
        lateral_offset=_lateral_offset(pixels, lens),
    )


def estimate_trunk_length(points: FloatArray) -> float:
    """Estimate the true length of the trunk, mid-hip to mid-shoulder, over a clip.

    It is the upper quartile over the frames, since bending and turning only shorten what is visible, and at least the
    length that belongs to the width of the shoulders: a person with head or feet to the camera shows no trunk.

    Parameters
    ----------
    points : (T, 33, D) landmarks in pixels or metres; NaN where unknown.

    Returns
    -------
    Length in the unit of `points`; NaN where hips or shoulders are never known.
    """
    width = np.linalg.norm(points[:, LEFT.shoulder] - points[:, RIGHT.shoulder], axis=1)
    lengths = np.maximum(trunk_length(points), width / (2 * PRIORS.shoulder_width[0]))
    known = lengths[np.isfinite(lengths)]
    return float(np.percentile(known, 75)) if len(known) else np.nan


def downweight_far_side(observations: FitObservations, bearing: float) -> FitObservations:
    """Lower the weight of the side that is turned away from the camera: its landmarks scatter more.

    Parameters
    ----------
    observations : T frames.
    bearing : direction that the person faces, radians: 0 image right, pi / 2 the camera, where both sides weigh alike.
    """
    extra = _FAR_SIDE_EXTRA * min(1.0, 2.0 * abs(np.cos(bearing)))
    is_far = body.SIDE_SIGNS * np.sign(np.cos(bearing)) > 0
    return replace(observations, weight=observations.weight * np.where(is_far, (1.0 + extra) ** -2, 1.0))


def _lateral_offset(pixels: FloatArray, lens: CameraLens) -> float:
    """Compute the median position of the hips over the clip, of the shoulders where no hip is known."""
    for joint in (slice(2, 4), slice(0, 2)):
        across = pixels[:, joint, 0]
        known = across[np.isfinite(across)]
        if len(known):
            return float(np.median(known)) / lens.focal_length_px
    return 0.0


def _find_continuous(pixels: FloatArray, trunk_px: float, settings: FitSettings) -> BoolArray:
    """Find the frames (T - 2,) after which no cut comes before the second next one."""
    if len(pixels) < 3:
        return np.zeros(0, dtype=bool)
    with np.errstate(invalid="ignore"):
        jump = np.linalg.norm(np.diff(pixels[:, :8], axis=0), axis=2) / trunk_px
    jump = np.where(np.isfinite(jump).any(axis=1), np.nanmedian(np.nan_to_num(jump, nan=0.0), axis=1), 0.0)
    is_smooth = jump < settings.cut_jump
    is_continuous: BoolArray = is_smooth[:-1] & is_smooth[1:]
    return is_continuous
