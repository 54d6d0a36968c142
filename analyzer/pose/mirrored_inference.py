"""A second opinion: what the model says of the subject's mirror image."""

import cv2
import numpy as np

from analyzer.kinematics.arrays import FloatArray
from analyzer.kinematics.landmarks import TRUNK_LANDMARKS, trunk_endpoints, trunk_length
from analyzer.pose.landmarker import VideoLandmarker
from analyzer.pose.track import LANDMARK_COUNT, Image, Pose

_SIDE_PX = 400  # of the square picture shown; chosen
_TRUNK_PX = 90.0  # hip to shoulder in it: a standing body is about 310 px tall; chosen
_ASTRAY = 0.5  # a trunk found this far from where it is, in trunk lengths, is somebody's or something's else; chosen
_SHORTEST_TRUNK_PX = 10.0  # a trunk seen this short gives no direction; chosen

# Index of the same point on the other side of the body.
_OTHER_SIDE = np.array(
    [0, 4, 5, 6, 1, 2, 3, 8, 7, 10, 9] + [i + 1 if i % 2 else i - 1 for i in range(11, LANDMARK_COUNT)]
)


def detect_in_mirror(follower: VideoLandmarker, image: Image, pose: Pose) -> Pose | None:
    """The subject as found in the mirrored picture, turned back to pixels of `image`; None when not found.

    The model looks where it last saw the person. Asked a few times a second only, it would look beside a moving body:
    so the mirrored picture is turned, shifted and scaled until the trunk stands upright in its middle, always alike.

    Parameters
    ----------
    follower : used for nothing but mirrored pictures of this subject.
    image : RGB (h, w, 3).
    pose : the subject in this image.
    """
    there = _upright_mirror(pose)
    if there is None:
        return None
    shown = cv2.warpAffine(image, there, (_SIDE_PX, _SIDE_PX), flags=cv2.INTER_LINEAR, borderValue=(127, 127, 127))
    found = follower.follow(shown)
    if found is None:
        return None
    back = cv2.invertAffineTransform(there)
    points = found.points_px[_OTHER_SIDE] @ back[:, :2].T + back[:, 2]
    if _is_other_body(points, pose.points_px):
        follower.follow(np.full_like(shown, 127))  # it would follow what it has: shown nothing, it looks anew next time
        return None
    return Pose(points, found.visibility[_OTHER_SIDE], found.world_m[_OTHER_SIDE] * (-1, 1, 1))


def _is_other_body(points_px: FloatArray, known_px: FloatArray) -> bool:
    """Whether the trunk lies far from where it is known to be."""
    off = float(np.median(np.linalg.norm(points_px[TRUNK_LANDMARKS] - known_px[TRUNK_LANDMARKS], axis=1)))
    return off > _ASTRAY * float(trunk_length(known_px))


def _upright_mirror(pose: Pose) -> FloatArray | None:
    """(2, 3) matrix from the picture to the upright, mirrored one."""
    hip, shoulder = trunk_endpoints(pose.points_px)
    trunk = shoulder - hip
    length = float(np.hypot(*trunk))
    if length < _SHORTEST_TRUNK_PX:
        return None
    up, scale = trunk / length, _TRUNK_PX / length
    right = np.array([-up[1], up[0]])
    turn = np.stack([-right, -up]) * scale  # rows: mirrored x, y down
    return np.column_stack([turn, np.full(2, _SIDE_PX / 2) - turn @ hip])
