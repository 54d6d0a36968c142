"""Copying one clip's result into a folder: whole, or of no run."""

from dataclasses import replace
from pathlib import Path

import pytest

from analyzer.results.file_names import ANALYSIS_FILES
from api.batch.result_collection import _SOURCE, _copy_files, _CopyContext
from api.storage.file_store import FileStore
from api.storage.stored_results import RESULT_FILE
from tests.batch.results import hinge

OLD, NEW, TARGET = "results/ana_1/run_1", "results/ana_1/run_2", "clips/one.mp4"
TABLE = next(name for name in ANALYSIS_FILES if name.endswith(".csv"))


class FullStore(FileStore):
    """A store with room for so many files."""

    room = 10**6

    def put(self, local: Path, key: str) -> None:
        if self.room == 0:
            raise OSError(28, "No space left on device")
        self.room -= 1
        super().put(local, key)


@pytest.fixture
def way(tmp_path: Path) -> _CopyContext:
    """Two runs of one analysis, of which only the first has a video."""
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    for run, content in ((OLD, b"1"), (NEW, b"22")):
        folder = tmp_path / "store" / run
        folder.mkdir(parents=True)
        (folder / RESULT_FILE).write_text(hinge(content, "one.mp4").model_dump_json())
        (folder / TABLE).write_bytes(content)
    (tmp_path / "store" / OLD / "annotated.mp4").write_bytes(b"an old video")
    store = FileStore(str(tmp_path / "store"), {}, scratch)
    out = FullStore(str(tmp_path / "out"), {}, scratch)
    return _CopyContext(str(tmp_path / "store"), None, store, out, scratch)  # type: ignore[arg-type]  # no row is read


def lying(way: _CopyContext) -> dict[str, bytes]:
    return {key.removeprefix(f"{TARGET}/"): way.out.open(key).read() for key in way.out.list(TARGET)}


def test_a_newer_run_takes_the_place_of_an_older_one_whole(way):
    assert _copy_files(OLD, TARGET, way) and "annotated.mp4" in lying(way)
    assert _copy_files(NEW, TARGET, way)
    copied = lying(way)
    assert set(copied) == {RESULT_FILE, TABLE, _SOURCE}
    assert copied[TABLE] == b"22" and copied[_SOURCE] == NEW.encode()


@pytest.mark.parametrize("room", range(3))
def test_half_copied_result_is_copied_again_for_either_run(way, room):
    assert _copy_files(OLD, TARGET, way)
    small = replace(way, out=FullStore(way.out._root, {}, way.scratch))
    small.out.room = room
    with pytest.raises(OSError, match="No space"):
        _copy_files(NEW, TARGET, small)
    assert _SOURCE not in lying(way)
    for run, table in ((OLD, b"1"), (NEW, b"22")):
        assert _copy_files(run, TARGET, way)
        copied = lying(way)
        assert copied[TABLE] == table and copied[_SOURCE] == run.encode()
        assert ("annotated.mp4" in copied) is (run == OLD)


def test_existing_result_is_not_copied_again(way):
    assert _copy_files(OLD, TARGET, way)
    full = replace(way, out=FullStore(way.out._root, {}, way.scratch))
    full.out.room = 0
    assert _copy_files(OLD, TARGET, full)
