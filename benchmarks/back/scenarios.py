"""Rendered people with known spines: random bodies, clothes, rooms, cameras and movements, the same for the same seed.

    python -m benchmarks.back.scenarios RENDERER OUT --first 0 --count 100

RENDERER is a folder with `render.py`, which turns a scenario into a clip and its true angles. The clips are not stored
in the repository; with this file, the seeds and the renderer they come out the same. About 15 s a clip on one core.
"""

import argparse
import sys
from pathlib import Path
from typing import Any

import numpy as np

HELD_SEED = 6000
"""Seeds from here on are never fitted to: `benchmarks.back.table` reports on them."""

FREE_NECK_SEED = 1000
"""From here on the neck moves as far as people's do who look ahead, or at their feet; below, half as far."""

DEEP_SEEDS = range(2000, 5000)
"""Of these, people hinge and squat deep with a neutral or an arched back: no bend may be measured there."""

Scenario = dict[str, Any]
_MOVEMENTS = {"hinge": 0.42, "toe_touch": 0.12, "squat": 0.14, "plank": 0.15, "slump": 0.17}
_HINGE_ARMS = {
    "hang": 0.4,
    "bar": 0.16,
    "kettlebell": 0.12,
    "dumbbells": 0.12,
    "forward": 0.06,
    "crossed": 0.06,
    "hips": 0.08,
}


def make_scenario(seed: int) -> tuple[str, Scenario]:
    """Return name and scenario of a seed."""
    rng = np.random.default_rng([seed, 20])
    deep = seed in DEEP_SEEDS
    movement = _one_of(rng, {"hinge": 0.6, "squat": 0.4} if deep else _MOVEMENTS)
    scenario: Scenario = {
        "movement": movement,
        "reps": 1,
        "fps": 8,
        "tempo": [round(rng.uniform(0.9, 1.5), 2), 0.4, round(rng.uniform(0.8, 1.3), 2), 0.4],
        "lead": 0.8,
        "seed": 10_000 + seed,
        "mask": False,
        "body": _body(rng),
        "look": _draw_appearance(rng),
        "light": _light(rng),
        "env": _room(rng),
        "noise": float(rng.uniform(1, 5)),
        "blur": float(rng.uniform(0.3, 0.9)),
        "camera": _camera(rng, movement),
    }
    scenario |= (
        {"width": 540, "height": 960} if movement == "hinge" and rng.random() < 0.25 else {"width": 960, "height": 540}
    )
    scenario |= _motion(rng, movement, (-50.0, 40.0) if seed >= FREE_NECK_SEED else (-25.0, 20.0))
    if deep:
        scenario["lumbar"] = _bend(rng, -20, 18)
        scenario["hip_peak"] = float(rng.uniform(84, 108))
    return f"f{seed:04d}_{movement}_y{abs(scenario['camera']['yaw']):.0f}", scenario


def vary_take(seed: int, take: int) -> tuple[str, Scenario]:
    """Return the same person, movement and camera with other light, room, noise and start."""
    name, scenario = make_scenario(seed)
    rng = np.random.default_rng([seed, take, 21])
    scenario |= {"light": _light(rng), "env": _room(rng), "seed": 50_000 + 100 * seed + take}
    scenario |= {"noise": float(rng.uniform(1, 5)), "lead": round(0.6 + 0.11 * take, 2)}
    return f"{name}_take{take}", scenario


def make_rep_set(seed: int) -> tuple[str, Scenario]:
    """Return the same person in a set of reps at another pace, 24 or 30 fps; a third from 25 to 45 degrees."""
    name, scenario = make_scenario(seed)
    rng = np.random.default_rng([seed, 99])
    scenario["reps"], scenario["fps"] = int(rng.integers(2, 5)), int(rng.choice([24, 30]))
    scenario |= (
        {"width": 640, "height": 360} if scenario["width"] > scenario["height"] else {"width": 360, "height": 640}
    )
    spans = ((0.7, 2.2), (0.05, 0.8), (0.6, 1.6), (0.15, 1.0))
    scenario["tempo"] = [round(float(rng.uniform(*span)), 2) for span in spans]
    scenario["lead"] = round(float(rng.uniform(0, 1.2)), 2)
    if rng.random() < 0.3:
        scenario["camera"]["yaw"] = float(rng.uniform(25, 45)) * float(rng.choice([-1, 1]))
    return f"{name}_r{scenario['reps']}", scenario


def make_all_round(seed: int) -> tuple[str, Scenario]:
    """Return the same person, two reps, from any side: yaw 0 to 90 degrees in front or behind; most hinges with a bar.

    Movements other than hinge, squat and toe touch stay as they are but for the yaw.
    """
    _, scenario = make_scenario(seed)
    rng = np.random.default_rng([seed, 29])
    yaw = 90 * (seed * 0.618034 % 1.0) * (1 if seed % 2 else -1)  # evenly spread over consecutive seeds
    scenario["camera"]["yaw"] = round(float(yaw), 1)
    scenario["reps"], scenario["fps"] = 2, 24
    scenario["tempo"] = [round(float(rng.uniform(0.9, 1.8)), 2), 0.2, round(float(rng.uniform(0.7, 1.4)), 2), 0.3]
    scenario |= (
        {"width": 640, "height": 360} if scenario["width"] > scenario["height"] else {"width": 450, "height": 800}
    )
    if scenario["movement"] == "hinge" and rng.random() < 0.7:
        scenario |= {"arms": "bar", "plate_r": float(rng.choice([0.16, 0.225, 0.225]))}
    held = "plates" if scenario.get("arms") == "bar" and scenario["plate_r"] > 0.2 else scenario["arms"]
    return f"a{seed}_{scenario['movement']}_{held}_y{yaw:.0f}", scenario


def _one_of(rng: np.random.Generator, shares: dict[str, float]) -> str:
    share = np.array(list(shares.values()))
    return str(rng.choice(list(shares), p=share / share.sum()))


def _body(rng: np.random.Generator) -> Scenario:
    return {
        "gender": float(np.clip(rng.choice([0, 1]) + rng.normal(0, 0.15), 0, 1)),
        "muscle": float(rng.uniform(0.2, 0.95)),
        "weight": float(rng.uniform(0.25, 0.95)),
        "height": float(rng.uniform(0.25, 0.8)),
        "age": float(rng.choice([0, 0, 0, rng.uniform(0, 0.6)])),
        "race": str(rng.choice(["caucasian", "african", "asian"])),
    }


def _draw_appearance(rng: np.random.Generator) -> Scenario:
    def colour() -> list[float]:
        """Draw a colour."""
        return [round(float(c), 3) for c in rng.uniform(0.03, 0.6) * rng.uniform(0.4, 1.4, 3)]

    kind = _one_of(rng, {"tee": 0.5, "long": 0.16, "tank": 0.18, "none": 0.16})
    top: Scenario | None = None if kind == "none" else {"type": kind, "col": colour()}
    if top and kind in ("tee", "long") and rng.random() < 0.45:
        top["loose"] = float(rng.uniform(0.4, 1.2))
    return {
        "skin": str(rng.choice(["light", "tan", "brown", "dark"])),
        "hair": str(rng.choice(["short", "bun", "pony", "long", "bald"])),
        "hairc": str(rng.choice(["black", "brown", "blond", "grey"])),
        "top": top,
        "bottom": {"type": str(rng.choice(["shorts", "leggings", "short_shorts", "joggers"])), "col": colour()},
        "shoes": {"col": colour()},
    }


def _light(rng: np.random.Generator) -> Scenario:
    bright = rng.uniform(0.8, 1.4)
    return {
        "dir": [float(rng.uniform(-0.9, 0.3)), float(rng.uniform(0.5, 1)), float(rng.uniform(-0.6, 0.6))],
        "col": [float(bright * c) for c in rng.uniform(0.85, 1.05, 3)],
        "sky": [float(c) for c in rng.uniform(0.25, 0.5, 3)],
        "gnd": [float(c) for c in rng.uniform(0.1, 0.25, 3)],
    }


def _room(rng: np.random.Generator) -> Scenario:
    def pair() -> tuple[list[float], list[float]]:
        """Draw two colours, the second a lighter or darker shade of the first."""
        first = rng.uniform(0.05, 0.8) * rng.uniform(0.7, 1.2, 3)
        return first.tolist(), (first * rng.uniform(0.6, 1.4)).tolist()

    (floor, floor2), (wall, wall2) = pair(), pair()
    return {
        "floor": int(rng.integers(0, 4)),
        "floorcol": floor,
        "floorcol2": floor2,
        "wall": int(rng.integers(0, 2)),
        "wallcol": wall,
        "wallcol2": wall2,
        "clutter": int(rng.integers(0, 7)),
    }


def _camera(rng: np.random.Generator, movement: str) -> Scenario:
    low = movement == "plank"
    yaw = rng.normal(0, 5) if rng.random() < 0.65 else rng.uniform(-20, 22)
    return {
        "side": str(rng.choice(["left", "right"])),
        "yaw": round(float(yaw), 1),
        "roll": round(float(rng.normal(0, 1)), 1),
        "height": float(rng.uniform(0.4, 0.9) if low else rng.uniform(0.6, 1.4)),
        "dist": float(rng.uniform(2.6, 3.4) if movement in ("plank", "slump") else rng.uniform(2.8, 4.2)),
    }


def _bend(rng: np.random.Generator, low: float, high: float) -> Scenario | float:
    """Draw the flexion over the movement: none in every fifth, else from a value near 0 to the peak, early or late."""
    if rng.random() < 0.2:
        return 0.0
    base = float(rng.normal(0, 3))
    return {
        "base": base,
        "peak": base + float(rng.uniform(low, high)),
        "from": float(rng.choice([0, 0, rng.uniform(0, 0.5)])),
    }


def _motion(rng: np.random.Generator, movement: str, neck_deg: tuple[float, float]) -> Scenario:
    lumbar, thoracic = _bend(rng, -18, 48), _bend(rng, -6, 26)
    neck = {"base": 0, "peak": float(rng.uniform(*neck_deg))}
    peak = lumbar["peak"] if isinstance(lumbar, dict) else 0.0
    if movement == "hinge":
        fold = 92 - 0.75 * max(peak, 0) + rng.uniform(-32, 10)
        return {
            "lumbar": lumbar,
            "thoracic": thoracic,
            "neck": neck,
            "hip_peak": float(fold),
            "knee_peak": float(rng.uniform(5, 55)),
            "arms": _one_of(rng, _HINGE_ARMS),
            "plate_r": float(rng.choice([0.16, 0.18, 0.225])),
        }
    if movement == "toe_touch":
        return {
            "lumbar": _bend(rng, 25, 55),
            "thoracic": thoracic,
            "neck": neck,
            "hip_peak": float(rng.uniform(45, 80)),
            "knee_peak": float(rng.uniform(2, 14)),
            "arms": "hang",
        }
    if movement == "squat":
        return {
            "lumbar": _bend(rng, -12, 35),
            "thoracic": thoracic,
            "neck": neck,
            "hip_peak": float(rng.uniform(80, 112)),
            "knee_peak": float(rng.uniform(80, 115)),
            "arms": _one_of(rng, {"forward": 0.6, "crossed": 0.25, "hang": 0.15}),
        }
    if movement == "plank":
        return {
            "lumbar": _bend(rng, -22, 36),
            "thoracic": _bend(rng, -5, 15),
            "neck": float(rng.uniform(-15, 10)),
            "hip0": float(rng.uniform(0, 10)),
            "hip1": float(rng.uniform(-10, 32)),
            "plank_arms": str(rng.choice(["forearm", "straight"])),
            "arms": "plank",
            "duration": 5,
            "plank_keys": [(0, 0), (0.9, 0), (2.1, 1), (3.2, 1), (4.4, 0), (5, 0)],
        }
    return {
        "lumbar": _bend(rng, 5, 40),
        "thoracic": _bend(rng, 2, 28),
        "neck": {"base": 0, "peak": float(rng.uniform(10, 45))},
        "pelvis0": float(rng.uniform(-8, 4)),
        "pelvis1": float(rng.uniform(-26, -10)),
        "arms": _one_of(rng, {"thighs": 0.5, "side": 0.25, "behind": 0.25}),
    }


def main() -> None:
    """Render the clips that are not there."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("renderer", type=Path, help="folder with render.py")
    parser.add_argument("out", type=Path)
    parser.add_argument("--first", type=int, default=0, help=f"first seed; {HELD_SEED} and above are held out")
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--only", nargs="+", choices=sorted(_MOVEMENTS), help="leave out seeds of other movements")
    kind = parser.add_mutually_exclusive_group()
    kind.add_argument("--sets", action="store_true", help="several reps, for reps and movements")
    kind.add_argument("--all-round", action="store_true", help="two reps, from any side, most hinges with a barbell")
    kind.add_argument("--takes", type=int, default=0, help="render each so often in other light: repeatability")
    arguments = parser.parse_args()
    sys.path.insert(0, str(arguments.renderer.resolve()))
    import render

    arguments.out.mkdir(parents=True, exist_ok=True)
    seeds = range(arguments.first, arguments.first + arguments.count)
    plan = [vary_take(seed, take) for seed in seeds for take in range(arguments.takes)]
    make = make_rep_set if arguments.sets else make_all_round if arguments.all_round else make_scenario
    plan = plan or [make(seed) for seed in seeds]
    for name, scenario in plan:
        if arguments.only and scenario["movement"] not in arguments.only:
            continue
        clip = arguments.out / f"{name}.mp4"
        if clip.with_suffix(".truth.json").exists():
            continue
        try:
            render.run(scenario, str(clip))
        except Exception as error:  # a posture that the renderer's balance cannot reach: the next seed has another
            print(f"{name}: {error!r}", file=sys.stderr)
            clip.unlink(missing_ok=True)


if __name__ == "__main__":
    main()
