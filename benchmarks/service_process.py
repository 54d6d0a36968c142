"""A service in a process of its own, for benchmarks: on a free port, with its data in a folder."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil

_CODE = """
import sys
from pathlib import Path
from api.server import ServeAddress, serve
from api.settings import ServiceSettings
serve(ServiceSettings(data_dir=Path(sys.argv[1])), ServeAddress(port=0), lambda line: print(line, flush=True),
      worker=sys.argv[2] == "True")
"""
_START_S = 60


@dataclass
class ServiceProcess:
    """A running service."""

    url: str
    process: psutil.Process

    def memory_mb(self) -> float:
        """Return the memory of the server and its probing processes, without the worker, MB."""
        workers = self.workers()
        theirs = {one.pid for worker in workers for one in [worker, *worker.children(recursive=True)]}
        own = [one for one in self.process.children(recursive=True) if one.pid not in theirs]
        return _sum_memory_mb([self.process, *own])

    def worker_memory_mb(self) -> float:
        """Return the memory of the worker without the processes that analyse clips, MB."""
        return _sum_memory_mb(self.workers())

    def workers(self) -> list[psutil.Process]:
        """Return the worker beside the server, if it runs."""
        return [one for one in self.process.children() if "worker" in one.cmdline()]


def _sum_memory_mb(processes: list[psutil.Process]) -> float:
    total = 0
    for one in processes:
        try:
            total += one.memory_info().rss
        except psutil.Error:
            continue
    return total / 2**20


@contextmanager
def run_service(folder: Path, *, worker: bool, **settings: object) -> Iterator[ServiceProcess]:
    """Run a service; settings as in ServiceSettings."""
    environment = os.environ | {f"ANALYZER_{name.upper()}": str(value) for name, value in settings.items()}
    command = [sys.executable, "-c", _CODE, str(folder), str(worker)]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, env=environment, text=True)
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line.startswith("Open "), f"{line} {(folder / 'log').read_text()}"
        url = line.split()[1]
        until = time.monotonic() + _START_S
        while time.monotonic() < until:
            try:
                if httpx.get(f"{url}/healthz").is_success:
                    break
            except httpx.TransportError:
                time.sleep(0.1)
        yield ServiceProcess(url, psutil.Process(process.pid))
    finally:
        process.terminate()
        process.wait(60)
