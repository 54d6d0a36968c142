"""How the camera sees the body: which way it faces, how far off the side view, and what that allows to be said."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from analyzer.kinematics.angles import FloatArray, Series, wrapped_deg
from analyzer.kinematics.landmarks import LEFT, RIGHT, Facing

Grade = Literal["good", "warn", "shapes_only", "refused"]

TURN_WINDOW_S = 1.0  # the camera's bearing is a median over this time: a single frame is noisy; chosen


@dataclass(frozen=True)
class ViewLimits:
    """Where the grades change."""

    good_yaw_deg: float = 10.0  # geometric error below 1 degree; domain 1.5
    warn_yaw_deg: float = 20.0  # up to 5 degrees without correction; domain 1.5
    shapes_yaw_deg: float = 30.0  # beyond it angles are refused; domain 1.5
    level_roll_deg: float = 5.0  # filming rule "level +/-5 degrees", domain 1.5; measured to about 2, so less is 0
    turned_yaw_deg: float = 50.0  # a frame turned this far in a clip that is not: the person turns round; chosen


LIMITS = ViewLimits()


@dataclass(frozen=True)
class CameraView:
    """The camera's view of the subject over a clip.

    Attributes
    ----------
    facing : the side of the picture the person faces, in most frames.
    yaw_deg : turn off the pure side view, signed: + the camera stands towards the person's front.
    roll_deg : camera roll, + the picture's content leans clockwise; None when it could not be measured.
    corrected_roll_deg : the part of it that angles are corrected for: all of it beyond LIMITS.level_roll_deg, else 0.
    turned : (T,) True in frames where the person has turned far away from that view.
    """

    facing: Facing
    yaw_deg: float
    roll_deg: float | None
    turned: np.ndarray

    @property
    def corrected_roll_deg(self) -> float:
        """Degrees to turn back."""
        roll = self.roll_deg or 0.0
        return roll if abs(roll) > LIMITS.level_roll_deg else 0.0


def bearing_deg(world_m: FloatArray) -> Series:
    """Direction of the line between the shoulders, from above, by the model's depth.

    Parameters
    ----------
    world_m : (T, 33, 3) metres, x right, y down, z away from the camera; NaN where unknown.

    Returns
    -------
    (T,) degrees in (-180, 180]: 0 facing image right in a pure side view, 90 facing the camera, 180 facing left.
    """
    across = world_m[:, LEFT.shoulder] - world_m[:, RIGHT.shoulder]
    return wrapped_deg(np.degrees(np.arctan2(across[:, 0], across[:, 2])))


def camera_view(world_m: FloatArray, fps: float, roll_deg: float | None = None) -> CameraView:
    """Facing, yaw and turned frames from the shoulders' bearing.

    Parameters
    ----------
    world_m : (T, 33, 3) as in `bearing_deg`, at least one frame known.
    fps : frames a second of the rows.
    roll_deg : as measured (`pose.level.roll_deg`), handed on.
    """
    from scipy.ndimage import median_filter  # late: what a view is can be asked without it

    bearing = bearing_deg(world_m)
    known = np.isfinite(bearing)
    # Filtered as a direction, since 179 and -179 degrees are neighbours.
    window = max(1, round(TURN_WINDOW_S * fps)) | 1
    direction = np.radians(bearing[known])
    steady = np.degrees(np.arctan2(median_filter(np.sin(direction), window), median_filter(np.cos(direction), window)))
    facing: Facing = "right" if np.mean(np.abs(steady) <= 90) >= 0.5 else "left"
    yaw = steady if facing == "right" else wrapped_deg(180.0 - steady)
    side_on = np.abs(yaw) <= 90
    yaw_deg = float(np.median(yaw[side_on]))
    turned = np.zeros(len(bearing), dtype=bool)
    turned[known] = np.abs(yaw - yaw_deg) > LIMITS.turned_yaw_deg
    return CameraView(facing, yaw_deg, roll_deg, turned)


def grade(yaw_deg: float, roll_deg: float | None, limits: ViewLimits = LIMITS) -> tuple[Grade, list[str]]:
    """What the view allows, and why, in words for the trainer."""
    yaw, reasons = abs(yaw_deg), []
    if yaw <= limits.good_yaw_deg:
        result: Grade = "good"
    elif yaw <= limits.warn_yaw_deg:
        result = "warn"
        reasons.append(f"the camera stands about {yaw:.0f} degrees off the side view: angles are less sure")
    elif yaw <= limits.shapes_yaw_deg:
        result = "shapes_only"
        reasons.append(f"the camera stands about {yaw:.0f} degrees off the side view: shapes and order, not degrees")
    else:
        result = "refused"
        reasons.append(
            f"the camera stands about {yaw:.0f} degrees off the side view: no angles. Film square from the side"
        )
    if roll_deg is None:
        reasons.append("camera roll could not be measured and is taken as 0")
    elif abs(roll_deg) > limits.level_roll_deg:
        result = "warn" if result == "good" else result
        reasons.append(f"the phone was tilted by about {abs(roll_deg):.0f} degrees; angles are corrected for it")
    return result, reasons


def gives_degrees(grade: Grade) -> bool:
    """Whether a view of this grade allows numbers; otherwise labels, tables and axes go without."""
    return grade in ("good", "warn")
