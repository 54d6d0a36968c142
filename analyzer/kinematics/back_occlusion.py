"""What hides the outline of the back: arms that lie over it, and how much less its parts beside them are believed."""

from collections.abc import Iterator

import numpy as np

from analyzer.kinematics.angles import FloatArray
from analyzer.kinematics.back_features import BEND_INDICATORS, HEAD_INDICATORS, OUTLINE_FEATURE_POSITIONS
from analyzer.kinematics.back_outline import (
    PROFILE_POSITIONS,
    locate_outline_px,
    to_trunk_coordinates,
    trunk_endpoints_px,
)
from analyzer.kinematics.landmarks import LEFT, RIGHT, Facing, SideLandmarks

_BESIDE_ARMS = OUTLINE_FEATURE_POSITIONS < 0.85  # nearer the shoulder every arm is near the outline; chosen
_ALONG = np.linspace(0.0, 1.0, 9)[1:]  # points tried along upper arm and forearm; chosen
_BACK = (0.0, 0.8)  # part of the outline that matters: nearer the shoulder every arm is near it; chosen
_ARM_RADIUS = 0.09  # half an arm with a sleeve, in hip-shoulder lengths (4.5 cm of 50); chosen
_OVER = 0.06  # an arm's middle line this near the outline hides it: more than 3 % of the arm lies outside; chosen
_ARM_REACH = 0.12  # how far along the back an arm is felt; chosen

_LEANING_DEG = 30.0  # trunk of a person who bends: hands that hang leave the hips by then; chosen
_ON_HIP = 0.3  # wrist this near the hip, in hip-shoulder lengths, in most frames of leaning: hands on the hips; chosen
_AT_HIP = 0.4  # the frames in which such a hand hides the back: two elbows, seen askew, hide more than one arm; chosen
_AKIMBO_ELBOW_DEG = 30.0  # of who never bends: hands on the hips have the elbow bent at least this much, ...; chosen
_AKIMBO_EDGE = 0.2  # ... and the elbow this near the outline; chosen
_BEHIND = (0.1, 0.2)  # hands behind the back: the wrist higher than this over the hip, and so far behind it; chosen

_SHOWN_PLACES = np.linspace(*_BACK, 9)  # of the outline that a plate must not hide
_PLATE_NEAR = 1.05  # an outline this near a plate's middle, in its radii, lies behind it or at its rim; chosen

_HEAD_REACH = 0.25  # an arm this near an ear may hide the head, in hip-shoulder lengths; chosen
_HEAD_VARIANCE = 1.0  # variance of the lines of neck and head then, in units of the features: as if hardly seen; chosen
_SMOOTH = 0.03  # steps along the outline up to this, in hip-shoulder lengths, are those of a back; chosen
_STEP_REACH = 0.1  # how far along the back a step is felt; chosen
_STEP_ERROR = 3.0  # error of the outline for each unit of a larger step; chosen


def find_arm_occlusion(points_px: FloatArray, profile: FloatArray, facing: Facing) -> np.ndarray:
    """Frames in which an arm reaches the outline of the back, a hand is behind it, or hands are on the hips.

    Parameters
    ----------
    points_px : (T, 33, 2) landmarks in pixels, x right, y down; NaN where unknown.
    profile : (T, B) as `back_profile.extract_dorsal_profile` gives it.
    facing : side of the picture that is forward.

    Returns
    -------
    (T,) bool; False where the arms are not known.
    """
    over = np.zeros(len(points_px), dtype=bool)
    with np.errstate(invalid="ignore"):
        for side in (LEFT, RIGHT):
            for point in _sample_arm_points(points_px, side):
                place, inside = _depth_inside_outline(points_px, point, profile, facing)
                over |= (place > _BACK[0]) & (place < _BACK[1]) & (inside < _OVER)
            over |= _behind_back(points_px, side, facing) | _on_hips(points_px, side, profile, facing)
    return over


def plate_occludes_back(
    points_px: FloatArray,
    profile: FloatArray,
    facing: Facing,
    centre_px: FloatArray,
    radius_px: float,
    tall: np.ndarray,
) -> bool:
    """Whether a plate hides the low back of the person who stands tall with it: all else is told from there.

    Parameters
    ----------
    points_px, profile, facing : as in `find_arm_occlusion`.
    centre_px : (T, 2) the plate's middle in pixels, x right, y down; NaN where it is not known.
    radius_px : from there to its rim.
    tall : (T,) True in the frames of the tall posture.
    """
    edge = locate_outline_px(profile, _SHOWN_PLACES, points_px, facing)
    off = np.linalg.norm(edge - centre_px[:, None], axis=2)[tall] / radius_px
    known = np.isfinite(off).all(axis=1)
    return bool(known.any() and np.mean(off[known].min(axis=1) < _PLATE_NEAR) > 0.5)


def estimate_occlusion_variance(points_px: FloatArray, profile: FloatArray, facing: Facing) -> FloatArray:
    """How much less each thing that shows the bend is believed: variance to add, in units of the features squared.

    An arm near the outline may stand out of it, a step in the outline is something beside the back, and an arm in front
    of the head hides where the neck goes.

    Returns
    -------
    (T, len(BEND_INDICATORS)); 0 where nothing is in the way, or nothing is known.
    """
    hip, shoulder = trunk_endpoints_px(points_px)
    length_px = np.linalg.norm(shoulder - hip, axis=1)
    arms = np.zeros((len(profile), len(OUTLINE_FEATURE_POSITIONS)))
    head = np.zeros(len(profile))
    with np.errstate(invalid="ignore"):
        for side in (LEFT, RIGHT):
            for point in _sample_arm_points(points_px, side):
                place, inside = _depth_inside_outline(points_px, point, profile, facing)
                near = np.abs(OUTLINE_FEATURE_POSITIONS[None, :] - place[:, None]) < _ARM_REACH
                out = 10 * np.clip(_ARM_RADIUS - inside, 0, _ARM_RADIUS)
                arms = np.fmax(arms, near * _BESIDE_ARMS * (out**2)[:, None])
                for ear in (LEFT.ear, RIGHT.ear):
                    off = np.linalg.norm(point - points_px[:, ear], axis=1) / length_px
                    head = np.fmax(head, _HEAD_VARIANCE * np.clip(1 - off / _HEAD_REACH, 0, 1))
    outline = np.nan_to_num(arms) + _step_variance(profile)
    made = np.column_stack([outline, np.repeat(np.nan_to_num(head)[:, None], len(HEAD_INDICATORS), axis=1)])
    assert made.shape[1] == len(BEND_INDICATORS)
    return made


def _step_variance(profile: FloatArray) -> FloatArray:
    step = np.abs(np.diff(profile, axis=1))
    middle = (PROFILE_POSITIONS[1:] + PROFILE_POSITIONS[:-1]) / 2
    worst = [step[:, np.abs(middle - place) < _STEP_REACH].max(axis=1) for place in OUTLINE_FEATURE_POSITIONS]
    over = np.clip(np.nan_to_num(np.column_stack(worst)) - _SMOOTH, 0, None)
    return (10 * _STEP_ERROR * over) ** 2


def _sample_arm_points(points_px: FloatArray, side: SideLandmarks) -> Iterator[FloatArray]:
    for start, end in ((side.shoulder, side.elbow), (side.elbow, side.wrist)):
        for share in _ALONG:
            yield points_px[:, start] + share * (points_px[:, end] - points_px[:, start])


def _depth_inside_outline(
    points_px: FloatArray, at_px: FloatArray, profile: FloatArray, facing: Facing
) -> tuple[FloatArray, FloatArray]:
    """Place of points (T, 2) along the trunk, and how far inside the outline they lie."""
    place, back = to_trunk_coordinates(points_px, at_px, facing)
    nearest = np.abs(PROFILE_POSITIONS[None, :] - place[:, None]).argmin(axis=1)
    return place, profile[np.arange(len(profile)), nearest] - back


def _behind_back(points_px: FloatArray, side: SideLandmarks, facing: Facing) -> np.ndarray:
    place, back = to_trunk_coordinates(points_px, points_px[:, side.wrist], facing)
    behind: np.ndarray = (place > _BEHIND[0]) & (place < _BACK[1]) & (back > _BEHIND[1])
    return behind


def _on_hips(points_px: FloatArray, side: SideLandmarks, profile: FloatArray, facing: Facing) -> np.ndarray:
    """Hands on the hips stay there when the trunk leans; hands that hang leave them."""
    hip, shoulder = trunk_endpoints_px(points_px)
    trunk = shoulder - hip
    elbow, wrist = points_px[:, side.elbow], points_px[:, side.wrist]
    from_hip = np.linalg.norm(wrist - hip, axis=1) / np.linalg.norm(trunk, axis=1)
    lean_deg = np.degrees(np.arctan2(np.abs(trunk[:, 0]), -trunk[:, 1]))
    leaning = (lean_deg > _LEANING_DEG) & np.isfinite(from_hip)
    if leaning.any():
        stays = np.mean(from_hip[leaning] < _ON_HIP) > 0.5
        return stays & (from_hip < _AT_HIP)
    bent = _bend_deg(elbow - points_px[:, side.shoulder], wrist - elbow) > _AKIMBO_ELBOW_DEG
    akimbo: np.ndarray = (
        (from_hip < _AT_HIP) & bent & (_depth_inside_outline(points_px, elbow, profile, facing)[1] < _AKIMBO_EDGE)
    )
    return akimbo


def _bend_deg(upper: FloatArray, lower: FloatArray) -> FloatArray:
    """Angle between two lines (T, 2), 0 when they go on straight."""
    turn = upper[:, 0] * lower[:, 1] - upper[:, 1] * lower[:, 0]
    bend: FloatArray = np.abs(np.degrees(np.arctan2(turn, (upper * lower).sum(axis=1))))
    return bend
