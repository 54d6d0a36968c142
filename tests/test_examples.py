"""The example scripts run unchanged and print what docs/examples.md shows."""

import json
import os
import re
import shutil
import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from analyzer.pose.model_store import ModelFile
from tests.api.test_server import serving

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "docs" / "examples.md").read_text(encoding="utf-8")
TOLERANCE = 2.0  # other processors round the pose model's arithmetic differently
NUMBER = re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?")


def read_shown_outputs() -> Iterator[tuple[str, str]]:
    """Name and output of each script on the page."""
    for block in re.findall(r"(?:^    .*\n)+", PAGE, re.MULTILINE):
        first, *lines = [line[4:].rstrip() for line in block.splitlines()]
        script = re.fullmatch(r"\$ python examples/(\w+)\.py", first)
        assert script, first
        yield script[1], "\n".join(lines)


SHOWN = dict(read_shown_outputs())


def run_example(name: str, folder: Path, *arguments: str) -> str:
    """Run one script in `folder` beside the sample clips; return its standard output."""
    for linked in ("sample_videos", "examples"):
        (folder / linked).symlink_to(ROOT / linked)
    done = subprocess.run(
        [sys.executable, f"examples/{name}.py", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def assert_same_output(printed: str, shown: str) -> None:
    """Compare word by word; numbers within `TOLERANCE`."""
    assert re.split(r"\s+", NUMBER.sub("#", printed.strip())) == re.split(r"\s+", NUMBER.sub("#", shown.strip()))
    values = [[float(number) for number in NUMBER.findall(text)] for text in (printed, shown)]
    assert values[0] == pytest.approx(values[1], abs=TOLERANCE)


def test_every_script_is_on_the_page():
    assert set(SHOWN) == {path.stem for path in (ROOT / "examples").glob("*.py")}


def test_the_python_of_the_exports_page_runs(tmp_path: Path, samples: Path, pose_model: ModelFile):
    """It measures a clip again from the track that `analyzer run` has stored."""
    page = (ROOT / "docs" / "exports.md").read_text(encoding="utf-8")
    found = re.search(r"from Python:\n\n((?:    .*\n|\n)+)", page)
    assert found
    shutil.copy(samples / "hinge_neutral.mp4", tmp_path / "client-hinge.mov")
    run = [sys.executable, "-m", "analyzer", "run", "client-hinge.mov", "--no-video"]
    for command in (run, [sys.executable, "-c", textwrap.dedent(found[1])]):
        subprocess.run(command, cwd=tmp_path, check=True, timeout=300, env={**os.environ, "PYTHONPATH": str(ROOT)})
    result = json.loads((tmp_path / "client-hinge.analysis" / "analysis.json").read_text(encoding="utf-8"))
    assert result["provenance"]["settings"]["load_kg"] == 60


def test_numbers_beyond_the_tolerance_and_other_words_are_noticed():
    for other in ("hinge_neutral.mp4: 2 reps, fold 85", "hinge_neutral.mp4: 2 sets, fold 81"):
        with pytest.raises(AssertionError):
            assert_same_output(other, "hinge_neutral.mp4: 2 reps, fold 81")


@pytest.mark.pose_model
@pytest.mark.parametrize("name", sorted(set(SHOWN) - {"api_client"}))
def test_a_script_prints_what_the_page_shows(name: str, tmp_path: Path):
    assert_same_output(run_example(name, tmp_path), SHOWN[name])


@contextmanager
def serve_answers(answers: dict[str, tuple[int, str, Any]]) -> Iterator[str]:
    """Serve these answers (status, content type, JSON) by method and path; yield the address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            status, kind, body = answers[f"{self.command} {self.path}"]
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.end_headers()
            self.wfile.write(json.dumps(body).encode())

        do_POST = do_GET

        def log_message(self, *_: object) -> None:
            """Print nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize(("complete", "shown"), [(1, "1 rep;"), (2, "2 reps;"), (0, "0 reps;")])
def test_the_api_client_counts_complete_reps(tmp_path: Path, complete: int, shown: str):
    done = {"id": "a", "status": "done", "movement": "hinge", "summary": {"counts": {"reps": complete}}}
    result = {"movement": {"name": "hinge"}, "reps": [{}] * 3, "findings": []}
    answers = {
        "POST /v1/analyses": (202, "application/json", done),
        "GET /v1/analyses/a/result": (200, "application/json", result),
        "GET /v1/analyses/a/report": (200, "text/html", ""),
    }
    with serve_answers(answers) as url:
        printed = run_example("api_client", tmp_path, "sample_videos/hinge_neutral.mp4", url)
    assert printed == f"hinge: {shown} report.html written\n"


@pytest.mark.parametrize(
    ("kind", "shown"), [("application/problem+json", "Sign in first."), ("text/html", "401 Unauthorized")]
)
def test_the_api_client_says_why_it_was_refused(tmp_path: Path, kind: str, shown: str):
    with serve_answers({"POST /v1/analyses": (401, kind, {"detail": "Sign in first."})}) as url:
        done = subprocess.run(
            [sys.executable, ROOT / "examples" / "api_client.py", ROOT / "sample_videos" / "hinge_neutral.mp4", url],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert (done.returncode, done.stderr) == (1, f"{shown}\n")


@pytest.mark.pose_model
@pytest.mark.server
def test_the_api_client_prints_what_the_page_shows(tmp_path: Path):
    with serving(tmp_path / "data") as (_, _, url):
        printed = run_example("api_client", tmp_path, "sample_videos/hinge_neutral.mp4", url)
    assert_same_output(printed, SHOWN["api_client"])
    assert (tmp_path / "report.html").exists()
