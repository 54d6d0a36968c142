"""Compute how far a load goes forward of its start and of the middle of the foot, and how fast it rises."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analyzer.kinematics.arrays import FloatArray
from analyzer.kinematics.camera_lens import CameraLens, correct_roll
from analyzer.kinematics.camera_view import CameraView
from analyzer.movements.body_speed import TRUNK_STATURE_RATIO
from analyzer.movements.lift_speed import find_way_up
from analyzer.movements.load_measures import LengthUnit, LoadKind, LoadPathMeasures, LoadRepMeasures, ScaleSource
from analyzer.movements.motion import Motion
from analyzer.movements.speed_measures import LiftSpeedMeasures, RepSpeed, build_speed_measures
from analyzer.movements.statistics import drop_unknown, median
from analyzer.results.measured_reps import select_measured_reps
from analyzer.results.schema import Rep

PLATE_DIAMETER_CM = 45.0  # a full-size plate; sources 1.6
DEFAULT_STATURE_CM = 170.0  # stature where none was given
PLATE_LATERAL_CM = 68.0  # from the middle of a 2.2 m bar, sleeves 1.31 m apart, to the outside of the first plate
FOOT_LATERAL_CM = 15.0  # the near foot; a kettlebell hangs in the middle, between both; chosen


@dataclass(frozen=True)
class LoadPathLimits:
    """Thresholds of the scale and of a lift."""

    full_plate_ratio: tuple[float, float] = (0.9, 1.12)  # size by the stature over 45 cm; chosen: .95-1.05 in 7 clips
    # The same where the stature was not given; a painted ring of a real plate had .8 and must not pass; chosen.
    full_plate_ratio_unknown: tuple[float, float] = (0.9, 1.2)
    min_visible_share: float = 0.7  # share of the way up in which the load is visible; chosen
    min_foot_visible_height: float = 0.6  # share of the way up below which the load hides the foot; chosen
    assumed_yaw_error_deg: float = 4.0  # error of the measured turn of the camera; chosen, rendered clips: up to 5
    motion_margin: float = 0.02  # the lift lasts from this share of the way up to as much below its end; chosen
    free_path_share: float = (
        0.5  # up to this share of the way the bar can stay over the foot; above, the thighs push it; chosen
    )


LIMITS = LoadPathLimits()


@dataclass(frozen=True)
class LoadPath:
    """The near plate, or the kettlebell, over a clip.

    Attributes
    ----------
    centre_px : (T, 2) pixels of the upright picture, x right, y down, smooth; NaN outside the lifts and where hidden.
    radius_px : of its rim, or of the ball.
    kind : plate or kettlebell.
    """

    centre_px: FloatArray
    radius_px: float
    kind: LoadKind = "plate"


@dataclass(frozen=True)
class LengthScale:
    """Pixels of one unit, cm or trunk, at the load and at the body, with the source: plate, stature or trunk."""

    source: ScaleSource
    unit_px: float
    body_unit_px: float

    @property
    def unit(self) -> LengthUnit:
        """Return the name of the unit."""
        return "trunk" if self.source == "trunk" else "cm"

    @property
    def unit_m(self) -> float | None:
        """Return metres to one unit; None for trunk lengths."""
        return None if self.source == "trunk" else 0.01


def choose_length_scale(
    path: LoadPath,
    trunk_px: float,
    lens: CameraLens,
    yaw_deg: float,
    height_cm: float | None,
    limits: LoadPathLimits = LIMITS,
) -> LengthScale:
    """Choose the scale: by a plate that looks like 45 cm, else by the given stature, else trunk lengths.

    A plate is nearer to the camera than the body and looks larger, by a fifth at 3.5 m. Its distance, and with it the
    scale at the load, follows from the size of the trunk, the lens, and the length of the bar.
    """
    trunk_cm = TRUNK_STATURE_RATIO * (height_cm or DEFAULT_STATURE_CM)
    body_cm = lens.focal_length_px * trunk_cm / trunk_px  # distance from the camera
    nearer_cm = PLATE_LATERAL_CM * np.cos(np.radians(yaw_deg)) if path.kind == "plate" else 0.0
    enlarged = float(body_cm / (body_cm - min(nearer_cm, body_cm / 2)))
    size = (2 * path.radius_px / trunk_px) / (PLATE_DIAMETER_CM / trunk_cm) / enlarged
    low, high = limits.full_plate_ratio_unknown if height_cm is None else limits.full_plate_ratio
    if path.kind == "plate" and low <= size <= high:
        cm_px = 2 * path.radius_px / PLATE_DIAMETER_CM
        return LengthScale("plate", cm_px, cm_px / enlarged)
    if height_cm is None:
        return LengthScale("trunk", enlarged * trunk_px, trunk_px)
    return LengthScale("stature", enlarged * trunk_px / trunk_cm, trunk_px / trunk_cm)


def locate_load(
    path: LoadPath, view: CameraView, lens: CameraLens, motion: Motion, scale: LengthScale
) -> tuple[FloatArray, FloatArray]:
    """Locate the middle of the load, (T,) forward and (T,) up, in the unit of `scale`, from the picture's middle.

    The plate lies 68 cm nearer than the body's middle: a camera with a yaw of 10 degrees shifts it by 12 cm against the
    foot. The shift is removed; perspective shifts nothing at a yaw of 0. A kettlebell hangs in the middle.
    """
    points = correct_roll(path.centre_px, view.corrected_roll_deg, lens) - lens.principal_point_px
    forward_px, up_px = motion.forward_sign * points[:, 0], -points[:, 1]
    yaw = np.radians(view.yaw_deg)
    nearer = _to_scale_unit(PLATE_LATERAL_CM, scale) if path.kind == "plate" else 0.0
    return (forward_px / scale.unit_px + nearer * np.sin(yaw)) / np.cos(yaw), up_px / scale.unit_px


def _measure_load_speed(located: "_LocatedLoad", kind: LoadKind, reps: Sequence[Rep]) -> LiftSpeedMeasures | None:
    """Measure the speed of the load in each measured rep; None where none is known."""
    ways_up = [
        (rep.index, find_way_up(located.motion.times_s, located.up, rep.bottom_s, rep.end_s))
        for rep in select_measured_reps(reps)
    ]
    unit_m, source = located.scale.unit_m, located.scale.source
    return build_speed_measures(kind, "none" if source == "trunk" else source, ways_up, unit_m)


def compute_path_measures(
    path: LoadPath,
    view: CameraView,
    lens: CameraLens,
    motion: Motion,
    reps: Sequence[Rep],
    height_cm: float | None = None,
    limits: LoadPathLimits = LIMITS,
) -> tuple[LoadPathMeasures, LiftSpeedMeasures | None]:
    """Compute path and speed of the load over each lift, in cm, or in trunk lengths where there is no scale.

    Parameters
    ----------
    reps : the lifts; the path of each measured one is taken from `bottom_s` to `end_s`, its speed over the way up of
        the load itself.
    height_cm : stature, if given.
    """
    scale = choose_length_scale(path, motion.trunk_px, lens, view.yaw_deg, height_cm, limits)
    forward, up = locate_load(path, view, lens, motion, scale)
    located = _LocatedLoad(forward, up, lens, motion, scale, limits)
    speed = _measure_load_speed(located, path.kind, reps)
    speed_of = {} if speed is None else {rep.rep: rep for rep in speed.reps}
    measures = tuple(_measure_rep(rep, located, speed_of.get(rep.index)) for rep in select_measured_reps(reps))
    lateral_cm = PLATE_LATERAL_CM if path.kind == "plate" else FOOT_LATERAL_CM
    doubt = _to_scale_unit(lateral_cm, scale) * np.sin(np.radians(limits.assumed_yaw_error_deg))
    path_measures = LoadPathMeasures(
        load=path.kind,
        scale=scale.source,
        unit=scale.unit,
        diameter=_round(2 * path.radius_px / scale.unit_px),
        midfoot_doubt=_round(doubt),
        worst_bow_forward=_largest([rep.bow_forward for rep in measures]),
        worst_from_midfoot=_largest([rep.from_midfoot_most for rep in measures]),
        reps=measures,
    )
    return path_measures, speed


@dataclass(frozen=True)
class _LocatedLoad:
    """Place of the load, (T,) forward and up in the unit of the scale, with the motion of the lifter."""

    forward: FloatArray
    up: FloatArray
    lens: CameraLens
    motion: Motion
    scale: LengthScale
    limits: LoadPathLimits


@dataclass(frozen=True)
class _Ascent:
    """The load from leaving its lowest place to reaching its highest one, (N,) each.

    Attributes
    ----------
    forward : place forward.
    share : share of the height that is gained.
    gain : height from the lowest to the highest place.
    """

    forward: FloatArray
    share: FloatArray
    gain: float


def _find_ascent(rep: Rep, load: _LocatedLoad) -> _Ascent | None:
    """Find the way up of a lift; None where the load is hidden in too much of it, or does not rise."""
    times_s, limits = load.motion.times_s, load.limits
    rising = np.flatnonzero((times_s >= rep.bottom_s) & (times_s <= rep.end_s))
    known = rising[np.isfinite(load.forward[rising])]
    if len(known) < max(3, limits.min_visible_share * len(rising)):
        return None
    height = load.up[known]
    highest = int(height.argmax())
    lowest = int(height[: highest + 1].argmin())
    gain = float(height[highest] - height[lowest])
    if gain <= 0:
        return None
    share = (height[lowest : highest + 1] - height[lowest]) / gain
    last = int(np.argmax(share >= 1 - limits.motion_margin))
    first = int(np.flatnonzero(share[: last + 1] <= limits.motion_margin)[-1])
    moving = known[lowest + first : lowest + last + 1]
    return _Ascent(
        forward=load.forward[moving],
        share=share[first : last + 1],
        gain=gain,
    )


def _measure_rep(rep: Rep, load: _LocatedLoad, speed: RepSpeed | None) -> LoadRepMeasures:
    ascent = _find_ascent(rep, load)
    if ascent is None:
        return LoadRepMeasures(rep=rep.index)
    line, share = ascent.forward, ascent.share
    chord = line[0] + (line[-1] - line[0]) * (share - share[0]) / (share[-1] - share[0])
    free_line = line[share <= load.limits.free_path_share]
    foot = _midfoot(rep, load)
    return LoadRepMeasures(
        rep=rep.index,
        is_visible=True,
        up=_round(ascent.gain),
        bow_forward=_round((line - chord).max()),
        forward_of_start=_round(line.max() - line[0]),
        behind_start=_round(line[0] - line.min()),
        from_midfoot_at_bottom=None if foot is None else _round(line[0] - foot),
        from_midfoot_most=None if foot is None else _round(free_line.max() - foot),
        mean_speed_m_s=None if speed is None else speed.mean_speed_m_s,
        peak_speed_m_s=None if speed is None else speed.peak_speed_m_s,
    )


def _midfoot(rep: Rep, load: _LocatedLoad) -> float | None:
    """Return the middle of heel and toe, forward, while the load is high enough in this lift not to hide the foot."""
    motion, up = load.motion, load.up
    inside = (motion.times_s >= rep.start_s) & (motion.times_s <= rep.end_s) & np.isfinite(up)
    low, high = up[inside].min(), up[inside].max()
    middle_px = (motion.near.heel[:, 0] + motion.near.toe[:, 0]) / 2 - load.lens.principal_point_px[0]
    middle = motion.forward_sign * middle_px / load.scale.body_unit_px
    with np.errstate(invalid="ignore"):
        is_high = up >= low + load.limits.min_foot_visible_height * (high - low)
    return median(middle[inside & is_high])


def _to_scale_unit(length_cm: float, scale: LengthScale) -> float:
    """Convert a length to the scale's unit, by a trunk of usual length where that is the unit."""
    return length_cm if scale.unit == "cm" else length_cm / (TRUNK_STATURE_RATIO * DEFAULT_STATURE_CM)


def _largest(values: Sequence[float | None]) -> float | None:
    return max(drop_unknown(values), default=None)


def _round(value: float) -> float:
    return round(float(value), 2)
