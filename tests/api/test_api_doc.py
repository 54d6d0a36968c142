"""The curl lines of docs/api.md, run as they stand against a real service."""

import json
import re
import subprocess
from pathlib import Path

import httpx
import pytest

from tests import http_client
from tests.api.test_server import serving, until_ready
from tests.api.web.serving import RunningService

ROOT = Path(__file__).resolve().parents[2]
LINES = [
    line.strip()
    for line in (ROOT / "docs" / "api.md").read_text(encoding="utf-8").splitlines()
    if line.startswith("    curl ")
]


@pytest.mark.server
@pytest.mark.pose_model
@pytest.mark.curl
def test_every_curl_line_of_the_api_page_works(tmp_path):
    """The first analyses a sample clip with the real pose model; ID stands for its id.

    ANALYSIS is the clip of Anna, SESSION the session that is started with her.
    """
    assert len(LINES) > 10
    work = tmp_path / "work"
    work.mkdir()
    for name in ("sample_videos", "examples"):
        (work / name).symlink_to(ROOT / name)
    with serving(tmp_path / "data") as (_, _, url):
        until_ready(url)
        id, named, outputs = "", {"ANALYSIS": "", "SESSION": ""}, {}
        for line in LINES:
            shown = line.replace("http://localhost:8000", url).replace("/ID", f"/{id}")
            for name, known in named.items():
                shown = shown.replace(name, known)
            done = subprocess.run(
                ["bash", "-c", re.sub("^curl", "curl --fail-with-body -sS", shown)],
                cwd=work, capture_output=True, text=True, timeout=300,
            )  # fmt: skip
            assert done.returncode == 0, (line, done.stdout, done.stderr)
            if "/marks" in line:  # the marks of the page fit its clip
                settled = httpx.get(f"{url}/v1/analyses/{id}?wait=60", timeout=90).json()
                assert (settled["remeasuring"], settled["remeasure_error"]) == (False, None)
                measured = httpx.get(f"{url}/v1/analyses/{id}/result").json()
                assert [one.get("rep") for one in measured["measures"]["reported"]] == [1, 2]
            outputs[line] = done.stdout
            if not id:
                id = json.loads(done.stdout)["id"]
                with http_client.open_client(base_url=url, timeout=90) as api:
                    RunningService.wait_for_result(api, id)
            elif "client=Anna" in line:
                named["ANALYSIS"] = json.loads(done.stdout)["id"]
            elif line.endswith("/v1/sessions"):
                named["SESSION"] = json.loads(done.stdout)["id"]
    result = next(json.loads(text) for line, text in outputs.items() if line.endswith("/result"))
    assert result["movement"]["name"] == "hinge"
    assert len(result["reps"]) == 2
    assert {path.name for path in work.iterdir() if path.is_file()} >= {"report.html", "annotated.mp4"}
    assert any(path.suffix == ".csv" for path in work.iterdir())
