"""Errors that a person can act on: what was wrong, with which file, and what to do."""

import errno
import os

_FULL_DISK_PROBLEMS = {errno.ENOSPC: "the disk is full", errno.EDQUOT: "the disk quota is used up"}
_ACCESS_PROBLEMS = {errno.EROFS: "the disk is read-only", errno.EACCES: "no access", errno.EPERM: "no access"}


class AnalyzerError(Exception):
    """Base class of all expected failures; the text is one line for a person."""


class RequestError(AnalyzerError, ValueError):
    """A value that the request for an analysis cannot have; the text names the argument and what it may be."""


class ClipError(AnalyzerError):
    """A clip that cannot be analysed.

    Parameters
    ----------
    name : file name of the clip, without folders.
    problem : what is wrong with it.
    advice : what the person can do about it.
    """

    def __init__(self, name: str, problem: str, advice: str) -> None:
        super().__init__(f"{name}: {problem}. {advice}")
        self.name, self.problem, self.advice = name, problem, advice

    def __reduce__(self) -> tuple[type["ClipError"], tuple[str, str, str]]:
        """Let a child process send the error to its parent."""
        return type(self), (self.name, self.problem, self.advice)


class ModelError(AnalyzerError):
    """A pose model that is not available or cannot be loaded."""


def is_disk_full(error: BaseException) -> bool:
    """Return whether an error of the system reports a full disk or a used-up quota."""
    return isinstance(error, OSError) and error.errno in _FULL_DISK_PROBLEMS


def describe_os_error(error: OSError) -> str:
    """Return one line for a person: the file or folder, what is wrong with it, and what to do."""
    place = f"{error.filename}: " if error.filename else ""
    if is_disk_full(error):
        others = " or set TMPDIR to" if _is_temporary_folder(error.filename) else " or choose"
        return (
            f"{place}{_FULL_DISK_PROBLEMS[error.errno or 0]}. Free some space there,{others} a folder on another disk."
        )
    if error.errno in _ACCESS_PROBLEMS:
        problem = _ACCESS_PROBLEMS[error.errno]
        return (
            f"{place}{problem} ({os.strerror(error.errno)}). Choose another folder, or change the access rights there."
        )
    return f"{place}{error.strerror or error}. Check the path, the disk and your access rights there."


def _is_temporary_folder(name: str | None) -> bool:
    import tempfile  # late: most commands do not need it

    try:
        return name == tempfile.gettempdir()
    except OSError:  # a confined process may have none
        return False
