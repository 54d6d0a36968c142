"""What the path of the load says: how far it goes forward of its start and of the middle of the foot, and how fast."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from analyzer.kinematics.arrays import FloatArray
from analyzer.kinematics.camera_lens import CameraLens, correct_roll
from analyzer.kinematics.camera_view import CameraView
from analyzer.movements.motion import Motion
from analyzer.results.schema import Rep

PLATE_DIAMETER_CM = 45.0  # a full-size plate; sources 1.6
TRUNK_STATURE_RATIO = 0.288  # hip to shoulder (Drillis & Contini 1966), as in `kinematics.lens`
DEFAULT_STATURE_CM = 170.0  # stature where none was given
PLATE_LATERAL_CM = 68.0  # from the middle of a 2.2 m bar, sleeves 1.31 m apart, to the outside of the first plate
FOOT_LATERAL_CM = 15.0  # the near foot; a kettlebell hangs in the middle, between both; chosen

LoadKind = Literal["plate", "kettlebell"]

_REP_MEASURES = (
    "up",
    "bow_forward",
    "forward_of_start",
    "behind_start",
    "from_midfoot_at_bottom",
    "from_midfoot_most",
    "mean_speed_m_s",
)


@dataclass(frozen=True)
class LoadPathLimits:
    """When a scale is taken and a lift is told."""

    full_plate_ratio: tuple[float, float] = (
        0.95,
        1.35,
    )  # plate over what 45 cm are beside the body: nearer is larger; chosen
    found: float = 0.7  # share of the way up in which the load is seen; chosen
    upright: float = 0.6  # the foot is read while the load is above this share of its way: it hides the foot; chosen
    assumed_yaw_error_deg: float = 4.0  # error of the measured turn of the camera; chosen, rendered clips: up to 5
    moving: float = 0.02  # the lift lasts from this share of the way up to as much below its end; chosen
    free: float = 0.5  # up to this share of the way the bar can stay over the foot; above, the thighs push it; chosen
    min_speed_fps: float = 20.0  # slower clips tell no speed; sources 5


LIMITS = LoadPathLimits()


@dataclass(frozen=True)
class LoadPath:
    """The near plate, or the kettlebell, over a clip.

    Attributes
    ----------
    centre_px : (T, 2) pixels of the upright picture, x right, y down, smooth; NaN outside the lifts and where unseen.
    radius_px : of its rim, or of the ball.
    kind : which of both it is.
    """

    centre_px: FloatArray
    radius_px: float
    kind: LoadKind = "plate"


@dataclass(frozen=True)
class LengthScale:
    """Pixels of one unit, cm or trunk, and where that comes from: plate, stature or trunk."""

    source: Literal["plate", "stature", "trunk"]
    unit_px: float

    @property
    def unit(self) -> Literal["cm", "trunk"]:
        """Name of the unit."""
        return "trunk" if self.source == "trunk" else "cm"


def choose_length_scale(
    path: LoadPath, trunk_px: float, height_cm: float | None, limits: LoadPathLimits = LIMITS
) -> LengthScale:
    """The scale: by a plate that looks like 45 cm, else by the stature that was given, else trunk lengths.

    Scaled by the body, lengths of a plate read too large by a tenth or two: it is nearer to the camera.
    """
    trunk_cm = TRUNK_STATURE_RATIO * (height_cm or DEFAULT_STATURE_CM)
    size = (2 * path.radius_px / trunk_px) / (PLATE_DIAMETER_CM / trunk_cm)
    if path.kind == "plate" and limits.full_plate_ratio[0] <= size <= limits.full_plate_ratio[1]:
        return LengthScale("plate", 2 * path.radius_px / PLATE_DIAMETER_CM)
    return LengthScale("trunk", trunk_px) if height_cm is None else LengthScale("stature", trunk_px / trunk_cm)


def locate_load(
    path: LoadPath, view: CameraView, lens: CameraLens, motion: Motion, scale: LengthScale
) -> tuple[FloatArray, FloatArray]:
    """Place of the middle of the load, (T,) forward and (T,) up, in the unit of `scale`, from the picture's corner.

    The plate lies 68 cm nearer than the body's middle: a camera turned by 10 degrees off the line to the person shifts
    it by 12 cm against the foot. That is undone; on that line itself perspective shifts nothing. A kettlebell hangs in
    the body's middle.
    """
    points = correct_roll(path.centre_px, view.corrected_roll_deg, lens) / scale.unit_px
    yaw = np.radians(view.yaw_deg)
    nearer = _to_scale_unit(PLATE_LATERAL_CM, scale) if path.kind == "plate" else 0.0
    forward = (motion.forward * points[:, 0] + nearer * np.sin(yaw)) / np.cos(yaw)
    return forward, -points[:, 1]


def compute_path_measures(
    path: LoadPath,
    view: CameraView,
    lens: CameraLens,
    motion: Motion,
    reps: Sequence[Rep],
    height_cm: float | None = None,
    limits: LoadPathLimits = LIMITS,
) -> dict[str, Any]:
    """The load over each lift; JSON values, lengths in cm, or in trunk lengths where there is no scale.

    Parameters
    ----------
    reps : the lifts; the way up of each is told, from `bottom_s` to `end_s`.
    height_cm : stature, if given.

    Returns
    -------
    dict with `load` (plate, kettlebell), `scale` (plate, stature, trunk), `unit` (cm, trunk), `diameter` of the load in
    that unit, and `reps`, a list:
        rep : its index.
        seen : whether the load is seen over the way up; else the rest is None.
        up : how far it goes up.
        bow_forward : most that it goes ahead of the straight line from its lowest to its highest place; >= 0. A load
            that swings out and is brought back; the tilt of the phone changes nothing.
        forward_of_start : most that it goes ahead of the vertical through its lowest place, on the way up; >= 0. At
            the top a bar lies on the thighs, some centimetres ahead of where it started.
        behind_start : most that it goes back of that vertical; >= 0.
        from_midfoot_at_bottom, from_midfoot_most : place ahead (+) of the middle of the near foot, at its lowest and
            farthest forward in the first half of the way up; None where the foot is not seen.
        mean_speed_m_s : of the way up; None without cm or at less than 20 frames a second.
    `worst_bow_forward`, `worst_from_midfoot` : the largest of the reps; None where there is none.
    `midfoot_doubt` : what all `from_midfoot...` may be off, in the same direction, since the camera's turn is known to
        about 4 degrees only.
    """
    scale = choose_length_scale(path, motion.trunk_px, height_cm, limits)
    forward, up = locate_load(path, view, lens, motion, scale)
    told = [_rep(rep, forward, up, motion, scale, limits) for rep in reps if rep.complete]
    apart_cm = PLATE_LATERAL_CM if path.kind == "plate" else FOOT_LATERAL_CM
    return {
        "load": path.kind,
        "scale": scale.source,
        "unit": scale.unit,
        "diameter": _rounded(2 * path.radius_px / scale.unit_px),
        "midfoot_doubt": _rounded(_to_scale_unit(apart_cm, scale) * np.sin(np.radians(limits.assumed_yaw_error_deg))),
        "worst_bow_forward": _largest(told, "bow_forward"),
        "worst_from_midfoot": _largest(told, "from_midfoot_most"),
        "reps": told,
    }


def _rep(
    rep: Rep, forward: FloatArray, up: FloatArray, motion: Motion, scale: LengthScale, limits: LoadPathLimits
) -> dict[str, Any]:
    times_s = motion.times_s
    unknown: dict[str, Any] = {"rep": rep.index, "seen": False, **dict.fromkeys(_REP_MEASURES)}
    rising = np.flatnonzero((times_s >= rep.bottom_s) & (times_s <= rep.end_s))
    known = rising[np.isfinite(forward[rising])]
    if len(known) < max(3, limits.found * len(rising)):
        return unknown
    height = up[known]
    highest = int(height.argmax())
    lowest = int(height[: highest + 1].argmin())
    way = float(height[highest] - height[lowest])
    if way <= 0:
        return unknown
    done = (height[lowest : highest + 1] - height[lowest]) / way
    on = lowest + int(np.argmax(done >= 1 - limits.moving))
    off = lowest + int(np.flatnonzero(done[: on - lowest + 1] <= limits.moving)[-1])
    line, done = forward[known[off : on + 1]], done[off - lowest : on - lowest + 1]
    chord = line[0] + (line[-1] - line[0]) * (done - done[0]) / (done[-1] - done[0])
    low = line[done <= limits.free]
    foot = _midfoot(motion, rep, up, scale, limits)
    speed = None
    if scale.unit == "cm" and motion.fps >= limits.min_speed_fps:
        speed = float(height[on] - height[off]) / 100 / float(times_s[known[on]] - times_s[known[off]])
    return {
        "rep": rep.index,
        "seen": True,
        "up": _rounded(way),
        "bow_forward": _rounded((line - chord).max()),
        "forward_of_start": _rounded(line.max() - line[0]),
        "behind_start": _rounded(line[0] - line.min()),
        "from_midfoot_at_bottom": None if foot is None else _rounded(line[0] - foot),
        "from_midfoot_most": None if foot is None else _rounded(low.max() - foot),
        "mean_speed_m_s": None if speed is None else _rounded(speed),
    }


def _midfoot(motion: Motion, rep: Rep, up: FloatArray, scale: LengthScale, limits: LoadPathLimits) -> float | None:
    """Middle of heel and toe, forward, while the load is high enough in this lift not to hide the foot."""
    inside = (motion.times_s >= rep.start_s) & (motion.times_s <= rep.end_s) & np.isfinite(up)
    low, high = up[inside].min(), up[inside].max()
    middle = motion.forward * (motion.near.heel[:, 0] + motion.near.toe[:, 0]) / 2 / scale.unit_px
    with np.errstate(invalid="ignore"):
        middle = middle[inside & (up >= low + limits.upright * (high - low)) & np.isfinite(middle)]
    return float(np.median(middle)) if len(middle) else None


def _to_scale_unit(length_cm: float, scale: LengthScale) -> float:
    """A length in the scale's unit, of a usual trunk where that is the unit."""
    return length_cm if scale.unit == "cm" else length_cm / (TRUNK_STATURE_RATIO * DEFAULT_STATURE_CM)


def _largest(told: Sequence[dict[str, Any]], name: str) -> float | None:
    return max((rep[name] for rep in told if rep[name] is not None), default=None)


def _rounded(value: float) -> float:
    return round(float(value), 2)
