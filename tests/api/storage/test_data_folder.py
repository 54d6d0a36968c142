"""The data folder is closed to other accounts."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.storage.data_folder import secure_data_folder

pytestmark = pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX systems")


@pytest.fixture(autouse=True)
def usual_umask() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_new_folder_and_everything_in_it_is_private(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    secure_data_folder(folder)
    (folder / "clips").mkdir()
    (folder / "clips" / "a.mp4").write_bytes(b"film")
    assert [mode(folder), mode(folder / "clips"), mode(folder / "clips" / "a.mp4")] == [0o700, 0o700, 0o600]


def test_an_open_folder_is_closed(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir(mode=0o755)
    secure_data_folder(folder)
    assert mode(folder) == 0o700


def test_a_folder_that_all_accounts_share_stays_open(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    folder = tmp_path / "shared"
    folder.mkdir()
    folder.chmod(0o1777)
    secure_data_folder(folder)
    (folder / "a.sqlite").write_bytes(b"rows")
    assert [mode(folder), mode(folder / "a.sqlite")] == [0o1777, 0o600]
    assert "folder of its own" in caplog.text


def test_a_folder_of_another_account_is_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    folder = tmp_path / "data"
    folder.mkdir(mode=0o755)

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError

    monkeypatch.setattr(Path, "chmod", refuse)
    secure_data_folder(folder)
    assert "chmod 700" in caplog.text
