"""The line about an error of the system: which file or folder, what is wrong, what to do."""

import errno
import os
import tempfile

import pytest

from analyzer.errors import describe_os_error, is_disk_full


def make_error(number: int, name: str | None = None) -> OSError:
    return OSError(number, os.strerror(number), name)


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (
            make_error(errno.ENOSPC, "/results"),
            "/results: the disk is full. Free some space there, or choose a folder on another disk.",
        ),
        (
            make_error(errno.EDQUOT, "/results"),
            "/results: the disk quota is used up. Free some space there, or choose a folder on another disk.",
        ),
        (make_error(errno.ENOSPC), "the disk is full. Free some space there, or choose a folder on another disk."),
        (
            make_error(errno.ENOSPC, tempfile.gettempdir()),
            f"{tempfile.gettempdir()}: the disk is full. Free some space there, "
            "or set TMPDIR to a folder on another disk.",
        ),
        (
            make_error(errno.EROFS, "/results"),
            "/results: the disk is read-only (Read-only file system). "
            "Choose another folder, or change the access rights there.",
        ),
        (
            make_error(errno.EACCES, "/results"),
            "/results: no access (Permission denied). Choose another folder, or change the access rights there.",
        ),
        (
            make_error(errno.EIO, "/results"),
            "/results: Input/output error. Check the path, the disk and your access rights there.",
        ),
    ],
)
def test_the_line_names_place_problem_and_advice(error: OSError, line: str):
    assert describe_os_error(error) == line


def test_a_process_without_a_temporary_folder_describes_a_full_disk(monkeypatch: pytest.MonkeyPatch):
    def find_none() -> str:
        raise FileNotFoundError(errno.ENOENT, "No usable temporary directory found")

    monkeypatch.setattr(tempfile, "gettempdir", find_none)
    assert describe_os_error(make_error(errno.ENOSPC, "/tmp")).startswith("/tmp: the disk is full. ")


def test_only_errors_about_space_are_a_full_disk():
    assert [is_disk_full(make_error(number)) for number in (errno.ENOSPC, errno.EDQUOT, errno.EROFS)] == [
        True,
        True,
        False,
    ]
    assert not is_disk_full(ValueError("full"))
