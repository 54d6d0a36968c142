import errno
import os
from pathlib import Path

import av
import pytest

from analyzer.atomic_files import atomic_folder, atomic_write, check_writable


def test_the_file_appears_whole_and_alone(tmp_path):
    target = tmp_path / "a.csv"
    with atomic_write(target) as temporary:
        temporary.write_text("new")
        assert temporary.parent == tmp_path and temporary.suffix == ".csv" and not target.exists()
    assert target.read_text() == "new"
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_an_error_leaves_the_old_file_and_no_temporary(tmp_path, error):
    target = tmp_path / "a.csv"
    target.write_text("old")
    with pytest.raises(error), atomic_write(target) as temporary:
        temporary.write_text("half")
        raise error
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.parametrize("kind", [OSError, av.error.OSError])
@pytest.mark.parametrize("prefix", ["", "file:"])
def test_an_error_about_a_temporary_file_names_the_target(tmp_path, kind: type[OSError], prefix: str):
    results = tmp_path / "results"
    with (
        pytest.raises(OSError) as error,
        atomic_folder(results, ["a.csv"]) as folder,
        atomic_write(folder / "a.csv") as temporary,
    ):
        raise kind(errno.EIO, "Input/output error", f"{prefix}{temporary}")
    assert (error.value.errno, error.value.filename) == (errno.EIO, str(results))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("number", "name", "expected"),
    [
        (errno.ENOSPC, None, "results"),  # a write to an open file
        (errno.EDQUOT, None, "results"),
        (errno.EIO, None, None),
        (errno.EIO, "/media/clip.mp4", "/media/clip.mp4"),
        (errno.ENOSPC, "/elsewhere", "/elsewhere"),
    ],
)
def test_other_errors_name_the_target_where_its_disk_is_full(tmp_path, number: int, name: str, expected: str):
    results = tmp_path / "results"
    with pytest.raises(OSError) as error, atomic_folder(results, ["a.csv"]):
        raise OSError(number, os.strerror(number), name)
    assert error.value.filename == (str(results) if expected == "results" else expected)


def test_a_folder_that_can_be_written_stays_as_it_is(tmp_path):
    check_writable(tmp_path)
    check_writable(tmp_path / "a" / "b")
    assert list(tmp_path.iterdir()) == []


def test_a_file_in_place_of_a_folder_is_reported(tmp_path):
    (tmp_path / "taken").touch()
    with pytest.raises(NotADirectoryError) as error:
        check_writable(tmp_path / "taken" / "results")
    assert error.value.filename == str(tmp_path / "taken")


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="a file system of Linux that takes no files")
def test_a_folder_that_takes_no_files_is_reported():
    with pytest.raises(OSError) as error:
        check_writable(Path("/proc/results"))
    assert error.value.filename == "/proc"
