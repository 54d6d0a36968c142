"""Every container and codec that phones make: true times, every frame, seeking to any frame."""

import os
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from analyzer.clip import probe
from analyzer.clip.frame_reader import read_frames, read_selected_frames
from analyzer.clip.probe import open_clip
from analyzer.settings import Settings

KINDS = [
    ("a.mp4", "libx264", "yuv420p", "mp4", "h264"),
    ("a.m4v", "libx264", "yuv420p", "mp4", "h264"),
    ("a.mov", "libx264", "yuv420p", "mov", "h264"),
    ("a.mkv", "libx264", "yuv420p", "mkv", "h264"),
    ("a.avi", "libx264", "yuv420p", "avi", "h264"),
    ("b.mp4", "libx265", "yuv420p", "mp4", "hevc"),
    ("b10.mov", "libx265", "yuv420p10le", "mov", "hevc"),
    ("b.mkv", "libx265", "yuv420p", "mkv", "hevc"),
    ("c.webm", "libvpx-vp9", "yuv420p", "webm", "vp9"),
    ("c.mp4", "libvpx-vp9", "yuv420p", "mp4", "vp9"),
    ("d.webm", "libvpx", "yuv420p", "webm", "vp8"),
    ("e.mp4", "libsvtav1", "yuv420p", "mp4", "av1"),
    ("e10.webm", "libsvtav1", "yuv420p10le", "webm", "av1"),
    ("f.avi", "mjpeg", "yuvj420p", "avi", "mjpeg"),
    ("f.mov", "mjpeg", "yuvj420p", "mov", "mjpeg"),
    ("g.avi", "mpeg4", "yuv420p", "avi", "mpeg4"),
    ("g.mp4", "mpeg4", "yuv420p", "mp4", "mpeg4"),
]


@pytest.fixture(params=KINDS, ids=[f"{name}-{codec}" for name, codec, *_ in KINDS])
def kind(request, tmp_path, clip_tools):
    name, codec, pix_fmt, container, canonical = request.param
    return open_clip(clip_tools.make(tmp_path / name, codec=codec, pix_fmt=pix_fmt), Settings()), container, canonical


@pytest.mark.skipif(sys.platform != "linux", reason="the encoder changes it on Linux alone")
def test_the_av1_encoder_leaves_the_priority_of_the_tests(tmp_path, clip_tools):
    before = os.sched_getscheduler(0)
    clip_tools.make(tmp_path / "e.mp4", codec="libsvtav1")
    assert os.sched_getscheduler(0) == before


def test_container_codec_and_size(kind, clip_tools):
    clip, container, codec = kind
    assert (clip.container, clip.codec) == (container, codec)
    assert (clip.width_px, clip.height_px, clip.rotation_deg, clip.mirrored) == (clip_tools.w, clip_tools.h, 0, False)
    assert clip.frames == clip_tools.n
    assert clip.times_s == pytest.approx(np.arange(clip_tools.n) / 30, abs=0.0011)  # Matroska keeps milliseconds
    assert clip.mean_fps == pytest.approx(30, rel=1e-3)
    assert clip.duration_s == pytest.approx(clip_tools.n / 30, rel=1e-3)
    assert clip.warnings == ()


def test_every_frame_in_its_place(kind, clip_tools):
    clip, *_ = kind
    decoded = [(index, clip_tools.index_of(image)) for index, image in read_frames(clip)]
    assert decoded == [(i, i) for i in range(clip_tools.n)]


@pytest.mark.parametrize("first", [0, 17])
def test_a_large_clip_is_decoded_ahead_without_a_change(kind, clip_tools, first, monkeypatch):
    clip, *_ = kind
    expected = [image.tobytes() for _, image in read_frames(clip, first)]
    monkeypatch.setattr(probe, "_LARGE_PX", 0)
    decoded = list(read_frames(clip, first))
    assert [index for index, _ in decoded] == list(range(first, clip_tools.n))
    assert [image.tobytes() for _, image in decoded] == expected


def test_a_frame_that_is_not_needed_keeps_its_place_without_a_picture(kind, clip_tools):
    clip, *_ = kind
    decoded = [
        (i, None if image is None else clip_tools.index_of(image))
        for i, image in read_selected_frames(clip, lambda index: index % 3 == 0, 4, 20, 2)
    ]
    assert decoded == [(i, i if i % 3 == 0 else None) for i in range(4, 20, 2)]


def test_a_frame_may_become_unneeded_until_it_is_yielded(kind, clip_tools):
    clip, *_ = kind
    read: list[int] = []
    decoded = []
    for index, image in read_selected_frames(clip, lambda index: not read or index >= read[-1] + 4, 3, 30):
        decoded.append((index, None if image is None else clip_tools.index_of(image)))
        if image is not None:
            read.append(index)
    assert decoded == [(i, i if (i - 3) % 4 == 0 else None) for i in range(3, 30)]


@pytest.mark.parametrize("first", [1, 9, 10, 11, 29, 35])
def test_starting_anywhere_shifts_no_frame(kind, clip_tools, first):
    clip, *_ = kind
    decoded = [(index, clip_tools.index_of(image)) for index, image in read_frames(clip, first, first + 9, 2)]
    assert decoded == [(i, i) for i in range(first, min(first + 9, clip_tools.n), 2)]


def test_readers_in_threads_do_not_disturb_each_other(kind, clip_tools):
    clip, *_ = kind
    parts = [(0, 12), (12, 24), (24, None), (6, 30)]
    with ThreadPoolExecutor(4) as pool:
        decoded = list(pool.map(lambda p: [(i, clip_tools.index_of(a)) for i, a in read_frames(clip, *p)], parts))
    assert decoded == [[(i, i) for i in range(first, stop or clip_tools.n)] for first, stop in parts]


def test_a_reader_that_is_left_early_closes_the_file(kind):
    clip, *_ = kind
    reader = read_frames(clip)
    next(reader)
    reader.close()
    clip.path.unlink()


def test_a_clip_of_one_frame_is_read(tmp_path, clip_tools):
    clip = open_clip(clip_tools.make(tmp_path / "one.mp4", frames=1), Settings())
    assert (clip.frames, clip.mean_fps, clip.duration_s, list(clip.times_s)) == (1, 0.0, 0.0, [0.0])
    assert [i for i, _ in read_frames(clip)] == [0]


def test_the_hash_is_of_the_file(tmp_path, clip_tools):
    import hashlib

    path = clip_tools.make(tmp_path / "a.mp4")
    assert open_clip(path, Settings()).sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize(
    "name", ["-x.mp4", "http:__x.mp4", "concat:a|b.mp4", "%03d.mp4", "día, 日.mp4", "a b'\".mp4", "x"]
)
def test_odd_names_are_only_names(tmp_path, clip_tools, name, monkeypatch):
    (tmp_path / name).write_bytes(clip_tools.make(tmp_path / "plain.mp4").read_bytes())
    monkeypatch.chdir(tmp_path)
    clip = open_clip(name, Settings())
    assert clip.name == name
    assert len(list(read_frames(clip))) == clip_tools.n
