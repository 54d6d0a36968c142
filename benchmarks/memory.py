"""Peak memory of the whole `analyzer run`, from a 10 s to a 5 min clip, up to 4K.

    python -m benchmarks.memory [--short]

Clips are the rendered sample, enlarged and repeated. Prints the peak of each run: the memory of all of its processes,
in which a page that several of them share counts once (proportional set size; Linux only). It is sampled, and lower
while other programs use the same libraries. `--short` leaves out the long ones.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from fractions import Fraction
from multiprocessing import get_context
from pathlib import Path

import av
import psutil

from analyzer.clip.frame_reader import read_frames
from analyzer.clip.probe import open_clip
from analyzer.package_data import find_resource
from analyzer.settings import Settings

ROOT = Path(__file__).parents[1]
LIMIT_MB = 450
_SAMPLE_EVERY_S = 0.05
CLIPS = (
    ("1080p H.264, 10 s", 1920, 1080, "libx264", "yuv420p", 10),
    ("1080p H.264, 1 min", 1920, 1080, "libx264", "yuv420p", 60),
    ("1080p H.264, 5 min", 1920, 1080, "libx264", "yuv420p", 300),
    ("4K H.264, 10 s", 3840, 2160, "libx264", "yuv420p", 10),
    ("4K HEVC 10 bit, 10 s", 3840, 2160, "libx265", "yuv420p10le", 10),
    ("4K HEVC 10 bit, 40 s", 3840, 2160, "libx265", "yuv420p10le", 40),
)


def make_repeated_sample(
    path: Path, width: int, height: int, codec: str, pixels: str, seconds: int, *, fps: int = 30, b_frames: int = 0
) -> None:
    """Write the sample hinge enlarged and repeated, with a key frame each second as phones do.

    Beyond 30 frames a second each of its pictures is shown several times. `b_frames` is the most that may follow each
    other: some phones write such frames, on many of which no other depends.
    """
    repeats = fps // 30
    clip = open_clip(find_resource("sample_videos/hinge_neutral.mp4"), Settings())
    with av.open(str(path), "w") as out:
        stream = out.add_stream(codec, rate=fps)
        stream.width, stream.height, stream.pix_fmt = width, height, pixels
        stream.options = {"preset": "ultrafast", "crf": "24", "g": str(fps), "x265-params": "log-level=none"}
        if b_frames:
            stream.options |= {"bf": str(b_frames)}
        stream.time_base = Fraction(1, fps)
        written = 0
        while written < 30 * seconds:
            for _, image in read_frames(clip, stop=min(clip.frames, 30 * seconds - written), size_px=(width, height)):
                for copy in range(repeats):
                    frame = av.VideoFrame.from_ndarray(image, format="rgb24")
                    frame.pts = repeats * written + copy
                    out.mux(stream.encode(frame))
                written += 1
        out.mux(stream.encode())


def measure_peak_mb(command: list[str]) -> tuple[float, float]:
    """Return the peak memory in MB of a command that must succeed, with its child processes, and its seconds."""
    began = time.perf_counter()
    with psutil.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        peak_bytes = 0
        while process.poll() is None:
            peak_bytes = max(peak_bytes, _sum_memory(process))
            time.sleep(_SAMPLE_EVERY_S)
        took_s = time.perf_counter() - began
        if process.returncode:
            sys.exit(f"{' '.join(command)} failed: {process.stderr.read().decode()}")
    return peak_bytes / 2**20, took_s


def _sum_memory(process: psutil.Process) -> int:
    """Return the proportional set size of a process and its children, bytes."""
    total = 0
    with suppress(psutil.Error):  # one that has just ended
        for one in (process, *process.children(recursive=True)):
            total += one.memory_full_info().pss
    return total


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--short", action="store_true")
    options = parser.parse_args()
    over = False
    print(f"{'clip':24s} {'video':6s} {'peak MB':>8s} {'seconds':>8s}   limit {LIMIT_MB} MB")
    for name, width, height, codec, pixels, seconds in CLIPS:
        if options.short and seconds > 10:
            continue
        with tempfile.TemporaryDirectory() as folder:
            clip = Path(folder) / "clip.mp4"
            # In a process of its own, so that this one does not share libraries with the runs.
            maker = get_context("spawn").Process(
                target=make_repeated_sample, args=(clip, width, height, codec, pixels, seconds)
            )
            maker.start()
            maker.join()
            for video in (False, True):
                command = [sys.executable, "-m", "analyzer", "run", str(clip), "--out", f"{folder}/out-{video}"]
                peak, took = measure_peak_mb(command if video else [*command, "--no-video"])
                over |= peak > LIMIT_MB
                print(f"{name:24s} {'yes' if video else 'no':6s} {peak:8.0f} {took:8.1f}", flush=True)
    sys.exit(over)


if __name__ == "__main__":
    main()
