"""Person detection with stand-ins for the model: tiles, people detected twice, and when tiles are searched."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.clip.h264_writer import VideoWriter
from analyzer.clip.image_types import RgbImage
from analyzer.clip.probe import Clip, open_clip
from analyzer.pose import person_detection
from analyzer.pose.person_detection import _detect_in_tiles, _is_trunk_in_view, _tile_bounds, detect_people
from analyzer.pose.subject_selection import FrameDetections
from analyzer.pose.track import Pose
from analyzer.settings import Settings
from tests.bodies import pose

sizes = st.integers(40, 2200)

# ---- tiles -----------------------------------------------------------------------------------------------------


@given(sizes, sizes)
def test_tiles_are_square_and_inside_the_picture(height, width):
    for x, y, side in _tile_bounds(height, width):
        assert 0 < side <= min(height, width)
        assert 0 <= x <= width - side and 0 <= y <= height - side


@given(sizes, sizes)
def test_tiles_cover_every_pixel_and_overlap_by_half(height, width):
    tiles = list(_tile_bounds(height, width))
    side = tiles[0][2]
    for length, starts in ((width, {x for x, _, _ in tiles}), (height, {y for _, y, _ in tiles})):
        assert min(starts) == 0 and max(starts) == length - side
        assert max(np.diff(sorted(starts)), default=0) <= side / 2 + 1  # places are rounded to pixels
    assert len(set(tiles)) == len({x for x, _, _ in tiles}) * len({y for _, y, _ in tiles})


@given(sizes, sizes, st.floats(0, 1), st.floats(0, 1))
def test_a_person_up_to_half_a_tile_is_whole_in_one_tile(height, width, share_x, share_y):
    tiles = list(_tile_bounds(height, width))
    side = tiles[0][2]
    size = side / 2 - 1
    x, y = share_x * (width - size), share_y * (height - size)
    assert any(x0 <= x and x + size <= x0 + side and y0 <= y and y + size <= y0 + side for x0, y0, _ in tiles)


# ---- one person in several tiles -------------------------------------------------------------------------------

WIDTH, HEIGHT, SIDE = 900, 600, 400  # in tiles of two thirds of the height
Sight = Callable[[int, int, int, int], bool]


def numbered() -> RgbImage:
    """A picture in which every part encodes its position."""
    y, x = np.indices((HEIGHT, WIDTH))
    return np.stack([x % 256, y % 256, x // 256 + 16 * (y // 256)], axis=2).astype(np.uint8)


class FixedLandmarker:
    """Detects the people with the middle of their hips in the picture, where `sees(x, y, width, height)` allows."""

    def __init__(self, people: Sequence[Pose], sees: Sight = lambda *_: True) -> None:
        self.people, self.sees = people, sees
        self.detections = 0

    def detect(self, image: RgbImage) -> list[Pose]:
        low_x, low_y, high = image[0, 0].astype(int)
        x, y = low_x + 256 * (high % 16), low_y + 256 * (high // 16)
        height, width = image.shape[:2]
        people = []
        for person in self.people:
            hip = person.points_px[[23, 24]].mean(axis=0) - (x, y)
            if self.sees(x, y, width, height) and (hip >= 0).all() and (hip < (width, height)).all():
                people.append(person.to_full_picture(-x, -y, 1.0))
        self.detections += len(people)
        return people


def in_tiles_only(x: int, y: int, width: int, height: int) -> bool:
    return width < WIDTH


def test_a_person_in_several_tiles_is_detected_once_and_in_place():
    person = pose(450, 300, size_px=100)
    landmarker = FixedLandmarker([person], in_tiles_only)
    (detected,) = _detect_in_tiles(landmarker, numbered())
    assert landmarker.detections > 2
    assert detected.points_px == pytest.approx(person.points_px)


def test_a_person_in_the_whole_picture_too_is_detected_once():
    landmarker = FixedLandmarker([pose(450, 300, size_px=100)])
    assert len(_detect_in_tiles(landmarker, numbered())) == 1


def test_two_people_are_detected_separately():
    people = [pose(300, 300, size_px=100), pose(500, 300, size_px=100)]
    detected = _detect_in_tiles(FixedLandmarker(people, in_tiles_only), numbered())
    assert sorted(one.points_px[23, 0] for one in detected) == pytest.approx([300, 500])


def test_an_empty_picture_has_no_detection():
    assert _detect_in_tiles(FixedLandmarker([]), numbered()) == []


@pytest.mark.parametrize(("beyond", "expected"), [(0.02, 1), (0.20, 0)])
def test_a_person_cut_by_the_edge_of_a_tile_is_dropped(beyond, expected):
    """Detected in the first tile only, with feet that reach so many body sizes beyond its lower edge."""
    here = pose(200, 200, size_px=200)
    reach = float(np.ptp(here.points_px, axis=0).max())
    person = here.to_full_picture(0, SIDE + beyond * reach - here.box_px[3], 1.0)
    landmarker = FixedLandmarker([person], lambda x, y, width, height: width == SIDE and (x, y) == (0, 0))
    assert len(_detect_in_tiles(landmarker, numbered())) == expected
    assert landmarker.detections == 1


# ---- who counts ------------------------------------------------------------------------------------------------


def test_a_trunk_must_be_in_view_and_visible():
    image = np.zeros((480, 640, 3), np.uint8)
    assert _is_trunk_in_view(pose(320, 240), image)
    assert not _is_trunk_in_view(pose(320, 240, visibility=0.4), image)
    assert not _is_trunk_in_view(pose(320, 500), image)  # the hips lie below the picture
    assert not _is_trunk_in_view(pose(-50, 240), image)


# ---- whole clips ---------------------------------------------------------------------------------------------

CLIP_WIDTH, CLIP_HEIGHT, FRAMES = 1280, 720, 30
RED, GREY = (220, 40, 40), (127, 127, 127)
SAMPLED = 9


class PatchLandmarker:
    """Detects a red patch as a person, unless it is small in the picture, as the model does."""

    shown: ClassVar[list[tuple[int, int]]] = []

    def __init__(self, model: Path) -> None:
        pass

    def __enter__(self) -> "PatchLandmarker":
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def detect(self, image: RgbImage) -> list[Pose]:
        PatchLandmarker.shown.append(image.shape[:2])
        rows, columns = np.nonzero(np.abs(image.astype(int) - RED).sum(axis=2) < 150)
        if not len(rows) or np.ptp(rows) < image.shape[0] / 6:
            return []
        return [pose(columns.mean(), rows.mean(), size_px=float(np.ptp(rows)))]


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    """Sizes (h, w) of all pictures that the stand-in got."""
    monkeypatch.setattr(person_detection, "ImageLandmarker", PatchLandmarker)
    PatchLandmarker.shown = []
    return PatchLandmarker.shown


def film(path: Path, tall_px: int) -> Clip:
    """A person of this height in the middle of the picture; none for 0."""
    picture = np.full((CLIP_HEIGHT, CLIP_WIDTH, 3), GREY, np.uint8)
    top = (CLIP_HEIGHT - tall_px) // 2
    picture[top : top + tall_px, CLIP_WIDTH // 2 - tall_px // 8 : CLIP_WIDTH // 2 + tall_px // 8] = RED
    with VideoWriter(path, CLIP_WIDTH, CLIP_HEIGHT, 30.0) as writer:
        for index in range(FRAMES):
            writer.write(picture, index / 30)
    return open_clip(path, Settings())


def detect(clip: Clip, threads: int = 1) -> list[FrameDetections]:
    return detect_people(clip, Path("no.task"), threads, lambda *_: None)


@pytest.mark.parametrize("threads", [1, 2])
def test_somebody_large_is_detected_without_tiles(tmp_path, shown, threads):
    detections = detect(film(tmp_path / "a.mp4", 560), threads)
    assert shown == [(540, 960)] * SAMPLED
    assert [frame.frame for frame in detections] == np.linspace(0, FRAMES - 1, SAMPLED).astype(int).tolist()
    for frame in detections:
        (person,) = frame.poses
        assert person.points_px[[23, 24]].mean(axis=0) == pytest.approx([640, 360], abs=3)
        assert frame.time_s == pytest.approx(frame.frame / 30, abs=1e-3)


@pytest.mark.parametrize(("long_px", "tiles"), [(500, False), (300, True)])
def test_a_lying_body_is_as_large_as_it_is_long(tmp_path, shown, monkeypatch: pytest.MonkeyPatch, long_px, tiles):
    """In a picture 720 px high, where half of that is large."""
    upright = pose(0, 0, long_px)
    size = float(np.ptp(upright.points_px, axis=0).max())
    lying = Pose(upright.points_px[:, ::-1] * long_px / size + (640, 360), upright.visibility, upright.world_m)

    def detect_lying(self: PatchLandmarker, image: RgbImage) -> list[Pose]:
        shown.append(image.shape[:2])
        scale = image.shape[1] / CLIP_WIDTH
        return [Pose(lying.points_px * scale, lying.visibility, lying.world_m)] if image.shape[0] == 540 else []

    monkeypatch.setattr(PatchLandmarker, "detect", detect_lying)
    detect(film(tmp_path / "a.mp4", 0))
    assert ((480, 480) in shown) is tiles


def test_somebody_small_is_searched_in_tiles(tmp_path, shown):
    detections = detect(film(tmp_path / "a.mp4", 110))
    tiles = len(list(_tile_bounds(CLIP_HEIGHT, CLIP_WIDTH)))
    assert shown.count((540, 960)) == shown.count((720, 1280)) == SAMPLED
    assert shown.count((480, 480)) == tiles * SAMPLED
    assert len(detections) == SAMPLED
    for frame in detections:
        (person,) = frame.poses
        assert person.points_px[[23, 24]].mean(axis=0) == pytest.approx([640, 360], abs=3)


def test_an_empty_clip_is_searched_in_tiles_too_and_gives_every_frame(tmp_path, shown):
    detections = detect(film(tmp_path / "a.mp4", 0))
    assert (480, 480) in shown
    assert [frame.poses for frame in detections] == [()] * SAMPLED


def test_every_second_sampled_frame_has_the_vertical_edges(tmp_path, shown):
    """The patch is wider than the person it stands for, so its two sides are edges of the room."""
    for index, frame in enumerate(detect(film(tmp_path / "a.mp4", 560))):
        if index % 2:
            assert frame.edges is None
        else:
            assert frame.edges[:, 0] == pytest.approx([0, 0], abs=0.5)
            assert frame.edges[:, 1] == pytest.approx([560 / 720] * 2, abs=0.02)


def test_progress_counts_the_sampled_frames(tmp_path, shown):
    reports: list[tuple[str, int, int]] = []
    detect_people(film(tmp_path / "a.mp4", 560), Path("no.task"), 2, lambda *report: reports.append(report))
    assert reports == [("finding the person", i + 1, SAMPLED) for i in range(SAMPLED)]
