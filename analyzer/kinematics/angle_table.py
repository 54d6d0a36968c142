"""All angles of a clip from its fitted body: the columns of `angles.csv`."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from analyzer.kinematics import angles as angle
from analyzer.kinematics.angles import FloatArray, Series
from analyzer.kinematics.baseline_posture import BaselinePosture, find_baseline_posture
from analyzer.kinematics.body_model import FIT_LANDMARKS
from analyzer.kinematics.camera_lens import CameraLens
from analyzer.kinematics.camera_view import GRADES_DEG, Z_80, CameraView
from analyzer.kinematics.clip_fit import ClipFit
from analyzer.kinematics.fitted_body import FittedBody
from analyzer.kinematics.joints import SideJoints
from analyzer.kinematics.landmarks import LEFT, RIGHT, forward_sign
from analyzer.kinematics.sagittal_plane import project_to_sagittal
from analyzer.vocabulary.angles import get_angle_of_sd_column

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

SD_COLUMNS = ("trunk_inclination_sd_deg", "trunk_thigh_sd_deg", "knee_flexion_sd_deg", "back_rounding_sd_deg")
_WIDEST_SD_DEG = GRADES_DEG[-1][1] / Z_80  # an angle less certain than the roughest grade is not published
_SHAPE_SD_DEG = 30.0  # beyond it not even order and timing are known: nothing of the body is seen; chosen
_STRAY = 0.25  # a landmark so far from the fitted body, in trunk lengths, is hidden or something else; chosen
_HYPEREXTENDED_DEG = 30.0  # no elbow bends so far backwards; chosen
_DOUBTFUL_SHARE = 0.05  # of the frames: less is not worth a word; chosen
_APART_TRUNKS = 0.2  # answers this far apart, in trunk lengths, lower the confidence to 1/e; chosen


@dataclass(frozen=True)
class AngleTable:
    """Angles of every frame.

    Attributes
    ----------
    columns : name -> (T,) degrees, NaN where unknown or too uncertain; the keys are ANGLE_COLUMNS. What is published.
    shapes : the same wherever anything is known: good for order and timing, not for degrees.
    sd_deg : name -> (T,) standard deviations; the keys are SD_COLUMNS.
    confidence : (T,) 0 to 1; 0 where the trunk is unknown.
    reference : the person's own tall posture; neck and head read 0 there. None when there is none: they are then
        raw inclinations of neck against trunk and of the head.
    near, far : the joints of both sides in the sagittal plane, pixels.
    forward : +1 when forward is image right, -1 when it is image left.
    trunk_px : hip to shoulder, the unit of length.
    unseen : (T, 33) True for joints that the model puts elsewhere than the body can have them.
    reasons : why something was left out, in words.
    leg_height_gap_px : (T, 2) how much higher the left knee and ankle are in the picture than the right ones.
    """

    columns: dict[str, Series]
    shapes: dict[str, Series]
    sd_deg: dict[str, Series]
    confidence: Series
    reference: BaselinePosture | None
    near: SideJoints
    far: SideJoints
    forward: int
    trunk_px: float
    unseen: np.ndarray
    reasons: list[str]
    leg_height_gap_px: FloatArray

    @property
    def published_sd_deg(self) -> dict[str, Series]:
        """Standard deviations of the published angles; NaN where the angle is."""
        return {
            name: np.where(np.isfinite(self.columns[get_angle_of_sd_column(name)]), values, np.nan)
            for name, values in self.sd_deg.items()
        }


def compute_angle_table(
    times_s: FloatArray,
    points_px: FloatArray,
    raw_px: FloatArray,
    visibility: FloatArray,
    mirror_distance_px: FloatArray,
    clip: ClipFit,
    view: CameraView,
    lens: CameraLens,
) -> AngleTable:
    """Compute all angles of a fitted body.

    Parameters
    ----------
    times_s : (T,) seconds.
    points_px : (T, 33, 2) pixels, levelled, smoothed; NaN where not believed.
    raw_px : (T, 33, 2) likewise, as the model gave them.
    visibility, mirror_distance_px : (T, 33) as in `pose.track.Track`.
    clip : the bodies fitted to the clip.
    view : how the camera sees it; in frames where the person has turned away all angles are NaN.
    lens : the camera.
    """
    fitted = clip.whole
    forward = forward_sign(fitted.facing)
    near, far = project_to_sagittal(points_px, clip, lens)
    lost = view.turned | ~(fitted.trunk_sd_deg < _SHAPE_SD_DEG)
    hidden_leg = ~(fitted.knee_sd_deg < _SHAPE_SD_DEG)
    trunk, thigh, shin = (
        np.where(lost, np.nan, values) for values in (fitted.trunk_deg, fitted.thigh_deg, fitted.shin_deg)
    )
    thigh, shin = np.where(hidden_leg, np.nan, thigh), np.where(hidden_leg, np.nan, shin)

    def mean(angle_of: Callable[[SideJoints], Series]) -> Series:
        """Mean of both sides, or of the one that is known."""
        one, other = angle_of(near), angle_of(far)
        middle = one + angle.wrap_angle_deg(other - one) / 2
        return np.where(lost, np.nan, np.where(np.isnan(one), other, np.where(np.isnan(other), one, middle)))

    knee = angle.knee_flexion_deg(shin, thigh)
    foot = mean(lambda j: angle.foot_pitch_deg(j.heel, j.toe, forward))
    neck = angle.wrap_angle_deg(mean(lambda j: angle.neck_inclination_deg(j.shoulder, j.ear, forward)) - trunk)
    head = mean(lambda j: angle.head_inclination_deg(j.ear, j.eye, forward))
    elevation = mean(lambda j: angle.arm_elevation_deg(j.shoulder, j.wrist, forward))
    elbow = mean(lambda j: angle.elbow_flexion_deg(j.shoulder, j.elbow, j.wrist, forward))
    elbow = np.where(elbow < -_HYPEREXTENDED_DEG, -elbow, elbow)  # the forearm is seen on the other side of the arm
    reference = find_baseline_posture(times_s, trunk, thigh, knee, near.hip[:, 1] - near.shoulder[:, 1])
    shapes = {
        "trunk_inclination_deg": trunk,
        "trunk_thigh_deg": angle.trunk_thigh_deg(trunk, thigh),
        "knee_flexion_deg": knee,
        "shin_inclination_deg": shin,
        "thigh_inclination_deg": thigh,
        "ankle_dorsiflexion_deg": angle.ankle_dorsiflexion_deg(shin, foot),
        "neck_flexion_deg": _from_reference(neck, reference),
        "head_tilt_deg": _from_reference(head, reference),
        "shoulder_flexion_deg": angle.shoulder_flexion_deg(elevation, trunk),
        "elbow_flexion_deg": elbow,
        "back_rounding_deg": np.full(len(times_s), np.nan),
        "body_line_deg": mean(lambda j: angle.body_line_deg(j.ankle, j.hip, j.shoulder, forward)),
    }
    sd_deg = dict(zip(SD_COLUMNS, (fitted.trunk_sd_deg, fitted.trunk_thigh_sd_deg, fitted.knee_sd_deg), strict=False))
    sd_deg["back_rounding_sd_deg"] = np.full(len(times_s), np.nan)
    columns, reasons = _select_publishable(shapes, sd_deg, view)
    unseen = _find_stray_landmarks(raw_px, fitted)
    if unseen.any(axis=1).mean() > _DOUBTFUL_SHARE:
        reasons.append("a joint is hidden at times (plates or furniture): its place follows from the rest of the body")
    used = FIT_LANDMARKS[:6]
    doubt = np.nan_to_num(np.median(mirror_distance_px[:, used], axis=1) / fitted.trunk_px, nan=0.0)
    confidence = np.median(visibility[:, used], axis=1) * np.exp(-doubt / _APART_TRUNKS)
    known = np.isfinite(columns["trunk_inclination_deg"])
    return AngleTable(
        columns,
        shapes,
        sd_deg,
        np.where(known, confidence, 0.0),
        reference,
        near,
        far,
        forward,
        fitted.trunk_px,
        unseen,
        reasons,
        points_px[:, [RIGHT.knee, RIGHT.ankle], 1] - points_px[:, [LEFT.knee, LEFT.ankle], 1],
    )


def _select_publishable(
    shapes: dict[str, Series], sd_deg: dict[str, Series], view: CameraView
) -> tuple[dict[str, Series], list[str]]:
    """Angles that are certain enough to be published, and why some are left out."""
    if not view.allows_angles:
        return {name: np.full_like(values, np.nan) for name, values in shapes.items()}, []
    trunk_sd, fold_sd, knee_sd, _ = (sd_deg[name] for name in SD_COLUMNS)
    needs = {
        "trunk_thigh_deg": fold_sd,
        "thigh_inclination_deg": fold_sd,
        "knee_flexion_deg": knee_sd,
        "shin_inclination_deg": knee_sd,
        "ankle_dorsiflexion_deg": knee_sd,
        "body_line_deg": fold_sd,
    }
    columns, reasons = {}, []
    for name, values in shapes.items():
        columns[name] = np.where(needs.get(name, trunk_sd) > _WIDEST_SD_DEG, np.nan, values)
    for name, label in (("knee_flexion_deg", "knee and shin"), ("trunk_thigh_deg", "hip hinge")):
        left_out = np.isfinite(shapes[name]) & np.isnan(columns[name])
        if left_out.mean() > _DOUBTFUL_SHARE:
            reasons.append(f"{label} angles are left out where the legs are not seen well enough")
    return columns, reasons


def _find_stray_landmarks(raw_px: FloatArray, fitted: FittedBody) -> np.ndarray:
    """(T, 33) landmarks that lie far from where the fitted body has the joint."""
    unseen = np.zeros(raw_px.shape[:2], dtype=bool)
    with np.errstate(invalid="ignore"):
        away = np.linalg.norm(raw_px[:, FIT_LANDMARKS[:8]] - fitted.pixels, axis=2) / fitted.trunk_px
        unseen[:, FIT_LANDMARKS[:8]] = away > _STRAY
    return unseen


def add_back_rounding(table: AngleTable, rounding_deg: Series, sd_deg: Series) -> AngleTable:
    """Add the rounding of the back and its standard deviation, published only where the view allows degrees."""
    name = "back_rounding_deg"
    published = np.where(np.isfinite(table.columns["trunk_inclination_deg"]), rounding_deg, np.nan)
    return replace(
        table,
        shapes=table.shapes | {name: rounding_deg},
        columns=table.columns | {name: published},
        sd_deg=table.sd_deg | {"back_rounding_sd_deg": sd_deg},
    )


def angles_at_baseline(columns: dict[str, Series], reference: BaselinePosture) -> dict[str, float | None]:
    """Each angle in the own tall posture: its median there, None where unknown."""
    return {name: _median(values[reference.frames]) for name, values in columns.items()}


def _from_reference(values: Series, reference: BaselinePosture | None) -> Series:
    tall = _median(values[reference.frames]) if reference else None
    return angle.wrap_angle_deg(values - tall) if tall is not None else values


def _median(values: Series) -> float | None:
    known = values[np.isfinite(values)]
    return float(np.median(known)) if len(known) else None
