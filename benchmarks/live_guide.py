"""Measure the live guide: its instructions in twelve scenes, and ten sets that it films by itself.

    python -m benchmarks.live_guide [--landmarks browser|camera|python] [--truth FOLDER] [--only TEXT]

With `browser` the page's own worker finds the people, in a real Chromium, ten times a second of the scene's own time.
With `camera` that browser also films the scene as its camera: run it on a quiet machine, since time passes as it does
for a phone. With `python` the pose model runs here, and only the page's checks run in the browser. FOLDER has further
rendered clips for the sets. `--skip scenes` or `--skip sets` leaves one table out.
Prints one table of scenes and one of sets; exits with 1 where a figure is missed.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from playwright.sync_api import Page, sync_playwright
from rich.console import Console
from rich.table import Table

from analyzer import Analysis, analyze
from analyzer.clip.h264_writer import VideoWriter
from analyzer.clip.probe import open_clip
from analyzer.pose.model_store import ensure_model
from analyzer.settings import Settings
from tests.api.web.live_guide import (
    GuideState,
    detect_people,
    detect_people_in_browser,
    film_in_browser,
    judge_scene,
    run_guide,
)
from tests.api.web.live_scenes import (
    FRAMES_PER_S,
    SAMPLES,
    Frames,
    Scene,
    build_scenes,
    leave,
    stand_then_move,
    write_mjpeg,
)
from tests.api.web.serving import run_in_process
from tests.parts import find_browser

STILL_S = 3.0
AFTER_S = 4.5
MAX_YAW_ERROR_DEG = 10.0
MAX_ANGLE_ERROR_DEG = 5.0
MAX_STOP_S = 4.5  # after the set: three seconds still, and some to come to rest
SAMPLE_SETS = ("hinge_neutral", "hinge_rounded", "plank", "slump")
TRUTH_SETS = ("h01_A_l00", "h14_D_l00", "t16_B_toetouch", "q17_E_butt20", "r02_b2_hinge", "p20_B_pike")
LEAVING_SETS = ("plank", "slump", "p20_B_pike")  # the person walks out; in the others they stand still
LIVE_ANGLES = {"trunk_deg": "trunk_inclination_deg", "fold_deg": "trunk_thigh_deg", "knee_deg": "knee_flexion_deg"}

Play = Callable[[Callable[[], Frames]], list[GuideState]]


@dataclass(frozen=True)
class FilmedSet:
    """A set in front of the camera, and the result of the part that the guide recorded."""

    name: str
    states: list[GuideState]
    analysis: Analysis | None
    end_s: float

    def get_action_s(self, action: str) -> float | None:
        """Return when the guide started or stopped."""
        return next((state.time_s for state in self.states if state.action == action), None)

    @property
    def is_start_right(self) -> bool:
        """Return whether it started while the person was still."""
        start_s = self.get_action_s("start")
        return start_s is not None and start_s <= STILL_S + 0.5

    @property
    def is_stop_right(self) -> bool:
        """Return whether it stopped after the set, and soon."""
        stop_s = self.get_action_s("stop")
        return stop_s is not None and self.end_s <= stop_s <= self.end_s + MAX_STOP_S

    @property
    def reps(self) -> tuple[int, int | None]:
        """Return the live count and the service's."""
        known = None if self.analysis is None else sum(rep.complete for rep in self.analysis.reps)
        return self.states[-1].reps, known

    def list_angle_errors_deg(self) -> list[float]:
        """Return the differences of live angles and the service's at the bottoms."""
        start_s = self.get_action_s("start")
        if self.analysis is None or start_s is None:
            return []
        errors = []
        known = [state for state in self.states if state.angles]
        for rep in self.analysis.reps:
            state = min(known, key=lambda one: abs(one.time_s - start_s - rep.bottom_s))
            for live, name in LIVE_ANGLES.items():
                if name in rep.at_bottom and state.angles:
                    errors.append(state.angles[live] - rep.at_bottom[name])
        return errors


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--landmarks", choices=("browser", "camera", "python"), default="browser")
    parser.add_argument("--truth", type=Path, help="folder of further rendered clips")
    parser.add_argument("--only", default="", help="part of the name of the scenes and sets to run")
    parser.add_argument("--skip", choices=("scenes", "sets"))
    options = parser.parse_args(arguments)
    console = Console(width=130)
    is_right = True
    with tempfile.TemporaryDirectory() as folder, run_in_process(Path(folder)) as (_, base):
        play = make_player(options.landmarks, base, Path(folder))
        if options.skip != "scenes":
            scenes = [scene for scene in build_scenes() if options.only in scene.name]
            is_right &= run_scenes(scenes, play, console)
        if options.skip != "sets":
            is_right &= run_sets(list_sets(options.truth, options.only), play, Path(folder), console)
    return 0 if is_right else 1


def make_player(landmarks: str, base: str, folder: Path) -> Play:
    """Return the function that shows frames to the guide."""

    def play_here(frames: Callable[[], Frames]) -> list[GuideState]:
        samples = detect_people(frames(), ensure_model("full", Settings()).path)
        with open_page(base) as page:
            return run_guide(page, samples)

    def play_in_worker(frames: Callable[[], Frames]) -> list[GuideState]:
        with open_page(base) as page:
            return run_guide(page, detect_people_in_browser(page, frames()))

    def play_as_camera(frames: Callable[[], Frames]) -> list[GuideState]:
        film = folder / "camera.mjpeg"
        duration_s = write_mjpeg(film, frames())
        with open_page(base, film) as page:
            return film_in_browser(page, duration_s)

    return {"python": play_here, "browser": play_in_worker, "camera": play_as_camera}[landmarks]


@contextmanager
def open_page(base: str, film: Path | None = None) -> Iterator[Page]:
    """Open the page in a browser whose camera shows a film."""
    camera = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
    camera += [f"--use-file-for-fake-video-capture={film}"] if film else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(), args=camera)
        try:
            page = browser.new_context(permissions=["camera"], base_url=base).new_page()
            page.goto("/#/sign-in")
            yield page
        finally:
            browser.close()


def run_scenes(scenes: Sequence[Scene], play: Play, console: Console) -> bool:
    """Run the scenes and print their table; return whether all are right."""
    table = Table("scene", "right after, s", "longest wrong, s", "yaw", "true yaw", "checks/s", "right")
    all_right = True
    for scene in scenes:
        states = play(scene.frames)
        outcome = judge_scene(scene, states)
        is_right = outcome.is_right and (
            scene.true_yaw_deg is None
            or (outcome.yaw_deg is not None and abs(outcome.yaw_deg - scene.true_yaw_deg) <= MAX_YAW_ERROR_DEG)
        )
        all_right &= is_right
        table.add_row(
            scene.name,
            format_number(outcome.right_after_s),
            format_number(outcome.wrong_s),
            format_number(outcome.yaw_deg, 0),
            format_number(scene.true_yaw_deg, 0),
            format_number(len(states) / max(states[-1].time_s - states[0].time_s, 1e-9) if states else None),
            "yes" if is_right else "NO",
        )
    console.print(table)
    return all_right


def list_sets(truth: Path | None, only: str) -> list[Path]:
    """List the clips of the sets."""
    clips = [SAMPLES / f"{name}.mp4" for name in SAMPLE_SETS]
    clips += [truth / f"{name}.mp4" for name in TRUTH_SETS] if truth else []
    return [clip for clip in clips if only in clip.stem]


def run_sets(clips: Sequence[Path], play: Play, folder: Path, console: Console) -> bool:
    """Film the sets and print their table; return whether all are right."""
    table = Table(
        "set", "start, s", "stop after the set, s", "live reps", "service", "hold, s", "yaw error", "angles", "right"
    )
    all_right = True
    for clip in clips:
        filmed = film_set(clip, play, folder)
        start_s, stop_s, (live, known) = filmed.get_action_s("start"), filmed.get_action_s("stop"), filmed.reps
        errors = np.abs(filmed.list_angle_errors_deg())
        is_right = filmed.is_start_right and filmed.is_stop_right and live == known
        all_right &= is_right
        table.add_row(
            clip.stem,
            format_number(start_s),
            format_number(None if stop_s is None else stop_s - filmed.end_s),
            str(live),
            "-" if known is None else str(known),
            format_number(filmed.states[-1].hold_s),
            format_number(measure_yaw_error_deg(filmed)),
            f"{int((errors <= MAX_ANGLE_ERROR_DEG).sum())} of {len(errors)} within 5, worst {errors.max():.1f}"
            if len(errors)
            else "-",
            "yes" if is_right else "NO",
        )
    console.print(table)
    return all_right


def film_set(clip: Path, play: Play, folder: Path) -> FilmedSet:
    """Film a clip between still moments, and analyse what the guide recorded of it."""

    def frames(frames_per_s: float = FRAMES_PER_S) -> Frames:
        film = stand_then_move(clip, STILL_S, AFTER_S, frames_per_s)
        return leave(film, STILL_S + get_duration_s(clip)) if clip.stem in LEAVING_SETS else film

    states = play(frames)
    actions = {state.action: state.time_s for state in states if state.action}
    end_s = STILL_S + get_set_end_s(clip)
    if "start" not in actions:
        return FilmedSet(clip.stem, states, None, end_s)
    recorded = folder / f"{clip.stem}.mp4"
    write_clip(recorded, frames(30.0), actions["start"], actions.get("stop", np.inf))
    return FilmedSet(clip.stem, states, analyze(recorded), end_s)


def get_duration_s(clip: Path) -> float:
    """Return the duration of a clip, seconds."""
    return float(open_clip(clip, Settings()).times_s[-1])


def get_set_end_s(clip: Path) -> float:
    """Return when the last movement of a rendered clip ends, seconds."""
    truth = json.loads(clip.with_name(f"{clip.stem}.truth.json").read_text())
    bounds = truth.get("bounds_s") or truth.get("bounds") or []
    return max((float(value) for part in bounds for key, value in part.items() if key == "end"), default=0.0)


def write_clip(path: Path, frames: Frames, start_s: float, stop_s: float) -> None:
    """Write the frames between two moments as a clip."""
    recorded = [(time_s, image) for time_s, image in frames if start_s <= time_s <= stop_s]
    height, width = recorded[0][1].shape[:2]
    with VideoWriter(path, width, height) as writer:
        for time_s, image in recorded:
            writer.write(image, time_s - start_s)


def measure_yaw_error_deg(filmed: FilmedSet) -> float | None:
    """Return the difference of the median live yaw and the service's; near 0 the service's sign is not known."""
    yaws = [state.yaw_deg for state in filmed.states if state.yaw_deg is not None]
    if filmed.analysis is None or not yaws or filmed.analysis.view.yaw_deg is None:
        return None
    return abs(float(np.median(yaws))) - abs(filmed.analysis.view.yaw_deg)


def format_number(value: float | None, digits: int = 1) -> str:
    """Format a number of a table."""
    return "-" if value is None else f"{value:.{digits}f}"


if __name__ == "__main__":
    sys.exit(main())
