"""Truncated or damaged clips give their readable frames at the right times, and a warning."""

import numpy as np
import pytest

from analyzer.clip import probe
from analyzer.clip.frame_reader import read_frames
from analyzer.clip.probe import open_clip
from analyzer.errors import ClipError
from analyzer.settings import Settings

FAST_START = {"movflags": "faststart"}
FRAGMENTS = {"movflags": "frag_keyframe+empty_moov"}


def read_levels(clip, clip_tools, **options):
    return [(index, clip_tools.index_of(image)) for index, image in read_frames(clip, **options)]


def cut(path, keep: float):
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * keep)])
    return path


@pytest.mark.parametrize(
    "name, codec, mux",
    [
        ("a.mp4", "mpeg4", FAST_START),
        ("a.mp4", "libx264", FAST_START),
        ("a.mov", "mjpeg", FAST_START),
        ("a.mp4", "libx264", FRAGMENTS),
        ("a.mkv", "libx264", {}),
        ("a.webm", "libvpx", {}),
        ("a.avi", "mjpeg", {}),
    ],
)
def test_a_truncated_file_is_reported(tmp_path, clip_tools, name, codec, mux):
    images = [np.full((clip_tools.h, clip_tools.w, 3), clip_tools.level(i), np.uint8) for i in range(clip_tools.n)]
    rng = np.random.default_rng(0)
    for image in images:  # so that the pictures, not the index, fill the file
        image[:] = np.clip(image + rng.normal(0, 12, image.shape), 0, 255)
    pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
    path = clip_tools.make(tmp_path / name, codec=codec, pix_fmt=pix_fmt, mux=mux, images=images)
    clip = open_clip(cut(path, 0.6), Settings())
    assert clip_tools.n / 3 < clip.frames < clip_tools.n * 0.8
    (warning,) = clip.warnings
    end = f"the file breaks off after {clip.duration_s:.1f} s"
    assert warning.startswith(end) and warning.endswith("; what is there was analysed")
    if mux is not FRAGMENTS and name != "a.avi":  # neither stores the whole duration
        assert warning == f"{end} of 1.2 s; what is there was analysed"
    decoded = read_levels(clip, clip_tools)
    assert [a for a, _ in decoded] == [b for _, b in decoded]
    assert len(decoded) >= clip.frames - 3  # frames that depend on a missing one may be lost


@pytest.mark.parametrize("is_large", [False, True])
def test_damage_in_the_middle_shifts_no_frame(tmp_path, clip_tools, is_large, monkeypatch):
    if is_large:
        monkeypatch.setattr(probe, "_LARGE_PX", 0)
    data = bytearray(clip_tools.make(tmp_path / "a.mp4", options={"bf": "0"}).read_bytes())
    start, end = clip_tools.find_box(data, b"mdat")
    middle = start + (end - start) // 2
    data[middle : middle + 60] = b"\xff" * 60
    (tmp_path / "bad.mp4").write_bytes(data)
    clip = open_clip(tmp_path / "bad.mp4", Settings())
    assert clip.frames == clip_tools.n
    decoded = dict(read_levels(clip, clip_tools))
    assert 0 < clip_tools.n - len(decoded) < 12
    whole = [i for i, level in decoded.items() if level == i]
    assert set(range(5)) | set(range(10, clip_tools.n)) <= set(whole)  # a keyframe every ten frames
    lost = next(i for i in range(clip_tools.n) if i not in decoded)
    assert all(index >= lost for index, _ in read_frames(clip, first=lost))
    assert dict(read_levels(clip, clip_tools, first=31)) == {i: i for i in range(31, clip_tools.n)}


def test_damage_is_tolerated_where_only_the_order_matters(tmp_path, clip_tools):
    data = bytearray(clip_tools.make(tmp_path / "a.avi").read_bytes())
    middle = len(data) // 2
    data[middle : middle + 40] = b"\xff" * 40
    (tmp_path / "bad.avi").write_bytes(data)
    clip = open_clip(tmp_path / "bad.avi", Settings())
    decoded = [i for i, _ in read_frames(clip)]
    assert decoded == sorted(set(decoded))
    assert decoded[-1] < clip.frames


def test_junk_after_the_end_is_no_harm(tmp_path, clip_tools):
    path = clip_tools.make(tmp_path / "a.mp4")
    path.write_bytes(path.read_bytes() + bytes(1000))
    clip = open_clip(path, Settings())
    assert (clip.frames, clip.warnings) == (clip_tools.n, ())


@pytest.mark.parametrize("name, codec", [("a.mp4", "libx264"), ("a.mkv", "libvpx-vp9"), ("a.avi", "mpeg4")])
def test_random_damage_never_does_worse_than_a_refusal(tmp_path, clip_tools, name, codec):
    whole = clip_tools.make(tmp_path / name, codec=codec).read_bytes()
    rng = np.random.default_rng(1)
    for _ in range(60):
        data = np.frombuffer(whole, np.uint8).copy()
        spots = rng.integers(0, min(len(data), rng.choice([300, 2000, len(data)])), rng.integers(1, 20))
        data[spots] = rng.integers(0, 256, len(spots))
        path = tmp_path / f"hurt-{name}"
        path.write_bytes(data.tobytes())
        try:
            clip = open_clip(path, Settings())
            decoded = [i for i, _ in read_frames(clip, size_px=(32, 24))]
        except ClipError as error:
            assert "\n" not in str(error)
            continue
        assert decoded == sorted(set(decoded)) and decoded[-1] < clip.frames
        assert np.all(np.diff(clip.times_s) > 0) and np.all(np.isfinite(clip.times_s))


def test_a_file_that_changes_after_opening_is_refused(tmp_path, clip_tools):
    path = clip_tools.make(tmp_path / "a.mp4")
    clip = open_clip(path, Settings())
    path.write_bytes(b"gone")
    with pytest.raises(ClipError, match=r"^a\.mp4: has changed since it was opened"):
        list(read_frames(clip))
