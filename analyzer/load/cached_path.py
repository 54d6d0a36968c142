"""Read the path of a load from the cache, or track it and cache it."""

from collections.abc import Sequence
from io import BytesIO

import numpy as np

from analyzer.clip.probe import Clip
from analyzer.kinematics.camera_view import CameraView
from analyzer.kinematics.landmarks import near_far_sides
from analyzer.load.circle_tracking import track_load
from analyzer.load.load_path import LoadPath
from analyzer.movements.load_measures import LoadKind
from analyzer.pose.track import CleanTrack
from analyzer.results.artifact_cache import ArtifactCache, compute_digest
from analyzer.results.measured_reps import select_measured_reps
from analyzer.results.schema import Rep


def get_load_path(
    cache: ArtifactCache,
    clip: Clip,
    track: CleanTrack,
    view: CameraView,
    trunk_px: float,
    reps: Sequence[Rep],
    threads: int,
) -> LoadPath | None:
    """Return the path of the load as `track_load` does; tracked only once for the same lifts of the same track."""
    wrist = near_far_sides(view.facing)[0].wrist
    hand = (track.points_px[:, wrist], track.unsmoothed_px[:, wrist])
    measured = {rep.index for rep in select_measured_reps(reps)}
    lifts = [(rep.start_s, rep.bottom_s, rep.end_s, rep.index in measured) for rep in reps]
    # What is followed is part of the key: a cache of a version that knew fewer kinds, or followed less, does not count.
    key = compute_digest(
        "plate or kettlebell, 0.6 s around each lift",
        clip.sha256,
        hand,
        view.facing,
        view.yaw_deg,
        view.roll_deg,
        trunk_px,
        lifts,
    )
    return _decode_path(cache.piece(key, lambda: _encode_path(track_load(clip, track, view, trunk_px, reps, threads))))


def _encode_path(path: LoadPath | None) -> bytes:
    file = BytesIO()
    if path is not None:
        np.savez(file, centre_px=path.centre_px, radius_px=path.radius_px, kind=path.kind)
    return file.getvalue()


def _decode_path(piece: bytes) -> LoadPath | None:
    if not piece:
        return None
    with np.load(BytesIO(piece), allow_pickle=False) as file:
        kind: LoadKind = "kettlebell" if file["kind"] == "kettlebell" else "plate"
        return LoadPath(file["centre_px"], float(file["radius_px"]), kind)
