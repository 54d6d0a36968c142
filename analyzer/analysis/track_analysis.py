"""The steps from a track to a result: fit, recognise, events, load, measures, findings."""

from dataclasses import replace

import numpy as np

from analyzer.analysis.body_fit import BodyFit, fit_body, get_lens
from analyzer.analysis.drawn_landmarks import place_landmarks_to_draw
from analyzer.analysis.events import find_events
from analyzer.analysis.findings import find_findings
from analyzer.analysis.load import discard_hidden_back, follow_load
from analyzer.analysis.measures import measure_key_numbers, measure_load, measure_movement, summarize_angles
from analyzer.analysis.recognition import build_context, build_motion, resolve_movement
from analyzer.analysis.result import Interpretation, build_analysis
from analyzer.analysis.unfit_marks import set_aside_unfit_reports, set_aside_unfit_stages
from analyzer.analysis.visibility import check_person_visible
from analyzer.clip.probe import Clip
from analyzer.kinematics.back_rounding import summarize_back_rounding
from analyzer.movements.motion import Motion
from analyzer.movements.registry import RecognisedMovement
from analyzer.pose.track import RawTrack
from analyzer.pose.track_cleaning import LIMITS as CLEAN_LIMITS
from analyzer.report.analyzed_clip import AnalyzedClip
from analyzer.request import AnalysisRequest
from analyzer.results.artifact_cache import ArtifactCache
from analyzer.results.track_store import TrackedClip


def analyze_track(
    clip: Clip,
    tracked: TrackedClip,
    request: AnalysisRequest,
    threads: int = 1,
    cache: ArtifactCache | None = None,
) -> AnalyzedClip:
    """Compute the result of a tracked clip.

    Parameters
    ----------
    threads : parts of the clip that are read at the same time to follow a load.
    cache : holds the path of the load, if it was followed before: the clip is then not read.

    Raises
    ------
    ClipError : the person is visible in too few frames.
    UnknownMovementError, MarksError : no movement has the requested name; the marks do not fit the clip.
    """
    check_person_visible(clip, np.isfinite(tracked.raw.points_px[:, 0, 0]))
    body = fit_body(clip, tracked.raw, tracked.roll_deg, CLEAN_LIMITS.cutoff_hz)

    recognised = resolve_movement(_build_motion(body), request)
    body = _smooth_for_movement(clip, tracked.raw, body, recognised)
    context = build_context(recognised, request)

    motion = _build_motion(body)
    if request.unfit_marks == "set_aside":
        context = set_aside_unfit_stages(context, motion)
    events = find_events(context, motion)

    load = follow_load(context, clip, body, events, cache or ArtifactCache(), threads)
    visible_body = discard_hidden_back(body, load)
    if visible_body is not body:  # the events hold angles of the back
        body, motion = visible_body, _build_motion(visible_body)
        events = find_events(context, motion)

    measures = measure_movement(context, motion, events)
    load_measures, events = measure_load(context, clip, body, motion, events, load)
    measures |= load_measures

    key_measures = measure_key_numbers(context, body, events, measures)
    if request.unfit_marks == "set_aside":
        context = set_aside_unfit_reports(context, events, float(motion.times_s[-1]))
    coaching = find_findings(context, motion, events, measures, key_measures, body.back)
    back = {"back": summarize_back_rounding(body.back) if body.back else None}
    key_measures = measure_key_numbers(context, body, coaching.events, measures)  # now with what was reported
    measures = summarize_angles(body.table) | measures | coaching.measures.to_json() | back

    clip = _warn_of_undecodable_frames(clip, tracked.raw)
    interpretation = Interpretation(context, coaching.events, key_measures, measures, coaching.findings)
    analysis = build_analysis(clip, tracked, body, interpretation, request)
    track = place_landmarks_to_draw(body, get_lens(clip), load)
    return AnalyzedClip(
        clip, track, body.view, body.table, analysis, load, body.back, _count_undecodable_frames(tracked.raw)
    )


def _build_motion(body: BodyFit) -> Motion:
    return build_motion(body.track.times_s, body.table, body.view)


def _smooth_for_movement(clip: Clip, raw: RawTrack, body: BodyFit, recognised: RecognisedMovement) -> BodyFit:
    """Return the body with the stronger smoothing that a held movement needs."""
    if recognised.movement is None or recognised.movement.smoothing != "hold":
        return body
    return fit_body(clip, raw, body.view.roll_deg, CLEAN_LIMITS.hold_cutoff_hz, body.clip_fit)


def _count_undecodable_frames(raw: RawTrack) -> int:
    return int((~raw.decoded).sum())


def _warn_of_undecodable_frames(clip: Clip, raw: RawTrack) -> Clip:
    count = _count_undecodable_frames(raw)
    if not count:
        return clip
    return replace(clip, warnings=(*clip.warnings, f"{count} of {len(raw.frames)} frames could not be decoded"))
