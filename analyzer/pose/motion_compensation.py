"""Motion compensation: the model's picture moves with the body, so that the body stands where the model searches."""

from collections import deque
from dataclasses import replace

import cv2
import numpy as np

from analyzer.clip.image_types import RgbImage
from analyzer.kinematics.arrays import FloatArray
from analyzer.kinematics.landmarks import trunk_endpoints
from analyzer.pose.track import Pose

_MOTION_S = 0.06  # the motion is measured over at least this time: over one frame it would be noise; chosen
_MAX_SHIFT = 0.3  # largest predicted shift from one tracked frame to the next, in trunk lengths; chosen
_MAX_TURN_RAD = 0.35  # largest predicted rotation of the trunk, 20 degrees; chosen
_GREY = (127, 127, 127)


class MotionCompensator:
    """Picture for the model that shifts and rotates with the subject's trunk.

    The model searches where the body was, and as it leaned, in the frame before. Where frames are skipped the body has
    moved on: so the picture is moved back by the motion that the last tracked frames predict. While the subject is
    lost, the picture does not move.

    Parameters
    ----------
    origin_px : (x, y) of the still picture in the source.
    size_px : width and height of the picture for the model.
    """

    def __init__(self, origin_px: tuple[int, int], size_px: tuple[int, int]) -> None:
        self._still = np.column_stack([np.eye(2), -np.array(origin_px, dtype=float)])
        self._size_px = size_px
        self._to_model = self._still
        self._tracked = deque[tuple[float, FloatArray]]()

    def picture_at(self, time_s: float, image: RgbImage) -> RgbImage:
        """Cut the picture for the model from the next frame to track, grey beyond the edges of the source."""
        if len(self._tracked) > 1:
            self._to_model = undo_motion(self._to_model, predict_motion(*self._tracked[0], *self._tracked[-1], time_s))
        return np.asarray(
            cv2.warpAffine(image, self._to_model, self._size_px, flags=cv2.INTER_LINEAR, borderValue=_GREY), np.uint8
        )

    def to_source(self, time_s: float, pose: Pose | None) -> Pose | None:
        """Convert the pose in the latest picture to the source, and note it for the next prediction."""
        if pose is None:
            self._tracked.clear()
            self._to_model = self._still
            return None
        to_source = cv2.invertAffineTransform(self._to_model)
        points_px = pose.points_px @ to_source[:, :2].T + to_source[:, 2]
        world_m = np.concatenate([pose.world_m[:, :2] @ to_source[:, :2].T, pose.world_m[:, 2:]], axis=1)
        self._tracked.append((time_s, points_px))
        while len(self._tracked) > 2 and time_s - self._tracked[1][0] >= _MOTION_S:
            self._tracked.popleft()
        return replace(pose, points_px=points_px, world_m=world_m)


def predict_motion(
    before_s: float, before_px: FloatArray, last_s: float, last_px: FloatArray, time_s: float
) -> FloatArray:
    """Predict the trunk's motion after a tracked frame from that before it, at constant speeds.

    Parameters
    ----------
    before_s, last_s : times of two tracked frames, seconds; `before_s` is earlier.
    before_px, last_px : (33, 2) the landmarks in them.
    time_s : time of the prediction.

    Returns
    -------
    (2, 3) affine matrix of a rotation and a shift, from points of the body in the last tracked frame to the same at
    `time_s`.
    """
    (hip_before, shoulder_before), (hip, shoulder) = trunk_endpoints(before_px), trunk_endpoints(last_px)
    share = (time_s - last_s) / (last_s - before_s)
    trunk, trunk_before = shoulder - hip, shoulder_before - hip_before
    shift = share * (hip - hip_before)
    longest = _MAX_SHIFT * float(np.hypot(*trunk))
    shift *= min(1.0, longest / max(1e-9, float(np.hypot(*shift))))
    turned = np.arctan2(trunk[1], trunk[0]) - np.arctan2(trunk_before[1], trunk_before[0])
    turn = np.clip(share * ((turned + np.pi) % (2 * np.pi) - np.pi), -_MAX_TURN_RAD, _MAX_TURN_RAD)
    rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    return np.column_stack([rotation, hip + shift - rotation @ hip])


def undo_motion(to_model: FloatArray, motion: FloatArray) -> FloatArray:
    """Compute the matrix (2, 3) that shows a body after `motion` where `to_model` showed it before."""
    back = cv2.invertAffineTransform(motion)
    return np.column_stack([to_model[:, :2] @ back[:, :2], to_model[:, :2] @ back[:, 2] + to_model[:, 2]])
