from types import SimpleNamespace

import numpy as np
import pytest

from analyzer.clip.frames import read_frames
from analyzer.clip.probe import open_clip
from analyzer.clip.writer import VideoWriter
from analyzer.report.keyframes import key_frames
from analyzer.report.video import output_size, write_annotated
from analyzer.settings import Settings
from tests.report.body import angle_table, standing


def filmed(folder, times_s, side=640):
    """A grey clip with frames at these times, and the track of somebody who stands still in it."""
    with VideoWriter(folder / "clip.mp4", side, side) as writer:
        for time_s in times_s:
            writer.write(np.full((side, side, 3), 120, np.uint8), time_s)
    clip = open_clip(folder / "clip.mp4", Settings())
    points = np.repeat(standing()[None] * side / 640, len(times_s), axis=0)
    return clip, SimpleNamespace(times_s=clip.times_s, points_px=points, visibility=np.ones(points.shape[:2]))


@pytest.mark.parametrize(
    ("size", "written"),
    [((1920, 1080), (1280, 720)), ((2160, 3840), (720, 1280)), ((641, 479), (640, 480)), ((1, 1), (2, 2))],
)
def test_large_pictures_are_reduced_and_sides_are_even(size, written):
    assert output_size(*size) == written


def test_uneven_times_are_kept_and_every_frame_is_drawn(tmp_path):
    times_s = np.cumsum([0, 0.03, 0.05, 0.03, 0.1, 0.04])
    clip, track = filmed(tmp_path, times_s)
    told = []
    out = tmp_path / "annotated.mp4"
    write_annotated(clip, track, angle_table(6), "right", out, progress=lambda *news: told.append(news))
    annotated = open_clip(out, Settings())
    np.testing.assert_allclose(annotated.times_s, times_s, atol=1e-4)
    assert told == [("video", k, 6) for k in range(1, 7)]
    for _, image in read_frames(annotated):
        assert np.abs(image[330:430, 290:340].astype(int) - 120).max() > 60


def test_slow_motion_is_thinned_to_about_60_a_second(tmp_path):
    clip, track = filmed(tmp_path, np.arange(48) / 240)
    write_annotated(clip, track, angle_table(48, 240), "right", tmp_path / "annotated.mp4")
    np.testing.assert_allclose(open_clip(tmp_path / "annotated.mp4", Settings()).times_s, np.arange(12) / 60, atol=1e-4)


def test_ctrl_c_leaves_nothing_half_written(tmp_path):
    clip, track = filmed(tmp_path, np.arange(30) / 30)

    def interrupt(stage, done, total):
        if done == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_annotated(clip, track, angle_table(30), "right", tmp_path / "annotated.mp4", progress=interrupt)
    assert [path.name for path in tmp_path.iterdir()] == ["clip.mp4"]


def test_the_key_frames_are_the_tallest_and_the_one_folded_most(tmp_path):
    clip, track = filmed(tmp_path, np.arange(31) / 30)
    tall, folded = key_frames(clip, track, angle_table(31), "right")
    assert (tall.title, tall.time_s) == ("Tallest", 0.0)
    assert (folded.title, folded.time_s) == ("Folded most at the hips", pytest.approx(0.5, abs=1e-3))
    assert tall.image.shape == folded.image.shape


def test_nobody_who_lies_is_called_tall(tmp_path):
    clip, track = filmed(tmp_path, np.arange(10) / 30)
    table = angle_table(10)
    table["trunk_inclination_deg"] = 80.0
    assert [picture.title for picture in key_frames(clip, track, table, "right")] == ["Folded most at the hips"]
