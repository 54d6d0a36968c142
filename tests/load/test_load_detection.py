"""Pictures agree on a plate or kettlebell, and it is tracked past frames that hide it."""

import numpy as np
import pytest

from analyzer.load.circle_detection import Circle
from analyzer.load.load_detection import KETTLEBELL_LIMITS, detect_rims, find_consistent_circle, track_circle
from tests.load.pictures import draw_plate

TRUNK_PX = 80.0
WRIST = np.array([160.0, 180.0])


def detected(*radii: float) -> tuple[np.ndarray, list[Circle]]:
    return WRIST, [Circle(163.0, 190.0, radius, 0.9) for radius in radii]


def test_plate_at_the_hands_is_detected_and_one_on_the_rack_is_not():
    assert max(
        detect_rims(draw_plate((165, 195), 40), WRIST, TRUNK_PX), key=lambda circle: circle.rim_share
    ).radius == pytest.approx(40, abs=1)
    assert detect_rims(draw_plate((285, 60), 30), WRIST, TRUNK_PX) == []


def test_unknown_wrist_gives_no_circle():
    assert detect_rims(draw_plate((165, 195), 40), np.full(2, np.nan), TRUNK_PX) == []


def test_three_of_four_pictures_are_enough_and_two_are_not():
    plate = find_consistent_circle([detected(40.0), detected(), detected(40.5), detected(39.8)], TRUNK_PX)
    assert plate is not None
    assert plate.radius_px == pytest.approx(40.0)
    assert plate.from_wrist_px.tolist() == pytest.approx([3.0, 10.0])
    assert find_consistent_circle([detected(40.0), detected(), detected(40.5), detected()], TRUNK_PX) is None


def test_different_radii_are_not_one_plate():
    assert find_consistent_circle([detected(30.0), detected(34.0), detected(38.0), detected(43.0)], TRUNK_PX) is None


def test_rim_is_preferred_to_a_ring_within_it():
    plate = find_consistent_circle(
        [detected(22.0, 40.0), detected(22.0, 40.0), detected(22.0), detected(22.0, 40.0)], TRUNK_PX
    )
    assert plate is not None
    assert plate.radius_px == 40.0


def test_painted_ring_in_a_picture_is_not_taken_for_the_rim():
    circles = detect_rims(draw_plate((165, 195), 44, rings=(0.7, 0.5)), WRIST, TRUNK_PX)
    plate = find_consistent_circle([(WRIST, circles)] * 3, TRUNK_PX)
    assert plate is not None
    assert plate.radius_px == pytest.approx(44, abs=1)


def test_plate_is_tracked_and_frames_without_it_are_left_out():
    heights = 250 - 120 * np.sin(np.linspace(0, np.pi, 30)) ** 2
    hidden = {11, 12, 20}
    pictures = [(i, draw_plate(None if i in hidden else (165.0, y), 40)) for i, y in enumerate(heights)]
    wrist = np.column_stack([np.full(30, 160.0), heights - 10])
    plate = find_consistent_circle([detected(40.0)] * 3, TRUNK_PX)
    assert plate is not None
    circles = dict(track_circle(iter(pictures), wrist, plate, TRUNK_PX))
    assert set(circles) == set(range(30)) - hidden
    assert [circle.y for circle in circles.values()] == pytest.approx([heights[i] for i in circles], abs=0.5)
    assert [circle.x for circle in circles.values()] == pytest.approx([165.0] * len(circles), abs=0.5)


def test_ball_below_the_hand_is_a_kettlebell_and_one_beside_it_is_not():
    trunk_px = KETTLEBELL_LIMITS.trunk_px
    below = WRIST + (6.0, 0.4 * trunk_px)
    (ball, *_) = detect_rims(draw_plate(tuple(below), 28.0), WRIST, trunk_px, KETTLEBELL_LIMITS)
    assert (ball.x, ball.y, ball.radius) == pytest.approx((*below, 28.0), abs=1.0)
    assert detect_rims(draw_plate((60.0, 320.0), 28.0), WRIST, trunk_px, KETTLEBELL_LIMITS) == []
    assert detect_rims(draw_plate(tuple(below), 60.0), WRIST, trunk_px, KETTLEBELL_LIMITS) == []  # larger than any


def test_balls_at_different_places_below_the_hand_are_not_one_kettlebell():
    def detections(*below_px: float) -> list[tuple[np.ndarray, list[Circle]]]:
        return [(WRIST, [Circle(WRIST[0], WRIST[1] + below, 28.0, 0.8)]) for below in below_px]

    assert (
        find_consistent_circle(detections(62.0, 64.0, 66.0), KETTLEBELL_LIMITS.trunk_px, KETTLEBELL_LIMITS) is not None
    )
    assert find_consistent_circle(detections(30.0, 64.0, 98.0), KETTLEBELL_LIMITS.trunk_px, KETTLEBELL_LIMITS) is None
    assert find_consistent_circle(detections(30.0, 64.0, 98.0), KETTLEBELL_LIMITS.trunk_px) is not None
