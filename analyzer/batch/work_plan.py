"""Decide what is left to do with a clip: nothing, measure it again from a stored track, or track it."""

from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from threading import Lock

from analyzer.batch.clip_record import ClipRecord
from analyzer.batch.result_key import ResultKey
from analyzer.batch.scan import FoundClip
from analyzer.results.file_names import TRACK_FILE

_REQUIRED_FILES = ("analysis.json", "angles.csv", "report.html", TRACK_FILE)  # of a clip that counts as done


class ClipAction(StrEnum):
    """Action to take on a clip."""

    KEEP = "keep"
    FAILED_BEFORE = "failed before"
    MEASURE = "measure"
    TRACK = "track"


def choose_action(
    record: ClipRecord | None,
    sha256: str,
    key: ResultKey,
    *,
    has_all_files: bool,
    has_track: bool,
    retry_failed: bool,
) -> ClipAction:
    """Choose what to do with a clip of this content.

    Parameters
    ----------
    record : what an earlier run wrote about the clip.
    key : what the result must be made from.
    has_all_files : whether all result files are there.
    has_track : whether a track of this content and these settings is stored, in the clip's folder or another.
    retry_failed : whether to try again what failed although nothing has changed.
    """
    if record is not None and (record.sha256, record.track, record.measure) == (
        sha256,
        key.track_digest,
        key.measure_digest,
    ):
        if record.state == "done" and has_all_files and (record.video or not key.video):
            return ClipAction.KEEP
        if record.state == "failed" and record.limits == key.limits_digest and not retry_failed:
            return ClipAction.FAILED_BEFORE
    return ClipAction.MEASURE if has_track else ClipAction.TRACK


def has_all_result_files(folder: Path) -> bool:
    """Return whether the folder holds the files of a complete result."""
    return all((folder / name).is_file() for name in _REQUIRED_FILES)


def is_unchanged(record: ClipRecord | None, clip: FoundClip) -> bool:
    """Return whether the file is the one that the record describes, so that its content need not be hashed again."""
    return record is not None and record.sha256 != "" and record.stamp == clip.stamp


class TrackIndex:
    """Index of stored tracks by content, so that a clip that was renamed, or is there twice, is tracked once."""

    def __init__(self, known: Iterable[tuple[Path, ClipRecord]] = ()) -> None:
        self._lock = Lock()
        self._folders: dict[tuple[str, str], set[Path]] = {}
        self._keys: dict[Path, tuple[str, str]] = {}
        for folder, record in known:
            self.add(folder, record)

    def add(self, folder: Path, record: ClipRecord) -> None:
        """Add the track that a record describes, or remove the one that it no longer has."""
        with self._lock:
            before = self._keys.pop(folder, None)
            if before is not None:
                self._folders[before].discard(folder)
            if record.tracked:
                self._keys[folder] = record.sha256, record.tracked
                self._folders.setdefault(self._keys[folder], set()).add(folder)

    def find(self, sha256: str, track_digest: str, own: Path) -> Path | None:
        """Return the file of a track, preferably in the clip's own folder; None if there is none."""
        with self._lock:
            folders = list(self._folders.get((sha256, track_digest), ()))
        for folder in sorted(folders, key=lambda folder: (folder != own, folder)):
            if (folder / TRACK_FILE).is_file():
                return folder / TRACK_FILE
        return None
