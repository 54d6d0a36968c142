"""Typed measures of the path of a load: written by `analyzer.load`, read by the movements that track a load."""

from typing import Literal

from pydantic import Field

from analyzer.movements.key_measures import KeyMeasureSpec
from analyzer.movements.typed_measures import Measures

LoadKind = Literal["plate", "kettlebell"]
ScaleSource = Literal["plate", "stature", "trunk"]
LengthUnit = Literal["cm", "trunk"]


class LoadRepMeasures(Measures):
    """Path of the load on the way up of one rep; lengths in the unit of the `LoadPathMeasures`.

    Attributes
    ----------
    rep : index of the rep.
    is_visible : whether the load is visible over the way up; else the rest is None.
    up : height that it gains.
    bow_forward : largest distance ahead of the straight line from its lowest to its highest place; >= 0. A load that
        swings out and is brought back; the tilt of the phone changes nothing.
    forward_of_start : largest distance ahead of the vertical through its lowest place, on the way up; >= 0. At the top
        a bar lies on the thighs, some centimetres ahead of where it started.
    behind_start : largest distance behind that vertical; >= 0.
    from_midfoot_at_bottom, from_midfoot_most : distance ahead (+) of the middle of the near foot, at its lowest place
        and farthest forward in the first half of the way up; None where the foot is not visible.
    mean_speed_m_s, peak_speed_m_s : speed of the way up, as in `LiftSpeedMeasures`; None without cm or at less than 20
        frames a second.
    """

    rep: int
    is_visible: bool = Field(default=False, validation_alias="seen", serialization_alias="seen")
    up: float | None = None
    bow_forward: float | None = None
    forward_of_start: float | None = None
    behind_start: float | None = None
    from_midfoot_at_bottom: float | None = None
    from_midfoot_most: float | None = None
    mean_speed_m_s: float | None = None
    peak_speed_m_s: float | None = None


class LoadPathMeasures(Measures):
    """Path of the load over all lifts of a clip.

    Attributes
    ----------
    load : plate or kettlebell.
    scale : source of the scale: plate, stature, or trunk lengths where there is no scale.
    unit : cm, or trunk lengths.
    diameter : of the load, in that unit.
    midfoot_doubt : possible error of all `from_midfoot...`, in the same direction, since the camera's yaw is known to
        about 4 degrees only.
    worst_bow_forward, worst_from_midfoot : largest of the reps; None where there is none.
    reps : one for each measured rep.
    """

    load: LoadKind = "plate"
    scale: ScaleSource = "trunk"
    unit: LengthUnit = "trunk"
    diameter: float | None = None
    midfoot_doubt: float = 0.0
    worst_bow_forward: float | None = None
    worst_from_midfoot: float | None = None
    reps: tuple[LoadRepMeasures, ...] = ()


def load_speed_spec(movement: str) -> KeyMeasureSpec:
    """Return the key measure of the speed of a tracked load, which replaces the time up of the movement."""
    return KeyMeasureSpec(
        f"{movement}.speed",
        "Bar speed, mean on the way up",
        "measures.mean_speed_m_s",
        unit="m_s",
        half_width="lift_speed.half_width_m_s",
        instead_of=f"{movement}.ascent",
    )
