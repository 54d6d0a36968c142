"""Keep the data folder from other accounts of the machine."""

import logging
import os
import stat
from pathlib import Path

_OTHERS = 0o077  # permissions of the group and of everybody else

log = logging.getLogger("api")


def secure_data_folder(folder: Path) -> None:
    """Create the data folder for this account alone, and let this process create only files that others cannot read.

    An existing folder that others can enter is closed to them: it holds films of people. Where that is not allowed,
    because another account owns it, a warning is logged. One that all accounts share, such as `/tmp`, stays open: other
    programs need it, and the files in it are private all the same.
    """
    if os.name != "posix":
        return
    os.umask(_OTHERS)
    folder.mkdir(parents=True, exist_ok=True)
    mode = folder.stat().st_mode
    if mode & _OTHERS == 0:
        return
    if mode & stat.S_ISVTX:
        log.warning(
            "%s is shared with other accounts: give the data a folder of its own, such as %s",
            folder,
            folder / "analyzer",
        )
        return
    try:
        folder.chmod(mode & ~_OTHERS & 0o7777)
    except OSError:
        log.warning("other accounts of this machine can read %s: make it yours, or run: chmod 700 %s", folder, folder)
