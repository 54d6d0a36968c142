import os
import time
from pathlib import Path

import fsspec
import pytest

from api.settings import ServiceSettings
from api.storage.file_store import InvalidKeyError, make_durable_folder, open_files


@pytest.fixture
def made(tmp_path):
    def made(content: bytes, name: str = "made"):
        path = tmp_path / name
        path.write_bytes(content)
        return path

    return made


def test_stored_file_is_read_and_the_local_one_is_moved(files, made):
    local = made(b"0123456789")
    files.put(local, "results/ana_1/run/angles.csv")
    assert not local.exists()
    assert files.size("results/ana_1/run/angles.csv") == 10
    with files.open("results/ana_1/run/angles.csv") as file:
        assert file.read() == b"0123456789"
    assert b"".join(files.read_range("results/ana_1/run/angles.csv", 2, 5)) == b"234"


def test_a_second_put_replaces_the_first(files, made):
    files.put(made(b"one"), "a/b")
    files.put(made(b"twos"), "a/b")
    with files.fetch("a/b") as path:
        assert path.read_bytes() == b"twos"


def test_fetched_file_leaves_nothing_behind(files, made, tmp_path):
    files.put(made(b"x"), "clips/own/clp/deadlift.mp4")
    with files.fetch("clips/own/clp/deadlift.mp4") as path:
        assert path.name == "deadlift.mp4"
    scratch = tmp_path / "data" / "scratch"
    assert not scratch.exists() or list(scratch.iterdir()) == []


def test_missing_file_raises(files):
    assert not files.exists("a/b")
    for ask in (files.size, files.open):
        with pytest.raises(FileNotFoundError):
            ask("a/b")
    with pytest.raises(FileNotFoundError), files.fetch("a/b"):
        pass


def test_a_tree_is_listed_and_removed_and_its_neighbours_stay(files, made):
    for key in ("results/ana_1/r/a", "results/ana_1/r/b", "results/ana_1/s/a", "results/ana_10/r/a"):
        files.put(made(b"x"), key)
    assert list(files.list("results/ana_1/")) == ["results/ana_1/r/a", "results/ana_1/r/b", "results/ana_1/s/a"]
    files.delete_tree("results/ana_1")
    assert list(files.list("results")) == ["results/ana_10/r/a"]
    files.delete_tree("results/ana_1")  # nothing there is no error


@pytest.mark.parametrize("key", ["", "/etc/passwd", "../x", "a/../../x", "a\\..\\b", "a\0b"])
def test_no_key_leaves_the_store(files, key):
    with pytest.raises(InvalidKeyError):
        files.size(key)


def test_a_clip_outside_is_read_by_its_url(s3_server, tmp_path):
    settings = ServiceSettings(data_dir=tmp_path, files_url=s3_server.new_bucket(), files_options=s3_server.options)
    outside = s3_server.new_bucket()
    with fsspec.open(f"{outside}/in/anna.mp4", "wb", **s3_server.options) as out:
        out.write(b"film")
    with open_files(settings).fetch(f"{outside}/in/anna.mp4") as path:
        assert (path.name, path.read_bytes()) == ("anna.mp4", b"film")


def test_local_clip_is_read_in_place(files, made):
    clip = made(b"film", "anna.mp4")
    with files.fetch(f"file://{clip}") as path:
        assert path == clip
    assert clip.read_bytes() == b"film"


def test_files_of_other_processes_are_visible_at_once(s3_server, tmp_path):
    bucket = s3_server.new_bucket()
    ours = open_files(ServiceSettings(data_dir=tmp_path, files_url=bucket, files_options=s3_server.options))
    assert list(ours.list("results")) == [] and not ours.exists("results/a/b")
    other = fsspec.filesystem("s3", skip_instance_cache=True, **s3_server.options)
    other.pipe_file(f"{bucket}/results/a/b", b"one")
    assert list(ours.list("results")) == ["results/a/b"] and ours.size("results/a/b") == 3
    other.pipe_file(f"{bucket}/results/a/c", b"two")
    assert ours.exists("results/a/c")
    other.pipe_file(f"{bucket}/results/a/b", b"three")
    assert ours.size("results/a/b") == 5
    other.rm(f"{bucket}/results/a/b")
    assert not ours.exists("results/a/b")


def test_a_large_file_arrives_whole_and_a_part_of_it_is_read(files, made):
    content = bytes(range(256)) * 4 * 12_000  # 12 MB: more than one piece of an upload
    files.put(made(content), "clips/o/c/long.mp4")
    assert files.size("clips/o/c/long.mp4") == len(content)
    assert b"".join(files.read_range("clips/o/c/long.mp4", 5_000_001, 9_000_001)) == content[5_000_001:9_000_001]
    assert b"".join(files.read_range("clips/o/c/long.mp4", len(content) - 3, len(content) + 10)) == content[-3:]


def test_a_put_from_another_disk_is_whole_or_not_at_all(tmp_path, made, monkeypatch):
    files = open_files(ServiceSettings(data_dir=tmp_path / "data"))
    monkeypatch.setattr("api.storage.file_store.os.replace", _only_beside(os.replace))
    files.put(made(b"film"), "clips/o/c/a.mp4")
    assert list(files.list("clips")) == ["clips/o/c/a.mp4"] and not (tmp_path / "made").exists()

    def half(source, target):
        target.write_bytes(b"fi")
        raise OSError("no space left")

    monkeypatch.setattr("api.storage.file_store.shutil.copyfile", half)
    with pytest.raises(OSError, match="no space"):
        files.put(made(b"new film"), "clips/o/c/a.mp4")
    assert list(files.list("clips")) == ["clips/o/c/a.mp4"]
    with files.open("clips/o/c/a.mp4") as file:
        assert file.read() == b"film"
    assert (tmp_path / "made").read_bytes() == b"new film"


def _only_beside(replace):
    def moved(source, target):
        if source.parent != target.parent:
            raise OSError(18, "cross-device link")
        replace(source, target)

    return moved


def test_folder_store_has_local_paths_and_object_store_has_none(files_settings, files, made):
    files.put(made(b"x"), "a/b")
    if files_settings.files_url:
        assert files.local_path("a/b") is None
    else:
        assert files.local_path("a/b") == files_settings.data_dir / "files/a/b"


def test_a_removed_tree_leaves_no_empty_folders(tmp_path, made):
    files = open_files(ServiceSettings(data_dir=tmp_path / "data"))
    files.put(made(b"x"), "results/ana_1/r/a")
    files.delete_tree("results/ana_1/r")
    assert list((tmp_path / "data" / "files").iterdir()) == []


def test_modification_time_is_returned(files, made):
    files.put(made(b"x"), "a/b")
    assert abs(files.get_mtime_s("a/b") - time.time()) < 60


def test_a_folder_that_is_removed_while_one_is_created_in_it_is_created_again(tmp_path, monkeypatch):
    owner, create = tmp_path / "clips" / "own_1", Path.mkdir
    owner.mkdir(parents=True)

    def remove_first(path, *args, **kwargs):
        """Do what the deletion of the owner's last other clip does at this moment."""
        if path.parent == owner and owner.exists():
            owner.rmdir()
            monkeypatch.setattr(Path, "mkdir", create)
        create(path, *args, **kwargs)

    monkeypatch.setattr(Path, "mkdir", remove_first)
    make_durable_folder(owner / "clp_1")
    assert (owner / "clp_1").is_dir()
