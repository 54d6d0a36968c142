"""MediaPipe's pose model: detect people in single pictures, or one person through the frames of a clip."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np

from analyzer.clip.image_types import RgbImage
from analyzer.pose.deferred_imports import deferred_modules
from analyzer.pose.track import Pose
from analyzer.pose.trunk_outline import trace_outline

with deferred_modules("matplotlib", "matplotlib.pyplot", "sounddevice"):  # they take half a second
    import mediapipe as mp
    from mediapipe.tasks.python import BaseOptions, vision

# With one pose in VIDEO mode the model smooths its landmarks causally, which delays peaks by about 25 ms. Its filter
# opens fully when frames seem far apart in time, and the tracking itself does not depend on the time stamps.
_STAMP_STEP_MS = 100_000


class _Landmarker:
    def __init__(self, model: Path, mode: vision.RunningMode, people: int, masks: bool = False) -> None:
        self._task = vision.PoseLandmarker.create_from_options(
            vision.PoseLandmarkerOptions(
                base_options=BaseOptions(model_asset_path=str(model)),
                running_mode=mode,
                num_poses=people,
                output_segmentation_masks=masks,
            )
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._task.close()


class ImageLandmarker(_Landmarker):
    """Detector of all people in single pictures.

    Parameters
    ----------
    model : the `.task` file.
    people : largest number of people in a picture.
    """

    def __init__(self, model: Path, people: int = 6) -> None:
        super().__init__(model, vision.RunningMode.IMAGE, people)

    def detect(self, image: RgbImage) -> list[Pose]:
        """Detect all people in an RGB picture (h, w, 3), the most certain first."""
        return _poses(self._task.detect(_mp_image(image)), image)


class VideoLandmarker(_Landmarker):
    """Detector of one person in the frames of one clip, in order.

    Parameters
    ----------
    model : the `.task` file.
    outlines : whether each pose gets the outline of its trunk, which takes a tenth more time.
    """

    def __init__(self, model: Path, outlines: bool = False) -> None:
        super().__init__(model, vision.RunningMode.VIDEO, people=1, masks=outlines)
        self._frame_count = 0

    def detect_next(self, image: RgbImage) -> Pose | None:
        """Detect the person in the next frame, an RGB picture (h, w, 3); None when lost."""
        result = self._task.detect_for_video(_mp_image(image), self._frame_count * _STAMP_STEP_MS)
        self._frame_count += 1
        poses = _poses(result, image)
        if not poses:
            return None
        if not result.segmentation_masks:
            return poses[0]
        mask = result.segmentation_masks[0].numpy_view().reshape(image.shape[:2])
        return replace(poses[0], outline=trace_outline(mask, poses[0].points_px))


def _mp_image(image: RgbImage) -> mp.Image:
    return mp.Image(image_format=mp.ImageFormat.SRGB, data=np.ascontiguousarray(image))


def _poses(result: vision.PoseLandmarkerResult, image: RgbImage) -> list[Pose]:
    height, width = image.shape[:2]
    return [
        _pose(points, world, width, height)
        for points, world in zip(result.pose_landmarks, result.pose_world_landmarks, strict=True)
    ]


def _pose(points: Sequence[Any], world: Sequence[Any], width: int, height: int) -> Pose:
    flat = np.array([(p.x, p.y, p.visibility) for p in points], dtype=np.float64)
    deep = np.array([(p.x, p.y, p.z) for p in world], dtype=np.float64)
    return Pose(flat[:, :2] * (width, height), flat[:, 2], deep)
