"""The files of a result: the same from a stored track as from the clip, and redrawn only where they differ."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from analyzer.analysis.outputs import OutputOptions, remeasure_clip, run_clip
from analyzer.clip.frame_reader import read_frames
from analyzer.clip.h264_writer import VideoWriter
from analyzer.clip.probe import open_clip
from analyzer.coaching.marks import MarksError
from analyzer.pose.model_store import ModelFile
from analyzer.request import AnalysisRequest
from analyzer.results.file_names import ANALYSIS_FILES, BROWSER_FILES
from analyzer.results.track_store import TrackedClip, TrackStoreError, load_track
from analyzer.settings import Settings

ALL: dict[str, Any] = {"options": OutputOptions(extras=True), "progress": lambda *_: None}
HINGE = AnalysisRequest(movement="hinge")
MARKED = AnalysisRequest(
    movement="hinge",
    variant="romanian",
    load_kg=20,
    marks={"reports": [{"at_s": 1.2, "level": 2, "where": "thigh"}], "keep_doing": "goblet squats"},
)


@pytest.fixture(scope="module")
def clip(samples: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two seconds of a hinge."""
    path = tmp_path_factory.mktemp("clip") / "anna at home.mp4"
    whole = open_clip(samples / "hinge_neutral.mp4", Settings())
    with VideoWriter(path, whole.width_px, whole.height_px) as writer:
        for index, image in read_frames(whole, 0, 60):
            writer.write(image, whole.times_s[index])
    return path


@pytest.fixture(scope="module")
def first(clip: Path, tmp_path_factory: pytest.TempPathFactory, pose_model: ModelFile) -> Path:
    """The result of a run."""
    folder = tmp_path_factory.mktemp("first")
    run_clip(clip, HINGE, Settings(), folder, **ALL)
    return folder


@pytest.fixture
def stored(first: Path) -> TrackedClip:
    return load_track(first / "track.npz")


def read_files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def list_differing_files(a: Path, b: Path) -> set[str]:
    """Names of the files that are not the same, byte for byte."""
    old, new = read_files(a), read_files(b)
    return {name for name in old.keys() | new.keys() if old.get(name) != new.get(name)}


def forbid_calls(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    """Make calls of these functions fail the test."""

    def fail(name: str) -> Any:
        return lambda *_, **__: pytest.fail(f"{name} was called")

    for name in names:
        monkeypatch.setattr(f"analyzer.{name}", fail(name))


@pytest.fixture
def no_model(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make sure that the pose model is not run."""
    forbid_calls(
        monkeypatch, *(f"analysis.tracking.{name}" for name in ("ensure_model", "detect_people", "track_subject"))
    )


@pytest.fixture
def no_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make sure that no frame is read and nothing is drawn."""
    forbid_calls(monkeypatch, "clip.frame_reader.open_container")
    forbid_calls(
        monkeypatch, *(f"report.charts.static_chart.{name}" for name in ("plot_angles", "render_png", "render_svg"))
    )
    videos = ("copy_stream", "write_annotated_video", "write_plain_video")
    forbid_calls(monkeypatch, *(f"report.rendering.{name}" for name in videos))


def test_a_run_writes_every_file(first):
    names = {
        "analysis.json",
        "angles.csv",
        "angles.png",
        "annotated.mp4",
        "report.html",
        "track.npz",
        "kept.zip",
        "thumb.jpg",
    }
    assert set(read_files(first)) == names | {"overlay.json", "clip.mp4", "client.html"}
    assert set(read_files(first)) <= set(ANALYSIS_FILES) and ANALYSIS_FILES[-1] == "analysis.json"


@pytest.mark.usefixtures("no_model", "no_pictures")
def test_the_same_request_again_redraws_nothing_and_gives_the_same_files(clip, first, stored, tmp_path):
    remeasure_clip(clip, stored, HINGE, Settings(), tmp_path, previous_folder=first, **ALL)
    assert list_differing_files(first, tmp_path) == set()


@pytest.fixture(scope="module")
def fresh(clip: Path, tmp_path_factory: pytest.TempPathFactory, pose_model: ModelFile) -> dict[AnalysisRequest, Path]:
    """Results of runs with other requests, made with the pose model."""
    folders = {}
    for name, request in (("marked", MARKED), ("plank", AnalysisRequest(movement="plank"))):
        folders[name] = tmp_path_factory.mktemp("fresh")
        run_clip(clip, request, Settings(), folders[name], **ALL)
    return folders


@pytest.mark.usefixtures("no_model", "no_pictures")
def test_new_marks_and_facts_redraw_no_picture_and_match_a_fresh_run(clip, first, stored, fresh, tmp_path):
    remeasure_clip(clip, stored, MARKED, Settings(), tmp_path, previous_folder=first, **ALL)
    assert list_differing_files(fresh["marked"], tmp_path) == set()
    assert list_differing_files(first, tmp_path) == {"analysis.json", "client.html", "report.html"}
    assert json.loads((tmp_path / "analysis.json").read_text())["provenance"]["settings"]["load_kg"] == 20


@pytest.mark.usefixtures("no_model")
@pytest.mark.parametrize("has_older_result", [True, False])
def test_another_movement_redraws_what_differs_and_matches_a_fresh_run(
    clip, first, stored, fresh, tmp_path, has_older_result
):
    before = first if has_older_result else None
    remeasure_clip(clip, stored, AnalysisRequest(movement="plank"), Settings(), tmp_path, previous_folder=before, **ALL)
    assert list_differing_files(fresh["plank"], tmp_path) == set()
    changed = list_differing_files(first, tmp_path)
    assert {"annotated.mp4", "report.html", "overlay.json"} <= changed and not {"clip.mp4", "track.npz"} & changed


@pytest.mark.usefixtures("no_model")
def test_remeasuring_in_place_replaces_the_older_result(clip, first, stored, fresh, tmp_path):
    for name, data in read_files(first).items():
        (tmp_path / name).write_bytes(data)
    remeasure_clip(clip, stored, MARKED, Settings(), tmp_path, **ALL)
    assert list_differing_files(fresh["marked"], tmp_path) == set()


@pytest.mark.usefixtures("no_model")
def test_missing_or_damaged_files_of_the_older_result_are_recreated(clip, first, stored, tmp_path):
    for name, data in read_files(first).items():
        (tmp_path / name).write_bytes(data)
    (tmp_path / "angles.png").unlink()
    (tmp_path / "clip.mp4").unlink()
    remeasure_clip(clip, stored, HINGE, Settings(), tmp_path, **ALL)
    assert list_differing_files(first, tmp_path) == set()
    (tmp_path / "kept.zip").write_bytes(b"PK not quite")
    remeasure_clip(clip, stored, HINGE, Settings(), tmp_path, **ALL)
    assert list_differing_files(first, tmp_path) == set()


@pytest.mark.usefixtures("no_model")
def test_without_video_and_extras_they_are_not_left_from_before(clip, first, stored, tmp_path):
    for name, data in read_files(first).items():
        (tmp_path / name).write_bytes(data)
    remeasure_clip(clip, stored, HINGE, Settings(), tmp_path, **(ALL | {"options": OutputOptions(video=False)}))
    assert set(read_files(first)) - set(read_files(tmp_path)) == {"annotated.mp4", *BROWSER_FILES}
    assert (tmp_path / "report.html").read_bytes() == (first / "report.html").read_bytes()


@pytest.mark.usefixtures("no_model")
def test_another_clip_subject_or_model_is_not_measured_from_this_track(clip, samples, stored, tmp_path):
    for path, request in (
        (samples / "plank.mp4", HINGE),
        (clip, AnalysisRequest(subject="largest")),
        (clip, AnalysisRequest(model="lite")),
    ):
        with pytest.raises(TrackStoreError, match="Analyse the clip again"):
            remeasure_clip(path, stored, request, Settings(), tmp_path / "out", **ALL)
    assert not (tmp_path / "out").exists()


@pytest.mark.usefixtures("no_model")
def test_with_covered_faces_no_uncovered_picture_is_taken_over(clip, first, stored, tmp_path):
    remeasure_clip(
        clip,
        stored,
        HINGE,
        Settings(),
        tmp_path,
        previous_folder=first,
        **(ALL | {"options": OutputOptions(blur_faces=True, extras=True)}),
    )
    shown = {"annotated.mp4", "clip.mp4", "thumb.jpg", "client.html", "report.html", "kept.zip"}
    assert list_differing_files(first, tmp_path) == shown
    overlay = json.loads((tmp_path / "overlay.json").read_text())
    x, y = overlay["points_px"][0][overlay["names"].index("near_ear")]
    plain, covered = (
        next(read_frames(open_clip(folder / "clip.mp4", Settings())))[1].astype(int) for folder in (first, tmp_path)
    )
    away = np.abs(covered - plain).mean(axis=2)
    assert away[y - 10 : y + 10, x - 10 : x + 20].mean() > 5 * away[y + 150 :].mean()


def test_the_clip_copy_matches_the_overlay(first):
    overlay = json.loads((first / "overlay.json").read_text())
    copy = open_clip(first / "clip.mp4", Settings())
    assert (copy.width_px, copy.height_px) == (overlay["width_px"], overlay["height_px"])
    assert copy.times_s == pytest.approx(np.array(overlay["times_s"]), abs=1e-4)
    with av.open(str(first / "clip.mp4")) as container:
        assert [stream.type for stream in container.streams] == ["video"]


def test_the_shared_page_names_no_file_and_runs_nothing(first):
    page = (first / "client.html").read_text(encoding="utf-8")
    assert "anna" not in page.lower() and "<script" not in page.lower() and "://" not in page
    assert "°" not in page and "What you did" in page and "data:image/jpeg;base64," in page
    assert "Angles over time" not in page and "For the coach" not in page


@pytest.mark.usefixtures("no_model")
def test_marks_of_another_movement_stop_no_measuring_where_they_are_set_aside(clip, first, stored, tmp_path):
    """As the service does it: a report of a rep that the plank cannot have, and one after the clip."""
    marks = {"reports": [{"rep": 7, "level": 1, "where": "back"}, {"at_s": 100, "level": 2}]}
    request = AnalysisRequest(movement="plank", marks=marks)
    with pytest.raises(MarksError, match=r"marks: reports\[0\]: no rep 7 in this clip; it has 0\. Use at_s instead"):
        remeasure_clip(clip, stored, request, Settings(), tmp_path, previous_folder=first, **ALL)
    request = replace(request, unfit_marks="set_aside")
    analysis = remeasure_clip(clip, stored, request, Settings(), tmp_path, previous_folder=first, **ALL).analysis
    assert analysis.movement.name == "plank"
    assert [report["level"] for report in analysis.measures["reported"]] == [1, 2]
    assert [text for text in analysis.quality.warnings if "without its place" in text] == [
        "a report of level 1 counts without its place: no rep 7 in this clip; it has 0",
        "a report of level 2 counts without its place: at 100 s; the clip ends at 2.0 s",
    ]
    assert not {"marks", "unfit_marks"} & set(analysis.provenance.settings)
