"""Error against rendered clips with exactly known angles, the plain tracker's beside ours, from the same run.

    python -m benchmarks.accuracy [FOLDER] [--only h01 d26 ...]

FOLDER holds `<name>.mp4` with `<name>.truth.json` (default: `../shared/truth`, else `sample_videos`). The truth is
read only after the analysis. Columns: mean absolute error in degrees, then the same after taking the clip's constant
offset away.
"""

import argparse
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from analyzer.pipeline import analyze_clip
from analyzer.pose.bundle import ensure_model
from analyzer.request import Request
from analyzer.settings import Settings
from benchmarks.plain import plain_angles, plain_landmarks, wrapped

ANGLES = ("trunk_inclination_deg", "trunk_thigh_deg", "knee_flexion_deg")
BANDS = (("yaw <= 10", 0, 10), ("yaw 11-25", 10, 25), ("yaw 26-40", 25, 40))
PLATES = "d26"  # full-size plates hide the legs: judged by itself
TALL_S = 0.5  # rendered clips stand or sit tall at least this long at the start


def truth_of(path: Path) -> tuple[dict, np.ndarray, dict[str, np.ndarray]]:
    """The camera {side, yaw}, the frames' times and the angles under the names of `angles.csv`.

    Reads the renderer's own files, a record a frame, and those beside the sample clips, a list an angle.
    """
    truth = json.loads(path.read_text())
    if "frames" not in truth:
        camera = {"side": truth["camera"]["side"], "yaw": truth["camera"]["yaw_deg"]}
        return camera, np.array(truth["time_s"]), {name: np.array(truth["angles_deg"][name]) for name in ANGLES}
    trunk, thigh, shin = (
        np.array([frame[name] for frame in truth["frames"]])
        for name in ("trunk_inclination", "thigh_tilt", "shank_tilt")
    )
    angles = dict(zip(ANGLES, (trunk, trunk - thigh, shin - thigh), strict=True))
    return truth["camera"], np.array([frame["t"] for frame in truth["frames"]]), angles


def error(measured: np.ndarray, true: np.ndarray) -> tuple[float, float]:
    """Mean absolute error, and the same with the constant offset taken away; NaN when nothing was measured."""
    frames = min(len(measured), len(true))
    off = wrapped(measured[:frames] - true[:frames])
    off = off[np.isfinite(off)]
    if not len(off):
        return np.nan, np.nan
    return float(np.abs(off).mean()), float(np.abs(off - off.mean()).mean())


def one(clip: Path, model: Path) -> dict:
    """All figures of one clip."""
    work = analyze_clip(clip, Request(), Settings(pose_threads=1), lambda *_: None)
    plain = plain_landmarks(clip, model)
    camera, time_s, true = truth_of(clip.with_suffix("").with_suffix(".truth.json"))
    facing = camera["side"]
    plain_deg = plain_angles(plain, facing)
    tall = time_s <= TALL_S
    row = {
        "name": clip.stem,
        "yaw": camera["yaw"],
        "yaw_found": work.analysis.view.yaw_deg,
        "grade": work.analysis.view.grade,
        "facing_ok": work.analysis.view.facing == facing,
        "ours": [error(work.analysis.angles[name].to_numpy(), true[name]) for name in ANGLES],
        "plain": [error(plain_deg[name], true[name]) for name in ANGLES],
        "reasons": work.table.reasons,
    }
    own = (work.analysis.measures["own_tall"] or {}).get("angles", {})
    row["change"] = [
        error(work.analysis.angles[name].to_numpy() - own.get(name, np.nan), true[name] - np.median(true[name][tall]))[
            0
        ]
        for name in ANGLES
    ]
    return row


def _mean(values: list) -> np.ndarray:
    """Mean over clips of what was measured; NaN where nothing was."""
    table = np.array(values, dtype=float)
    count = np.isfinite(table).sum(axis=0)
    return np.where(count, np.nansum(table, axis=0) / np.maximum(count, 1), np.nan)


def _pair(errors: list[tuple[float, float]], decimals: int = 1) -> str:
    return "  ".join(f"{mae:5.{decimals}f} /{free:4.{decimals}f}" for mae, free in errors)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    root = Path(__file__).parents[1]
    shared = root.parent / "shared" / "truth"
    parser.add_argument("folder", nargs="?", type=Path, default=shared if shared.is_dir() else root / "sample_videos")
    parser.add_argument("--only", nargs="*", default=[])
    options = parser.parse_args()
    clips = [c for c in sorted(options.folder.glob("*.mp4")) if c.with_suffix("").with_suffix(".truth.json").exists()]
    clips = [c for c in clips if not options.only or any(c.stem.startswith(o) for o in options.only)]
    model = ensure_model("full", Settings()).path
    with ThreadPoolExecutor(2) as pool:
        rows = list(pool.map(lambda clip: one(clip, model), clips))

    heads = "trunk MAE/free  trunk-thigh    knee"
    print(f"{'clip':22s} {'yaw':>4s} {'found':>5s} grade        ours: {heads:42s} plain: {heads:42s} change")
    for row in rows:
        change = " ".join(f"{value:4.1f}" for value in row["change"])
        print(
            f"{row['name']:22s} {row['yaw']:4.0f} {row['yaw_found']:5.1f} {row['grade']:11s} "
            f"{'' if row['facing_ok'] else 'FACING WRONG '}{_pair(row['ours'])}   |  {_pair(row['plain'])}   | {change}"
            + (f"  ({'; '.join(row['reasons'])})" if row["reasons"] else "")
        )
    for label, low, high in BANDS:
        band = [r for r in rows if (low < abs(r["yaw"]) <= high or r["yaw"] == low == 0) and PLATES not in r["name"]]
        if band:
            ours, plain, change = (_mean([r[kind] for r in band]) for kind in ("ours", "plain", "change"))
            print(
                f"{label} (n={len(band)})".ljust(46),
                _pair(ours, 2),
                "  | ",
                _pair(plain, 2),
                "  |",
                np.round(change, 1),
            )
    worst = max(rows, key=lambda r: abs(abs(r["yaw"]) - r["yaw_found"]))
    print(f"worst yaw error {abs(abs(worst['yaw']) - worst['yaw_found']):.1f} degrees ({worst['name']})")


if __name__ == "__main__":
    main()
