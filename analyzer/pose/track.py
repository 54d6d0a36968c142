"""Pose in one picture, raw track of the model's output, and clean track of the subject."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from analyzer.kinematics.arrays import FloatArray

LANDMARK_COUNT = 33


@dataclass(frozen=True)
class Pose:
    """One person in one picture.

    Attributes
    ----------
    points_px : (33, 2) x right, y down, pixels of the picture; points may lie outside it.
    visibility : (33,) the model's belief that a point is visible, 0 to 1.
    world_m : (33, 3) the model's guess in metres about the hips: x right, y down, z away from the camera.
    outline : (2, K) the trunk's outline as in `trunk_outline`, in hip-shoulder lengths; None when not requested.
    """

    points_px: FloatArray
    visibility: FloatArray
    world_m: FloatArray
    outline: FloatArray | None = None

    @property
    def box_px(self) -> FloatArray:
        """Box (4,) around all points: x0, y0, x1, y1."""
        return np.concatenate([self.points_px.min(axis=0), self.points_px.max(axis=0)])

    @property
    def size_px(self) -> float:
        """Longer side of that box."""
        return float(np.ptp(self.points_px, axis=0).max())

    def to_full_picture(self, x_px: float, y_px: float, scale: float) -> "Pose":
        """Return the pose in a larger picture: points divided by `scale`, then shifted by (x, y)."""
        return replace(self, points_px=self.points_px / scale + np.array([x_px, y_px]))


@dataclass(frozen=True)
class RawTrack:
    """The model's output for N frames, in pixels of the upright full-size picture.

    Attributes
    ----------
    frames : (N,) index of each row's frame in the clip.
    points_px : (N, 33, 2) x right, y down; NaN where the subject was lost. Frames in which a slow body was not sampled
        are interpolated between the frames before and after; so are `visibility` and `world_m`.
    mirror_px : (N, 33, 2) the same from the mirrored picture, in the same pixels; NaN in rows not sampled or not found.
    visibility : (N, 33) 0 to 1; 0 where lost.
    world_m : (N, 33, 3) metres about the hips, z away from the camera; NaN where lost.
    decoded : (N,) whether the frame could be decoded.
    outline : (N, 2, K) the trunk's outline measured from `points_px`, as in `trunk_outline`; NaN where it is hidden.
        None in a track without masks.
    """

    frames: np.ndarray
    points_px: FloatArray
    mirror_px: FloatArray
    visibility: FloatArray
    world_m: FloatArray
    decoded: NDArray[np.bool_]
    outline: FloatArray | None = None


@dataclass(frozen=True)
class CleanTrack:
    """Landmarks of one person over a clip, in pixels of the upright full-size picture.

    Attributes
    ----------
    times_s : (T,) presentation times, seconds from the first frame, strictly increasing.
    points_px : (T, 33, 2) x right, y down, cleaned and smoothed; NaN where the point is not known.
    unsmoothed_px : (T, 33, 2) mean of the landmarks in the picture and in its mirror image, with those of low
        visibility; not smoothed.
    visibility : (T, 33) the model's own belief that a point is visible, 0 to 1; 0 where no pose was found, where the
        point lies outside the picture, and where its landmarks in both pictures are too far apart.
    mirror_distance_px : (T, 33) distance of the landmarks in the picture and in its mirror image, a measure of
        uncertainty; NaN where the mirror image never gave one.
    world_m : (T, 33, 3) the model's guess in metres about the hips: x right, y down, z away from the camera; NaN where
        no pose was found.
    """

    times_s: FloatArray
    points_px: FloatArray
    unsmoothed_px: FloatArray
    visibility: FloatArray
    mirror_distance_px: FloatArray
    world_m: FloatArray
