"""What is to be done with a clip: nothing, measure it again from the stored track, or all of it."""

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
    """What to do with a clip."""

    KEEP = "keep"
    FAILED_BEFORE = "failed before"
    MEASURE = "measure"
    TRACK = "track"


def choose_action(
    record: ClipRecord | None, sha256: str, wanted: ResultKey, *, whole: bool, has_track: bool, retry_failed: bool
) -> ClipAction:
    """What to do with a clip of this content.

    Parameters
    ----------
    record : what is known of it.
    whole : whether its result files are all there.
    has_track : whether a track of this content and these settings is stored, in its own place or another.
    retry_failed : whether to try again what failed though nothing has changed.
    """
    if (
        record is not None
        and record.sha256 == sha256
        and (record.track, record.measure)
        == (
            wanted.track,
            wanted.measure,
        )
    ):
        if record.state == "done" and whole and (record.video or not wanted.video):
            return ClipAction.KEEP
        if record.state == "failed" and record.limits == wanted.limits and not retry_failed:
            return ClipAction.FAILED_BEFORE
    return ClipAction.MEASURE if has_track else ClipAction.TRACK


def has_all_result_files(folder: Path) -> bool:
    """Whether the files of a result are there."""
    return all((folder / name).is_file() for name in _REQUIRED_FILES)


def is_unchanged(record: ClipRecord | None, clip: FoundClip) -> bool:
    """Whether the file is the one that the record was made from, so that it need not be read to know its content."""
    return record is not None and record.sha256 != "" and record.stamp == clip.stamp


class TrackIndex:
    """Where the stored track of a content lies: a clip that was renamed, or is there twice, is tracked once."""

    def __init__(self, known: Iterable[tuple[Path, ClipRecord]] = ()) -> None:
        self._lock = Lock()
        self._folders: dict[tuple[str, str], set[Path]] = {}
        self._keys: dict[Path, tuple[str, str]] = {}
        for folder, record in known:
            self.add(folder, record)

    def add(self, folder: Path, record: ClipRecord) -> None:
        """Take up what a record says of its folder."""
        with self._lock:
            before = self._keys.pop(folder, None)
            if before is not None:
                self._folders[before].discard(folder)
            if record.tracked:
                self._keys[folder] = record.sha256, record.tracked
                self._folders.setdefault(self._keys[folder], set()).add(folder)

    def find(self, sha256: str, track: str, own: Path) -> Path | None:
        """The track's file, in the own folder if it lies there; None where there is none."""
        with self._lock:
            folders = list(self._folders.get((sha256, track), ()))
        for folder in sorted(folders, key=lambda folder: (folder != own, folder)):
            if (folder / TRACK_FILE).is_file():
                return folder / TRACK_FILE
        return None
