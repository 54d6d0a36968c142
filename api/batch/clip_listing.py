"""Which files of a folder, here or in an object store, are clips, and how workers open them."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any

import fsspec

from analyzer.batch.scan import RESULT_MARKERS, escape_unprintable, is_clip, is_selected, is_skipped, scan_folder
from analyzer.errors import AnalyzerError


class ListingError(AnalyzerError):
    """A folder that cannot be listed, or holds no clips."""


@dataclass(frozen=True)
class ListedClip:
    """A clip: `file` names it from the folder, `url` opens it from any machine, `stamp` changes when it does."""

    file: str
    url: str
    size_bytes: int
    stamp: str


@dataclass(frozen=True)
class FolderListing:
    """What a folder holds, clips in the order of their names."""

    clips: Sequence[ListedClip]
    others: int
    notes: Sequence[str]


def list_clips(
    folder: str, options: dict[str, Any], *, only: Sequence[str], exclude: Sequence[str], out: str
) -> FolderListing:
    """Look through a folder or a URL of fsspec, by the same rules as a local batch.

    Raises ListingError.
    """
    remote = "://" in folder
    listing = _remote(folder, options, only, exclude, out) if remote else _local(folder, only, exclude, out)
    if not listing.clips:
        raise ListingError(f"{folder}: no clips found in it ({listing.others} other files). Check the folder.")
    return listing


def _local(folder: str, only: Sequence[str], exclude: Sequence[str], out: str) -> FolderListing:
    place = Path(folder)
    if not place.is_dir():
        raise ListingError(f"{folder}: is no folder. Give the folder that the clips lie in")
    found = scan_folder(place, only=only, exclude=exclude, out=None if "://" in out else Path(out))
    clips = [
        ListedClip(clip.file, f"file://{clip.path.resolve()}", clip.stamp[0], f"{clip.stamp[0]}-{clip.stamp[1]}")
        for clip in found.clips
    ]
    return FolderListing(clips, found.other_files, found.notes)


def _remote(
    folder: str, options: dict[str, Any], only: Sequence[str], exclude: Sequence[str], out: str
) -> FolderListing:
    try:
        fs, root = fsspec.core.url_to_fs(folder.rstrip("/"), **options)
        fs.invalidate_cache()
        found: dict[str, Any] = fs.find(root, detail=True)
    except Exception as error:  # each store has errors of its own
        raise ListingError(
            f"{folder}: cannot be listed ({error}). Check the address and ANALYZER_FILES_OPTIONS"
        ) from None
    files = {PurePosixPath(path).relative_to(root): path for path in found}
    left_out = {file.parent for file in files if file.name in RESULT_MARKERS and file.parent.parts}
    if out.startswith(f"{folder.rstrip('/')}/"):
        left_out.add(PurePosixPath(out[len(folder.rstrip("/")) + 1 :]))
    clips, others = [], 0
    for file, path in files.items():
        if is_skipped(file) or not left_out.isdisjoint(file.parents) or not is_selected(file, only, exclude):
            continue
        if not is_clip(path, partial(fs.open, path, "rb", block_size=2**16)):
            others += 1
            continue
        size = int(found[path]["size"])
        clips.append(
            ListedClip(
                escape_unprintable(file), fs.unstrip_protocol(path), size, f"{size}-{_change_marker(found[path])}"
            )
        )
    clips.sort(key=lambda clip: PurePosixPath(clip.file).parts)
    return FolderListing(clips, others, ())


def _change_marker(facts: dict[str, Any]) -> str:
    """What a store says that changes with the file: its digest, or when it was written."""
    for name in ("ETag", "etag", "md5Hash", "mtime", "LastModified", "last_modified", "created"):
        if facts.get(name):
            return str(facts[name]).strip('"')
    return ""
