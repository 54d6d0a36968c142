"""`annotated.mp4`: the clip with what was measured drawn on it."""

from collections.abc import Callable, Generator, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from analyzer.clip.frame_reader import read_frames
from analyzer.clip.h264_writer import VideoWriter
from analyzer.clip.probe import Clip
from analyzer.kinematics.landmarks import Facing
from analyzer.pose.track import CleanTrack
from analyzer.progress import ProgressCallback
from analyzer.report.angle_names import MAIN_ANGLES
from analyzer.report.drawing.back_trail import BackTrail
from analyzer.report.drawing.face_blur import blur_face, locate_head_discs
from analyzer.report.drawing.label_placement import LabelPlacer
from analyzer.report.drawing.labels import RgbImage
from analyzer.report.drawing.load_trail import LoadTrail
from analyzer.report.drawing.overlay import draw_frame, find_rough_angles
from analyzer.report.video.prefetch import prefetch

MAX_SHORT_SIDE_PX = 720
"""Of the written picture, at most. 1080 lines would take the encoder twice the time and a phone shows no more."""
MAX_OUTPUT_FPS = 60.0


def write_annotated_video(
    clip: Clip,
    track: CleanTrack,
    angles: pd.DataFrame,
    facing: Facing,
    out_path: str | Path,
    *,
    blur_faces: bool = False,
    labels: Sequence[str] = MAIN_ANGLES,
    notes: Sequence[tuple[str, bool]] | None = None,
    load: LoadTrail | None = None,
    back: BackTrail | None = None,
    seen: Callable[[int, RgbImage], None] = lambda index, image: None,
    progress: ProgressCallback = lambda stage, done, total: None,
) -> None:
    """Write the annotated clip: H.264, the frames' true times, no sound; whole or not at all.

    Decoding, drawing and encoding run beside one another, a few frames apart: memory does not grow with the clip.

    Parameters
    ----------
    clip : the source.
    track : (T,) rows, one a source frame, in full-size pixels.
    angles : T rows, columns of `angles.csv`.
    facing : the image side the person faces.
    out_path : where the video goes.
    blur_faces : cover the subject's head; see `face.py`.
    labels : angle columns shown as labels, the most wanted first; none where no degrees may be given.
    notes : T texts shown under the clock, each with whether it is marked; see `running.py`.
    load : drawn during a rep with its way since the rep began.
    back : drawn in every frame in which something is said of it.
    seen : called with the index and the picture of every frame that is written, before anything is drawn on it.
    progress : called with "video", frames done, frames in all.
    """
    width, height = choose_output_size(clip.width_px, clip.height_px)
    scale = np.array([width / clip.width_px, height / clip.height_px])
    discs = locate_head_discs(track.points_px * scale, track.times_s) if blur_faces else None
    step = choose_frame_step(clip.mean_fps)
    shown = angles[list(labels)].to_numpy(dtype=float)
    confidence = angles["confidence"].to_numpy(dtype=float)
    placer = LabelPlacer()

    def decoded() -> Generator[tuple[int, RgbImage], None, None]:
        yield from read_frames(clip, step=step, size_px=(width, height))

    def drawn() -> Generator[tuple[float, RgbImage], None, None]:
        for index, image in prefetch(decoded()):
            if discs is not None:
                blur_face(image, discs[index])
            seen(index, image)
            time_s = float(track.times_s[index])
            mark = load.at(index) if load is not None else None
            line = back.at(index) if back is not None else None
            note, marked = notes[index] if notes is not None else ("", False)
            draw_frame(
                image,
                track.points_px[index] * scale,
                track.visibility[index],
                facing,
                dict(zip(labels, shown[index], strict=True)),
                confidence[index],
                time_s=time_s,
                note=note,
                marked=marked,
                about=find_rough_angles(angles, labels, index),
                placer=placer,
                load=mark.moved(scale) if mark is not None else None,
                back=line.moved(scale) if line is not None else None,
            )
            yield time_s, image

    total = len(range(0, len(track.times_s), step))
    frames = prefetch(drawn())
    try:
        with VideoWriter(out_path, width, height) as writer:
            for done, (time_s, image) in enumerate(frames, start=1):
                writer.write(image, time_s)
                progress("video", done, total)
    finally:
        frames.close()


def write_plain_video(
    clip: Clip,
    track: CleanTrack,
    out_path: str | Path,
    *,
    blur_faces: bool = False,
    seen: Callable[[int, RgbImage], None] = lambda index, image: None,
    progress: ProgressCallback = lambda stage, done, total: None,
) -> None:
    """Write the clip anew as `write_annotated_video` does, upright and of the same size, with nothing drawn on it."""
    size = choose_output_size(clip.width_px, clip.height_px)
    scale = np.array(size) / (clip.width_px, clip.height_px)
    discs = locate_head_discs(track.points_px * scale, track.times_s) if blur_faces else None
    step = choose_frame_step(clip.mean_fps)
    total = len(range(0, len(track.times_s), step))
    with VideoWriter(out_path, *size) as writer:
        for done, (index, image) in enumerate(read_frames(clip, step=step, size_px=size), start=1):
            if discs is not None:
                blur_face(image, discs[index])
            seen(index, image)
            writer.write(image, float(track.times_s[index]))
            progress("video", done, total)


def choose_frame_step(mean_fps: float) -> int:
    """Every how many frames of the clip one is written."""
    return max(1, round(mean_fps / MAX_OUTPUT_FPS))


def choose_output_size(width_px: int, height_px: int) -> tuple[int, int]:
    """Even width and height of the written picture: the clip's own, or reduced to `MAX_SHORT_SIDE_PX`."""
    scale = min(1.0, MAX_SHORT_SIDE_PX / min(width_px, height_px))
    return 2 * max(1, round(width_px * scale / 2)), 2 * max(1, round(height_px * scale / 2))
