"""The plain loop that ours is measured against: OpenCV, cvtColor, PoseLandmarker in VIDEO mode, one Python thread."""

from pathlib import Path

import cv2
import mediapipe as mp
import numpy as np
from mediapipe.tasks.python import BaseOptions, vision

NEAR_SIDE_LANDMARKS = {"right": (12, 24, 26, 28), "left": (11, 23, 25, 27)}


def detect_landmarks(clip: Path, model: Path, masks: bool = False) -> np.ndarray:
    """Return (T, 33, 2) pixels of the first pose in each frame, as in MediaPipe's examples; NaN where there is none."""
    options = vision.PoseLandmarkerOptions(
        base_options=BaseOptions(model_asset_path=str(model)),
        running_mode=vision.RunningMode.VIDEO,
        output_segmentation_masks=masks,
    )
    capture = cv2.VideoCapture(str(clip))
    rows: list[np.ndarray | list[tuple[float, float]]] = []
    with vision.PoseLandmarker.create_from_options(options) as landmarker:
        while True:
            ok, frame = capture.read()
            if not ok:
                break
            image = mp.Image(image_format=mp.ImageFormat.SRGB, data=cv2.cvtColor(frame, cv2.COLOR_BGR2RGB))
            result = landmarker.detect_for_video(image, round(len(rows) * 1000 / 30))
            height, width = frame.shape[:2]
            poses = result.pose_landmarks
            rows.append([(p.x * width, p.y * height) for p in poses[0]] if poses else np.full((33, 2), np.nan))
    return np.array(rows, dtype=float)


def compute_plain_angles(points_px: np.ndarray, facing: str) -> dict[str, np.ndarray]:
    """Compute trunk, trunk-thigh and knee of the near side in the image plane, degrees."""
    shoulder, hip, knee, ankle = (points_px[:, index] for index in NEAR_SIDE_LANDMARKS[facing])
    sign = 1 if facing == "right" else -1

    def inclination(lower: np.ndarray, upper: np.ndarray) -> np.ndarray:
        """Compute the inclination of a segment against the vertical, + forward."""
        along = upper - lower
        return np.degrees(np.arctan2(sign * along[:, 0], -along[:, 1]))

    trunk, thigh, shin = inclination(hip, shoulder), inclination(knee, hip), inclination(ankle, knee)
    return {
        "trunk_inclination_deg": trunk,
        "trunk_thigh_deg": wrap_deg(trunk - thigh),
        "knee_flexion_deg": wrap_deg(shin - thigh),
    }


def wrap_deg(angle_deg: np.ndarray) -> np.ndarray:
    """Return the same angle in [-180, 180)."""
    return (angle_deg + 180) % 360 - 180
