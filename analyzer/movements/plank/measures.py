"""Typed measures of a plank: of one hold, and of the clip."""

from typing import Literal

from pydantic import Field

from analyzer.movements.plank.body_line import LineDirection
from analyzer.movements.plank.posture import HoldEnd, PlankSupport
from analyzer.movements.typed_measures import Measures
from analyzer.vocabulary.measures import MeasureLabel

LineAngle = Literal["body_line_deg", "trunk_thigh_deg"]


class DriftMeasures(Measures):
    """One time out of the zone; `largest_deg` is signed, from the own line."""

    start_s: float
    end_s: float
    direction: LineDirection
    largest_deg: float
    shape_changed: bool = False
    recovered: bool = False


class PlankHoldMeasures(Measures):
    """Measures of one hold; without degrees only posture and tremor are given.

    Attributes
    ----------
    support, on_knees : what the body is held on.
    is_start_visible : whether the clip shows the body getting into the posture.
    ended_by : end of the clip, hips near the floor, or another posture.
    line_from : angle that the line is read from.
    settle_s : time from the start of the hold until the line is still.
    own_line_deg : zero of the zone, off straight, + pike, - sag.
    line_deg : median of the line, off straight as well: not from the own line.
    first_drift_s : start of the first drift.
    resets, shape_changes : drifts that end in a recovery, and drifts that change the shape.
    slope_deg_10s : slow drift of the line in 10 s.
    arm_off_vertical_deg : shoulder to support off the vertical, + support ahead of the shoulder.
    neck_from_start_deg, back_from_start_deg : last quarter of the hold minus its first quarter.
    back_from_line_deg : furthest change of the back from its shape in the own line that lasts, + rounded, - arched.
    hip_tremor_pct : RMS of the hip's tremor, percent of the trunk's length.
    """

    support: PlankSupport = "forearm"
    on_knees: bool = False
    is_start_visible: bool = Field(default=False, validation_alias="start_seen", serialization_alias="start_seen")
    ended_by: HoldEnd = "clip_end"
    line_from: LineAngle = "body_line_deg"
    settle_s: float | None = None
    own_line_deg: float | None = None
    line_deg: float | None = None
    first_drift_s: float | None = None
    drifts: tuple[DriftMeasures, ...] = ()
    resets: int = 0
    shape_changes: int = 0
    slope_deg_10s: float | None = None
    arm_off_vertical_deg: float | None = None
    arm_vertical: bool | None = None
    neck_from_start_deg: float | None = None
    back_from_start_deg: float | None = None
    back_from_line_deg: float | None = None
    hip_tremor_pct: float | None = None


class PlankMeasures(Measures):
    """Measures of the clip: time of all holds, of the longest one, and in the zone."""

    hold_s: float
    longest_hold_s: float
    quality_time_s: float | None = None
    support: PlankSupport = "forearm"


PLANK_LABELS = {
    "hold_s": MeasureLabel(label="Held"),
    "in_zone_s": MeasureLabel(label="Time in your own line"),
    "quality_time_s": MeasureLabel(label="Time in your own line"),
    "zero_deg": MeasureLabel(label="Own line, off straight (+ hips up)"),
    "own_line_deg": MeasureLabel(label="Own line, off straight (+ hips up)"),
    "line_deg": MeasureLabel(label="Line over the hold, off straight (+ hips up)"),
    "line_from": MeasureLabel(label="Line read from"),
    "largest_deg": MeasureLabel(label="Furthest from the own line"),
    "settle_s": MeasureLabel(label="Time until still"),
    "first_drift_s": MeasureLabel(label="Line first left at"),
    "resets": MeasureLabel(label="Times back in line"),
    "shape_changes": MeasureLabel(label="Changes of shape"),
    "back_from_line_deg": MeasureLabel(label="Back, furthest from own line"),
    "slope_deg_10s": MeasureLabel(label="Slow change of the line"),
    "start_seen": MeasureLabel(label="Start is in the clip"),
    "arm_off_vertical_deg": MeasureLabel(label="Support ahead of the shoulder"),
    "arm_vertical": MeasureLabel(label="Shoulder over the support"),
    "neck_from_start_deg": MeasureLabel(label="Neck, change from the start"),
    "back_from_start_deg": MeasureLabel(label="Back, change from the start"),
    "hip_tremor_pct": MeasureLabel(label="Hip tremor, of trunk length"),
}
"""Words of the measures that only planks have."""
