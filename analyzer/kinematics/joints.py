"""The joints of one side of the body."""

from dataclasses import dataclass

from analyzer.kinematics.arrays import FloatArray, Points
from analyzer.kinematics.landmarks import SideLandmarks


@dataclass(frozen=True)
class SideJoints:
    """Points of one side of the body, each (T, 2) pixels, x right, y down; NaN where not known."""

    eye: Points
    ear: Points
    shoulder: Points
    elbow: Points
    wrist: Points
    hip: Points
    knee: Points
    ankle: Points
    heel: Points
    toe: Points


def select_side_joints(points_px: FloatArray, side: SideLandmarks) -> SideJoints:
    """Select the joints of one side from landmarks (T, 33, 2)."""
    return SideJoints(**{name: points_px[:, index] for name, index in side._asdict().items()})
