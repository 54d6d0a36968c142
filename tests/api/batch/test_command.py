"""`analyzer batch --queue` and its verbs as a shell runs them, with folder and results in an object store."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import fsspec
import pytest

from tests.api.batch.conftest import QueuedBatch
from tests.batch.results import make_clips_folder
from tests.command import RunCommand

COMMAND = [sys.executable, "-m", "analyzer", "batch"]


class Shell:
    """Runs the command with the settings of a deployment; `here`: in this process."""

    def __init__(self, queued: QueuedBatch, here: RunCommand, monkeypatch: pytest.MonkeyPatch) -> None:
        settings = queued.deployment.settings
        self.queue = settings.database_url or settings.db_url
        self.environment = os.environ | queued.deployment.environment()
        self._here = here
        for name, value in queued.deployment.environment().items():
            monkeypatch.setenv(name, value)

    def here(self, *arguments: object) -> subprocess.CompletedProcess[str]:
        return self._here("batch", *arguments, "--queue", self.queue)

    def run(self, *arguments: object) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [*COMMAND, *map(str, arguments), "--queue", self.queue],
            capture_output=True,
            text=True,
            check=False,
            env=self.environment,
        )
        assert "Traceback" not in done.stdout + done.stderr, done.stderr
        return done

    def start(self, *arguments: object) -> subprocess.Popen[str]:
        command = [*COMMAND, *map(str, arguments), "--queue", self.queue]
        return subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=self.environment
        )


@pytest.fixture
def shell(queued: QueuedBatch, run_here: RunCommand, monkeypatch: pytest.MonkeyPatch) -> Shell:
    return Shell(queued, run_here, monkeypatch)


@pytest.mark.server
def test_submit_interrupt_status_cancel_and_resubmit(queued: QueuedBatch, shell: Shell):
    make_clips_folder(Path(queued.folder), **{f"slow{n}": b"slow %d" % n for n in range(4)}, broken=b"bad one")
    queued.worker(ANALYZER_WORKERS="1")
    process = shell.start(queued.folder, "--out", queued.out, "--jsonl", "--no-video")
    assert process.stdout is not None
    for line in process.stdout:
        if json.loads(line)["event"] == "failed":
            break
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (
        130,
        "Stopped waiting. The workers continue; run the same command to wait again.\n",
    )

    done = shell.here("status", queued.out)
    assert done.returncode == 0
    assert done.stdout.startswith("5 clips: 0 done, 1 not analysed, ") and ", 0 cancelled" in done.stdout
    assert "1 worker at work; batch bat_" in done.stdout

    early = shell.here("collect", queued.out)
    assert early.returncode == 1 and ", 4 still to do" in early.stdout, early.stdout
    rows = (Path(queued.out) / "summary.csv").read_text().splitlines()
    assert len(rows) == 6 and ",waiting," in rows[-1]

    assert shell.here("cancel", queued.out).stdout == "4 clips cancelled; finished results remain\n"
    assert ", 0 being analysed, 0 waiting, 4 cancelled" in shell.here("status", queued.out).stdout
    queued.deployment.open_gate()
    done = shell.run(queued.folder, "--out", queued.out, "--no-video")
    assert done.returncode == 1, done.stderr
    assert done.stdout.startswith("4 clips done, 1 not analysed\n  broken.mp4: is not there yet. Film it again.\n")
    assert not list(Path(queued.out).rglob("annotated.mp4"))


@pytest.mark.server
def test_folder_and_results_may_be_addresses(
    postgres_deployment, s3_server, tmp_path, run_here: RunCommand, monkeypatch
):
    bucket = s3_server.new_bucket()
    store = fsspec.filesystem("s3", **s3_server.options)
    here = make_clips_folder(tmp_path / "clips", anna__one=b"1", ben__two=b"22", results__old__three=b"333")
    (here / "clips.csv").write_text("file,client\none.mp4,Anna\n")
    (here / "results/old/analysis.json").write_text("{}")
    (here / "notes.txt").write_text("no clip")
    store.put(f"{here}/", f"{bucket.removeprefix('s3://')}/season/", recursive=True)
    queued = QueuedBatch(postgres_deployment, f"{bucket}/season", f"{bucket}/season/out")
    shell = Shell(queued, run_here, monkeypatch)
    queued.worker()
    done = shell.run(queued.folder, "--out", queued.out, "--jsonl")
    assert done.returncode == 0, done.stderr
    events = [json.loads(line) for line in done.stdout.splitlines()]
    assert (events[0]["clips"], events[-1]["done"]) == (2, 2)
    out = f"{bucket.removeprefix('s3://')}/season/out"
    assert store.cat(f"{out}/summary.csv").decode().splitlines()[1].startswith("anna/one.mp4,Anna,")
    assert store.exists(f"{out}/clips/ben/two.mp4/annotated.mp4")
    assert store.exists(f"{out}/index.html")
    again = shell.here(queued.folder, "--out", queued.out, "--jsonl")
    assert json.loads(again.stdout.splitlines()[0])["to_do"] == 0
    assert queued.runs == ["one.mp4", "two.mp4"]
    assert list(Path(queued.deployment.settings.data_dir / "scratch").glob("collect-*")) == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["{folder}", "--out", "{folder}"], "a folder other than that of the clips"),
        (["{folder}", "--out", "{out}", "--workers", "2"], "--workers: only for a batch on this machine"),
        (["{folder}", "--out", "{out}", "--model", "heavy"], "--model heavy: only for a batch on this machine"),
        (["status", "{out}"], "there is no such batch"),
        (["collect", "bat_0"], "--out: required where BATCH is an id"),
        (["cancel", "bat_0"], "there is no such batch"),
    ],
)
def test_wrong_usage_is_reported_and_changes_nothing(
    deployment, tmp_path, monkeypatch, run_here: RunCommand, arguments, words
):
    folder = make_clips_folder(tmp_path / "clips", one=b"1")
    shell = Shell(QueuedBatch(deployment, str(folder), str(tmp_path / "out")), run_here, monkeypatch)
    done = shell.here(*(argument.format(folder=folder, out=tmp_path / "out") for argument in arguments))
    assert done.returncode == 2 and words in done.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("url", "code", "words"),
    [
        ("postgresql://nobody@127.0.0.1:1/none", 1, "The queue cannot be reached (connection failed: "),
        ("nonsense", 2, "--queue: not a database that the service can use"),
        ("nosuch://here/x", 2, "--queue: not a database that the service can use"),
    ],
)
def test_a_queue_that_cannot_be_used_is_one_line(tmp_path, monkeypatch, run_here: RunCommand, url, code, words):
    folder = make_clips_folder(tmp_path / "clips", one=b"1")
    monkeypatch.setenv("ANALYZER_DATA_DIR", str(tmp_path / "data"))
    done = run_here("batch", folder, "--out", tmp_path / "out", "--queue", url)
    assert done.returncode == code and words in done.stderr, done.stderr
    assert done.stderr.count("\n") == 1


def test_help_shows_both_ways(run_here: RunCommand):
    done = run_here("batch", "--help")
    assert done.returncode == 0
    assert all(word in done.stdout for word in ("FOLDER", "--retry-failed", "--queue", "status", "collect", "cancel"))
