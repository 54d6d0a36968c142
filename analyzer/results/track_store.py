"""Store the track of a clip as one file, so that it can be measured again without the pose model."""

import json
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from analyzer.atomic_files import ZIP_READ_ERRORS, atomic_write
from analyzer.errors import AnalyzerError
from analyzer.pose.model_manifest import load_model_manifest
from analyzer.pose.subject_selection import DetectedPerson, SelectedSubject
from analyzer.pose.track import Pose, RawTrack
from analyzer.request import AnalysisRequest
from analyzer.settings import POSE_MODELS, ModelName

TRACK_SCHEMA = 3
"""Version of the file; increased when its layout changes, or when the same clip would be tracked differently."""

_READABLE_SCHEMAS = (2, TRACK_SCHEMA)  # version 2 has the same layout; more frames were tracked

_TRACK_ARRAYS = ("frames", "points_px", "mirror_px", "visibility", "world_m", "decoded")


class TrackStoreError(AnalyzerError):
    """A stored track that cannot be used; the text gives the reason and what to do."""


@dataclass(frozen=True)
class TrackedClip:
    """The raw track of a clip, and everything that it depends on.

    Attributes
    ----------
    clip_sha256 : digest of the clip's file.
    subject, model : the requested subject, and the name of the pose model that tracked it.
    model_sha256, mediapipe : digest of the pose model's file, and the version of MediaPipe.
    chosen : the person who was followed.
    raw : the output of the pose model.
    roll_deg : roll of the camera, + clockwise; None if it could not be measured.
    """

    clip_sha256: str
    subject: str
    model: ModelName
    model_sha256: str
    mediapipe: str
    chosen: SelectedSubject
    raw: RawTrack
    roll_deg: float | None

    def serves(self, clip_sha256: str, request: AnalysisRequest) -> bool:
        """Return whether this is the track of this clip for this request."""
        same_clip = (self.clip_sha256, self.subject) == (clip_sha256, request.subject)
        return same_clip and self.model in POSE_MODELS[request.model]


def load_usable_track(path: Path, clip_sha256: str, request: AnalysisRequest) -> TrackedClip | None:
    """Read a stored track; None unless tracking the clip for this request now would give the same."""
    with suppress(TrackStoreError):
        tracked = load_track(path, (TRACK_SCHEMA,))
        same_tracker = tracked.mediapipe == version("mediapipe")
        same_model = tracked.model_sha256 in load_model_manifest().models[tracked.model].accepted_sha256
        if tracked.serves(clip_sha256, request) and same_tracker and same_model:
            return tracked
    return None


def save_track(path: str | Path, tracked: TrackedClip) -> None:
    """Write a track, every number with its full precision."""
    person, raw = tracked.chosen.person, tracked.raw
    facts = {
        "schema": TRACK_SCHEMA,
        "clip_sha256": tracked.clip_sha256,
        "subject": tracked.subject,
        "model": tracked.model,
        "model_sha256": tracked.model_sha256,
        "mediapipe": tracked.mediapipe,
        "roll_deg": tracked.roll_deg,
        "chosen_by": tracked.chosen.chosen_by,
        "others_seen": tracked.chosen.others_seen,
    }
    arrays: dict[str, Any] = {name: getattr(raw, name) for name in _TRACK_ARRAYS}
    if raw.outline is not None:
        arrays["outline"] = raw.outline
    arrays |= {
        "look_frames": np.array(person.frames, dtype=np.int64),
        "look_times_s": np.array(person.times_s, dtype=np.float64),
        "look_points_px": np.array([pose.points_px for pose in person.poses]),
        "look_visibility": np.array([pose.visibility for pose in person.poses]),
        "look_world_m": np.array([pose.world_m for pose in person.poses]),
    }
    with atomic_write(path) as temporary:
        np.savez_compressed(temporary, facts=np.array(json.dumps(facts)), **arrays)


def load_track(path: str | Path, schemas: Collection[int] = _READABLE_SCHEMAS) -> TrackedClip:
    """Read a stored track.

    Parameters
    ----------
    path : the file.
    schemas : versions that are accepted, by default all that can be measured.

    Raises
    ------
    TrackStoreError : the file is missing or damaged, or another version wrote it.
    """
    path = Path(path)
    try:
        with np.load(path, allow_pickle=False) as file:
            facts = json.loads(str(file["facts"]))
            if facts["schema"] not in schemas:
                raise TrackStoreError(f"{path.name}: was written by another version. Analyse the clip again.")
            raw = RawTrack(**{name: file[name] for name in _TRACK_ARRAYS}, outline=file.get("outline"))
            looks = zip(file["look_points_px"], file["look_visibility"], file["look_world_m"], strict=True)
            person = DetectedPerson(
                file["look_frames"].tolist(), file["look_times_s"].tolist(), [Pose(*look) for look in looks]
            )
            return TrackedClip(
                clip_sha256=facts["clip_sha256"],
                subject=facts["subject"],
                model=facts["model"],
                model_sha256=facts["model_sha256"],
                mediapipe=facts["mediapipe"],
                chosen=SelectedSubject(person, facts["chosen_by"], facts["others_seen"]),
                raw=raw,
                roll_deg=facts["roll_deg"],
            )
    except (OSError, KeyError, ValueError, TypeError, *ZIP_READ_ERRORS) as error:
        missing = isinstance(error, FileNotFoundError)
        problem = "there is no such file" if missing else "is damaged"
        raise TrackStoreError(f"{path.name}: {problem}. Analyse the clip again.") from None
