"""Real clips through PostgreSQL, an object store and a worker with the pose model: the bytes of a local batch."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from analyzer.clip.frame_reader import read_frames
from analyzer.clip.h264_writer import VideoWriter
from analyzer.clip.probe import open_clip
from analyzer.pose.model_store import ModelFile
from analyzer.settings import Settings
from tests.api.jobs.conftest import Deployment

pytestmark = pytest.mark.server

COMMAND = [sys.executable, "-m", "analyzer", "batch"]
TABLES = ("summary.csv", "summary.parquet", "summary.xlsx")


def a_season(folder: Path, samples: Path) -> Path:
    """Two pieces of a hinge, one of them twice, a text with a clip's name, and a table of facts."""
    whole = open_clip(samples / "hinge_neutral.mp4", Settings())
    for name, start in (("anna/hinge one.mp4", 60), ("ben/hinge.mp4", 90)):
        (folder / name).parent.mkdir(parents=True)
        with VideoWriter(folder / name, whole.width_px, whole.height_px) as writer:
            for index, image in read_frames(whole, start, start + 30):
                writer.write(image, whole.times_s[index] - whole.times_s[start])
    (folder / "copy.mp4").write_bytes((folder / "ben/hinge.mp4").read_bytes())
    (folder / "text.mp4").write_text("no video")
    facts = "file;client;load_kg;date;side\nhinge one.mp4;Anna;40,5;2.3.2026;left\n"
    (folder / "clips.csv").write_text(facts)
    return folder


def run(*arguments: object, environment: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [*COMMAND, *map(str, arguments), "--no-video", "--quiet"],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | (environment or {}),
    )
    assert "Traceback" not in done.stderr
    return done


def test_the_tables_are_bit_for_bit_those_of_a_local_batch(
    postgres_deployment: Deployment, samples: Path, tmp_path: Path, pose_model: ModelFile
):
    folder, local, queued = a_season(tmp_path / "season", samples), tmp_path / "local", tmp_path / "queued"
    here = run(folder, "--out", local)
    postgres_deployment.worker(REAL_MODEL="1")
    url = postgres_deployment.settings.database_url
    there = run(folder, "--out", queued, "--queue", url, environment=postgres_deployment.environment())
    assert (here.returncode, there.returncode) == (1, 1), there.stderr
    assert there.stdout == here.stdout.replace(str(local), str(queued))
    for name in TABLES:
        assert (queued / name).read_bytes() == (local / name).read_bytes(), name
    results = sorted(path.relative_to(local) for path in (local / "clips").rglob("analysis.json"))
    assert len(results) == 3
    for result in results:
        for name in ("analysis.json", "angles.csv", "track.npz", "report.html"):
            place = result.with_name(name)
            assert (queued / place).read_bytes() == (local / place).read_bytes(), place
    rows = (queued / "summary.csv").read_text().splitlines()
    assert rows[1].startswith("anna/hinge one.mp4,Anna,2026-03-02,") and "text.mp4: is a text file" in rows[4]
