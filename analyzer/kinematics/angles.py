"""Sagittal angles of one body seen from the side: pure functions over (T, 2) arrays of pixels.

Image x points right and y down; forward is image right (+1) or left (-1). Anatomical standing reads 0; flexion,
dorsiflexion and forward are +. NaN in, NaN out. Signs are clinical, on the segments of ISB (Wu & Cavanagh 1995;
Wu 2002, 2005).
"""

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
Points = FloatArray  # (T, 2) pixels
Series = FloatArray  # (T,)


def wrap_angle_deg(angle_deg: Series) -> Series:
    """The same angle in (-180, 180]."""
    return 180.0 - _below_360(180.0 - angle_deg)


def inclination_deg(lower_px: Points, upper_px: Points, forward: int) -> Series:
    """Inclination of the line from `lower_px` to `upper_px` against the vertical.

    Returns
    -------
    (T,) degrees in (-180, 180]: 0 upright, + upper end forward.
    """
    along = upper_px - lower_px
    return _direction_deg(forward * along[:, 0], -along[:, 1])


def trunk_inclination_deg(hip_px: Points, shoulder_px: Points, forward: int) -> Series:
    """Forward inclination of the hip-to-shoulder line: 0 upright, + forward, in (-180, 180]."""
    return inclination_deg(hip_px, shoulder_px, forward)


def thigh_inclination_deg(knee_px: Points, hip_px: Points, forward: int) -> Series:
    """Inclination of the knee-to-hip line: 0 upright, - with the hips behind the knees, in (-180, 180]."""
    return inclination_deg(knee_px, hip_px, forward)


def shin_inclination_deg(ankle_px: Points, knee_px: Points, forward: int) -> Series:
    """Inclination of the ankle-to-knee line: 0 vertical, + knee forward, in (-180, 180]."""
    return inclination_deg(ankle_px, knee_px, forward)


def trunk_thigh_deg(trunk_deg: Series, thigh_deg: Series) -> Series:
    """Fold between trunk and thigh: standing 0, + fold. Hip and whole spine together, not pelvis-femur flexion."""
    return wrap_angle_deg(trunk_deg - thigh_deg)


def knee_flexion_deg(shin_deg: Series, thigh_deg: Series) -> Series:
    """Knee flexion: straight 0, + bend, below 0 hyperextension."""
    return wrap_angle_deg(shin_deg - thigh_deg)


def foot_pitch_deg(heel_px: Points, toe_px: Points, forward: int) -> Series:
    """Pitch of the heel-to-toe line: 0 level, + toes up, in (-180, 180]. Heel and toe landmarks are noisy."""
    along = toe_px - heel_px
    return _direction_deg(-along[:, 1], forward * along[:, 0])


def ankle_dorsiflexion_deg(shin_deg: Series, foot_deg: Series) -> Series:
    """Shin inclination against foot pitch: 0 at a right angle, + toes towards the shin."""
    return wrap_angle_deg(shin_deg + foot_deg)


def neck_inclination_deg(shoulder_px: Points, ear_px: Points, forward: int) -> Series:
    """Inclination of the shoulder-to-ear line: 0 vertical, + ear forward, in (-180, 180]."""
    return inclination_deg(shoulder_px, ear_px, forward)


def head_inclination_deg(ear_px: Points, eye_px: Points, forward: int) -> Series:
    """Pitch of the ear-to-eye line: 0 level, + nose down, in (-180, 180]."""
    along = eye_px - ear_px
    return _direction_deg(along[:, 1], forward * along[:, 0])


def arm_elevation_deg(shoulder_px: Points, wrist_px: Points, forward: int) -> Series:
    """The shoulder-to-wrist line against straight down: 0 hanging, 90 forward, 180 overhead, in (-180, 180]."""
    along = wrist_px - shoulder_px
    return _direction_deg(forward * along[:, 0], along[:, 1])


def shoulder_flexion_deg(arm_deg: Series, trunk_deg: Series) -> Series:
    """Arm against the trunk (humerothoracic, sagittal): by the side 0, overhead 180, in (-90, 270].

    The cut lies behind the body, so that an arm overhead does not jump between 180 and -180.
    """
    return 270.0 - _below_360(270.0 - arm_deg - trunk_deg)


def elbow_flexion_deg(shoulder_px: Points, elbow_px: Points, wrist_px: Points, forward: int) -> Series:
    """Elbow flexion: straight 0, + bend, below 0 hyperextension."""
    upper = arm_elevation_deg(shoulder_px, elbow_px, forward)
    lower = arm_elevation_deg(elbow_px, wrist_px, forward)
    return wrap_angle_deg(lower - upper)


def body_line_deg(ankle_px: Points, hip_px: Points, shoulder_px: Points, forward: int) -> Series:
    """Bend of the shoulder-hip-ankle line: straight 0, + pike (hips folded), - sag (hips beyond straight)."""
    upper = inclination_deg(hip_px, shoulder_px, forward)
    lower = inclination_deg(ankle_px, hip_px, forward)
    return wrap_angle_deg(upper - lower)


def _direction_deg(sine: Series, cosine: Series) -> Series:
    """Direction in (-180, 180]: `arctan2` alone answers -180 for a sine of -0."""
    return wrap_angle_deg(np.degrees(np.arctan2(sine, cosine)))


def _below_360(angle_deg: Series) -> Series:
    """The same angle in [0, 360): one `%` alone makes 360 of a hair below 0."""
    return angle_deg % 360.0 % 360.0
