"""What a folder of clips costs: both cores, start-up and memory of workers, kill -9, and a second run.

    python -m benchmarks.batch [throughput] [memory] [kill] [again] [--clips 300] [--seconds 1 2] [--kills 5] [--seed 1]

The clips are made here: pieces of 1 to 2 s (`--seconds`, for `throughput`) cut out of `sample_videos` (decoded and
encoded again, each with a start and length of its own), every fifth one out of a real clip where `../shared/clips` is
there, and broken ones: halves, empty, text, noise, a clip without a person. `throughput`: the same clips with one
worker of one thread and with one worker a core. `memory`: start-up of a warm child, and the largest memory of workers
early and late. `kill`: kill -9 at random moments, the same command again until it ends, against an undisturbed run:
every clip has one result or one reason, the tables are the same bytes, and the processor time of all runs together.
`again`: a second run after the words and a threshold have changed, against the first, on a tenth of the clips, 5 to 8 s
long. Everything runs from a copy of the code that is made first, since a change in the code would be a reason to
measure again. Prints one table.
"""

import argparse
import json
import os
import random
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from compileall import compile_dir
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from analyzer.analysis.subprocess_runner import ChildLimits, ClipJob, run_in_child
from analyzer.clip.frame_reader import read_frames
from analyzer.clip.h264_writer import VideoWriter
from analyzer.clip.probe import Clip, open_clip
from analyzer.progress import ProgressCallback
from analyzer.request import AnalysisRequest
from analyzer.settings import Settings

ROOT = Path(__file__).parents[1]
SHARED_CLIPS = ROOT.parent / "shared" / "clips"
BROKEN_SHARE = 1 / 15  # 20 of 300
SAMPLE_INTERVAL_S = 0.25
MB = 2**20


# ---- the clips


def make_clips(folder: Path, count: int, seconds: tuple[float, float] = (1.0, 2.0), *, seed: int = 1) -> int:
    """Make `count` clips in a few folders; return how many of them are broken."""
    rng = random.Random(seed)
    rendered = [open_clip(path, Settings()) for path in sorted((ROOT / "sample_videos").glob("*.mp4"))]
    real = (
        [open_clip(path, Settings()) for path in sorted(SHARED_CLIPS.glob("hinge_*.mp4"))[:4]]
        if SHARED_CLIPS.is_dir()
        else []
    )
    broken = round(BROKEN_SHARE * count)
    for number in range(count):
        path = folder / f"group {number % 5}" / f"clip {number:04d}.mp4"
        path.parent.mkdir(parents=True, exist_ok=True)
        source = rng.choice(real if real and number % 5 == 0 else rendered)
        if number < broken:
            break_clip(path, number, source)
        else:
            cut_clip(source, path, rng.uniform(*seconds), rng)
    return broken


def cut_clip(source: Clip, path: Path, seconds: float, rng: random.Random) -> None:
    """Cut a piece out of a clip, at most 960 px wide."""
    frames = min(source.frames, max(16, round(seconds * source.mean_fps)))
    start = rng.randrange(max(1, source.frames - frames))
    scale = min(1.0, 960 / max(source.width_px, source.height_px))
    size = 2 * round(scale * source.width_px / 2), 2 * round(scale * source.height_px / 2)
    with VideoWriter(path, *size) as writer:
        for index, image in read_frames(source, start, start + frames, size_px=size):
            writer.write(image, float(source.times_s[index] - source.times_s[start]))


def break_clip(path: Path, kind: int, source: Clip) -> None:
    """Write a broken clip: the second half of a file, empty, text, noise, or without a person."""
    content = source.path.read_bytes()
    rng = random.Random(kind)
    if kind % 5 == 4:
        import numpy as np

        with VideoWriter(path, 320, 180) as writer:
            for index in range(30):
                writer.write(np.full((180, 320, 3), 40 + kind, dtype=np.uint8), index / 30)
        return
    contents = (content[len(content) // 2 :], b"", f"clip {kind}\n".encode() * 20, rng.randbytes(20_000))
    path.write_bytes(contents[kind % 5])


# ---- a monitored run


@dataclass
class ProcessMonitor:
    """Samples processor time and memory of a process and all that it starts, every quarter of a second."""

    process: psutil.Process
    cpu_s: dict[int, float] = field(default_factory=dict)
    children_mb: list[tuple[float, int, float]] = field(default_factory=list)
    main_mb: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._sample, daemon=True)
        self._thread.start()

    def end(self) -> None:
        """Stop sampling."""
        self._ended.set()
        self._thread.join()

    def _sample(self) -> None:
        while not self._ended.wait(SAMPLE_INTERVAL_S):
            try:
                tree = [self.process, *self.process.children(recursive=True)]
            except psutil.NoSuchProcess:
                return
            for process in tree:
                try:
                    times = process.cpu_times()
                    self.cpu_s[process.pid] = times.user + times.system
                    resident = process.memory_info().rss / MB
                    if process.pid == self.process.pid:
                        self.main_mb.append(resident)
                    elif process.nice() > self.process.nice():  # a clip's own process
                        self.children_mb.append((time.monotonic(), process.pid, resident))
                except psutil.Error:
                    continue

    @property
    def all_cpu_s(self) -> float:
        """Return the processor time of all processes, seconds."""
        return sum(self.cpu_s.values())


@dataclass
class BatchRun:
    """One run of the command: how it ended, how long it took, and the events it wrote."""

    code: int
    seconds: float
    events: list[dict[str, object]]
    monitor: ProcessMonitor

    @property
    def finished(self) -> int:
        """Return how many clips ended, done or failed."""
        return sum(event["event"] in ("done", "failed") for event in self.events)


def run(
    folder: Path,
    out: Path,
    *more: str,
    code: Path,
    threads: int | None = None,
    kill_after_s: float | None = None,
) -> BatchRun:
    """Run `analyzer batch` as a process, killed after so long if it still runs then."""
    environment = dict(os.environ) | ({"ANALYZER_POSE_THREADS": str(threads)} if threads else {})
    command = [sys.executable, "-m", "analyzer", "batch", str(folder), "--out", str(out), "--jsonl", *more]
    began = time.monotonic()
    with tempfile.TemporaryFile("w+") as output:
        process = subprocess.Popen(command, cwd=code, stdout=output, env=environment)
        monitor = ProcessMonitor(psutil.Process(process.pid))
        try:
            process.wait(kill_after_s)
        except subprocess.TimeoutExpired:
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
        seconds = time.monotonic() - began
        monitor.end()
        output.seek(0)
        events = [json.loads(line) for line in output.read().splitlines() if line.endswith("}")]
    return BatchRun(process.returncode, seconds, events, monitor)


# ---- the figures


TableRow = tuple[str, str, str]


def measure_throughput(work: Path, count: int, seconds: tuple[float, float]) -> Iterator[TableRow]:
    """Measure clips a minute with one worker a core against one worker of one thread, on the same clips."""
    folder = work / "throughput"
    make_clips(folder, count, seconds)
    cores, code = len(os.sched_getaffinity(0)), copy_code(work / "code")
    rates: dict[int, float] = {}
    busy: dict[int, float] = {}
    for workers in (1, cores):
        done = run(
            folder, work / f"throughput_out_{workers}", "--workers", str(workers), "--no-video", code=code, threads=1
        )
        rates[workers] = 60 * done.finished / done.seconds
        busy[workers] = done.monitor.all_cpu_s / done.seconds
    same = describe_differences(work / "throughput_out_1", work / f"throughput_out_{cores}")
    yield f"clips a minute, 1 worker of 1 thread ({count} clips)", f"{rates[1]:.1f}", ""
    yield f"clips a minute, {cores} workers", f"{rates[cores]:.1f}", ""
    yield "ratio to cores x one", f"{rates[cores] / (cores * rates[1]):.2f}", "at least 0.95"
    cores_used = f"{busy[1]:.2f}, {busy[cores]:.2f}"
    yield "cores that it got, 1 and more workers", cores_used, f"1, {cores}: else other programs were running"
    yield "results and tables, 1 and more workers", same, "the same bytes"


def do_nothing(_job: ClipJob, _progress: ProgressCallback) -> dict[str, object]:
    """Return at once: what is left is starting and ending a child."""
    return {}


def measure_start_up() -> list[float]:
    """Return the seconds of children that do nothing, the first one included."""
    job = ClipJob(Path("none.mp4"), AnalysisRequest(), Settings(), Path(tempfile.gettempdir()) / "none")
    times = []
    for _ in range(21):
        began = time.perf_counter()
        outcome = run_in_child(
            job, limits=ChildLimits(), on_progress=lambda *_: None, cancelled=lambda: False, task=do_nothing
        )
        times.append(time.perf_counter() - began)
        if outcome.kind != "done":
            raise SystemExit(f"a child that does nothing ended as {outcome}")
    return times


def measure_memory(work: Path, count: int) -> Iterator[TableRow]:
    """Measure start-up and memory."""
    times = measure_start_up()
    later = times[1:]
    yield "start-up of the first child, s", f"{times[0]:.2f}", ""
    yield (
        "start-up of a later one, s (median, largest)",
        f"{statistics.median(later):.3f}, {max(later):.3f}",
        "below 0.3",
    )
    folder = work / "memory"
    make_clips(folder, count)
    yield from format_memory(run(folder, work / "memory_out", "--no-video", code=copy_code(work / "code")))


def format_memory(done: BatchRun) -> Iterator[TableRow]:
    """Yield the memory of the workers and of the command in a run."""
    largest: dict[int, float] = {}
    for _, pid, resident in done.monitor.children_mb:
        largest[pid] = max(largest.get(pid, 0.0), resident)
    peaks = list(largest.values())
    third = max(1, len(peaks) // 3)
    early, late = peaks[:third], peaks[-third:]
    yield f"memory of a worker, MB, largest of {len(peaks)}", f"{max(peaks):.0f}", "below 700"
    medians = f"{statistics.median(early):.0f}, {statistics.median(late):.0f}"
    yield "memory of a worker, MB, first and last third (medians)", medians, "flat"
    main = done.monitor.main_mb
    yield "memory of the command itself, MB, early and late", f"{main[len(main) // 4]:.0f}, {main[-4]:.0f}", "flat"


def kill_and_restart(work: Path, count: int, kills: int, seed: int) -> Iterator[TableRow]:
    """Kill a run at random moments and restart it; compare with an undisturbed run."""
    folder, calm_out, out = work / "kill", work / "kill_calm", work / "kill_out"
    broken, code = make_clips(folder, count), copy_code(work / "code")
    calm = run(folder, calm_out, "--no-video", code=code)
    yield from format_memory(calm)
    rng, cpu_s, seconds, finished = random.Random(seed), 0.0, 0.0, 0
    for _ in range(kills):
        # Times within what is left at the undisturbed pace, so that every kill meets a run at work.
        left_s = max(10.0, calm.seconds - seconds)
        killed = run(folder, out, "--no-video", code=code, kill_after_s=rng.uniform(5, max(6.0, 0.5 * left_s)))
        cpu_s += killed.monitor.all_cpu_s
        seconds += killed.seconds
        finished += killed.finished
    last = run(folder, out, "--no-video", code=code)
    cpu_s, finished = cpu_s + last.monitor.all_cpu_s, finished + last.finished
    records = [json.loads(path.read_text()) for path in sorted((out / "clips").rglob("record.json"))]
    states = [record["state"] for record in records]
    results = len(list((out / "clips").rglob("analysis.json")))
    left_over = len(list(out.rglob(".unfinished-*"))) + len(list(out.rglob("*.tmp*")))
    yield f"clips ({broken} broken), kills", f"{count}, {kills}", ""
    done, failed = states.count("done"), states.count("failed")
    yield "one result / one reason / neither", f"{done} / {failed} / {count - len(records)}", "0 neither"
    yield "results that lie there, half-written files", f"{results}, {left_over}", f"{done}, 0"
    yield "results and tables against the undisturbed run", describe_differences(calm_out, out), "the same bytes"
    yield "processor time of all runs to the undisturbed one", f"{cpu_s / calm.monitor.all_cpu_s:.3f}", "at most 1.1"
    lost_s = (cpu_s - calm.monitor.all_cpu_s) / kills
    clip_s = calm.monitor.all_cpu_s / count
    yield "processor seconds a kill and a restart cost, a clip costs", f"{lost_s:.1f}, {clip_s:.1f}", ""
    yield "clips reported as finished, of all runs", f"{finished}", f"{count}, and one a kill at most"


def measure_rerun(work: Path, count: int) -> Iterator[TableRow]:
    """Run the same folder again after words and a threshold have changed; clips of some seconds, with videos."""
    folder, out, code = work / "again", work / "again_out", copy_code(work / "code")
    make_clips(folder, count, (5.0, 8.0))
    first, unchanged = run(folder, out, code=code), run(folder, out, code=code)
    changed = copy_code(work / "changed", code)
    replace_in_file(changed / "analyzer/coaching/catalogue.toml", "Solid lockouts", "Strong lockouts")
    replace_in_file(changed / "analyzer/movements/hinge/thresholds.py", "    None: 1.3,", "    None: 1.35,")
    second = run(folder, out, code=changed)
    reuse = {str(event.get("status")) for event in second.events if event["event"] == "done"}
    yield f"first run of {count} clips with video, s", f"{first.seconds:.1f}", ""
    yield "nothing changed, s", f"{unchanged.seconds:.1f}", ""
    yield "words and a threshold changed, s", f"{second.seconds:.1f} ({', '.join(sorted(reuse))})", ""
    ratio = second.monitor.all_cpu_s / first.monitor.all_cpu_s
    yield "processor time, second to first run", f"{100 * ratio:.1f} %", "below 5 %"
    work_s = [sum(float(str(e["seconds"])) for e in one.events if e["event"] == "done") for one in (first, second)]
    yield "time of the clips alone, second to first run", f"{100 * work_s[1] / work_s[0]:.1f} %", "below 5 %"


def copy_code(place: Path, source: Path = ROOT) -> Path:
    """Copy the code, so that it does not change during the run."""
    if not place.exists():
        place.mkdir()
        shutil.copytree(source / "analyzer", place / "analyzer", ignore=shutil.ignore_patterns("__pycache__"))
        for name in ("models", "sample_videos"):
            shutil.copytree(source / name, place / name)
        shutil.copy(source / "pyproject.toml", place)
        compile_dir(place / "analyzer", quiet=1)  # as an installed package is
    return place


def replace_in_file(path: Path, old: str, new: str) -> None:
    """Replace one text in a file."""
    text = path.read_text(encoding="utf-8")
    if old not in text:
        raise SystemExit(f"{path.name} no longer has: {old}")
    path.write_text(text.replace(old, new), encoding="utf-8")


def describe_differences(a: Path, b: Path) -> str:
    """Compare two folders of results byte for byte; return what differs, in words."""
    names = ("analysis.json", "angles.csv", "summary.csv", "summary.parquet", "summary.xlsx")
    files = [{path.relative_to(top): path for name in names for path in top.rglob(name)} for top in (a, b)]
    if files[0].keys() != files[1].keys():
        return f"{len(files[0].keys() ^ files[1].keys())} files in one only"
    other = [name for name, path in files[0].items() if path.read_bytes() != files[1][name].read_bytes()]
    return f"{len(other)} differ, first {other[0]}" if other else f"{len(files[0])} files the same"


PARTS = ("throughput", "memory", "kill", "again")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", nargs="*", help=f"{', '.join(PARTS)}; default all")
    parser.add_argument("--clips", type=int, default=300)
    parser.add_argument("--seconds", nargs=2, type=float, default=(1.0, 2.0), help="shortest and longest clip")
    parser.add_argument("--kills", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    wanted: Sequence[str] = options.what or PARTS
    if unknown := set(wanted) - set(PARTS):
        parser.error(f"{', '.join(sorted(unknown))}: expected {', '.join(PARTS)}")
    with tempfile.TemporaryDirectory(prefix="batch-") as temporary:
        work = Path(temporary)
        figures = {
            "throughput": lambda: measure_throughput(work, options.clips, tuple(options.seconds)),
            "memory": lambda: measure_memory(work, options.clips),
            "kill": lambda: kill_and_restart(work, options.clips, options.kills, options.seed),
            "again": lambda: measure_rerun(work, max(4, options.clips // 10)),
        }
        print(f"{os.cpu_count()} cores; load before: {', '.join(f'{load:.1f}' for load in os.getloadavg())}")
        for name in wanted:
            for figure, value, target in figures[name]():
                print(f"{name:11s} {figure:58s} {value:28s} {target}", flush=True)


if __name__ == "__main__":
    main()
