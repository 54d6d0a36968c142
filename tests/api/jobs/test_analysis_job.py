"""What counts when two starts of one job meet, and when an answer of the database is lost."""

import logging
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from analyzer.analysis import subprocess_runner as child
from analyzer.analysis.subprocess_runner import JobOutcome
from api.db import analyses, clients
from api.db.models import AnalysisRow, ClipRow
from api.jobs import analysis_job as working
from api.jobs import retries as patience
from api.jobs.analysis_job import JobContext, JobRunner
from api.jobs.error_texts import remove_clip_name, replace_stored_name
from api.jobs.job_spec import JobSpec
from tests.api.jobs.conftest import Deployment
from tests.api.jobs.tasks import play


@pytest.fixture
def work(deployment: Deployment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> JobRunner:
    """A worker's work in this process."""
    monkeypatch.setattr(child, "_PRELOAD", ("tests.api.jobs.tasks",))
    monkeypatch.setattr(patience, "_FIRST_WAIT_S", 0.01)
    task = partial(play, runs=deployment.runs)  # the fork server may be older than this test's environment
    shop = JobContext(deployment.settings, deployment.database, deployment.files, "me", tmp_path / "scratch", 1, task)
    return JobRunner(shop)


def test_first_start_to_finish_gives_the_result(
    deployment: Deployment, work: JobRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    id = deployment.add("", "lift.mp4", submit=False)
    put = work._put

    def put_and_be_overtaken(id: str, run: str, folder: Path) -> None:
        put(id, run, folder)
        other = deployment.settings.data_dir / "other.json"
        for name in ("track.npz", "report.html", "analysis.json"):
            other.write_text("{}")
            deployment.files.put(other, f"results/{id}/other/{name}")
        with deployment.database.session() as session:
            assert analyses.mark_done(session, id, "other", {})

    monkeypatch.setattr(work, "_put", put_and_be_overtaken)
    work.run_job(id, None)
    assert deployment.row(id).run == "other"
    assert deployment.assert_complete(id)


def test_files_of_an_earlier_start_are_deleted(deployment: Deployment, work: JobRunner) -> None:
    id = deployment.add("", "lift.mp4", submit=False)
    left = deployment.settings.data_dir / "left"
    left.write_text("{}")
    deployment.files.put(left, f"results/{id}/earlier/track.npz")
    work.run_job(id, None)
    assert deployment.assert_complete(id)


def test_a_lost_answer_of_the_database_loses_no_result(
    deployment: Deployment, work: JobRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    id = deployment.add("", "lift.mp4", submit=False)
    finish, lost = work._finish, list[None]()

    def finish_and_lose_the_answer(*given: Any) -> bool:
        answer = finish(*given)
        if not lost:
            lost.append(None)
            raise ConnectionError("the answer")
        return answer

    monkeypatch.setattr(work, "_finish", finish_and_lose_the_answer)
    work.run_job(id, None)
    assert lost
    assert deployment.assert_complete(id)


def test_job_of_a_cancelled_analysis_leaves_nothing(deployment: Deployment, work: JobRunner) -> None:
    id = deployment.add("", "lift.mp4", submit=False)
    left = deployment.settings.data_dir / "left"
    left.write_text("{}")
    deployment.files.put(left, f"results/{id}/earlier/track.npz")
    with deployment.database.session() as session:
        analyses.cancel(session, deployment.owner_id, id)
    work.run_job(id, None)
    assert deployment.results(id) == {}
    assert deployment.runs_of("lift.mp4") == 0


def test_full_disk_does_not_fail_the_clips_of_a_folder(
    deployment: Deployment, work: JobRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    outcomes = ["disk_full", "model", "disk_full", "disk_full"]

    def in_child(*_: Any, **__: Any) -> JobOutcome:
        return JobOutcome("died", outcomes.pop(), "no room") if outcomes else JobOutcome("refused", "clip", "too dark")

    monkeypatch.setattr(work, "_run_in_child", in_child)
    monkeypatch.setattr(working, "_MACHINE_RETRY_WAIT_S", 0.01)
    id = deployment.add("", "lift.mp4", submit=False)
    clip_id = deployment.row(id).clip_id
    with deployment.database.session() as session:
        session.get_one(ClipRow, clip_id).managed = False
    work.run_job(id, None)
    row = deployment.row(id)
    assert (row.status, row.error_code, outcomes) == ("failed", "clip", [])
    sent = deployment.add("", "sent.mp4", submit=False)
    outcomes.append("disk_full")  # waits for space, too
    work.run_job(sent, None)
    assert (deployment.row(sent).error_code, outcomes) == ("clip", [])
    without_model = deployment.add("", "model.mp4", submit=False)
    outcomes.append("model")
    work.run_job(without_model, None)
    assert deployment.row(without_model).error_code == "model"


def test_a_full_disk_starts_no_job_until_there_is_space(
    deployment: Deployment, work: JobRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = [True, True, False]
    monkeypatch.setattr(work._disk, "is_low", lambda: looks.pop(0))
    monkeypatch.setattr(working, "_SPACE_WAIT_S", 0.01)
    monkeypatch.setattr(work, "_run_in_child", lambda *_, **__: JobOutcome("refused", "clip", "too dark"))
    id = deployment.add("", "lift.mp4", submit=False)
    work.run_job(id, None)
    assert (deployment.row(id).error_code, looks) == ("clip", [])


def test_the_owner_reads_no_paths_of_the_server_and_the_log_no_name_of_a_clip(
    deployment: Deployment, work: JobRunner, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    text = "pose_landmarker_full.task cannot be stored in /srv/films/cache"
    outcomes = [
        JobOutcome("died", "model", text),
        JobOutcome("died", "error", "anna-schmidt.mp4: failed", detail="in /srv/films/anna-schmidt.mp4, anna-schmidt"),
        JobOutcome("refused", "clip", "anna-schmidt.mp4: too dark"),
    ]
    monkeypatch.setattr(work, "_run_in_child", lambda *_, **__: outcomes.pop(0))
    for name in ("bert.mp4", "anna-schmidt.mp4", "anna-schmidt.mp4"):
        work.run_job(deployment.add("", name, submit=False), None)
    with deployment.database.read_session() as session:
        errors = {row.error_code: row.error for row in session.scalars(select(AnalysisRow))}
    assert "/srv" not in (errors["model"] or "") and "analyzer models pull" in (errors["model"] or "")
    assert text in caplog.text
    assert "anna" not in caplog.text and "bert" not in caplog.text


def test_a_lift_takes_the_rounding_of_the_clients_own_toe_touch(deployment: Deployment, work: JobRunner) -> None:
    def add(name: str, back_deg: float | None, client_id: str | None, movement: str = "auto") -> str:
        id = deployment.add("", name, submit=False, client_id=client_id, movement=movement)
        if back_deg is not None:
            with deployment.database.session() as session:
                assert analyses.mark_started(session, id, "me")
                assert analyses.mark_done(session, id, "run", {"movement": "toe_touch", "back_deg": back_deg})
        return id

    def marks_of(id: str) -> object:
        work.run_job(id, None)
        return deployment.read_result_json(id)["marks"]

    with deployment.database.session() as session:
        own, other = (clients.get_or_create(session, deployment.owner_id, name).id for name in ("Kim", "Robin"))
    assert marks_of(add("first.mp4", None, own)) is None
    add("bend.mp4", 71.5, own)
    add("unknown.mp4", 0.0, own)
    add("other.mp4", 40.0, other)
    assert marks_of(add("lift.mp4", None, own)) == {"toe_touch_rounding_deg": 71.5}
    assert marks_of(add("alone.mp4", None, None)) is None
    assert marks_of(add("again.mp4", None, own, "toe_touch")) is None


def test_a_link_among_the_results_is_not_stored(deployment: Deployment, work: JobRunner, tmp_path: Path) -> None:
    """A decoder that was taken over could link to files that the worker can read and it cannot."""
    folder, secret = tmp_path / "made", tmp_path / "secret"
    folder.mkdir()
    secret.write_text("clients")
    (folder / "angles.csv").symlink_to(secret)
    (folder / "analysis.json").write_text("{}")
    work._put("ana_1", "run", folder)
    assert list(deployment.files.list("results")) == ["results/ana_1/run/analysis.json"]
    assert secret.read_text() == "clients"


@pytest.mark.parametrize(
    ("name", "text", "logged"),
    [
        ("Anna Berg.mp4", "Anna Berg.mp4: too dark, see Anna Bergs", "CLIP: too dark, see CLIPs"),
        ("b.mov", "b.mov: cannot be opened, b", "CLIP: cannot be opened, CLIP"),
    ],
)
def test_the_log_has_no_name_of_a_clip_and_its_other_words(
    deployment: Deployment, name: str, text: str, logged: str
) -> None:
    id = deployment.add("", name, submit=False)
    with deployment.database.session() as session:
        spec = JobSpec.from_row(session, session.get_one(AnalysisRow, id))
    assert remove_clip_name(spec, text) == logged


def test_an_error_names_the_clip_as_it_was_sent(deployment: Deployment) -> None:
    id = deployment.add("", "a.mp4", submit=False)
    with deployment.database.session() as session:
        row = session.get_one(AnalysisRow, id)
        session.get_one(ClipRow, row.clip_id).name = "2026-11-30 19.58.30.mp4"
        spec = JobSpec.from_row(session, row)
    assert replace_stored_name(spec, "a.mp4: is too long. Trim it.") == "2026-11-30 19.58.30.mp4: is too long. Trim it."
    assert replace_stored_name(spec, "No space is left.") == "No space is left."
