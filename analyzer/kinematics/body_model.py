"""The articulated body: its parameters, the projection of its joints by a camera, and the derivatives of that.

One body per clip. A frame is described by the place of the mid-hip and by inclinations in the person's own sagittal
plane; the clip shares the camera's bearing and pitch, segment lengths and half widths. Left and right limbs lie on
either side of the sagittal plane.

Units: the distance from the camera to the body is 1. Camera axes: x right, y down, z away from the camera. Body axes:
F forward, U up, L to the person's left.
"""

from dataclasses import dataclass

import numpy as np

from analyzer.kinematics.arrays import FloatArray
from analyzer.kinematics.landmarks import LEFT, RIGHT

_Terms = dict[int, FloatArray]  # parameter -> derivative by it

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
FIT_LANDMARKS = np.array([getattr(side, joint) for joint in JOINTS for side in (LEFT, RIGHT)])
"""Landmark of each observed point: the joints in order, left before right."""
SIDE_SIGNS = np.array([1.0, -1.0] * len(JOINTS))
"""+1 for the person's left, -1 for the right."""
POINT_COUNT = len(FIT_LANDMARKS)
_WIDTHS = (SHOULDER_WIDTH, HIP_WIDTH, KNEE_WIDTH, ANKLE_WIDTH, TOE_WIDTH)
_SHOULDER, _HIP, _KNEE, _ANKLE, _TOE = (slice(2 * i, 2 * i + 2) for i in range(len(JOINTS)))
_TOE_DROP = 0.45  # toes lie below the ankle by this share of the foot's length: ankle height .039 H over ankle-to-toe
#                   .09-.11 H; Drillis & Contini 1966
_SHORTEST = 0.2  # of a segment's length remains in the sagittal plane however far it points sideways; keeps roots real


@dataclass(frozen=True)
class Projection:
    """The body's points in its sagittal plane and in the picture, with derivatives; T frames, K = 10 points.

    Attributes
    ----------
    plane : (T, K, 2) in the sagittal plane, forward and up.
    pixels : (T, K, 2) from the picture's middle, x right, y down.
    depth : (T, K) distance along the camera's axis.
    by_frame, depth_by_frame, plane_by_frame : derivatives by the parameters of the frame (last axis).
    by_clip, depth_by_clip, plane_by_clip : derivatives by the parameters of the clip (last axis).
    """

    plane: FloatArray
    pixels: FloatArray
    depth: FloatArray
    by_frame: FloatArray
    depth_by_frame: FloatArray
    plane_by_frame: FloatArray
    by_clip: FloatArray
    depth_by_clip: FloatArray
    plane_by_clip: FloatArray


def compute_body_axes(bearing: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Compute the body's axes in camera axes.

    Parameters
    ----------
    bearing : (T,) radians: 0 faces image right in a pure side view, + turns towards the camera, pi faces image left.

    Returns
    -------
    forward, up, left : (T, 3) unit vectors.
    """
    cosine, sine, zero = np.cos(bearing), np.sin(bearing), np.zeros_like(bearing)
    forward = np.stack([cosine, zero, -sine], axis=-1)
    up = np.stack([zero, zero - 1.0, zero], axis=-1)
    left = np.stack([sine, zero, cosine], axis=-1)
    return forward, up, left


def pitch_rotation(pitch: float) -> tuple[FloatArray, FloatArray]:
    """Compute the rotation of a camera pitched down by `pitch` radians, and its derivative; each (3, 3)."""
    c, s = np.cos(pitch), np.sin(pitch)
    return np.array([[1, 0, 0], [0, c, -s], [0, s, c]]), np.array([[0, 0, 0], [0, -s, -c], [0, c, -s]])


def project_body(
    clip: FloatArray, frames: FloatArray, focal_length_px: float, lateral_offset: float = 0.0
) -> Projection:
    """Project the body's joints with a pinhole camera.

    Parameters
    ----------
    clip : (CLIP_PARAMETERS,) shared parameters.
    frames : (T, FRAME_PARAMETERS) parameters of each frame.
    focal_length_px : focal length, pixels.
    lateral_offset : where the sagittal plane passes the picture's middle, x right over the distance.
    """
    plane, side = _sagittal_points(clip, frames), _lateral_points(clip, frames)
    return _project(clip, frames, (focal_length_px, lateral_offset), plane, side)


@dataclass
class _Derived:
    """Coordinates of all points, (T, K, ...), and their derivatives by the parameters of frame and clip (last axis)."""

    value: FloatArray
    by_frame: FloatArray
    by_clip: FloatArray

    @classmethod
    def zeros(cls, *shape: int) -> "_Derived":
        return cls(np.zeros(shape), np.zeros((*shape, FRAME_PARAMETERS)), np.zeros((*shape, CLIP_PARAMETERS)))

    def add(self, points: slice, vector: FloatArray, frame: _Terms, clip: _Terms) -> None:
        """Move some points by a vector (T, 2) whose derivatives are given by parameter."""
        self.value[:, points] += vector[:, None]
        for index, derivative in frame.items():
            self.by_frame[:, points, :, index] += derivative[:, None]
        for index, derivative in clip.items():
            self.by_clip[:, points, :, index] += derivative[:, None]


def _sagittal_points(clip: FloatArray, frames: FloatArray) -> _Derived:
    """Compute forward and up of all points: from the mid-hip along trunk, thighs, shins and feet."""
    plane = _Derived.zeros(len(frames), POINT_COUNT, 2)
    plane.value[:] = frames[:, None, HIP_F : HIP_U + 1]
    plane.by_frame[:, :, 0, HIP_F] = plane.by_frame[:, :, 1, HIP_U] = 1.0
    trunk = np.exp(clip[LOG_TRUNK])

    direction, turned = _direction(frames[:, TRUNK])
    length = trunk * np.exp(frames[:, TRUNK_LEN])[:, None]
    vector = length * direction
    plane.add(_SHOULDER, vector, {TRUNK: length * turned, TRUNK_LEN: vector}, {LOG_TRUNK: vector})

    for left_or_right, sign in ((0, 1.0), (1, -1.0)):
        knee, ankle, toe = (2 * joint + left_or_right for joint in (2, 3, 4))
        _add_thigh(plane, slice(knee, toe + 1, 2), sign, clip, frames)
        _add_shin(plane, slice(ankle, toe + 1, 2), sign, clip, frames)
    foot = trunk * np.exp(clip[LOG_FOOT])
    cosine, sine = np.cos(frames[:, FOOT]), np.sin(frames[:, FOOT])
    vector = foot * np.stack([cosine + _TOE_DROP * sine, sine - _TOE_DROP * cosine], axis=1)
    pitched = foot * np.stack([-sine + _TOE_DROP * cosine, cosine + _TOE_DROP * sine], axis=1)
    plane.add(_TOE, vector, {FOOT: pitched}, {LOG_TRUNK: vector, LOG_FOOT: vector})
    return plane


def _add_thigh(plane: _Derived, points: slice, sign: float, clip: FloatArray, frames: FloatArray) -> None:
    """Attach knee, ankle and toe of one leg to the hip."""
    trunk = np.exp(clip[LOG_TRUNK])
    length = trunk * np.exp(clip[LOG_THIGH] + frames[:, THIGH_LEN])
    run = (clip[KNEE_WIDTH] - clip[HIP_WIDTH] + frames[:, KNEE_OUT]) * trunk
    vector, by_angle, by_length, by_run = _descending_segment(
        frames[:, THIGH] + sign * frames[:, THIGH_LR], length, run
    )
    by_out = trunk * by_run
    plane.add(
        points,
        vector,
        {THIGH: by_angle, THIGH_LR: sign * by_angle, THIGH_LEN: by_length, KNEE_OUT: by_out},
        {LOG_TRUNK: vector, LOG_THIGH: by_length, KNEE_WIDTH: by_out, HIP_WIDTH: -by_out},
    )


def _add_shin(plane: _Derived, points: slice, sign: float, clip: FloatArray, frames: FloatArray) -> None:
    """Attach ankle and toe of one leg to the knee."""
    trunk = np.exp(clip[LOG_TRUNK])
    length = trunk * np.exp(clip[LOG_SHIN] + frames[:, SHIN_LEN])
    run = frames[:, KNEE_OUT] * trunk
    vector, by_angle, by_length, by_run = _descending_segment(frames[:, SHIN] + sign * frames[:, SHIN_LR], length, run)
    plane.add(
        points,
        vector,
        {SHIN: by_angle, SHIN_LR: sign * by_angle, SHIN_LEN: by_length, KNEE_OUT: trunk * by_run},
        {LOG_TRUNK: vector, LOG_SHIN: by_length},
    )


def _descending_segment(
    angle: FloatArray, length: FloatArray, run: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Compute the vector of a segment that runs down and sideways, and its derivatives by angle, log length and run.

    `run` is how far it points sideways, a part of its length that is missing in the sagittal plane. All (T, 2).
    """
    direction, turned = _direction(angle)
    flat = np.sqrt(np.maximum(length**2 - run**2, (_SHORTEST * length) ** 2))
    is_shortest = flat <= _SHORTEST * length
    by_length = np.where(is_shortest, flat, length**2 / flat)
    by_run = np.where(is_shortest, 0.0, run / flat)
    return (
        -direction * flat[:, None],
        -turned * flat[:, None],
        -direction * by_length[:, None],
        direction * by_run[:, None],
    )


def _lateral_points(clip: FloatArray, frames: FloatArray) -> _Derived:
    """Compute how far all points lie to the person's left."""
    side = _Derived.zeros(len(frames), POINT_COUNT)
    trunk = np.exp(clip[LOG_TRUNK])
    width = np.repeat(clip[list(_WIDTHS)], 2) + np.zeros((len(frames), 1))
    width[:, _KNEE] += frames[:, KNEE_OUT, None]
    side.value[:] = side.by_clip[:, :, LOG_TRUNK] = SIDE_SIGNS * width * trunk
    for point, index in enumerate(np.repeat(_WIDTHS, 2)):
        side.by_clip[:, point, index] = SIDE_SIGNS[point] * trunk
    side.by_frame[:, _KNEE, KNEE_OUT] = SIDE_SIGNS[_KNEE] * trunk
    return side


def _direction(angle: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Compute the unit vector (forward, up) of a segment inclined by `angle`, and its derivative; each (T, 2)."""
    sine, cosine = np.sin(angle), np.cos(angle)
    return np.stack([sine, cosine], axis=1), np.stack([cosine, -sine], axis=1)


def _project(
    clip: FloatArray, frames: FloatArray, lens: tuple[float, float], plane: _Derived, side: _Derived
) -> Projection:
    """Project points from the body's axes to pixels, with the derivatives."""
    focal_length_px, lateral_offset = lens
    rotation, rotation_d = pitch_rotation(clip[PITCH])
    forward, up, left = compute_body_axes(clip[BEARING] + frames[:, TURN])
    world = np.array([lateral_offset, 0.0, 1.0]) + (
        plane.value[..., :1] * forward[:, None]
        + plane.value[..., 1:] * up[:, None]
        + side.value[..., None] * left[:, None]
    )
    in_camera = world @ rotation.T
    forward, up, left = (axis @ rotation.T for axis in (forward, up, left))

    def to_camera(plane_by: FloatArray, side_by: FloatArray) -> FloatArray:
        return (
            plane_by[:, :, 0, None, :] * forward[:, None, :, None]
            + plane_by[:, :, 1, None, :] * up[:, None, :, None]
            + side_by[:, :, None, :] * left[:, None, :, None]
        )

    by_frame, by_clip = to_camera(plane.by_frame, side.by_frame), to_camera(plane.by_clip, side.by_clip)
    # d forward / d bearing = -left, d left / d bearing = forward
    turn = plane.value[..., :1] * -left[:, None] + side.value[..., None] * forward[:, None]
    by_frame[..., TURN] += turn
    by_clip[..., BEARING] += turn
    by_clip[..., PITCH] += world @ rotation_d.T
    depth = in_camera[..., 2]
    ratio = in_camera[..., :2] / depth[..., None]

    def pixels_by(camera_by: FloatArray) -> FloatArray:
        return focal_length_px * (camera_by[:, :, :2] - ratio[..., None] * camera_by[:, :, 2:]) / depth[..., None, None]

    return Projection(
        plane=plane.value,
        pixels=focal_length_px * ratio,
        depth=depth,
        by_frame=pixels_by(by_frame),
        depth_by_frame=by_frame[:, :, 2],
        plane_by_frame=plane.by_frame,
        by_clip=pixels_by(by_clip),
        depth_by_clip=by_clip[:, :, 2],
        plane_by_clip=plane.by_clip,
    )
