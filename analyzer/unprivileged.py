"""Give up the rights of root in a process that decodes a clip of somebody else.

A service that runs as root should not decode as root. The process becomes the account `nobody` and keeps one right of
root: to read files whatever their permissions, since the clip lies in folders of root. It is for processes whose files
are limited by Landlock; the folder of the results belongs to `nobody` meanwhile.
"""

import ctypes
import os
import sys
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path

_NOBODY = "nobody"
_NOBODY_ID = 65534  # where no account has this name
_KEEP_CAPABILITIES = 8  # PR_SET_KEEPCAPS of prctl
_CAPABILITY_VERSION = 0x20080522  # _LINUX_CAPABILITY_VERSION_3
_READ_ANY_FILE = 1 << 2  # CAP_DAC_READ_SEARCH


def is_root() -> bool:
    """Return whether this process has the account of root."""
    return sys.platform == "linux" and os.geteuid() == 0


def prepare_drop(readable: Sequence[Path], writable: Sequence[Path]) -> str | None:
    """Hand the writable folders over to `nobody`; return why this process cannot work with that account, if so.

    This is tried with the real files and can be undone, unlike `drop_root`.
    """
    user, group = _find_nobody()
    own_user, own_group = os.geteuid(), os.getegid()
    problem = None
    try:
        os.setgroups(os.getgroups())  # refused in some containers, and needed later
        for folder in writable:
            os.chown(folder, user, group)
        os.setegid(group)
        os.seteuid(user)
        _use_capabilities(_READ_ANY_FILE, is_permanent=False)
        for path in readable:
            with suppress(FileNotFoundError, NotADirectoryError):
                os.close(os.open(path, os.O_RDONLY | os.O_NONBLOCK))
        for folder in writable:
            with tempfile.TemporaryFile(dir=folder):
                pass
    except OSError as error:
        problem = f"the account {_NOBODY} cannot work on the files ({error.strerror})"
    finally:
        os.seteuid(own_user)
        os.setegid(own_group)
    if problem is not None:
        reclaim_files(writable)
    return problem


def drop_root() -> None:
    """Become `nobody`, with the right to read any file that Landlock allows; it cannot be undone."""
    user, group = _find_nobody()
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_KEEP_CAPABILITIES, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    os.setgroups([])
    os.setresgid(group, group, group)
    os.setresuid(user, user, user)
    _use_capabilities(_READ_ANY_FILE, is_permanent=True)


def reclaim_files(folders: Sequence[Path]) -> None:
    """Give what belongs to `nobody` in these folders back to this account; for the parent, after its child."""
    if not is_root():
        return
    user, _ = _find_nobody()
    for folder in folders:
        for path in (folder, *folder.rglob("*")):
            with suppress(FileNotFoundError):
                if path.lstat().st_uid == user:
                    os.chown(path, os.geteuid(), os.getegid(), follow_symlinks=False)


@cache
def _find_nobody() -> tuple[int, int]:
    """Return user and group; looked up before the list of accounts is out of reach."""
    try:
        import pwd

        nobody = pwd.getpwnam(_NOBODY)
    except (ImportError, KeyError):
        return _NOBODY_ID, _NOBODY_ID
    return nobody.pw_uid, nobody.pw_gid


def _use_capabilities(used: int, *, is_permanent: bool) -> None:
    """Use only these of the capabilities that this thread has, and those that it starts from now on."""
    libc = ctypes.CDLL(None, use_errno=True)
    header, data = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION, 0), (ctypes.c_uint32 * 6)()
    if libc.capget(header, data) != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    effective, permitted, inheritable = 0, 1, 2  # the lower halves; the upper ones follow
    data[effective], data[effective + 3] = used, 0
    if is_permanent:
        data[permitted], data[permitted + 3] = used, 0
        data[inheritable], data[inheritable + 3] = 0, 0
    if libc.capset(header, data) != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
