"""List the clips of a folder, local or in an object store, with the URLs by which workers open them."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath

import fsspec

from analyzer.batch.scan import (
    RESULT_MARKERS,
    describe_no_clips,
    escape_unprintable,
    is_clip,
    is_selected,
    is_skipped,
    scan_folder,
)
from analyzer.errors import AnalyzerError
from api.json_object import JsonObject


class ListingError(AnalyzerError):
    """A folder that cannot be listed, or has no clips."""


@dataclass(frozen=True)
class ListedClip:
    """A clip: `file` is its path in the folder, `url` opens it from any machine, `stamp` changes with its content."""

    file: str
    url: str
    size_bytes: int
    stamp: str


@dataclass(frozen=True)
class FolderListing:
    """The clips of a folder in the order of their names, the number of other files, and those that are not selected."""

    clips: Sequence[ListedClip]
    others: int
    notes: Sequence[str]
    unselected: Sequence[str] = ()


def list_clips(
    folder: str, options: JsonObject, *, only: Sequence[str], exclude: Sequence[str], out: str
) -> FolderListing:
    """List the clips of a folder or a URL of fsspec, by the same rules as a local batch.

    Raises ListingError.
    """
    remote = "://" in folder
    listing = _remote(folder, options, only, exclude, out) if remote else _local(folder, only, exclude, out)
    if not listing.clips:
        raise ListingError(describe_no_clips(folder, listing.others, listing.unselected))
    return listing


def _local(folder: str, only: Sequence[str], exclude: Sequence[str], out: str) -> FolderListing:
    place = Path(folder)
    if not place.is_dir():
        raise ListingError(f"{folder}: is not a folder. Give the folder that contains the clips")
    files_found = scan_folder(place, only=only, exclude=exclude, out=None if "://" in out else Path(out))
    clips = [
        ListedClip(clip.file, f"file://{clip.path.resolve()}", clip.stamp[0], f"{clip.stamp[0]}-{clip.stamp[1]}")
        for clip in files_found.clips
    ]
    return FolderListing(clips, files_found.other_files, files_found.notes, files_found.unselected)


def _remote(folder: str, options: JsonObject, only: Sequence[str], exclude: Sequence[str], out: str) -> FolderListing:
    try:
        fs, root = fsspec.core.url_to_fs(folder.rstrip("/"), **options)
        fs.invalidate_cache()
        files_found: JsonObject = fs.find(root, detail=True)
    except Exception as error:  # every store raises its own errors
        raise ListingError(
            f"{folder}: cannot be listed ({error}). Check the address and ANALYZER_FILES_OPTIONS"
        ) from None
    files = {PurePosixPath(path).relative_to(root): path for path in files_found}
    excluded = {file.parent for file in files if file.name in RESULT_MARKERS and file.parent.parts}
    if out.startswith(f"{folder.rstrip('/')}/"):
        excluded.add(PurePosixPath(out[len(folder.rstrip("/")) + 1 :]))
    clips, others, unselected = [], 0, []
    for file, path in files.items():
        if is_skipped(file) or not excluded.isdisjoint(file.parents):
            continue
        if not is_selected(file, only, exclude):
            unselected.append(escape_unprintable(file))
            continue
        if not is_clip(path, partial(fs.open, path, "rb", block_size=2**16)):
            others += 1
            continue
        size = int(files_found[path]["size"])
        clips.append(
            ListedClip(
                escape_unprintable(file), fs.unstrip_protocol(path), size, f"{size}-{_change_marker(files_found[path])}"
            )
        )
    clips.sort(key=lambda clip: PurePosixPath(clip.file).parts)
    return FolderListing(clips, others, (), unselected)


def _change_marker(facts: JsonObject) -> str:
    """Return what an object store states that changes with the file: its digest, or when it was written."""
    for name in ("ETag", "etag", "md5Hash", "mtime", "LastModified", "last_modified", "created"):
        if facts.get(name):
            return str(facts[name]).strip('"')
    return ""
