"""The camera's roll, read from rooms drawn with bars that lean by a known angle."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzer.pose.camera_roll import detect_vertical_edges, estimate_roll_deg

WIDTH, HEIGHT = 640, 480
WALL, BAR = (200, 195, 190), (60, 50, 40)
Room = np.ndarray


def draw_room(*bars: tuple[float, float], long: float = 0.7, bar: tuple[int, int, int] = BAR) -> Room:
    """A wall with bars, each (x of its middle, lean in degrees): + with the top to the right, so clockwise."""
    picture = np.full((HEIGHT, WIDTH, 3), WALL, np.uint8)
    for x, lean_deg in bars:
        half = 0.5 * long * HEIGHT * np.array([np.sin(np.radians(lean_deg)), -np.cos(np.radians(lean_deg))])
        ends = [np.round(np.array([x, HEIGHT / 2]) + sign * half).astype(int).tolist() for sign in (-1, 1)]
        cv2.line(picture, ends[0], ends[1], bar, thickness=12, lineType=cv2.LINE_AA)
    return picture


def leaning(lean_deg: float, **options: float) -> Room:
    return draw_room(*((x, lean_deg) for x in (160, 320, 480)), **options)


def estimate_roll(*pictures: Room) -> float | None:
    return estimate_roll_deg(
        np.concatenate([detect_vertical_edges(picture, []) for picture in pictures]), len(pictures)
    )


@pytest.mark.parametrize("lean_deg", [0.0, 8.0, -8.0])
def test_bars_that_lean_are_read_with_their_sign(lean_deg):
    assert estimate_roll(leaning(lean_deg)) == pytest.approx(lean_deg, abs=1)


@pytest.mark.parametrize("turn_deg", [8.0, -8.0])
def test_a_picture_turned_clockwise_has_positive_roll(turn_deg):
    back = cv2.getRotationMatrix2D((WIDTH / 2, HEIGHT / 2), -turn_deg, 1.0)  # OpenCV turns counter-clockwise for +
    turned = cv2.warpAffine(leaning(0), back, (WIDTH, HEIGHT), borderValue=WALL)
    assert estimate_roll(turned) == pytest.approx(turn_deg, abs=1)


def test_an_edge_has_a_lean_and_a_length_relative_to_the_shorter_side():
    edges = detect_vertical_edges(draw_room((320, 8.0), long=0.5), [])
    assert len(edges) == 2  # both sides of the bar
    assert edges[:, 0] == pytest.approx([8, 8], abs=1)
    assert edges[:, 1] == pytest.approx([0.5, 0.5], abs=0.05)


def test_limbs_inside_a_persons_box_are_left_out():
    picture = draw_room((160, 0.0), (320, 12.0))
    edges = detect_vertical_edges(picture, [np.array([240.0, 40.0, 400.0, 440.0])])
    assert len(edges) and np.abs(edges[:, 0]).max() < 1
    assert len(detect_vertical_edges(picture, [])) == 2 * len(edges)
    assert len(detect_vertical_edges(picture, [np.array([0.0, 0.0, WIDTH, HEIGHT])])) == 0


@pytest.mark.parametrize("lean_deg", [25, -25, 60, 90])
def test_edges_far_from_vertical_give_no_roll(lean_deg):
    assert estimate_roll(leaning(lean_deg, long=0.4)) is None


def test_short_edges_give_no_roll():
    assert estimate_roll(leaning(0, long=0.04)) is None


def test_a_blank_picture_gives_no_roll():
    assert detect_vertical_edges(draw_room(), []).shape == (0, 2)
    assert estimate_roll(draw_room()) is None


def test_edges_that_disagree_give_no_roll():
    assert (
        estimate_roll(draw_room(*((80 + 80 * i, lean) for i, lean in enumerate((-15, -10, -5, 0, 5, 10, 15))))) is None
    )


def test_too_few_edges_for_the_number_of_pictures_give_no_roll():
    """One bar, both of its sides 0.7 of the picture's height: enough for two pictures, not for nine."""
    assert estimate_roll(draw_room((320, 3.0)), draw_room()) == pytest.approx(3, abs=1)
    assert estimate_roll(draw_room((320, 3.0)), *[draw_room()] * 8) is None


def test_roll_is_the_lean_of_most_edges():
    assert estimate_roll(draw_room((100, -4.0), (250, -4.0), (400, -4.0), (550, 9.0))) == pytest.approx(-4, abs=1)


@settings(max_examples=25, deadline=None)
@given(st.floats(-17, 17))
def test_any_lean_is_measured_and_changes_sign_in_the_mirrored_picture(lean_deg):
    picture = leaning(lean_deg)
    assert estimate_roll(picture) == pytest.approx(lean_deg, abs=1)
    assert estimate_roll(np.ascontiguousarray(picture[:, ::-1])) == pytest.approx(-lean_deg, abs=1)


@settings(max_examples=50)
@given(st.lists(st.tuples(st.floats(-19, 19), st.floats(0.07, 1)), max_size=30), st.integers(1, 9))
def test_a_roll_lies_between_the_edges_or_is_none(edges, pictures):
    roll = estimate_roll_deg(np.array(edges).reshape(-1, 2), pictures)
    leans = [lean for lean, _ in edges]
    assert roll is None or min(leans) - 1e-9 <= roll <= max(leans) + 1e-9
