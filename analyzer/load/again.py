"""The path of a load that was followed before, without reading the clip again."""

from collections.abc import Sequence
from io import BytesIO

import numpy as np

from analyzer.clip.probe import Clip
from analyzer.kept import Kept, digest
from analyzer.kinematics.landmarks import sides
from analyzer.kinematics.view import CameraView
from analyzer.load.find import load_path
from analyzer.load.path import Kind, LoadPath
from analyzer.pose.track import Track
from analyzer.result import Rep


def kept_path(
    kept: Kept, clip: Clip, track: Track, view: CameraView, trunk_px: float, reps: Sequence[Rep], threads: int
) -> LoadPath | None:
    """As `load_path`; followed only where the same lifts of the same track were not followed before."""
    wrist = sides(view.facing)[0].wrist
    hand = (track.points_px[:, wrist], track.said_px[:, wrist])
    lifts = [(rep.start_s, rep.bottom_s, rep.end_s, rep.complete) for rep in reps]
    # What is sought is part of the key: where only plates were, a kettlebell may be found now.
    key = digest("plate or kettlebell", clip.sha256, hand, view.facing, view.yaw_deg, view.roll_deg, trunk_px, lifts)
    return _path(kept.piece(key, lambda: _piece(load_path(clip, track, view, trunk_px, reps, threads))))


def _piece(path: LoadPath | None) -> bytes:
    file = BytesIO()
    if path is not None:
        np.savez(file, centre_px=path.centre_px, radius_px=path.radius_px, kind=path.kind)
    return file.getvalue()


def _path(piece: bytes) -> LoadPath | None:
    if not piece:
        return None
    with np.load(BytesIO(piece), allow_pickle=False) as file:
        kind: Kind = "kettlebell" if file["kind"] == "kettlebell" else "plate"
        return LoadPath(file["centre_px"], float(file["radius_px"]), kind)
