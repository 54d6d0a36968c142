"""The model's picture moves with the trunk, and what is detected in it comes back in pixels of the source."""

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.kinematics.landmarks import trunk_endpoints
from analyzer.pose.motion_compensation import MotionCompensator, predict_motion, undo_motion
from analyzer.pose.track import Pose

TRUNK_PX = 100.0
SIZE_PX = (400, 500)
ORIGIN_PX = (50, 20)


def body(hip_px: tuple[float, float], lean_deg: float) -> Pose:
    """Return a body whose trunk leans to image right; the shoulders are landmarks 0 to 22, the hips the rest."""
    lean = np.radians(lean_deg)
    points = np.tile(np.array(hip_px, dtype=float), (33, 1))
    points[:23] += TRUNK_PX * np.array([np.sin(lean), -np.cos(lean)])
    return Pose(points, np.ones(33), np.tile([1.0, 0.0, 2.0], (33, 1)))


def draw(pose: Pose) -> np.ndarray:
    """Draw the hips in blue and the shoulders in red."""
    picture = np.full((600, 600, 3), 127, np.uint8)
    hip, shoulder = trunk_endpoints(pose.points_px)
    for place, colour in ((hip, (0, 0, 255)), (shoulder, (255, 0, 0))):
        at = tuple(int(value) for value in np.round(place * 16))
        cv2.circle(picture, at, 8 * 16, colour, -1, cv2.LINE_AA, shift=4)
    return picture


def detect(picture: np.ndarray) -> Pose:
    """Find the middles of both circles."""
    reds, blues = (picture[..., channel].astype(float) - 127 for channel in (0, 2))
    rows, columns = np.mgrid[: picture.shape[0], : picture.shape[1]]
    points = np.empty((33, 2))
    for part, weights in ((slice(0, 23), reds.clip(0)), (slice(23, 33), blues.clip(0))):
        points[part] = np.array([(weights * columns).sum(), (weights * rows).sum()]) / weights.sum()
    return Pose(points, np.ones(33), np.tile([1.0, 0.0, 2.0], (33, 1)))


def move(motion: np.ndarray, points: np.ndarray) -> np.ndarray:
    return points @ motion[:, :2].T + motion[:, 2]


def predict(before: Pose, last: Pose, time_s: float) -> np.ndarray:
    """Predict where the body is at `time_s`; it was tracked at 0 and at 0.1 s."""
    return move(predict_motion(0.0, before.points_px, 0.1, last.points_px, time_s), last.points_px)


def test_a_body_that_moves_on_is_predicted_at_its_speed():
    moved = predict(body((300, 300), 0), body((310, 296), 0), 0.3)
    assert moved == pytest.approx(body((330, 288), 0).points_px)


def test_a_trunk_that_leans_further_is_predicted_about_the_hips():
    assert predict(body((300, 300), 20), body((300, 300), 30), 0.15) == pytest.approx(body((300, 300), 35).points_px)
    assert predict(body((300, 300), -175), body((300, 300), 175), 0.2) == pytest.approx(body((300, 300), 165).points_px)


def test_shift_and_rotation_are_limited():
    leap = predict(body((300, 300), 0), body((340, 300), 0), 0.5)
    assert leap == pytest.approx(body((340 + 0.3 * TRUNK_PX, 300), 0).points_px)
    spin = predict(body((300, 300), 0), body((300, 300), 30), 0.5)
    assert spin == pytest.approx(body((300, 300), 30 + np.degrees(0.35)).points_px)


@given(st.floats(-0.3, 0.3), st.floats(-50, 50), st.floats(-50, 50), st.floats(0, 500), st.floats(0, 500))
def test_after_the_predicted_motion_the_body_is_shown_where_it_was(turn, x, y, point_x, point_y):
    motion = np.array([[np.cos(turn), -np.sin(turn), x], [np.sin(turn), np.cos(turn), y]])
    to_model = np.array([[0.8, -0.6, 12.0], [0.6, 0.8, -7.0]])
    point = np.array([[point_x, point_y]])
    shown = move(undo_motion(to_model, motion), move(motion, point))
    assert shown == pytest.approx(move(to_model, point), abs=1e-6)


def test_a_body_at_constant_speeds_stands_still_for_the_model_and_moves_in_the_source():
    compensator = MotionCompensator(ORIGIN_PX, SIZE_PX)
    shown, times_s = [], [0.0, 0.1, 0.2, 0.33, 0.4, 0.53]
    for time_s in times_s:
        pose = body((220 + 90 * time_s, 300 - 60 * time_s), 80 * time_s)
        shown.append(detect(compensator.picture_at(time_s, draw(pose))))
        found = compensator.to_source(time_s, shown[-1])
        assert found.points_px == pytest.approx(pose.points_px, abs=0.3)
    assert shown[0].points_px == pytest.approx(body((220 - 50, 300 - 20), 0).points_px, abs=0.3)
    moved = [np.abs(later.points_px - shown[1].points_px).max() for later in shown[2:]]
    assert max(moved) < 1.0 < np.abs(shown[1].points_px - shown[0].points_px).max()


def test_the_model_s_metres_are_rotated_back_with_the_picture():
    compensator = MotionCompensator((0, 0), (600, 600))
    for time_s, lean_deg in ((0.0, 0), (0.1, 10)):
        compensator.picture_at(time_s, draw(body((300, 300), lean_deg)))
        compensator.to_source(time_s, body((300, 300), lean_deg))
    compensator.picture_at(0.2, draw(body((300, 300), 20)))
    world_m = compensator.to_source(0.2, body((300, 300), 10)).world_m
    ten = np.radians(10)  # the picture was turned back by the last 10 degrees
    assert world_m == pytest.approx(np.tile([np.cos(ten), np.sin(ten), 2.0], (33, 1)))


def test_a_lost_body_is_searched_in_the_still_picture():
    compensator = MotionCompensator(ORIGIN_PX, SIZE_PX)
    picture = np.random.default_rng(0).integers(0, 255, (600, 600, 3), np.uint8)
    still = picture[20:520, 50:450]
    for time_s, x in ((0.0, 300), (0.1, 310)):
        assert (compensator.picture_at(time_s, picture) == still).all()
        compensator.to_source(time_s, body((x, 300), 0))
    assert (compensator.picture_at(0.2, picture) == picture[20:520, 60:460]).all()
    assert compensator.to_source(0.2, None) is None
    for time_s in (0.3, 0.4):
        assert (compensator.picture_at(time_s, picture) == still).all()
        compensator.to_source(time_s, body((330, 300), 0) if time_s == 0.3 else None)


def test_beyond_the_source_the_picture_is_grey():
    white = np.full((30, 40, 3), 255, np.uint8)
    shown = MotionCompensator((-10, -5), (60, 50)).picture_at(0.0, white)
    assert (shown[5:35, 10:50] == 255).all()
    shown[5:35, 10:50] = 127
    assert (shown == 127).all()
