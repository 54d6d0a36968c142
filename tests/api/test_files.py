import fsspec
import pytest

from api.files import BadKey, open_files
from api.settings import ServiceSettings


@pytest.fixture
def made(tmp_path):
    def made(content: bytes, name: str = "made"):
        path = tmp_path / name
        path.write_bytes(content)
        return path

    return made


def test_what_is_put_is_read_and_the_local_file_is_gone(files, made):
    local = made(b"0123456789")
    files.put(local, "results/ana_1/run/angles.csv")
    assert not local.exists()
    assert files.size("results/ana_1/run/angles.csv") == 10
    with files.open("results/ana_1/run/angles.csv") as file:
        assert file.read() == b"0123456789"
    assert b"".join(files.read_range("results/ana_1/run/angles.csv", 2, 5)) == b"234"


def test_a_second_put_replaces_the_first_and_the_etag_changes(files, made):
    files.put(made(b"one"), "a/b")
    first = files.etag("a/b")
    files.put(made(b"twos"), "a/b")
    assert files.etag("a/b") != first
    with files.fetch("a/b") as path:
        assert path.read_bytes() == b"twos"


def test_what_was_fetched_leaves_nothing_behind(files, made, tmp_path):
    files.put(made(b"x"), "clips/own/clp/deadlift.mp4")
    with files.fetch("clips/own/clp/deadlift.mp4") as path:
        assert path.name == "deadlift.mp4"
    scratch = tmp_path / "scratch"
    assert not scratch.exists() or list(scratch.iterdir()) == []


def test_what_is_not_there_says_so(files):
    assert not files.exists("a/b")
    for ask in (files.size, files.etag, files.open):
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
    with pytest.raises(BadKey):
        files.size(key)


def test_a_clip_outside_is_read_by_its_url(s3_server, tmp_path):
    settings = ServiceSettings(data_dir=tmp_path, files_url=s3_server.new_bucket(), files_options=s3_server.options)
    outside = s3_server.new_bucket()
    with fsspec.open(f"{outside}/in/anna.mp4", "wb", **s3_server.options) as out:
        out.write(b"film")
    with open_files(settings).fetch(f"{outside}/in/anna.mp4") as path:
        assert (path.name, path.read_bytes()) == ("anna.mp4", b"film")


def test_a_clip_on_this_machine_is_read_where_it_lies(files, made):
    clip = made(b"film", "anna.mp4")
    with files.fetch(f"file://{clip}") as path:
        assert path == clip
    assert clip.read_bytes() == b"film"
