"""Find the clips in a folder."""

import os
import stat
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from fnmatch import fnmatch
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any

from analyzer.batch.clip_record import MARKER_FILE, FileStamp
from analyzer.clip.file_type import NotAClipError, identify_container

VIDEO_SUFFIXES = frozenset(
    (".mp4", ".mov", ".m4v", ".mkv", ".webm", ".avi", ".3gp", ".3g2", ".mts", ".m2ts", ".mpg", ".mpeg", ".wmv", ".flv")
)
"""A file with such a suffix is meant as a clip: if it is none, it is reported as failed instead of skipped."""

_UNFINISHED = frozenset((".part", ".partial", ".crdownload", ".download", ".filepart", ".tmp", ".!ut", ".opdownload"))
RESULT_MARKERS = (
    "analysis.json",
    "comparison.json",
    MARKER_FILE,
)  # a folder with one of these holds results, not clips
_RESULT_ENDING = ".analysis"
_CONTROL = ("Cc", "Cf", "Cs", "Zl", "Zp")


@dataclass(frozen=True)
class FoundClip:
    """A clip in the folder.

    Attributes
    ----------
    file : its path from the folder, separated by /, printable; the name of the clip everywhere.
    path : path of the file.
    stamp : size in bytes, and times of the last change of content and file in ns.
    """

    file: str
    path: Path
    stamp: FileStamp


@dataclass
class FolderScan:
    """The content of a folder.

    Attributes
    ----------
    clips : in the order of their names.
    other_files : number of files that are no clips.
    unselected : files that `only` and `exclude` leave out, clips and others.
    notes : what was left out, one line each.
    """

    clips: list[FoundClip] = field(default_factory=list)
    other_files: int = 0
    unselected: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def scan_folder(
    folder: Path, *, only: Sequence[str] = (), exclude: Sequence[str] = (), out: Path | None = None
) -> FolderScan:
    """Scan a folder and all folders in it.

    A file is a clip if it has the content of a video or the suffix of one. Hidden, unfinished and result files are
    skipped, and so are links that lead out of the folder.

    Parameters
    ----------
    only, exclude : patterns such as `*.mov`, `anna` or `2026/*`, for `is_selected`.
    out : folder for the results, which may be inside the folder.
    """
    scan = FolderScan()
    inside = folder.resolve()
    for path in _files(folder, out.resolve() if out else None, scan.notes):
        relative = PurePosixPath(path.relative_to(folder).as_posix())
        if not is_selected(relative, only, exclude):
            scan.unselected.append(escape_unprintable(relative))
            continue
        if path.is_symlink() and (fault := _find_link_fault(path, inside)):
            scan.notes.append(f"{escape_unprintable(relative)}: {fault}, and was left out")
            continue
        try:
            facts = path.stat()
            if not stat.S_ISREG(facts.st_mode):
                continue
            if not is_clip(path.name, partial(open, path, "rb")):
                scan.other_files += 1
                continue
        except OSError as error:
            scan.notes.append(f"{escape_unprintable(relative)}: cannot be read ({error.strerror}), and was left out")
            continue
        name = escape_unprintable(relative)
        scan.clips.append(FoundClip(name, path, (facts.st_size, facts.st_mtime_ns, facts.st_ctime_ns)))
    scan.clips.sort(key=lambda clip: PurePosixPath(clip.file).parts)
    return scan


def is_selected(file: PurePosixPath, only: Sequence[str], exclude: Sequence[str]) -> bool:
    """Return whether a file is selected: it matches one of `only`, if there are any, and none of `exclude`.

    A pattern matches the whole path, the name alone, or a folder of the path; it ignores case.
    """

    def fits(patterns: Sequence[str]) -> bool:
        names = [str(file), *file.parts, *(str(parent) for parent in file.parents)]
        return any(fnmatch(name.casefold(), pattern.strip("/").casefold()) for pattern in patterns for name in names)

    return (not only or fits(only)) and not fits(exclude)


def describe_no_clips(folder: object, other_files: int, unselected: Sequence[str]) -> str:
    """Return the line for a folder in which there is nothing to analyse."""
    if unselected:
        return (
            f"{folder}: --only and --exclude leave no clip in it. Check the patterns: each is a path, a name or a "
            "folder, with * for any characters, such as anna*, *.mov or 2026/*."
        )
    return f"{folder}: no clips found in it ({other_files} other files). Check the folder."


def describe_selection(unselected: Sequence[str]) -> list[str]:
    """Return the note that the tables hold a part of the folder; none without files that were left out."""
    return ["the tables and the page hold only the clips that --only and --exclude select"] if unselected else []


def is_skipped(file: PurePosixPath) -> bool:
    """Return whether a file is hidden, unfinished, or lies among results, by its path from the folder."""
    folders = file.parts[:-1]
    return (
        any(_hidden(part) for part in file.parts)
        or any(part.endswith(_RESULT_ENDING) for part in folders)
        or file.suffix.lower() in _UNFINISHED
    )


def escape_unprintable(text: object) -> str:
    """Return a name as one printable line: control characters, and bytes that are no text, become escapes."""
    return "".join(_escape(char) if unicodedata.category(char) in _CONTROL else char for char in str(text))


def _escape(char: str) -> str:
    return char.encode("unicode_escape").decode("ascii")


def _files(folder: Path, out: Path | None, notes: list[str]) -> Iterator[Path]:
    def trouble(error: OSError) -> None:
        where = Path(error.filename)
        name = where.relative_to(folder) if where != folder and where.is_relative_to(folder) else where
        notes.append(f"{escape_unprintable(name)}: cannot be looked into ({error.strerror}), and was left out")

    for here, folders, names in os.walk(folder, onerror=trouble):
        place = Path(here)
        if place != folder and any(name in names for name in RESULT_MARKERS):
            folders.clear()
            continue
        folders[:] = sorted(
            name
            for name in folders
            if not _hidden(name) and not name.endswith(_RESULT_ENDING) and (place / name).resolve() != out
        )
        for name in sorted(names):
            if not is_skipped(PurePosixPath(name)):
                yield place / name


def _hidden(name: str) -> bool:
    return name.startswith((".", "~$")) or name in ("__MACOSX", "@eaDir", "$RECYCLE.BIN", "lost+found")


def _find_link_fault(path: Path, inside: Path) -> str | None:
    """Return why a link is not followed; None for one that leads to a file in the folder."""
    try:
        target = path.resolve(strict=True)
    except (OSError, RuntimeError):  # RuntimeError: a loop, before Python 3.13
        return "is a link that leads to no file"
    return None if target.is_relative_to(inside) else "is a link that leads out of the folder"


def is_clip(name: str, opened: Callable[[], AbstractContextManager[Any]]) -> bool:
    """Return whether a file has the suffix of a video, or the content of one."""
    if PurePosixPath(name).suffix.lower() in VIDEO_SUFFIXES:
        return True
    with opened() as file:
        try:
            identify_container(file)
        except NotAClipError:
            return False
    return True
