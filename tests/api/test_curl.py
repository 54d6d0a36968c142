"""The README's one-line examples, run as they stand against a service that analyses."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.api.test_serve import serving

ROOT = Path(__file__).resolve().parents[2]
LINES = re.findall(r"^ {4}(curl .+)$", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
HERE = [line for line in LINES if "localhost:8000" in line]


def test_there_are_examples():
    assert len(HERE) >= 10


@pytest.mark.skipif(shutil.which("curl") is None, reason="needs curl")
def test_the_examples_work(tmp_path):
    (tmp_path / "data").mkdir()
    for folder in ("sample_videos", "examples"):
        (tmp_path / folder).symlink_to(ROOT / folder)
    id = None
    with serving(tmp_path / "data", ANALYZER_SHARE_DAYS="3") as (_, _, url):
        for line in HERE:
            command = line.replace("http://localhost:8000", url)
            if "ID" in command:
                assert id is not None, f"{line}: no analysis yet"
                command = re.sub(r"\bID\b", id, command)
            told = subprocess.run(
                command.replace("curl ", "curl --fail-with-body -sS ", 1),
                shell=True, cwd=tmp_path, capture_output=True, text=True, timeout=180,
            )  # fmt: skip
            assert told.returncode == 0, f"{line}\n{told.stdout}\n{told.stderr}"
            if id is None and "/v1/analyses?wait" in line:
                body = json.loads(told.stdout)
                id = body["id"]
                for _ in range(5):
                    if body["status"] in ("queued", "running"):  # a slow machine: the example waits a minute
                        again = subprocess.run(
                            ["curl", "-sS", f"{url}/v1/analyses/{id}?wait=60"], capture_output=True, text=True
                        )
                        body = json.loads(again.stdout)
                assert body["status"] == "done", body
            if "/events" in line:
                assert '"status":"done"' in told.stdout
    for line in HERE:
        if name := re.search(r"-o (\S+)", line):
            assert (tmp_path / name[1]).stat().st_size > 1000
