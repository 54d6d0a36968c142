"""Time, processor time and memory of the whole `analyzer run` against the plain loop, as whole commands in turn.

    python -m benchmarks.speed [CLIP] [--runs 5] [--older ANALYZER] [--short]

Without CLIP, the rendered sample is enlarged to 1920x1080 and repeated to 20 s. The plain loop is OpenCV's read,
cvtColor and PoseLandmarker in VIDEO mode with masks, in one Python thread, and nothing else. `--older` is the
`analyzer` command of another installed version, which runs in the same turns. Prints each figure as its median with
the least and the most, ratios pair by pair, and the peak memory of all processes of one more run of each command
(`benchmarks.memory`), since sampling it takes time. Then a 10 s clip, clips of 240 frames a second and of 4K by second
of film, where the time goes, and how far the angles are from full-size inference of every frame in one piece. `--short`
prints the first table only.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar
from unittest import mock

import numpy as np

from analyzer.analysis.pipeline import analyze_clip
from analyzer.clip.probe import Clip, open_clip
from analyzer.pose import adaptive_sampling, tracking
from analyzer.pose.model_store import ensure_model
from analyzer.pose.subject_selection import SelectedSubject
from analyzer.request import AnalysisRequest
from analyzer.settings import Settings
from analyzer.vocabulary.angles import MAIN_ANGLES
from benchmarks.memory import ROOT, make_repeated_sample, measure_peak_mb

OURS = [sys.executable, "-m", "analyzer"]
Measured = TypeVar("Measured")


OUT = "OUT"
"""In a command, stands for a new folder each time it runs, where no stored track saves it the pose model."""


@dataclass(frozen=True)
class CommandCost:
    """Wall and processor time of one command, its child processes included."""

    wall_s: float
    cpu_s: float


@dataclass(frozen=True)
class CommandCosts:
    """Costs of all runs of one command, and its peak memory."""

    runs: list[CommandCost]
    peak_mb: float


def compile_modules(python: str | Path, folder: Path) -> None:
    """Compile the package that a Python finds from `folder`, as pip does when it installs one."""
    program = "import analyzer, compileall, os; compileall.compile_dir(os.path.dirname(analyzer.__file__), quiet=1)"
    subprocess.run([python, "-c", program], cwd=folder, check=True)


def measure_command(command: list[str]) -> CommandCost:
    """Measure a command that must succeed."""
    began = time.perf_counter()
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if os.waitstatus_to_exitcode(status):
        sys.exit(f"{' '.join(command)} failed")
    return CommandCost(time.perf_counter() - began, usage.ru_utime + usage.ru_stime)


def run_command(analyzer: list[str], clip: Path, *options: str) -> list[str]:
    """Return the command `analyzer run` of one clip."""
    return [*analyzer, "run", str(clip), "--out", OUT, *options]


def measure_in_new_folder(command: list[str], measure: Callable[[list[str]], Measured]) -> Measured:
    """Measure a command whose `OUT` is a new folder."""
    with tempfile.TemporaryDirectory() as folder:
        return measure([f"{folder}/out" if part == OUT else part for part in command])


def measure_in_turn(commands: dict[str, list[str]], runs: int) -> dict[str, CommandCosts]:
    """Measure several commands in turn, so that a change of the machine's load meets all of them."""
    costs: dict[str, list[CommandCost]] = {name: [] for name in commands}
    for _ in range(runs):
        for name, command in commands.items():
            costs[name].append(measure_in_new_folder(command, measure_command))
    return {
        name: CommandCosts(costs[name], measure_in_new_folder(command, measure_peak_mb)[0])
        for name, command in commands.items()
    }


def format_costs(costs: dict[str, CommandCosts], bases: Sequence[str]) -> Iterator[str]:
    """Yield a line for each command, with the ratio of its wall and processor time to those of `bases`."""
    for name, cost in costs.items():
        line = f"{name:20s} wall {_spread([v.wall_s for v in cost.runs])} s"
        line += f"   cpu {_spread([v.cpu_s for v in cost.runs])} s   peak {cost.peak_mb:4.0f} MB"
        for base in bases:
            if name != base and base in costs:
                walls = [v.wall_s / b.wall_s for v, b in zip(cost.runs, costs[base].runs, strict=True)]
                cpus = [v.cpu_s / b.cpu_s for v, b in zip(cost.runs, costs[base].runs, strict=True)]
                line += f"   to {base}: wall {_spread(walls)}, cpu {_spread(cpus)}"
        yield line


def _spread(values: Sequence[float]) -> str:
    return f"{statistics.median(values):.2f} ({min(values):.2f}-{max(values):.2f})"


def time_stages(clip: Path) -> dict[str, float]:
    """Return the wall seconds of each stage of an analysis, as its progress reports them."""
    last_s = time.perf_counter()
    spent: defaultdict[str, float] = defaultdict(float)

    def progress(stage: str, _done: int, _total: int) -> None:
        """Add the time since the last report to its stage."""
        nonlocal last_s
        now_s = time.perf_counter()
        spent[stage] += now_s - last_s
        last_s = now_s

    analyze_clip(clip, AnalysisRequest(), Settings(), progress)
    spent["cleaning and angles"] += time.perf_counter() - last_s
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


def measure_main_table(clip: Path, older: Path | None, runs: int) -> Iterator[str]:
    """Measure the plain loop and both kinds of run, with an older version beside them."""
    model = ensure_model("full", Settings()).path
    plain = (
        "import sys; from pathlib import Path; from benchmarks.plain import detect_landmarks; "
        "detect_landmarks(Path(sys.argv[1]), Path(sys.argv[2]), masks=True)"
    )
    commands = {
        "plain loop": [sys.executable, "-c", plain, str(clip), str(model)],
        "run --no-video": run_command(OURS, clip, "--no-video"),
        "run": run_command(OURS, clip),
    }
    if older:
        commands["older --no-video"] = run_command([str(older)], clip, "--no-video")
        commands["older run"] = run_command([str(older)], clip)
    yield from format_costs(measure_in_turn(commands, runs), ("plain loop", "older --no-video", "older run"))


def measure_other_clips(folder: Path, older: Path | None, runs: int) -> Iterator[str]:
    """Measure a short clip, and by second of film two of 240 frames a second and one of 4K against the usual one."""
    short, fast, fast_b, large = (folder / f"{name}.mp4" for name in ("10s", "240fps", "240fps_b", "4k"))
    make_repeated_sample(short, 1920, 1080, "libx264", "yuv420p", 10)
    make_repeated_sample(fast, 1920, 1080, "libx264", "yuv420p", 10, fps=240)
    make_repeated_sample(fast_b, 1920, 1080, "libx264", "yuv420p", 10, fps=240, b_frames=3)
    make_repeated_sample(large, 3840, 2160, "libx264", "yuv420p", 10)
    commands = {"10 s, run": run_command(OURS, short)}
    if older:
        commands["10 s, older run"] = run_command([str(older)], short)
    commands |= {
        "10 s, no video": run_command(OURS, short, "--no-video"),
        "240 fps, 10 s": run_command(OURS, fast, "--no-video"),
        "240 fps B-frames": run_command(OURS, fast_b, "--no-video"),
        "4K, 10 s": run_command(OURS, large, "--no-video"),
    }
    yield from format_costs(measure_in_turn(commands, runs), ("10 s, older run", "10 s, no video"))


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("clip", nargs="?", type=Path)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--older", type=Path)
    parser.add_argument("--short", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        clip = options.clip
        if clip is None:
            clip = folder / "sample_1080p.mp4"
            make_repeated_sample(clip, 1920, 1080, "libx264", "yuv420p", 20)
        compile_modules(sys.executable, ROOT)
        if options.older:
            compile_modules(options.older.parent / "python", options.older.parent)
        frames = open_clip(clip, Settings()).frames
        print(f"{clip.name}: {frames} frames, {os.cpu_count()} cores, {options.runs} runs in turn")
        for line in measure_main_table(clip, options.older, options.runs):
            print(line, flush=True)
        if options.short:
            return
        print("\nOther clips")
        for line in measure_other_clips(folder, options.older, options.runs):
            print(line, flush=True)
        print("\nWhere an analysis spends its time, seconds")
        for stage, spent in time_stages(clip).items():
            print(f"  {stage:22s} {spent:5.2f}")
        print("\nMean difference of the angles to full-size, one-piece inference, degrees")
        for name, off in compare_angles(clip).items():
            print(f"  {name:22s} {off:5.2f}")


if __name__ == "__main__":
    main()
