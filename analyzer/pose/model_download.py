"""Download of a pose model: the official file."""

import hashlib
import http.client
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Collection
from pathlib import Path

DownloadProgress = Callable[[str, int, int | None], None]
"""Called with the name of the download, the bytes so far and the total bytes (None when not known)."""

_CHUNK = 1 << 18
_STALL_S = 8.0  # longest silence of a server, also while connecting
_LONGEST_S = 900.0  # longest download of one file


class FetchError(Exception):
    """One source did not provide the file.

    Parameters
    ----------
    reason : why not.
    host_unreachable : whether the host itself could not be reached, so that its other addresses need no try.
    """

    def __init__(self, reason: str, host_unreachable: bool = False) -> None:
        super().__init__(reason)
        self.host_unreachable = host_unreachable


def download_file(url: str, target: Path, accepted: Collection[str], progress: DownloadProgress | None = None) -> str:
    """Download one file and check it.

    Parameters
    ----------
    url : where it is.
    target : where to write it; an existing file is replaced. On FetchError it may hold a part of the file.
    accepted : the SHA-256 digests the file may have.
    progress : called with the bytes so far.

    Returns
    -------
    The file's SHA-256. Raises FetchError when the server does not answer within seconds or sends another file.
    """
    try:
        sha256 = _stream_to_file(url, target, progress)
    except urllib.error.HTTPError as error:
        raise FetchError(f"the server answered {error.code} {error.reason}") from error
    except (urllib.error.URLError, ConnectionError, TimeoutError) as error:
        raise FetchError(f"not reached: {getattr(error, 'reason', None) or error}", host_unreachable=True) from error
    except OSError as error:
        raise FetchError(f"cannot be stored: {error}") from error
    except (http.client.HTTPException, ValueError) as error:
        raise FetchError(f"bad answer: {error!r}") from error
    if sha256 not in accepted:
        raise FetchError(f"another file than expected: SHA-256 {sha256}")
    return sha256


def _stream_to_file(url: str, target: Path, progress: DownloadProgress | None) -> str:
    """Write the file at `url` to `target` and return its SHA-256."""
    digest = hashlib.sha256()
    deadline = time.monotonic() + _LONGEST_S
    with urllib.request.urlopen(url, timeout=_STALL_S) as answer, target.open("wb") as out:
        total = int(answer.headers.get("Content-Length") or 0) or None
        done = 0
        while chunk := answer.read(_CHUNK):
            out.write(chunk)
            digest.update(chunk)
            done += len(chunk)
            if progress:
                progress(target.stem, done, total)
            if time.monotonic() > deadline:
                raise FetchError(f"too slow: {done} bytes in {_LONGEST_S:.0f} s")
    if total is not None and done != total:
        raise FetchError(f"broke off: {done} of {total} bytes")
    return digest.hexdigest()
