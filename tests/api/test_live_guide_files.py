"""Files of the live guide: fetched without waiting, served with their types, cached, and only a worker may compile."""

import gzip
import threading
from pathlib import Path

import pytest

from analyzer.errors import ModelError
from analyzer.pose.browser_pose_files import BrowserPoseFiles, load_browser_pose_manifest
from analyzer.settings import Settings
from api.access.security import PAGE_POLICY
from api.live_guide_files import (
    LiveGuideAddresses,
    LiveGuideFiles,
    LiveGuideSet,
    ServedFile,
    collect_live_guide_files,
)
from tests.api.service import Service, problem_of

WASM = b"\0asm" + bytes(5000)


def make_set(folder: Path) -> LiveGuideSet:
    for name, content in (("a.wasm", WASM), ("full.task", b"model")):
        (folder / name).write_bytes(content)
    (folder / "a.wasm.gz").write_bytes(gzip.compress(WASM))
    addresses = LiveGuideAddresses(
        bundle="/live-guide/1/a.mjs",
        loader="/live-guide/2/a.js",
        wasm="/live-guide/3/a.wasm",
        models={"full": "/live-guide/4/full.task"},
    )
    files = {
        "3/a.wasm": ServedFile(folder / "a.wasm", "application/wasm", folder / "a.wasm.gz"),
        "4/full.task": ServedFile(folder / "full.task", "application/octet-stream"),
    }
    return LiveGuideSet(addresses, files)


@pytest.fixture
def service(tmp_path: Path) -> Service:
    """A service whose files are collected at the first request."""
    service = Service(tmp_path / "data")
    service.services.live_guide.collect = lambda settings: make_set(tmp_path)
    return service


def test_the_first_request_fetches_and_does_not_wait(tmp_path: Path):
    service, go = Service(tmp_path / "data"), threading.Event()

    def collect(settings: Settings) -> LiveGuideSet:
        go.wait(30)
        return make_set(tmp_path)

    guide = service.services.live_guide
    guide.collect = collect
    client = service.client()
    assert client.get("/live-guide/files.json").json() == {"files": None}
    go.set()
    assert guide.wait(30) is not None
    answer = client.get("/live-guide/files.json")
    assert answer.json()["files"]["models"] == {"full": "/live-guide/4/full.task"}
    assert answer.headers["cache-control"] == "no-cache"


def test_a_failed_fetch_is_repeated_only_after_minutes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    tries = []

    def collect(settings: Settings) -> LiveGuideSet:
        tries.append(1)
        raise ModelError("no network")

    now = [1000.0]
    monkeypatch.setattr("api.live_guide_files.time.monotonic", lambda: now[0])
    guide = LiveGuideFiles(Settings(cache_dir=tmp_path), collect=collect)
    for _ in range(3):
        assert guide.get() is None
        guide.wait(30)
    assert len(tries) == 1
    now[0] += 601
    assert guide.get() is None
    guide.wait(30)
    assert len(tries) == 2


def test_switched_off_nothing_is_fetched(tmp_path: Path):
    service = Service(tmp_path / "data", live_guide=False)
    service.services.live_guide.collect = lambda settings: pytest.fail("nothing is to be fetched")
    assert service.client().get("/live-guide/files.json").json() == {"files": None}
    assert service.services.live_guide.wait(1) is None


def test_files_are_served_with_their_type_and_cached_for_good(service: Service):
    service.services.live_guide.start()
    service.services.live_guide.wait(30)
    client = service.client()
    packed = client.get("/live-guide/3/a.wasm", headers={"Accept-Encoding": "gzip"})
    plain = client.get("/live-guide/3/a.wasm", headers={"Accept-Encoding": "identity"})
    assert packed.content == plain.content == WASM
    assert packed.headers["content-encoding"] == "gzip"
    assert int(packed.headers["content-length"]) < 200
    assert "content-encoding" not in plain.headers
    for answer in (packed, plain):
        assert answer.headers["content-type"] == "application/wasm"
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert answer.headers["vary"] == "Accept-Encoding"
    assert client.get("/live-guide/4/full.task").content == b"model"
    for other in ("/live-guide/5/a.wasm", "/live-guide/3/..%2Fsecret", "/live-guide/3/a.wasm.gz"):
        assert problem_of(client.get(other))["status"] == 404


def test_only_the_worker_may_compile(service: Service):
    client = service.client()
    worker = client.get("/live/pose_worker.js")
    assert worker.headers["content-security-policy"] == (
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'"
    )
    for address in ("/", "/app.js", "/live/pose_stream.js", "/live-guide/files.json"):
        assert client.get(address).headers["content-security-policy"] == PAGE_POLICY
    assert "eval" not in PAGE_POLICY and "blob:" not in PAGE_POLICY


def test_the_real_files_are_collected(live_guide: BrowserPoseFiles):
    found = collect_live_guide_files(Settings())
    assert {"full"} <= found.addresses.models.keys()
    assert {file.media_type for file in found.files.values()} == {
        "text/javascript",
        "application/wasm",
        "application/octet-stream",
    }
    for file in load_browser_pose_manifest().files:
        served = found.files[f"{file.sha256[:16]}/{file.name}"]
        assert served.path == live_guide.folder / file.name
        assert served.packed is not None
