"""The outline of the back as a curve: how far it lies behind the line from hip to shoulder."""

import numpy as np

from analyzer.kinematics.angles import FloatArray, Series
from analyzer.kinematics.landmarks import LEFT, RIGHT, Facing, forward_sign

OUTLINE_POSITIONS = np.linspace(-0.4, 1.25, 67)
"""Where the outline is taken: 0 at the hips, 1 at the shoulders, in hip-shoulder lengths."""

_USED = (OUTLINE_POSITIONS > -0.11) & (
    OUTLINE_POSITIONS < 1.13
)  # buttock to the root of the neck; lower, a bent thigh hides it; chosen
PROFILE_POSITIONS = OUTLINE_POSITIONS[_USED]
"""The places of a profile."""

_KNOWN_SHARE = 0.8  # a frame with less of the outline has no profile; chosen
_BLUR_PLACES = 2.0  # standard deviation of the smoothing along the back, 5 % of its length; chosen


def trunk_endpoints_px(points_px: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Middle of the hips and middle of the shoulders, (..., 2) each, of landmarks (..., 33, 2)."""
    hip = points_px[..., [LEFT.hip, RIGHT.hip], :].mean(axis=-2)
    shoulder = points_px[..., [LEFT.shoulder, RIGHT.shoulder], :].mean(axis=-2)
    return hip, shoulder


def to_trunk_coordinates(points_px: FloatArray, at_px: FloatArray, facing: Facing) -> tuple[Series, Series]:
    """Where points lie against the trunk: along it from the hips, and behind it, in hip-shoulder lengths.

    Parameters
    ----------
    points_px : (..., 33, 2) landmarks in pixels, x right, y down; NaN where unknown.
    at_px : (..., 2) the points asked about.
    facing : side of the picture that is forward.
    """
    hip, shoulder = trunk_endpoints_px(points_px)
    along = shoulder - hip
    length2 = (along**2).sum(axis=-1)
    off = at_px - hip
    return (off * along).sum(axis=-1) / length2, (off * _behind(along, facing)).sum(axis=-1) / length2


def locate_outline_px(profile: FloatArray, places: FloatArray, points_px: FloatArray, facing: Facing) -> FloatArray:
    """Where the outline lies in the picture: (T, len(places), 2) pixels, NaN where it is not known.

    Parameters
    ----------
    profile : (T, len(BACK)) as `extract_dorsal_profile` gives it.
    places : along the trunk, 0 at the hips, 1 at the shoulders.
    points_px : (T, 33, 2) the landmarks that it is told against.
    """
    return _edge_px(sample_profile(profile, places), places, points_px, facing)


def extract_dorsal_profile(
    outline: FloatArray, facing: Facing, outline_landmarks_px: FloatArray, points_px: FloatArray
) -> FloatArray:
    """The outline on the side of the back, short gaps closed.

    Parameters
    ----------
    outline : (T, 2, len(OUTLINE_POSITIONS)) as in `pose.outline`.
    facing : side of the picture that is forward.
    outline_landmarks_px : (T, 33, 2) the landmarks that it was measured against.
    points_px : (T, 33, 2) better known ones, that it is to be told against: the edges in the picture stay.

    Returns
    -------
    (T, len(BACK)) in hip-shoulder lengths, + behind; NaN in frames where too little of it is seen.
    """
    behind = outline[:, 0 if facing == "right" else 1]
    edges = _edge_px(behind, OUTLINE_POSITIONS, outline_landmarks_px, facing)
    along, behind = to_trunk_coordinates(points_px[:, None], edges, facing)
    known = np.isfinite(behind)
    profile = np.full((len(behind), len(PROFILE_POSITIONS)), np.nan)
    for row in np.flatnonzero(known[:, _USED].mean(axis=1) >= _KNOWN_SHARE):
        places, edge = along[row, known[row]], behind[row, known[row]]
        order = np.argsort(places)  # seen askew, a step in the outline may turn back
        profile[row] = np.interp(PROFILE_POSITIONS, places[order], edge[order])
    return profile


def _edge_px(behind: FloatArray, places: FloatArray, points_px: FloatArray, facing: Facing) -> FloatArray:
    """(T, K, 2) pixels of what lies so far behind the trunk (T, K) at places (K,) along it."""
    hip, shoulder = trunk_endpoints_px(points_px)
    along = (shoulder - hip)[:, None]
    made: FloatArray = hip[:, None] + places[:, None] * along + behind[:, :, None] * _behind(along, facing)
    return made


def _behind(along: FloatArray, facing: Facing) -> FloatArray:
    """At right angles to lines from the hip to the shoulder (..., 2), as long, towards the back."""
    made: FloatArray = np.stack([along[..., 1], -along[..., 0]], axis=-1) * forward_sign(facing)
    return made


def sample_profile(profile: FloatArray, places: FloatArray) -> FloatArray:
    """The profile (T, len(BACK)), smoothed along the back, read at some places: (T, len(places))."""
    from scipy.ndimage import (
        gaussian_filter1d,  # late: trackers need OUTLINE_POSITIONS only, and SciPy takes long to load
    )

    smooth = gaussian_filter1d(profile, _BLUR_PLACES, axis=1, mode="nearest")
    return np.array([np.interp(places, PROFILE_POSITIONS, row) for row in smooth]).reshape(len(profile), len(places))


def largest_profile_step(profile: FloatArray) -> FloatArray:
    """(T,) largest step between neighbouring places of the back proper, in hip-shoulder lengths.

    A back is smooth: a step is where something else, an arm or a plate, joins its outline.
    """
    back = profile[:, (PROFILE_POSITIONS > 0.05) & (PROFILE_POSITIONS < 0.95)]
    return np.abs(np.diff(back, axis=1)).max(axis=1)
