"""Files that run the pose model in a browser: from a CDN or npm, checked, and never half there."""

import gzip
import hashlib
import io
import stat
import tarfile
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest

from analyzer.errors import ModelError
from analyzer.pose.browser_pose_files import (
    BrowserPoseFiles,
    BrowserPoseManifest,
    check_browser_pose_files,
    ensure_browser_pose_files,
    load_browser_pose_manifest,
)
from analyzer.settings import Settings

CONTENTS = {
    "vision_bundle.mjs": b"export const one = 1;\n" * 500,
    "wasm/vision_wasm_module_internal.js": b"export default 2;\n" * 900,
    "wasm/vision_wasm_module_internal.wasm": b"\0asm" + bytes(20_000),
}


class Cdn(BaseHTTPRequestHandler):
    """Serves the files; `broken` ones differently."""

    broken: ClassVar[dict[str, bytes | None]] = {}
    requests: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        Cdn.requests.append(self.path)
        path = self.path.removeprefix("/package/")
        body = Cdn.broken.get(path, CONTENTS.get(path))
        if body is None:
            self.send_error(503)
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(CONTENTS[path])))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def manifest() -> Iterator[BrowserPoseManifest]:
    Cdn.broken, Cdn.requests = {}, []
    with ThreadingHTTPServer(("127.0.0.1", 0), Cdn) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield make_manifest(f"http://127.0.0.1:{server.server_address[1]}/package/")
        server.shutdown()


def make_manifest(base_url: str) -> BrowserPoseManifest:
    files = [
        {"path": path, "sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
        for path, content in CONTENTS.items()
    ]
    values = {"licence": "Apache-2.0", "package": "@some/tasks", "version": "9.9.9", "base_url": base_url}
    return BrowserPoseManifest.model_validate(values | {"files": files})


InstallNpm = Callable[[dict[str, bytes] | None], Path]


@pytest.fixture
def install_npm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> InstallNpm:
    """Return a function that makes an npm the only program: it packs these files, or fails without any."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))

    def install(contents: dict[str, bytes] | None) -> Path:
        packed = folder / "packed.tgz"
        if contents is not None:
            with tarfile.open(packed, "w:gz") as archive:
                for path, content in contents.items():
                    member = tarfile.TarInfo(f"package/{path}")
                    member.size = len(content)
                    archive.addfile(member, io.BytesIO(content))
        npm = folder / "npm"
        called = folder / "called"
        copy = (
            f'for one in "$@"; do case $one in --pack-destination=*) /bin/cp {packed} "${{one#*=}}/p.tgz";; esac; done'
        )
        npm.write_text(f'#!/bin/sh\necho "$@" >> {called}\n{copy if contents is not None else "exit 1"}\n')
        npm.chmod(npm.stat().st_mode | stat.S_IXUSR)
        return called

    return install


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(cache_dir=tmp_path / "cache")


def list_files(settings: Settings) -> list[str]:
    """Every file and folder of the cache apart from the lock."""
    return sorted(
        path.relative_to(settings.cache_dir).as_posix()
        for path in settings.cache_dir.rglob("*")
        if path.suffix != ".lock"
    )


COMPLETE = [
    "tasks-vision-9.9.9",
    *(
        f"tasks-vision-9.9.9/{path.rpartition('/')[2]}{suffix}"
        for path in sorted(CONTENTS, key=lambda path: path.rpartition("/")[2])
        for suffix in ("", ".gz")
    ),
]


def test_files_come_from_the_cdn_once(manifest: BrowserPoseManifest, settings: Settings):
    assert check_browser_pose_files(settings, manifest)[0] == "absent"
    first = ensure_browser_pose_files(settings, manifest=manifest)
    again = ensure_browser_pose_files(settings, manifest=manifest)
    assert (first.source, again.source, first.version) == ("download", "cache", "9.9.9")
    assert Cdn.requests == [f"/package/{path}" for path in CONTENTS]
    assert list_files(settings) == COMPLETE
    for path, content in CONTENTS.items():
        name = path.rpartition("/")[2]
        assert (first.folder / name).read_bytes() == content
        assert gzip.decompress((first.folder / f"{name}.gz").read_bytes()) == content


def test_npm_is_used_where_the_cdn_does_not_answer(
    manifest: BrowserPoseManifest, settings: Settings, install_npm: InstallNpm
):
    called = install_npm(CONTENTS | {"package.json": b"{}"})
    Cdn.broken = {"vision_bundle.mjs": None}
    assert ensure_browser_pose_files(settings, manifest=manifest).source == "npm"
    assert called.read_text().startswith("pack @some/tasks@9.9.9 --ignore-scripts")
    assert list_files(settings) == COMPLETE


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        ({"wasm/vision_wasm_module_internal.wasm": b"\0asm" + bytes(19_999) + b"\1"}, "another file than expected"),
        ({"wasm/vision_wasm_module_internal.wasm": b"\0asm"}, "broke off"),
        ({"vision_bundle.mjs": b"<html>please log in</html>".ljust(11_000)}, "another file than expected"),
    ],
    ids=["one wrong bit", "half a file", "another page"],
)
def test_a_damaged_file_is_refused_and_nothing_stays(
    manifest: BrowserPoseManifest,
    settings: Settings,
    install_npm: InstallNpm,
    damage: dict[str, bytes | None],
    reason: str,
):
    install_npm(CONTENTS | {path: content for path, content in damage.items() if content})
    Cdn.broken = damage
    with pytest.raises(ModelError, match="not the expected file") as refused:
        ensure_browser_pose_files(settings, manifest=manifest)
    assert reason in str(refused.value)
    assert list_files(settings) == []


def test_without_any_source_the_error_names_all(
    manifest: BrowserPoseManifest, settings: Settings, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("PATH", "")
    Cdn.broken = dict.fromkeys(CONTENTS)
    with pytest.raises(ModelError) as refused:
        ensure_browser_pose_files(settings, manifest=manifest)
    assert "503" in str(refused.value)
    assert "npm is not installed" in str(refused.value)
    assert str(settings.cache_dir / "tasks-vision-9.9.9") in str(refused.value)


def test_a_changed_file_in_the_cache_is_replaced(manifest: BrowserPoseManifest, settings: Settings):
    folder = ensure_browser_pose_files(settings, manifest=manifest).folder
    (folder / "vision_bundle.mjs").write_bytes(b"changed")
    assert check_browser_pose_files(settings, manifest)[0] == "wrong"
    assert ensure_browser_pose_files(settings, manifest=manifest).source == "download"
    assert check_browser_pose_files(settings, manifest)[0] == "ok"


def test_leftovers_of_an_interrupted_fetch_are_removed(manifest: BrowserPoseManifest, settings: Settings):
    leftover = settings.cache_dir / "tasks-vision-9.9.9.abc.part"
    leftover.mkdir(parents=True)
    (leftover / "vision_bundle.mjs").write_bytes(b"half")
    ensure_browser_pose_files(settings, manifest=manifest)
    assert list_files(settings) == COMPLETE


def test_two_at_once_fetch_only_once(manifest: BrowserPoseManifest, settings: Settings):
    sources: list[str] = []
    threads = [
        threading.Thread(target=lambda: sources.append(ensure_browser_pose_files(settings, manifest=manifest).source))
        for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(sources) == ["cache", "download"]


def test_an_unwritable_cache_is_explained(manifest: BrowserPoseManifest, tmp_path: Path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(ModelError, match="ANALYZER_CACHE_DIR"):
        ensure_browser_pose_files(Settings(cache_dir=tmp_path / "file" / "cache"), manifest=manifest)


def test_the_real_files_are_those_of_the_manifest(live_guide: BrowserPoseFiles):
    manifest = load_browser_pose_manifest()
    assert live_guide.version == manifest.version == "1.1.0"
    assert manifest.base_url.endswith(f"/{manifest.package}@{manifest.version}/")
    for file in manifest.files:
        assert (live_guide.folder / file.name).stat().st_size == file.bytes
