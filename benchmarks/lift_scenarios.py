"""Rendered lifts of known speed for `benchmarks.velocity`: plates, kettlebells, empty hands; 24 to 60 frames a second.

    python -m benchmarks.lift_scenarios RENDERER OUT [--seeds 0 2 4 ...]

RENDERER is the folder described in `benchmarks.back.scenarios`. Seeds 2k and 2k + 1 share camera, frame rate and kind
of load, and differ in the person, the room and the speeds: develop on the even ones, report the odd ones.
"""

import argparse
import sys
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.back.scenarios import Scenario, make_scenario

FPS = (24, 25, 30, 50, 60)
YAW_DEG = (0, 12, 20, -12, 5, 0, -20, 25, 8, 10, 15, 10)
ROLL_DEG = (0, 0, 0, 6, 0, -8, 3, 0, 0, 0, -6, 4)
CAMERA_HEIGHT_M = (1.0, 1.0, 0.9, 1.0, 1.5, 0.5, 1.2, 1.0, 1.0, 1.0, 1.3, 0.8)
SMALL_PLATE, KETTLEBELL, EMPTY_HANDS, SQUAT = 8, 9, 10, 11
SEEDS = range(2 * len(YAW_DEG))


def make_lift_set(seed: int) -> tuple[str, Scenario]:
    """Return name and scenario of three reps whose ways up take the `ascents_s`."""
    design, rng = seed // 2, np.random.default_rng([seed, 18])
    person = make_scenario(seed)[1]
    first_s, slower = float(rng.uniform(0.7, 1.2)), float(rng.uniform(1.0, 1.3))
    scenario: Scenario = {name: person[name] for name in ("body", "look", "light", "env", "noise", "blur", "seed")}
    scenario |= {
        "movement": "squat" if design == SQUAT else "hinge",
        "reps": 3,
        "fps": FPS[design % len(FPS)],
        "width": 640,
        "height": 360,
        "mask": False,
        "lead": 0.9,
        "tempo": [round(float(rng.uniform(0.9, 1.3)), 2), round(float(rng.uniform(0.1, 0.5)), 2), first_s, 0.5],
        "ascents_s": [round(first_s * slower**rep, 2) for rep in range(3)],
        "arms": "kettlebell" if design == KETTLEBELL else "bar" if design <= SMALL_PLATE else "hang",
        "plate_r": 0.17 if design == SMALL_PLATE else 0.225,
        "hip_peak": float(rng.uniform(85, 100)),
        "knee_peak": float(rng.uniform(30, 75)),
        "camera": {
            "side": str(rng.choice(["left", "right"])),
            "yaw": YAW_DEG[design],
            "roll": ROLL_DEG[design],
            "height": CAMERA_HEIGHT_M[design],
            "dist": float(rng.uniform(3.2, 3.8)),
        },
    }
    if design == SQUAT:
        scenario |= {"arms": "forward", "hip_peak": 100.0, "knee_peak": 100.0}
    return f"v{seed:02d}_{scenario['arms']}_{scenario['fps']}fps_y{YAW_DEG[design]}", scenario


def lay_out_reps(scenario: Scenario) -> tuple[list[tuple[float, float]], float, list[dict[str, Any]]]:
    """Return key frames, duration and bounds of the reps like the renderer's `timeline`, with a way up for each rep."""
    down_s, pause_s, _, top_s = scenario["tempo"]
    now_s = scenario["lead"]
    keys, bounds = [(0.0, 0.0), (now_s, 0.0)], []
    for index, up_s in enumerate(scenario["ascents_s"]):
        bottom_s, leave_s = now_s + down_s, now_s + down_s + pause_s
        end_s = leave_s + up_s
        keys += [(bottom_s, 1.0), (leave_s, 1.0), (end_s, 0.0), (end_s + top_s, 0.0)]
        bounds.append({"rep": index + 1, "start": now_s, "bottom_start": bottom_s, "bottom_end": leave_s, "end": end_s})
        now_s = end_s + top_s
    return keys, now_s + 0.2, bounds


def main() -> None:
    """Render the clips that are not there."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("renderer", type=Path, help="folder with render.py")
    parser.add_argument("out", type=Path)
    parser.add_argument("--seeds", type=int, nargs="*", default=list(SEEDS))
    options = parser.parse_args()
    sys.path.insert(0, str(options.renderer.resolve()))
    import render

    render.timeline = lay_out_reps
    options.out.mkdir(parents=True, exist_ok=True)
    for seed in options.seeds:
        name, scenario = make_lift_set(seed)
        clip = options.out / f"{name}.mp4"
        if not clip.with_suffix(".truth.json").exists():
            render.run(scenario, str(clip))


if __name__ == "__main__":
    main()
