"""From the raw track to the result: clean, see from where it was filmed, measure."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from analyzer._version import __version__
from analyzer.analysis.interpret import Interpretation, build_motion, interpret_motion, resolve_movement
from analyzer.clip.probe import Clip
from analyzer.errors import ClipError
from analyzer.kinematics.angle_table import AngleTable, add_back_rounding, angles_at_baseline, compute_angle_table
from analyzer.kinematics.arrays import FloatArray
from analyzer.kinematics.back_occlusion import find_arm_occlusion, plate_occludes_back
from analyzer.kinematics.back_outline import DorsalOutline
from analyzer.kinematics.back_rounding import (
    BackRounding,
    discard_rounding,
    estimate_back_rounding,
    find_unoccluded_baseline,
    summarize_back_rounding,
)
from analyzer.kinematics.back_rounding_model import load_rounding_model
from analyzer.kinematics.body_model import FIT_LANDMARKS
from analyzer.kinematics.camera_lens import CameraLens, assume_phone_lens, correct_roll
from analyzer.kinematics.camera_view import Z_80, CameraView, corrected_roll_deg
from analyzer.kinematics.clip_fit import ClipFit, fit_clip
from analyzer.kinematics.fit_observations import ObservedLandmarks
from analyzer.kinematics.landmarks import TRUNK_LANDMARKS, near_far_sides
from analyzer.load.cached_path import get_load_path
from analyzer.load.load_path import LoadPath, compute_path_measures
from analyzer.pose.track import CleanTrack, RawTrack
from analyzer.pose.track_cleaning import LIMITS as CLEAN_LIMITS
from analyzer.pose.track_cleaning import clean_profile, clean_track
from analyzer.report.analyzed_clip import AnalyzedClip
from analyzer.request import FILMING_ADVICE, AnalysisRequest
from analyzer.results.artifact_cache import ArtifactCache
from analyzer.results.schema import Analysis, ClipFacts, Provenance, Quality, Rep, Subject, View
from analyzer.results.track_store import TrackedClip
from analyzer.vocabulary.angles import get_angle_of_sd_column

_MIN_VISIBLE_SHARE = (
    0.2  # a clip in which the person, or their trunk, is seen in less than this share is refused; chosen
)
_MIN_VISIBLE_S = 0.5  # or for less than this; chosen
_PARTIAL_TRACKING_SHARE = 0.9  # below it the result says how much was seen; chosen


def measure_track(
    clip: Clip,
    tracked: TrackedClip,
    request: AnalysisRequest,
    threads: int = 1,
    kept: ArtifactCache | None = None,
) -> AnalyzedClip:
    """Everything told about a tracked clip; raises ClipError when the person is seen too little.

    Where a load is followed, `threads` parts of the clip are read at the same time, or none if `kept` holds its path.
    """
    raw, roll_deg = tracked.raw, tracked.roll_deg
    _check_person_visible(clip, np.isfinite(raw.points_px[:, 0, 0]))
    cutoff_hz = CLEAN_LIMITS.cutoff_hz
    track, fitted, view, table, back = reconstruct_body(clip, raw, roll_deg, cutoff_hz)
    found = resolve_movement(build_motion(track.times_s, table, view), request)
    if found.movement is not None and found.movement.smoothing == "hold":
        cutoff_hz = CLEAN_LIMITS.hold_cutoff_hz
        track, fitted, view, table, back = reconstruct_body(clip, raw, roll_deg, cutoff_hz, fitted)
    motion = build_motion(track.times_s, table, view)
    load: list[LoadPath] = []

    def load_of(reps: Sequence[Rep]) -> dict[str, Any] | None:
        path = get_load_path(kept or ArtifactCache(), clip, track, view, table.trunk_px, reps, threads)
        if path is None:
            return None
        load.append(path)
        return compute_path_measures(path, view, _lens(clip), motion, reps, request.height_cm).to_json()

    told = interpret_motion(motion, found, request, load_of)
    if back is not None and load and _plate_over_back(load[0], back, track, view):
        back = discard_rounding(back, "a plate lies over the low back of the tall posture that it would be told from")
        table = add_back_rounding(table, back.rounding_deg, back.half_width_deg / Z_80)
        measures = told.measures.get("load_path")  # rare: everything is told once more, without the back
        told = interpret_motion(build_motion(track.times_s, table, view), found, request, lambda _reps: measures)
    lost = int((~raw.decoded).sum())
    if lost:
        clip = replace(clip, warnings=(*clip.warnings, f"{lost} of {len(raw.frames)} frames could not be decoded"))
    analysis = _result(clip, tracked, track, view, table, told, request, cutoff_hz)
    analysis.measures["back"] = summarize_back_rounding(back) if back else None
    track = replace(track, points_px=_landmarks_to_draw(track.points_px, table, fitted, view, _lens(clip)))
    return AnalyzedClip(clip, track, view, table, analysis, load[0] if load else None, back, lost)


def reconstruct_body(
    clip: Clip, raw: RawTrack, roll_deg: float | None, cutoff_hz: float, fitted: ClipFit | None = None
) -> tuple[CleanTrack, ClipFit, CameraView, AngleTable, BackRounding | None]:
    """Clean the track, fit the body unless one is given, and compute view, angles and back."""
    track = clean_track(raw, clip.times_s, (clip.width_px, clip.height_px), cutoff_hz)
    lens, roll = _lens(clip), corrected_roll_deg(roll_deg)
    landmarks = ObservedLandmarks(
        track.times_s,
        correct_roll(track.unsmoothed_px, roll, lens),
        track.visibility,
        track.mirror_distance_px,
        track.world_m,
        lens,
    )
    if fitted is None:
        fitted = fit_clip(landmarks)
    if fitted is None:
        raise ClipError(clip.name, "too little of a person is in view", FILMING_ADVICE)
    view = _view(fitted, roll_deg)
    table = compute_angle_table(landmarks, correct_roll(track.points_px, roll, lens), fitted, view)
    return track, fitted, view, *_with_back(clip, raw, track, view, table, cutoff_hz)


def _view(fitted: ClipFit, roll_deg: float | None) -> CameraView:
    main = fitted.longest
    sd = np.mean([main.trunk_sd_deg, main.trunk_thigh_sd_deg, main.knee_sd_deg], axis=0)
    return CameraView(
        facing=main.facing,
        yaw_deg=main.yaw_deg,
        yaw_sd_deg=main.yaw_sd_deg,
        pitch_deg=main.pitch_deg,
        roll_deg=roll_deg,
        half_width_deg=Z_80 * float(np.median(sd)),
        is_turned_away=~fitted.is_fitted,
    )


def _with_back(
    clip: Clip, raw: RawTrack, track: CleanTrack, view: CameraView, table: AngleTable, cutoff_hz: float
) -> tuple[AngleTable, BackRounding | None]:
    """The table with the back's rounding, and the line of the back; as it was for a track without outlines."""
    profile = clean_profile(raw, view.facing, clip.times_s, cutoff_hz)
    if profile is None:
        return table, None
    outline = DorsalOutline(profile, track.points_px, view.facing)
    is_occluded = find_arm_occlusion(outline)
    height_px = table.near.hip[:, 1] - table.near.shoulder[:, 1]
    tall = find_unoccluded_baseline(track.times_s, table.unfiltered, height_px, table.baseline, is_occluded)
    hidden = bool(table.is_hidden[:, near_far_sides(view.facing)[0].hip].any())
    back = estimate_back_rounding(
        outline,
        table.unfiltered,
        tall,
        is_occluded,
        view.yaw_deg,
        table.trunk_px,
        load_rounding_model(),
        hidden,
    )
    return add_back_rounding(table, back.rounding_deg, back.half_width_deg / Z_80), back


def _landmarks_to_draw(
    points_px: FloatArray, table: AngleTable, fitted: ClipFit, view: CameraView, lens: CameraLens
) -> FloatArray:
    """Landmarks to draw: joints that are hidden or astray lie where the fitted body has them."""
    joints = correct_roll(fitted.combined.pixels, -view.corrected_roll_deg, lens)
    drawn = points_px.copy()
    known = np.isfinite(table.unfiltered["trunk_thigh_deg"])[:, None]
    missing = table.is_hidden[:, FIT_LANDMARKS[:8]] | np.isnan(points_px[:, FIT_LANDMARKS[:8], 0])
    drawn[:, FIT_LANDMARKS[:8]] = np.where(
        (known & missing)[..., None], joints, np.where(missing[..., None], np.nan, points_px[:, FIT_LANDMARKS[:8]])
    )
    return drawn


def _plate_over_back(load: LoadPath, back: BackRounding, track: CleanTrack, view: CameraView) -> bool:
    if load.kind != "plate":
        return False
    outline = DorsalOutline(back.profile, track.points_px, view.facing)
    return plate_occludes_back(outline, load.centre_px, load.radius_px, back.is_baseline)


def _lens(clip: Clip) -> CameraLens:
    return assume_phone_lens((clip.width_px, clip.height_px))


def _check_person_visible(clip: Clip, seen: np.ndarray) -> None:
    """`seen`: one a frame that was asked about, True where the person was seen."""
    count, frames = int(seen.sum()), len(seen)
    if count < _MIN_VISIBLE_SHARE * frames or count / frames * clip.duration_s < _MIN_VISIBLE_S:
        raise ClipError(
            clip.name, f"no person stays in view long enough (seen in {count} of {frames} frames)", FILMING_ADVICE
        )


def _result(
    clip: Clip,
    tracked: TrackedClip,
    track: CleanTrack,
    view: CameraView,
    table: AngleTable,
    told: Interpretation,
    request: AnalysisRequest,
    cutoff_hz: float,
) -> Analysis:
    view_grade, reasons = view.grade, view.reasons
    trunk = table.columns["trunk_inclination_deg"]
    share = float(np.isfinite(track.points_px[:, TRUNK_LANDMARKS]).all(axis=(1, 2)).mean())
    if view_grade != "refused":
        _check_person_visible(clip, np.isfinite(trunk))
        share = float(np.isfinite(trunk).mean())
    warnings = [*clip.warnings, *table.omission_reasons]
    if share < _PARTIAL_TRACKING_SHARE:
        warnings.append(f"the trunk was seen in {share:.0%} of the frames; the rest is left empty")
    if view.is_turned_away.any():
        warnings.append("the person turns round in this clip; frames facing elsewhere are left empty")
    if table.baseline is None and view_grade != "refused":
        warnings.append("no tall, still posture was found: neck and head angles are not told from the own neutral")
    if table.baseline is not None and not table.baseline.is_still:
        warnings.append("nobody stands or sits still in this clip: changes are told from the tallest moment")
    warnings += told.warnings
    chosen = tracked.chosen
    box = chosen.person.boxes_px
    analysis = Analysis(
        clip=ClipFacts(
            name=clip.name,
            sha256=clip.sha256,
            width_px=clip.width_px,
            height_px=clip.height_px,
            duration_s=round(clip.duration_s, 4),
            frames=clip.frames,
            mean_fps=round(clip.mean_fps, 4),
            rotation_deg=clip.rotation_deg,
        ),
        subject=Subject(
            chosen_by=chosen.chosen_by,
            box_px=tuple(np.round([*box[:, :2].min(axis=0), *box[:, 2:].max(axis=0)], 1).tolist()),
            others_seen=chosen.others_seen,
        ),
        view=View(
            facing=view.facing,
            camera_side=view.camera_side,
            yaw_deg=round(abs(view.yaw_deg), 1),
            yaw_interval_deg=(round(view.yaw_interval_deg[0], 1), round(view.yaw_interval_deg[1], 1)),
            pitch_deg=round(view.pitch_deg, 1),
            roll_deg=None if view.roll_deg is None else round(view.roll_deg, 1),
            grade=view_grade,
            reasons=reasons,
        ),
        quality=Quality(tracked_fraction=round(share, 4), uncertainty_deg=_uncertainty_deg(table), warnings=warnings),
        movement=told.movement,
        reps=list(told.events.reps),
        holds=list(told.events.holds),
        stages=list(told.events.stages),
        measures=_measures(table) | told.measures,
        findings=told.findings,
        provenance=Provenance(
            analyzer=__version__,
            mediapipe=tracked.mediapipe,
            model_sha256=tracked.model_sha256,
            settings={**_settings(request), "cutoff_hz": cutoff_hz},
        ),
    )
    analysis._angles = pd.DataFrame(
        {
            "frame": np.arange(clip.frames),
            "time_s": clip.times_s,
            **table.columns,
            "confidence": table.confidence,
            **table.published_sd_deg,
        }
    )
    return analysis


def _uncertainty_deg(table: AngleTable) -> dict[str, float]:
    """Half width of the 80 % interval of each angle: median over the frames in which it is published."""
    return {
        get_angle_of_sd_column(name): round(Z_80 * float(np.median(values[np.isfinite(values)])), 1)
        for name, values in table.published_sd_deg.items()
        if np.isfinite(values).any()
    }


def _settings(request: AnalysisRequest) -> dict[str, Any]:
    """What was asked, but for what the client reports: that is told once, in the measures."""
    return {name: value for name, value in vars(request).items() if name != "marks"}


def _measures(table: AngleTable) -> dict[str, object]:
    """The own tall posture, and how far each angle goes, also as change from it."""
    known = {name: values[np.isfinite(values)] for name, values in table.columns.items()}
    measures: dict[str, object] = {
        "range": {
            name: {"min": round(float(values.min()), 2), "max": round(float(values.max()), 2)}
            for name, values in known.items()
            if len(values)
        },
        "own_tall": None,
        "change_from_own_tall": None,
    }
    if table.baseline is None or not known["trunk_inclination_deg"].size:
        return measures
    tall = {k: round(v, 2) for k, v in angles_at_baseline(table.columns, table.baseline).items() if v is not None}
    measures["own_tall"] = {
        "kind": table.baseline.kind,
        "still": table.baseline.is_still,
        "start_s": round(table.baseline.start_s, 4),
        "end_s": round(table.baseline.end_s, 4),
        "angles": tall,
    }
    measures["change_from_own_tall"] = {
        name: {
            "min": round(float(known[name].min()) - value, 2),
            "max": round(float(known[name].max()) - value, 2),
        }
        for name, value in tall.items()
    }
    return measures
