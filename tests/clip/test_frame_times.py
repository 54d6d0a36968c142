"""True presentation times, independent of the file's header and timestamps."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.clip.frame_reader import read_frames
from analyzer.clip.frame_times import compute_frame_times
from analyzer.clip.probe import open_clip
from analyzer.settings import Settings

MS = Fraction(1, 1000)


def read_levels(clip, clip_tools, **options):
    return [(index, clip_tools.index_of(image)) for index, image in read_frames(clip, **options)]


@pytest.mark.parametrize("name", ["a.mp4", "a.mov", "a.mkv"])
def test_variable_frame_rate(tmp_path, clip_tools, name):
    gaps_ms = np.random.default_rng(0).integers(12, 70, clip_tools.n - 1)
    stamps = [0, *np.cumsum(gaps_ms).tolist()]
    clip = open_clip(clip_tools.make(tmp_path / name, stamps=stamps, unit=MS), Settings())
    assert clip.times_s == pytest.approx(np.array(stamps) / 1000, abs=1e-4)
    assert clip.mean_fps == pytest.approx((clip_tools.n - 1) / (stamps[-1] / 1000), rel=1e-6)
    assert read_levels(clip, clip_tools, first=20) == [(i, i) for i in range(20, clip_tools.n)]
    assert clip.warnings == ()


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv"])
def test_stamps_far_from_zero(tmp_path, clip_tools, name):
    stamps = [3_600_000 + 40 * i for i in range(clip_tools.n)]
    clip = open_clip(clip_tools.make(tmp_path / name, stamps=stamps, unit=MS), Settings())
    assert clip.times_s == pytest.approx(np.arange(clip_tools.n) * 0.04, abs=1e-4)
    assert read_levels(clip, clip_tools, first=5) == [(i, i) for i in range(5, clip_tools.n)]


def test_a_wrong_frame_count_in_the_header_is_ignored(tmp_path, clip_tools):
    data = bytearray(clip_tools.make(tmp_path / "a.avi", codec="mjpeg", pix_fmt="yuvj420p").read_bytes())
    for mark, offset in ((b"avih", 24), (b"strh", 40)):  # dwTotalFrames, dwLength
        at = data.index(mark) + offset
        assert int.from_bytes(data[at : at + 4], "little") == clip_tools.n
        data[at : at + 4] = (900).to_bytes(4, "little")
    (tmp_path / "lie.avi").write_bytes(data)
    clip = open_clip(tmp_path / "lie.avi", Settings())
    assert (clip.frames, clip.warnings) == (clip_tools.n, ())
    assert read_levels(clip, clip_tools) == [(i, i) for i in range(clip_tools.n)]


def test_frames_hidden_by_an_edit_list_are_skipped(tmp_path, clip_tools):
    """A clip trimmed on the phone keeps all its frames and tells players to start later."""
    data = bytearray(clip_tools.make(tmp_path / "a.mp4", options={"bf": "0"}, mux={"use_editlist": "1"}).read_bytes())
    _, end = clip_tools.find_box(data, b"moov", b"trak", b"edts", b"elst")
    media_time = slice(end - 8, end - 4)
    unit = int.from_bytes(data[clip_tools.find_box(data, b"moov", b"trak", b"mdia", b"mdhd")[0] + 20 :][:4], "big")
    data[media_time] = (int.from_bytes(data[media_time], "big") + 15 * unit // 30).to_bytes(4, "big")
    (tmp_path / "trimmed.mp4").write_bytes(data)
    clip = open_clip(tmp_path / "trimmed.mp4", Settings())
    assert clip.times_s == pytest.approx(np.arange(clip_tools.n - 15) / 30, abs=1e-4)
    assert read_levels(clip, clip_tools) == [(i, i + 15) for i in range(clip_tools.n - 15)]
    assert read_levels(clip, clip_tools, first=9, stop=12) == [(i, i + 15) for i in (9, 10, 11)]


def test_slow_motion_has_a_warning(tmp_path, clip_tools):
    stamps = [25 * i for i in range(clip_tools.n)]
    clip = open_clip(clip_tools.make(tmp_path / "a.mp4", stamps=stamps, unit=Fraction(1, 6000), rate=240), Settings())
    assert clip.mean_fps == pytest.approx(240)
    assert clip.warnings == ("filmed at 240 frames a second (slow motion); times are real time",)


def test_slow_motion_in_whole_milliseconds_keeps_its_rate(tmp_path, clip_tools):
    clip = open_clip(
        clip_tools.make(tmp_path / "a.mkv", stamps=[25 * i // 6 for i in range(clip_tools.n)], unit=MS), Settings()
    )
    assert clip.warnings == ("filmed at 241 frames a second (slow motion); times are real time",)


def test_stretched_slow_motion_has_a_warning(tmp_path, clip_tools):
    tag = {"com.android.capture.fps": "240"}
    mux = {"movflags": "use_metadata_tags"}
    clip = open_clip(clip_tools.make(tmp_path / "a.mp4", metadata=tag, mux=mux), Settings())
    assert clip.warnings == (
        "filmed at 240 frames a second and stored 8.0 times slower: all times are longer than they were",
    )


def test_too_few_frames_a_second_have_a_warning(tmp_path, clip_tools):
    stamps = [100 * i for i in range(clip_tools.n)]
    clip = open_clip(clip_tools.make(tmp_path / "a.mp4", stamps=stamps, unit=MS), Settings())
    assert clip.warnings == ("only 10 frames a second: tempo is not measured",)


def test_a_skip_in_the_recording_has_a_warning(tmp_path, clip_tools):
    stamps = [33 * i + (800 if i > 20 else 0) for i in range(clip_tools.n)]
    clip = open_clip(clip_tools.make(tmp_path / "a.mp4", stamps=stamps, unit=MS), Settings())
    assert clip.warnings == ("the recording skips: up to 0.8 s without a picture",)


def test_interlaced_video_has_a_warning(tmp_path, clip_tools):
    path = clip_tools.make(tmp_path / "a.mkv", options={"x264-params": "interlaced=1:log-level=-1"}, size=(64, 64))
    assert open_clip(path, Settings()).warnings == (
        "the picture is interlaced (an old video format): fast movements look frayed",
    )


def test_frames_that_share_a_stamp_are_spread():
    times = compute_frame_times([0, 10, 10, 30], [0, 1, 2, 3], MS, Fraction(100), is_decoding_order=False)
    assert list(times.times_s) == pytest.approx([0, 0.010, 0.020, 0.030])
    assert times.stamps is None


def test_without_timestamps_the_frame_rate_is_used():
    assert list(compute_frame_times([None] * 3, [None] * 3, MS, Fraction(50), is_decoding_order=False).times_s) == [
        0,
        0.02,
        0.04,
    ]


def test_keyframes_are_indices_in_presentation_order():
    times = compute_frame_times(
        [0, 30, 10, 20, 60, 40, 50], range(7), MS, Fraction(100), is_decoding_order=False, key_stamps={0, 30, 60}
    )
    assert list(times.keyframes) == [0, 3, 6]
    assert list(times.start_at_frame(2).keyframes) == [1, 4]


def test_key_frames_of_a_clip_are_known(tmp_path, clip_tools):
    options = {"g": "8", "x264-params": "scenecut=0:log-level=-1"}
    clip = open_clip(clip_tools.make(tmp_path / "a.mp4", frames=20, options=options), Settings())
    assert list(clip.keyframes) == [0, 8, 16]


STAMPS = st.lists(st.one_of(st.none(), st.integers(-(2**40), 2**40)), min_size=1, max_size=40)


@given(STAMPS, STAMPS, st.booleans())
def test_times_always_rise_from_zero(pts, dts, ordered):
    n = min(len(pts), len(dts))
    times = compute_frame_times(pts[:n], dts[:n], Fraction(1, 90_000), Fraction(30), ordered)
    assert len(times.times_s) == n
    assert times.times_s[0] == 0
    assert np.all(np.diff(times.times_s) > 0)
