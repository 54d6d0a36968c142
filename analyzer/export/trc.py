"""`markers.trc`: the joints as OpenSim markers, X forward, Y up, Z to the right and 0, since one camera sees a plane.

OpenSim expects metres. With the client's height the joints are scaled to it; without, 1 m in the file is one body
height, as the first line states. Unknown points are `nan`: OpenSim refuses a row whose last cells are empty.
"""

from pathlib import Path

import numpy as np

from analyzer.atomic_files import atomic_write
from analyzer.kinematics.angle_table import AngleTable
from analyzer.kinematics.arrays import FloatArray
from analyzer.kinematics.joints import SideJoints

_NAMES = {
    "ear": "Ear",
    "shoulder": "Shoulder",
    "elbow": "Elbow",
    "wrist": "Wrist",
    "hip": "Hip",
    "knee": "Knee",
    "ankle": "Ankle",
    "heel": "Heel",
    "toe": "BigToe",
}
_SEGMENT_LENGTHS = {("shoulder", "hip"): 0.288, ("hip", "knee"): 0.245, ("knee", "ankle"): 0.246}
"""Segment lengths as shares of the body height (Drillis & Contini 1966)."""
_FLOOR_PERCENTILE = 95.0  # of the heights of heel and toe, counted downwards: the floor; chosen
_HEADER = "DataRate\tCameraRate\tNumFrames\tNumMarkers\tUnits\tOrigDataRate\tOrigDataStartFrame\tOrigNumFrames"


def write_trc(times_s: FloatArray, table: AngleTable, height_cm: float | None, path: Path) -> None:
    """Write the joints of both sides.

    Parameters
    ----------
    times_s : (T,) seconds; written unchanged, also where the frame rate varies.
    table : its joints, with the camera roll removed, are written.
    height_cm : of the client; None: lengths are in body heights.
    path : of the file.
    """
    markers = compute_marker_positions(table, height_cm)
    rate = (len(times_s) - 1) / float(times_s[-1] - times_s[0]) if len(times_s) > 1 else 1.0
    count = len(times_s)
    title = path.name if height_cm is not None else f"{path.name} (height not given: 1 m is one body height)"
    numbers = [str(number) for number in range(1, len(markers) + 1)]
    lines = [
        f"PathFileType\t4\t(X/Y/Z)\t{title}",
        _HEADER,
        f"{rate:.4f}\t{rate:.4f}\t{count}\t{len(markers)}\tm\t{rate:.4f}\t1\t{count}",
        "Frame#\tTime\t" + "\t\t\t".join(markers) + "\t\t",
        "\t\t" + "\t".join(f"X{n}\tY{n}\tZ{n}" for n in numbers),
        "",
    ]
    for frame, time_s in enumerate(times_s):
        cells = [_point(points[frame]) for points in markers.values()]
        lines.append(f"{frame + 1}\t{time_s:.4f}\t" + "\t".join(cells))
    with atomic_write(path) as temporary:
        temporary.write_text("\n".join(lines) + "\n", encoding="utf-8")


def compute_marker_positions(table: AngleTable, height_cm: float | None) -> dict[str, FloatArray]:
    """Compute marker positions.

    Returns
    -------
    Name -> (T, 2) metres, + forward from the middle of the near foot and + up from the floor; NaN where unknown.
    """
    near, far = ("R", "L") if table.forward > 0 else ("L", "R")
    scale = (1.0 if height_cm is None else height_cm / 100) / estimate_body_height_px(table)
    x0, y0 = _origin(table.near)
    markers = {}
    for letter, joints in sorted([(near, table.near), (far, table.far)], key=lambda side: side[0], reverse=True):
        for name, title in _NAMES.items():
            points = getattr(joints, name)
            markers[letter + title] = np.column_stack([table.forward * (points[:, 0] - x0), y0 - points[:, 1]]) * scale
    return markers


def estimate_body_height_px(table: AngleTable) -> float:
    """Estimate the body height from the median lengths of trunk, thigh and shin, as far as they are known."""
    length, share = 0.0, 0.0
    for (a, b), part in _SEGMENT_LENGTHS.items():
        lengths = np.hypot(*(getattr(table.near, a) - getattr(table.near, b)).T)
        if np.isfinite(lengths).any():
            length, share = length + float(np.nanmedian(lengths)), share + part
    return length / share if share else table.trunk_px / _SEGMENT_LENGTHS["shoulder", "hip"]


def _origin(near: SideJoints) -> tuple[float, float]:
    """Return image x of the middle of the foot and image y of the floor; of the hips where no foot is known."""
    feet = np.concatenate([near.heel, near.toe])
    feet = feet[np.isfinite(feet).all(axis=1)]
    points = feet if len(feet) else near.hip[np.isfinite(near.hip).all(axis=1)]
    if not len(points):
        return 0.0, 0.0
    return float(np.median(points[:, 0])), float(np.percentile(points[:, 1], _FLOOR_PERCENTILE))


def _point(point: FloatArray) -> str:
    return f"{point[0]:.5f}\t{point[1]:.5f}\t0.00000" if np.isfinite(point).all() else "nan\tnan\tnan"
