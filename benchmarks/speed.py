"""Time of the whole `analyzer run` against the plain loop, as whole processes in turn, on one 1080p clip.

    python -m benchmarks.speed [CLIP] [--runs 3]

Without CLIP, the rendered sample is enlarged to 1920x1080 and repeated to 23 s. The plain loop is OpenCV's read,
cvtColor and PoseLandmarker in VIDEO mode with masks, in one Python thread, and nothing else. Prints seconds of each
run, the ratio of each pair, where the time goes, and how far the angles are from full-size inference of every frame in
one piece.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from unittest import mock

import numpy as np

from analyzer.analysis.pipeline import analyze_clip
from analyzer.clip.frame_reader import read_frames
from analyzer.clip.h264_writer import VideoWriter
from analyzer.clip.probe import Clip, open_clip
from analyzer.package_data import find_resource
from analyzer.pose import adaptive_sampling, tracking
from analyzer.pose.model_store import ensure_model
from analyzer.pose.subject_selection import SelectedSubject
from analyzer.request import AnalysisRequest
from analyzer.settings import Settings
from analyzer.vocabulary.angles import MAIN_ANGLES

ROOT = Path(__file__).parents[1]


def make_enlarged_sample(path: Path, repeats: int = 3) -> None:
    """Write the sample hinge at 1920x1080, several times over."""
    clip = open_clip(find_resource("sample_videos/hinge_neutral.mp4"), Settings())
    with VideoWriter(path, 1920, 1080) as writer:
        for turn in range(repeats):
            for index, image in read_frames(clip, size_px=(1920, 1080)):
                writer.write(image, turn * clip.duration_s + float(clip.times_s[index]))


def time_command(command: list[str]) -> float:
    """Return the wall time of a process that must succeed, seconds."""
    began = time.perf_counter()
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - began


def time_run(clip: Path, out: Path, *options: str) -> float:
    """Return the wall time of `analyzer run` into a new folder, where no stored track saves it the pose model."""
    shutil.rmtree(out, ignore_errors=True)
    return time_command([sys.executable, "-m", "analyzer", "run", str(clip), "--out", str(out), *options])


def time_stages(clip: Path) -> dict[str, float]:
    """Return the wall seconds of each stage of an analysis, as its progress reports them."""
    last, spent = [time.perf_counter(), "opening the clip"], defaultdict(float)

    def progress(stage: str, _done: int, _total: int) -> None:
        """Add the time since the last report to its stage."""
        now = time.perf_counter()
        spent[stage] += now - last[0]
        last[:] = now, stage

    analyze_clip(clip, AnalysisRequest(), Settings(), progress)
    spent["cleaning and angles"] += time.perf_counter() - last[0]
    return spent


def compare_angles(clip: Path) -> dict[str, float]:
    """Return the mean absolute difference to full-size inference of every frame in one piece, degrees."""
    ours = analyze_clip(clip, AnalysisRequest(), Settings(), lambda *_: None).analysis.angles

    def whole(_subject: SelectedSubject, _clip: Clip, _step: int, rows: int) -> list[tuple[int, int]]:
        """Return one chunk of all rows."""
        return [(0, rows)]

    with (
        mock.patch.object(tracking, "SUBJECT_SIDE_PX", 10_000),
        mock.patch.object(tracking, "_chunks", whole),
        mock.patch.object(adaptive_sampling, "SAMPLING_INTERVALS", ()),
    ):
        full = analyze_clip(clip, AnalysisRequest(), Settings(pose_threads=1), lambda *_: None).analysis.angles
    return {name: float(np.nanmean(np.abs(ours[name] - full[name]))) for name in MAIN_ANGLES}


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("clip", nargs="?", type=Path)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        clip = options.clip
        if clip is None:
            clip = Path(folder) / "sample_1080p.mp4"
            make_enlarged_sample(clip)
        model = ensure_model("full", Settings()).path
        plain = [sys.executable, "-c"]
        plain.append(
            "import sys; from pathlib import Path; from benchmarks.plain import detect_landmarks; "
            "detect_landmarks(Path(sys.argv[1]), Path(sys.argv[2]), masks=True)"
        )
        out = Path(folder) / "out"
        times: dict[str, list[float]] = {"plain loop": [], "run --no-video": [], "run": []}
        for _ in range(options.runs):
            times["plain loop"].append(time_command([*plain, str(clip), str(model)]))
            times["run --no-video"].append(time_run(clip, out, "--no-video"))
            times["run"].append(time_run(clip, out))
        frames = open_clip(clip, Settings()).frames
        print(f"{clip.name}: {frames} frames, {os.cpu_count()} cores, {options.runs} runs in turn")
        print(f"{'':16s} {'seconds (min / median / max)':30s} ratio to the plain loop, pair by pair")
        for name, values in times.items():
            ratios = [value / base for value, base in zip(values, times["plain loop"], strict=True)]
            print(
                f"{name:16s} {min(values):5.1f} / {statistics.median(values):5.1f} / {max(values):5.1f}          "
                f"{statistics.median(ratios):.2f}  ({' '.join(f'{r:.2f}' for r in ratios)})"
            )
        print("\nWhere an analysis spends its time, seconds")
        for stage, spent in time_stages(clip).items():
            print(f"  {stage:22s} {spent:5.2f}")
        print("\nMean difference of the angles to full-size, one-piece inference, degrees")
        for name, off in compare_angles(clip).items():
            print(f"  {name:22s} {off:5.2f}")


if __name__ == "__main__":
    main()
