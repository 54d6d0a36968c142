"""The landmarks that are drawn over a clip: where hidden joints lie, and which of them are uncertain."""

from dataclasses import replace

import numpy as np

from analyzer.analysis.body_fit import BodyFit
from analyzer.kinematics.angle_table import PUBLISHED_SD_DEG
from analyzer.kinematics.arrays import BoolArray, FloatArray, Series
from analyzer.kinematics.body_model import FIT_LANDMARKS
from analyzer.kinematics.camera_lens import CameraLens, correct_roll
from analyzer.kinematics.landmarks import LEFT, RIGHT
from analyzer.load.load_path import LoadPath
from analyzer.pose.track import CleanTrack

_LEGS = [[side.knee, side.ankle, side.heel, side.toe] for side in (LEFT, RIGHT)]
_DOUBTFUL_VISIBILITY = 0.7  # chosen on 62 clips, half of those of the time: nearly all plainly visible legs have more


def place_landmarks_to_draw(body: BodyFit, lens: CameraLens, load: LoadPath | None) -> CleanTrack:
    """Return the track for drawing: hidden or stray joints lie where the fitted body has them.

    They are NaN in frames in which the body is unknown too. Landmarks that are drawn as uncertain have visibility 0:
    joints that the fitted body places, landmarks behind a plate, and those of doubtful legs.
    """
    table, points_px, visibility = body.table, body.track.points_px, body.track.visibility
    fitted_px = correct_roll(body.clip_fit.combined.pixels, -body.view.corrected_roll_deg, lens)
    joints = FIT_LANDMARKS[:8]
    is_known = np.isfinite(table.unfiltered["trunk_thigh_deg"])[:, None]
    is_missing = table.is_hidden[:, joints] | np.isnan(points_px[:, joints, 0])
    visible_px = np.where(is_missing[..., None], np.nan, points_px[:, joints])
    drawn = points_px.copy()
    drawn[:, joints] = np.where((is_known & is_missing)[..., None], fitted_px, visible_px)

    is_behind_plate = np.zeros(visibility.shape, dtype=bool)
    if load is not None and load.kind == "plate":
        is_behind_plate = find_landmarks_behind_plate(drawn, load.centre_px, load.radius_px)
    is_uncertain = is_behind_plate | find_doubtful_legs(
        visibility, table.sd_deg["knee_flexion_sd_deg"], is_behind_plate
    )
    is_uncertain[:, joints] |= is_missing
    return replace(body.track, points_px=drawn, visibility=np.where(is_uncertain, 0.0, visibility))


def find_doubtful_legs(visibility: FloatArray, knee_sd_deg: Series, is_behind_plate: BoolArray) -> BoolArray:
    """Find the knees and feet of doubtful visibility on legs that a plate partly hides, or whose angle is uncertain.

    Visibility alone says little: the model also doubts dark but visible legs. Neither does the angle: that of knees
    filmed from the front is uncertain, however well they are seen.

    Parameters
    ----------
    visibility : (T, 33) the model's belief that a landmark is visible, 0 to 1.
    knee_sd_deg : (T,) standard deviation of the knee angle.
    is_behind_plate : (T, 33) landmarks that a plate hides.

    Returns
    -------
    (T, 33) bool.
    """
    is_doubtful = np.zeros(visibility.shape, dtype=bool)
    is_angle_uncertain = ~(knee_sd_deg <= PUBLISHED_SD_DEG)
    for leg in _LEGS:
        is_suspect = is_angle_uncertain | is_behind_plate[:, leg].any(axis=1)
        is_doubtful[:, leg] = is_suspect[:, None] & (visibility[:, leg] < _DOUBTFUL_VISIBILITY)
    return is_doubtful


def find_landmarks_behind_plate(points_px: FloatArray, centre_px: FloatArray, radius_px: float) -> BoolArray:
    """Find the landmarks that the near plate hides: it is nearer to the camera than the body.

    Parameters
    ----------
    points_px : (T, 33, 2) pixels; NaN where unknown.
    centre_px : (T, 2) the plate's middle; NaN where it is not known.
    radius_px : from there to its rim.

    Returns
    -------
    (T, 33) bool; False where a point or the plate is unknown.
    """
    is_behind: BoolArray = np.linalg.norm(points_px - centre_px[:, None], axis=2) < radius_px
    return is_behind
