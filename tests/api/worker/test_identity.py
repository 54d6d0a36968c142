"""Ids of workers: one each, found again after a restart, even when the program was killed."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from api.worker.identity import acquire_slot

ROOT = Path(__file__).resolve().parents[3]
PROGRAM = (
    "import sys; from pathlib import Path; from api.worker.identity import acquire_slot\n"
    "slot = acquire_slot(Path(sys.argv[1])); (slot.scratch / 'left').touch()\n"
    "print(slot.worker_id, slot.scratch.name, flush=True); sys.stdin.read()"
)


def start(data_dir: Path) -> tuple[subprocess.Popen[str], str, str]:
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, data_dir],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    worker_id, scratch = process.stdout.readline().split()
    return process, worker_id, scratch


def test_ids_are_unique_and_found_again_after_kill(tmp_path: Path) -> None:
    first, second, third = (start(tmp_path) for _ in range(3))
    try:
        assert [scratch for _, _, scratch in (first, second, third)] == ["worker-1", "worker-2", "worker-3"]
        assert len({first[1], second[1], third[1]}) == 3
        for process in (second[0], third[0]):
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
        again = acquire_slot(tmp_path)
        assert again.worker_id == second[1]
        assert list(again.scratch.iterdir()) == []
        assert not (tmp_path / "scratch" / "worker-3").exists(), "of a place that no worker has"
        assert (tmp_path / "scratch" / "worker-1" / "left").exists(), "of one that somebody has"
        again.lock.release()
    finally:
        for process, _, _ in (first, second, third):
            process.kill()
            process.wait()
            process.stdin.close()  # type: ignore[union-attr]
            process.stdout.close()  # type: ignore[union-attr]
