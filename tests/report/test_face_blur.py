import numpy as np
import pytest

from analyzer.report.drawing.face_blur import blur_face, locate_head_discs
from tests.report.body import STANDING, standing_person

HEAD = (slice(60, 115), slice(295, 365))  # crown to chin, back of the head to the nose


def noise():
    return np.random.default_rng(1).integers(0, 256, (640, 640, 3), dtype=np.uint8)


def test_the_head_is_covered_and_nothing_below_the_shoulders_is_touched():
    image, before = noise(), noise()
    (disc,) = locate_head_discs(standing_person()[None], np.array([0.0]))
    blur_face(image, disc)
    assert (image[HEAD] != before[HEAD]).any(axis=2).mean() > 0.99
    assert image[HEAD].std() < 0.35 * before[HEAD].std()
    below = STANDING["shoulder"][1] + 10
    assert np.array_equal(image[below:], before[below:])


def test_fine_detail_of_the_face_does_not_survive():
    images = []
    for seed in (1, 2):  # the same coarse colours, other detail
        image = np.full((640, 640, 3), 128, np.int16) + np.random.default_rng(seed).choice([-60, 60], (640, 640, 1))
        image = image.astype(np.uint8)
        (disc,) = locate_head_discs(standing_person()[None], np.array([0.0]))
        blur_face(image, disc)
        images.append(image[HEAD].astype(int))
    assert abs(images[0] - images[1]).max() < 12


def test_an_undetected_face_is_searched_beyond_the_shoulders():
    points = standing_person()
    points[:11] = np.nan
    (disc,) = locate_head_discs(points[None], np.array([0.0]))
    corners = np.array([(x, y) for x in (300, 355) for y in (65, 112)])
    assert np.hypot(*(corners - disc[:2]).T).max() < disc[2]


def test_short_gaps_hold_the_last_box_and_long_gaps_cover_the_whole_picture():
    times_s = np.arange(0, 10, 0.1)
    points = np.stack([standing_person(dx=20 * t) for t in times_s])
    points[10:25] = np.nan  # 1.6 s between known frames
    points[60:] = np.nan  # lost for good from 5.9 s on
    discs = locate_head_discs(points, times_s)
    known = locate_head_discs(standing_person()[None], np.array([0.0]))[0]
    assert discs[17, 0] == pytest.approx(known[0] + 20 * times_s[17])
    assert discs[17, 2] > known[2]
    assert discs[65, 0] == pytest.approx(known[0] + 20 * times_s[59])
    assert np.isfinite(discs[:69]).all() and np.isnan(discs[71:]).all()
    image, before = noise(), noise()
    blur_face(image, discs[-1])
    assert (image != before).any(axis=2).mean() > 0.95


def test_a_head_at_the_edge_or_outside_is_handled():
    for x, y in ((-500, 100), (0, 0), (639, 639), (5000, 5000)):
        blur_face(noise(), np.array([x, y, 60.0]))
