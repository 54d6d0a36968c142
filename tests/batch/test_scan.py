"""Which files of a folder are clips."""

import os
from pathlib import Path, PurePosixPath

import pytest
from PIL import Image

from analyzer.batch.clip_record import MARKER_FILE
from analyzer.batch.scan import escape_unprintable, is_selected, scan_folder


@pytest.fixture
def folder(tmp_path: Path, samples: Path) -> Path:
    """A folder with one clip, so that a scan is never empty."""
    path = tmp_path / "clips"
    path.mkdir()
    (path / "clip.mp4").write_bytes((samples / "plank.mp4").read_bytes())
    return path


def scan_names(folder: Path, **more) -> list[str]:
    return [clip.file for clip in scan_folder(folder, **more).clips]


def write_video(folder: Path, name: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes((folder / "clip.mp4").read_bytes())
    return path


def test_clips_are_recognised_by_content_whatever_their_name(folder):
    write_video(folder, "IMG_0001")
    write_video(folder, "deep/down/here.dat")
    (folder / "notes.txt").write_text("a text")
    (folder / "photo.jpg").write_bytes(b"\xff\xd8\xff\xe0" + bytes(100))
    scan = scan_folder(folder)
    assert [clip.file for clip in scan.clips] == ["IMG_0001", "clip.mp4", "deep/down/here.dat"]
    assert scan.other_files == 2


def test_an_animated_gif_is_a_clip_and_a_still_one_is_not(folder):
    images = [Image.new("L", (8, 8), level) for level in (0, 255)]
    images[0].save(folder / "film.gif", save_all=True, append_images=images[1:], duration=100)
    images[0].save(folder / "logo.gif")
    assert scan_names(folder) == ["clip.mp4", "film.gif"]


def test_files_with_a_video_name_are_listed_so_that_their_failure_is_reported(folder):
    (folder / "a.MOV").write_bytes(b"")
    (folder / "b.webm").write_text("no video")
    assert scan_names(folder) == ["a.MOV", "b.webm", "clip.mp4"]


@pytest.mark.parametrize(
    "name",
    [".hidden.mp4", ".hidden/a.mp4", "a.mp4.part", "b.crdownload", "x.analysis/annotated.mp4", "__MACOSX/a.mp4"],
)
def test_hidden_unfinished_and_result_files_are_passed_over(folder, name):
    write_video(folder, name)
    assert scan_names(folder) == ["clip.mp4"]


@pytest.mark.parametrize("marker", ["analysis.json", "comparison.json", MARKER_FILE])
def test_result_folders_are_skipped(folder, marker):
    write_video(folder, "results/annotated.mp4")
    write_video(folder, "results/deeper/more.mp4")
    (folder / "results" / marker).write_text("{}")
    assert scan_names(folder) == ["clip.mp4"]


def test_the_output_folder_is_skipped(folder):
    write_video(folder, "out/a.mp4")
    assert scan_names(folder, out=folder / "out") == ["clip.mp4"]
    assert scan_names(folder) == ["clip.mp4", "out/a.mp4"]


def test_links_that_lead_out_are_not_followed(folder, tmp_path):
    (tmp_path / "private").mkdir()
    (tmp_path / "private" / "secret.mp4").write_bytes((folder / "clip.mp4").read_bytes())
    (folder / "out.mp4").symlink_to(tmp_path / "private" / "secret.mp4")
    (folder / "all").symlink_to(tmp_path / "private")
    (folder / "round").symlink_to(folder)
    (folder / "gone.mp4").symlink_to(folder / "nowhere.mp4")
    (folder / "same.mp4").symlink_to(folder / "clip.mp4")
    scan = scan_folder(folder)
    assert [clip.file for clip in scan.clips] == ["clip.mp4", "same.mp4"]
    assert len(scan.notes) == 2 and "out.mp4: is a link that leads out of the folder" in scan.notes[1]


def test_a_link_that_leads_to_itself_is_left_out_with_its_reason(folder):
    (folder / "loop.mp4").symlink_to(folder / "loop.mp4")
    (folder / "a").symlink_to(folder / "b")
    (folder / "b").symlink_to(folder / "a")
    scan = scan_folder(folder)
    assert [clip.file for clip in scan.clips] == ["clip.mp4"]
    assert "loop.mp4: is a link that leads to no file, and was left out" in scan.notes


def test_devices_and_pipes_are_not_opened(folder):
    os.mkfifo(folder / "pipe.mp4")  # opening it would wait for ever
    assert scan_names(folder) == ["clip.mp4"]


def test_unusual_names_are_distinct_and_can_be_written(folder):
    for name in (b"a\x01.mp4", b"a\x02.mp4", b"\xff.mp4", "ä\u202f1.mp4".encode(), b"line\nbreak.mp4"):
        Path(os.fsdecode(os.fsencode(folder) + b"/" + name)).write_bytes(b"")
    clip_names = scan_names(folder)
    assert len(set(clip_names)) == 6 and "ä\u202f1.mp4" in clip_names and "line\\nbreak.mp4" in clip_names
    assert all((name.encode("utf-8") and name.isprintable()) or "\u202f" in name for name in clip_names)


def test_clips_are_sorted_by_path_components(folder):
    for name in ("b/1.mp4", "a b/1.mp4", "a/2.mp4", "a/1.mp4"):
        write_video(folder, name)
    assert scan_names(folder) == ["a/1.mp4", "a/2.mp4", "a b/1.mp4", "b/1.mp4", "clip.mp4"]


@pytest.mark.parametrize(
    ("only", "exclude", "wanted"),
    [
        ((), (), True),
        (("*.mov",), (), True),  # capitals do not count
        (("anna",), (), True),
        (("anna/*",), (), True),
        (("2026/anna/hinge*",), (), False),  # the path starts with anna
        (("anna/march",), (), True),
        (("ben",), (), False),
        ((), ("hinge.mov",), False),
        (("anna",), ("march",), False),
        (("anna/",), (), True),
    ],
)
def test_patterns(only, exclude, wanted):
    assert is_selected(PurePosixPath("anna/march/HINGE.MOV"), only, exclude) is wanted


def test_printable_keeps_letters_of_all_scripts():
    assert escape_unprintable("日本 ñ é.mp4") == "日本 ñ é.mp4"
