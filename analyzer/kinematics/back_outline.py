"""The outline of the back as a curve: how far it lies behind the line from hip to shoulder."""

from dataclasses import dataclass

import numpy as np

from analyzer.kinematics.arrays import FloatArray, Series
from analyzer.kinematics.landmarks import Facing, forward_sign, trunk_endpoints

OUTLINE_POSITIONS = np.linspace(-0.4, 1.25, 67)
"""Where the outline is sampled along the trunk: 0 at the hips, 1 at the shoulders, in hip-shoulder lengths."""

# Buttock to the root of the neck; lower, a bent thigh hides it; chosen
_IN_PROFILE = (OUTLINE_POSITIONS > -0.11) & (OUTLINE_POSITIONS < 1.13)
PROFILE_POSITIONS = OUTLINE_POSITIONS[_IN_PROFILE]
"""(B,) positions of a profile along the trunk."""

_MIN_KNOWN_SHARE = 0.8  # a frame with less of the outline has no profile; chosen
_BLUR_POSITIONS = 2.0  # standard deviation of the smoothing along the back, 5 % of its length; chosen


@dataclass(frozen=True)
class DorsalOutline:
    """The outline of the back over a clip, and the landmarks that it is measured from.

    Attributes
    ----------
    profile : (T, B) how far the outline lies behind the hip-shoulder line, in hip-shoulder lengths, + behind; NaN in
        frames without an outline.
    points_px : (T, 33, 2) landmarks in pixels, x right, y down; NaN where unknown.
    facing : side of the picture that is forward.
    """

    profile: FloatArray
    points_px: FloatArray
    facing: Facing


def extract_dorsal_profile(
    outline: FloatArray, facing: Facing, outline_landmarks_px: FloatArray, points_px: FloatArray
) -> FloatArray:
    """Extract the outline on the side of the back, with short gaps closed.

    Parameters
    ----------
    outline : (T, 2, len(OUTLINE_POSITIONS)) as `pose.trunk_outline` traces it.
    facing : side of the picture that is forward.
    outline_landmarks_px : (T, 33, 2) the landmarks that it was traced from.
    points_px : (T, 33, 2) more accurate ones to measure it from: its place in the picture does not change.

    Returns
    -------
    (T, B) in hip-shoulder lengths, + behind; NaN in frames in which too little of it is known.
    """
    traced = outline[:, 0 if facing == "right" else 1]
    edges_px = _edge_px(traced, OUTLINE_POSITIONS, outline_landmarks_px, facing)
    along, behind = to_trunk_coordinates(points_px[:, None], edges_px, facing)
    is_known = np.isfinite(behind)
    profile = np.full((len(behind), len(PROFILE_POSITIONS)), np.nan)
    for row in np.flatnonzero(is_known[:, _IN_PROFILE].mean(axis=1) >= _MIN_KNOWN_SHARE):
        positions, edge = along[row, is_known[row]], behind[row, is_known[row]]
        order = np.argsort(positions)  # in an oblique view a step in the outline may turn back
        profile[row] = np.interp(PROFILE_POSITIONS, positions[order], edge[order])
    return profile


def to_trunk_coordinates(points_px: FloatArray, query_px: FloatArray, facing: Facing) -> tuple[Series, Series]:
    """Convert pixels to coordinates of the trunk.

    Parameters
    ----------
    points_px : (..., 33, 2) landmarks in pixels, x right, y down; NaN where unknown.
    query_px : (..., 2) the pixels to convert.
    facing : side of the picture that is forward.

    Returns
    -------
    along, behind : (...,) distance from the hips along the trunk and behind it, in hip-shoulder lengths.
    """
    hip, shoulder = trunk_endpoints(points_px)
    along = shoulder - hip
    length2 = (along**2).sum(axis=-1)
    off = query_px - hip
    return (off * along).sum(axis=-1) / length2, (off * _towards_back(along, facing)).sum(axis=-1) / length2


def locate_outline_px(profile: FloatArray, positions: FloatArray, points_px: FloatArray, facing: Facing) -> FloatArray:
    """Locate the outline of the back in the picture.

    Parameters
    ----------
    profile : (T, B) as `extract_dorsal_profile` returns it.
    positions : (K,) along the trunk, 0 at the hips, 1 at the shoulders.
    points_px : (T, 33, 2) landmarks in pixels, x right, y down; NaN where unknown.
    facing : side of the picture that is forward.

    Returns
    -------
    (T, K, 2) pixels; NaN in frames without an outline.
    """
    return _edge_px(sample_profile(profile, positions), positions, points_px, facing)


def sample_profile(profile: FloatArray, positions: FloatArray) -> FloatArray:
    """Sample the outline of the back, smoothed along the back, at some positions.

    Parameters
    ----------
    profile : (T, B) distance behind the hip-shoulder line at PROFILE_POSITIONS, in its lengths; NaN where unknown.
    positions : (K,) along the trunk, 0 at the hip to 1 at the shoulder.

    Returns
    -------
    (T, K) lengths of the hip-shoulder line; NaN near an unknown position.
    """
    from scipy.ndimage import gaussian_filter1d  # late: trackers need OUTLINE_POSITIONS only, and SciPy loads slowly

    smooth = gaussian_filter1d(profile, _BLUR_POSITIONS, axis=1, mode="nearest")
    sampled = np.array([np.interp(positions, PROFILE_POSITIONS, row) for row in smooth])
    return sampled.reshape(len(profile), len(positions))


def largest_profile_step(profile: FloatArray) -> Series:
    """Compute the largest step between neighbouring positions of the back proper.

    A back is smooth: a step is where something else, an arm or a plate, joins its outline.

    Parameters
    ----------
    profile : (T, B) distance behind the hip-shoulder line at PROFILE_POSITIONS, hip-shoulder lengths.

    Returns
    -------
    (T,) hip-shoulder lengths, not signed; NaN where the outline is unknown at any of these positions.
    """
    back = profile[:, (PROFILE_POSITIONS > 0.05) & (PROFILE_POSITIONS < 0.95)]
    return np.abs(np.diff(back, axis=1)).max(axis=1)


def _edge_px(behind: FloatArray, positions: FloatArray, points_px: FloatArray, facing: Facing) -> FloatArray:
    """Compute the pixels (T, K, 2) that lie `behind` the trunk (T, K) at positions (K,) along it."""
    hip, shoulder = trunk_endpoints(points_px)
    along = (shoulder - hip)[:, None]
    edge_px: FloatArray = hip[:, None] + positions[:, None] * along + behind[:, :, None] * _towards_back(along, facing)
    return edge_px


def _towards_back(along: FloatArray, facing: Facing) -> FloatArray:
    """Rotate lines from hip to shoulder (..., 2) by a right angle towards the back; their length stays."""
    rotated: FloatArray = np.stack([along[..., 1], -along[..., 0]], axis=-1) * forward_sign(facing)
    return rotated
