"""What the sweep finds: rows that no job pushes, and jobs of unknown workers."""

import threading
import time
from collections.abc import Iterator

import pytest

from api.db import analyses, workers
from api.db.models import AnalysisRow, PendingDeletion
from api.worker import recovery as sweep_module
from api.worker.recovery import RecoverySweep
from tests.api.jobs.conftest import Deployment
from tests.api.jobs.test_dbos_queue import take


@pytest.fixture
def sweep(deployment: Deployment, monkeypatch: pytest.MonkeyPatch) -> Iterator[RecoverySweep]:
    monkeypatch.setattr(sweep_module, "MISSING_JOB_AGE_S", 0)
    yield RecoverySweep(deployment.settings, deployment.database, deployment.files, deployment.jobs, "me")


def test_row_without_a_job_gets_one(deployment: Deployment, sweep: RecoverySweep) -> None:
    lost = deployment.add("", "lost.mp4", submit=False)
    there = deployment.add("", "there.mp4")
    ended = deployment.add("", "ended.mp4")
    deployment.jobs.cancel(ended)  # the job has ended, the row does not know
    assert deployment.jobs.states([lost, there, ended]) == {there: True, ended: False}
    sweep.submit_missing_jobs()
    assert deployment.jobs.states([lost, there, ended]) == {lost: True, there: True, ended: True}


def test_a_row_that_has_ended_is_left_alone(deployment: Deployment, sweep: RecoverySweep) -> None:
    id = deployment.add("", "lift.mp4", submit=False)
    with deployment.database.session() as session:
        analyses.cancel(session, deployment.owner_id, id)
    sweep.submit_missing_jobs()
    assert deployment.jobs.states([id]) == {}


def test_unmeasured_marks_get_a_job(deployment: Deployment, sweep: RecoverySweep) -> None:
    id = deployment.add("", "lift.mp4", submit=False)
    with deployment.database.session() as session:
        analyses.mark_started(session, id, "me")
        analyses.mark_done(session, id, "run", {})
        revision = analyses.set_marks(session, deployment.owner_id, id, {})
    sweep.submit_missing_jobs()
    assert deployment.jobs.states([id, f"{id}:{revision}"]) == {f"{id}:{revision}": True}
    deployment.jobs.forget(id)
    with deployment.database.session() as session:
        session.get_one(AnalysisRow, id).measured_revision = revision
    sweep.submit_missing_jobs()
    assert deployment.jobs.states([id, f"{id}:{revision}"]) == {}


def test_only_the_jobs_of_workers_that_are_gone_are_taken_over(deployment: Deployment, sweep: RecoverySweep) -> None:
    ids = {name: deployment.add("", f"{name}.mp4") for name in ("me", "alive", "unknown")}
    for name, id in ids.items():
        take(deployment.jobs, id, name)
    with deployment.database.session() as session:
        workers.record_heartbeat(session, "alive", "host", 1)
    sweep.requeue_abandoned_jobs()
    assert deployment.jobs.running() == {"me": [ids["me"]], "alive": [ids["alive"]]}


def test_a_locked_job_store_holds_up_nothing_else(
    deployment: Deployment, sweep: RecoverySweep, monkeypatch: pytest.MonkeyPatch
) -> None:
    unlocked = threading.Event()

    def wait_until_unlocked(*_: object, **__: object) -> list[object]:
        unlocked.wait(60)
        return []

    monkeypatch.setattr(deployment.jobs, "_list", wait_until_unlocked)
    monkeypatch.setattr(sweep_module, "_ROWS_INTERVAL_S", 0)
    monkeypatch.setattr(sweep._jobs, "_wait_s", 0.2, raising=False)
    local = deployment.settings.data_dir / "left"
    local.write_text("name")
    deployment.files.put(local, "results/ana_gone/run/angles.csv")
    with deployment.database.session() as session:
        session.add(PendingDeletion(prefix="results/ana_gone"))
    began_s = time.monotonic()
    try:
        sweep.run_once()
    finally:
        unlocked.set()
    assert time.monotonic() - began_s < 30
    assert list(deployment.files.list("results")) == []
