import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.clip.frame_reader import read_frames
from analyzer.clip.h264_writer import VideoWriter
from analyzer.clip.probe import open_clip
from analyzer.compare.side_by_side_video import (
    OUTPUT_FPS,
    VideoPanel,
    _crop_panel,
    align_times,
    render_stills,
    write_side_by_side,
)
from analyzer.settings import Settings

REP = st.tuples(st.floats(0.1, 3), st.floats(0.1, 3), st.floats(0, 2))


def reps_of(parts):
    """(down, up, rest) to anchors."""
    times, t = [], 1.0
    for down, up, rest in parts:
        times.append((t, t + down, t + down + up))
        t += down + up + rest
    return times


def filmed(path, frames, size=(320, 240)):
    """A clip at 30 a second whose frame k is grey of level 2 k."""
    with VideoWriter(path, *size) as writer:
        for k in range(frames):
            writer.write(np.full((size[1], size[0], 3), 2 * k, np.uint8), k / 30)
    return open_clip(path, Settings())


def test_bottoms_coincide_and_no_side_is_sped_up():
    times = align_times([[(1, 2, 4)], [(3, 5, 6)]], [10, 10], warp=True)
    a, b = times.T
    at_bottom = np.flatnonzero(np.isclose(a, 2))[0]
    assert b[at_bottom] == pytest.approx(5)
    assert np.diff(times, axis=0).max() <= 1 / OUTPUT_FPS + 1e-9
    # 2 s down (the slower), 2 s up (the slower), half a second before and after.
    assert len(times) / OUTPUT_FPS == pytest.approx(5, abs=0.1)


def test_rests_and_additional_reps_are_left_out():
    times = align_times([[(1, 2, 3), (13, 14, 15), (20, 21, 22)], [(1, 2, 3), (3, 4, 5)]], [30, 5], warp=True)
    a, b = times.T
    assert len(times) / OUTPUT_FPS == pytest.approx(5, abs=0.15)
    assert not ((a > 3.01) & (a < 12.99)).any() and a.max() < 16
    assert b.max() == 5


def test_a_pull_from_the_floor_waits_at_the_bottom():
    a, b = align_times([[(2, 2, 3)], [(1, 2, 3)]], [9, 9], warp=True).T
    before = b < 2 - 1e-9
    assert (a[before] <= 2).all() and (np.diff(a[before & (b > 1)]) == 0).all()


def test_holds_run_at_their_own_speed_and_the_shorter_waits():
    a, b = align_times([[(1, 4)], [(2, 10)]], [5, 10], warp=False).T
    started = np.flatnonzero(np.isclose(a, 1))[0]
    assert b[started] == pytest.approx(2)
    at = started + round(5 * OUTPUT_FPS)
    assert (a[at], b[at]) == (4, pytest.approx(7))


def test_no_event_is_refused():
    with pytest.raises(ValueError, match="at least one event"):
        align_times([[], [(1, 2)]], [3, 3], warp=False)


@given(st.lists(REP, min_size=1, max_size=4), st.lists(REP, min_size=1, max_size=4))
def test_time_is_monotonic_and_bottoms_are_shown_together(one, other):
    sides = [reps_of(one), reps_of(other)]
    times = align_times(sides, [60, 60], warp=True)
    assert (np.diff(times, axis=0) >= 0).all()
    for (_, bottom_a, _), (_, bottom_b, _) in zip(*sides, strict=False):
        assert np.isclose(times, [bottom_a, bottom_b]).all(axis=1).any()


def test_the_video_shows_both_bottoms_at_the_same_moment(tmp_path):
    one, other = filmed(tmp_path / "1.mp4", 60), filmed(tmp_path / "2.mp4", 90)
    panels = [
        VideoPanel(one, "A", (0.4, 0.1, 0.6, 0.9), [(0.5, 1.0, 1.5)]),
        VideoPanel(other, "B", (0.4, 0.1, 0.6, 0.9), [(1.0, 2.0, 2.5)]),
    ]
    progress_calls = []
    write_side_by_side(panels, tmp_path / "out.mp4", warp=True, progress=lambda *news: progress_calls.append(news))
    video = open_clip(tmp_path / "out.mp4", Settings())
    assert video.width_px % 2 == video.height_px % 2 == 0 and max(video.width_px, video.height_px) <= 1280
    assert progress_calls[-1] == ("side by side", video.frames, video.frames)
    middle = video.height_px // 2
    greys = np.array(
        [[image[middle, x].mean() for x in (100, video.width_px - 100)] for _, image in read_frames(video)]
    )
    at_bottom = int(np.abs(greys[:, 0] - 60).argmin())  # frame 30 of A
    assert greys[at_bottom, 1] == pytest.approx(120, abs=6)  # frame 60 of B


def test_a_long_rest_is_skipped_in_the_file_too(tmp_path):
    clip = filmed(tmp_path / "1.mp4", 127, size=(64, 48))
    slow = VideoPanel(clip, "A", (0, 0, 1, 1), [(0.2, 0.4, 0.6), (3.6, 3.8, 4.0)])
    write_side_by_side([slow, slow], tmp_path / "out.mp4", warp=True)
    greys = [image[40, 20].mean() for _, image in read_frames(open_clip(tmp_path / "out.mp4", Settings()))]
    assert max(greys) > 220 and not [grey for grey in greys if 50 < grey < 200]


def test_stills_show_their_time_and_have_one_height(tmp_path):
    one, other = filmed(tmp_path / "1.mp4", 60), filmed(tmp_path / "2.mp4", 60, size=(240, 320))
    panels = [VideoPanel(clip, label, (0.3, 0.2, 0.7, 0.9), [(0, 1)]) for clip, label in ((one, "A"), (other, "B"))]
    images = render_stills(panels, [1.0, 0.5])
    assert images[0].shape[0] == images[1].shape[0]
    centre = [image[image.shape[0] // 2, image.shape[1] // 2].mean() for image in images]
    assert centre == pytest.approx([60, 30], abs=4)


@given(st.floats(0, 0.8), st.floats(0, 0.8), st.floats(0.05, 0.2), st.floats(0.05, 0.2))
def test_the_crop_contains_the_whole_person(x, y, width, height):
    clip = type("Clip", (), {"width_px": 1280, "height_px": 720})()
    box = (x, y, x + width, y + height)
    left, top, right, bottom = _crop_panel(VideoPanel(clip, "A", box, []))
    assert 0 <= left <= box[0] and 0 <= top <= box[1] and box[2] <= right <= 1 and box[3] <= bottom <= 1
