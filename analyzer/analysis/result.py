"""Result: the typed content of `analysis.json` with the angle table."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analyzer._version import __version__
from analyzer.analysis.body_fit import BodyFit
from analyzer.analysis.measures import compute_uncertainty_deg
from analyzer.analysis.picture_orientation import LYING_WARNING, is_lying_throughout
from analyzer.analysis.recognition import AnalysisContext
from analyzer.analysis.visibility import check_person_visible
from analyzer.clip.probe import Clip
from analyzer.kinematics.arrays import BoolArray, Series
from analyzer.kinematics.camera_view import CameraView
from analyzer.kinematics.landmarks import TRUNK_LANDMARKS
from analyzer.movements.frame_runs import find_runs
from analyzer.movements.protocol import Events
from analyzer.movements.typed_measures import JsonObject
from analyzer.pose.subject_selection import SelectedSubject
from analyzer.request import AnalysisRequest
from analyzer.results.schema import Analysis, ClipFacts, Finding, KeyMeasure, Provenance, Quality, Subject, View
from analyzer.results.track_store import TrackedClip

_PARTIAL_TRACKING_SHARE = 0.9  # of the frames; below it a warning gives the share; chosen
_MAX_SPANS = 3  # times that a warning lists; chosen


@dataclass(frozen=True)
class Interpretation:
    """Interpretation of a clip: the movement with its events, key measures, measures and findings."""

    context: AnalysisContext
    events: Events
    key_measures: list[KeyMeasure]
    measures: JsonObject
    findings: list[Finding]


def build_analysis(
    clip: Clip, tracked: TrackedClip, body: BodyFit, interpretation: Interpretation, request: AnalysisRequest
) -> Analysis:
    """Build the result.

    Raises
    ------
    ClipError : the trunk is visible in too few frames.
    """
    context, events = interpretation.context, interpretation.events
    analysis = Analysis(
        clip=_describe_clip(clip),
        subject=_describe_subject(tracked.chosen),
        view=_describe_view(body.view),
        quality=_assess_quality(clip, body, context, events),
        movement=context.facts,
        reps=list(events.reps),
        holds=list(events.holds),
        stages=list(events.stages),
        key_measures=interpretation.key_measures,
        measures=interpretation.measures,
        findings=interpretation.findings,
        provenance=Provenance(
            analyzer=__version__,
            mediapipe=tracked.mediapipe,
            model_sha256=tracked.model_sha256,
            settings={**_list_settings(request), "cutoff_hz": body.cutoff_hz},
        ),
    )
    analysis._angles = _build_angle_frame(clip, body)
    return analysis


def _describe_clip(clip: Clip) -> ClipFacts:
    return ClipFacts(
        name=clip.name,
        sha256=clip.sha256,
        width_px=clip.width_px,
        height_px=clip.height_px,
        duration_s=round(clip.duration_s, 4),
        frames=clip.frames,
        mean_fps=round(clip.mean_fps, 4),
        rotation_deg=clip.rotation_deg,
    )


def _describe_subject(subject: SelectedSubject) -> Subject:
    box_px = subject.person.boxes_px
    return Subject(
        chosen_by=subject.chosen_by,
        box_px=tuple(np.round([*box_px[:, :2].min(axis=0), *box_px[:, 2:].max(axis=0)], 1).tolist()),
        others_seen=subject.others_seen,
    )


def _describe_view(view: CameraView) -> View:
    return View(
        facing=view.facing,
        camera_side=view.camera_side,
        yaw_deg=round(abs(view.yaw_deg), 1),
        yaw_interval_deg=(round(view.yaw_interval_deg[0], 1), round(view.yaw_interval_deg[1], 1)),
        pitch_deg=round(view.pitch_deg, 1),
        roll_deg=None if view.roll_deg is None else round(view.roll_deg, 1),
        grade=view.grade,
        reasons=view.reasons,
    )


def _assess_quality(clip: Clip, body: BodyFit, context: AnalysisContext, events: Events) -> Quality:
    """Return how much of the person is visible, the uncertainty of the angles, and all warnings."""
    table, has_degrees = body.table, body.view.grade != "refused"
    if has_degrees:
        is_tracked: np.ndarray = np.isfinite(table.columns["trunk_inclination_deg"])
        check_person_visible(clip, is_tracked)
    else:
        is_tracked = np.asarray(np.isfinite(body.track.points_px[:, TRUNK_LANDMARKS]).all(axis=(1, 2)))
    share = float(is_tracked.mean())
    warnings = [*clip.warnings, *table.omission_reasons]
    if not (events.reps or events.holds or events.stages) and is_lying_throughout(table.near):
        warnings.append(LYING_WARNING)
    if share < _PARTIAL_TRACKING_SHARE:
        warnings.append(
            f"the trunk is measured in {share:.0%} of the frames; the rest does not show it clearly and is left empty"
        )
    if body.view.is_turned_away.any():
        warnings.append(describe_turns(body.track.times_s, body.view.is_turned_away))
    if table.baseline is None and has_degrees:
        warnings.append("no tall, still posture was found: neck and head angles are not relative to the person's own")
    if table.baseline is not None and not table.baseline.is_still:
        warnings.append("no one stands or sits still in this clip: changes are measured from the tallest moment")
    return Quality(
        tracked_fraction=round(share, 4),
        uncertainty_deg=compute_uncertainty_deg(table),
        warnings=[*warnings, *context.warnings],
    )


def describe_turns(times_s: Series, is_turned_away: BoolArray) -> str:
    """Return the warning that says which frames face elsewhere; both arrays are (T,), and at least one is True."""
    bounds_s = [(f"{times_s[first]:.1f}", f"{times_s[last]:.1f}") for first, last in find_runs(is_turned_away)]
    spans = [start if start == end else f"{start} to {end}" for start, end in bounds_s[:_MAX_SPANS]]
    more = " and later" if len(bounds_s) > _MAX_SPANS else ""
    return f"the person faces elsewhere, or the film is cut, at {', '.join(spans)} s{more}: these frames are left empty"


def _list_settings(request: AnalysisRequest) -> JsonObject:
    """Return the request without the marks, which the measures hold."""
    return {name: value for name, value in vars(request).items() if name not in ("marks", "unfit_marks")}


def _build_angle_frame(clip: Clip, body: BodyFit) -> pd.DataFrame:
    """Build the table of `angles.csv`: one row a frame, degrees, NaN where unknown."""
    return pd.DataFrame(
        {
            "frame": np.arange(clip.frames),
            "time_s": clip.times_s,
            **body.table.columns,
            "confidence": body.table.confidence,
            **body.table.published_sd_deg,
        }
    )
