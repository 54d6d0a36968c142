"""From sending a clip to its result through the service, against `analyzer run` on the same clip: in turn, one by one.

    python -m benchmarks.service [CLIP ...] [--runs 5]

Without CLIP, the rendered sample is enlarged to 1920x1080 and repeated to 8 s and to 23 s. The time of the service
begins before the clip is sent, and ends when a request that waits for the result has its answer; sending and checking
it is printed as well. Both write the annotated video. Prints seconds and the ratio of each pair.
"""

import argparse
import statistics
import tempfile
import time
from pathlib import Path

import httpx

from api.db.statuses import OPEN_STATUSES
from benchmarks.memory import make_repeated_sample
from benchmarks.service_process import ServiceProcess, run_service
from benchmarks.speed import OURS, measure_command, measure_in_new_folder, run_command

SAMPLES_S = (8, 23)


def time_through_service(service: ServiceProcess, clip: Path) -> tuple[float, float]:
    """Return the seconds until the result is there, and those until the clip was accepted."""
    began = time.perf_counter()
    with httpx.Client(base_url=service.url, timeout=60) as client:
        with clip.open("rb") as file:
            status = client.post("/v1/analyses", files={"clip": file}).raise_for_status().json()
        taken = time.perf_counter()
        while status["status"] in OPEN_STATUSES:
            status = client.get(f"/v1/analyses/{status['id']}", params={"wait": 30}).raise_for_status().json()
    if status["status"] != "done":
        raise SystemExit(f"{clip.name}: {status['status']}, {status['error']}")
    return time.perf_counter() - began, taken - began


def compare_times(service: ServiceProcess, clip: Path, runs: int) -> None:
    """Print one row of the table."""
    pairs = [
        (measure_in_new_folder(run_command(OURS, clip), measure_command).wall_s, *time_through_service(service, clip))
        for _ in range(runs)
    ]
    ran, served_s, taken = (statistics.median(values) for values in zip(*pairs, strict=True))
    ratios = [through / run for run, through, _ in pairs]
    more = [through - run for run, through, _ in pairs]
    print(
        f"{clip.name:24s} {ran:6.1f} {served_s:8.1f} {taken:11.2f}   {statistics.median(ratios):.2f} "
        f"({' '.join(f'{ratio:.2f}' for ratio in ratios)})   {statistics.median(more):+.1f}",
        flush=True,
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("clips", nargs="*", type=Path)
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        clips = options.clips
        if not clips:
            clips = [folder / f"sample_{duration_s}_s.mp4" for duration_s in SAMPLES_S]
            for clip, duration_s in zip(clips, SAMPLES_S, strict=True):
                make_repeated_sample(clip, 1920, 1080, "libx264", "yuv420p", duration_s)
        (folder / "data").mkdir()
        print(f"{'':24s} {'run, s':>6s} {'service':>8s} {'taken after':>11s}   ratio (pairs; aim 0.8)   more, s")
        with run_service(folder / "data", worker=True, requests_per_minute=100_000) as service:
            time_through_service(service, clips[0])  # the first one starts what later ones find warm
            for clip in clips:
                compare_times(service, clip, options.runs)


if __name__ == "__main__":
    main()
