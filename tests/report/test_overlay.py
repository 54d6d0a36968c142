import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzer.clip.yuv_picture import ColourMatrix, YuvPicture
from analyzer.kinematics.landmarks import RIGHT
from analyzer.report.drawing.canvas import Canvas
from analyzer.report.drawing.frame_overlay import FrameOverlay
from analyzer.report.drawing.overlay import draw_frame
from analyzer.report.drawing.skeleton import sample_body_points
from analyzer.vocabulary.angles import ANGLE_DISPLAYS
from tests.report.body import STANDING, standing_person

SEEN = np.ones(33)
GREY = 120
STRONG = (86, 180, 233)


def picture(width=640, height=640):
    return np.full((height, width, 3), GREY, np.uint8)


def draw(points, facing="right", angles=None, visibility=SEEN, **more):
    image = picture()
    draw_frame(Canvas.from_rgb(image), FrameOverlay(points, visibility, facing, angles or {}, 1.0, **more))
    return image


def find_changed(image):
    return (image != GREY).any(axis=2)


def strongly_drawn(image):
    return (image == STRONG).all(axis=2)


def test_nothing_is_drawn_where_all_points_are_unknown():
    points = np.full((33, 2), np.nan)
    assert not find_changed(draw(points, angles=dict.fromkeys(ANGLE_DISPLAYS, 10.0))).any()


def test_an_unknown_angle_gets_no_label():
    without = draw(standing_person())
    assert np.array_equal(draw(standing_person(), angles={"trunk_thigh_deg": np.nan}), without)
    assert not np.array_equal(draw(standing_person(), angles={"trunk_thigh_deg": 40.0}), without)


def test_the_near_side_of_a_person_facing_right_is_their_right():
    points = standing_person()
    points[[14, 16]] = (500, 300), (560, 300)  # the right forearm
    points[[13, 15]] = (100, 300), (60, 300)  # the left forearm
    for facing, arm in (("right", slice(505, 555)), ("left", slice(65, 95))):
        strong = strongly_drawn(draw(points, facing))
        assert strong[280:320, arm].any()
        assert not strong[280:320, slice(65, 95) if facing == "right" else slice(505, 555)].any()


def test_the_hinge_label_is_placed_behind_the_hip():
    hip_x = STANDING["hip"][0]
    for facing, behind in (("right", slice(0, hip_x - 60)), ("left", slice(hip_x + 60, None))):
        with_label = draw(standing_person(), facing, {"trunk_thigh_deg": 40.0})
        difference = (with_label != draw(standing_person(), facing)).any(axis=2)
        assert np.count_nonzero(difference[:, behind]) > 0.6 * np.count_nonzero(difference)


def test_labels_stay_off_the_place_of_an_unknown_leg():
    points = standing_person()
    points[25:33] = np.nan  # both legs
    body = sample_body_points(points, RIGHT)
    hip, trunk_px = points[RIGHT.hip], STANDING["hip"][1] - STANDING["shoulder"][1]
    below = body[body[:, 1] > hip[1] + trunk_px]
    assert len(below) and np.abs(below[:, 0] - hip[0]).max() < 0.2 * trunk_px


def test_forehead_and_hair_belong_to_the_body_that_labels_avoid():
    body = sample_body_points(standing_person(), RIGHT)
    ear, trunk_px = np.array(STANDING["ear"]), STANDING["hip"][1] - STANDING["shoulder"][1]
    top = ear[1] - body[:, 1].min()
    assert top > 0.3 * trunk_px


def test_a_segment_of_low_visibility_is_paler_and_dashed():
    unsure = SEEN.copy()
    unsure[26] = 0.2  # right knee
    thigh = slice(340, 420)
    points = standing_person()
    points[[23, 25]] = np.nan  # the left thigh, which lies behind
    sure, doubted = draw(points)[thigh], draw(points, visibility=unsure)[thigh]
    assert strongly_drawn(sure).any(axis=1).all() and not strongly_drawn(doubted).any()
    lines = find_changed(doubted).any(axis=1)
    assert lines.any() and not lines.all()


def test_the_corner_shows_the_time_and_the_confidence():
    points = np.full((33, 2), np.nan)
    corners = []
    for time_s, confidence in ((1.0, 1.0), (2.0, 1.0), (1.0, 0.3), (1.0, np.nan)):
        image = picture()
        draw_frame(Canvas.from_rgb(image), FrameOverlay(points, SEEN, "right", {}, confidence), time_s=time_s)
        assert not find_changed(image)[60:].any()
        corners.append(image)
    assert all(not np.array_equal(corners[0], other) for other in corners[1:])


@pytest.mark.parametrize("size", [(1, 1), (20, 500), (90, 60), (3840, 2160)])
def test_any_picture_size_can_be_drawn_on(size):
    image = picture(*size)
    scaled = standing_person() * (size[0] / 640, size[1] / 640)
    overlay = FrameOverlay(scaled, SEEN, "left", dict.fromkeys(ANGLE_DISPLAYS, -123.4), 0.5)
    draw_frame(Canvas.from_rgb(image), overlay, time_s=3599.96)


@pytest.mark.parametrize("matrix", ColourMatrix)
def test_a_picture_of_a_video_gets_the_same_drawing_as_one_in_rgb(matrix):
    image, grey = picture(), round(16 + GREY * 219 / 255)
    video = YuvPicture(np.full((960, 640), 128, np.uint8), matrix)
    video.luma[...] = grey
    angles = {"trunk_thigh_deg": 40.0, "knee_flexion_deg": 10.0}
    overlay = FrameOverlay(standing_person(), SEEN, "right", angles, 0.8)
    for canvas in (Canvas.from_rgb(image), Canvas.from_yuv(video)):
        draw_frame(canvas, overlay, time_s=12.3, note="rep 1 of 2", is_highlighted=True)
    difference = np.abs(video.to_rgb().astype(int) - image)
    assert difference.mean() < 4 and (difference.max(axis=2) > 40).mean() < 0.01
    inside = cv2.erode(strongly_drawn(image).astype(np.uint8), np.ones((5, 5))) > 0
    assert inside.sum() > 100 and difference[inside].max() <= 10


places = st.one_of(st.floats(-2000, 2000), st.sampled_from([np.nan, np.inf, -1e12, 1e12]))


@settings(max_examples=60, deadline=None)
@given(st.lists(places, min_size=66, max_size=66), st.floats(0, 1), st.sampled_from(["left", "right"]))
def test_any_pose_can_be_drawn(values, confidence, facing):
    points = np.array(values).reshape(33, 2)
    overlay = FrameOverlay(points, SEEN, facing, dict.fromkeys(ANGLE_DISPLAYS, 33.0), confidence)
    draw_frame(Canvas.from_rgb(picture()), overlay, time_s=1.0)
