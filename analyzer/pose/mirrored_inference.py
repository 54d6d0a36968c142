"""Pose detection in the mirrored picture: a second, independent estimate of the landmarks."""

import io
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import IO

import cv2
import numpy as np

from analyzer.clip.image_types import RgbImage
from analyzer.kinematics.arrays import FloatArray
from analyzer.kinematics.landmarks import BODY_LANDMARKS, TRUNK_LANDMARKS, trunk_endpoints, trunk_length
from analyzer.pose.landmarker import VideoLandmarker
from analyzer.pose.track import LANDMARK_COUNT, Pose

_SIDE_PX = 400  # of the square picture for the model; chosen
_TRUNK_PX = 90.0  # hip to shoulder in it: a standing body is about 310 px tall; chosen
_OTHER_BODY = 0.5  # a trunk detected this far from the subject's, in trunk lengths, is another body's; chosen
_PICTURE_BYTES = _SIDE_PX * _SIDE_PX * 3
_MIN_TRUNK_PX = 10.0  # a trunk that looks this short gives no direction; chosen

# Index of the same point on the other side of the body.
_OTHER_SIDE = np.array(
    [0, 4, 5, 6, 1, 2, 3, 8, 7, 10, 9] + [i + 1 if i % 2 else i - 1 for i in range(11, LANDMARK_COUNT)]
)


@dataclass(frozen=True)
class MirroredPicture:
    """The mirrored picture of a subject.

    Attributes
    ----------
    picture : RGB (h, w, 3), the trunk upright in its middle.
    to_mirror : matrix (2, 3) to it from the frame.
    pose : the subject in pixels of the frame.
    """

    picture: RgbImage
    to_mirror: FloatArray
    pose: Pose


class MirroredPictures:
    """Mirrored pictures with their rows, in a temporary file: those of 20 s would take 20 MB of memory.

    They are held in memory where no folder for temporary files can be written.
    """

    def __init__(self) -> None:
        try:
            self._file: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115  # closed by `close`
        except OSError:
            self._file = io.BytesIO()
        self._others: list[tuple[int, FloatArray, Pose]] = []

    def append(self, row: int, mirrored: MirroredPicture) -> None:
        """Add the picture of a row."""
        with _named_folder():
            self._file.write(np.ascontiguousarray(mirrored.picture).data)
        self._others.append((row, mirrored.to_mirror, mirrored.pose))

    def read(self) -> Iterator[tuple[int, MirroredPicture]]:
        """Yield each row and its picture: next always the one most like the last, which the model follows best."""
        with _named_folder():
            self._file.flush()
        for index in _order_by_likeness([_points_in_mirror(to_mirror, pose) for _, to_mirror, pose in self._others]):
            row, to_mirror, pose = self._others[index]
            self._file.seek(index * _PICTURE_BYTES)
            picture = np.frombuffer(self._file.read(_PICTURE_BYTES), np.uint8)
            yield row, MirroredPicture(picture.reshape(_SIDE_PX, _SIDE_PX, 3), to_mirror, pose)

    def close(self) -> None:
        """Remove the file."""
        with suppress(OSError):  # a full disk: what was buffered is of no use
            self._file.close()


def _points_in_mirror(to_mirror: FloatArray, pose: Pose) -> FloatArray:
    return pose.points_px[BODY_LANDMARKS] @ to_mirror[:, :2].T + to_mirror[:, 2]


def _order_by_likeness(bodies_px: list[FloatArray]) -> Iterator[int]:
    """Yield the index of each body once: the first, then always the nearest to the last one."""
    others = list(range(len(bodies_px)))
    nearest = 0
    while others:
        index = others.pop(nearest)
        yield index
        if others:
            nearest = int(np.argmin([((bodies_px[i] - bodies_px[index]) ** 2).sum() for i in others]))


@contextmanager
def _named_folder() -> Iterator[None]:
    """Add the folder of temporary files to errors such as a full disk: the file itself has no name."""
    try:
        yield
    except OSError as error:
        raise OSError(error.errno, error.strerror, tempfile.gettempdir()) from error


def mirror_upright(image: RgbImage, pose: Pose) -> MirroredPicture | None:
    """Mirror a frame, RGB (h, w, 3), for the subject whose pose in it is given; None where the trunk is too short.

    The model searches where the person last was. Used only a few times a second, it would search beside a moving body:
    so the mirrored picture is rotated, shifted and scaled until the trunk stands upright in its middle, always alike.
    """
    to_mirror = _upright_mirror(pose)
    if to_mirror is None:
        return None
    picture = cv2.warpAffine(
        image, to_mirror, (_SIDE_PX, _SIDE_PX), flags=cv2.INTER_LINEAR, borderValue=(127, 127, 127)
    )
    return MirroredPicture(np.asarray(picture, np.uint8), to_mirror, pose)


def detect_in_mirror(landmarker: VideoLandmarker, mirrored: MirroredPicture) -> Pose | None:
    """Detect the subject in the mirrored picture.

    Parameters
    ----------
    landmarker : used for nothing but mirrored pictures of this subject.

    Returns
    -------
    The pose in pixels of the frame, sides exchanged back; None when not detected.
    """
    detected = landmarker.detect_next(mirrored.picture)
    if detected is None:
        return None
    back = cv2.invertAffineTransform(mirrored.to_mirror)
    points = detected.points_px[_OTHER_SIDE] @ back[:, :2].T + back[:, 2]
    if _is_other_body(points, mirrored.pose.points_px):
        landmarker.detect_next(np.full_like(mirrored.picture, 127))  # an empty picture: it searches again next time
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
