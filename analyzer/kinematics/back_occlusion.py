"""Occlusion of the back's outline by arms and plates, and the variance it adds to the parts beside them."""

from collections.abc import Iterator

import numpy as np

from analyzer.kinematics.arrays import BoolArray, FloatArray, Series
from analyzer.kinematics.back_features import BEND_INDICATORS, HEAD_INDICATORS, OUTLINE_FEATURE_POSITIONS
from analyzer.kinematics.back_outline import (
    PROFILE_POSITIONS,
    DorsalOutline,
    locate_outline_px,
    to_trunk_coordinates,
)
from analyzer.kinematics.landmarks import LEFT, RIGHT, SideLandmarks, trunk_endpoints, trunk_length

_BESIDE_ARMS = OUTLINE_FEATURE_POSITIONS < 0.85  # nearer the shoulder every arm is near the outline; chosen
_ALONG_ARM = np.linspace(0.0, 1.0, 9)[1:]  # points sampled along upper arm and forearm; chosen
_BACK = (0.0, 0.8)  # part of the outline that matters: nearer the shoulder every arm is near it; chosen
_ARM_RADIUS = 0.09  # half an arm with a sleeve, in hip-shoulder lengths (4.5 cm of 50); chosen
_OVER = 0.06  # an arm's middle line this near the outline hides it: more than 3 % of the arm lies outside; chosen
_ARM_REACH = 0.12  # how far along the back an arm has an effect; chosen

_LEANING_DEG = 30.0  # trunk of a person who bends: hands that hang leave the hips by then; chosen
_ON_HIP = 0.3  # wrist this near the hip, in hip-shoulder lengths, in most frames of leaning: hands on the hips; chosen
_AT_HIP = 0.4  # the frames in which such a hand hides the back: in an oblique view, two elbows hide more; chosen
_AKIMBO_ELBOW_DEG = 30.0  # without any bending: hands on the hips have the elbow bent at least this much, ...; chosen
_AKIMBO_EDGE = 0.2  # ... and the elbow this near the outline; chosen
_BEHIND = (0.1, 0.2)  # hands behind the back: the wrist higher than this over the hip, and this far behind it; chosen

_PLATE_POSITIONS = np.linspace(*_BACK, 9)  # of the outline that a plate must not hide
_PLATE_NEAR = 1.05  # an outline this near a plate's middle, in its radii, lies behind it or at its rim; chosen

_HEAD_REACH = 0.25  # an arm this near an ear may hide the head, in hip-shoulder lengths; chosen
_HEAD_VARIANCE = 1.0  # variance of the lines of neck and head then, in units of the features: almost ignored; chosen
_SMOOTH_STEP = 0.03  # steps along the outline up to this, in hip-shoulder lengths, are those of a back; chosen
_STEP_REACH = 0.1  # how far along the back a step has an effect; chosen
_STEP_ERROR = 3.0  # error of the outline for each unit of a larger step; chosen


def find_arm_occlusion(outline: DorsalOutline) -> BoolArray:
    """Find the frames in which an arm reaches the outline, a hand is behind the back, or hands are on the hips.

    Parameters
    ----------
    outline : T frames.

    Returns
    -------
    (T,) bool; False where the arms are not known.
    """
    is_occluded = np.zeros(len(outline.points_px), dtype=bool)
    with np.errstate(invalid="ignore"):
        for side in (LEFT, RIGHT):
            for point_px in _sample_arm_points(outline.points_px, side):
                along, inside = _depth_inside_outline(outline, point_px)
                is_occluded |= (along > _BACK[0]) & (along < _BACK[1]) & (inside < _OVER)
            is_occluded |= _is_hand_behind_back(outline, side) | _is_hand_on_hip(outline, side)
    return is_occluded


def plate_occludes_back(
    outline: DorsalOutline, centre_px: FloatArray, radius_px: float, is_baseline: BoolArray
) -> bool:
    """Return whether a plate hides the low back in the baseline posture, from which all rounding is measured.

    Parameters
    ----------
    outline : T frames.
    centre_px : (T, 2) the plate's middle in pixels, x right, y down; NaN where it is not known.
    radius_px : from there to its rim.
    is_baseline : (T,) True in the frames of the baseline posture.
    """
    edge_px = locate_outline_px(outline.profile, _PLATE_POSITIONS, outline.points_px, outline.facing)
    distance = np.linalg.norm(edge_px - centre_px[:, None], axis=2)[is_baseline] / radius_px
    is_known = np.isfinite(distance).all(axis=1)
    return bool(is_known.any() and np.mean(distance[is_known].min(axis=1) < _PLATE_NEAR) > 0.5)


def estimate_occlusion_variance(outline: DorsalOutline) -> FloatArray:
    """Estimate the variance that occlusion adds to each bend indicator.

    An arm near the outline may stand out of it, a step in the outline is something beside the back, and an arm in front
    of the head hides where the neck goes.

    Parameters
    ----------
    outline : T frames.

    Returns
    -------
    (T, len(BEND_INDICATORS)) in units of the features squared; 0 where nothing is in the way, or nothing is known.
    """
    points_px, profile = outline.points_px, outline.profile
    length_px = trunk_length(points_px)
    arms = np.zeros((len(profile), len(OUTLINE_FEATURE_POSITIONS)))
    head = np.zeros(len(profile))
    with np.errstate(invalid="ignore"):
        for side in (LEFT, RIGHT):
            for point_px in _sample_arm_points(points_px, side):
                along, inside = _depth_inside_outline(outline, point_px)
                is_near = np.abs(OUTLINE_FEATURE_POSITIONS[None, :] - along[:, None]) < _ARM_REACH
                stands_out = 10 * np.clip(_ARM_RADIUS - inside, 0, _ARM_RADIUS)
                arms = np.fmax(arms, is_near * _BESIDE_ARMS * (stands_out**2)[:, None])
                for ear in (LEFT.ear, RIGHT.ear):
                    distance = np.linalg.norm(point_px - points_px[:, ear], axis=1) / length_px
                    head = np.fmax(head, _HEAD_VARIANCE * np.clip(1 - distance / _HEAD_REACH, 0, 1))
    of_outline = np.nan_to_num(arms) + _step_variance(profile)
    of_head = np.repeat(np.nan_to_num(head)[:, None], len(HEAD_INDICATORS), axis=1)
    variance = np.column_stack([of_outline, of_head])
    assert variance.shape[1] == len(BEND_INDICATORS)
    return variance


def _step_variance(profile: FloatArray) -> FloatArray:
    """Compute the variance that steps in the outline add, (T, len(OUTLINE_FEATURE_POSITIONS))."""
    step = np.abs(np.diff(profile, axis=1))
    middle = (PROFILE_POSITIONS[1:] + PROFILE_POSITIONS[:-1]) / 2
    worst = [step[:, np.abs(middle - place) < _STEP_REACH].max(axis=1) for place in OUTLINE_FEATURE_POSITIONS]
    excess = np.clip(np.nan_to_num(np.column_stack(worst)) - _SMOOTH_STEP, 0, None)
    return (10 * _STEP_ERROR * excess) ** 2


def _sample_arm_points(points_px: FloatArray, side: SideLandmarks) -> Iterator[FloatArray]:
    """Yield points (T, 2) along the upper arm and the forearm."""
    for start, end in ((side.shoulder, side.elbow), (side.elbow, side.wrist)):
        for share in _ALONG_ARM:
            yield points_px[:, start] + share * (points_px[:, end] - points_px[:, start])


def _depth_inside_outline(outline: DorsalOutline, query_px: FloatArray) -> tuple[Series, Series]:
    """Compute the position of points (T, 2) along the trunk, and how far inside the outline they lie."""
    along, behind = to_trunk_coordinates(outline.points_px, query_px, outline.facing)
    nearest = np.abs(PROFILE_POSITIONS[None, :] - along[:, None]).argmin(axis=1)
    return along, outline.profile[np.arange(len(outline.profile)), nearest] - behind


def _is_hand_behind_back(outline: DorsalOutline, side: SideLandmarks) -> BoolArray:
    along, behind = to_trunk_coordinates(outline.points_px, outline.points_px[:, side.wrist], outline.facing)
    is_behind: BoolArray = (along > _BEHIND[0]) & (along < _BACK[1]) & (behind > _BEHIND[1])
    return is_behind


def _is_hand_on_hip(outline: DorsalOutline, side: SideLandmarks) -> BoolArray:
    """Find hands on the hips: they stay there when the trunk leans; hands that hang leave them."""
    points_px = outline.points_px
    hip, shoulder = trunk_endpoints(points_px)
    trunk = shoulder - hip
    elbow, wrist = points_px[:, side.elbow], points_px[:, side.wrist]
    from_hip = np.linalg.norm(wrist - hip, axis=1) / np.linalg.norm(trunk, axis=1)
    lean_deg = np.degrees(np.arctan2(np.abs(trunk[:, 0]), -trunk[:, 1]))
    is_leaning = (lean_deg > _LEANING_DEG) & np.isfinite(from_hip)
    if is_leaning.any():
        stays = np.mean(from_hip[is_leaning] < _ON_HIP) > 0.5
        return stays & (from_hip < _AT_HIP)
    is_bent = _bend_deg(elbow - points_px[:, side.shoulder], wrist - elbow) > _AKIMBO_ELBOW_DEG
    is_akimbo: BoolArray = (from_hip < _AT_HIP) & is_bent & (_depth_inside_outline(outline, elbow)[1] < _AKIMBO_EDGE)
    return is_akimbo


def _bend_deg(upper: FloatArray, lower: FloatArray) -> Series:
    """Compute the angle between two lines (T, 2), 0 when they continue straight."""
    turn = upper[:, 0] * lower[:, 1] - upper[:, 1] * lower[:, 0]
    bend: Series = np.abs(np.degrees(np.arctan2(turn, (upper * lower).sum(axis=1))))
    return bend
