"""Written clips: right colours and times, playable everywhere, complete or absent."""

import os

import av
import numpy as np
import pytest

from analyzer.clip.frame_reader import read_frames
from analyzer.clip.h264_writer import VideoWriter
from analyzer.clip.probe import open_clip
from analyzer.settings import Settings

TIMES_S = [0.0, 0.021, 0.055, 0.1, 0.3, 0.341]


def write(path, width=64, height=48, times_s=TIMES_S, fps=30.0):
    images = [np.full((height, width, 3), (20 + 6 * i, 200 - 20 * i, 90), np.uint8) for i in range(len(times_s))]
    with VideoWriter(path, width, height, fps) as writer:
        for image, time_s in zip(images, times_s, strict=True):
            writer.write(image, time_s)
    return images


def test_pictures_and_true_times_come_back(tmp_path):
    images = write(tmp_path / "out.mp4")
    clip = open_clip(tmp_path / "out.mp4", Settings())
    assert clip.times_s == pytest.approx(TIMES_S, abs=1 / 90_000)
    assert (clip.container, clip.codec, clip.width_px, clip.height_px) == ("mp4", "h264", 64, 48)
    back = [image for _, image in read_frames(clip)]
    assert len(back) == len(images)
    for was, now in zip(images, back, strict=True):
        assert now.mean(axis=(0, 1)) == pytest.approx(was.mean(axis=(0, 1)), abs=4)


def test_the_last_picture_lasts_as_long_as_the_one_before(tmp_path):
    write(tmp_path / "out.mp4")
    with av.open(str(tmp_path / "out.mp4")) as container:
        packets = [packet for packet in container.demux(video=0) if packet.size]
    assert float(packets[-1].duration * packets[-1].time_base) == pytest.approx(0.041, abs=1e-4)


def test_video_plays_in_browsers_and_phones(tmp_path):
    write(tmp_path / "out.mp4", 1280, 720)
    data = (tmp_path / "out.mp4").read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")  # the index comes first
    with av.open(str(tmp_path / "out.mp4")) as container:
        assert [stream.type for stream in container.streams] == ["video"]
        codec = container.streams.video[0].codec_context
        assert codec.pix_fmt == "yuv420p"
        assert codec.profile in ("Constrained Baseline", "Main", "High")
        frame = next(container.decode(video=0))
        assert (frame.colorspace, frame.color_range, frame.color_primaries, frame.color_trc) == (6, 1, 1, 1)


def test_video_has_no_identifying_metadata(tmp_path):
    write(tmp_path / "out.mp4")
    with av.open(str(tmp_path / "out.mp4")) as container:
        assert set(container.metadata) <= {"major_brand", "minor_version", "compatible_brands"}
    data = (tmp_path / "out.mp4").read_bytes()
    assert str(tmp_path).encode() not in data
    creation_time = data.index(b"mvhd") + 8
    assert data[creation_time : creation_time + 8] == bytes(8)


@pytest.mark.parametrize("size, even", [((65, 47), (66, 48)), ((64, 47), (64, 48)), ((1, 1), (2, 2))])
def test_odd_sides_become_even(tmp_path, size, even):
    write(tmp_path / "out.mp4", *size)
    clip = open_clip(tmp_path / "out.mp4", Settings())
    assert (clip.width_px, clip.height_px) == even


def test_a_clip_of_one_picture_is_shown_for_a_second(tmp_path):
    write(tmp_path / "out.mp4", times_s=[0.0])
    with av.open(str(tmp_path / "out.mp4")) as container:
        assert container.duration == pytest.approx(1e6)


@pytest.mark.parametrize("name", ["-out.mp4", "a:b.mp4", "%d.mp4", "día.mp4", "a b'.mp4"])
def test_odd_names(tmp_path, name, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write(name)
    assert os.listdir(tmp_path) == [name]


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit, RuntimeError])
def test_an_interruption_leaves_nothing(tmp_path, error):
    with pytest.raises(error), VideoWriter(tmp_path / "out.mp4", 64, 48) as writer:
        writer.write(np.zeros((48, 64, 3), np.uint8), 0.0)
        raise error
    assert os.listdir(tmp_path) == []


def test_an_interruption_leaves_an_older_file_unchanged(tmp_path):
    (tmp_path / "out.mp4").write_bytes(b"before")
    with pytest.raises(RuntimeError), VideoWriter(tmp_path / "out.mp4", 64, 48):
        raise RuntimeError
    assert (tmp_path / "out.mp4").read_bytes() == b"before"


def test_no_picture_is_an_error(tmp_path):
    with (
        pytest.raises(ValueError, match=r"out\.mp4: no picture was written"),
        VideoWriter(tmp_path / "out.mp4", 64, 48),
    ):
        pass
    assert os.listdir(tmp_path) == []


def test_a_missing_output_folder_is_an_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        write(tmp_path / "no" / "out.mp4")


def test_times_must_rise_and_pictures_must_fit(tmp_path):
    image = np.zeros((48, 64, 3), np.uint8)
    with pytest.raises(ValueError, match="expected a time after 1"), VideoWriter(tmp_path / "a.mp4", 64, 48) as writer:
        writer.write(image, 1.0)
        writer.write(image, 1.0)
    with pytest.raises(ValueError, match="expected a uint8 picture"), VideoWriter(tmp_path / "a.mp4", 64, 48) as writer:
        writer.write(image[:, 1:], 0.0)
    assert os.listdir(tmp_path) == []


def test_a_view_into_a_larger_picture_can_be_written(tmp_path):
    large = np.random.default_rng(0).integers(0, 256, (100, 100, 3), np.uint8)
    with VideoWriter(tmp_path / "a.mp4", 64, 48) as writer:
        writer.write(large[10:58, 20:84], 0.0)
    assert open_clip(tmp_path / "a.mp4", Settings()).frames == 1
