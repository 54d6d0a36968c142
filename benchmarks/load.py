"""The path of plates and kettlebells against rendered clips, and how often one is found where there is none.

    python -m benchmarks.load [FOLDER] [--only d25 d26 ...]

FOLDER holds `<name>.mp4` with `<name>.truth.json` (default: `../shared/truth`). The truth names no plate, but the
wrists and the camera: the renderer holds bar or handle 7.5 cm below and 1.2 cm before them, with plates 70.5 cm out,
and the ball of a kettlebell, 19 cm across, 13 cm below its handle.
"""

import argparse
import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from analyzer.analysis.pipeline import analyze_clip
from analyzer.analysis.recognition import build_motion
from analyzer.kinematics.camera_lens import assume_phone_lens
from analyzer.load.circle_tracking import track_load
from analyzer.load.load_path import compute_path_measures
from analyzer.report.analyzed_clip import AnalyzedClip
from analyzer.request import AnalysisRequest
from analyzer.results.schema import Rep
from analyzer.settings import Settings

ROOT = Path(__file__).parents[1]
WRIST_OUT_M = {"bar": 0.25, "kettlebell": 0.055}
LOAD_OUT_M = {"bar": 0.705, "kettlebell": 0.0}
BELOW_HANDLE_M = {"bar": 0.0, "kettlebell": 0.13}
KIND = {"bar": "plate", "kettlebell": "kettlebell"}
BAR_FROM_WRIST_M = (-0.075, 0.012)  # up, forward
GRADES = ("good", "fair", "rough")  # grades of views in which the load is sought


@dataclass(frozen=True)
class PinholeCamera:
    """A pinhole with the renderer's axes: x to the person's left, y up, z forward."""

    eye: np.ndarray
    across: np.ndarray
    up: np.ndarray
    ahead: np.ndarray
    focal_length_px: float
    principal_point_px: np.ndarray

    @classmethod
    def of(cls, truth: dict[str, Any]) -> "PinholeCamera":
        """Return the camera of a clip's truth."""
        camera = truth["camera"]
        eye, at = np.array(camera["eye"]), np.array(camera["at"])
        ahead = (at - eye) / np.linalg.norm(at - eye)
        across = np.cross(ahead, (0.0, 1.0, 0.0))
        across /= np.linalg.norm(across)
        up, roll = np.cross(across, ahead), np.radians(camera["roll"])
        across, up = np.cos(roll) * across + np.sin(roll) * up, np.cos(roll) * up - np.sin(roll) * across
        size = np.array([truth["width"], truth["height"]], dtype=float)
        return cls(eye, across, up, ahead, size[1] / 2 / np.tan(np.radians(camera["fov_y_deg"] / 2)), size / 2)

    def picture_px(self, point: np.ndarray) -> np.ndarray:
        """Project a point: x, y in pixels."""
        ray = point - self.eye
        projected = np.array([ray @ self.across, -(ray @ self.up)]) / (ray @ self.ahead)
        return self.principal_point_px + self.focal_length_px * projected

    def intersect_plane(self, pixel: np.ndarray, x: float) -> np.ndarray:
        """Return where the ray of a pixel meets the sagittal plane at that x."""
        direction = (pixel - self.principal_point_px) / self.focal_length_px
        ray = self.ahead + direction[0] * self.across - direction[1] * self.up
        return self.eye + ray * (x - self.eye[0]) / ray[0]


def project_true_load(truth: dict[str, Any]) -> tuple[np.ndarray, np.ndarray, float]:
    """Return the centre of near plate or ball, (T, 2) pixels and (T, 2) metres forward and up, and its diameter."""
    camera = PinholeCamera.of(truth)
    near, sign = ("L", 1.0) if truth["camera"]["side"] == "left" else ("R", -1.0)
    arms = truth["scenario"]["arms"]
    pixels, places = [], []
    for frame in truth["frames"]:
        wrist = camera.intersect_plane(np.array(frame["px"][f"wrist_{near}"]), sign * WRIST_OUT_M[arms])
        up, forward = wrist[1] + BAR_FROM_WRIST_M[0] - BELOW_HANDLE_M[arms], wrist[2] + BAR_FROM_WRIST_M[1]
        pixels.append(camera.picture_px(np.array([sign * LOAD_OUT_M[arms], up, forward])))
        places.append((forward, up))
    diameter_m = 2 * truth["scenario"].get("plate_r", 0.225) if arms == "bar" else 0.19
    return np.array(pixels), np.array(places), diameter_m


def list_true_lifts(truth: dict[str, Any]) -> list[Rep]:
    """Return the lifts as they were rendered."""
    return [
        Rep(
            index=bound["rep"],
            start_s=bound["start"],
            bottom_s=(bound["bottom_start"] + bound["bottom_end"]) / 2,
            end_s=bound["end"],
            descent_s=None,
            pause_s=None,
            ascent_s=None,
            complete=True,
        )
        for bound in truth["bounds"]
        if "rep" in bound
    ]


def evaluate_clip(work: AnalyzedClip, truth: dict[str, Any]) -> dict[str, Any]:
    """Measure the load path of one clip in its true lifts, and compare it with the truth."""
    reps = list_true_lifts(truth)
    sought = work.analysis.view.grade in GRADES and bool(reps)
    began = time.perf_counter()
    path = track_load(work.clip, work.track, work.view, work.table.trunk_px, reps) if sought else None
    result = {
        "load": KIND.get(truth["scenario"].get("arms")),
        "sought": sought,
        "path": path.kind if path is not None else None,
        "seconds": time.perf_counter() - began,
    }
    if path is None or path.kind != result["load"]:
        return result
    pixels, places, diameter_m = project_true_load(truth)
    off = np.linalg.norm(path.centre_px - pixels, axis=1)
    off = off[np.isfinite(off)]
    cm_px = 100 * diameter_m / (2 * path.radius_px)
    motion = build_motion(work.track.times_s, work.table, work.view)
    lens = assume_phone_lens((work.clip.width_px, work.clip.height_px))
    measures, _ = compute_path_measures(path, work.view, lens, motion, reps, 100 * truth["body_height_m"])
    up_cm, forward_cm = [], []
    for rep in reps:
        rising = [i for i, frame in enumerate(truth["frames"]) if rep.bottom_s <= frame["t"] <= rep.end_s]
        up_cm.append(100 * float(np.ptp(places[rising, 1])))
        forward_cm.append(100 * float(places[rising, 0].max() - places[rising[0], 0]))
    visible = [rep for rep in measures.reps if rep.is_visible]
    return result | {
        "frames": len(off),
        "mean_px": float(off.mean()),
        "max_px": float(off.max()),
        "mean_cm": float(off.mean()) * cm_px,
        "scale": measures.scale,
        "diameter_cm": (measures.diameter, 100 * diameter_m),
        "up_cm": ([rep.up for rep in visible], np.round(up_cm, 1).tolist()),
        "forward_cm": ([rep.forward_of_start for rep in visible], np.round(forward_cm, 1).tolist()),
    }


def print_table(rows: dict[str, dict[str, Any]]) -> None:
    """Print the figures of all clips, and one line for each with a load."""
    sought = {name: figures for name, figures in rows.items() if figures["sought"]}
    none = [figures for figures in sought.values() if not figures["load"]]
    loads = {name: figures for name, figures in sought.items() if figures["load"]}
    false = sum(figures["path"] is not None for figures in none)
    spent = np.mean([figures["seconds"] for figures in none]) if none else np.nan
    print(f"{len(rows)} clips, {len(sought)} with lifts in a view that gives degrees")
    print(f"without a plate or kettlebell: {false} of {len(none)} given a path; {spent:.2f} s a clip spent on looking")
    for kind in KIND.values():
        of_kind = [f for f in loads.values() if f["load"] == kind]
        wrong = sum(f["path"] not in (kind, None) for f in of_kind)
        right = sum(f["path"] == kind for f in of_kind)
        print(f"with a {kind}: {right} of {len(of_kind)} with its path, {wrong} something else's")
    for name, f in loads.items():
        if f["path"] != f["load"]:
            print(f"  {name}: {f['load']}; found {f['path'] or 'none'}")
            continue
        print(
            f"  {name}, {f['load']}: {f['frames']} frames, centre off by {f['mean_px']:.1f} px = {f['mean_cm']:.2f} cm "
            f"(most {f['max_px']:.1f} px); {f['seconds']:.1f} s\n"
            f"    measured / true: scale {f['scale']}, diameter {f['diameter_cm'][0]} / {f['diameter_cm'][1]:.0f} cm, "
            f"up {f['up_cm'][0]} / {f['up_cm'][1]} cm, forward of start {f['forward_cm'][0]} / {f['forward_cm'][1]} cm"
        )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, default=ROOT.parent / "shared" / "truth")
    parser.add_argument("--only", nargs="*", default=[])
    options = parser.parse_args()
    rows = {}
    for path in sorted(options.folder.glob("*.truth.json")):
        name = path.name.removesuffix(".truth.json")
        if options.only and not any(name.startswith(only) for only in options.only):
            continue
        work = analyze_clip(path.with_name(f"{name}.mp4"), AnalysisRequest(), Settings(), lambda *_: None)
        rows[name] = evaluate_clip(work, json.loads(path.read_text()))
    print_table(rows)


if __name__ == "__main__":
    main()
