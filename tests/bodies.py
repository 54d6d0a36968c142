"""A stick figure in three dimensions with known angles, and a camera, for tests.

Its lengths are shares of the body height (Drillis & Contini 1966); shoulders 38 cm and hips 20 cm apart.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from analyzer.kinematics.landmarks import LEFT, NOSE, RIGHT, Facing
from analyzer.pose.subject_selection import FrameDetections
from analyzer.pose.track import Pose

HEIGHT_M = 1.70
TRUNK_M, THIGH_M, SHIN_M = 0.288 * HEIGHT_M, 0.245 * HEIGHT_M, 0.246 * HEIGHT_M
UPPER_ARM_M, FOREARM_M, NECK_M, FOOT_M = 0.186 * HEIGHT_M, 0.146 * HEIGHT_M, 0.20, 0.22
SHOULDER_WIDTH_M, HIP_WIDTH_M, HEAD_WIDTH_M = 0.38, 0.20, 0.15
PX_PER_M = 300.0
SIZE_PX = (1280, 960)

Angles = float | Sequence[float] | np.ndarray

_WIDTH_M = {
    **dict.fromkeys(("eye", "ear"), HEAD_WIDTH_M),
    **dict.fromkeys(("shoulder", "elbow", "wrist"), SHOULDER_WIDTH_M),
    **dict.fromkeys(("hip", "knee", "ankle", "heel", "toe"), HIP_WIDTH_M),
}
_FACE = {LEFT: (1, 3, 9), RIGHT: (4, 6, 10)}  # eye corners and mouth, put where the eye is
_HAND = {LEFT: (17, 19, 21), RIGHT: (18, 20, 22)}  # fingers, put where the wrist is


@dataclass(frozen=True)
class BodyPosture:
    """Sagittal angles of a body, each a number or one per frame: degrees, with the signs of `kinematics.angles`.

    `left_thigh_deg` and `left_shin_deg` give the left leg other angles than the right one.
    """

    trunk_deg: Angles = 0.0
    thigh_deg: Angles = 0.0
    shin_deg: Angles = 0.0
    upper_arm_deg: Angles = 0.0
    elbow_deg: Angles = 0.0
    neck_deg: Angles = 0.0
    head_deg: Angles = 0.0
    foot_deg: Angles = 0.0
    left_thigh_deg: Angles | None = field(default=None)
    left_shin_deg: Angles | None = field(default=None)

    def world_m(self, frames: int, bearing_deg: Angles) -> np.ndarray:
        """Return (T, 33, 3) metres about the middle of the hips: x right, y down, z away from the camera.

        Bearing: 0 facing image right, 90 facing the camera, 180 facing image left.
        """
        bearing = np.radians(np.broadcast_to(bearing_deg, frames))
        forward = np.column_stack([np.cos(bearing), np.zeros(frames), -np.sin(bearing)])
        left = np.column_stack([np.sin(bearing), np.zeros(frames), np.cos(bearing)])
        up = np.array([0.0, -1.0, 0.0])
        world = np.zeros((frames, 33, 3))
        for side, sign in ((LEFT, 0.5), (RIGHT, -0.5)):
            for name, place in self._side_m(frames, is_left=side is LEFT).items():
                point = place[:, :1] * forward + place[:, 1:] * up + sign * _WIDTH_M[name] * left
                world[:, getattr(side, name)] = point
            world[:, _FACE[side]] = world[:, [side.eye]]
            world[:, _HAND[side]] = world[:, [side.wrist]]
        world[:, NOSE] = world[:, [LEFT.eye, RIGHT.eye]].mean(axis=1) + 0.03 * forward
        return world

    def _side_m(self, frames: int, is_left: bool) -> dict[str, np.ndarray]:
        """Return the joints of one side in its sagittal plane: (T, 2) metres, forward and up from the hip."""

        def many(angle: Angles | None) -> np.ndarray:
            return np.broadcast_to(np.asarray(angle, dtype=float), frames)

        own_leg = is_left and self.left_thigh_deg is not None
        thigh = many(self.left_thigh_deg if own_leg else self.thigh_deg)
        shin = many(self.left_shin_deg if own_leg else self.shin_deg)
        arm = many(self.upper_arm_deg)
        hip = np.zeros((frames, 2))
        shoulder = hip + TRUNK_M * _upwards(many(self.trunk_deg))
        knee = hip - THIGH_M * _upwards(thigh)
        ankle = knee - SHIN_M * _upwards(shin)
        elbow = shoulder + UPPER_ARM_M * _upwards(180 - arm)
        ear = shoulder + NECK_M * _upwards(many(self.neck_deg))
        foot = _upwards(90 - many(self.foot_deg))
        heel = ankle - 0.05 * foot
        return {
            "eye": ear + 0.09 * _upwards(90 + many(self.head_deg)),
            "ear": ear,
            "shoulder": shoulder,
            "elbow": elbow,
            "wrist": elbow + FOREARM_M * _upwards(180 - arm - many(self.elbow_deg)),
            "hip": hip,
            "knee": knee,
            "ankle": ankle,
            "heel": heel,
            "toe": heel + FOOT_M * foot,
        }


def _upwards(inclination_deg: np.ndarray) -> np.ndarray:
    """Return (T, 2) unit vectors, forward and up, of a line with that inclination."""
    turn = np.radians(inclination_deg)
    return np.column_stack([np.sin(turn), np.cos(turn)])


def bearing(facing: Facing, yaw_deg: Angles) -> np.ndarray:
    """Return the bearing of a person who faces that side, `yaw_deg` off the side view, + towards the front."""
    return np.asarray(yaw_deg, dtype=float) if facing == "right" else 180 - np.asarray(yaw_deg, dtype=float)


def picture_px(world_m: np.ndarray, distance_m: float | None = None) -> np.ndarray:
    """Project to (T, 33, 2) pixels: from far away, or by a pinhole camera at this distance from the hips."""
    scale = 1.0 if distance_m is None else distance_m / (distance_m + world_m[..., 2:])
    return world_m[..., :2] * PX_PER_M * scale + np.array(SIZE_PX) / 2


def mirrored(points: np.ndarray, width_px: float = SIZE_PX[0]) -> np.ndarray:
    """Return what the model detects in the mirrored picture: x reversed, left and right exchanged."""
    other = np.arange(33)
    for left, right in [(1, 4), (2, 5), (3, 6), (7, 8), (9, 10), *((i, i + 1) for i in range(11, 33, 2))]:
        other[[left, right]] = right, left
    result = points[..., other, :].copy()
    result[..., 0] = (width_px if points.shape[-1] == 2 else 0) - result[..., 0]
    return result


def pose(x_px: float, y_px: float, size_px: float = 400.0, thigh_deg: float = 0.0, visibility: float = 0.99) -> Pose:
    """Return a standing person facing right with the hips at (x, y); `thigh_deg` and as much trunk lean bend them."""
    world = BodyPosture(trunk_deg=-thigh_deg, thigh_deg=thigh_deg).world_m(1, 0.0)[0]
    points = world[:, :2] * size_px / HEIGHT_M + (x_px, y_px)
    return Pose(points, np.full(33, visibility), world)


def make_detections(*people: Sequence[Pose | None], every_s: float = 1.0, fps: int = 30) -> list[FrameDetections]:
    """Return detections at regular times; each person is a sequence of poses, None where not detected."""
    return [
        FrameDetections(round(i * every_s * fps), i * every_s, tuple(pose for pose in poses if pose is not None))
        for i, poses in enumerate(zip(*people, strict=True))
    ]
