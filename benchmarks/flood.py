"""Flood the service from one address, and measure what another user notices.

    python -m benchmarks.flood [--minutes 5]

One address keeps 5,000 connections open or opening, half of them silent and half sending a header slowly, asks for 500
event streams with a valid key, and sends endless uploads with and without one. Meanwhile another user asks for their
clips five times a second and sends a clip every few seconds. The load comes from the same machine, at low priority;
what the service itself needs for refusing it is part of the figures.
"""

import argparse
import asyncio
import contextlib
import multiprocessing
import os
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import httpx
import psutil

CONNECTIONS, STREAMS, UPLOADS = 5000, 500, 20
_ATTACKER = "127.0.0.66"
_SMALL_CLIP = Path(__file__).parents[1] / "sample_videos" / "hinge_neutral.mp4"
_MAX_UPLOAD_BYTES = 64_000_000  # so that the endless uploads do not fill the disk of the benchmark
_EVERY_S, _UPLOAD_EVERY_S = 0.2, 5.0
_PACE_S = 0.5  # before a closed connection is opened again

_HEAD = "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{more}"


async def _open(port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    return await asyncio.open_connection("127.0.0.1", port, local_addr=(_ATTACKER, 0))


async def _repeat(port: int, attack: Any, counts: Counter[str]) -> None:
    """Open connections one after the other and do the same with each."""
    while True:
        try:
            reader, writer = await _open(port)
        except OSError:
            counts["not opened"] += 1
            await asyncio.sleep(_PACE_S)
            continue
        counts["opened"] += 1
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            await attack(reader, writer)
        writer.close()
        await asyncio.sleep(_PACE_S)


async def _stay_silent(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
    await reader.read()


async def _send_slowly(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(_HEAD.format(method="GET", path="/", more="").encode())
    while True:
        writer.write(b"X-A: b\r\n")
        await writer.drain()
        await asyncio.sleep(1.0)


def _follow(path: str, key: str) -> Any:
    async def follow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(_HEAD.format(method="GET", path=path, more=f"Authorization: Bearer {key}\r\n\r\n").encode())
        while await reader.read(65536):
            pass

    return follow


def _upload(key: str | None) -> Any:
    more = f"Authorization: Bearer {key}\r\n" if key else ""
    more += "Content-Type: multipart/form-data; boundary=b\r\nTransfer-Encoding: chunked\r\n\r\n"
    part = b'--b\r\nContent-Disposition: form-data; name="clip"; filename="a.mp4"\r\n\r\n'
    piece = os.urandom(65536)

    async def upload(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(_HEAD.format(method="POST", path="/v1/analyses", more=more).encode())
        writer.write(b"%x\r\n%s\r\n" % (len(part), part))
        while not reader.at_eof():
            writer.write(b"%x\r\n%s\r\n" % (len(piece), piece))
            await writer.drain()

    return upload


def attack(port: int, key: str, analysis: str, connections: int, seconds: float, results: Any) -> None:
    """Run all attacks of the address in this process."""
    os.nice(19)
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))

    async def run() -> None:
        counts: Counter[str] = Counter()
        kinds = [(_stay_silent, connections // 2), (_send_slowly, connections // 2),
                 (_follow(f"/v1/analyses/{analysis}/events", key), STREAMS),
                 (_upload(key), UPLOADS // 2), (_upload(None), UPLOADS // 2)]  # fmt: skip
        tasks = [asyncio.create_task(_repeat(port, kind, counts)) for kind, number in kinds for _ in range(number)]
        await asyncio.sleep(seconds)
        for task in tasks:
            task.cancel()
        results.put(dict(counts))

    asyncio.run(run())


def measure(base: str, key: str, seconds: float) -> tuple[list[float], list[float], Counter[str]]:
    """Use the service as another user does; return the seconds of requests and of uploads, and what failed."""
    requests_s, uploads_s, failures = list[float](), list[float](), Counter[str]()
    end_s, next_upload_s = time.monotonic() + seconds, 0.0
    clip = _SMALL_CLIP.read_bytes()
    with httpx.Client(base_url=base, headers={"Authorization": f"Bearer {key}"}, timeout=30) as user:
        while (now_s := time.monotonic()) < end_s:
            is_upload = now_s >= next_upload_s
            try:
                if is_upload:
                    next_upload_s = now_s + _UPLOAD_EVERY_S
                    answer = user.post("/v1/analyses", files={"clip": ("a.mp4", clip)})
                else:
                    answer = user.get("/v1/analyses?limit=10")
                if not answer.is_success:
                    failures[f"{answer.request.method} {answer.status_code}"] += 1
            except httpx.TransportError as error:
                failures[type(error).__name__] += 1
            took_s = time.monotonic() - now_s
            (uploads_s if is_upload else requests_s).append(took_s)
            time.sleep(max(0.0, _EVERY_S - took_s))
    return requests_s, uploads_s, failures


def describe(name: str, values_s: list[float]) -> str:
    """Return the number, median, 99th percentile and maximum of durations, in milliseconds."""
    ordered = sorted(values_s)
    p99 = ordered[min(len(ordered) - 1, int(0.99 * len(ordered)))]
    median = statistics.median(ordered)
    return (
        f"{name}: n {len(ordered)}, median {1000 * median:.0f}, p99 {1000 * p99:.0f}, max {1000 * ordered[-1]:.0f} ms"
    )


def main() -> None:
    """Run the service, the flood and the other user; print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--connections", type=int, default=CONNECTIONS, help="silent and slow ones; 0: the rest alone")
    options = parser.parse_args()
    seconds = 60 * options.minutes
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        command = [sys.executable, "-m", "analyzer"]
        keys = [
            subprocess.run([*command, "keys", "create", owner, "--data", str(data)], capture_output=True, text=True)
            for owner in ("user", "attacker")
        ]
        key, other_key = (done.stdout.strip() for done in keys)
        environment = os.environ | {"ANALYZER_MAX_UPLOAD_BYTES": str(_MAX_UPLOAD_BYTES)}
        serve = ["serve", "--host", "0.0.0.0", "--port", "0", "--no-worker", "--data", str(data)]
        with (Path(folder) / "log").open("wb") as log:
            service = subprocess.Popen(
                [*command, *serve], stdout=subprocess.PIPE, stderr=log, text=True, env=environment
            )
            try:
                _run(service, key, other_key, options.connections, seconds)
            finally:
                service.terminate()
                service.wait(60)


def _run(service: "subprocess.Popen[str]", key: str, other_key: str, connections: int, seconds: float) -> None:
    assert service.stdout is not None
    line = next(line for line in service.stdout if line.startswith("Open "))
    port = int(re.findall(r":(\d+)", line)[-1])
    base = f"http://127.0.0.1:{port}"
    with httpx.Client(base_url=base, headers={"Authorization": f"Bearer {other_key}"}, timeout=60) as attacker:
        analysis = attacker.post("/v1/analyses", files={"clip": _SMALL_CLIP.open("rb")}).json()["id"]
    print(f"load of the machine before: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    for line in _summarise("quiet", measure(base, key, min(20.0, seconds))):
        print(line)
    results: Any = multiprocessing.Queue()
    flood = multiprocessing.Process(target=attack, args=(port, other_key, analysis, connections, seconds + 5, results))
    flood.start()
    time.sleep(5)  # all connections are tried once
    process = psutil.Process(service.pid)
    before = process.cpu_times()
    measured = measure(base, key, seconds)
    after = process.cpu_times()
    used = (after.user + after.system - before.user - before.system) / seconds
    descriptors = process.num_fds()
    print(f"flood: {results.get()}; service: {used:.2f} cores, {descriptors} descriptors")
    flood.join()
    for line in _summarise("flooded", measured):
        print(line)
    print(f"load of the machine after: {os.getloadavg()[0]:.1f}")


def _summarise(name: str, measured: tuple[list[float], list[float], Counter[str]]) -> list[str]:
    requests_s, uploads_s, failures = measured
    lines = [describe(f"{name}, requests", requests_s), describe(f"{name}, uploads", uploads_s)]
    return [*lines, f"{name}, failures: {dict(failures) or 'none'}"]


if __name__ == "__main__":
    main()
