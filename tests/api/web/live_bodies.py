"""Drawn people for tests of the live guide: landmarks of a simple body in a weak-perspective camera."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from tests.api.web.live_guide import LiveSample

WIDTH_PX, HEIGHT_PX = 960, 540
STATURE_PX = 400.0
_TRUNK, _THIGH, _SHIN = 0.288, 0.245, 0.246  # statures: Drillis & Contini 1966
_HALF_WIDTHS = {"shoulder": 0.119, "hip": 0.077, "knee": 0.06, "ankle": 0.06}  # of the model's landmarks, about
_LEFT = {"ear": 7, "shoulder": 11, "elbow": 13, "wrist": 15, "hip": 23, "knee": 25, "ankle": 27, "heel": 29, "toe": 31}
_LANDMARKS = 33


@dataclass(frozen=True)
class Body:
    """A posture, a place and a camera; angles in degrees, + forward, yaw + towards the person's front.

    Attributes
    ----------
    hip_x_px, ankle_y_px : where hips and feet are.
    """

    trunk_deg: float = 0.0
    thigh_deg: float = 0.0
    shin_deg: float = 0.0
    yaw_deg: float = 0.0
    facing: int = 1
    scale: float = 1.0
    hip_x_px: float = 480.0
    ankle_y_px: float = 500.0

    def bent(self, **angles: float) -> "Body":
        """Return the body in another posture."""
        return replace(self, **angles)

    def draw(self) -> dict[str, list[float]]:
        """Return points and world landmarks as the pose model gives them."""
        forward_up = self._joints()
        bearing = np.radians(self.yaw_deg if self.facing > 0 else 180.0 - self.yaw_deg)
        points, world = np.full((_LANDMARKS, 3), np.nan), np.zeros((_LANDMARKS, 3))
        size_px = STATURE_PX * self.scale
        for name, left in _LEFT.items():
            forward, up = forward_up[name]
            for index, side in ((left, 1.0), (left + 1, -1.0)):
                lateral = side * _HALF_WIDTHS.get(name, 0.1 if name in ("elbow", "wrist") else 0.06)
                x = forward * np.cos(bearing) + lateral * np.sin(bearing)
                z = -forward * np.sin(bearing) + lateral * np.cos(bearing)
                points[index] = (self.hip_x_px + size_px * x, self.ankle_y_px - size_px * up, 0.99)
                world[index] = 1.7 * np.array([x, -up, z])
        points[np.isnan(points[:, 0])] = points[[7, 8]].mean(axis=0)
        return {"points": points.ravel().tolist(), "world": world.ravel().tolist()}

    def _joints(self) -> dict[str, NDArray[np.float64]]:
        """Return joints (forward, up) in statures, ankles at 0 up and hips at 0 forward."""
        along = {
            name: np.array([np.sin(np.radians(angle)), np.cos(np.radians(angle))])
            for name, angle in (("trunk", self.trunk_deg), ("thigh", self.thigh_deg), ("shin", self.shin_deg))
        }
        knee = _SHIN * along["shin"]
        hip = knee + _THIGH * along["thigh"]
        shoulder = hip + _TRUNK * along["trunk"]
        joints = {
            "ankle": np.zeros(2),
            "knee": knee,
            "hip": hip,
            "shoulder": shoulder,
            "ear": shoulder + 0.1 * along["trunk"],
            "elbow": shoulder + [0.0, -0.17],
            "wrist": shoulder + [0.0, -0.31],
            "heel": np.array([-0.03, -0.03]),
            "toe": np.array([0.12, -0.03]),
        }
        return {name: place - [hip[0], 0.0] for name, place in joints.items()}


def make_sample(time_s: float, *bodies: Body, brightness: float = 128.0, roll_deg: float | None = None) -> LiveSample:
    """Return the sample of a picture of these people."""
    return LiveSample(time_s, WIDTH_PX, HEIGHT_PX, brightness, [body.draw() for body in bodies], roll_deg)
