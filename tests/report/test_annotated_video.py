from types import SimpleNamespace

import numpy as np
import pytest

from analyzer.clip.frame_reader import read_frames
from analyzer.clip.h264_writer import VideoWriter
from analyzer.clip.probe import open_clip
from analyzer.load.load_path import LoadPath
from analyzer.report.drawing.frame_overlay import MAIN_ANGLE_LAYERS, NO_LAYERS, OverlayLayers
from analyzer.report.drawing.load_trail import LoadTrail
from analyzer.report.key_moments import KeyMoment
from analyzer.report.stills.keyframes import FrameCollector
from analyzer.report.video.annotated_video import choose_output_size, write_annotated_video, write_plain_video
from analyzer.report.video.clock_caption import NO_CAPTION, ClockCaption
from analyzer.settings import Settings
from analyzer.vocabulary.angles import MAIN_ANGLES
from tests.report.body import angle_table, standing_person


def filmed(folder, times_s, side=640, grey=lambda frame: 120):
    """A grey clip with frames at these times, and the track of a person standing still."""
    with VideoWriter(folder / "clip.mp4", side, side) as writer:
        for frame, time_s in enumerate(times_s):
            writer.write(np.full((side, side, 3), grey(frame), np.uint8), time_s)
    clip = open_clip(folder / "clip.mp4", Settings())
    points = np.repeat(standing_person()[None] * side / 640, len(times_s), axis=0)
    return clip, SimpleNamespace(times_s=clip.times_s, points_px=points, visibility=np.ones(points.shape[:2]))


@pytest.mark.parametrize(
    ("size", "written"),
    [((1920, 1080), (1280, 720)), ((2160, 3840), (720, 1280)), ((641, 479), (640, 480)), ((1, 1), (2, 2))],
)
def test_large_pictures_are_reduced_and_sides_are_even(size, written):
    assert choose_output_size(*size) == written


def test_uneven_times_are_preserved_and_every_frame_is_drawn(tmp_path):
    times_s = np.cumsum([0, 0.03, 0.05, 0.03, 0.1, 0.04])
    clip, track = filmed(tmp_path, times_s)
    progress_calls = []
    out = tmp_path / "annotated.mp4"
    write_annotated_video(clip, track, angle_table(6), "right", out, progress=lambda *call: progress_calls.append(call))
    annotated = open_clip(out, Settings())
    np.testing.assert_allclose(annotated.times_s, times_s, atol=1e-4)
    assert progress_calls == [("video", k, 6) for k in range(1, 7)]
    for _, image in read_frames(annotated):
        assert np.abs(image[330:430, 290:340].astype(int) - 120).max() > 60


def test_slow_motion_is_thinned_to_about_60_a_second(tmp_path):
    clip, track = filmed(tmp_path, np.arange(48) / 240)
    write_annotated_video(clip, track, angle_table(48, 240), "right", tmp_path / "annotated.mp4")
    np.testing.assert_allclose(open_clip(tmp_path / "annotated.mp4", Settings()).times_s, np.arange(12) / 60, atol=1e-4)


def test_ctrl_c_leaves_nothing_half_written(tmp_path):
    clip, track = filmed(tmp_path, np.arange(30) / 30)

    def interrupt(stage, done, total):
        if done == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_annotated_video(clip, track, angle_table(30), "right", tmp_path / "annotated.mp4", progress=interrupt)
    assert [path.name for path in tmp_path.iterdir()] == ["clip.mp4"]


MOMENTS = (KeyMoment("Rep 1, top", 0, 0.0, "rep-1"), KeyMoment("Rep 1, bottom", 15, 0.5, "rep-1"))


@pytest.mark.parametrize("with_video", [True, False])
def test_pictures_from_the_video_pass_and_from_the_clip_are_the_same_frames(tmp_path, with_video):
    clip, track = filmed(tmp_path, np.arange(31) / 30)
    album = FrameCollector(clip, track, angle_table(31), "right", MOMENTS)
    if with_video:
        write_annotated_video(
            clip, track, angle_table(31), "right", tmp_path / "annotated.mp4", on_frame=album.add_picture
        )
    else:
        album.read_frames()
    top, bottom = album.draw_pictures(MOMENTS, MAIN_ANGLE_LAYERS)
    assert (top.moment, bottom.moment) == MOMENTS
    assert top.image.shape == bottom.image.shape and max(top.image.shape) <= 480
    assert bottom.angles["trunk_thigh_deg"] == pytest.approx(93)
    (plain,) = album.draw_pictures(MOMENTS[:1], NO_LAYERS)
    assert plain.angles == {} and not np.array_equal(plain.image, top.image)
    assert np.abs(plain.image.astype(int) - 120).max() > 60  # the skeleton is drawn


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_a_clip_is_read_in_parts_side_by_side_and_gives_the_same_pictures(tmp_path, threads):
    clip, track = filmed(tmp_path, np.arange(90) / 30, grey=lambda frame: 60 + frame)
    moments = [KeyMoment(str(frame), frame, frame / 30) for frame in (2, 3, 50, 89)]
    album = FrameCollector(clip, track, angle_table(90), "right", moments)
    album.read_frames(moments, threads)
    pictures = album.draw_pictures(moments, NO_LAYERS)
    assert [picture.moment for picture in pictures] == moments
    assert [np.median(picture.image) for picture in pictures] == pytest.approx([62, 63, 110, 149], abs=2)


def test_a_moment_between_the_frames_of_slow_motion_takes_the_next_one(tmp_path):
    clip, track = filmed(tmp_path, np.arange(48) / 240)
    moment = KeyMoment("Rep 1, bottom", 13, 13 / 240)
    album = FrameCollector(clip, track, angle_table(48, 240), "right", [moment])
    album.read_frames()
    assert [picture.moment for picture in album.draw_pictures([moment], MAIN_ANGLE_LAYERS)] == [moment]


def test_a_note_is_drawn_under_the_clock_with_a_bright_mark(tmp_path):
    clip, track = filmed(tmp_path, np.arange(3) / 30)
    out = tmp_path / "annotated.mp4"
    captions = [NO_CAPTION, ClockCaption("rep 1 of 2"), ClockCaption("rep 1 of 2: bottom", True)]
    write_annotated_video(clip, track, angle_table(3), "right", out, captions=captions)
    none, plain, marked = (image[42:75, :330].astype(int) for _, image in read_frames(open_clip(out, Settings())))
    assert (none < 60).mean() < 0.02 < (plain < 60).mean() < (marked < 60).mean()
    yellow = [((part[..., :2].min(axis=2) - part[..., 2]) > 60).sum() for part in (plain, marked)]
    assert yellow[0] == 0 and yellow[1] > 20


def test_the_load_is_drawn_in_the_reduced_video_and_in_the_pictures(tmp_path, lifted):
    clip, track = filmed(tmp_path, np.arange(31) / 30, side=1440)  # written half as large
    path = LoadPath(np.column_stack([np.full(31, 1200.0), 1000.0 - 4 * np.arange(31)]), 100.0)
    load = LoadTrail.from_load_path(path, lifted.reps[:1], track.times_s)
    album = FrameCollector(clip, track, angle_table(31), "right", MOMENTS)
    out = tmp_path / "annotated.mp4"
    write_annotated_video(
        clip,
        track,
        angle_table(31),
        "right",
        out,
        layers=OverlayLayers(MAIN_ANGLES, load=load),
        on_frame=album.add_picture,
    )
    frames = dict(read_frames(open_clip(out, Settings())))

    def is_orange(image):
        return (image[..., 0].astype(int) - image[..., 2] > 60) & (image[..., 1].astype(int) - image[..., 2] > 30)

    # By frame 15 the centre is at half of (1200, 940), with a rim of 50; colour is coarser than the picture.
    y, x = np.nonzero(is_orange(frames[15][:, 500:]))
    assert (x.min(), x.max(), y.min(), y.max()) == pytest.approx((50, 150, 420, 520), abs=4)
    assert not is_orange(frames[29][:, 500:]).any()  # the rep is over
    with_load, without = (
        album.draw_pictures(MOMENTS[1:], layers)[0] for layers in (OverlayLayers(load=load), NO_LAYERS)
    )
    assert is_orange(with_load.image).sum() > 100 and not is_orange(without.image).any()


@pytest.mark.parametrize("blurred", [False, True])
def test_the_plain_video_has_the_frames_and_times_and_nothing_drawn(tmp_path, blurred):
    times_s = np.cumsum([0, 0.03, 0.05, 0.03, 0.1, 0.04])
    clip, track = filmed(tmp_path, times_s, side=1440)
    progress_calls, frames_passed = [], []
    out = tmp_path / "plain.mp4"
    write_plain_video(
        clip,
        track,
        out,
        blur_faces=blurred,
        on_frame=lambda index, image: frames_passed.append(index),
        progress=lambda *call: progress_calls.append(call),
    )
    plain = open_clip(out, Settings())
    assert (plain.width_px, plain.height_px, frames_passed) == (720, 720, list(range(6)))
    np.testing.assert_allclose(plain.times_s, times_s, atol=1e-4)
    assert progress_calls == [("video", k, 6) for k in range(1, 7)]
    for _, image in read_frames(plain):
        assert np.abs(image.astype(int) - 120).max() < 12


def test_in_the_plain_video_the_head_is_covered_for_good(tmp_path):
    with VideoWriter(tmp_path / "clip.mp4", 640, 640) as writer:
        noise = np.random.default_rng(2).integers(0, 256, (160, 160, 3), np.uint8).repeat(4, 0).repeat(4, 1)
        for k in range(3):
            writer.write(noise, k / 30)
    clip = open_clip(tmp_path / "clip.mp4", Settings())
    points = np.repeat(standing_person()[None], 3, axis=0)
    track = SimpleNamespace(times_s=clip.times_s, points_px=points)
    write_plain_video(clip, track, tmp_path / "plain.mp4", blur_faces=True)
    for _, image in read_frames(open_clip(tmp_path / "plain.mp4", Settings())):
        head, knee = (image[y - 20 : y + 20, x - 20 : x + 20].astype(float) for x, y in ((335, 90), (318, 440)))
        assert head.std(axis=(0, 1)).mean() < 0.3 * knee.std(axis=(0, 1)).mean()


def test_slow_motion_is_thinned_in_the_plain_video_too(tmp_path):
    clip, track = filmed(tmp_path, np.arange(48) / 240)
    write_plain_video(clip, track, tmp_path / "plain.mp4")
    np.testing.assert_allclose(open_clip(tmp_path / "plain.mp4", Settings()).times_s, np.arange(12) / 60, atol=1e-4)
