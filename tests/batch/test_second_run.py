"""A second run of a batch: what is unchanged, measured again and tracked again."""

import pytest

from analyzer.analysis.subprocess_runner import JobOutcome
from analyzer.batch.clip_record import get_result_folder
from analyzer.settings import Settings
from tests.batch.results import BAD_CLIP, change_mtime, count_outcomes, make_clips_folder, started


def test_finished_clips_are_not_repeated(batch):
    make_clips_folder(batch.folder, one=b"1", two=BAD_CLIP)
    batch.run()
    before = batch.tables()
    assert count_outcomes(batch.run()) == (1, 1, 0)
    assert batch.done == []
    assert (started(batch).unchanged, started(batch).failed_before, started(batch).to_do) == (1, 1, 0)
    assert batch.tables() == before


def test_a_copied_or_touched_clip_is_identified_by_its_content(batch):
    make_clips_folder(batch.folder, one=b"1")
    batch.run()
    change_mtime(batch.folder / "one.mp4")
    batch.run()
    assert batch.statuses == {"one.mp4": "unchanged"} and batch.done == []
    batch.run()
    assert started(batch).to_do == 0  # and noted, so that it is not read a third time


def test_a_changed_clip_is_analysed_again(batch):
    make_clips_folder(batch.folder, one=b"1", two=b"22")
    batch.run()
    (batch.folder / "one.mp4").write_bytes(b"3")  # of the same size
    batch.run()
    assert batch.done == ["one.mp4"] and batch.analyser.jobs[0].track is None


def test_a_clip_with_new_content_leaves_no_old_result(batch):
    make_clips_folder(batch.folder, one=b"1")
    batch.run()
    (batch.folder / "one.mp4").write_bytes(BAD_CLIP)
    assert count_outcomes(batch.run()) == (0, 1, 0)
    assert {path.name for path in get_result_folder(batch.out, "one.mp4").iterdir()} == {"record.json"}


def test_other_wishes_measure_again_without_tracking_again(batch):
    make_clips_folder(batch.folder, one=b"1", two=b"22")
    batch.run()
    (batch.folder / "clips.csv").write_text("file,load_kg\none.mp4,20\n")
    batch.run()
    assert batch.done == ["one.mp4"] and batch.statuses == {"one.mp4": "recomputed"}
    assert batch.analyser.jobs[0].track == get_result_folder(batch.out, "one.mp4") / "track.npz"


def test_a_movement_corrected_in_the_table_is_measured_again_once(batch):
    make_clips_folder(batch.folder, one=b"1", two=b"22")
    batch.run()
    (batch.folder / "clips.csv").write_text("file,movement,variant\none.mp4,squat,goblet\n")
    batch.run()
    assert batch.statuses == {"one.mp4": "recomputed"}
    request = batch.analyser.jobs[0].request
    assert (request.movement, request.variant) == ("squat", "goblet")
    batch.run()
    assert batch.done == []


def test_another_subject_is_tracked_again(batch):
    make_clips_folder(batch.folder, one=b"1")
    batch.run()
    (batch.folder / "clips.csv").write_text("file,subject\none.mp4,largest\n")
    batch.run()
    assert batch.statuses == {"one.mp4": "analysed"}


def test_another_pose_model_tracks_all_clips_again(batch, monkeypatch):
    make_clips_folder(batch.folder, one=b"1")
    models: list[str] = []
    monkeypatch.setattr("analyzer.batch.run.ensure_model", lambda name, _settings: models.append(name))
    batch.run()
    batch.run(model="lite")
    assert [(job.request.model, job.track) for job in batch.analyser.jobs] == [("lite", None)]
    assert models == ["full", "lite"]
    batch.run(model="auto")
    assert models[2:] == ["full", "heavy"], "before the first clip"


def test_new_texts_or_code_measure_all_clips_again(batch, monkeypatch):
    make_clips_folder(batch.folder, one=b"1", two=b"22")
    batch.run()
    monkeypatch.setattr("analyzer.batch.result_key.digest_measuring_code", lambda: "changed")
    batch.run()
    assert batch.statuses == {"one.mp4": "recomputed", "two.mp4": "recomputed"}


def test_a_result_with_a_video_serves_a_batch_without_one_but_not_the_reverse(batch):
    make_clips_folder(batch.folder, one=b"1")
    batch.run(video=False)
    batch.run(video=True)
    assert batch.statuses == {"one.mp4": "recomputed"}
    batch.run(video=False)
    assert batch.done == [] and (get_result_folder(batch.out, "one.mp4") / "annotated.mp4").is_file()


@pytest.mark.parametrize("name", ["analysis.json", "report.html", "track.npz", "record.json"])
def test_a_deleted_result_is_created_again(batch, name):
    make_clips_folder(batch.folder, one=b"1")
    batch.run()
    (get_result_folder(batch.out, "one.mp4") / name).unlink()
    batch.run()
    assert batch.done == ["one.mp4"] and count_outcomes(batch.events[-1]) == (1, 0, 0)


def test_a_damaged_record_is_ignored(batch):
    make_clips_folder(batch.folder, one=b"1")
    batch.run()
    (get_result_folder(batch.out, "one.mp4") / "record.json").write_text('{"schema": 1, "file": 3}')
    batch.run()
    assert batch.done == ["one.mp4"]


def test_a_renamed_clip_is_not_tracked_again(batch):
    make_clips_folder(batch.folder, one=b"1")
    batch.run()
    (batch.folder / "one.mp4").rename(batch.folder / "anna hinge.mp4")
    batch.run()
    assert batch.statuses == {"anna hinge.mp4": "recomputed"}
    assert batch.analyser.jobs[0].track == get_result_folder(batch.out, "one.mp4") / "track.npz"
    assert b"one.mp4" not in batch.tables()["summary.csv"]


# ---- what failed


def test_failed_clips_are_retried_on_request_or_with_new_limits(batch):
    make_clips_folder(batch.folder, one=BAD_CLIP)
    batch.run()
    batch.run(retry_failed=True)
    assert batch.done == ["one.mp4"]
    batch.run(settings=Settings(max_duration_s=7))
    assert batch.done == ["one.mp4"]
    batch.run(settings=Settings(max_duration_s=7))
    assert batch.done == []


def test_a_clip_that_failed_with_other_options_reuses_its_track(batch):
    make_clips_folder(batch.folder, one=b"1")
    batch.run()
    (batch.folder / "clips.csv").write_text("file,load_kg\none.mp4,20\n")
    text = "one.mp4: the analysis took longer than 30 minutes"
    batch.run(before=lambda _job: JobOutcome("too_long", "too_long", text))
    assert count_outcomes(batch.events[-1]) == (0, 1, 0)
    batch.run(retry_failed=True)
    assert batch.statuses == {"one.mp4": "recomputed"}
