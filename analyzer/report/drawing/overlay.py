"""Draws the measured body on one picture: skeleton, angle labels, time and confidence."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import isnan

import cv2
import numpy as np
import pandas as pd

from analyzer.kinematics.arrays import FloatArray
from analyzer.kinematics.camera_view import is_rough
from analyzer.kinematics.landmarks import Facing, SideLandmarks, near_far_sides
from analyzer.report.angle_names import ANGLE_DISPLAYS, LOW_CONFIDENCE
from analyzer.report.drawing.back_trail import BackDrawing
from analyzer.report.drawing.label_placement import LabelPlacer, LabelRequest, PixelBox
from analyzer.report.drawing.labels import LabelImage, RgbColour, RgbImage, blend_label, render_label
from analyzer.report.drawing.load_trail import LoadDrawing
from analyzer.report.drawing.skeleton import get_drawn_joints, get_limb_chains, get_trunk_chain, sample_body_points

_NEAR: RgbColour = (86, 180, 233)
_NEAR_UNSURE: RgbColour = (168, 206, 226)
_JOINT: RgbColour = (255, 255, 255)
_FAR: RgbColour = (176, 180, 186)
_EDGE: RgbColour = (16, 18, 22)
_MARK: RgbColour = (240, 228, 66)
_LOAD: RgbColour = (230, 159, 0)
_SUBPIXEL_BITS = 4
_BACK_POINT_STEP = 3  # labels keep off every third point of the back, as close as those of the body; chosen


def draw_frame(
    image: RgbImage,
    points_px: FloatArray,
    visibility: FloatArray,
    facing: Facing,
    angles: Mapping[str, float],
    confidence: float,
    *,
    time_s: float | None = None,
    note: str = "",
    marked: bool = False,
    placer: LabelPlacer | None = None,
    label_scale: float = 1.0,
    about: Collection[str] = (),
    load: LoadDrawing | None = None,
    back: BackDrawing | None = None,
) -> None:
    """Draw one frame's skeleton, angle labels, time and confidence on the picture, in place.

    Parameters
    ----------
    image : (H, W, 3) RGB, upright; changed.
    points_px : (33, 2) landmarks in pixels of this image; what is NaN is not drawn.
    visibility : (33,) 0 to 1; segments with an end below `LOW_CONFIDENCE` are dashed and paler.
    facing : the image side the person faces.
    angles : degrees by column of `angles.csv`; NaN, or an angle whose joint is NaN, gets no label.
    confidence : of the whole frame, 0 to 1; NaN counts as 0.
    time_s : shown in the corner; nothing is shown there if None.
    note : shown under the time, such as the number of the rep; `marked` puts a bright dot before it.
    about : those of `angles` that are rough: their labels say "about".
    label_scale : size of the labels against that of the skeleton's lines.
    load : drawn beneath the skeleton: where it went as a thin line, where it is as a ring.
    back : drawn beneath the skeleton: the outline of the back as a line.
    placer : pass the same one for every frame of a clip and the labels keep their sides.
    """
    height, width = image.shape[:2]
    unit = _unit(width, height)
    near, far = near_far_sides(facing)
    points_px = _within_reach(points_px, width, height)
    if load is not None:
        _draw_load(image, load, unit)
    if back is not None:
        _draw_back(image, back, unit)
    _draw_far(image, points_px, far, unit)
    _draw_near(image, points_px, visibility, near, unit)

    unit *= label_scale
    taken: list[PixelBox] = []
    margin = round(6 * unit)
    bottom = margin
    for label in _corner_pills(time_s, confidence, note, marked, unit):
        if label.size[0] + margin <= width and label.size[1] + bottom <= height:
            blend_label(image, label, margin, bottom)
            taken.append((0, 0, label.size[0] + 2 * margin, label.size[1] + bottom + margin))
            bottom += label.size[1] + round(3 * unit)

    pills = {
        name: _angle_pill(name, value, unit, name in about) for name, value in angles.items() if np.isfinite(value)
    }
    wishes = [_make_label_request(name, label, points_px, near, facing, unit) for name, label in pills.items()]
    known = {wish.name: wish for wish in wishes if wish}
    body = sample_body_points(points_px, near)
    if back is not None:
        body = np.concatenate([body, back.line_px[::_BACK_POINT_STEP]])
    boxes = (placer or LabelPlacer()).place(list(known.values()), width, height, body, taken)
    for name, (x0, y0, x1, y1) in boxes.items():
        edge = np.clip(known[name].anchor, (x0 + 1, y0 + 1), (x1 - 2, y1 - 2))
        _line(image, known[name].anchor, edge, _EDGE, 0.8 * unit)
    for name, (x0, y0, _, _) in boxes.items():
        blend_label(image, pills[name], x0, y0)


def find_rough_angles(angles: pd.DataFrame, labels: Sequence[str], index: int) -> tuple[str, ...]:
    """Return the angles that are rough in a frame; `angles` has the columns of `angles.csv`."""
    deviations = {label: label.replace("_deg", "_sd_deg") for label in labels}
    return tuple(
        label
        for label, deviation in deviations.items()
        if deviation in angles and is_rough(np.array(angles[deviation].iat[index]))
    )


def _unit(width: int, height: int) -> float:
    """One pixel of a phone that shows the whole picture 360 wide, or 640 high; every size is a number of these."""
    return max(width / 360, height / 640, 0.5)


def _draw_load(image: RgbImage, load: LoadDrawing, unit: float) -> None:
    """Where the load went, and a ring where it is; dark edges, so that it is seen on plates of any colour."""
    height, width = image.shape[:2]
    trail, centre = _within_reach(load.trail_px, width, height), _within_reach(load.centre_px[None], width, height)[0]
    known = np.flatnonzero(np.isfinite(trail).all(axis=1))
    runs = np.split(known, np.flatnonzero(np.diff(known) > 1) + 1)
    lines = [np.round(trail[run] * 2**_SUBPIXEL_BITS).astype(np.int32) for run in runs if len(run) > 1]
    radius = round(load.radius_px * 2**_SUBPIXEL_BITS)
    thin = max(1, round(1.3 * unit))
    for colour, thick in ((_EDGE, thin + 2), (_LOAD, thin)):
        cv2.polylines(image, lines, False, colour, thick, cv2.LINE_AA, _SUBPIXEL_BITS)
        if _known(centre):
            cv2.circle(image, _fixed(centre), radius, colour, thick, cv2.LINE_AA, _SUBPIXEL_BITS)


def _draw_back(image: RgbImage, back: BackDrawing, unit: float) -> None:
    """The outline of the back, with dark edges, so that it is seen on clothes of any colour."""
    line_px = _within_reach(back.line_px, image.shape[1], image.shape[0])
    if np.isnan(line_px).any():
        return
    line = np.round(line_px * 2**_SUBPIXEL_BITS).astype(np.int32)
    for colour, thick in ((_EDGE, 3.6 * unit), (back.colour, 2.2 * unit)):
        cv2.polylines(image, [line], False, colour, max(1, round(thick)), cv2.LINE_AA, _SUBPIXEL_BITS)


def _draw_far(image: RgbImage, points_px: FloatArray, far: SideLandmarks, unit: float) -> None:
    for chain in get_limb_chains(far):
        for a, b in pairwise(chain):
            _line(image, points_px[a], points_px[b], _FAR, 0.9 * unit)


def _draw_near(
    image: RgbImage, points_px: FloatArray, visibility: FloatArray, near: SideLandmarks, unit: float
) -> None:
    chains = (*get_limb_chains(near), get_trunk_chain(near))
    segments = [(pair, visibility[list(pair)].min() >= LOW_CONFIDENCE) for chain in chains for pair in pairwise(chain)]
    for (a, b), sure in segments:
        if sure:
            _line(image, points_px[a], points_px[b], _EDGE, 3.6 * unit)
    for (a, b), sure in segments:
        if sure:
            _line(image, points_px[a], points_px[b], _NEAR, 2.2 * unit)
        else:
            _dashed(image, points_px[a], points_px[b], _NEAR_UNSURE, unit)
    for joint in get_drawn_joints(near):
        if _known(points_px[joint]):
            _dot(image, points_px[joint], _EDGE, 2.7 * unit)
            _dot(image, points_px[joint], _JOINT if visibility[joint] >= LOW_CONFIDENCE else _FAR, 1.9 * unit)


def _line(image: RgbImage, a: FloatArray, b: FloatArray, colour: RgbColour, thickness: float) -> None:
    """Draw an anti-aliased line; nothing where an end is not known."""
    if _known(a, b):
        cv2.line(image, _fixed(a), _fixed(b), colour, max(1, round(thickness)), cv2.LINE_AA, _SUBPIXEL_BITS)


def _dashed(image: RgbImage, a: FloatArray, b: FloatArray, colour: RgbColour, unit: float) -> None:
    if not _known(a, b):
        return
    dashes = max(1, round(float(np.hypot(*(b - a))) / (9 * unit)))
    for dash in range(dashes):
        start, end = a + (b - a) * dash / dashes, a + (b - a) * (dash + 0.45) / dashes
        _line(image, start, end, _EDGE, 2.4 * unit)
        _line(image, start, end, colour, 1.4 * unit)


def _dot(image: RgbImage, centre: FloatArray, colour: RgbColour, radius: float) -> None:
    if _known(centre):
        scaled = max(1, round(radius * 2**_SUBPIXEL_BITS))
        cv2.circle(image, _fixed(centre), scaled, colour, cv2.FILLED, cv2.LINE_AA, _SUBPIXEL_BITS)


def _within_reach(points_px: FloatArray, width: int, height: int) -> FloatArray:
    """Put NaN in place of points so far out of the picture that OpenCV's whole numbers would not hold them."""
    near = (np.abs(points_px) < 2 * max(width, height)).all(axis=1, keepdims=True)
    return np.where(near, points_px, np.nan)


def _known(*points: FloatArray) -> bool:
    return not any(isnan(point[0]) for point in points)


def _fixed(point: FloatArray) -> tuple[int, int]:
    """Pixels as OpenCV's fixed-point numbers."""
    return round(float(point[0]) * 2**_SUBPIXEL_BITS), round(float(point[1]) * 2**_SUBPIXEL_BITS)


def _angle_pill(name: str, degrees: float, unit: float, about: bool) -> LabelImage:
    angle = ANGLE_DISPLAYS[name]
    colour = angle.colour.removeprefix("#")
    accent = (int(colour[0:2], 16), int(colour[2:4], 16), int(colour[4:6], 16))
    value = f"{'about ' if about else ''}{round(degrees)}°".replace("-", "\N{MINUS SIGN}")
    return render_label(f"{angle.label} {value}", height=round(17.5 * unit), accent=accent)


def _corner_pills(time_s: float | None, confidence: float, note: str, marked: bool, unit: float) -> list[LabelImage]:
    clock = [] if time_s is None else [_clock_pill(time_s, confidence, unit)]
    height = round(15.5 * unit)
    return [*clock, render_label(note, height, accent=_MARK if marked else None)] if note else clock


def _clock_pill(time_s: float, confidence: float, unit: float) -> LabelImage:
    """Clock and, in tenths, how sure the tracking is."""
    minutes, seconds = divmod(round(time_s * 10) / 10, 60)
    sure = confidence if np.isfinite(confidence) else 0.0
    return render_label(f"{minutes:.0f}:{seconds:04.1f}  tracking", height=round(15.5 * unit), bar=round(sure * 10))


@dataclass(frozen=True)
class _LabelPosition:
    """Where on the near side an angle is shown: at a joint, or half way along a segment if there is none."""

    above: str
    below: str
    joint: str | None
    front: bool
    thickness: float
    """Of the body there, from the line to the skin, in trunk lengths."""


_PLACES = {
    "trunk_inclination_deg": _LabelPosition("shoulder", "hip", None, front=False, thickness=0.26),
    "trunk_thigh_deg": _LabelPosition("shoulder", "knee", "hip", front=False, thickness=0.26),
    "knee_flexion_deg": _LabelPosition("hip", "ankle", "knee", front=True, thickness=0.16),
    "shin_inclination_deg": _LabelPosition("knee", "ankle", None, front=False, thickness=0.14),
    "thigh_inclination_deg": _LabelPosition("hip", "knee", None, front=True, thickness=0.18),
    "ankle_dorsiflexion_deg": _LabelPosition("knee", "ankle", "ankle", front=False, thickness=0.12),
    "neck_flexion_deg": _LabelPosition("ear", "shoulder", None, front=False, thickness=0.22),
    "head_tilt_deg": _LabelPosition("ear", "shoulder", "ear", front=False, thickness=0.26),
    "shoulder_flexion_deg": _LabelPosition("ear", "hip", "shoulder", front=False, thickness=0.22),
    "elbow_flexion_deg": _LabelPosition("shoulder", "wrist", "elbow", front=False, thickness=0.12),
    "back_rounding_deg": _LabelPosition("shoulder", "hip", None, front=False, thickness=0.26),
    "body_line_deg": _LabelPosition("shoulder", "ankle", "hip", front=True, thickness=0.26),
}


def _make_label_request(
    name: str, label: LabelImage, points_px: FloatArray, near: SideLandmarks, facing: Facing, unit: float
) -> LabelRequest | None:
    """Where the label of an angle would like to be; None where its joint is not known."""
    place = _PLACES[name]
    above, below = points_px[getattr(near, place.above)], points_px[getattr(near, place.below)]
    anchor = points_px[getattr(near, place.joint)] if place.joint else (above + below) / 2
    if not _known(anchor, above, below):
        return None
    # The way down the body, turned a quarter clockwise on the screen, points to the back of who faces right.
    turn = 1 if (facing == "left") == place.front else -1
    away = turn * np.array([above[1] - below[1], below[0] - above[0]])
    trunk = float(np.hypot(*(points_px[near.shoulder] - points_px[near.hip])))
    gap = 5 * unit + place.thickness * (trunk if np.isfinite(trunk) else 0)
    return LabelRequest(name, label.size, anchor, away, gap)
