"""Drawing the measured body on one picture: skeleton, angle labels, time and confidence."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import isnan

import numpy as np

from analyzer.kinematics.arrays import FloatArray
from analyzer.kinematics.landmarks import Facing, SideLandmarks, near_far_sides
from analyzer.report.drawing.back_trail import BackDrawing
from analyzer.report.drawing.canvas import Canvas
from analyzer.report.drawing.frame_overlay import FrameOverlay
from analyzer.report.drawing.label_placement import LabelPlacer, LabelRequest, PixelBox
from analyzer.report.drawing.labels import LabelImage, RgbColour, parse_colour, render_label
from analyzer.report.drawing.load_trail import LoadDrawing
from analyzer.report.drawing.skeleton import (
    LOW_CONFIDENCE,
    get_drawn_joints,
    get_limb_chains,
    get_trunk_chain,
    sample_body_points,
)
from analyzer.vocabulary.angles import ANGLE_DISPLAYS
from analyzer.vocabulary.units import format_about, format_number

_NEAR: RgbColour = (86, 180, 233)
_NEAR_UNSURE: RgbColour = (168, 206, 226)
_JOINT: RgbColour = (255, 255, 255)
_FAR: RgbColour = (176, 180, 186)
_EDGE: RgbColour = (16, 18, 22)
_MARK: RgbColour = (240, 228, 66)
_LOAD: RgbColour = (230, 159, 0)
_BACK_POINT_STEP = 3  # labels avoid every third point of the back, as close as those of the body; chosen


def draw_frame(
    canvas: Canvas,
    overlay: FrameOverlay,
    *,
    time_s: float | None = None,
    note: str = "",
    is_highlighted: bool = False,
    placer: LabelPlacer | None = None,
    label_scale: float = 1.0,
) -> None:
    """Draw skeleton, angle labels, time and confidence on one picture, in place.

    Parameters
    ----------
    canvas : the upright picture; changed.
    overlay : what is drawn.
    time_s : shown in the corner; None shows nothing there.
    note : shown under the time, such as the number of the rep.
    is_highlighted : whether a bright dot stands before the note.
    placer : pass the same one for every frame of a clip to keep the labels on their sides.
    label_scale : size of the labels against that of the skeleton's lines.
    """
    width, height = canvas.width, canvas.height
    unit = get_drawing_unit_px(width, height)
    near, far = near_far_sides(overlay.facing)
    points_px = _remove_distant_points(overlay.points_px, canvas)
    if overlay.load is not None:
        _draw_load(canvas, overlay.load, unit)
    if overlay.back is not None:
        _draw_back(canvas, overlay.back, unit)
    _draw_far(canvas, points_px, far, unit)
    _draw_near(canvas, points_px, overlay.visibility, near, unit)

    unit *= label_scale
    taken = _draw_corner(canvas, _render_corner_labels(time_s, overlay.confidence, note, is_highlighted, unit), unit)
    body = sample_body_points(points_px, near)
    if overlay.back is not None:
        body = np.concatenate([body, overlay.back.line_px[::_BACK_POINT_STEP]])
    labels = {
        name: _render_angle_label(name, value, unit, name in overlay.rough_angles)
        for name, value in overlay.angles.items()
        if np.isfinite(value)
    }
    requests = {
        name: request
        for name, label in labels.items()
        if (request := _make_label_request(name, label, points_px, near, overlay.facing, unit))
    }
    boxes = (placer or LabelPlacer()).place(list(requests.values()), width, height, body, taken)
    for name, (x0, y0, x1, y1) in boxes.items():
        anchor = requests[name].anchor
        _line(canvas, anchor, np.clip(anchor, (x0 + 1, y0 + 1), (x1 - 2, y1 - 2)), _EDGE, 0.8 * unit)
    for name, (x0, y0, _, _) in boxes.items():
        canvas.label(labels[name], x0, y0)


def get_drawing_unit_px(width: int, height: int) -> float:
    """Return the unit of all sizes: one pixel of a phone that shows the whole picture 360 wide or 640 high."""
    return max(width / 360, height / 640, 0.5)


def _draw_load(canvas: Canvas, load: LoadDrawing, unit: float) -> None:
    """Draw the path of the load and a ring around it, with dark edges so that it shows on plates of any colour."""
    trail = _remove_distant_points(load.trail_px, canvas)
    centre = _remove_distant_points(load.centre_px[None], canvas)[0]
    known = np.flatnonzero(np.isfinite(trail).all(axis=1))
    runs = np.split(known, np.flatnonzero(np.diff(known) > 1) + 1)
    paths = [trail[run] for run in runs if len(run) > 1]
    thin = max(1, round(1.3 * unit))
    for colour, thick in ((_EDGE, thin + 2), (_LOAD, thin)):
        canvas.paths(paths, colour, thick)
        if _known(centre):
            canvas.circle(centre, load.radius_px, colour, thick)


def _draw_back(canvas: Canvas, back: BackDrawing, unit: float) -> None:
    """Draw the outline of the back, with dark edges so that it shows on clothes of any colour."""
    line_px = _remove_distant_points(back.line_px, canvas)
    if np.isnan(line_px).any():
        return
    for colour, thick in ((_EDGE, 3.6 * unit), (back.colour, 2.2 * unit)):
        canvas.paths([line_px], colour, thick)


def _draw_far(canvas: Canvas, points_px: FloatArray, far: SideLandmarks, unit: float) -> None:
    for chain in get_limb_chains(far):
        for a, b in pairwise(chain):
            _line(canvas, points_px[a], points_px[b], _FAR, 0.9 * unit)


def _draw_near(canvas: Canvas, points_px: FloatArray, visibility: FloatArray, near: SideLandmarks, unit: float) -> None:
    chains = (*get_limb_chains(near), get_trunk_chain(near))
    segments = [(pair, visibility[list(pair)].min() >= LOW_CONFIDENCE) for chain in chains for pair in pairwise(chain)]
    for (a, b), is_sure in segments:
        if is_sure:
            _line(canvas, points_px[a], points_px[b], _EDGE, 3.6 * unit)
    for (a, b), is_sure in segments:
        if is_sure:
            _line(canvas, points_px[a], points_px[b], _NEAR, 2.2 * unit)
        else:
            _dashed(canvas, points_px[a], points_px[b], _NEAR_UNSURE, unit)
    for joint in get_drawn_joints(near):
        if _known(points_px[joint]):
            _dot(canvas, points_px[joint], _EDGE, 2.7 * unit)
            _dot(canvas, points_px[joint], _JOINT if visibility[joint] >= LOW_CONFIDENCE else _FAR, 1.9 * unit)


def _line(canvas: Canvas, a: FloatArray, b: FloatArray, colour: RgbColour, thickness: float) -> None:
    """Draw a line; nothing where an end is unknown."""
    if _known(a, b):
        canvas.line(a, b, colour, thickness)


def _dashed(canvas: Canvas, a: FloatArray, b: FloatArray, colour: RgbColour, unit: float) -> None:
    if not _known(a, b):
        return
    dashes = max(1, round(float(np.hypot(*(b - a))) / (9 * unit)))
    for dash in range(dashes):
        start, end = a + (b - a) * dash / dashes, a + (b - a) * (dash + 0.45) / dashes
        _line(canvas, start, end, _EDGE, 2.4 * unit)
        _line(canvas, start, end, colour, 1.4 * unit)


def _dot(canvas: Canvas, centre: FloatArray, colour: RgbColour, radius: float) -> None:
    if _known(centre):
        canvas.circle(centre, radius, colour)


def _remove_distant_points(points_px: FloatArray, canvas: Canvas) -> FloatArray:
    """Replace points so far outside the picture that OpenCV's integers would overflow by NaN."""
    near = (np.abs(points_px) < 2 * max(canvas.width, canvas.height)).all(axis=1, keepdims=True)
    return np.where(near, points_px, np.nan)


def _known(*points: FloatArray) -> bool:
    return not any(isnan(point[0]) for point in points)


def _render_angle_label(name: str, degrees: float, unit: float, is_rough_angle: bool) -> LabelImage:
    display = ANGLE_DISPLAYS[name]
    value = format_about(degrees) if is_rough_angle else format_number(degrees)
    return render_label(f"{display.label} {value}", height=round(17.5 * unit), accent=parse_colour(display.colour))


def _render_corner_labels(
    time_s: float | None, confidence: float, note: str, is_highlighted: bool, unit: float
) -> list[LabelImage]:
    labels = [] if time_s is None else [_render_clock(time_s, confidence, unit)]
    if note:
        labels.append(render_label(note, height=round(15.5 * unit), accent=_MARK if is_highlighted else None))
    return labels


def _render_clock(time_s: float, confidence: float, unit: float) -> LabelImage:
    """Draw the clock with the tracking confidence in tenths."""
    minutes, seconds = divmod(round(time_s * 10) / 10, 60)
    known = confidence if np.isfinite(confidence) else 0.0
    return render_label(f"{minutes:.0f}:{seconds:04.1f}  tracking", height=round(15.5 * unit), bar=round(known * 10))


def _draw_corner(canvas: Canvas, labels: Sequence[LabelImage], unit: float) -> list[PixelBox]:
    """Draw labels below each other in the top left corner, as far as they fit; return the boxes they take."""
    taken: list[PixelBox] = []
    margin = round(6 * unit)
    bottom = margin
    for label in labels:
        if label.size[0] + margin <= canvas.width and label.size[1] + bottom <= canvas.height:
            canvas.label(label, margin, bottom)
            taken.append((0, 0, label.size[0] + 2 * margin, label.size[1] + bottom + margin))
            bottom += label.size[1] + round(3 * unit)
    return taken


@dataclass(frozen=True)
class _LabelPosition:
    """Position of an angle label on the near side: at a joint, or half way along a segment without one."""

    above: str
    below: str
    joint: str | None
    front: bool
    thickness: float
    """Of the body there, from the line to the skin, in trunk lengths; chosen."""


_POSITIONS = {
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
    """Return where the label of an angle belongs; None where its joint is unknown."""
    place = _POSITIONS[name]
    above, below = points_px[getattr(near, place.above)], points_px[getattr(near, place.below)]
    anchor = points_px[getattr(near, place.joint)] if place.joint else (above + below) / 2
    if not _known(anchor, above, below):
        return None
    # The direction down the body, turned a quarter clockwise on the screen, is the back of a person facing right.
    turn = 1 if (facing == "left") == place.front else -1
    outward = turn * np.array([above[1] - below[1], below[0] - above[0]])
    trunk = float(np.hypot(*(points_px[near.shoulder] - points_px[near.hip])))
    gap = 5 * unit + place.thickness * (trunk if np.isfinite(trunk) else 0)
    return LabelRequest(name, label.size, anchor, outward, gap)
