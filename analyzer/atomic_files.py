"""Files, and folders of files, that are either whole or not there."""

import hashlib
import os
import secrets
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

ZIP_READ_ERRORS = (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, UnicodeError)
"""What reading a damaged zip raises beside OSError: a single wrong bit can make a file in it look encrypted, or packed
in an unknown way (both RuntimeError), or give it another name."""


def compute_sha256(path: Path) -> str:
    """SHA-256 of a file, as 64 hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def atomic_write(path: str | Path) -> Iterator[Path]:
    """Give a temporary path beside `path`, which takes its place once the block ends well.

    The temporary name keeps the suffix, since many writers choose the format by it. On any exception, Ctrl-C
    included, the temporary file is removed and whatever stood at `path` before stays as it was.
    """
    path = Path(path)
    temporary = path.with_name(f".{path.stem}.{secrets.token_hex(4)}.tmp{path.suffix}")
    try:
        yield temporary
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


@contextmanager
def atomic_folder(folder: Path, names: Sequence[str]) -> Iterator[Path]:
    """Give a temporary folder whose files of these names, and no others, lie in `folder` once the block ends well.

    They are moved in the order of `names`, and older ones that were not written again go: where the last one lies the
    rest is complete. On any exception, Ctrl-C included, what stood in `folder` before stays as it was, and a folder
    that was made for it goes.
    """
    made = [parent for parent in (folder, *folder.parents) if not parent.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".unfinished-", dir=folder) as temporary:
            yield Path(temporary)
            for name in names:
                if (Path(temporary) / name).exists():
                    os.replace(Path(temporary) / name, folder / name)
                else:
                    (folder / name).unlink(missing_ok=True)
    except BaseException:
        for parent in made:
            with suppress(OSError):  # not there, or something else lies in it by now
                parent.rmdir()
        raise
