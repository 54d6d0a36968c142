"""Workers as on several machines: PostgreSQL, an object store, data folders of their own."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from api.db.models import Worker
from tests.api.jobs.conftest import Deployment, find_analysis_processes, kill_worker

pytestmark = pytest.mark.server


def test_workers_share_the_work_and_take_over(postgres_deployment: Deployment, tmp_path: Path) -> None:
    deployment = postgres_deployment
    first, second = deployment.worker(tmp_path / "first"), deployment.worker(tmp_path / "second")
    ids = [deployment.add("sleep 1", f"lift{n}.mp4") for n in range(6)]
    deployment.wait_until(lambda: deployment.ended(*ids))
    assert all(deployment.assert_complete(id) for id in ids)
    assert {deployment.row(id).worker_id for id in ids} == {first.worker_id, second.worker_id}
    assert all(deployment.runs_of(f"lift{n}.mp4") == 1 for n in range(6))

    long = [deployment.add("wait", f"long{n}.mp4") for n in range(4)]
    deployment.wait_until(lambda: all(deployment.row(id).status == "running" for id in long))
    theirs = [id for id in long if deployment.row(id).worker_id == first.worker_id]
    assert len(theirs) == 2
    kill_worker(first)
    with deployment.database.session() as session:  # as if a minute had passed
        row = session.get_one(Worker, first.worker_id)
        row.heartbeat_at = datetime.now(UTC) - timedelta(seconds=61)
    deployment.open_gate()
    deployment.wait_until(lambda: deployment.ended(*long))
    assert all(deployment.assert_complete(id) for id in long)
    assert {deployment.row(id).worker_id for id in long} == {second.worker_id}
    deployment.wait_until(lambda: not is_known(deployment, first.worker_id))
    deployment.wait_until(lambda: deployment.jobs.running() == {})


def is_known(deployment: Deployment, worker_id: str) -> bool:
    with deployment.database.read_session() as session:
        return session.get(Worker, worker_id) is not None


def test_a_worker_that_was_only_slow_leaves_nothing_behind(postgres_deployment: Deployment, tmp_path: Path) -> None:
    """It is taken for gone while it works: the other's result counts, its own child ends and its files go."""
    deployment = postgres_deployment
    slow = deployment.worker(tmp_path / "slow")
    id = deployment.add("wait", "lift.mp4")
    deployment.wait_until(lambda: deployment.row(id).status == "running")
    other = deployment.worker(tmp_path / "other")
    assert deployment.jobs.requeue_abandoned_jobs(slow.worker_id) == 1
    deployment.wait_until(lambda: deployment.row(id).starts == 2)
    deployment.wait_until(lambda: deployment.runs_of("lift.mp4") == 2)
    deployment.wait_until(lambda: len(find_analysis_processes(slow) + find_analysis_processes(other)) == 1)
    deployment.open_gate()
    deployment.wait_until(lambda: deployment.ended(id))
    assert deployment.assert_complete(id)
    assert deployment.runs_of("lift.mp4") == 2
