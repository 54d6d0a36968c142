"""Write files, and folders of files, that are either complete or not there."""

import errno
import hashlib
import os
import secrets
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NoReturn

from analyzer.errors import is_disk_full

ZIP_READ_ERRORS = (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, UnicodeError)
"""Exceptions of reading a damaged zip, besides OSError: one wrong bit can make a member look encrypted or packed in an
unknown way (both RuntimeError), or rename it."""


def compute_sha256(path: Path) -> str:
    """Compute the SHA-256 of a file, as 64 hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def atomic_write(path: str | Path) -> Iterator[Path]:
    """Yield a temporary path beside `path`, which replaces `path` when the block ends without an exception.

    The temporary name has the same suffix, because many writers choose the format by it. On any exception, Ctrl-C
    included, the temporary file is removed and `path` is unchanged. An OSError names `path` instead of that file.
    """
    path = Path(path)
    temporary = path.with_name(f".{path.stem}.{secrets.token_hex(4)}.tmp{path.suffix}")
    try:
        yield temporary
        os.replace(temporary, path)
    except BaseException as error:
        temporary.unlink(missing_ok=True)
        raise_naming_target(error, temporary, path)


@contextmanager
def atomic_folder(folder: Path, names: Sequence[str]) -> Iterator[Path]:
    """Yield a temporary folder; its files with these names replace those in `folder` when the block ends well.

    They are moved in the order of `names`, and older files with these names that were not written again are removed:
    if the last one is there, the others are complete. On any exception, Ctrl-C included, `folder` is unchanged, or
    removed if it is new. An OSError names `folder` instead of the temporary one.
    """
    new_folders = [parent for parent in (folder, *folder.parents) if not parent.exists()]
    temporary = folder
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".unfinished-", dir=folder) as name_of_temporary:
            temporary = Path(name_of_temporary)
            yield temporary
            for name in names:
                if (temporary / name).exists():
                    os.replace(temporary / name, folder / name)
                else:
                    (folder / name).unlink(missing_ok=True)
    except BaseException as error:
        for parent in new_folders:
            with suppress(OSError):  # it does not exist, or is not empty
                parent.rmdir()
        raise_naming_target(error, temporary, folder)


def check_writable(folder: Path) -> None:
    """Raise OSError if no file can be created in a folder or, if it does not exist, where it would be created."""
    existing = next(parent for parent in (folder.absolute(), *folder.absolute().parents) if parent.exists())
    try:
        if not existing.is_dir():
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
        with tempfile.TemporaryFile(dir=existing):
            pass
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(existing)) from error


def raise_naming_target(error: BaseException, temporary: Path, target: Path) -> NoReturn:
    """Raise an error again; one about the temporary file or folder, or about a full disk, names the target."""
    if isinstance(error, OSError):
        name = None if error.filename is None else Path(os.fsdecode(error.filename).removeprefix("file:"))
        if is_disk_full(error) if name is None else name.is_relative_to(temporary):
            raise OSError(error.errno, error.strerror, str(target)) from error
    raise error
