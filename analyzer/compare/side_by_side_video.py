"""`side_by_side.mp4`: two or three clips next to each other, aligned on the movement; and stills of them."""

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from analyzer.clip.frame_reader import read_frames
from analyzer.clip.h264_writer import VideoWriter
from analyzer.clip.probe import Clip
from analyzer.kinematics.arrays import FloatArray
from analyzer.progress import ProgressCallback
from analyzer.report.drawing.labels import RgbImage, blend_label, render_label
from analyzer.report.video.prefetch import prefetch

RelativeBox = tuple[float, float, float, float]
EventTimes = tuple[float, ...]

OUTPUT_FPS = 30.0
_LEAD_S = 0.5  # shown before the first event and after the last; chosen
_LONG_SIDE_PX, _SHORT_SIDE_PX = 1280, 720  # of the whole picture, at most: every phone plays that
_ROOM = 0.12  # kept around the person, in parts of the body's longer side; chosen
_ROOM_LYING = 0.3  # above and below a body that lies: the labels stand there; chosen
_LABEL_UNITS = 118.0  # at least this to the left and right of the person: the labels stand there; see overlay.py
_WIDE = 2.2  # pictures wider than this many heights, as of a plank, are put one above the other; chosen
_ABOVE_UNITS = 30.0  # at least this above the person, likewise
_CORNER_UNITS = (142.0, 46.0)  # the clock and the note of annotated.mp4 reach so far right and down; see overlay.py
_SEEK_S = 4.0  # gaps longer than this are not decoded but skipped; chosen
_GAP_PX = 6
_SLACK_PX = 4  # a little more is shown rather than a thin dark edge; chosen
_BACK = (16, 18, 22)


@dataclass(frozen=True)
class VideoPanel:
    """One side.

    Attributes
    ----------
    clip : the video that is shown.
    caption : such as "A".
    box : x0, y0, x1, y1 around the person, in parts of the picture's width and height.
    events : of each rep the times of start, bottom and end; of each hold or stage those of start and end; seconds.
    """

    clip: Clip
    caption: str
    box: RelativeBox
    events: Sequence[EventTimes]


def align_times(sides: Sequence[Sequence[EventTimes]], ends_s: Sequence[float], *, warp: bool) -> FloatArray:
    """Which moment of each side is shown at each frame of the result.

    Parameters
    ----------
    sides : one sequence of events a side; the k-th event of one goes with the k-th of the others, and what one side has
        more is left out. Anchors increase (or stay) within a side.
    ends_s : the last moment of each side's clip.
    warp : whether the anchors of all sides are made to coincide, by slowing down whoever is quicker from one to the
        next; else sides run at their own speed from the first anchor, and who is done first waits.

    Returns
    -------
    (N, sides) seconds, `FPS` rows a second; no column ever goes back. Rests between events are left out.
    """
    count = min(len(events) for events in sides)
    if count == 0:
        raise ValueError("expected at least one event on every side")
    parts = []
    for k in range(count):
        anchors = np.array([events[k] for events in sides], dtype=float)  # (sides, anchors)
        parts.append(_event(anchors, warp=warp))
    lead = np.arange(round(_LEAD_S * OUTPUT_FPS)) / OUTPUT_FPS
    before = np.maximum(0.0, parts[0][0] - _LEAD_S + lead[:, None])
    after = np.minimum(parts[-1][-1] + lead[:, None] + 1 / OUTPUT_FPS, np.asarray(ends_s)[None])
    shown = np.concatenate([before, *parts, after])
    return np.maximum.accumulate(shown, axis=0)


def _event(anchors: FloatArray, *, warp: bool) -> FloatArray:
    """One event: (frames, sides)."""
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
    """Write the video: H.264, even sides, no sound; whole or not at all. Memory does not grow with the clips."""
    times_s = align_times(
        [panel.events for panel in panels], [float(panel.clip.times_s[-1]) for panel in panels], warp=warp
    )
    places = _VideoLayout.of(panels)

    def drawn() -> Generator[RgbImage, None, None]:
        streams = [
            _pictures(panel.clip, _frames_at(panel.clip, times_s[:, i]), place.size_px)
            for i, (panel, place) in enumerate(zip(panels, places.places, strict=True))
        ]
        for pictures in zip(*streams, strict=True):
            yield places.together(pictures)

    frames = prefetch(drawn())
    try:
        with VideoWriter(path, *places.size_px, fps=OUTPUT_FPS) as writer:
            for done, image in enumerate(frames, start=1):
                writer.write(image, (done - 1) / OUTPUT_FPS)
                progress("side by side", done, len(times_s))
    finally:
        frames.close()


def render_stills(panels: Sequence[VideoPanel], times_s: Sequence[float]) -> list[RgbImage]:
    """One picture of each side at its moment, cut to the person as in the video."""
    places = _VideoLayout.of(panels)
    images = []
    for panel, place, time_s in zip(panels, places.places, times_s, strict=True):
        indices = _frames_at(panel.clip, np.array([time_s]))
        picture = next(iter(_pictures(panel.clip, indices, place.size_px)))
        image = np.full((place.panel_px[1], place.panel_px[0], 3), _BACK, np.uint8)
        place.put(image, picture, 0, 0)
        images.append(image)
    return images


@dataclass(frozen=True)
class _PanelLayout:
    """How one clip is scaled and cut: panel, the whole picture's new size, what is kept of it, where that goes."""

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
    """Where all the clips go."""

    panels: Sequence[VideoPanel]
    places: Sequence[_PanelLayout]
    corners: Sequence[tuple[int, int]]
    size_px: tuple[int, int]

    @staticmethod
    def of(panels: Sequence[VideoPanel]) -> "_VideoLayout":
        cuts = [_crop_panel(panel) for panel in panels]
        aspects = [
            (x1 - x0) * panel.clip.width_px / ((y1 - y0) * panel.clip.height_px)
            for panel, (x0, y0, x1, y1) in zip(panels, cuts, strict=True)
        ]
        room = _LONG_SIDE_PX - _GAP_PX * (len(panels) - 1)
        if max(aspects) > _WIDE:  # one above the other, all of one width
            wide = min(_SHORT_SIDE_PX, room / sum(1 / aspect for aspect in aspects))
            sizes = [(_even(wide), _even(wide / aspect)) for aspect in aspects]
            steps = [(0, height + _GAP_PX) for _, height in sizes]
        else:  # next to each other, all of one height
            high = min(_SHORT_SIDE_PX, room / sum(aspects))
            sizes = [(_even(high * aspect), _even(high)) for aspect in aspects]
            steps = [(width + _GAP_PX, 0) for width, _ in sizes]
        corners = [(sum(x for x, _ in steps[:k]), sum(y for _, y in steps[:k])) for k in range(len(panels))]
        size_px = (corners[-1][0] + sizes[-1][0], corners[-1][1] + sizes[-1][1])
        places = [_place(panel, cut, size) for panel, cut, size in zip(panels, cuts, sizes, strict=True)]
        return _VideoLayout(panels, places, corners, size_px)

    def together(self, pictures: Sequence[RgbImage]) -> RgbImage:
        image = np.full((self.size_px[1], self.size_px[0], 3), _BACK, np.uint8)
        for panel, place, picture, (x, y) in zip(self.panels, self.places, pictures, self.corners, strict=True):
            place.put(image, picture, x, y)
            label = render_label(panel.caption, max(28, self.size_px[1] // 20))
            width, height = label.size
            if width + 8 < place.panel_px[0] and height + 8 < place.panel_px[1]:
                blend_label(image, label, x + place.panel_px[0] - width - 8, y + 8)
        return image


def _crop_panel(panel: VideoPanel) -> RelativeBox:
    """What is kept of the picture, in parts of it: the person with room; the corner's labels whole or not at all."""
    width, height = panel.clip.width_px, panel.clip.height_px
    x0, y0, x1, y1 = np.array(panel.box) * (width, height, width, height)
    unit = max(width / 360, height / 640, 0.5)
    longer = max(x1 - x0, y1 - y0)
    room = longer * (_ROOM_LYING if longer > y1 - y0 else _ROOM)
    beside = max(_ROOM * longer, _LABEL_UNITS * unit)
    left, top = max(0.0, x0 - beside), max(0.0, y0 - max(room, _ABOVE_UNITS * unit))
    right, bottom = min(float(width), x1 + beside), min(float(height), y1 + room)
    corner_x, corner_y = (side * unit for side in _CORNER_UNITS)
    if left < corner_x and top < corner_y:
        if y0 - _ABOVE_UNITS * unit >= corner_y:
            top = corner_y
        else:
            left = top = 0.0
    return left / width, top / height, right / width, bottom / height


def _place(panel: VideoPanel, cut: RelativeBox, panel_px: tuple[int, int]) -> _PanelLayout:
    """Scale the kept part to fit the panel, in its middle."""
    width, height = panel.clip.width_px, panel.clip.height_px
    x0, y0, x1, y1 = np.array(cut) * (width, height, width, height)
    scale = min(panel_px[0] / (x1 - x0), panel_px[1] / (y1 - y0))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    left, top = int(x0 * scale), int(y0 * scale)
    right = min(size[0], left + panel_px[0], round(x1 * scale) + _SLACK_PX)
    bottom = min(size[1], top + panel_px[1], round(y1 * scale) + _SLACK_PX)
    dx, dy = (panel_px[0] - right + left) // 2, (panel_px[1] - bottom + top) // 2
    return _PanelLayout(panel_px, size, left, top, right, bottom, dx, dy)


def _frames_at(clip: Clip, times_s: FloatArray) -> NDArray[np.int64]:
    """Index of the frame shown at each time."""
    return np.clip(np.searchsorted(clip.times_s, times_s + 1e-6, side="right") - 1, 0, clip.frames - 1)


def _pictures(clip: Clip, indices: NDArray[np.int64], size_px: tuple[int, int]) -> Iterator[RgbImage]:
    """The pictures of these frames, which do not decrease; for one that cannot be decoded the last before it.

    Read at its own size where that is smaller: the reader only reduces well.
    """
    read_px = size_px if size_px[0] < clip.width_px else (clip.width_px, clip.height_px)
    at, image = -1, np.full((read_px[1], read_px[0], 3), _BACK, np.uint8)
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
        yield image if read_px == size_px else _enlarged(image, size_px)


def _enlarged(image: RgbImage, size_px: tuple[int, int]) -> RgbImage:
    return np.asarray(cv2.resize(image, size_px, interpolation=cv2.INTER_LINEAR), dtype=np.uint8)


def _even(side: float) -> int:
    return max(2, 2 * int(side / 2))
