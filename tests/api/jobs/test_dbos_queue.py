"""The port on the job engine, and the one call past its public face, on both databases."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy

from api.jobs.dbos_queue import DbosJobQueue
from api.settings import ServiceSettings


@pytest.fixture
def jobs(database_url: str, tmp_path: Path) -> Iterator[DbosJobQueue]:
    settings = ServiceSettings(data_dir=tmp_path, database_url=database_url)
    queue = DbosJobQueue(settings.queue_url)
    yield queue
    queue.close()


def take(jobs: DbosJobQueue, id: str, executor: str) -> None:
    """As when an executor takes a job."""
    table = jobs._client._sys_db.tables.workflow_status
    with jobs._client._sys_db.engine.begin() as connection:
        connection.execute(
            sqlalchemy.update(table).where(table.c.workflow_uuid == id).values(status="PENDING", executor_id=executor)
        )


def test_job_submitted_twice_runs_once(jobs: DbosJobQueue) -> None:
    jobs.submit("ana_1", 10)
    jobs.submit("ana_1", 1)
    assert jobs.states(["ana_1", "ana_2"]) == {"ana_1": True}


def test_only_jobs_that_the_executor_still_has_are_taken_over(jobs: DbosJobQueue) -> None:
    for id in ("ana_1", "ana_2", "ana_3"):
        jobs.submit(id, 10)
    take(jobs, "ana_1", "gone")
    take(jobs, "ana_2", "alive")
    assert jobs.running() == {"gone": ["ana_1"], "alive": ["ana_2"]}
    assert jobs.requeue_abandoned_jobs("gone") == 1
    assert jobs.requeue_abandoned_jobs("gone") == 0
    assert jobs.running() == {"alive": ["ana_2"]}
    assert jobs.states(["ana_1", "ana_2", "ana_3"]) == {"ana_1": True, "ana_2": True, "ana_3": True}


def test_cancelled_job_leaves_the_queue(jobs: DbosJobQueue) -> None:
    jobs.submit("ana_1", 10)
    jobs.submit("ana_2", 10)
    take(jobs, "ana_2", "alive")
    for id in ("ana_1", "ana_2", "ana_none"):
        jobs.cancel(id)
    assert jobs.states(["ana_1", "ana_2"]) == {"ana_1": False, "ana_2": True}


def test_forgotten_job_leaves_no_record(jobs: DbosJobQueue) -> None:
    jobs.submit("ana_1", 10)
    jobs.submit_remeasure("ana_1", 3)
    jobs.submit("ana_2", 10)
    jobs.forget("ana_1")
    jobs.forget("ana_1")
    assert jobs.states(["ana_1", "ana_1:3", "ana_2"]) == {"ana_2": True}


def test_ended_jobs_are_deleted_after_a_while(jobs: DbosJobQueue) -> None:
    jobs.submit("ana_1", 10)
    jobs.submit("ana_2", 10)
    jobs.cancel("ana_1")
    assert jobs.delete_ended_jobs(timedelta(hours=1)) == 0
    assert jobs.delete_ended_jobs(timedelta(0)) == 1
    assert jobs.states(["ana_1", "ana_2"]) == {"ana_2": True}
