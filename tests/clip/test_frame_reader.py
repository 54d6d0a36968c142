"""Reading of some frames of a clip: which are decoded, and where a key frame is sought."""

from types import SimpleNamespace

import numpy as np
import pytest

from analyzer.clip import frame_reader
from analyzer.clip.frame_reader import group_nearby_frames, read_frames, read_frames_at
from analyzer.clip.h264_writer import VideoWriter
from analyzer.clip.probe import open_clip
from analyzer.clip.safe_container import decode_packet
from analyzer.settings import Settings


@pytest.mark.parametrize(
    ("keys", "runs"),
    [
        ([0, 250, 500], [[0, 60, 240, 290, 300], [520]]),  # ten frames are decoded sooner than the clip is opened
        ([0, 30, 60, 90], [[0], [60], [240, 290, 300, 520]]),
        ([0], [[0, 60, 240, 290, 300, 520]]),
        ([], [[0, 60, 240, 290, 300, 520]]),  # not known: every seek might begin at the start
        (range(600), [[0], [60], [240], [290, 300], [520]]),
    ],
)
def test_seeking_is_used_only_where_a_key_frame_is_closer(keys, runs):
    clip = SimpleNamespace(keyframes=np.array(keys, dtype=int))
    assert group_nearby_frames([0, 60, 240, 290, 300, 520], clip) == runs


def test_frames_read_in_groups_are_those_of_the_whole_clip(tmp_path):
    with VideoWriter(tmp_path / "a.mp4", 64, 48) as writer:
        for index in range(150):
            writer.write(np.full((48, 64, 3), 20 + index, np.uint8), index / 30)
    clip = open_clip(tmp_path / "a.mp4", Settings())
    pictures = dict(read_frames(clip))
    chosen = dict(read_frames_at(clip, [3, 4, 59, 60, 100, 149]))
    assert list(chosen) == [3, 4, 59, 60, 100, 149]
    assert all(np.array_equal(pictures[index], image) for index, image in chosen.items())


@pytest.mark.parametrize(
    ("codec", "options"),
    [
        ("libx264", {"x264-params": "log-level=-1:keyint=30:bframes=3"}),
        (
            "libx265",
            {"x265-params": "log-level=-1:keyint=30:bframes=3:b-adapt=0:b-pyramid=0:pools=none:frame-threads=1"},
        ),
    ],
)
def test_frames_on_which_no_other_depends_are_decoded_only_if_needed(tmp_path, clip_tools, codec, options, monkeypatch):
    clip = open_clip(clip_tools.make(tmp_path / "a.mp4", codec=codec, options=options), Settings())
    decoded = []

    def decode(stream, packet):
        frames = decode_packet(stream, packet)
        decoded.extend(frames)
        return frames

    monkeypatch.setattr(frame_reader, "decode_packet", decode)
    pictures = {}
    for step in (1, 4, 9):
        pictures[step] = {index: image.tobytes() for index, image in read_frames(clip, step=step)}
        assert list(pictures[step]) == list(range(0, clip.frames, step))
        assert len(decoded) == clip.frames if step == 1 else len(decoded) < 0.75 * clip.frames
        decoded.clear()
    assert all(pictures[1].items() >= some.items() for some in pictures.values())
