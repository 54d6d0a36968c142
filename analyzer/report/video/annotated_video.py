"""`annotated.mp4`: the clip with the measured body drawn on it; and the clip itself as browsers play it."""

from collections.abc import Callable, Generator, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from analyzer.clip.frame_reader import read_yuv_pictures
from analyzer.clip.h264_writer import VideoWriter
from analyzer.clip.probe import Clip
from analyzer.clip.yuv_picture import YuvPicture
from analyzer.kinematics.landmarks import Facing
from analyzer.pose.track import CleanTrack
from analyzer.progress import ProgressCallback
from analyzer.report.drawing.canvas import Canvas
from analyzer.report.drawing.face_blur import blur_face_yuv, locate_head_discs
from analyzer.report.drawing.frame_overlay import MAIN_ANGLE_LAYERS, FramePlacement, OverlayLayers, build_frame_overlay
from analyzer.report.drawing.label_placement import LabelPlacer
from analyzer.report.drawing.overlay import draw_frame
from analyzer.report.video.clock_caption import NO_CAPTION, ClockCaption
from analyzer.report.video.prefetch import prefetch

FrameCallback = Callable[[int, YuvPicture], None]
"""Called with the index and the picture of every frame that is written, before anything is drawn on it."""

MAX_SHORT_SIDE_PX = 720
"""Of the written picture, at most; chosen: 1080 lines take the encoder twice the time, and a phone shows no more."""
MAX_OUTPUT_FPS = 60.0
"""Of the written video, at most; chosen."""


def write_annotated_video(
    clip: Clip,
    track: CleanTrack,
    angles: pd.DataFrame,
    facing: Facing,
    out_path: str | Path,
    *,
    layers: OverlayLayers = MAIN_ANGLE_LAYERS,
    captions: Sequence[ClockCaption] | None = None,
    blur_faces: bool = False,
    on_frame: FrameCallback = lambda index, picture: None,
    progress: ProgressCallback = lambda stage, done, total: None,
) -> None:
    """Write the annotated clip: H.264, the frames' true times, no sound; the whole file or none.

    Decoding, drawing and encoding overlap, a few frames apart: memory does not grow with the clip.

    Parameters
    ----------
    clip : the source.
    track : (T,) rows, one a source frame, in full-size pixels.
    angles : T rows, columns of `angles.csv`.
    facing : the image side that the person faces.
    out_path : of the video.
    layers : what is drawn beside the skeleton.
    captions : T captions under the clock; None for none.
    blur_faces : cover the subject's head; see `face_blur`.
    on_frame : called with every frame before anything is drawn on it.
    progress : called with "video", frames done, frames in all.
    """
    # Long by its parameters; the steps share them, and each is a short function below.
    width, height = choose_output_size(clip.width_px, clip.height_px)
    placement = FramePlacement(np.array([width / clip.width_px, height / clip.height_px]))
    discs = locate_head_discs(track.points_px * placement.scale, track.times_s) if blur_faces else None
    columns = {str(name): angles[name].to_numpy() for name in angles}
    step = choose_frame_step(clip.mean_fps)
    placer = LabelPlacer()

    def decode() -> Generator[tuple[int, YuvPicture], None, None]:
        """Return index and picture of every frame that is written."""
        yield from read_yuv_pictures(clip, step, (width, height))

    def draw() -> Generator[tuple[float, YuvPicture], None, None]:
        """Return time and drawn picture of every frame that is written."""
        for index, picture in prefetch(decode()):
            if discs is not None:
                blur_face_yuv(picture, discs[index])
            on_frame(index, picture)
            time_s = float(track.times_s[index])
            caption = captions[index] if captions is not None else NO_CAPTION
            draw_frame(
                Canvas.from_yuv(picture),
                build_frame_overlay(track, columns, facing, layers, placement, index),
                time_s=time_s,
                note=caption.text,
                is_highlighted=caption.is_highlighted,
                placer=placer,
            )
            yield time_s, picture

    total = len(range(0, len(track.times_s), step))
    frames = prefetch(draw())
    try:
        with VideoWriter(out_path, width, height) as writer:
            for done, (time_s, picture) in enumerate(frames, start=1):
                writer.write_yuv(picture, time_s)
                progress("video", done, total)
    finally:
        frames.close()


def write_plain_video(
    clip: Clip,
    track: CleanTrack,
    out_path: str | Path,
    *,
    blur_faces: bool = False,
    on_frame: FrameCallback = lambda index, picture: None,
    progress: ProgressCallback = lambda stage, done, total: None,
) -> None:
    """Write the clip as `write_annotated_video` does, upright and of the same size, with nothing drawn on it."""
    size = choose_output_size(clip.width_px, clip.height_px)
    scale = np.array(size) / (clip.width_px, clip.height_px)
    discs = locate_head_discs(track.points_px * scale, track.times_s) if blur_faces else None
    step = choose_frame_step(clip.mean_fps)
    total = len(range(0, len(track.times_s), step))
    with VideoWriter(out_path, *size) as writer:
        for done, (index, picture) in enumerate(read_yuv_pictures(clip, step, size), start=1):
            if discs is not None:
                blur_face_yuv(picture, discs[index])
            on_frame(index, picture)
            writer.write_yuv(picture, float(track.times_s[index]))
            progress("video", done, total)


def choose_frame_step(mean_fps: float) -> int:
    """Return n: every n-th frame of the clip is written."""
    return max(1, round(mean_fps / MAX_OUTPUT_FPS))


def choose_output_size(width_px: int, height_px: int) -> tuple[int, int]:
    """Return even width and height of the written picture: the clip's own, or reduced to `MAX_SHORT_SIDE_PX`."""
    scale = min(1.0, MAX_SHORT_SIDE_PX / min(width_px, height_px))
    return 2 * max(1, round(width_px * scale / 2)), 2 * max(1, round(height_px * scale / 2))
