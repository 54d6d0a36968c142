"""Circles are detected where they are drawn, and nowhere else."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzer.load.circle_detection import Circle, detect_edges, find_circles, fit_circle
from analyzer.load.load_detection import PLATE_LIMITS
from tests.load.pictures import draw_plate

RADII = np.arange(20.0, 60.0)


def best(image: np.ndarray, around=(160.0, 200.0), reach=60.0) -> Circle:
    edges = detect_edges(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY))
    return max(
        find_circles(edges, RADII, np.array(around), reach, max_candidates=6), key=lambda circle: circle.rim_share
    )


@settings(max_examples=15, deadline=None)
@given(x=st.floats(130, 190), y=st.floats(170, 230), radius=st.floats(24, 55))
def test_plate_is_found_to_a_third_of_a_pixel(x, y, radius):
    circle = best(draw_plate((x, y), radius))
    assert (circle.x, circle.y) == pytest.approx((x, y), abs=0.35)
    assert circle.radius == pytest.approx(radius, abs=0.8)
    assert circle.rim_share >= 0.9


def test_mirrored_picture_has_the_mirrored_plate():
    image = draw_plate((150.3, 190.6), 44.0)
    here, there = best(image), best(np.ascontiguousarray(image[:, ::-1]))
    assert there.x == pytest.approx(image.shape[1] - 1 - here.x, abs=0.1)
    assert there.y == pytest.approx(here.y, abs=0.1)


def test_bricks_have_no_rim():
    assert best(draw_plate(None)).rim_share < 0.4


def test_square_has_too_little_of_a_rim_for_a_plate():
    image = np.full((400, 320, 3), 200, np.uint8)
    cv2.rectangle(image, (120, 160), (200, 240), (20, 20, 20), -1)
    assert best(image).rim_share < PLATE_LIMITS.min_rim_share - 0.1


def test_half_a_rim_counts_half():
    image = np.full((400, 320, 3), 30, np.uint8)
    cv2.circle(image, (160, 200), 40, (200, 200, 200), -1, cv2.LINE_AA)
    image[:, 160:] = 30
    edges = detect_edges(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY))
    assert fit_circle(edges, Circle(160, 200, 40, 0)).rim_share == pytest.approx(0.5, abs=0.07)


def test_uniform_picture_and_its_outside_have_no_circle():
    uniform = detect_edges(np.full((100, 100), 128, np.uint8))
    assert find_circles(uniform, RADII, np.array([50.0, 50.0]), 30.0, max_candidates=6) == []
    drawn = detect_edges(cv2.cvtColor(draw_plate((160, 200)), cv2.COLOR_RGB2GRAY))
    assert find_circles(drawn, RADII, np.array([900.0, 50.0]), 30.0, max_candidates=6) == []
