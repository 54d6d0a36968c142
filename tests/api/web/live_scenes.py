"""Scenes in front of a phone's camera, made from the rendered clips: what the live guide is to say in each."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from analyzer.clip.frame_reader import read_frames
from analyzer.clip.probe import open_clip
from analyzer.settings import Settings

Image = NDArray[np.uint8]
Frames = Iterator[tuple[float, Image]]

ROOT = Path(__file__).resolve().parents[3]
SAMPLES = ROOT / "sample_videos"
OBLIQUE = Path(__file__).with_name("live_clips")
SCENE_S = 6.0
FRAMES_PER_S = 10.0
START = frozenset({"hold", "go"})
"""Instructions that begin a set: never wrong for a person who is well in the picture."""


@dataclass(frozen=True)
class Scene:
    """A scene and its right instructions.

    Attributes
    ----------
    frames : yields time in seconds and RGB picture.
    expected : instructions of which one is to come within 2 s of `from_s`; empty for a good picture.
    allowed : further instructions that are not wrong.
    from_s : when the condition begins.
    true_yaw_deg : of the renderer's camera, + it sees the front; None where the scene is not about it.
    """

    name: str
    frames: Callable[[], Frames]
    expected: frozenset[str]
    allowed: frozenset[str] = frozenset()
    from_s: float = 0.0
    true_yaw_deg: float | None = None

    @property
    def is_good(self) -> bool:
        """Return whether the picture is good as it is."""
        return not self.expected


def build_scenes() -> list[Scene]:
    """Build the twelve scenes."""
    hinge, plank, slump = (SAMPLES / f"{name}.mp4" for name in ("hinge_neutral", "plank", "slump"))
    half_front = frozenset({"half_from_front"})
    standing = START | {"stand_tall"}
    return [
        Scene("side view, facing right", lambda: stand_then_move(hinge), frozenset(), standing, true_yaw_deg=0),
        Scene(
            "side view, facing left",
            lambda: edit(stand_then_move(hinge), mirror),
            frozenset(),
            standing,
            true_yaw_deg=0,
        ),
        Scene("30 degrees", lambda: stand(OBLIQUE / "oblique_30.mp4"), half_front, true_yaw_deg=28.5),
        Scene("50 degrees", lambda: stand(OBLIQUE / "oblique_50.mp4"), half_front, true_yaw_deg=49.3),
        Scene("feet cut off", lambda: edit(stand(hinge), cut_feet), frozenset({"feet_cut_off"})),
        Scene("too far", lambda: edit(stand(hinge), shrink), frozenset({"too_far"})),
        Scene("tilted", lambda: edit(stand(hinge), tilt), frozenset({"tilted"})),
        Scene("two people", lambda: edit(stand(hinge), add_person), frozenset({"two_people"})),
        Scene("dark", lambda: edit(stand(hinge), darken), frozenset({"more_light"})),
        Scene("sitting", lambda: stand_then_move(slump), frozenset(), START | {"sit_tall"}),
        Scene("plank", lambda: stand_then_move(plank), frozenset(), START | {"into_plank"}),
        Scene(
            "person leaves",
            lambda: leave(stand(hinge), LEAVES_S),
            frozenset({"nobody", "done"}),
            standing,
            from_s=LEAVES_S + LEAVING_S,
        ),
    ]


LEAVES_S = 2.5  # when the person begins to leave
LEAVING_S = 0.6  # and how long that takes
_STILL_S = 0.5  # the sample clips begin with a still posture of this long


def read_clip(path: Path, frames_per_s: float = FRAMES_PER_S) -> Frames:
    """Yield the frames of a clip, about so many a second."""
    clip = open_clip(path, Settings())
    step = max(1, round(1 / frames_per_s / float(np.median(np.diff(clip.times_s)))))
    for index, image in read_frames(clip, step=step):
        yield float(clip.times_s[index]), image


def stand(path: Path, duration_s: float = SCENE_S, frames_per_s: float = FRAMES_PER_S) -> Frames:
    """Yield the still posture at the clip's beginning, forth and back."""
    still = [image for _, image in takewhile(lambda frame: frame[0] <= _STILL_S, read_clip(path, frames_per_s))]
    order = [*still, *still[-2:0:-1]]
    for index in range(round(duration_s * frames_per_s)):
        yield index / frames_per_s, order[index % len(order)]


def stand_then_move(
    path: Path, still_s: float = 3.0, after_s: float = 0.0, frames_per_s: float = FRAMES_PER_S
) -> Frames:
    """Yield the still posture, then the clip, then its last frame for `after_s`."""
    yield from stand(path, still_s, frames_per_s)
    time_s, image = still_s, None
    for clip_s, image in read_clip(path, frames_per_s):
        time_s = still_s + clip_s
        yield time_s, image
    if image is not None:
        for index in range(round(after_s * frames_per_s)):
            yield time_s + (index + 1) / frames_per_s, image


def leave(frames: Frames, from_s: float) -> Frames:
    """Yield frames in which the person leaves sideways, within `LEAVING_S`."""
    for time_s, image in frames:
        shift = round(max(time_s - from_s, 0) / LEAVING_S * image.shape[1] * 0.8)
        yield time_s, move(image, np.float32([[1, 0, shift], [0, 1, 0]])) if shift else image


def edit(frames: Frames, change: Callable[[Image], Image]) -> Frames:
    """Yield frames with a change to each picture."""
    for time_s, image in frames:
        yield time_s, change(image)


def mirror(image: Image) -> Image:
    """Mirror the picture: the person faces the other side."""
    return np.ascontiguousarray(image[:, ::-1])


def cut_feet(image: Image) -> Image:
    """Point the camera too high: the picture ends above the ankles."""
    return move(image, np.float32([[1, 0, 0], [0, 1, 0.23 * image.shape[0]]]))


def shrink(image: Image, scale: float = 0.45) -> Image:
    """Show the person from further away: at the middle of a larger room."""
    height, width = image.shape[:2]
    return move(image, np.float32([[scale, 0, width * (1 - scale) / 2], [0, scale, height * (1 - scale) * 0.7]]))


def tilt(image: Image, roll_deg: float = 12.0) -> Image:
    """Turn the phone: the picture's content leans clockwise."""
    height, width = image.shape[:2]
    return move(image, cv2.getRotationMatrix2D((width / 2, height / 2), -roll_deg, 0.85))


def add_person(image: Image) -> Image:
    """Put a second person beside the first, facing each other."""
    width = image.shape[1]
    one = image[:, width // 4 : 3 * width // 4]
    return np.hstack([one, one[:, ::-1]])


def darken(image: Image) -> Image:
    """Film in a dark room."""
    dark: Image = (image * 0.12).astype(np.uint8)
    return dark


def move(image: Image, matrix: NDArray[np.float32]) -> Image:
    """Move the picture by an affine map (2, 3); what was not filmed continues the room's edge."""
    height, width = image.shape[:2]
    moved: Image = cv2.warpAffine(image, matrix, (width, height), flags=cv2.INTER_AREA, borderMode=cv2.BORDER_REPLICATE)
    return moved


def write_mjpeg(path: Path, frames: Frames, fps: int = 30, quality: int = 85) -> float:
    """Write frames as Chromium's `--use-file-for-fake-video-capture` reads them; return their duration in seconds.

    It plays JPEG pictures 30 a second, and begins again at the end.
    """
    repeats, count = round(fps / FRAMES_PER_S), 0
    with path.open("wb") as file:
        for _, image in frames:
            jpeg = cv2.imencode(".jpg", image[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])[1].tobytes()
            file.write(jpeg * repeats)
            count += 1
    return count / FRAMES_PER_S
