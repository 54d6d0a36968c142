"""Clips from phones and editors: frame times from the packets match what decodes."""

import pytest

from analyzer.clip.frame_reader import read_frames
from analyzer.clip.probe import open_clip
from analyzer.clip.safe_container import decode_packet, iter_packets_with_flush, open_container
from analyzer.settings import Settings
from tests.parts import REAL_CLIPS

FILES = sorted(p for p in REAL_CLIPS.glob("*") if p.suffix.lower() in (".mp4", ".mov"))

pytestmark = pytest.mark.real_clips


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.name)
def test_times_are_those_of_the_decoded_frames(path):
    clip = open_clip(path, Settings())
    stamps = []
    with open_container(path, clip.container_type.demuxer, clip.max_frame_px) as (container, stream):
        unit = stream.time_base
        for packet in iter_packets_with_flush(container, stream):
            stamps += [frame.pts for frame in decode_packet(stream, packet) or ()]
    times_s = [float((stamp - stamps[0]) * unit) for stamp in stamps]
    assert clip.times_s.tolist() == pytest.approx(times_s, abs=1e-9)


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.name)
def test_reading_from_the_middle_or_a_few_frames_finds_the_same_pictures(path):
    clip = open_clip(path, Settings())
    size_px = (clip.width_px // 8, clip.height_px // 8)
    first = min(clip.frames // 2, 100)
    part = dict(read_frames(clip, first, first + 5, size_px=size_px))
    some = dict(read_frames(clip, 0, first + 5, 4, size_px))
    whole = dict(read_frames(clip, 0, first + 5, size_px=size_px))
    assert list(some) == list(range(0, min(first + 5, clip.frames), 4))
    assert list(part) == list(range(first, min(first + 5, clip.frames)))
    assert all((image == whole[i]).all() for i, image in [*part.items(), *some.items()])


def test_rotated_phone_clip_is_read():
    clip = open_clip(REAL_CLIPS / "phone_MSU-AI_1730661538724.mp4", Settings())
    assert (clip.codec, clip.rotation_deg, clip.width_px, clip.height_px) == ("hevc", 90, 1080, 1920)
    assert next(read_frames(clip))[1].shape == (1920, 1080, 3)


def test_clip_with_variable_frame_rate_is_read():
    clip = open_clip(REAL_CLIPS / "phone_HackMIT-PushNPull_test.mov", Settings())
    gaps = clip.times_s[1:] - clip.times_s[:-1]
    assert clip.frames == 842
    assert gaps.min() < 0.017 < 0.049 < gaps.max()
