from pathlib import Path

import numpy as np
import pytest

from analyzer import sandbox


def test_an_account_without_a_name_and_a_home_can_be_confined(monkeypatch: pytest.MonkeyPatch) -> None:
    def find_no_home() -> Path:
        raise RuntimeError("Could not determine home directory.")

    def find_no_folder() -> Path:
        raise FileNotFoundError("the current folder was removed")

    monkeypatch.setattr(Path, "home", find_no_home)
    monkeypatch.setattr(Path, "cwd", find_no_folder)
    packages = Path(np.__file__).resolve().parent.parent
    assert packages in sandbox._library_paths()


def test_data_of_a_service_in_opt_is_out_of_reach(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LD_LIBRARY_PATH", "/opt/decoders/lib:")
    folders = sandbox._library_paths()
    data = Path("/opt/movement-analyzer/data/files/clips")
    assert not [folder for folder in folders if folder in data.parents]
    assert Path("/opt/decoders/lib") in folders
