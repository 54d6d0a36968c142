"""Pose detection in the mirrored picture: a second, independent estimate of the landmarks."""

import cv2
import numpy as np

from analyzer.kinematics.arrays import FloatArray
from analyzer.kinematics.landmarks import TRUNK_LANDMARKS, trunk_endpoints, trunk_length
from analyzer.pose.landmarker import VideoLandmarker
from analyzer.pose.track import LANDMARK_COUNT, Image, Pose

_SIDE_PX = 400  # of the square picture for the model; chosen
_TRUNK_PX = 90.0  # hip to shoulder in it: a standing body is about 310 px tall; chosen
_OTHER_BODY = 0.5  # a trunk detected this far from the subject's, in trunk lengths, is another body's; chosen
_MIN_TRUNK_PX = 10.0  # a trunk that looks this short gives no direction; chosen

# Index of the same point on the other side of the body.
_OTHER_SIDE = np.array(
    [0, 4, 5, 6, 1, 2, 3, 8, 7, 10, 9] + [i + 1 if i % 2 else i - 1 for i in range(11, LANDMARK_COUNT)]
)


def detect_in_mirror(landmarker: VideoLandmarker, image: Image, pose: Pose) -> Pose | None:
    """Detect the subject in the mirrored picture.

    The model searches where the person last was. Used only a few times a second, it would search beside a moving body:
    so the mirrored picture is rotated, shifted and scaled until the trunk stands upright in its middle, always alike.

    Parameters
    ----------
    landmarker : used for nothing but mirrored pictures of this subject.
    image : RGB (h, w, 3).
    pose : the subject in this image.

    Returns
    -------
    The pose in pixels of `image`, sides exchanged back; None when not detected.
    """
    to_mirror = _upright_mirror(pose)
    if to_mirror is None:
        return None
    mirrored = cv2.warpAffine(
        image, to_mirror, (_SIDE_PX, _SIDE_PX), flags=cv2.INTER_LINEAR, borderValue=(127, 127, 127)
    )
    detected = landmarker.detect_next(mirrored)
    if detected is None:
        return None
    back = cv2.invertAffineTransform(to_mirror)
    points = detected.points_px[_OTHER_SIDE] @ back[:, :2].T + back[:, 2]
    if _is_other_body(points, pose.points_px):
        landmarker.detect_next(np.full_like(mirrored, 127))  # an empty picture makes it search again next time
        return None
    return Pose(points, detected.visibility[_OTHER_SIDE], detected.world_m[_OTHER_SIDE] * (-1, 1, 1))


def _is_other_body(points_px: FloatArray, known_px: FloatArray) -> bool:
    """Return whether the trunk lies far from where it is known to be."""
    off = float(np.median(np.linalg.norm(points_px[TRUNK_LANDMARKS] - known_px[TRUNK_LANDMARKS], axis=1)))
    return off > _OTHER_BODY * float(trunk_length(known_px))


def _upright_mirror(pose: Pose) -> FloatArray | None:
    """Compute the matrix (2, 3) from the picture to the upright, mirrored one; None where the trunk is too short."""
    hip, shoulder = trunk_endpoints(pose.points_px)
    trunk = shoulder - hip
    length = float(np.hypot(*trunk))
    if length < _MIN_TRUNK_PX:
        return None
    up, scale = trunk / length, _TRUNK_PX / length
    right = np.array([-up[1], up[0]])
    turn = np.stack([-right, -up]) * scale  # rows: mirrored x, y down
    return np.column_stack([turn, np.full(2, _SIDE_PX / 2) - turn @ hip])
