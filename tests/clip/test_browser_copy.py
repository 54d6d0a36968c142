"""The browser copy: the same pictures at the same times without other streams or metadata, or no copy."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from av.audio.frame import AudioFrame

from analyzer.clip.browser_copy import copy_stream
from analyzer.clip.frame_reader import read_frames
from analyzer.clip.probe import Clip, open_clip
from analyzer.settings import Settings

UNEVEN = [int(at) for at in np.cumsum([33 + 11 * (k % 4) for k in range(36)])]
SECRETS = {
    "location": "+48.1371+011.5754/",
    "com.apple.quicktime.make": "Fruit Phone",
    "comment": "Anna's living room",
    "creation_time": "2024-05-01T10:20:30.000000Z",
}


def open_file(path: Path) -> Clip:
    return open_clip(path, Settings())


def copy_clip(path: Path) -> Clip:
    out = path.parent / "copy.mp4"
    assert copy_stream(open_file(path), out)
    return open_file(out)


def same(clip: Clip, copy: Clip, within_s: float = 1e-9) -> None:
    assert (copy.container, copy.codec) == ("mp4", "h264")
    assert (copy.width_px, copy.height_px, copy.rotation_deg) == (clip.width_px, clip.height_px, clip.rotation_deg)
    assert copy.times_s[0] == 0
    assert copy.times_s == pytest.approx(clip.times_s, abs=within_s)
    for (index, image), (again, other) in zip(read_frames(clip), read_frames(copy), strict=True):
        assert index == again and np.array_equal(image, other)


@pytest.mark.parametrize("name, between", [("a.mp4", 2), ("a.mov", 2), ("a.mkv", 0)])  # Matroska keeps no coding order
def test_every_picture_and_time_is_taken_over(tmp_path, clip_tools, name, between):
    path = clip_tools.make(tmp_path / name, options={"bf": str(between)})
    same(open_file(path), copy_clip(path))


def test_uneven_times_that_start_late_are_counted_from_the_first_frame(tmp_path, clip_tools):
    stamps = [900 + at for at in UNEVEN]
    path = clip_tools.make(tmp_path / "a.mp4", stamps=stamps, unit=Fraction(1, 1000), options={"bf": "0"})
    clip = open_file(path)
    assert np.ptp(np.diff(clip.times_s)) > 0.03
    same(clip, copy_clip(path), within_s=1e-6)


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_a_rotated_clip_stays_rotated(tmp_path, clip_tools, turn):
    path = clip_tools.make(tmp_path / "a.mov", turn_ccw_deg=-turn)
    assert open_file(path).rotation_deg == turn
    same(open_file(path), copy_clip(path))


def with_sound_and_secrets(path: Path, source: Path) -> Path:
    """The pictures of a clip beside a second of sound, and the metadata that a phone writes."""
    options = {"movflags": "use_metadata_tags"}
    with av.open(str(source)) as pictures, av.open(str(path), "w", options=options) as container:
        container.metadata.update(SECRETS)
        video = container.add_stream_from_template(pictures.streams.video[0])
        video.metadata["handler_name"] = "Fruit Media Handler"
        sound = container.add_stream("aac", rate=48000, layout="mono")
        for packet in pictures.demux(pictures.streams.video[0]):
            if packet.size:
                packet.stream = video
                container.mux(packet)
        frame = AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), "fltp", "mono")
        frame.sample_rate = 48000
        for k in range(40):
            frame.pts = 1024 * k
            container.mux(sound.encode(frame))
        container.mux(sound.encode(None))
    return path


def test_place_device_sound_and_hidden_messages_are_gone(tmp_path, clip_tools):
    path = with_sound_and_secrets(tmp_path / "phone.mov", clip_tools.make(tmp_path / "plain.mp4"))
    content = path.read_bytes()
    hidden = [
        *(text.encode() for text in SECRETS.values() if "T10" not in text),
        b"Fruit Media Handler",
        b"x264 - core",
    ]
    assert all(secret in content for secret in hidden)
    with av.open(str(path)) as container:
        assert len(container.streams.audio) == 1
    copy = copy_clip(path)
    same(open_file(path), copy)
    data = copy.path.read_bytes()
    assert not [secret for secret in hidden if secret in data]
    with av.open(str(copy.path)) as container:
        assert [stream.type for stream in container.streams] == ["video"]
        assert set(container.metadata) == {"major_brand", "minor_version", "compatible_brands"}
        assert container.streams[0].metadata == {"language": "und", "handler_name": "VideoHandler"}


def test_a_browser_can_play_before_the_download_ends(tmp_path, clip_tools):
    data = copy_clip(clip_tools.make(tmp_path / "a.mp4")).path.read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")


UNFIT = {
    "uneven times with frames out of order": {"stamps": UNEVEN, "unit": Fraction(1, 1000)},
    "hevc": {"codec": "libx265"},
    "ten bits": {"pix_fmt": "yuv420p10le"},
    "full colour": {"pix_fmt": "yuv444p"},
    "slow motion": {"rate": 240, "unit": Fraction(1, 240)},
    "mirrored": {"hflip": True, "turn_ccw_deg": 0},
    "wide pixels": {"pixel_aspect": Fraction(4, 3)},
    "interlaced": {"options": {"flags": "+ilme+ildct"}},
    "very large": {"size": (2048, 48)},
}


@pytest.mark.parametrize("options", UNFIT.values(), ids=UNFIT)
def test_formats_that_browsers_do_not_play_are_not_copied(tmp_path, clip_tools, options):
    clip = open_file(clip_tools.make(tmp_path / "a.mp4", **options))
    assert not copy_stream(clip, tmp_path / "copy.mp4")
    assert [path.name for path in tmp_path.iterdir()] == ["a.mp4"]


def test_a_file_with_ambiguous_timestamps_is_not_copied(tmp_path, clip_tools):
    assert not copy_stream(open_file(clip_tools.make(tmp_path / "a.avi")), tmp_path / "copy.mp4")


def test_a_file_changed_since_opening_is_not_copied(tmp_path, clip_tools):
    clip = open_file(clip_tools.make(tmp_path / "a.mp4"))
    clip_tools.make(tmp_path / "a.mp4", frames=12)
    assert not copy_stream(clip, tmp_path / "copy.mp4")
    assert [path.name for path in tmp_path.iterdir()] == ["a.mp4"]
