"""Error against films with known angles: rendered people, and people filmed beside a motion capture system.

    python -m benchmarks.accuracy [FOLDER ...] [--half even|odd] [--only h01 d26 ...] [--plain]
    python -m benchmarks.accuracy FOLDER ... --tracks DIR [--hide-legs]

A FOLDER holds `<name>.mp4` with `<name>.truth.json` (default: `../shared/truth`, `../shared/truth_oblique` and
`../shared/mocap`, else `sample_videos`). The truth is read only after the analysis. `--tracks DIR` measures from stored
tracks, `<name>.mp4/track.npz` anywhere below DIR as `analyzer batch FOLDER --out DIR` writes them, in a fraction of a
second a clip and without the pose model. `--half` takes every other clip of a folder in the order of the names; films
with motion capture are always taken, since nothing is fitted to them. `--hide-legs` takes knees and feet out of the
stored tracks, as plates hide them: what remains is the trunk alone. `--plain` adds MediaPipe's own example loop.

Columns: mean absolute error in degrees / the same after taking the clip's constant offset away, and the share of frames
whose stated 80 % interval holds the truth, of the frames in which the angle is published (`given`: the smallest share
of the three angles).
"""

import argparse
import json
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from analyzer.analysis.body_fit import fit_body
from analyzer.analysis.pipeline import analyze_clip
from analyzer.clip.probe import open_clip
from analyzer.errors import AnalyzerError
from analyzer.kinematics.angle_table import AngleTable
from analyzer.kinematics.angles import wrap_angle_deg
from analyzer.kinematics.camera_view import Z_80, CameraView
from analyzer.kinematics.landmarks import LEFT
from analyzer.pose.model_store import ensure_model
from analyzer.pose.track import RawTrack
from analyzer.pose.track_cleaning import LIMITS as CLEAN_LIMITS
from analyzer.request import AnalysisRequest
from analyzer.results.track_store import load_track
from analyzer.settings import Settings
from analyzer.vocabulary.angles import MAIN_ANGLES, SD_COLUMNS

YAW_BANDS = (("yaw <= 10", 0, 10), ("yaw 11-25", 10, 25), ("yaw 26-60", 25, 60), ("yaw 61-90", 60, 90))
PLATES_CLIP = "d26"  # full-size plates hide the legs: judged by itself
SIDE_LIMIT_DEG = 15.0  # from this yaw on, front and behind must be right
YAW_DEG = 8.0
_ERROR_FIELDS = ("mae", "offset_free_mae", "coverage", "published")
_FRAME_NAMES = ("trunk_inclination", "thigh_tilt", "shank_tilt")
_SYSTEM_NAMES = ("trunk", "thigh", "shin")

Angles = dict[str, np.ndarray]
MeasuredBody = tuple[CameraView, AngleTable]


@dataclass(frozen=True)
class ClipTruth:
    """What is known of a film: camera, and angles in the names of `angles.csv` at its frames.

    `facing` is None where it is not stated. `yaw_deg`: + the camera stands towards the person's front. `systems`: what
    other systems found on the same film.
    """

    yaw_deg: float
    facing: str | None
    time_s: np.ndarray
    angles: Angles
    systems: dict[str, Angles] = field(default_factory=dict)

    @property
    def is_captured(self) -> bool:
        """Return whether the clip comes from a motion capture laboratory."""
        return self.facing is None


@dataclass(frozen=True)
class AngleError:
    """Error of one angle in one clip: mean absolute, without offset, share within the interval, share published."""

    mae: float
    offset_free_mae: float
    coverage: float = np.nan
    published: float = np.nan


@dataclass(frozen=True)
class ClipAccuracy:
    """All figures of one clip."""

    name: str
    truth: ClipTruth
    yaw_deg: float
    yaw_sd_deg: float
    grade: str
    facing: str
    errors: list[AngleError]
    others: dict[str, list[AngleError]]

    @property
    def yaw_error_deg(self) -> float:
        """Return the absolute error of the yaw, degrees."""
        return abs(abs(self.yaw_deg) - abs(self.truth.yaw_deg))

    @property
    def faults(self) -> list[str]:
        """Return what is wrong about the view."""
        oblique = abs(self.truth.yaw_deg) > SIDE_LIMIT_DEG
        faults = {
            "facing": self.truth.facing not in (None, self.facing),
            "front/behind": oblique and np.sign(self.yaw_deg) != np.sign(self.truth.yaw_deg),
        }
        return [name for name, is_wrong in faults.items() if is_wrong]


def truth_path(clip: Path) -> Path:
    """Return the path of a clip's truth."""
    return clip.with_suffix(".truth.json")


def read_truth(path: Path) -> ClipTruth:
    """Read the renderer's files, those beside the sample clips, and those of motion capture."""
    truth = json.loads(path.read_text())
    if "frames" not in truth:
        camera = truth["camera"]
        angles = {name: np.array(truth["angles_deg"][name], dtype=float) for name in MAIN_ANGLES}
        return ClipTruth(camera["yaw_deg"], camera["side"], np.array(truth["time_s"]), angles)

    def series(name: str) -> np.ndarray:
        """Return the values of one field over all frames."""
        return np.array([frame[name] for frame in truth["frames"]], dtype=float)  # null becomes NaN

    camera = truth.get("camera", {"yaw": truth.get("yaw_deg"), "side": None})
    systems = [name.removesuffix("_trunk") for name in truth["frames"][0] if name.endswith("_trunk")]
    return ClipTruth(
        camera["yaw"],
        camera["side"],
        series("t"),
        _angles_of_segments(*(series(name) for name in _FRAME_NAMES)),
        {system: _angles_of_segments(*(series(f"{system}_{name}") for name in _SYSTEM_NAMES)) for system in systems},
    )


def _angles_of_segments(trunk: np.ndarray, thigh: np.ndarray, shin: np.ndarray) -> Angles:
    return dict(zip(MAIN_ANGLES, (trunk, trunk - thigh, shin - thigh), strict=True))


def compare_to_truth(measured: np.ndarray, true: np.ndarray, sd: np.ndarray | None = None) -> AngleError:
    """Compare one angle with the truth where both are known; NaN if nothing was measured."""
    frames = min(len(measured), len(true))
    off = wrap_angle_deg(measured[:frames] - true[:frames])
    judged = np.isfinite(true[:frames])
    known = np.isfinite(off)
    if not known.any():
        return AngleError(np.nan, np.nan, np.nan, 0.0)
    mae = float(np.abs(off[known]).mean())
    offset_free_mae = float(np.abs(off[known] - off[known].mean()).mean())
    coverage = np.nan if sd is None else float((np.abs(off) <= Z_80 * sd[:frames])[known].mean())
    return AngleError(mae, offset_free_mae, coverage, float(known.sum() / judged.sum()))


def evaluate_clip(clip: Path, body: MeasuredBody, plain_deg: Callable[[str], Angles] | None = None) -> ClipAccuracy:
    """Compare the angles and the view of one clip with its truth."""
    view, table = body
    truth = read_truth(truth_path(clip))
    others = {
        name: [compare_to_truth(angles[a], truth.angles[a]) for a in MAIN_ANGLES]
        for name, angles in truth.systems.items()
    }
    if plain_deg:
        angles = plain_deg(truth.facing or view.facing)
        others["plain loop"] = [compare_to_truth(angles[a], truth.angles[a]) for a in MAIN_ANGLES]
    errors = [
        compare_to_truth(table.columns[a], truth.angles[a], table.sd_deg[sd])
        for a, sd in zip(MAIN_ANGLES, SD_COLUMNS, strict=False)
    ]
    return ClipAccuracy(clip.stem, truth, view.yaw_deg, view.yaw_sd_deg, view.grade, view.facing, errors, others)


def list_truth_clips(folder: Path, half: str | None = None, only: Sequence[str] = ()) -> list[Path]:
    """List the clips of a folder that have a truth; `half` takes every other one, but all of motion capture."""
    clips = [clip for clip in sorted(folder.glob("*.mp4")) if truth_path(clip).exists()]
    if half:
        remainder = 0 if half == "even" else 1
        clips = [c for i, c in enumerate(clips) if i % 2 == remainder or read_truth(truth_path(c)).is_captured]
    return [clip for clip in clips if not only or clip.stem.startswith(tuple(only))]


def find_stored_track(clip: Path, tracks: Path) -> Path:
    """Find the stored track of a clip by the clip's name; AnalyzerError where there is none."""
    stored_tracks = sorted(tracks.rglob(f"{clip.name}/track.npz"))
    if not stored_tracks:
        raise AnalyzerError(
            f"no track of {clip.name} below {tracks}: run `analyzer batch {clip.parent} --out {tracks}`"
        )
    return stored_tracks[0]


def remove_legs(raw: RawTrack) -> RawTrack:
    """Return the track without knees and feet."""
    points_px, mirror_px, visibility = raw.points_px.copy(), raw.mirror_px.copy(), raw.visibility.copy()
    points_px[:, LEFT.knee :] = mirror_px[:, LEFT.knee :] = np.nan
    visibility[:, LEFT.knee :] = 0.0
    return replace(raw, points_px=points_px, mirror_px=mirror_px, visibility=visibility)


def measure_stored_track(clip: Path, tracks: Path, *, hide_legs: bool = False) -> MeasuredBody:
    """Measure a clip from its stored track."""
    try:
        stored_track = find_stored_track(clip, tracks)
    except AnalyzerError as error:
        raise SystemExit(str(error)) from error
    probed, tracked = open_clip(clip, Settings()), load_track(stored_track)
    raw = remove_legs(tracked.raw) if hide_legs else tracked.raw
    body = fit_body(probed, raw, tracked.roll_deg, CLEAN_LIMITS.cutoff_hz)
    return body.view, body.table


def track_and_measure(clip: Path) -> MeasuredBody:
    """Track and measure a clip."""
    work = analyze_clip(clip, AnalysisRequest(), Settings(pose_threads=1), lambda *_: None)
    return work.view, work.table


def _plain(clip: Path) -> Callable[[str], Angles]:
    from benchmarks.plain import compute_plain_angles, detect_landmarks  # late: loads MediaPipe

    landmarks = detect_landmarks(clip, ensure_model("full", Settings()).path)
    return lambda facing: compute_plain_angles(landmarks, facing)


def format_summary(rows: Sequence[ClipAccuracy]) -> list[str]:
    """Return one line for each band of yaw, for the plates, for all rendered clips and for motion capture."""
    rendered = [row for row in rows if not row.truth.is_captured]
    usual = [row for row in rendered if PLATES_CLIP not in row.name]
    groups = [
        (label, [r for r in usual if low < abs(r.truth.yaw_deg) <= high or abs(r.truth.yaw_deg) == low == 0])
        for label, low, high in YAW_BANDS
    ]
    groups += [
        ("full-size plates", [row for row in rendered if PLATES_CLIP in row.name]),
        ("all rendered", rendered),
        ("motion capture", [row for row in rows if row.truth.is_captured]),
    ]
    return [_format_band(label, band) for label, band in groups if band]


def _format_band(label: str, rows: Sequence[ClipAccuracy]) -> str:
    yaw = np.array([row.yaw_error_deg for row in rows])
    wrong = sum(bool(row.faults) for row in rows)
    errors = [
        AngleError(*(_mean([getattr(row.errors[i], name) for row in rows]) for name in _ERROR_FIELDS))
        for i in range(len(MAIN_ANGLES))
    ]
    view = f"yaw off {yaw.mean():4.1f}, most {yaw.max():4.1f}, within 8: {(yaw <= YAW_DEG).sum()}; wrong {wrong}"
    return f"{f'{label} (n={len(rows)})':24s} {view:44s} {_cells(errors, 2)}"


def _mean(values: Sequence[float]) -> float:
    known = [value for value in values if np.isfinite(value)]
    return float(np.mean(known)) if known else np.nan


def _cells(errors: Sequence[AngleError], decimals: int = 1) -> str:
    cells = []
    for e in errors:
        coverage = f"{e.coverage:5.0%}" if np.isfinite(e.coverage) else "     "
        cells.append(f"{e.mae:5.{decimals}f} /{e.offset_free_mae:5.{decimals}f} {coverage}")
    published = min(e.published for e in errors)
    return "   ".join(cells) + (f"   {published:4.0%}" if np.isfinite(published) else "")


def format_clip(row: ClipAccuracy) -> list[str]:
    """Return the lines of one clip: ours, then other systems on the same clip."""
    view = f"{row.truth.yaw_deg:6.1f} {row.yaw_deg:6.1f} +-{row.yaw_sd_deg:4.1f} {row.grade:8s}"
    wrong = f"  WRONG: {', '.join(row.faults)}" if row.faults else ""
    lines = [f"{row.name:24s} {view:44s} {_cells(row.errors)}{wrong}"]
    return lines + [f"{f'  {name}':24s} {'':44s} {_cells(errors)}" for name, errors in row.others.items()]


def _folders() -> list[Path]:
    root = Path(__file__).parents[1]
    shared = [root.parent / "shared" / name for name in ("truth", "truth_oblique", "mocap")]
    return [folder for folder in shared if folder.is_dir()] or [root / "sample_videos"]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="*", type=Path, default=_folders())
    parser.add_argument("--tracks", type=Path)
    parser.add_argument("--half", choices=("even", "odd"))
    parser.add_argument("--only", nargs="*", default=[])
    parser.add_argument("--plain", action="store_true")
    parser.add_argument("--hide-legs", action="store_true", help="only with --tracks")
    options = parser.parse_args()
    if options.hide_legs and not options.tracks:
        parser.error("--hide-legs needs --tracks")
    clips = [clip for folder in options.folders for clip in list_truth_clips(folder, options.half, options.only)]

    def evaluate(clip: Path) -> ClipAccuracy:
        """Measure a clip and compare it with the truth."""
        body = (
            measure_stored_track(clip, options.tracks, hide_legs=options.hide_legs)
            if options.tracks
            else track_and_measure(clip)
        )
        return evaluate_clip(clip, body, _plain(clip) if options.plain else None)

    with ThreadPoolExecutor(2) as pool:
        rows = list(pool.map(evaluate, clips))
    head = "   ".join(f"{name:18s}" for name in ("trunk MAE/free held", "trunk-thigh", "knee"))
    print(f"{'clip':24s} {'yaw':>6s} {'found':>6s}   sd {'grade':29s} {head}  given")
    for row in rows:
        print("\n".join(format_clip(row)))
    print("\n".join(format_summary(rows)))


if __name__ == "__main__":
    main()
