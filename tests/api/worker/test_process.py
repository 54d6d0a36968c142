"""Jobs by real worker processes, killed for real: nothing lost, nothing done twice that counts, nothing left lying."""

import signal
from datetime import timedelta

import psutil
import pytest

from api.db import analyses
from api.db.models import AnalysisRow
from api.jobs.analysis_job import MAX_STARTS
from api.serializers.analyses import serialize_analysis
from tests.api.jobs.conftest import Deployment, find_analysis_processes, kill_worker

pytestmark = pytest.mark.server


def test_clip_is_analysed_and_exactly_its_files_are_stored(deployment: Deployment) -> None:
    deployment.worker()
    id = deployment.add("sleep 0.5", "lift.mp4", movement="hinge")
    deployment.wait_until(lambda: deployment.ended(id))
    row = deployment.row(id)
    assert deployment.assert_complete(id)
    assert row.summary == {"movement": "hinge", "clip": "lift.mp4"}
    assert (row.starts, row.error, row.error_code) == (1, None, None)
    assert row.started_at is not None
    assert row.finished_at is not None
    deployment.wait_until(lambda: not list((deployment.settings.data_dir / "scratch" / "worker-1").iterdir()))


def test_progress_has_stage_frames_and_time_left(deployment: Deployment) -> None:
    deployment.worker()
    id = deployment.add("sleep 3", "lift.mp4")
    deployment.wait_until(lambda: deployment.row(id).done > 0)
    row = deployment.row(id)
    assert (row.status, row.stage, row.total) == ("running", "tracking", 60)
    assert 0 < row.done < 60
    assert row.eta_s is not None
    assert row.eta_s > 0
    deployment.wait_until(lambda: deployment.ended(id))
    row = deployment.row(id)
    assert row.started_at is not None and row.finished_at is not None
    took_s = (row.finished_at - row.started_at).total_seconds()
    assert row.revision <= 8 + took_s / 0.5, "throttled"


def test_a_killed_worker_loses_nothing(deployment: Deployment) -> None:
    worker = deployment.worker()
    ids = [deployment.add("wait", f"lift{n}.mp4") for n in range(3)]
    deployment.wait_until(lambda: sum(deployment.row(id).stage == "tracking" for id in ids) == 2)
    children = find_analysis_processes(worker)
    assert len(children) == 2
    kill_worker(worker)
    _gone, alive = psutil.wait_procs(children, timeout=30)
    assert not alive, "a child outlives its worker"
    again = deployment.worker()
    assert again.worker_id == worker.worker_id
    deployment.open_gate()
    deployment.wait_until(lambda: deployment.ended(*ids))
    assert all(deployment.assert_complete(id) for id in ids)
    assert sorted(deployment.row(id).starts for id in ids) == [1, 2, 2]


def test_a_killed_child_is_tried_once_more(deployment: Deployment) -> None:
    worker = deployment.worker()
    id = deployment.add("wait", "lift.mp4")
    deployment.wait_until(lambda: deployment.row(id).stage == "tracking")
    find_analysis_processes(worker)[0].kill()
    deployment.open_gate()
    deployment.wait_until(lambda: deployment.ended(id))
    assert deployment.assert_complete(id)
    assert deployment.runs_of("lift.mp4") == 2
    assert deployment.row(id).starts == 1


def test_a_clip_that_kills_the_decoder_fails_alone(deployment: Deployment) -> None:
    deployment.worker()
    bad = deployment.add("crash", "bad.mp4")
    good = deployment.add("sleep 1", "good.mp4")
    once = deployment.add("crash-once", "once.mp4")
    refused = deployment.add("refuse", "dark.mp4")
    deployment.wait_until(lambda: deployment.ended(bad, good, once, refused))
    row = deployment.row(bad)
    assert (row.status, row.error_code) == ("failed", "crash")
    assert row.error is not None
    assert row.error.startswith("bad.mp4: reading it crashed the program (SIGSEGV). ")
    assert deployment.runs_of("bad.mp4") == 2
    assert deployment.results(bad) == {}
    assert deployment.assert_complete(good)
    assert deployment.assert_complete(once)
    row = deployment.row(refused)
    assert (row.status, row.error_code, row.error) == ("failed", "clip", "dark.mp4: too dark. Turn on a light")
    assert deployment.runs_of("dark.mp4") == 1


def test_cancelling_ends_what_runs_and_passes_over_what_waits(deployment: Deployment) -> None:
    worker = deployment.worker(ANALYZER_WORKERS="1")
    id = deployment.add("sleep 60", "lift.mp4")
    waiting, other = (deployment.add("sleep 60", f"{name}.mp4", priority=10) for name in ("waiting", "other"))
    deployment.wait_until(lambda: deployment.row(id).stage == "tracking")
    child = find_analysis_processes(worker)[0]
    with deployment.database.session() as session:
        for each in (id, waiting):
            analyses.cancel(session, deployment.owner_id, each)
    for each in (id, waiting):
        deployment.jobs.cancel(each)
    deployment.wait_until(lambda: not child.is_running(), 30)  # it would sleep for a minute
    deployment.wait_until(lambda: deployment.runs_of("other.mp4") == 1)
    assert [deployment.row(each).status for each in (id, waiting, other)] == ["cancelled", "cancelled", "running"]
    assert deployment.results(id) == {}
    assert deployment.runs_of("waiting.mp4") == 0


def test_deleting_while_it_runs_leaves_no_trace(deployment: Deployment) -> None:
    worker = deployment.worker()
    id = deployment.add("sleep 60", "lift.mp4")
    deployment.wait_until(lambda: deployment.row(id).stage == "tracking")
    with deployment.database.session() as session:
        analyses.delete(session, deployment.owner_id, id)
    deployment.jobs.cancel(id)
    deployment.jobs.forget(id)
    deployment.files.delete_tree(f"results/{id}")
    deployment.wait_until(lambda: not find_analysis_processes(worker))
    deployment.wait_until(lambda: not any(deployment.jobs.states([id]).values()))
    deployment.jobs.delete_ended_jobs(timedelta(0))
    assert deployment.jobs.states([id]) == {}
    assert deployment.results(id) == {}
    assert "Traceback" not in deployment.log()


def test_sigterm_puts_the_jobs_back(deployment: Deployment) -> None:
    worker = deployment.worker()
    ids = [deployment.add("wait", f"lift{n}.mp4") for n in range(2)]
    deployment.wait_until(lambda: all(deployment.row(id).stage == "tracking" for id in ids))
    family = psutil.Process(worker.pid).children(recursive=True)
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(30) == 0
    _gone, alive = psutil.wait_procs(family, timeout=30)
    assert not alive
    assert deployment.jobs.running() == {}
    assert all(deployment.jobs.states(ids).values())
    given_back = [deployment.row(id) for id in ids]
    assert [(row.status, row.starts, row.worker_id) for row in given_back] == [("queued", 0, None)] * 2
    deployment.open_gate()
    deployment.worker()
    deployment.wait_until(lambda: deployment.ended(*ids))
    assert all(deployment.assert_complete(id) for id in ids)


def test_two_workers_on_one_machine_are_two_and_share_the_work(deployment: Deployment) -> None:
    first, second = deployment.worker(), deployment.worker()
    assert first.worker_id != second.worker_id
    ids = [deployment.add("sleep 1", f"lift{n}.mp4") for n in range(8)]
    deployment.wait_until(lambda: deployment.ended(*ids))
    assert all(deployment.assert_complete(id) for id in ids)
    assert {deployment.row(id).worker_id for id in ids} == {first.worker_id, second.worker_id}
    assert all(deployment.runs_of(f"lift{n}.mp4") == 1 for n in range(8))


def test_a_single_clip_passes_a_batch(deployment: Deployment) -> None:
    ids = [deployment.add("wait", f"batch{n}.mp4", priority=10) for n in range(6)]
    deployment.worker(ANALYZER_WORKERS="1")
    deployment.wait_until(lambda: any(deployment.row(id).stage == "tracking" for id in ids))
    single = deployment.add("", "single.mp4")
    deployment.open_gate()
    deployment.wait_until(lambda: deployment.ended(single, *ids))
    order = sorted([single, *ids], key=lambda id: deployment.row(id).started_at)
    assert order.index(single) == 1


def test_job_that_crashes_workers_fails_in_the_end(deployment: Deployment) -> None:
    id = deployment.add("", "heavy.mp4", submit=False)
    with deployment.database.session() as session:
        session.get_one(AnalysisRow, id).starts = MAX_STARTS
    deployment.jobs.submit(id, 1)
    deployment.worker()
    deployment.wait_until(lambda: deployment.ended(id))
    row = deployment.row(id)
    assert (row.status, row.error_code) == ("failed", "given_up")
    assert row.error is not None
    assert row.error.startswith("heavy.mp4: ")
    assert deployment.runs_of("heavy.mp4") == 0


def test_missing_clip_fails_with_a_reason(deployment: Deployment) -> None:
    id = deployment.add("", "lift.mp4", submit=False)
    deployment.files.delete_tree("clips")
    deployment.jobs.submit(id, 1)
    deployment.worker()
    deployment.wait_until(lambda: deployment.ended(id))
    assert deployment.row(id).error == "lift.mp4: the clip no longer exists. Send it again"


def test_marks_are_measured_from_the_stored_track(deployment: Deployment) -> None:
    deployment.worker()
    id = deployment.add("", "lift.mp4")
    deployment.wait_until(lambda: deployment.ended(id))
    before = deployment.row(id)
    body = {"reports": []}
    with deployment.database.session() as session:
        revision = analyses.set_marks(session, deployment.owner_id, id, body)
    deployment.jobs.submit_remeasure(id, revision)
    deployment.wait_until(lambda: deployment.row(id).measured_revision == revision)
    assert deployment.assert_complete(id)
    after = deployment.row(id)
    assert after.run != before.run
    assert after.revision > before.revision
    result = deployment.read_result_json(id)
    assert (result["marks"], result["from_track"]) == (body, True)


def test_invalid_marks_keep_the_result_and_are_reported_until_replaced(deployment: Deployment) -> None:
    deployment.worker()
    id = deployment.add("", "lift.mp4")
    deployment.wait_until(lambda: deployment.ended(id))
    before = deployment.row(id)
    statuses = []
    for note in ("refuse", "fits"):
        with deployment.database.session() as session:
            revision = analyses.set_marks(session, deployment.owner_id, id, {"note": note})
        deployment.jobs.submit_remeasure(id, revision)
        deployment.wait_until(lambda: deployment.row(id).measured_revision == revision)  # noqa: B023
        with deployment.database.read_session() as session:
            statuses.append(serialize_analysis(session, deployment.row(id)))
        assert deployment.assert_complete(id)
        if note == "refuse":
            assert deployment.row(id).run == before.run
    refused, fits = statuses
    assert (refused.status, refused.error, fits.error, fits.remeasure_error) == ("done", None, None, None)
    assert (
        refused.remeasure_error and refused.remeasure_error.text == "lift.mp4: the marks lie after its end. Move them"
    )
    assert deployment.row(id).run != before.run


def test_marks_put_while_it_runs_are_measured_too(deployment: Deployment) -> None:
    deployment.worker()
    id = deployment.add("wait", "lift.mp4")
    deployment.wait_until(lambda: deployment.row(id).stage == "tracking")
    with deployment.database.session() as session:
        revision = analyses.set_marks(session, deployment.owner_id, id, {"reports": []})
    deployment.open_gate()
    deployment.wait_until(lambda: deployment.row(id).measured_revision == revision)
    assert deployment.read_result_json(id)["marks"] == {"reports": []}
    assert deployment.assert_complete(id)


def test_details_changed_while_it_runs_are_measured_too(deployment: Deployment) -> None:
    deployment.worker(ANALYZER_POSE_MODEL="auto")
    id = deployment.add("wait", "lift.mp4")
    deployment.wait_until(lambda: deployment.row(id).stage == "tracking")
    with deployment.database.session() as session:
        row = analyses.get_locked(session, deployment.owner_id, id)
        assert row is not None
        analyses.set_details(row, {"movement": "squat"}, needs_remeasuring=True)
        revision = row.marks_revision
    deployment.open_gate()
    deployment.wait_until(lambda: deployment.row(id).measured_revision == revision)
    row = deployment.row(id)
    assert row.summary is not None and row.summary["movement"] == "squat"
    result = deployment.read_result_json(id)
    assert (result["from_track"], result["model"]) == (True, "auto")
    assert deployment.assert_complete(id)


def test_a_correction_does_not_wait_for_the_clips_that_are_analysed(deployment: Deployment) -> None:
    deployment.worker(ANALYZER_WORKERS="1")
    id = deployment.add("", "lift.mp4")
    deployment.wait_until(lambda: deployment.ended(id))
    long = deployment.add("sleep 60", "long.mp4")
    deployment.wait_until(lambda: deployment.row(long).stage == "tracking")
    with deployment.database.session() as session:
        revision = analyses.set_marks(session, deployment.owner_id, id, {"reports": []})
    deployment.jobs.submit_remeasure(id, revision)
    deployment.wait_until(lambda: deployment.row(id).measured_revision == revision)
    assert deployment.row(long).status == "running"


def test_worker_opens_no_connection(deployment: Deployment) -> None:
    worker = deployment.worker()
    id = deployment.add("", "lift.mp4")
    deployment.wait_until(lambda: deployment.ended(id))
    assert [c for c in psutil.Process(worker.pid).net_connections("inet") if c.raddr or c.status == "LISTEN"] == []
    assert "dbos" not in deployment.log().lower()


@pytest.mark.parametrize("places", [1, 3])
def test_scratch_files_of_a_killed_worker_are_deleted(deployment: Deployment, places: int) -> None:
    scratch = deployment.settings.data_dir / "scratch" / "worker-1"
    worker = deployment.worker()
    ids = [deployment.add("wait", f"lift{n}.mp4") for n in range(places)]
    deployment.wait_until(lambda: deployment.row(ids[0]).stage == "tracking")
    assert list(scratch.iterdir())
    kill_worker(worker)
    deployment.worker()
    deployment.open_gate()
    deployment.wait_until(lambda: deployment.ended(*ids))
    deployment.wait_until(lambda: list(scratch.iterdir()) == [])
