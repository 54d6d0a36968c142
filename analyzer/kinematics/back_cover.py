"""Whether an arm lies over the outline of the back, so that the outline is the arm's."""

import numpy as np

from analyzer.kinematics.angles import FloatArray
from analyzer.kinematics.back_profile import BACK
from analyzer.kinematics.landmarks import LEFT, RIGHT, Facing, forward_sign

_ALONG = np.linspace(0.0, 1.0, 9)  # points tried along upper arm and forearm; chosen
_BACK = (0.0, 0.8)  # part of the outline that matters: nearer the shoulder every arm is near it; chosen
_ARM_RADIUS = 0.09  # half an arm with a sleeve, in hip-shoulder lengths (4.5 cm of 50); chosen

_AKIMBO_ELBOW_DEG = 30.0  # hands on the hips: the elbow bent at least this much, ...; chosen
_AKIMBO_WRIST = 0.35  # ... the wrist this near the hip, in hip-shoulder lengths, ...; chosen
_AKIMBO_EDGE = 0.2  # ... and the elbow this near the outline: two elbows, seen askew, hide more than one arm; chosen


def arm_over_back(points_px: FloatArray, profile: FloatArray, facing: Facing) -> np.ndarray:
    """Frames in which an elbow, a forearm or a wrist reaches the outline of the back, or the hands are on the hips.

    Parameters
    ----------
    points_px : (T, 33, 2) landmarks in pixels, x right, y down; NaN where unknown.
    profile : (T, B) as `back_profile.dorsal_profile` gives it.
    facing : side of the picture that is forward.

    Returns
    -------
    (T,) bool; False where the arms are not known.
    """
    hip = points_px[:, [LEFT.hip, RIGHT.hip]].mean(axis=1)
    along = points_px[:, [LEFT.shoulder, RIGHT.shoulder]].mean(axis=1) - hip
    behind = np.column_stack([along[:, 1], -along[:, 0]]) * forward_sign(facing)
    length2 = (along**2).sum(axis=1)
    over = np.zeros(len(points_px), dtype=bool)

    def from_edge(point: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Place of points along the trunk, and how far inside the outline they lie."""
        place, back = ((point - hip) * along).sum(axis=1) / length2, ((point - hip) * behind).sum(axis=1) / length2
        nearest = np.abs(BACK[None, :] - place[:, None]).argmin(axis=1)
        return place, profile[np.arange(len(profile)), nearest] - back

    for side in (LEFT, RIGHT):
        shoulder, elbow, wrist = (points_px[:, part] for part in (side.shoulder, side.elbow, side.wrist))
        with np.errstate(invalid="ignore"):
            for start, end in ((shoulder, elbow), (elbow, wrist)):
                for share in _ALONG[1:]:
                    place, inside = from_edge(start + share * (end - start))
                    over |= (place > _BACK[0]) & (place < _BACK[1]) & (inside < _ARM_RADIUS)
            near = np.linalg.norm(wrist - hip, axis=1) < _AKIMBO_WRIST * np.sqrt(length2)
            bent = _bend_deg(elbow - shoulder, wrist - elbow) > _AKIMBO_ELBOW_DEG
            over |= near & bent & (from_edge(elbow)[1] < _AKIMBO_EDGE)
    return over


def _bend_deg(upper: FloatArray, lower: FloatArray) -> FloatArray:
    """Angle between two lines (T, 2), 0 when they go on straight."""
    turn = upper[:, 0] * lower[:, 1] - upper[:, 1] * lower[:, 0]
    bend: FloatArray = np.abs(np.degrees(np.arctan2(turn, (upper * lower).sum(axis=1))))
    return bend
