"""Power cuts at random moments, half of them right after a 202: no accepted clip is lost, and each finishes.

    python -m benchmarks.power_cuts [--cuts 300] [--minutes 60] [--restart-every 10] [--seed 1]

The real server and its worker run on `benchmarks.volatile_disk`, which tells what a power cut would leave of the data
folder. For each cut, what is left is checked: both databases are sound, every clip that was answered 202 has its row
and its bytes, and finished ones have all their files; on every fifth also after migration and housekeeping. On every
tenth, server and worker are started again and finish all clips. Half of the cuts are strict (nothing survives that was
not synchronised), the others mix at random what was not synchronised.

Limits: the model knows no torn sectors and no disk that lies about its cache; children write the files of a result
without looking at the clip, since it is the storage that is tested.
"""

import argparse
import logging
import math
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterable
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from benchmarks.service_roles import RESULT_FILES, build_role_command, make_short_clip

_START_S = 300.0  # a busy machine; chosen
_FINISH_S = 300.0
_JOB_S = "0.1"
_MAX_QUEUED = 30  # waiting clips, so that a restart finishes them soon


@dataclass
class AcceptedClips:
    """The clips that were answered 202, by the id of their analysis."""

    content: dict[str, bytes] = field(default_factory=dict)
    accepted: threading.Event = field(default_factory=threading.Event)
    stopping: threading.Event = field(default_factory=threading.Event)
    is_paused: threading.Event = field(default_factory=threading.Event)

    def send(self, url: str, clip: bytes, rng: random.Random) -> None:
        """Send clips, each with other bytes, until stopped."""
        number = 0
        while not self.stopping.wait(rng.uniform(0, 0.8)):
            if self.is_paused.is_set() or _count_queued(url) > _MAX_QUEUED:
                continue
            number += 1
            body = clip + b"\0\0\0\x10free" + rng.randbytes(8)
            with suppress(httpx.HTTPError):
                answer = httpx.post(f"{url}/v1/analyses", files={"clip": (f"lift-{number}.mp4", body)}, timeout=60)
                if answer.status_code == 202:
                    self.content[answer.json()["id"]] = body
                    self.accepted.set()


def _count_queued(url: str) -> int:
    with suppress(httpx.HTTPError):
        return len(httpx.get(f"{url}/v1/analyses?status=queued", timeout=30).json()["items"])
    return _MAX_QUEUED + 1


class Server:
    """The real server with its worker, on a data folder."""

    def __init__(self, data_dir: Path, log: Path) -> None:
        from tests.servers import free_port

        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        environment = {
            "ANALYZER_DATA_DIR": str(data_dir),
            "ANALYZER_WORKERS": "2",
            "ANALYZER_MAX_QUEUED_PER_OWNER": "100000",
            "ANALYZER_REQUESTS_PER_MINUTE": "100000",
            "ANALYZER_LOG_JSON": "false",
            "KILLS_RUNS": os.devnull,
            "KILLS_JOB_S": _JOB_S,
            "KILLS_RECOVERY_S": "2",
        }
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                build_role_command("serve", "--port", str(self.port), is_real=False),
                env=os.environ | environment,
                stdout=output,
                stderr=output,
            )
        until_s = time.monotonic() + _START_S
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > until_s:
                self.stop()
                raise RuntimeError(f"the server did not start:\n{log.read_text()[-3000:]}")
            time.sleep(0.2)

    def _answers(self) -> bool:
        with suppress(httpx.HTTPError):
            return httpx.get(f"{self.url}/healthz", timeout=5).status_code == 200
        return False

    def find_unfinished(self, ids: Iterable[str]) -> dict[str, str]:
        """Return the states of these analyses that are not done, by id."""
        states = {id: httpx.get(f"{self.url}/v1/analyses/{id}", timeout=30).json().get("status", "lost") for id in ids}
        return {id: state for id, state in states.items() if state != "done"}

    def stop(self) -> None:
        """Stop server and worker."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(40)
        self._process.kill()
        self._process.wait()


def cut_power(disk: Path, name: str, is_mixed: bool) -> Path:
    """Return a folder with what a power cut at this moment would leave of the disk."""
    with suppress(FileNotFoundError):
        (disk / f".{'mixed' if is_mixed else 'cut'}-{name}").mkdir()
    return disk.parent / name


def check_image(image: Path, known: dict[str, bytes], is_cleaned: bool) -> list[str]:
    """Return what is wrong with the data that a power cut left; `is_cleaned`: also after migration and housekeeping."""
    from api.cleanup.retention import run_housekeeping
    from api.db.engine import open_database
    from api.db.models import AnalysisRow, ClipRow
    from api.settings import ServiceSettings
    from api.storage.file_store import open_files
    from tests.api.service import RecordingJobQueue

    data = image / "data"
    problems = [f"{name}: {answer}" for name in ("analyzer.sqlite", "jobs.sqlite") if (answer := _damage(data / name))]
    settings = ServiceSettings(data_dir=data, job_time_limit_s=1e-9)
    database, files = open_database(settings.db_url), open_files(settings)
    try:
        if is_cleaned:
            database.migrate()
            cleaned = run_housekeeping(settings, database, files, RecordingJobQueue())
            problems += [cleaned.on_hold] if cleaned.on_hold else []
        with database.read_session() as session:
            for id, content in known.items():
                row = session.get(AnalysisRow, id)
                if row is None:
                    problems.append(f"{id}: accepted, and lost")
                    continue
                clip = session.get_one(ClipRow, row.clip_id)
                path = files.local_path(clip.url)
                if path is None or not path.is_file() or path.read_bytes() != content:
                    problems.append(f"{id}: its clip is lost or damaged ({row.status})")
                if row.status not in ("queued", "running", "done"):
                    problems.append(f"{id}: {row.status} {row.error}")
                results = [data / "files" / "results" / id / str(row.run) / name for name in RESULT_FILES]
                if row.status == "done" and not all(_is_whole(result) for result in results):
                    problems.append(f"{id}: done, and its files are lost or damaged")
    finally:
        database.close()
    return problems


def _is_whole(result: Path) -> bool:
    return result.is_file() and result.stat().st_size == 20_000 and any(result.read_bytes()[-4096:])


def _damage(path: Path) -> str | None:
    """Return what SQLite finds wrong with a database."""
    if not path.is_file():
        return None if path.name == "jobs.sqlite" else "is not there"
    with closing(sqlite3.connect(path)) as connection:
        answer = connection.execute("PRAGMA integrity_check").fetchone()[0]
    return None if answer == "ok" else str(answer)


def finish_all(image: Path, known: dict[str, bytes], log: Path) -> list[str]:
    """Start server and worker on what was left; return what is not done after five minutes."""
    server = Server(image / "data", log)
    try:
        until_s = time.monotonic() + _FINISH_S
        left = dict.fromkeys(known, "")
        while (left := server.find_unfinished(left)) and time.monotonic() < until_s:
            time.sleep(0.5)
        return [f"after a restart: {number} {state}" for state, number in Counter(left.values()).items()]
    finally:
        server.stop()


def run_power_cuts(cuts: int, minutes: float, restart_every: int, seed: int) -> dict[str, Any]:
    """Run the test, until there were so many cuts or the time is over; return its table."""
    rng, accepted = random.Random(seed), AcceptedClips()
    counts: Counter[str] = Counter()
    began_s = time.monotonic()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="analyzer-power-")))
        disk, log = folder / "disk", folder / "log"
        mount = subprocess.Popen([sys.executable, "-m", "benchmarks.volatile_disk", str(disk)])
        stack.callback(mount.wait, 20)
        stack.callback(subprocess.run, ["umount", "--lazy", str(disk)], check=False)
        while not os.path.ismount(disk):
            if mount.poll() is not None:
                raise SystemExit("power_cuts: the disk cannot be mounted here; it needs FUSE")
            time.sleep(0.1)
        make_short_clip(folder / "clip.mp4")
        server = Server(disk / "data", log)
        stack.callback(server.stop)
        clip = (folder / "clip.mp4").read_bytes()
        senders = [
            threading.Thread(target=accepted.send, args=(server.url, clip, random.Random(seed + one)), daemon=True)
            for one in (1, 2)
        ]
        stack.callback(accepted.stopping.set)
        for sender in senders:
            sender.start()
        for number in range(1, cuts + 1):
            if time.monotonic() > began_s + 60 * minutes:
                break
            counts["power cuts"] += 1
            accepted.accepted.clear()
            if rng.random() < 0.5 and accepted.accepted.wait(30):
                counts["right after a 202"] += 1
            else:
                time.sleep(rng.uniform(0, 0.7))
            known = dict(accepted.content)
            is_mixed = rng.random() < 0.5
            image = cut_power(disk, f"image-{number}", is_mixed)
            problems = check_image(image, known, number % 5 == 0)
            if number % restart_every == 0 and not problems:
                accepted.is_paused.set()
                problems += finish_all(image, known, log)
                accepted.is_paused.clear()
                counts["restarted until all were done"] += 1
            counts["mixed" if is_mixed else "strict"] += 1
            counts["accepted clips checked"] += len(known)
            counts["cuts with a loss"] += bool(problems)
            for problem in problems[:5]:
                print(f"cut {number} ({'mixed' if is_mixed else 'strict'}): {problem}", file=sys.stderr)
            shutil.rmtree(image)
            if number % 25 == 0:
                print(f"{number} cuts, {len(known)} clips accepted, {dict(counts)}", file=sys.stderr)
    return {"clips accepted": len(accepted.content), "cuts with a loss": 0, **counts} | {
        "minutes": round((time.monotonic() - began_s) / 60, 1)
    }


def main() -> None:
    """Print the table; exit with 1 if any cut lost anything."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cuts", type=int, default=300)
    parser.add_argument("--minutes", type=float, default=math.inf)
    parser.add_argument("--restart-every", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    logging.disable(logging.WARNING)
    table = run_power_cuts(options.cuts, options.minutes, options.restart_every, options.seed)
    for name, value in table.items():
        print(f"{name:32}{value:>10}")
    sys.exit(1 if table["cuts with a loss"] else 0)


if __name__ == "__main__":
    main()
