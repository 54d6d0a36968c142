"""A worker that cannot take jobs yet: it says so, and leaves none of its own behind."""

import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from analyzer.errors import ModelError
from api.db import workers
from api.db.models import Worker
from api.storage.store_identity import ID_FILE
from api.worker import process as worker_process
from api.worker.identity import acquire_slot
from tests.api.jobs.conftest import ROOT, Deployment
from tests.api.jobs.test_dbos_queue import take


def reasons(deployment: Deployment) -> tuple[list[str], int]:
    """What workers wait for, and how many take jobs."""
    with deployment.database.read_session() as session:
        return list(workers.list_reasons_to_wait(session)), workers.count_alive(session)


@pytest.mark.server
def test_a_worker_without_its_files_sends_heartbeats_and_returns_its_earlier_jobs(deployment: Deployment) -> None:
    data = deployment.settings.data_dir
    (data / "workers").mkdir()
    (data / "workers" / "1.id").write_text("wrk_mine")
    take_of = deployment.add("", "lift.mp4")
    take(deployment.jobs, take_of, "wrk_mine")
    deployment.files.write_text(ID_FILE, json.dumps({"store_id": "another"}))
    command = [sys.executable, "-m", "tests.api.jobs.worker_process"]
    with (data / "log").open("w") as log:
        worker = subprocess.Popen(command, cwd=ROOT, env=os.environ | deployment.environment(), stdout=log, stderr=log)
    try:
        deployment.wait_until(lambda: reasons(deployment) == (["files that belong to the database"], 0))
        deployment.wait_until(lambda: deployment.jobs.running() == {})
        assert deployment.jobs.states([take_of]) == {take_of: True}
        worker.terminate()
        assert worker.wait(30) == 0
    finally:
        worker.kill()
    with deployment.database.read_session() as session:
        assert session.get(Worker, "wrk_mine") is None


def test_a_worker_without_the_pose_model_says_so_until_it_is_there(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_there, names = threading.Event(), list[str]()

    def find_model(name: str, _settings: object) -> Path:
        names.append(name)
        if not is_there.is_set():
            raise ModelError("no network")
        return Path()

    monkeypatch.setattr(worker_process, "ensure_model", find_model)
    monkeypatch.setattr(worker_process, "_MODEL_WAIT_S", 0.02)
    heartbeat = worker_process._Heartbeat(deployment.database, acquire_slot(deployment.settings.data_dir))
    settings = deployment.settings.model_copy(update={"pose_model": "auto"})
    given = (settings, heartbeat, threading.Event())
    waiting = threading.Thread(target=worker_process._wait_for_model, args=given, daemon=True)
    waiting.start()
    deployment.wait_until(lambda: reasons(deployment) == (["the pose model"], 0))
    is_there.set()
    waiting.join(30)
    assert names[-2:] == ["full", "heavy"]
    heartbeat.take_jobs()
    assert reasons(deployment) == ([], 1)
