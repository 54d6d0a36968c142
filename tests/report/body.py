"""A simulated side-view body with known joints, for tests."""

import numpy as np
import pandas as pd

from analyzer.report.data_files import ANGLES_CSV_DECIMALS

STANDING = {
    "nose": (352, 90), "eye": (346, 82), "ear": (325, 86), "mouth": (346, 104),
    "shoulder": (315, 150), "elbow": (318, 225), "wrist": (330, 295),
    "hip": (312, 320), "knee": (318, 440), "ankle": (312, 560), "heel": (300, 580), "toe": (355, 585),
}  # fmt: skip
_NUMBERS = {
    "nose": (0,), "eye": (1, 2, 3, 4, 5, 6), "ear": (7, 8), "mouth": (9, 10), "shoulder": (11, 12), "elbow": (13, 14),
    "wrist": (15, 16, 17, 18, 19, 20, 21, 22), "hip": (23, 24), "knee": (25, 26), "ankle": (27, 28), "heel": (29, 30),
    "toe": (31, 32),
}  # fmt: skip


def standing_person(dx: float = 0, dy: float = 0) -> np.ndarray:
    """A person of about 500 px who stands and faces right in a 640 x 640 picture: (33, 2)."""
    points = np.empty((33, 2))
    for name, place in STANDING.items():
        points[list(_NUMBERS[name])] = np.add(place, (dx, dy))
    return points


def angle_table(frames: int = 60, fps: float = 30.0) -> pd.DataFrame:
    """A hinge down and up, with every column of angles.csv; back rounding unknown."""
    time_s = np.arange(frames) / fps
    wave = (1 - np.cos(2 * np.pi * np.arange(frames) / max(1, frames - 1))) / 2
    table = pd.DataFrame({column: np.full(frames, np.nan) for column in ANGLES_CSV_DECIMALS})
    table["frame"], table["time_s"], table["confidence"] = np.arange(frames), time_s, 0.9
    table["trunk_inclination_deg"] = 70 * wave
    table["trunk_thigh_deg"] = 95 * wave - 2
    table["knee_flexion_deg"] = 15 * wave
    return table
