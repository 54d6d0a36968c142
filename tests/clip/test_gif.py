"""Animated GIFs: frames composed and timed as browsers do; still, damaged and hostile ones."""

import io
import struct

import numpy as np
import pytest
from PIL import Image

from analyzer.clip.browser_copy import copy_stream
from analyzer.clip.frame_reader import read_frames
from analyzer.clip.gif_timing import inspect_gif
from analyzer.clip.probe import open_clip
from analyzer.errors import ClipError
from analyzer.settings import Settings

BLACK, RED, GREEN, BLUE = range(4)
COLOURS = np.array([[0, 0, 0], [255, 0, 0], [0, 255, 0], [0, 0, 255]], np.uint8)
NO_TEMPO = "tempo is not measured"
PICTURE, DAMAGED, LONG = "is a picture, not a video", "is damaged and cannot be opened", "is too long"


def screen(width=8, height=8, flags=0x81):
    return b"GIF89a" + struct.pack("<HHBBB", width, height, flags, BLACK, 0) + COLOURS.tobytes()


def frame(indices, *, at=(0, 0), delay=10, disposal=0, transparent=None, interlaced=False):
    """One frame of palette indices (h, w), its codes uncompressed: a clear code before each pixel."""
    height, width = np.shape(indices)
    rows = np.asarray(indices)
    if interlaced:
        rows = np.concatenate([rows[0::8], rows[4::8], rows[2::4], rows[1::2]])
    bits, count = 0, 0
    for code in [*(c for pixel in rows.ravel() for c in (4, int(pixel))), 5]:
        bits |= code << 3 * count
        count += 1
    data = bits.to_bytes((3 * count + 7) // 8, "little")
    blocks = b"".join(bytes([len(data[i : i + 255])]) + data[i : i + 255] for i in range(0, len(data), 255))
    flags = disposal << 2 | (transparent is not None)
    control = b"\x21\xf9\x04" + struct.pack("<BHB", flags, delay, transparent or 0) + b"\0"
    return control + b"\x2c" + struct.pack("<HHHHB", *at, width, height, 0x40 * interlaced) + b"\x02" + blocks + b"\0"


def plain(colour, height=8, width=8, **options):
    return frame(np.full((height, width), colour), **options)


def gif(path, *frames, head=None, end=b";"):
    path.write_bytes((head or screen()) + b"".join(frames) + end)
    return path


def pictures(path):
    return [image for _, image in read_frames(open_clip(path, Settings()))]


def get_refusal(path, **limits):
    with pytest.raises(ClipError) as caught:
        open_clip(path, Settings(**limits))
    return caught.value.problem


def by_pillow(path, clip_tools, delays_ms, kind="GIF"):
    images = [Image.new("RGB", (clip_tools.w, clip_tools.h), (clip_tools.level(i),) * 3) for i in range(len(delays_ms))]
    images[0].save(path, kind, save_all=True, append_images=images[1:], duration=delays_ms, loop=0)
    return path


@pytest.mark.parametrize("name", ["a.gif", "a.mp4", "a"])
def test_frames_and_times_of_another_encoder(tmp_path, clip_tools, name):
    delays_ms = [10 * int(d) for d in np.random.default_rng(0).integers(3, 20, clip_tools.n)]
    clip = open_clip(by_pillow(tmp_path / name, clip_tools, delays_ms), Settings())
    assert (clip.container, clip.codec, clip.width_px, clip.height_px) == ("gif", "gif", clip_tools.w, clip_tools.h)
    assert clip.times_s == pytest.approx(np.cumsum([0, *delays_ms[:-1]]) / 1000)
    assert clip.duration_s == pytest.approx(clip.times_s[-1] + 1 / clip.mean_fps)
    assert [(i, clip_tools.index_of(image)) for i, image in read_frames(clip)] == [(i, i) for i in range(clip_tools.n)]
    assert len(clip.warnings) == 1 and clip.warnings[0].endswith(NO_TEMPO)


@pytest.mark.parametrize("first", [1, 17, 35])
def test_reading_starts_anywhere(tmp_path, clip_tools, first):
    clip = open_clip(by_pillow(tmp_path / "a.gif", clip_tools, [50] * clip_tools.n), Settings())
    decoded = [(i, clip_tools.index_of(image)) for i, image in read_frames(clip, first, first + 9, 2)]
    assert decoded == [(i, i) for i in range(first, min(first + 9, clip_tools.n), 2)]


def test_delays_below_two_hundredths_last_a_tenth_of_a_second(tmp_path):
    delays = [5, 0, 1, 2, 3, 65535, 4]
    path = gif(tmp_path / "a.gif", *(plain(1 + i % 3, delay=d) for i, d in enumerate(delays)))
    clip = open_clip(path, Settings())
    assert clip.times_s == pytest.approx([0, 0.05, 0.15, 0.25, 0.27, 0.30, 655.65])
    assert not any("no times" in warning for warning in clip.warnings)


@pytest.mark.parametrize("delay", [0, 1])
def test_assumed_times_are_reported(tmp_path, delay):
    clip = open_clip(gif(tmp_path / "a.gif", *(plain(i, delay=delay) for i in (1, 2, 3))), Settings())
    assert clip.times_s == pytest.approx([0, 0.1, 0.2])
    assert "those of a browser are assumed, 0.1 s a frame" in clip.warnings[0]


@pytest.mark.parametrize("disposal, left", [(0, GREEN), (1, GREEN), (2, None), (3, RED)])
def test_disposal(tmp_path, disposal, left):
    patch = plain(GREEN, 4, 4, at=(2, 2), disposal=disposal)
    path = gif(tmp_path / "a.gif", plain(RED), patch, plain(BLUE, 1, 1))
    expected = np.tile(COLOURS[RED], (8, 8, 1))
    first, second, third = pictures(path)
    assert np.array_equal(first, expected)
    expected[2:6, 2:6] = COLOURS[GREEN]
    assert np.array_equal(second, expected)
    if left is not None:
        expected[2:6, 2:6] = COLOURS[left]
    else:  # the background, whose colour is left to the viewer
        expected[2:6, 2:6] = third[2, 2]
        assert third[2, 2].tolist() in ([0, 0, 0], [255, 255, 255])
    expected[0, 0] = COLOURS[BLUE]
    assert np.array_equal(third, expected)


def test_transparent_pixels_show_the_frame_before(tmp_path):
    board = np.indices((8, 8)).sum(axis=0) % 2 * GREEN
    _, second = pictures(gif(tmp_path / "a.gif", plain(RED), frame(board, transparent=BLACK)))
    assert np.array_equal(second, COLOURS[np.where(board == BLACK, RED, GREEN)])


def test_uncovered_areas_are_white(tmp_path):
    patches = [plain(colour, 4, 4, at=(2, 2), transparent=BLACK) for colour in (RED, BLUE)]
    for image, colour in zip(pictures(gif(tmp_path / "a.gif", *patches)), (RED, BLUE), strict=True):
        expected = np.full((8, 8, 3), 255, np.uint8)
        expected[2:6, 2:6] = COLOURS[colour]
        assert np.array_equal(image, expected)


def test_interlaced_rows_come_in_order(tmp_path):
    rows = np.repeat(np.arange(8)[:, None] % 4, 8, axis=1)
    for image in pictures(gif(tmp_path / "a.gif", *[frame(rows, interlaced=True)] * 2)):
        assert np.array_equal(image, COLOURS[rows])


def test_a_gif_is_never_copied_as_a_stream(tmp_path, clip_tools):
    clip = open_clip(by_pillow(tmp_path / "a.gif", clip_tools, [50] * 5), Settings())
    assert not copy_stream(clip, tmp_path / "copy.mp4")
    assert not (tmp_path / "copy.mp4").exists()


def test_still_pictures_are_refused(tmp_path, clip_tools):
    assert get_refusal(gif(tmp_path / "a.gif", plain(RED))) == PICTURE
    assert get_refusal(gif(tmp_path / "b.gif", plain(RED), end=b"")) == PICTURE
    assert get_refusal(gif(tmp_path / "c.gif", *[plain(RED)[8:]] * 2)) == PICTURE  # no delays: frames cannot be parted
    assert get_refusal(by_pillow(tmp_path / "a.png", clip_tools, [50] * 3, "PNG")) == PICTURE
    assert get_refusal(by_pillow(tmp_path / "a.webp", clip_tools, [50] * 3, "WEBP")) == PICTURE


def test_a_file_cut_anywhere_gives_its_whole_frames(tmp_path):
    frames = [plain(1 + i % 3) for i in range(4)]
    ends = np.cumsum([len(screen()), *map(len, frames)])
    data = gif(tmp_path / "whole.gif", *frames).read_bytes()
    path = tmp_path / "a.gif"
    for keep in range(6, len(data)):
        path.write_bytes(data[:keep])
        whole = int(np.searchsorted(ends, keep, side="right")) - 1
        if whole < 2:
            assert get_refusal(path) in (DAMAGED, PICTURE)
            continue
        clip = open_clip(path, Settings())
        colours = [image[0, 0].tolist() for image in pictures(path)]
        assert (keep, clip.frames, colours) == (keep, whole, [COLOURS[1 + i % 3].tolist() for i in range(whole)])
        broken_off = [line for line in clip.warnings if line.startswith("the file breaks off")]
        assert len(broken_off) == (keep not in ends)


@pytest.mark.parametrize("end", [b"", b";", b";\0\0", b";junk" * 20, b"; " + bytes(1000)])
def test_data_after_the_last_frame_is_not_a_loss(tmp_path, end):
    clip = open_clip(gif(tmp_path / "a.gif", *[plain(RED)] * 3, end=end), Settings())
    assert clip.frames == 3
    assert not any("breaks off" in warning for warning in clip.warnings)


def test_screens_of_impossible_size(tmp_path):
    frames = [plain(RED), plain(BLUE)]
    assert "far too large" in get_refusal(gif(tmp_path / "a.gif", *frames, head=screen(65535, 65535)))
    assert "5000 x 5000 pixels" in get_refusal(gif(tmp_path / "a.gif", *frames, head=screen(5000, 5000)))
    assert get_refusal(gif(tmp_path / "a.gif", *frames, head=screen(0, 0))) == DAMAGED


def test_frames_beyond_the_screen_are_clipped_or_left_out(tmp_path):
    path = gif(tmp_path / "a.gif", plain(RED), plain(GREEN, at=(6, 6)), plain(BLUE, at=(60, 60)), plain(BLUE))
    clip = open_clip(path, Settings())
    images = dict(read_frames(clip))
    assert clip.frames == 4 and list(images) == [0, 1, 3]
    assert images[1][7, 7].tolist() == COLOURS[GREEN].tolist() and images[1][5, 5].tolist() == COLOURS[RED].tolist()


def test_the_length_limit_applies_to_presentation_times(tmp_path):
    assert get_refusal(gif(tmp_path / "a.gif", *[plain(RED, delay=20)] * 10), max_duration_s=1).startswith(LONG)
    assert get_refusal(gif(tmp_path / "a.gif", *[plain(RED, delay=1)] * 12), max_duration_s=1).startswith(LONG)
    assert open_clip(gif(tmp_path / "a.gif", *[plain(RED, delay=1)] * 11), Settings(max_duration_s=1)).frames == 11


def test_thousands_of_tiny_frames(tmp_path):
    tiny = plain(RED, 1, 1, delay=2)
    assert open_clip(gif(tmp_path / "a.gif", tiny * 5000, head=screen(1000, 1000)), Settings()).frames == 5000
    assert get_refusal(gif(tmp_path / "b.gif", tiny * 100_000, head=screen(1000, 1000))).startswith(LONG)


def test_noise_never_gives_more_than_a_refusal(tmp_path):
    rng = np.random.default_rng(0)
    whole = np.frombuffer(gif(tmp_path / "a.gif", *[plain(1 + i % 3) for i in range(5)]).read_bytes(), np.uint8)
    for _ in range(200):
        data = whole.copy()
        data[rng.integers(6, len(data), 5)] = rng.integers(0, 256, 5)
        (tmp_path / "b.gif").write_bytes(data.tobytes())
        try:
            clip = open_clip(tmp_path / "b.gif", Settings())
        except ClipError:
            continue
        assert (np.diff(clip.times_s) > 0).all()
        assert {i for i, _ in read_frames(clip)} <= set(range(clip.frames))


def test_the_codec_is_read_from_gifs_only(tmp_path, clip_tools):
    path = clip_tools.make(tmp_path / "a.mov", codec="gif", pix_fmt="rgb8")
    assert get_refusal(path) == "is stored in a way that cannot be read (codec gif)"


def test_an_animation_is_recognised_by_its_second_frame(tmp_path):
    data = gif(tmp_path / "a.gif", *[plain(RED)] * 1000).read_bytes()

    class Counting(io.BytesIO):
        bytes_read = 0

        def read(self, count=-1):
            part = super().read(count)
            self.bytes_read += len(part)
            return part

    file = Counting(data)
    assert inspect_gif(file, len(data)).is_animated
    assert file.bytes_read < 100
