"""`analyzer batch` as a shell runs it, with pose model and child processes."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from analyzer.clip.frame_reader import read_frames
from analyzer.clip.h264_writer import VideoWriter
from analyzer.clip.probe import open_clip
from analyzer.pose.model_store import ModelFile
from analyzer.settings import Settings
from tests.command import RunCommand

COMMAND = [sys.executable, "-m", "analyzer", "batch"]
FILES = {"analysis.json", "angles.csv", "angles.png", "report.html", "track.npz", "thumb.jpg", "record.json"}


def run(*arguments: object) -> subprocess.CompletedProcess:
    return subprocess.run([*COMMAND, *map(str, arguments)], capture_output=True, text=True, check=False)


def read_events(done: subprocess.CompletedProcess) -> list[dict]:
    assert "Traceback" not in done.stdout + done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture(scope="module")
def folder(samples: Path, tmp_path_factory) -> Path:
    """Two pieces of a hinge, one of them twice, and a text."""
    path = tmp_path_factory.mktemp("season")
    whole = open_clip(samples / "hinge_neutral.mp4", Settings())
    for name, start in (("anna/hinge.mp4", 60), ("ben/hinge.mp4", 90)):
        (path / name).parent.mkdir()
        with VideoWriter(path / name, whole.width_px, whole.height_px) as writer:
            for index, image in read_frames(whole, start, start + 30):
                writer.write(image, whole.times_s[index] - whole.times_s[start])
    (path / "copy.mp4").write_bytes((path / "anna/hinge.mp4").read_bytes())
    (path / "text.mp4").write_text("no video")
    (path / "clips.csv").write_text("file;client;load_kg;date\nanna/hinge.mp4;Anna;40,5;2.3.2026\n")
    return path


@pytest.fixture(scope="module")
def first(folder: Path, tmp_path_factory, pose_model: ModelFile) -> tuple[Path, subprocess.CompletedProcess]:
    out = tmp_path_factory.mktemp("results") / "out"
    return out, run(folder, "--out", out, "--no-video", "--jsonl", "--workers", 2)


def test_every_clip_has_a_result_or_a_reason(first, folder):
    out, done = first
    assert done.returncode == 1, done.stderr
    events = read_events(done)
    assert (events[0]["event"], events[0]["clips"], events[0]["workers"]) == ("started", 4, 2)
    assert (events[-1]["done"], events[-1]["failed"]) == (3, 1)
    statuses = {event["file"]: event["status"] for event in events if event["event"] in ("done", "failed")}
    assert sorted(statuses.values()) == ["analysed", "analysed", "failed", "recomputed"]
    assert {path.name for path in (out / "clips/anna/hinge.mp4").iterdir()} - {"kept.zip"} == FILES
    rows = (out / "summary.csv").read_text(encoding="utf-8").splitlines()
    assert rows[1].startswith("anna/hinge.mp4,Anna,2026-03-02,") and "text.mp4: is a text file" in rows[4]


def test_a_reused_track_gives_the_same_result_as_tracking(first):
    out, _ = first
    own, copied = out / "clips/anna/hinge.mp4", out / "clips/copy.mp4"
    assert (own / "angles.csv").read_bytes() == (copied / "angles.csv").read_bytes()
    assert (own / "track.npz").read_bytes() == (copied / "track.npz").read_bytes()


def test_one_worker_with_threads_gives_the_same_bytes(first, folder, tmp_path):
    out, _ = first
    run(folder, "--out", tmp_path / "out", "--no-video", "--quiet", "--workers", 1)
    names = ["summary.csv", "summary.parquet", "summary.xlsx", "clips/ben/hinge.mp4/analysis.json"]
    for name in names:
        assert (tmp_path / "out" / name).read_bytes() == (out / name).read_bytes(), name


def test_a_second_run_has_nothing_to_do(first, folder):
    out, _ = first
    before = {path.name: path.read_bytes() for path in out.iterdir() if path.is_file()}
    done = run(folder, "--out", out, "--no-video", "--jsonl")
    events = read_events(done)
    assert done.returncode == 1 and [event["event"] for event in events] == ["started", "summary"]
    assert (events[0]["unchanged"], events[0]["failed_before"], events[0]["to_do"]) == (3, 1, 0)
    assert {path.name: path.read_bytes() for path in out.iterdir() if path.is_file()} == before


def test_a_killed_and_restarted_batch_gives_the_same_result(first, folder, tmp_path):
    calm, _ = first
    out = tmp_path / "out"
    command = [*COMMAND, str(folder), "--out", str(out), "--no-video", "--workers", "1", "--jsonl"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    for line in process.stdout:
        if json.loads(line)["event"] == "done":
            break
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    again = read_events(run(folder, "--out", out, "--no-video", "--jsonl"))
    assert again[0]["unchanged"] + again[0]["failed_before"] >= 1 and again[-1]["done"] == 3
    for name in ("summary.csv", "summary.parquet", "summary.xlsx"):
        assert (out / name).read_bytes() == (calm / name).read_bytes()


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_batch_explains_how_to_continue(folder, tmp_path, pose_model: ModelFile, stop):
    command = [*COMMAND, str(folder), "--out", str(tmp_path / "out"), "--no-video", "--jsonl"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    for line in process.stdout:
        if json.loads(line)["event"] == "progress":
            break
    process.send_signal(stop)
    _, errors = process.communicate(timeout=180)
    assert (
        process.returncode == 128 + stop
        and errors == "Stopped. Finished results remain; run the same command to continue.\n"
    )
    assert list((tmp_path / "out").rglob(".unfinished-*")) == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["{folder}/none", "--out", "{tmp}/out"], "is not a folder"),
        (["{folder}", "--out", "{folder}"], "a folder other than that of the clips"),
        (["{folder}", "--out", "{tmp}/out", "--movement", "dance"], "dance: unknown movement"),
        (["{folder}", "--out", "{tmp}/out", "--facts", "{folder}/text.mp4"], "has no column 'file'"),
        (["{folder}", "--out", "{tmp}/out", "--workers", "0"], "--workers"),
        (["{folder}"], "--out"),
    ],
)
def test_wrong_usage_is_reported_and_changes_nothing(folder, tmp_path, run_here: RunCommand, arguments, words):
    done = run_here("batch", *(argument.format(folder=folder, tmp=tmp_path) for argument in arguments))
    assert done.returncode == 2 and words in done.stderr and "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_variant_of_another_movement_than_that_of_the_batch_is_wrong_usage(tmp_path, run_here: RunCommand):
    (tmp_path / "clips").mkdir()
    (tmp_path / "clips" / "one.mp4").write_text("no video")
    (tmp_path / "clips" / "clips.csv").write_text("file,variant\none.mp4,sumo\n")
    done = run_here("batch", tmp_path / "clips", "--out", tmp_path / "out", "--movement", "plank")
    assert done.returncode == 2 and "Traceback" not in done.stderr
    assert "line 2: variant 'sumo': is not a variant of plank; choose forearm, high" in done.stderr
    assert not (tmp_path / "out").exists()


def test_results_among_the_clips_themselves_are_refused(tmp_path, run_here: RunCommand):
    (tmp_path / "clips").mkdir()
    done = run_here("batch", tmp_path / "clips", "--out", tmp_path)
    assert done.returncode == 2 and "the results would be written among the clips" in done.stderr


def test_the_page_opens_from_disk_on_a_phone_and_sorts(first, browser):
    out, _ = first
    page = browser.new_page(viewport={"width": 360, "height": 780})
    troubles = []
    page.on("console", lambda message: troubles.append(message.text))
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.goto((out / "index.html").as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    page.evaluate("document.querySelectorAll('img').forEach((one) => { one.loading = 'eager'; })")
    page.wait_for_function("[...document.images].filter((one) => one.naturalWidth).length === 3")

    def shown() -> list[str]:
        return [text.strip() for text in page.locator("tbody tr:visible th > a").all_inner_texts()]

    assert shown() == ["anna/hinge.mp4", "ben/hinge.mp4", "copy.mp4"]
    page.get_by_role("button", name="Largest first").click()
    assert shown() == ["copy.mp4", "ben/hinge.mp4", "anna/hinge.mp4"]
    page.get_by_label("Find").fill("anna 2026")
    assert shown() == ["anna/hinge.mp4"]
    page.close()
    assert troubles == []
