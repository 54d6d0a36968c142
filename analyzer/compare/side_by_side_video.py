"""Render `side_by_side.mp4`: two or three clips next to each other, aligned on the movement; and stills of them."""

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from analyzer.clip.frame_reader import read_frames
from analyzer.clip.h264_writer import VideoWriter
from analyzer.clip.image_types import RgbImage
from analyzer.clip.probe import Clip
from analyzer.kinematics.arrays import FloatArray
from analyzer.progress import ProgressCallback
from analyzer.report.drawing.canvas import Canvas
from analyzer.report.drawing.labels import render_label
from analyzer.report.drawing.overlay import get_drawing_unit_px
from analyzer.report.video.prefetch import prefetch

RelativeBox = tuple[float, float, float, float]
EventTimes = tuple[float, ...]

OUTPUT_FPS = 30.0
_LEAD_S = 0.5  # shown before the first event and after the last; chosen
_LONG_SIDE_PX, _SHORT_SIDE_PX = 1280, 720  # largest size of the whole picture: every phone plays it
_MARGIN = 0.12  # around the person, as a fraction of the body's longer side; chosen
_MARGIN_LYING = 0.3  # above and below a lying body, for the labels; chosen
_LABEL_UNITS = 118.0  # smallest margin left and right of the person, for the labels; see overlay.py
_WIDE_ASPECT = 2.2  # wider pictures, as of a plank, are stacked; chosen
_ABOVE_UNITS = 30.0  # smallest margin above the person, likewise
_CORNER_UNITS = (142.0, 46.0)  # width and height of clock and note of annotated.mp4; see overlay.py
_SEEK_S = 4.0  # longer gaps are skipped without decoding; chosen
_GAP_PX = 6
_OVERDRAW_PX = 4  # shown beyond the cut, in place of a thin dark edge; chosen
_BACKGROUND_RGB = (16, 18, 22)


@dataclass(frozen=True)
class VideoPanel:
    """One side of the video.

    Attributes
    ----------
    clip : the video that is shown.
    caption : label, such as "A".
    box : x0, y0, x1, y1 around the person, as fractions of the picture's width and height.
    events : times of start, bottom and end of each rep, or of start and end of each hold or stage, seconds.
    """

    clip: Clip
    caption: str
    box: RelativeBox
    events: Sequence[EventTimes]


def align_times(sides: Sequence[Sequence[EventTimes]], ends_s: Sequence[float], *, warp: bool) -> FloatArray:
    """Compute which moment of each side is shown at each frame of the video.

    Parameters
    ----------
    sides : one sequence of events for each side; the k-th event of one is shown with the k-th of the others, and
        additional events of one side are left out. Times do not decrease within a side.
    ends_s : time of the last frame of each clip, seconds.
    warp : True: the times of all sides coincide, since the quicker side is slowed down from each time to the next.
        False: the sides run at their own speed from the first time, and the shorter one waits at its end.

    Returns
    -------
    float array (N, sides), seconds, `OUTPUT_FPS` rows per second; no column decreases. Rests between events are left
    out.
    """
    count = min(len(events) for events in sides)
    if count == 0:
        raise ValueError("expected at least one event on every side")
    parts = []
    for k in range(count):
        anchors = np.array([events[k] for events in sides], dtype=float)  # (sides, anchors)
        parts.append(_align_event(anchors, warp=warp))
    lead = np.arange(round(_LEAD_S * OUTPUT_FPS)) / OUTPUT_FPS
    before = np.maximum(0.0, parts[0][0] - _LEAD_S + lead[:, None])
    after = np.minimum(parts[-1][-1] + lead[:, None] + 1 / OUTPUT_FPS, np.asarray(ends_s)[None])
    shown = np.concatenate([before, *parts, after])
    return np.maximum.accumulate(shown, axis=0)


def _align_event(anchors: FloatArray, *, warp: bool) -> FloatArray:
    """Align one event; returns times (frames, sides)."""
    if not warp:
        length = float((anchors[:, -1] - anchors[:, 0]).max())
        shown_s = np.arange(int(length * OUTPUT_FPS) + 1) / OUTPUT_FPS
        return np.minimum(anchors[:, 0] + shown_s[:, None], anchors[:, -1])
    lasts = np.diff(anchors, axis=1).max(axis=0)
    ticks = np.concatenate([[0.0], np.cumsum(lasts)])
    frames = np.maximum(np.round(np.diff(ticks) * OUTPUT_FPS), lasts > 0).astype(int)
    parts = [
        start + (end - start) * (np.arange(n) / n)[:, None]
        for start, end, n in zip(anchors.T[:-1], anchors.T[1:], frames, strict=True)
        if n
    ]
    return np.concatenate([*parts, anchors.T[-1:]])


def write_side_by_side(
    panels: Sequence[VideoPanel],
    path: str | Path,
    *,
    warp: bool,
    progress: ProgressCallback = lambda stage, done, total: None,
) -> None:
    """Write the video (H.264, no sound), completely or not at all; memory does not grow with the clips."""
    times_s = align_times(
        [panel.events for panel in panels], [float(panel.clip.times_s[-1]) for panel in panels], warp=warp
    )
    layout = _VideoLayout.of(panels)

    def render_frames() -> Generator[RgbImage, None, None]:
        streams = [
            _read_pictures(panel.clip, _frames_at(panel.clip, times_s[:, i]), place.size_px)
            for i, (panel, place) in enumerate(zip(panels, layout.places, strict=True))
        ]
        for pictures in zip(*streams, strict=True):
            yield layout.render(pictures)

    frames = prefetch(render_frames())
    try:
        with VideoWriter(path, *layout.size_px, fps=OUTPUT_FPS) as writer:
            for done, image in enumerate(frames, start=1):
                writer.write(image, (done - 1) / OUTPUT_FPS)
                progress("side by side", done, len(times_s))
    finally:
        frames.close()


def render_stills(panels: Sequence[VideoPanel], times_s: Sequence[float]) -> list[RgbImage]:
    """Render one picture of each side at its time, cropped to the person as in the video."""
    layout = _VideoLayout.of(panels)
    images = []
    for panel, place, time_s in zip(panels, layout.places, times_s, strict=True):
        indices = _frames_at(panel.clip, np.array([time_s]))
        picture = next(iter(_read_pictures(panel.clip, indices, place.size_px)))
        image = np.full((place.panel_px[1], place.panel_px[0], 3), _BACKGROUND_RGB, np.uint8)
        place.put(image, picture, 0, 0)
        images.append(image)
    return images


@dataclass(frozen=True)
class _PanelLayout:
    """Scale and crop of one clip: panel size, scaled size, crop in the scaled picture, offset in the panel."""

    panel_px: tuple[int, int]
    size_px: tuple[int, int]
    x0: int
    y0: int
    x1: int
    y1: int
    dx: int
    dy: int

    def put(self, image: RgbImage, picture: RgbImage, x: int, y: int) -> None:
        part = picture[self.y0 : self.y1, self.x0 : self.x1]
        image[y + self.dy : y + self.dy + part.shape[0], x + self.dx : x + self.dx + part.shape[1]] = part


@dataclass(frozen=True)
class _VideoLayout:
    """Position and size of all panels in the video."""

    panels: Sequence[VideoPanel]
    places: Sequence[_PanelLayout]
    corners: Sequence[tuple[int, int]]
    size_px: tuple[int, int]

    @staticmethod
    def of(panels: Sequence[VideoPanel]) -> "_VideoLayout":
        """Lay out panels next to each other, or stacked where one of them is wide."""
        cuts = [_crop_panel(panel) for panel in panels]
        aspects = [
            (x1 - x0) * panel.clip.width_px / ((y1 - y0) * panel.clip.height_px)
            for panel, (x0, y0, x1, y1) in zip(panels, cuts, strict=True)
        ]
        total_px = _LONG_SIDE_PX - _GAP_PX * (len(panels) - 1)
        if max(aspects) > _WIDE_ASPECT:  # stacked, all of one width
            wide = min(_SHORT_SIDE_PX, total_px / sum(1 / aspect for aspect in aspects))
            sizes = [(_even(wide), _even(wide / aspect)) for aspect in aspects]
            steps = [(0, height + _GAP_PX) for _, height in sizes]
        else:  # next to each other, all of one height
            high = min(_SHORT_SIDE_PX, total_px / sum(aspects))
            sizes = [(_even(high * aspect), _even(high)) for aspect in aspects]
            steps = [(width + _GAP_PX, 0) for width, _ in sizes]
        corners = [(sum(x for x, _ in steps[:k]), sum(y for _, y in steps[:k])) for k in range(len(panels))]
        size_px = (corners[-1][0] + sizes[-1][0], corners[-1][1] + sizes[-1][1])
        places = [_place(panel, cut, size) for panel, cut, size in zip(panels, cuts, sizes, strict=True)]
        return _VideoLayout(panels, places, corners, size_px)

    def render(self, pictures: Sequence[RgbImage]) -> RgbImage:
        image = np.full((self.size_px[1], self.size_px[0], 3), _BACKGROUND_RGB, np.uint8)
        for panel, place, picture, (x, y) in zip(self.panels, self.places, pictures, self.corners, strict=True):
            place.put(image, picture, x, y)
            label = render_label(panel.caption, max(28, self.size_px[1] // 20))
            width, height = label.size
            if width + 8 < place.panel_px[0] and height + 8 < place.panel_px[1]:
                Canvas.from_rgb(image).label(label, x + place.panel_px[0] - width - 8, y + 8)
        return image


def _crop_panel(panel: VideoPanel) -> RelativeBox:
    """Return the crop, as fractions of the picture: the person with a margin, and the corner labels whole or not."""
    width, height = panel.clip.width_px, panel.clip.height_px
    x0, y0, x1, y1 = np.array(panel.box) * (width, height, width, height)
    unit = get_drawing_unit_px(width, height)
    longer = max(x1 - x0, y1 - y0)
    margin = longer * (_MARGIN_LYING if longer > y1 - y0 else _MARGIN)
    beside = max(_MARGIN * longer, _LABEL_UNITS * unit)
    left, top = max(0.0, x0 - beside), max(0.0, y0 - max(margin, _ABOVE_UNITS * unit))
    right, bottom = min(float(width), x1 + beside), min(float(height), y1 + margin)
    corner_x, corner_y = (side * unit for side in _CORNER_UNITS)
    if left < corner_x and top < corner_y:
        if y0 - _ABOVE_UNITS * unit >= corner_y:
            top = corner_y
        else:
            left = top = 0.0
    return left / width, top / height, right / width, bottom / height


def _place(panel: VideoPanel, cut: RelativeBox, panel_px: tuple[int, int]) -> _PanelLayout:
    """Scale the crop to fit the panel, in its middle."""
    width, height = panel.clip.width_px, panel.clip.height_px
    x0, y0, x1, y1 = np.array(cut) * (width, height, width, height)
    scale = min(panel_px[0] / (x1 - x0), panel_px[1] / (y1 - y0))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    left, top = int(x0 * scale), int(y0 * scale)
    right = min(size[0], left + panel_px[0], round(x1 * scale) + _OVERDRAW_PX)
    bottom = min(size[1], top + panel_px[1], round(y1 * scale) + _OVERDRAW_PX)
    dx, dy = (panel_px[0] - right + left) // 2, (panel_px[1] - bottom + top) // 2
    return _PanelLayout(panel_px, size, left, top, right, bottom, dx, dy)


def _frames_at(clip: Clip, times_s: FloatArray) -> NDArray[np.int64]:
    """Return the index of the frame that is shown at each time."""
    return np.clip(np.searchsorted(clip.times_s, times_s + 1e-6, side="right") - 1, 0, clip.frames - 1)


def _read_pictures(clip: Clip, indices: NDArray[np.int64], size_px: tuple[int, int]) -> Iterator[RgbImage]:
    """Yield the pictures of frames in increasing order; for one that cannot be decoded, the last one before it.

    Small clips are read at their own size and enlarged here, since the reader only reduces well.
    """
    read_px = size_px if size_px[0] < clip.width_px else (clip.width_px, clip.height_px)
    at, image = -1, np.full((read_px[1], read_px[0], 3), _BACKGROUND_RGB, np.uint8)
    reader = read_frames(clip, int(indices[0]), size_px=read_px)
    far = max(1, round(_SEEK_S * (clip.mean_fps or OUTPUT_FPS)))
    waiting: tuple[int, RgbImage] | None = None
    for index in indices:
        if at >= 0 and index - at > far:
            reader, waiting = read_frames(clip, int(index), size_px=read_px), None
        while at < index:
            waiting = waiting or next(reader, None)
            if waiting is None or waiting[0] > index:
                break
            (at, image), waiting = waiting, None
        yield image if read_px == size_px else _enlarge(image, size_px)


def _enlarge(image: RgbImage, size_px: tuple[int, int]) -> RgbImage:
    return np.asarray(cv2.resize(image, size_px, interpolation=cv2.INTER_LINEAR), dtype=np.uint8)


def _even(side: float) -> int:
    return max(2, 2 * int(side / 2))
