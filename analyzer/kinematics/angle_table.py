"""All angles of a clip from its fitted body: the columns of `angles.csv`."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from analyzer.kinematics import angles as angle
from analyzer.kinematics.arrays import BoolArray, FloatArray, Series
from analyzer.kinematics.baseline_posture import BaselinePosture, find_baseline_posture
from analyzer.kinematics.body_model import FIT_LANDMARKS
from analyzer.kinematics.camera_view import MAX_HALF_WIDTH_DEG, Z_80, CameraView
from analyzer.kinematics.clip_fit import ClipFit
from analyzer.kinematics.fit_observations import ObservedLandmarks
from analyzer.kinematics.fitted_body import FittedBody
from analyzer.kinematics.joints import SideJoints
from analyzer.kinematics.landmarks import LEFT, RIGHT, forward_sign
from analyzer.kinematics.sagittal_plane import project_to_sagittal
from analyzer.vocabulary.angles import CERTAIN_WITH, MAIN_ANGLES, SD_COLUMNS, get_angle_of_sd_column, get_sd_column

ANGLE_COLUMNS = (
    "trunk_inclination_deg",
    "trunk_thigh_deg",
    "knee_flexion_deg",
    "shin_inclination_deg",
    "thigh_inclination_deg",
    "ankle_dorsiflexion_deg",
    "neck_flexion_deg",
    "head_tilt_deg",
    "shoulder_flexion_deg",
    "elbow_flexion_deg",
    "back_rounding_deg",
    "body_line_deg",
)

PUBLISHED_SD_DEG = MAX_HALF_WIDTH_DEG / Z_80
"""An angle less certain than the roughest grade is not published."""
_KNOWN_SD_DEG = 30.0  # beyond it not even order and timing are known; chosen
_STRAY_TRUNKS = 0.25  # a landmark this far from the fitted body, in trunk lengths, is hidden or something else; chosen
_HYPEREXTENDED_DEG = 30.0  # no elbow bends this far backwards; chosen
_NOTED_SHARE = 0.05  # of the frames: less is not worth a note; chosen
_MIRROR_TRUNKS = 0.2  # mirrored landmarks this far off, in trunk lengths, lower the confidence to 1/e; chosen


@dataclass(frozen=True)
class AngleTable:
    """Angles of every frame.

    Attributes
    ----------
    columns : name -> (T,) published degrees, NaN where unknown or too uncertain; the keys are ANGLE_COLUMNS.
    unfiltered : the same wherever anything is known: good for order and timing, not for degrees.
    sd_deg : name -> (T,) standard deviations; the keys are SD_COLUMNS.
    confidence : (T,) 0 to 1; 0 where the trunk is unknown.
    baseline : the person's own tall posture; neck and head read 0 there. None when there is none: they are then
        raw inclinations of neck against trunk and of the head.
    near, far : the joints of both sides in the sagittal plane, pixels.
    forward : +1 when forward is image right, -1 when it is image left.
    trunk_px : hip to shoulder, the unit of length.
    is_hidden : (T, 33) True for landmarks that the model puts where the body cannot have them.
    omission_reasons : why something was left out, in words.
    leg_height_gap_px : (T, 2) how much higher the left knee and ankle are in the picture than the right ones.
    """

    columns: dict[str, Series]
    unfiltered: dict[str, Series]
    sd_deg: dict[str, Series]
    confidence: Series
    baseline: BaselinePosture | None
    near: SideJoints
    far: SideJoints
    forward: int
    trunk_px: float
    is_hidden: BoolArray
    omission_reasons: list[str]
    leg_height_gap_px: FloatArray

    @property
    def published_sd_deg(self) -> dict[str, Series]:
        """Return the standard deviations of the published angles, each (T,) degrees; NaN where the angle is."""
        return {
            name: np.where(np.isfinite(self.columns[get_angle_of_sd_column(name)]), values, np.nan)
            for name, values in self.sd_deg.items()
        }


def compute_angle_table(
    landmarks: ObservedLandmarks, smooth_px: FloatArray, clip: ClipFit, view: CameraView
) -> AngleTable:
    """Compute all angles of a fitted body; back rounding is added later (`add_back_rounding`).

    Parameters
    ----------
    landmarks : T frames, as the bodies were fitted to.
    smooth_px : (T, 33, 2) the same points cleaned and smoothed, corrected for camera roll; NaN where unknown.
    clip : the bodies fitted to the clip.
    view : how the camera sees it; in frames where the person has turned away all angles are NaN.

    Returns
    -------
    T frames of angles, degrees, with the signs of `docs/angles.md`.
    """
    fitted = clip.combined
    forward = forward_sign(fitted.facing)
    near, far = project_to_sagittal(smooth_px, clip, landmarks.lens)
    is_lost = view.is_turned_away | ~(fitted.trunk_sd_deg < _KNOWN_SD_DEG)
    unfiltered, baseline = _unfiltered_angles(landmarks.times_s, fitted, near, far, is_lost)
    sd_deg = dict(zip(SD_COLUMNS, (fitted.trunk_sd_deg, fitted.trunk_thigh_sd_deg, fitted.knee_sd_deg), strict=False))
    sd_deg["back_rounding_sd_deg"] = np.full(len(smooth_px), np.nan)
    columns, reasons = _select_publishable(unfiltered, sd_deg, view)
    is_hidden = _find_stray_landmarks(landmarks.points_px, fitted)
    if is_hidden.any(axis=1).mean() > _NOTED_SHARE:
        reasons.append("a joint is hidden at times (plates or furniture): its place follows from the rest of the body")
    is_known = np.isfinite(columns["trunk_inclination_deg"])
    return AngleTable(
        columns=columns,
        unfiltered=unfiltered,
        sd_deg=sd_deg,
        confidence=np.where(is_known, _confidence(landmarks, fitted.trunk_px), 0.0),
        baseline=baseline,
        near=near,
        far=far,
        forward=forward,
        trunk_px=fitted.trunk_px,
        is_hidden=is_hidden,
        omission_reasons=reasons,
        leg_height_gap_px=smooth_px[:, [RIGHT.knee, RIGHT.ankle], 1] - smooth_px[:, [LEFT.knee, LEFT.ankle], 1],
    )


def add_back_rounding(table: AngleTable, rounding_deg: Series, sd_deg: Series) -> AngleTable:
    """Return the table with back rounding, published only where the view allows degrees.

    Parameters
    ----------
    table : T frames.
    rounding_deg, sd_deg : (T,) back rounding, + round, - arched, and its standard deviation; NaN where unknown.
    """
    name = "back_rounding_deg"
    published = np.where(np.isfinite(table.columns["trunk_inclination_deg"]), rounding_deg, np.nan)
    return replace(
        table,
        unfiltered=table.unfiltered | {name: rounding_deg},
        columns=table.columns | {name: published},
        sd_deg=table.sd_deg | {"back_rounding_sd_deg": sd_deg},
    )


def angles_at_baseline(columns: dict[str, Series], baseline: BaselinePosture) -> dict[str, float | None]:
    """Compute the median of each angle, (T,) degrees, in the baseline posture; None where unknown."""
    return {name: _median(values[baseline.frames]) for name, values in columns.items()}


def _unfiltered_angles(
    times_s: Series, fitted: FittedBody, near: SideJoints, far: SideJoints, is_lost: BoolArray
) -> tuple[dict[str, Series], BaselinePosture | None]:
    """Compute all angles wherever the body is known, and the baseline posture that neck and head start from."""
    forward = forward_sign(fitted.facing)
    is_leg_lost = ~(fitted.knee_sd_deg < _KNOWN_SD_DEG)
    trunk = np.where(is_lost, np.nan, fitted.trunk_deg)
    thigh, shin = (np.where(is_lost | is_leg_lost, np.nan, values) for values in (fitted.thigh_deg, fitted.shin_deg))

    def mean(angle_of: Callable[[SideJoints], Series]) -> Series:
        """Compute the mean of both sides, or the angle of the one that is known."""
        near_deg, far_deg = angle_of(near), angle_of(far)
        middle_deg = near_deg + angle.wrap_angle_deg(far_deg - near_deg) / 2
        either_deg = np.where(np.isnan(near_deg), far_deg, np.where(np.isnan(far_deg), near_deg, middle_deg))
        return np.where(is_lost, np.nan, either_deg)

    knee = angle.knee_flexion_deg(shin, thigh)
    foot = mean(lambda j: angle.foot_pitch_deg(j.heel, j.toe, forward))
    neck = angle.wrap_angle_deg(mean(lambda j: angle.neck_inclination_deg(j.shoulder, j.ear, forward)) - trunk)
    head = mean(lambda j: angle.head_inclination_deg(j.ear, j.eye, forward))
    arm = mean(lambda j: angle.arm_elevation_deg(j.shoulder, j.wrist, forward))
    elbow = mean(lambda j: angle.elbow_flexion_deg(j.shoulder, j.elbow, j.wrist, forward))
    elbow = np.where(elbow < -_HYPEREXTENDED_DEG, -elbow, elbow)  # the camera sees the forearm beside the upper arm
    baseline = find_baseline_posture(times_s, trunk, thigh, knee, near.hip[:, 1] - near.shoulder[:, 1])
    unfiltered = {
        "trunk_inclination_deg": trunk,
        "trunk_thigh_deg": angle.trunk_thigh_deg(trunk, thigh),
        "knee_flexion_deg": knee,
        "shin_inclination_deg": shin,
        "thigh_inclination_deg": thigh,
        "ankle_dorsiflexion_deg": angle.ankle_dorsiflexion_deg(shin, foot),
        "neck_flexion_deg": _change_from_baseline(neck, baseline),
        "head_tilt_deg": _change_from_baseline(head, baseline),
        "shoulder_flexion_deg": angle.shoulder_flexion_deg(arm, trunk),
        "elbow_flexion_deg": elbow,
        "back_rounding_deg": np.full(len(times_s), np.nan),
        "body_line_deg": mean(lambda j: angle.body_line_deg(j.ankle, j.hip, j.shoulder, forward)),
    }
    return unfiltered, baseline


def _select_publishable(
    unfiltered: dict[str, Series], sd_deg: dict[str, Series], view: CameraView
) -> tuple[dict[str, Series], list[str]]:
    """Select the angles that are certain enough to be published, and say in words why some are left out.

    An angle is left out of the whole clip where it is uncertain in too many frames (`LEAST_CERTAIN_SHARES`), else in
    the frames where it is. The reasons of the view state the former, and which angles are partial.
    """
    columns, reasons = {}, []
    for name, values in unfiltered.items():
        deciding = CERTAIN_WITH.get(name, MAIN_ANGLES[0])
        is_certain = sd_deg[get_sd_column(deciding)] <= PUBLISHED_SD_DEG
        columns[name] = np.where(is_certain & (deciding in view.certain_angles), values, np.nan)
    for name, label in (("knee_flexion_deg", "knee and shin"), ("trunk_thigh_deg", "trunk-thigh")):
        is_left_out = np.isfinite(unfiltered[name]) & np.isnan(columns[name])
        is_noted = name not in view.certain_angles or name in view.partial_angles  # by the view
        if not is_noted and is_left_out.mean() > _NOTED_SHARE:
            reasons.append(f"{label} angles are left out where the legs are not seen well enough")
    return columns, reasons


def _find_stray_landmarks(points_px: FloatArray, fitted: FittedBody) -> BoolArray:
    """Find the landmarks (T, 33) that lie far from where the fitted body has the joint."""
    is_stray = np.zeros(points_px.shape[:2], dtype=bool)
    with np.errstate(invalid="ignore"):
        distance = np.linalg.norm(points_px[:, FIT_LANDMARKS[:8]] - fitted.pixels, axis=2) / fitted.trunk_px
        is_stray[:, FIT_LANDMARKS[:8]] = distance > _STRAY_TRUNKS
    return is_stray


def _confidence(landmarks: ObservedLandmarks, trunk_px: float) -> Series:
    """Compute (T,) 0 to 1 from visibility and agreement with the mirrored picture of shoulders, hips and knees."""
    used = FIT_LANDMARKS[:6]
    distance = np.nan_to_num(np.median(landmarks.mirror_distance_px[:, used], axis=1) / trunk_px, nan=0.0)
    confidence: Series = np.median(landmarks.visibility[:, used], axis=1) * np.exp(-distance / _MIRROR_TRUNKS)
    return confidence


def _change_from_baseline(values: Series, baseline: BaselinePosture | None) -> Series:
    at_baseline = _median(values[baseline.frames]) if baseline else None
    return angle.wrap_angle_deg(values - at_baseline) if at_baseline is not None else values


def _median(values: Series) -> float | None:
    known = values[np.isfinite(values)]
    return float(np.median(known)) if len(known) else None
