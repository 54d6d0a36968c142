"""Upright, in square pixels, at the requested size, in true colours."""

from fractions import Fraction

import numpy as np
import pytest
from av.video.reformatter import ColorRange, Colorspace

from analyzer.clip.frame_reader import read_frames
from analyzer.clip.probe import open_clip
from analyzer.settings import Settings

RED, GREEN, BLUE, WHITE = (220, 30, 30), (30, 200, 40), (40, 50, 210), (235, 235, 235)


def corners(width=96, height=64) -> np.ndarray:
    """Red top left, green top right, blue bottom left, white bottom right."""
    image = np.zeros((height, width, 3), np.uint8)
    image[: height // 2, : width // 2], image[: height // 2, width // 2 :] = RED, GREEN
    image[height // 2 :, : width // 2], image[height // 2 :, width // 2 :] = BLUE, WHITE
    return image


def corner_colours(image):
    h, w, _ = image.shape
    spots = (h // 4, w // 4), (h // 4, 3 * w // 4), (3 * h // 4, w // 4), (3 * h // 4, 3 * w // 4)
    return np.array([image[y - 2 : y + 3, x - 2 : x + 3].mean(axis=(0, 1)) for y, x in spots])


def first_image(clip, **options):
    return next(read_frames(clip, **options))[1]


@pytest.mark.parametrize(
    "name, mirrored",
    [("a.mp4", False), ("a.mp4", True), ("a.mov", False), ("a.mov", True), ("a.mkv", False)],  # no mirror in Matroska
)
@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_a_rotated_clip_is_shown_upright(tmp_path, clip_tools, name, turn, mirrored):
    upright = corners()
    stored = np.rot90(upright[:, ::-1] if mirrored else upright, turn // 90)  # undone by `turn` degrees clockwise
    path = clip_tools.make(
        tmp_path / name, images=[np.ascontiguousarray(stored)] * 3, turn_ccw_deg=-turn, hflip=mirrored
    )
    clip = open_clip(path, Settings())
    assert (clip.rotation_deg, clip.mirrored) == (turn, mirrored)
    assert (clip.width_px, clip.height_px) == (96, 64)
    for size_px in (None, (48, 32), (120, 80)):
        image = first_image(clip, size_px=size_px)
        assert image.shape == (*(size_px or (96, 64))[::-1], 3)
        assert image.flags.c_contiguous and image.flags.writeable
        assert corner_colours(image) == pytest.approx(np.array([RED, GREEN, BLUE, WHITE]), abs=9)


@pytest.mark.parametrize("turn, size", [(0, (128, 64)), (90, (64, 128))])
def test_pixels_that_are_not_square_become_so(tmp_path, clip_tools, turn, size):
    path = clip_tools.make(tmp_path / "a.mp4", images=[corners()] * 2, pixel_aspect=Fraction(4, 3), turn_ccw_deg=-turn)
    clip = open_clip(path, Settings())
    assert (clip.width_px, clip.height_px) == size
    assert first_image(clip).shape == (size[1], size[0], 3)


@pytest.mark.parametrize("aspect", [Fraction(1, 100), Fraction(100, 1)])
def test_an_implausible_pixel_aspect_ratio_is_ignored(tmp_path, clip_tools, aspect):
    clip = open_clip(clip_tools.make(tmp_path / "a.mkv", images=[corners()] * 2, pixel_aspect=aspect), Settings())
    assert (clip.width_px, clip.height_px) == (96, 64)


@pytest.mark.parametrize("size_px", [None, (48, 32), (47, 31)])
@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize("matrix", [Colorspace.ITU601, Colorspace.ITU709])
@pytest.mark.parametrize("codec, pix_fmt", [("libx264", "yuv420p"), ("libx265", "yuv420p10le"), ("libx264", "yuv444p")])
def test_colours_come_back(tmp_path, clip_tools, codec, pix_fmt, matrix, full, size_px):
    colour = (int(matrix), int(ColorRange.JPEG if full else ColorRange.MPEG))
    path = clip_tools.make(tmp_path / "a.mp4", images=[corners()] * 2, codec=codec, pix_fmt=pix_fmt, colour=colour)
    image = first_image(open_clip(path, Settings()), size_px=size_px)
    assert corner_colours(image) == pytest.approx(np.array([RED, GREEN, BLUE, WHITE]), abs=7)


def test_untagged_high_definition_is_taken_as_bt709(tmp_path, clip_tools):
    images = [corners(1280, 720)] * 2
    options = {"x264-params": "colormatrix=undef:log-level=-1"}
    path = clip_tools.make(tmp_path / "a.mkv", images=images, colour=(int(Colorspace.ITU709), 1), options=options)
    image = first_image(open_clip(path, Settings()), size_px=(640, 360))
    assert corner_colours(image) == pytest.approx(np.array([RED, GREEN, BLUE, WHITE]), abs=7)
