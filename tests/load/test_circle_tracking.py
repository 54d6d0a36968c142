"""The path of a load in rendered clips: found where there is a load, none where there is not."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from analyzer.clip.h264_writer import VideoWriter
from analyzer.clip.probe import Clip, open_clip
from analyzer.kinematics.landmarks import RIGHT
from analyzer.load.circle_tracking import track_load
from analyzer.load.load_path import LoadPath
from analyzer.pose.track import CleanTrack
from analyzer.results.schema import Rep
from analyzer.settings import Settings
from tests.load.pictures import SIZE_PX, draw_plate
from tests.views import camera_view

FPS, FRAMES, TRUNK_PX = 30, 75, 90.0
TIMES_S = np.arange(FRAMES) / FPS
HEIGHT_PX = 290 - 150 * np.sin(np.pi * np.clip((TIMES_S - 0.3) / 1.8, 0, 1) / 2) ** 2
"""Of the plate's centre: at the bottom, then up."""
REP = Rep(index=1, start_s=0.0, bottom_s=0.3, end_s=2.1, descent_s=None, pause_s=None, ascent_s=1.8, complete=True)


def clip_of(folder: Path, centres: list[tuple[float, float] | None], radius_px: float = 42.0) -> Clip:
    path = folder / "clip.mp4"
    with VideoWriter(path, *SIZE_PX) as writer:
        for i, centre in enumerate(centres):
            writer.write(draw_plate(centre, radius_px), i / FPS)
    return open_clip(path, Settings())


def track() -> CleanTrack:
    points = np.full((FRAMES, 33, 2), np.nan)
    points[:, RIGHT.wrist] = np.column_stack([np.full(FRAMES, 150.0), HEIGHT_PX - 12])
    unknown = np.zeros((FRAMES, 33))
    return CleanTrack(TIMES_S, points, points, unknown, unknown, np.zeros((FRAMES, 33, 3)))


def path_in(clip: Clip, reps: list[Rep], yaw_deg: float = 0.0, threads: int = 1) -> LoadPath | None:
    view = camera_view(FRAMES, "right", yaw_deg)
    return track_load(clip, track(), view, TRUNK_PX, reps, threads)


@pytest.fixture(scope="module")
def lifted(tmp_path_factory) -> Clip:
    return clip_of(tmp_path_factory.mktemp("lifted"), [(158.0, y) for y in HEIGHT_PX])


def test_path_of_a_plate(lifted):
    path = path_in(lifted, [REP])
    assert path is not None
    assert path.kind == "plate"
    first_s, last_s = REP.start_s, REP.end_s
    times_s = lifted.times_s
    lifted_frames = (times_s >= first_s) & (times_s <= last_s)
    assert np.isfinite(path.centre_px[lifted_frames]).all()
    assert np.isnan(path.centre_px[times_s > last_s + 0.7]).all()
    assert path.centre_px[lifted_frames] == pytest.approx(
        np.column_stack([np.full(FRAMES, 158.0), HEIGHT_PX])[lifted_frames], abs=1.0
    )
    assert path.radius_px == pytest.approx(42.0, abs=1.0)


def test_plate_before_a_turned_camera_is_an_ellipse_beside_the_hand(tmp_path):
    """From 25 degrees towards the front: narrower by the cosine, and behind the hand, to which it is nearer."""
    turn = np.radians(25.0)
    x = 158.0 - 0.9 * TRUNK_PX * np.sin(turn)
    wide_px = (round(SIZE_PX[0] / np.cos(turn)), SIZE_PX[1])
    with VideoWriter(tmp_path / "clip.mp4", *SIZE_PX) as writer:
        for i, y in enumerate(HEIGHT_PX):
            writer.write(cv2.resize(draw_plate((x / np.cos(turn), y), 42.0, size_px=wide_px), SIZE_PX), i / FPS)
    path = path_in(open_clip(tmp_path / "clip.mp4", Settings()), [REP], yaw_deg=25.0)
    assert path is not None
    lifted_frames = (REP.start_s <= TIMES_S) & (REP.end_s >= TIMES_S)
    expected = np.column_stack([np.full(FRAMES, x), HEIGHT_PX])
    assert path.centre_px[lifted_frames] == pytest.approx(expected[lifted_frames], abs=1.0)
    assert path.radius_px == pytest.approx(42.0, abs=1.0)


def test_path_of_a_kettlebell(tmp_path):
    clip = clip_of(tmp_path, [(153.0, y + 22.0) for y in HEIGHT_PX], radius_px=18.0)
    path = path_in(clip, [REP])
    assert path is not None
    assert path.kind == "kettlebell"
    lifted_frames = (clip.times_s >= REP.start_s) & (clip.times_s <= REP.end_s)
    expected = np.column_stack([np.full(FRAMES, 153.0), HEIGHT_PX + 22.0])
    assert path.centre_px[lifted_frames] == pytest.approx(expected[lifted_frames], abs=1.0)
    assert path.radius_px == pytest.approx(18.0, abs=1.0)


def test_ball_that_stays_on_the_floor_has_no_path(tmp_path):
    assert path_in(clip_of(tmp_path, [(153.0, 250.0)] * FRAMES, radius_px=18.0), [REP]) is None


def test_two_threads_find_the_same_path(lifted):
    with_one, with_two = path_in(lifted, [REP]), path_in(lifted, [REP], threads=2)
    assert with_one is not None
    assert with_two is not None
    assert with_two.centre_px == pytest.approx(with_one.centre_px, abs=0.5, nan_ok=True)


def test_nothing_is_read_without_lifts_or_from_the_front(lifted):
    assert path_in(lifted, []) is None
    assert path_in(lifted, [REP.model_copy(update={"complete": False, "ascent_s": None})]) is None
    assert path_in(lifted, [REP], yaw_deg=35.0) is None


def test_hands_without_a_load_have_no_path(tmp_path):
    assert path_in(clip_of(tmp_path, [None] * FRAMES), [REP]) is None


def test_plate_that_stays_on_the_floor_has_no_path(tmp_path):
    assert path_in(clip_of(tmp_path, [(158.0, 230.0)] * FRAMES), [REP]) is None


def test_plate_that_is_rarely_visible_has_no_path(tmp_path):
    centres = [(158.0, y) if i % 18 == 9 or i in (27, 45, 63) else None for i, y in enumerate(HEIGHT_PX)]
    assert path_in(clip_of(tmp_path, centres), [REP]) is None
