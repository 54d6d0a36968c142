"""A batch from start to end: it loses nothing, repeats nothing, and every clip has a result or a reason."""

import errno
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace

import pytest

from analyzer.analysis.subprocess_runner import JobOutcome
from analyzer.batch import clip_job as work
from analyzer.batch.batch_events import ClipFinished
from analyzer.batch.clip_facts import FactsError
from analyzer.batch.clip_job import BatchStoppedError, ClipTask
from analyzer.batch.clip_record import get_result_folder, read_record
from analyzer.batch.run import BatchError
from analyzer.batch.worker_pool import run_pool
from analyzer.settings import Settings
from tests.batch.results import BAD_CLIP, change_mtime, count_outcomes, make_clips_folder, started

# ---- a first run


def test_every_clip_has_a_result_or_a_reason(batch):
    make_clips_folder(batch.folder, one=b"1", two=BAD_CLIP, anna__one=b"11")
    assert count_outcomes(batch.run()) == (2, 1, 0)
    assert (batch.out / "clips/anna/one.mp4/analysis.json").is_file()
    assert (batch.out / "clips/one.mp4/analysis.json").is_file()  # of the same name, elsewhere
    record = read_record(get_result_folder(batch.out, "two.mp4"))
    assert (record.state, record.code) == ("failed", "clip") and record.text.startswith("two.mp4: is not there yet")
    assert set(batch.tables()) == {
        "batch.json",
        "summary.csv",
        "summary.parquet",
        "summary.xlsx",
        "index.html",
    }


def test_traceback_of_an_unexpected_error_is_stored_with_its_message(batch):
    make_clips_folder(batch.folder, one=b"1")
    arose = JobOutcome("died", "error", "one.mp4: KeyError: 'x'", detail="Traceback: line 7")
    assert count_outcomes(batch.run(before=lambda _job: arose)) == (0, 1, 0)
    record = read_record(get_result_folder(batch.out, "one.mp4"))
    assert (record.text, record.detail) == ("one.mp4: KeyError: 'x'", "Traceback: line 7")
    assert b"Traceback" not in batch.tables()["summary.csv"]


def test_facts_override_the_options_in_the_request(batch):
    make_clips_folder(batch.folder, one=b"1", two=b"22")
    (batch.folder / "clips.csv").write_text("file,movement,load_kg,subject\none.mp4,squat,20,central\n")
    batch.run(movement="hinge", workers=1)
    one, two = (job.request for job in batch.analyser.jobs)
    assert (one.movement, one.load_kg, one.subject) == ("squat", 20.0, "central")
    assert (two.movement, two.load_kg, two.subject) == ("hinge", None, "auto")


def test_several_workers_use_one_thread_each(batch):
    make_clips_folder(batch.folder, one=b"1", two=b"22")
    batch.run(workers=2, settings=Settings(pose_threads=2))
    assert {job.settings.pose_threads for job in batch.analyser.jobs} == {1}


@pytest.mark.parametrize(("workers", "order"), [(1, ["a", "b", "c"]), (2, ["c", "b", "a"])])
def test_several_workers_take_the_largest_clips_first(batch, monkeypatch, workers, order):
    make_clips_folder(batch.folder, a=b"1", b=b"22", c=b"333")
    queued = []
    monkeypatch.setattr("analyzer.batch.run.run_pool", lambda tasks, *_: queued.extend(tasks))
    batch.run(workers=workers)
    assert [task.clip.file for task in queued] == [f"{name}.mp4" for name in order]


def test_a_folder_without_clips_is_reported(batch):
    with pytest.raises(BatchError, match="no clips found"):
        batch.run()


def test_patterns_that_leave_no_clip_are_reported(batch):
    make_clips_folder(batch.folder, anna__one=b"1")
    with pytest.raises(BatchError, match=r"--only and --exclude leave no clip in it\. Check the patterns"):
        batch.run(only=("ben",))


def test_a_selection_is_noted_and_its_table_may_have_rows_of_other_clips(batch):
    make_clips_folder(batch.folder, anna__one=b"1", ben__two=b"22")
    (batch.folder / "clips.csv").write_text("file,client\nanna/one.mp4,Anna\ntwo.mp4,Ben\n")
    batch.run(only=("anna",))
    assert started(batch).notes == ("the tables and the page hold only the clips that --only and --exclude select",)
    batch.run()
    assert started(batch).notes == ()


def test_results_of_clips_that_have_left_the_folder_are_noted(batch):
    make_clips_folder(batch.folder, anna__one=b"1", ben__two=b"22", bad=BAD_CLIP)
    batch.run()
    (batch.folder / "ben/two.mp4").unlink()
    (batch.folder / "bad.mp4").unlink()  # has no result
    for options in ({}, {"only": ("anna",)}):
        batch.run(**options)
        (note,) = [note for note in started(batch).notes if "results of clips" in note]
        assert "remain in" in note and note.endswith(": ben/two.mp4")


def test_invalid_table_stops_the_batch_before_any_work(batch):
    make_clips_folder(batch.folder, one=b"1")
    (batch.folder / "clips.csv").write_text("file,load_kg\none.mp4,x\n")
    with pytest.raises(FactsError):
        batch.run()
    assert not batch.out.exists()


def test_two_batches_do_not_write_to_one_folder(batch):
    make_clips_folder(batch.folder, one=b"1")
    refused = []

    def second(_job):
        with pytest.raises(BatchError, match="another batch is writing there"):
            batch_again.run()
        refused.append(True)

    batch_again = type(batch)(batch.folder, batch.out)
    batch.run(before=second)
    assert refused == [True]


# ---- what failed


def test_a_crashed_child_process_is_retried_once(batch):
    make_clips_folder(batch.folder, one=b"1")
    deaths = [JobOutcome("died", "crash", "one.mp4: crashed")]
    assert count_outcomes(batch.run(before=lambda _job: deaths.pop() if deaths else None)) == (1, 0, 0)
    make_clips_folder(batch.folder, two=b"22")
    assert count_outcomes(batch.run(before=lambda _job: JobOutcome("died", "crash", "two.mp4: crashed"))) == (1, 1, 0)
    assert batch.done == ["two.mp4", "two.mp4"]


def test_an_unreadable_file_is_a_row_and_retried_every_time(batch, monkeypatch):
    make_clips_folder(batch.folder, one=b"1", two=b"22")
    sha256 = work.compute_sha256

    def refused(path):
        if path.name == "one.mp4":
            raise PermissionError(13, "Permission denied")
        return sha256(path)

    monkeypatch.setattr(work, "compute_sha256", refused)
    assert count_outcomes(batch.run()) == (1, 1, 0)
    assert b"cannot be read (Permission denied)" in batch.tables()["summary.csv"]
    monkeypatch.setattr(work, "compute_sha256", sha256)
    assert count_outcomes(batch.run()) == (2, 0, 0)


def test_a_temporarily_unavailable_share_loses_no_result(batch, monkeypatch):
    make_clips_folder(batch.folder, one=b"1")
    batch.run()
    change_mtime(batch.folder / "one.mp4")  # so that it has to be read
    with monkeypatch.context() as patch:
        patch.setattr(work, "compute_sha256", lambda path: (_ for _ in ()).throw(OSError(5, "Input/output error")))
        batch.run()
    assert read_record(get_result_folder(batch.out, "one.mp4")).state == "done"
    batch.run()
    assert batch.statuses == {"one.mp4": "unchanged"}


@pytest.mark.parametrize("code", ["disk_full", "model"])
def test_an_error_unrelated_to_a_clip_stops_the_batch_without_failing_clips(batch, code):
    make_clips_folder(batch.folder, one=b"1", two=b"22", three=b"333")
    outcomes = [JobOutcome("died", code, "three.mp4: /results: the disk is full."), None]
    with pytest.raises(BatchStoppedError, match=r"^/results: the disk is full\. Nothing is lost"):
        batch.run(workers=1, before=lambda _job: outcomes.pop())
    assert read_record(get_result_folder(batch.out, "three.mp4")) is None  # the second in order
    assert count_outcomes(batch.run()) == (3, 0, 0)
    assert batch.done == ["three.mp4", "two.mp4"]


def test_a_full_disk_stops_the_batch(batch, monkeypatch):
    make_clips_folder(batch.folder, one=b"1")

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device", "/results/record.json")

    with monkeypatch.context() as patch:
        patch.setattr("analyzer.batch.clip_job.write_record", full)
        with pytest.raises(BatchStoppedError, match=r"^/results/record\.json: the disk is full\. .* Nothing is lost"):
            batch.run()
    assert count_outcomes(batch.run()) == (1, 0, 0)


# ---- the same content twice


def test_duplicate_clips_are_tracked_once(batch):
    make_clips_folder(batch.folder, one=b"same", two=b"same", three=b"other")
    slow = threading.Event()

    def wait(job):
        if job.track is None and job.clip.read_bytes() == b"same":
            slow.wait(0.5)

    assert count_outcomes(batch.run(workers=3, before=wait)) == (3, 0, 0)
    assert sorted(batch.statuses.values()) == ["analysed", "analysed", "recomputed"]
    assert {event.file for event in batch.events if isinstance(event, ClipFinished)} == {
        "one.mp4",
        "two.mp4",
        "three.mp4",
    }


def test_duplicate_clips_that_fail_have_a_reason_each(batch):
    make_clips_folder(batch.folder, one=BAD_CLIP, two=BAD_CLIP)
    assert count_outcomes(batch.run(workers=2)) == (0, 2, 0)
    assert [reason.partition(":")[0] for _, reason in batch.events[-1].failures] == ["one.mp4", "two.mp4"]


# ---- stopped


def interrupt(batch) -> None:
    """Send SIGINT and return once the batch has received it."""
    os.kill(os.getpid(), signal.SIGINT)
    until_s = time.monotonic() + 60
    while not batch.analyser.cancelled():
        assert time.monotonic() < until_s
        time.sleep(0.01)


def test_after_ctrl_c_the_next_run_continues(batch):
    make_clips_folder(batch.folder, **{f"c{number}": b"x" * (number + 1) for number in range(6)})

    def stop_at_third(job):
        if job.clip.name == "c2.mp4":
            interrupt(batch)
            return JobOutcome("cancelled", "cancelled", "")
        return None

    with pytest.raises(KeyboardInterrupt):
        batch.run(workers=1, before=stop_at_third)
    assert count_outcomes(batch.events[-1]) == (2, 0, 4)
    assert batch.tables()["summary.csv"].count(b",waiting,") == 4
    assert count_outcomes(batch.run()) == (6, 0, 0)
    assert batch.done == ["c2.mp4", "c3.mp4", "c4.mp4", "c5.mp4"]


def test_a_stopped_and_resumed_batch_has_the_tables_of_an_uninterrupted_one(batch, tmp_path):
    make_clips_folder(batch.folder, one=b"1", two=b"22", bad=BAD_CLIP)

    def stop(job):
        if job.clip.name == "one.mp4":
            interrupt(batch)
            return JobOutcome("died", "crash", "the same Ctrl-C ended it")
        return None

    with pytest.raises(KeyboardInterrupt):
        batch.run(workers=1, before=stop)
    batch.run()
    calm = type(batch)(batch.folder, tmp_path / "calm")
    calm.run(workers=3)
    assert batch.tables() == calm.tables()


def test_half_written_files_of_a_killed_run_go(batch):
    make_clips_folder(batch.folder, one=b"1")
    left = get_result_folder(batch.out, "one.mp4") / ".unfinished-abc"
    left.mkdir(parents=True)
    (left / "angles.csv").write_text("half")
    batch.run()
    assert not left.exists()


def test_results_copied_elsewhere_are_known_there(batch, tmp_path):
    make_clips_folder(batch.folder, one=b"1", two=b"22")
    batch.run()
    shutil.copytree(batch.out, tmp_path / "moved")
    moved = type(batch)(batch.folder, tmp_path / "moved")
    moved.run()
    assert moved.done == [] and moved.tables() == batch.tables()


def test_an_error_in_one_worker_ends_all_and_is_raised(tmp_path):
    stop = threading.Event()

    def do(task, worker):
        raise RuntimeError("no way")

    task = ClipTask(None, None)
    with pytest.raises(RuntimeError, match="no way"):
        run_pool([task, replace(task)], 2, do, stop)
    assert stop.is_set()


# ---- the command's own process


def test_the_command_imports_no_scipy():
    """Importing it takes a second, too long when only texts have changed."""
    program = (
        "import sys, analyzer.batch.run\n"
        "from analyzer.movements.registry import load_movements\n"
        "assert 'hinge' in load_movements()\n"
        "print('scipy' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
