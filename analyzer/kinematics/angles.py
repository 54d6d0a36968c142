"""Sagittal angles of one body seen from the side: pure functions over whole arrays.

Points are (T, 2) pixels, x right, y down; `forward` is +1 when the person faces image right, -1 when image left. An
answer is NaN where one of its inputs is NaN. Anatomical standing reads 0; flexion, dorsiflexion and forward are +.
Segments are those of ISB (Wu & Cavanagh 1995; Wu 2002, 2005), signs are clinical (`docs/angles.md`).
"""

import numpy as np

from analyzer.kinematics.arrays import Points, Series


def wrap_angle_deg(angle_deg: Series) -> Series:
    """Return the same angles, (T,), in (-180, 180] degrees."""
    return 180.0 - _to_0_360(180.0 - angle_deg)


def inclination_deg(lower_px: Points, upper_px: Points, forward: int) -> Series:
    """Compute the inclination of a line against the vertical.

    Parameters
    ----------
    lower_px, upper_px : (T, 2) ends of the line, pixels.
    forward : +1 when forward is image right, -1 when it is image left.

    Returns
    -------
    (T,) degrees in (-180, 180]: 0 upright, + upper end forward.
    """
    along = upper_px - lower_px
    return _direction_deg(forward * along[:, 0], -along[:, 1])


def trunk_inclination_deg(hip_px: Points, shoulder_px: Points, forward: int) -> Series:
    """Compute the inclination of the trunk (hip-to-shoulder line).

    Returns
    -------
    (T,) degrees in (-180, 180]: 0 upright, + forward.
    """
    return inclination_deg(hip_px, shoulder_px, forward)


def thigh_inclination_deg(knee_px: Points, hip_px: Points, forward: int) -> Series:
    """Compute the inclination of the thigh (knee-to-hip line).

    Returns
    -------
    (T,) degrees in (-180, 180]: 0 upright, - hip behind the knee.
    """
    return inclination_deg(knee_px, hip_px, forward)


def shin_inclination_deg(ankle_px: Points, knee_px: Points, forward: int) -> Series:
    """Compute the inclination of the shin (ankle-to-knee line).

    Returns
    -------
    (T,) degrees in (-180, 180]: 0 upright, + knee forward.
    """
    return inclination_deg(ankle_px, knee_px, forward)


def trunk_thigh_deg(trunk_deg: Series, thigh_deg: Series) -> Series:
    """Compute the trunk-thigh angle: hip and whole spine together, not pelvis-femur flexion.

    Parameters
    ----------
    trunk_deg, thigh_deg : (T,) inclinations, degrees.

    Returns
    -------
    (T,) degrees in (-180, 180]: 0 standing, + folded.
    """
    return wrap_angle_deg(trunk_deg - thigh_deg)


def knee_flexion_deg(shin_deg: Series, thigh_deg: Series) -> Series:
    """Compute knee flexion from the inclinations of shin and thigh.

    Returns
    -------
    (T,) degrees in (-180, 180]: 0 straight, + bent, - hyperextended.
    """
    return wrap_angle_deg(shin_deg - thigh_deg)


def foot_pitch_deg(heel_px: Points, toe_px: Points, forward: int) -> Series:
    """Compute the pitch of the foot (heel-to-toe line). Heel and toe landmarks are noisy.

    Returns
    -------
    (T,) degrees in (-180, 180]: 0 level, + toes up.
    """
    along = toe_px - heel_px
    return _direction_deg(-along[:, 1], forward * along[:, 0])


def ankle_dorsiflexion_deg(shin_deg: Series, foot_deg: Series) -> Series:
    """Compute ankle dorsiflexion from the inclination of the shin and the pitch of the foot.

    Returns
    -------
    (T,) degrees in (-180, 180]: 0 at a right angle, + toes towards the shin.
    """
    return wrap_angle_deg(shin_deg + foot_deg)


def neck_inclination_deg(shoulder_px: Points, ear_px: Points, forward: int) -> Series:
    """Compute the inclination of the neck (shoulder-to-ear line).

    Returns
    -------
    (T,) degrees in (-180, 180]: 0 upright, + ear forward.
    """
    return inclination_deg(shoulder_px, ear_px, forward)


def head_inclination_deg(ear_px: Points, eye_px: Points, forward: int) -> Series:
    """Compute the pitch of the head (ear-to-eye line).

    Returns
    -------
    (T,) degrees in (-180, 180]: 0 level, + nose down.
    """
    along = eye_px - ear_px
    return _direction_deg(along[:, 1], forward * along[:, 0])


def arm_elevation_deg(shoulder_px: Points, wrist_px: Points, forward: int) -> Series:
    """Compute the elevation of the arm (shoulder-to-wrist line) from straight down.

    Returns
    -------
    (T,) degrees in (-180, 180]: 0 hanging, 90 level forward, 180 overhead.
    """
    along = wrist_px - shoulder_px
    return _direction_deg(forward * along[:, 0], along[:, 1])


def shoulder_flexion_deg(arm_deg: Series, trunk_deg: Series) -> Series:
    """Compute humerothoracic shoulder flexion in the sagittal plane, the arm against the trunk.

    Parameters
    ----------
    arm_deg, trunk_deg : (T,) elevation of the arm and inclination of the trunk, degrees.

    Returns
    -------
    (T,) degrees in (-90, 270]: 0 by the side, 180 overhead. The angle wraps behind the body, so that an arm overhead
    does not jump between 180 and -180.
    """
    return 270.0 - _to_0_360(270.0 - arm_deg - trunk_deg)


def elbow_flexion_deg(shoulder_px: Points, elbow_px: Points, wrist_px: Points, forward: int) -> Series:
    """Compute elbow flexion.

    Returns
    -------
    (T,) degrees in (-180, 180]: 0 straight, + bent, - hyperextended.
    """
    upper = arm_elevation_deg(shoulder_px, elbow_px, forward)
    lower = arm_elevation_deg(elbow_px, wrist_px, forward)
    return wrap_angle_deg(lower - upper)


def body_line_deg(ankle_px: Points, hip_px: Points, shoulder_px: Points, forward: int) -> Series:
    """Compute the bend of the body line (shoulder-hip-ankle).

    Returns
    -------
    (T,) degrees in (-180, 180]: 0 straight, + pike (hips folded), - sag (hips beyond straight).
    """
    upper = inclination_deg(hip_px, shoulder_px, forward)
    lower = inclination_deg(ankle_px, hip_px, forward)
    return wrap_angle_deg(upper - lower)


def _direction_deg(sine: Series, cosine: Series) -> Series:
    """Compute a direction in (-180, 180]: `arctan2` alone answers -180 for a sine of -0."""
    return wrap_angle_deg(np.degrees(np.arctan2(sine, cosine)))


def _to_0_360(angle_deg: Series) -> Series:
    """Return the same angle in [0, 360): a single `%` rounds to 360 for values just below 0."""
    return angle_deg % 360.0 % 360.0
