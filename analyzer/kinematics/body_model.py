"""The articulated body: its parameters, where a camera sees its joints, and the derivatives of that.

One body per clip. A frame is described by the place of the mid-hip and by inclinations in the person's own sagittal
plane; the clip shares the camera's bearing and pitch, segment lengths and half widths. Left and right limbs lie on
either side of the sagittal plane.

Units: the distance from the camera to the body is 1. Camera axes: x right, y down, z away from the camera. Body axes:
F forward, U up, L to the person's left.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analyzer.kinematics.landmarks import LEFT, RIGHT

FloatArray = NDArray[np.float64]

# Parameters of a frame: mid-hip forward and up; inclinations of trunk, thigh and shin (mean of both legs); half the
# difference of left and right thigh and shin; foot pitch (toes up +); knees opening sideways beyond the clip's mean
# (trunk lengths); relative length of trunk, thigh and shin (landmarks slide along the segments); turn of the person
# against the clip's bearing. Radians.
HIP_F, HIP_U, TRUNK, THIGH, SHIN, THIGH_LR, SHIN_LR, FOOT, KNEE_OUT, TRUNK_LEN, THIGH_LEN, SHIN_LEN, TURN = range(13)
FRAME_PARAMETERS = 13

# Parameters of a clip: bearing and pitch of the camera (radians); log trunk length; log lengths of thigh, shin and
# foot over the trunk's; half widths of shoulders, hips, knees, ankles and toes over the trunk's length; where the
# feet stand (mid-ankle forward and up).
(
    BEARING,
    PITCH,
    LOG_TRUNK,
    LOG_THIGH,
    LOG_SHIN,
    LOG_FOOT,
    SHOULDER_WIDTH,
    HIP_WIDTH,
    KNEE_WIDTH,
    ANKLE_WIDTH,
    TOE_WIDTH,
    STAND_F,
    STAND_U,
) = range(13)
CLIP_PARAMETERS = 13

JOINTS = ("shoulder", "hip", "knee", "ankle", "toe")
LANDMARKS = np.array([getattr(side, joint) for joint in JOINTS for side in (LEFT, RIGHT)])
"""Landmark of each observed point: the joints in order, left before right."""
SIDES = np.array([1.0, -1.0] * len(JOINTS))
"""+1 for the person's left, -1 for the right."""
POINTS = len(LANDMARKS)
_WIDTHS = (SHOULDER_WIDTH, HIP_WIDTH, KNEE_WIDTH, ANKLE_WIDTH, TOE_WIDTH)
_SHOULDER, _HIP, _KNEE, _ANKLE, _TOE = (slice(2 * i, 2 * i + 2) for i in range(len(JOINTS)))
_TOE_DROP = 0.45  # toes lie below the ankle by this share of the foot's length: ankle height .039 H over ankle-to-toe
#                   .09-.11 H; Drillis & Contini 1966
_SHORTEST = 0.2  # of a segment's length remains in the sagittal plane however far it points sideways; keeps roots real


@dataclass(frozen=True)
class Projection:
    """Where the camera sees the points, and derivatives for T frames and K = 10 points.

    Attributes
    ----------
    plane : (T, K, 2) in the sagittal plane, forward and up.
    pixels : (T, K, 2) from the picture's middle, x right, y down.
    depth : (T, K) distance along the camera's axis.
    ankle : (T, 2) mid-ankle in the sagittal plane, forward and up.
    by_frame, depth_by_frame, ankle_by_frame : derivatives by the parameters of the frame (last axis).
    by_clip, depth_by_clip, ankle_by_clip : derivatives by the parameters of the clip (last axis).
    """

    plane: FloatArray
    pixels: FloatArray
    depth: FloatArray
    ankle: FloatArray
    by_frame: FloatArray
    depth_by_frame: FloatArray
    ankle_by_frame: FloatArray
    by_clip: FloatArray
    depth_by_clip: FloatArray
    ankle_by_clip: FloatArray


def axes(bearing: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Forward, up and left axes in camera axes, each (T, 3).

    Parameters
    ----------
    bearing : (T,) radians: 0 faces image right in a pure side view, + turns towards the camera, pi faces image left.
    """
    cosine, sine, zero = np.cos(bearing), np.sin(bearing), np.zeros_like(bearing)
    forward = np.stack([cosine, zero, -sine], axis=-1)
    up = np.stack([zero, zero - 1.0, zero], axis=-1)
    left = np.stack([sine, zero, cosine], axis=-1)
    return forward, up, left


def tilt(pitch: float) -> tuple[FloatArray, FloatArray]:
    """Rotation of a camera pitched down by `pitch` radians, and its derivative; each (3, 3)."""
    c, s = np.cos(pitch), np.sin(pitch)
    return np.array([[1, 0, 0], [0, c, -s], [0, s, c]]), np.array([[0, 0, 0], [0, -s, -c], [0, c, -s]])


def project(clip: FloatArray, frames: FloatArray, focal_px: float) -> Projection:
    """Project the body's joints with a pinhole camera.

    Parameters
    ----------
    clip : (CLIP_PARAMETERS,) shared parameters.
    frames : (T, FRAME_PARAMETERS) parameters of each frame.
    focal_px : focal length, pixels.
    """
    count = len(frames)
    plane = np.zeros((count, POINTS, 2))  # forward, up
    plane_f = np.zeros((count, POINTS, 2, FRAME_PARAMETERS))
    plane_c = np.zeros((count, POINTS, 2, CLIP_PARAMETERS))
    side = np.zeros((count, POINTS))
    side_f = np.zeros((count, POINTS, FRAME_PARAMETERS))
    side_c = np.zeros((count, POINTS, CLIP_PARAMETERS))
    trunk = np.exp(clip[LOG_TRUNK])

    plane[:] = frames[:, None, HIP_F : HIP_U + 1]
    plane_f[:, :, 0, HIP_F] = plane_f[:, :, 1, HIP_U] = 1.0

    def add(
        points: slice | int, vector: FloatArray, frame: dict[int, FloatArray], shared: dict[int, FloatArray]
    ) -> None:
        pick = points if isinstance(points, slice) else slice(points, points + 1)
        plane[:, pick] += vector[:, None]
        for index, derivative in frame.items():
            plane_f[:, pick, :, index] += derivative[:, None]
        for index, derivative in shared.items():
            plane_c[:, pick, :, index] += derivative[:, None]

    direction, turned = _direction(frames[:, TRUNK])
    length = trunk * np.exp(frames[:, TRUNK_LEN])[:, None]
    vector = length * direction
    add(_SHOULDER, vector, {TRUNK: length * turned, TRUNK_LEN: vector}, {LOG_TRUNK: vector})

    out = frames[:, KNEE_OUT]
    thigh = trunk * np.exp(clip[LOG_THIGH] + frames[:, THIGH_LEN])
    shin = trunk * np.exp(clip[LOG_SHIN] + frames[:, SHIN_LEN])
    thigh_run, shin_run = (clip[KNEE_WIDTH] - clip[HIP_WIDTH] + out) * trunk, out * trunk
    foot = trunk * np.exp(clip[LOG_FOOT])
    for i, sign in ((0, 1.0), (1, -1.0)):
        knee_ankle_toe = [2 * j + i for j in (2, 3, 4)]
        # Thigh and shin run downwards; what of their length points sideways is missing in the sagittal plane.
        for angle, difference, whole, run, log_length, own_length, points in (
            (THIGH, THIGH_LR, thigh, thigh_run, LOG_THIGH, THIGH_LEN, knee_ankle_toe),
            (SHIN, SHIN_LR, shin, shin_run, LOG_SHIN, SHIN_LEN, knee_ankle_toe[1:]),
        ):
            direction, turned = _direction(frames[:, angle] + sign * frames[:, difference])
            flat = np.sqrt(np.maximum(whole**2 - run**2, (_SHORTEST * whole) ** 2))
            by_length = -direction * (whole**2 / flat)[:, None]
            by_out = direction * (run * trunk / flat)[:, None]
            by_angle = -turned * flat[:, None]
            shared = {LOG_TRUNK: -direction * flat[:, None], log_length: by_length}
            if angle == THIGH:
                shared |= {KNEE_WIDTH: by_out, HIP_WIDTH: -by_out}
            frame = {angle: by_angle, difference: sign * by_angle, own_length: by_length, KNEE_OUT: by_out}
            for point in points:
                add(point, -direction * flat[:, None], frame, shared)
        cosine, sine = np.cos(frames[:, FOOT]), np.sin(frames[:, FOOT])
        vector = foot * np.stack([cosine + _TOE_DROP * sine, sine - _TOE_DROP * cosine], axis=1)
        pitched = foot * np.stack([-sine + _TOE_DROP * cosine, cosine + _TOE_DROP * sine], axis=1)
        add(knee_ankle_toe[2], vector, {FOOT: pitched}, {LOG_TRUNK: vector, LOG_FOOT: vector})

    for j, index in enumerate(_WIDTHS):
        for i, sign in ((0, 1.0), (1, -1.0)):
            point = 2 * j + i
            width = clip[index] + (out if index == KNEE_WIDTH else 0.0)
            side[:, point] = sign * width * trunk
            side_c[:, point, index] = sign * trunk
            side_c[:, point, LOG_TRUNK] = sign * width * trunk
            if index == KNEE_WIDTH:
                side_f[:, point, KNEE_OUT] = sign * trunk
    return _seen_by_camera(clip, frames, focal_px, (plane, plane_f, plane_c), (side, side_f, side_c))


def _direction(angle: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Unit vector (forward, up) of a segment inclined by `angle`, and its derivative; each (T, 2)."""
    sine, cosine = np.sin(angle), np.cos(angle)
    return np.stack([sine, cosine], axis=1), np.stack([cosine, -sine], axis=1)


def _seen_by_camera(
    clip: FloatArray,
    frames: FloatArray,
    focal_px: float,
    plane_parts: tuple[FloatArray, FloatArray, FloatArray],
    side_parts: tuple[FloatArray, FloatArray, FloatArray],
) -> Projection:
    """Turn points of the body's own axes into pixels, with the derivatives."""
    (plane, plane_f, plane_c), (side, side_f, side_c) = plane_parts, side_parts
    rotation, rotation_d = tilt(clip[PITCH])
    forward, up, left = axes(clip[BEARING] + frames[:, TURN])
    world = np.array([0.0, 0.0, 1.0]) + (
        plane[..., :1] * forward[:, None] + plane[..., 1:] * up[:, None] + side[..., None] * left[:, None]
    )
    seen = world @ rotation.T
    forward, up, left = (axis @ rotation.T for axis in (forward, up, left))

    def camera(plane_by: FloatArray, side_by: FloatArray) -> FloatArray:
        return (
            plane_by[:, :, 0, None, :] * forward[:, None, :, None]
            + plane_by[:, :, 1, None, :] * up[:, None, :, None]
            + side_by[:, :, None, :] * left[:, None, :, None]
        )

    by_frame, by_clip = camera(plane_f, side_f), camera(plane_c, side_c)
    # d forward / d bearing = -left, d left / d bearing = forward
    turn = plane[..., :1] * -left[:, None] + side[..., None] * forward[:, None]
    by_frame[..., TURN] += turn
    by_clip[..., BEARING] += turn
    by_clip[..., PITCH] += world @ rotation_d.T
    depth = seen[..., 2]
    ratio = seen[..., :2] / depth[..., None]

    def pixels_by(camera_by: FloatArray) -> FloatArray:
        return focal_px * (camera_by[:, :, :2] - ratio[..., None] * camera_by[:, :, 2:]) / depth[..., None, None]

    return Projection(
        plane=plane,
        pixels=focal_px * ratio,
        depth=depth,
        ankle=plane[:, _ANKLE].mean(axis=1),
        by_frame=pixels_by(by_frame),
        depth_by_frame=by_frame[:, :, 2],
        ankle_by_frame=plane_f[:, _ANKLE].mean(axis=1),
        by_clip=pixels_by(by_clip),
        depth_by_clip=by_clip[:, :, 2],
        ankle_by_clip=plane_c[:, _ANKLE].mean(axis=1),
    )
