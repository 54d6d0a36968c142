"""Mean and peak speed of rendered lifts against their known speed.

    python -m benchmarks.lift_scenarios RENDERER FOLDER
    python -m benchmarks.velocity FOLDER [--half even|odd] [--no-height]

FOLDER holds `<name>.mp4` with `<name>.truth.json`. The movement is given, and the height of the person unless
`--no-height`. The truth is the height of the bar, the ball, the near wrist or the hip in metres, bounded as
`movements.lift_speed` bounds a way up; "whole" compares with the gain over the whole time that the renderer moves
upwards, from rest to rest. `--half` takes the clips with an even or odd number in their names.

Columns: reps with a speed in m/s, of all; root mean square and mean error of the mean speed, m/s; the same against the
whole way; root mean square error of the peak speed; of the ratio of each rep to the fastest, percent; of the loss over
the set, percent.
"""

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from analyzer.analysis.pipeline import analyze_clip
from analyzer.movements.lift_speed import WayUp, compute_shares_of_fastest, compute_speed_loss_pct, find_way_up
from analyzer.movements.speed_measures import LiftSpeedMeasures, RepSpeed, read_speed_measures
from analyzer.request import AnalysisRequest
from analyzer.results.schema import Analysis
from analyzer.settings import Settings
from benchmarks.load import PinholeCamera, project_true_load

HIP_OUT_M, HAND_OUT_M = 0.09, 0.25  # of the renderer's bodies, from the middle; about


@dataclass(frozen=True)
class RepError:
    """Errors of one rep: measured minus true; NaN where it has no speed in m/s."""

    mean: float
    whole: float
    peak: float
    share_pct: float


@dataclass(frozen=True)
class ClipErrors:
    """Errors of one clip; `loss_pct` is NaN where the loss is unknown."""

    name: str
    group: str
    reps: tuple[RepError, ...]
    loss_pct: float


def compare_clip(name: str, analysis: Analysis, truth: dict[str, Any]) -> ClipErrors:
    """Compare the speeds of one clip with the truth."""
    speed = read_speed_measures(analysis.measures)
    bounds = [bound for bound in truth["bounds"] if "rep" in bound]
    if speed is None:
        nothing = RepError(np.nan, np.nan, np.nan, np.nan)
        return ClipErrors(name, f"{truth['scenario']['arms']}: none", (nothing,) * len(bounds), np.nan)
    times_s, height_m = np.array([frame["t"] for frame in truth["frames"]]), _true_height_m(truth, speed)
    measured = [_find_measured(speed, bound) for bound in bounds]
    true = [find_way_up(times_s, height_m, bound["bottom_end"], bound["end"]) for bound in bounds]
    true_means = [
        None if way is None or rep.of_fastest_pct is None else way.mean_speed
        for way, rep in zip(true, measured, strict=True)
    ]
    shares = compute_shares_of_fastest(true_means)
    errors = []
    for rep, bound, way, share in zip(measured, bounds, true, shares, strict=True):
        assert way is not None, f"{name}: the truth of rep {bound['rep']} has no way up"
        inside = (times_s >= bound["bottom_end"]) & (times_s <= bound["end"])
        whole = float(np.ptp(height_m[inside])) / (bound["end"] - bound["bottom_end"])
        errors.append(_compare_rep(rep, way, whole, share))
    loss, true_loss = speed.speed_loss_pct, compute_speed_loss_pct(true_means)
    loss_error = np.nan if loss is None or true_loss is None else loss - true_loss
    return ClipErrors(name, f"{speed.of}, scale: {speed.scale}", tuple(errors), loss_error)


def print_table(clips: Sequence[ClipErrors]) -> None:
    """Print a line for each clip, and one for each kind of speed."""
    header = (
        f"{'':34} {'reps':>7} {'mean rms':>9} {'bias':>7} {'whole rms':>9} {'bias':>7} {'peak rms':>8} {'ratio':>6}"
    )
    print(header + f" {'loss':>6}")
    for clip in clips:
        print(_line(f"{clip.name}, {clip.group}", [clip]))
    print()
    for group in sorted({clip.group for clip in clips}):
        print(_line(group, [clip for clip in clips if clip.group == group]))


def _find_measured(speed: LiftSpeedMeasures, bound: dict[str, Any]) -> RepSpeed:
    """Return the measured rep whose way up has its middle in the true one; one without a speed where there is none."""
    for rep in speed.reps:
        middle_s = np.nan if rep.start_s is None or rep.end_s is None else (rep.start_s + rep.end_s) / 2
        if bound["bottom_end"] <= middle_s <= bound["end"]:
            return rep
    return RepSpeed(rep=bound["rep"])


def _compare_rep(rep: RepSpeed, true: WayUp, whole: float, share: float | None) -> RepError:
    mean = np.nan if rep.mean_speed_m_s is None else rep.mean_speed_m_s
    peak = np.nan if rep.peak_speed_m_s is None else rep.peak_speed_m_s
    share_error = np.nan if rep.of_fastest_pct is None or share is None else rep.of_fastest_pct - share
    return RepError(mean - true.mean_speed, mean - whole, peak - true.peak_speed, share_error)


def _true_height_m(truth: dict[str, Any], speed: LiftSpeedMeasures) -> np.ndarray:
    """Return the height of what was measured, (T,) metres."""
    if speed.of in ("plate", "kettlebell"):
        return project_true_load(truth)[1][:, 1]
    camera = PinholeCamera.of(truth)
    near, sign = ("L", 1.0) if truth["camera"]["side"] == "left" else ("R", -1.0)
    joint, out_m = ("wrist", HAND_OUT_M) if speed.of == "hands" else ("hip", HIP_OUT_M)
    pixels = [np.array(frame["px"][f"{joint}_{near}"]) for frame in truth["frames"]]
    return np.array([camera.intersect_plane(pixel, sign * out_m)[1] for pixel in pixels])


def _line(title: str, clips: Sequence[ClipErrors]) -> str:
    reps = [rep for clip in clips for rep in clip.reps]
    known = [rep for rep in reps if np.isfinite(rep.mean)]
    means, whole = [rep.mean for rep in reps], [rep.whole for rep in reps]
    columns = [
        f"{len(known):>3}/{len(reps):<3}",
        f"{_rms(means):6.3f} {_mean(means):+6.3f} {_rms(whole):6.3f} {_mean(whole):+6.3f}",
        f"{_rms([rep.peak for rep in reps]):6.3f}",
        f"{_rms([rep.share_pct for rep in reps]):5.1f}",
        f"{_rms([clip.loss_pct for clip in clips]):5.1f}",
    ]
    return f"{title:45} " + " ".join(columns)


def _rms(values: Sequence[float]) -> float:
    known = np.array(values)[np.isfinite(values)]
    return float(np.sqrt(np.mean(known**2))) if len(known) else np.nan


def _mean(values: Sequence[float]) -> float:
    known = np.array(values)[np.isfinite(values)]
    return float(np.mean(known)) if len(known) else np.nan


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--half", choices=["even", "odd"])
    parser.add_argument("--no-height", action="store_true")
    options = parser.parse_args()
    clips = []
    for path in sorted(options.folder.glob("*.truth.json")):
        name = path.name.removesuffix(".truth.json")
        number = int("".join(filter(str.isdigit, name.split("_")[0])) or 0)
        if options.half and (number % 2 == 0) != (options.half == "even"):
            continue
        truth = json.loads(path.read_text())
        height_cm = None if options.no_height else 100 * truth["body_height_m"]
        request = AnalysisRequest(truth["scenario"]["movement"], height_cm=height_cm)
        work = analyze_clip(path.with_name(f"{name}.mp4"), request, Settings(), lambda *_: None)
        clips.append(compare_clip(name, work.analysis, truth))
    print_table(clips)


if __name__ == "__main__":
    main()
