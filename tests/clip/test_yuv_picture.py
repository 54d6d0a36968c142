"""Pictures of a video in its own layout agree with the same pictures read as RGB."""

import numpy as np
import pytest
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange, Colorspace

from analyzer.clip.frame_reader import read_frames, read_yuv_pictures
from analyzer.clip.h264_writer import VideoWriter
from analyzer.clip.probe import open_clip
from analyzer.clip.upright_picture import Orientation, UprightConverter
from analyzer.clip.yuv_picture import ColourMatrix, YuvConverter
from analyzer.settings import Settings

RED, GREEN, BLUE, GREY = (200, 40, 30), (40, 180, 60), (30, 50, 190), (120, 120, 120)


def quarters(height, width):
    image = np.empty((height, width, 3), np.uint8)
    image[: height // 2, : width // 2], image[: height // 2, width // 2 :] = RED, GREEN
    image[height // 2 :, : width // 2], image[height // 2 :, width // 2 :] = BLUE, GREY
    return image


def stored(image, pixel_format, matrix, color_range=ColorRange.MPEG):
    frame = VideoFrame.from_ndarray(image, "rgb24")
    return frame.reformat(format=pixel_format, dst_colorspace=matrix, dst_color_range=color_range)


def middles(image):
    """Colours in the middle of the four quarters."""
    height, width = image.shape[:2]
    return [image[height * y // 4, width * x // 4].astype(int) for y in (1, 3) for x in (1, 3)]


@pytest.mark.parametrize("rotation_deg", [0, 90, 180, 270])
@pytest.mark.parametrize("mirrored", [False, True])
def test_rotated_pictures_agree_with_rgb(rotation_deg, mirrored):
    orientation = Orientation(rotation_deg, mirrored)
    size_px = (80, 120) if rotation_deg in (90, 270) else (120, 80)
    frame = stored(quarters(120, 180), "yuv420p", Colorspace.ITU709)
    expected = UprightConverter(size_px, orientation)(frame)
    picture = YuvConverter(size_px, orientation)(frame)
    assert picture.luma.shape == size_px[::-1] and picture.matrix is ColourMatrix.BT709
    assert np.abs(np.subtract(middles(picture.to_rgb()), middles(expected))).max() <= 3


@pytest.mark.parametrize(
    ("pixel_format", "matrix", "color_range", "kept"),
    [
        ("yuv420p", Colorspace.ITU709, ColorRange.MPEG, ColourMatrix.BT709),
        ("yuv420p", Colorspace.ITU601, ColorRange.MPEG, ColourMatrix.BT601),
        ("yuvj420p", Colorspace.ITU709, ColorRange.JPEG, ColourMatrix.BT709),
        ("yuv422p", Colorspace.ITU601, ColorRange.MPEG, ColourMatrix.BT601),
        ("yuv420p10le", Colorspace.ITU709, ColorRange.MPEG, ColourMatrix.BT709),
    ],
)
@pytest.mark.parametrize("size_px", [(120, 80), (40, 20), (180, 120)])
def test_colours_agree_with_rgb_in_every_format_and_size(pixel_format, matrix, color_range, kept, size_px):
    frame = stored(quarters(120, 180), pixel_format, matrix, color_range)
    picture = YuvConverter(size_px, Orientation())(frame)
    assert picture.matrix is kept
    assert np.abs(np.subtract(middles(picture.to_rgb()), [RED, GREEN, BLUE, GREY])).max() <= 4


def test_a_frame_with_another_matrix_gets_that_of_the_first():
    convert = YuvConverter((120, 80), Orientation())
    for matrix in (Colorspace.ITU709, Colorspace.ITU601):
        picture = convert(stored(quarters(120, 180), "yuv420p", matrix))
        assert picture.matrix is ColourMatrix.BT709
        assert np.abs(np.subtract(middles(picture.to_rgb()), [RED, GREEN, BLUE, GREY])).max() <= 6


def test_pictures_written_without_conversion_come_back_unchanged(tmp_path):
    with VideoWriter(tmp_path / "source.mp4", 180, 120) as writer:
        for number in range(7):
            writer.write(np.roll(quarters(120, 180), 4 * number, axis=1), number / 30)
    source = open_clip(tmp_path / "source.mp4", Settings())
    with VideoWriter(tmp_path / "copy.mp4", 180, 120) as writer:
        for index, picture in read_yuv_pictures(source, 3, (180, 120)):
            writer.write_yuv(picture, source.times_s[index])
    copy = open_clip(tmp_path / "copy.mp4", Settings())
    assert copy.times_s == pytest.approx([0, 0.1, 0.2], abs=1e-4)
    pairs = zip(read_frames(source, step=3), read_frames(copy), strict=True)
    for (_, was), (_, now) in pairs:
        assert np.abs(was.astype(int) - now).mean() < 2


def test_a_picture_of_another_size_is_refused(tmp_path):
    picture = YuvConverter((120, 80), Orientation())(stored(quarters(120, 180), "yuv420p", Colorspace.ITU709))
    with pytest.raises(ValueError, match="expected a picture"), VideoWriter(tmp_path / "a.mp4", 60, 40) as writer:
        writer.write_yuv(picture, 0.0)
