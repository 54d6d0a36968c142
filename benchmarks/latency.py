"""How soon the status of an analysis is answered while both cores analyse: 20 clients, 20 requests a second in all.

Run: python -m benchmarks.latency [--seconds 60] [--clips 40]
"""

import argparse
import asyncio
import tempfile
import time
from pathlib import Path

import httpx
import numpy as np
import psutil

from benchmarks.service_process import ServiceProcess, run_service

CLIP = Path(__file__).parents[1] / "sample_videos" / "hinge_neutral.mp4"
CLIENTS, EVERY_S = 20, 1.0
BARE_EVERY = 4  # an answer without any work, for what the machine itself costs at that moment


async def simulate_client(
    url: str, number: int, ids: list[str], until: float, took: list[float], bare: list[float], failed: list[str]
) -> None:
    """Request the status of analyses at a steady rate; collect the times, and the failures."""
    async with httpx.AsyncClient(base_url=url, timeout=30) as client:
        due = time.perf_counter() + EVERY_S * number / CLIENTS
        while due < until:
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            began = time.perf_counter()
            answer = await client.get(f"/v1/analyses/{ids[number % len(ids)]}")
            took.append(time.perf_counter() - began)
            if answer.status_code != 200:
                failed.append(f"{answer.status_code} {answer.text[:80]}")
            due += EVERY_S
            if len(took) % BARE_EVERY == 0:
                began = time.perf_counter()
                await client.get("/healthz")
                bare.append(time.perf_counter() - began)


async def measure_latency(
    service: ServiceProcess, seconds: float, clips: int
) -> tuple[np.ndarray, np.ndarray, list[str], float, str]:
    """Send clips, then measure the requests of all clients while workers analyse them."""
    took: list[float] = []
    bare: list[float] = []
    failed: list[str] = []
    async with httpx.AsyncClient(base_url=service.url, timeout=60) as client:
        ids = []
        for _ in range(clips):
            with CLIP.open("rb") as file:
                ids.append((await client.post("/v1/analyses", files={"clip": file})).raise_for_status().json()["id"])
        while not (await client.get("/v1/analyses?status=running")).json()["items"]:
            await asyncio.sleep(0.2)
        psutil.cpu_percent()
        until = time.perf_counter() + seconds
        await asyncio.gather(*(simulate_client(service.url, i, ids, until, took, bare, failed) for i in range(CLIENTS)))
        busy = psutil.cpu_percent()
        states = [(await client.get(f"/v1/analyses/{id}")).json()["status"] for id in ids]
    states_text = ", ".join(f"{states.count(state)} {state}" for state in sorted(set(states)))
    return np.array(took) * 1000, np.array(bare) * 1000, failed, busy, states_text


def main() -> None:
    """Print the table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seconds", type=float, default=60)
    options.add_argument("--clips", type=int, default=40)
    arguments = options.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        run_service(Path(folder), worker=True, requests_per_minute=100_000) as up,
    ):
        took_ms, bare_ms, failed, busy, states = asyncio.run(measure_latency(up, arguments.seconds, arguments.clips))
    print(f"{CLIENTS} clients, {len(took_ms) / arguments.seconds:.1f} requests/s, processors {busy:.0f} % busy")
    for name, times in (("GET status", took_ms), ("GET /healthz", bare_ms)):
        p50, p95, p99, worst = np.percentile(times, [50, 95, 99, 100])
        print(f"{name:13s} p50 {p50:.1f} ms   p95 {p95:.1f} ms   p99 {p99:.1f} ms   worst {worst:.1f} ms")
    print(f"failed: {len(failed)}")
    print(f"analyses at the end: {states}; load of the machine {psutil.getloadavg()[0]:.1f}")
    for line in failed[:5]:
        print(line)


if __name__ == "__main__":
    main()
