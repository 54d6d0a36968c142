"""One clip by a real worker with the real model, then measured again with marks, and as another movement."""

from pathlib import Path

import pytest

from analyzer.pose.model_store import ModelFile
from api.db import analyses
from tests.api.jobs.conftest import Deployment
from tests.cut_clips import cut_piece

pytestmark = pytest.mark.server


def test_a_clip_and_its_marks(deployment: Deployment, samples: Path, tmp_path: Path, pose_model: ModelFile) -> None:
    clip = cut_piece(samples / "plank.mp4", tmp_path / "plank.mp4", 1.2)
    deployment.worker(REAL_MODEL="1")
    id = deployment.add(clip, "plank.mp4", movement="plank")
    deployment.wait_until(lambda: deployment.ended(id), 300)
    row = deployment.row(id)
    assert row.status == "done", row.error
    assert row.summary is not None
    assert row.summary["movement"] == "plank"
    assert row.run is not None
    first = deployment.results(id)[row.run]
    assert {
        "analysis.json", "angles.csv", "report.html", "annotated.mp4", "track.npz",
        "overlay.json", "clip.mp4", "thumb.jpg", "client.html",
    } <= set(first)  # fmt: skip

    with deployment.database.session() as session:
        marks = {"reports": [{"at_s": 0.6, "level": 4, "where": "back"}, {"rep": 7, "level": 1}]}  # no such rep
        revision = analyses.set_marks(session, deployment.owner_id, id, marks)
    deployment.jobs.submit_remeasure(id, revision)
    deployment.wait_until(lambda: deployment.row(id).measured_revision == revision, 300)
    again = deployment.row(id)
    assert again.error is None, again.error
    with deployment.files.open(f"results/{id}/{again.run}/analysis.json") as file:
        assert '"level":4' in file.read().decode().replace(" ", "")
    assert again.run != row.run
    assert deployment.files_of_only_run(id) == first

    with deployment.database.session() as session:
        locked = analyses.get_locked(session, deployment.owner_id, id)
        assert locked is not None
        analyses.set_details(locked, {"movement": "squat", "load_kg": 20.0}, needs_remeasuring=True)
        revision = locked.marks_revision
    deployment.jobs.submit_remeasure(id, revision)
    deployment.wait_until(lambda: deployment.row(id).measured_revision == revision, 300)
    result = deployment.read_result_json(id)
    assert (result["movement"]["name"], result["movement"]["source"]) == ("squat", "given")
    assert result["measures"]["context"]["load_kg"] == 20
    assert [one.get("at_s") for one in result["measures"]["reported"]] == [0.6, None]  # marks stay
    assert [text for text in result["quality"]["warnings"] if "no rep 7 in this clip" in text]
