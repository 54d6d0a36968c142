"""Camera views for tests: as the analysis has them, and as a result states them."""

from typing import Any

import numpy as np

from analyzer.kinematics.camera_view import CameraView
from analyzer.results.schema import Quality, View
from analyzer.vocabulary.angles import MAIN_ANGLES


def camera_view(frames: int, facing: Any = "right", yaw_deg: float = 0.0, **changes: Any) -> CameraView:
    """Return a camera view with good conditions."""
    defaults = {
        "yaw_sd_deg": 2.0,
        "pitch_deg": 0.0,
        "roll_deg": None,
        "half_widths_deg": dict.fromkeys(MAIN_ANGLES, 4.0),
    }
    return CameraView(facing=facing, yaw_deg=yaw_deg, is_turned_away=np.zeros(frames, dtype=bool), **defaults | changes)


def result_view(facing: Any = "right", yaw_deg: float = 4.0, grade: Any = "good", **changes: Any) -> View:
    """Return the `view` of a result."""
    defaults = {
        "camera_side": "side",
        "yaw_interval_deg": (0.0, 8.0),
        "pitch_deg": 0.0,
        "roll_deg": None,
        "reasons": [],
    }
    return View(facing=facing, yaw_deg=yaw_deg, grade=grade, **defaults | changes)


def result_quality() -> Quality:
    """Return the `quality` of a result in which everything was visible."""
    return Quality(tracked_fraction=1.0, uncertainty_deg={"trunk_inclination_deg": 2.5}, warnings=[])
