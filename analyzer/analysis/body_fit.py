"""Fit: the clean track, the fitted body, the camera view, the angle table and the back of one clip."""

from dataclasses import dataclass, replace

import numpy as np

from analyzer.clip.probe import Clip
from analyzer.errors import ClipError
from analyzer.kinematics.angle_table import AngleTable, add_back_rounding, compute_angle_table
from analyzer.kinematics.back_occlusion import find_arm_occlusion
from analyzer.kinematics.back_outline import DorsalOutline
from analyzer.kinematics.back_rounding import (
    BackRounding,
    discard_rounding,
    estimate_back_rounding,
    find_unoccluded_baseline,
)
from analyzer.kinematics.back_rounding_model import load_rounding_model
from analyzer.kinematics.camera_lens import CameraLens, assume_phone_lens, correct_roll
from analyzer.kinematics.camera_view import Z_80, CameraView, corrected_roll_deg, summarize_half_widths
from analyzer.kinematics.clip_fit import ClipFit, fit_clip
from analyzer.kinematics.fit_observations import ObservedLandmarks
from analyzer.kinematics.landmarks import near_far_sides
from analyzer.pose.track import CleanTrack, RawTrack
from analyzer.pose.track_cleaning import clean_profile, clean_track
from analyzer.request import FILMING_ADVICE
from analyzer.vocabulary.angles import MAIN_ANGLES

_MIN_FOLD_SHARE = 0.5  # of the frames: with the trunk-thigh angle known in fewer, the back has no value; chosen


@dataclass(frozen=True)
class BodyFit:
    """The body of one clip after fitting; the input of recognition and of everything after it.

    Attributes
    ----------
    track : the clean track, smoothed at `cutoff_hz`.
    clip_fit : the bodies fitted to the landmarks of all frames.
    view : how the camera sees the subject.
    table : the angles of every frame.
    back : the rounding of the back; None for a track without outlines.
    cutoff_hz : cut-off frequency of the smoothing.
    """

    track: CleanTrack
    clip_fit: ClipFit
    view: CameraView
    table: AngleTable
    back: BackRounding | None
    cutoff_hz: float


def fit_body(
    clip: Clip,
    raw: RawTrack,
    roll_deg: float | None,
    cutoff_hz: float,
    clip_fit: ClipFit | None = None,
) -> BodyFit:
    """Clean the track, fit the body, and compute the camera view, the angles and the rounding of the back.

    Parameters
    ----------
    roll_deg : roll of the camera, + clockwise; None if it could not be measured.
    cutoff_hz : cut-off frequency of the smoothing.
    clip_fit : a fit of the same track, which does not depend on the smoothing; by default it is computed.

    Raises
    ------
    ClipError : too little of the person is in view.
    """
    track = clean_track(raw, clip.times_s, (clip.width_px, clip.height_px), cutoff_hz)
    lens, roll = get_lens(clip), corrected_roll_deg(roll_deg)
    landmarks = ObservedLandmarks(
        track.times_s,
        correct_roll(track.unsmoothed_px, roll, lens),
        track.visibility,
        track.mirror_distance_px,
        track.world_m,
        lens,
    )
    if clip_fit is None:
        clip_fit = fit_clip(landmarks)
    if clip_fit is None:
        raise ClipError(clip.name, "too little of a person is in view", FILMING_ADVICE)
    view = _describe_view(clip_fit, roll_deg)
    table = compute_angle_table(landmarks, correct_roll(track.points_px, roll, lens), clip_fit, view)
    body = BodyFit(track, clip_fit, view, table, None, cutoff_hz)
    back = _estimate_back(clip, raw, body)
    body = body if back is None else _with_back(body, back)
    # The same outline means another bend over another fold of the hips (docs/experiments.md, "Hidden legs").
    is_fold_known = np.isfinite(table.unfiltered["trunk_thigh_deg"]).mean() >= _MIN_FOLD_SHARE
    return body if is_fold_known else discard_back(body, "the legs are hidden")


def discard_back(body: BodyFit, reason: str) -> BodyFit:
    """Return the body with an unknown back rounding; `reason` says why, in words."""
    if body.back is None:
        return body
    return _with_back(body, discard_rounding(body.back, reason))


def get_lens(clip: Clip) -> CameraLens:
    """Return the lens that is assumed for a clip of this size."""
    return assume_phone_lens((clip.width_px, clip.height_px))


def _describe_view(clip_fit: ClipFit, roll_deg: float | None) -> CameraView:
    main = clip_fit.longest
    sds_deg = (main.trunk_sd_deg, main.trunk_thigh_sd_deg, main.knee_sd_deg)
    half_widths_deg, partial_angles = summarize_half_widths(dict(zip(MAIN_ANGLES, sds_deg, strict=True)))
    return CameraView(
        facing=main.facing,
        yaw_deg=main.yaw_deg,
        yaw_sd_deg=main.yaw_sd_deg,
        pitch_deg=main.pitch_deg,
        roll_deg=roll_deg,
        half_widths_deg=half_widths_deg,
        is_turned_away=~clip_fit.is_fitted,
        partial_angles=partial_angles,
    )


def _estimate_back(clip: Clip, raw: RawTrack, body: BodyFit) -> BackRounding | None:
    """Estimate the rounding of the back; None for a track without outlines."""
    track, view, table = body.track, body.view, body.table
    profile = clean_profile(raw, view.facing, clip.times_s, body.cutoff_hz)
    if profile is None:
        return None
    outline = DorsalOutline(profile, track.points_px, view.facing)
    is_occluded = find_arm_occlusion(outline)
    height_px = table.near.hip[:, 1] - table.near.shoulder[:, 1]
    baseline = find_unoccluded_baseline(track.times_s, table.unfiltered, height_px, table.baseline, is_occluded)
    hip_is_hidden = bool(table.is_hidden[:, near_far_sides(view.facing)[0].hip].any())
    return estimate_back_rounding(
        outline,
        table.unfiltered,
        baseline,
        is_occluded,
        view.yaw_deg,
        table.trunk_px,
        load_rounding_model(),
        hip_is_hidden,
    )


def _with_back(body: BodyFit, back: BackRounding) -> BodyFit:
    table = add_back_rounding(body.table, back.rounding_deg, back.half_width_deg / Z_80)
    return replace(body, table=table, back=back)
