"""MediaPipe's numbers of the landmarks used here, by side; which side of the body is near the camera."""

from typing import Literal, NamedTuple

Facing = Literal["left", "right"]


class SideLandmarks(NamedTuple):
    """Landmark numbers of one side of the body; left and right are the person's own."""

    eye: int
    ear: int
    shoulder: int
    elbow: int
    wrist: int
    hip: int
    knee: int
    ankle: int
    heel: int
    toe: int


NOSE = 0
LEFT = SideLandmarks(2, 7, 11, 13, 15, 23, 25, 27, 29, 31)
RIGHT = SideLandmarks(5, 8, 12, 14, 16, 24, 26, 28, 30, 32)
BODY_LANDMARKS = [NOSE, *range(11, 17), *range(23, 29)]
"""Nose, shoulders, elbows, wrists, hips, knees and ankles."""
TRUNK_LANDMARKS = [LEFT.shoulder, RIGHT.shoulder, LEFT.hip, RIGHT.hip]


def near_far_sides(facing: Facing) -> tuple[SideLandmarks, SideLandmarks]:
    """(near, far): who faces image right shows the right side to the camera."""
    return (RIGHT, LEFT) if facing == "right" else (LEFT, RIGHT)


def forward_sign(facing: Facing) -> int:
    """+1 when forward is image right, -1 when it is image left."""
    return 1 if facing == "right" else -1
