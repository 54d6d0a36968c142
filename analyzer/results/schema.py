"""The result of one analysis: typed, and the source of the published JSON Schema."""

import json
import math
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np
from pydantic import BeforeValidator, ConfigDict, Field, PrivateAttr

from analyzer.kinematics.camera_view import CameraSide, Grade
from analyzer.kinematics.landmarks import Facing
from analyzer.strict_model import StrictModel

if TYPE_CHECKING:
    import pandas as pd

SCHEMA_VERSION = "2.0"

UNKNOWN_MOVEMENT = "unknown"
"""Name of the movement in a result whose clip shows none that is known."""

BodySide = Literal["near", "far"]
"""Side of the body as the camera sees it."""

ReleaseEffect = Literal["less", "same", "more"]
"""How a symptom changes when a posture is released."""

FindingKind = Literal["can", "note", "next"]
"""What the person can do, a plain fact, or something to work on."""


def _make_plain(value: Any) -> Any:
    """Return a value of a movement as JSON can hold it: numbers and arrays of NumPy as plain ones, NaN as None."""
    if isinstance(value, np.ndarray | np.generic):
        value = value.tolist()
    if isinstance(value, Mapping):
        return {name: _make_plain(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_make_plain(part) for part in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


JsonValues = Annotated[dict[str, Any], BeforeValidator(_make_plain)]
"""Values by name that movements compute, their own or those of other packages."""


class ClipFacts(StrictModel):
    """The clip."""

    name: str
    sha256: str
    width_px: int = Field(description="width of the upright picture")
    height_px: int = Field(description="height of the upright picture")
    duration_s: float
    frames: int = Field(description="frames in the clip, also those that cannot be decoded")
    mean_fps: float
    rotation_deg: int = Field(description="clockwise turn that shows the clip upright: 0, 90, 180 or 270")


class Subject(StrictModel):
    """The person who was analysed."""

    chosen_by: str = Field(description="how the subject was chosen, in words")
    box_px: tuple[float, float, float, float] = Field(description="x0, y0, x1, y1 around the subject, all samples")
    others_seen: int = Field(description="other people detected in the clip")


class View(StrictModel):
    """How the camera sees the subject, and what the angles may say."""

    facing: Facing
    camera_side: CameraSide = Field(description="where the camera stands; side up to 15 degrees")
    yaw_deg: float = Field(description="turn of the camera off the pure side view, 0 to 90")
    yaw_interval_deg: tuple[float, float] = Field(description="80 % interval of yaw_deg")
    pitch_deg: float = Field(description="camera pitch, + it looks down")
    roll_deg: float | None = Field(
        description="camera roll, + clockwise; null if it could not be measured (taken as 0)"
    )
    grade: Grade = Field(
        description="by the 80 % interval of the angles: good within about 5 degrees, fair 8, rough 12 or some angles "
        "left out or given in less than half of the frames, else refused"
    )
    reasons: list[str]


class Quality(StrictModel):
    """How well the clip could be measured."""

    tracked_fraction: float = Field(description="share of the frames with the trunk tracked, 0 to 1")
    uncertainty_deg: dict[str, float] = Field(
        description="half width of the 80 % interval of each angle, median over the frames that have it, degrees"
    )
    warnings: list[str]


class Alternative(StrictModel):
    """Another movement that the clip may show."""

    name: str
    confidence: float = Field(ge=0, le=1)


class Movement(StrictModel):
    """The movement of the clip."""

    name: str = Field(description="`unknown` for any other movement than those installed")
    variant: str | None = Field(description="as given; null where unknown, or not one of this movement")
    confidence: float = Field(ge=0, le=1)
    source: Literal["auto", "given"] = Field(description="recognised, or given by the person")
    alternatives: list[Alternative] = Field(default=[], description="what else it may be, the most likely first")


class Rep(StrictModel):
    """One repetition: down to the bottom and up again."""

    index: int = Field(ge=1)
    start_s: float = Field(description="start from the top; if the clip starts below it, its first visible moment")
    bottom_s: float = Field(description="the turn: middle of the visible bottom")
    end_s: float = Field(description="back at the top; if the clip ends below it, its last visible moment")
    descent_s: float | None = Field(description="time down; null when it is not in the clip or is the set-up")
    pause_s: float | None = Field(description="time at the bottom; null when the clip cuts it or it is the set-up")
    ascent_s: float | None = Field(description="time up; null when it is not in the clip")
    complete: bool = Field(
        description="whether the way up is in the clip, after a lift from the floor also a way down; only these count"
    )
    has_ascent: bool | None = Field(
        default=None,
        description="whether the whole way up is in the clip, also where too few frames a second leave `ascent_s` "
        "null; null in results of older versions",
    )
    at_bottom: dict[str, float] = Field(default={}, description="angle at the bottom, degrees; empty without degrees")
    range: dict[str, float] = Field(
        default={},
        description="largest minus smallest value over the rep, degrees, of the angles known in 80 % of its frames",
    )
    measures: JsonValues = Field(default={}, description="measures of a rep by this movement")


class Hold(StrictModel):
    """A posture that is held."""

    index: int = Field(ge=1)
    start_s: float
    end_s: float
    duration_s: float
    in_zone_s: float | None = Field(description="time near the person's own line; null without degrees")
    angles: dict[str, float] = Field(default={}, description="median while held, degrees; empty without degrees")
    measures: JsonValues = Field(default={}, description="measures of a hold by this movement")


class SymptomReport(StrictModel):
    """What the client reports of a moment, in their own words."""

    level: int | None = Field(default=None, ge=0, le=10, description="0 nothing to 10 the most one can think of")
    where: str | None = None
    word: str | None = None
    familiar: bool | None = None
    on_release: ReleaseEffect | None = Field(default=None, description="change when the posture is released")


class Stage(StrictModel):
    """One stage of a staged test."""

    name: str
    start_s: float
    end_s: float
    side: BodySide | None = Field(default=None, description="leg that moves, as the camera sees it")
    angles: dict[str, float] = Field(default={}, description="median while held, degrees; empty without degrees")
    measures: JsonValues = Field(default={}, description="measures of a stage by this movement")
    reported: SymptomReport | None = None


class KeyMeasure(StrictModel):
    """One of the few numbers that answer what a coach asks about this movement."""

    id: str = Field(examples=["hinge.back"])
    label: str = Field(description="name that people read", examples=["Back, change from tall"])
    value: float = Field(description="median over the reps, or as the label says")
    unit: str = Field(description="deg, s, pct, m_s, ...", examples=["deg"])
    interval_80: tuple[float, float] | None = Field(description="80 % interval; null where it is not known")
    per_rep: list[float | None] = Field(description="one value for each counted rep, hold or stage; null where unknown")
    direction: str | None = Field(
        default=None,
        description="word for the sign of the value, stated with its size: 18° arched for -18; null where the interval "
        "includes 0, and where the sign needs no word",
        examples=["rounded"],
    )


class Finding(StrictModel):
    """A finding in words for the client."""

    model_config = ConfigDict(validate_by_name=True, serialize_by_alias=True)

    id: str
    kind: FindingKind = Field(description="what the person can do, a plain fact, or something to work on")
    text: str
    cue: str | None = None
    try_: str | None = Field(default=None, alias="try", description="one next step from the trainable menu")
    step_id: str | None = Field(
        default=None,
        description="id of that step in the menu, `row.step`; null where there is none",
        examples=["hinge_pattern.wall_tap"],
    )
    evidence: JsonValues = Field(default={})


class Provenance(StrictModel):
    """Versions and settings that made this result."""

    analyzer: str
    mediapipe: str
    model_sha256: str
    settings: dict[str, Any]


class Analysis(StrictModel):
    """Everything `analysis.json` holds, and the table of angles: `docs/python.md`.

    Values are in the unit at the end of their name, times in seconds from the first frame; unknown values are None.

    Attributes
    ----------
    clip, subject, view : the file, the person who was analysed, and how the camera sees them.
    quality : how well the clip could be measured: uncertainty of the angles, warnings.
    movement : its name and variant, given or recognised.
    reps, holds, stages : the events, in order of time; a movement has one kind of them.
    key_measures : the few numbers that answer what a coach asks, with their 80 % intervals.
    measures : ranges, the baseline posture, the back, and the movement's own measures, as JSON values.
    findings : what the person can do, and what to work on, in words.
    provenance : versions and settings.
    angles : the table of angles, only of a result of `analyze`.
    """

    model_config = ConfigDict(
        json_schema_extra={"description": "Everything `analysis.json` holds; `angles` is the table of `angles.csv`."}
    )

    schema_version: str = SCHEMA_VERSION
    clip: ClipFacts
    subject: Subject
    view: View
    quality: Quality
    movement: Movement
    reps: list[Rep] = Field(default=[])
    holds: list[Hold] = Field(default=[])
    stages: list[Stage] = Field(default=[])
    key_measures: list[KeyMeasure] = Field(default=[], description="at most five, the most important first")
    measures: JsonValues = Field(default={})
    findings: list[Finding] = Field(default=[])
    provenance: Provenance

    _angles: Any = PrivateAttr(default=None)

    @property
    def angles(self) -> "pd.DataFrame":
        """Return a table of one row for each frame of the clip.

        Columns: `frame` from 0; `time_s`; the angles in degrees, with the zeros and signs of `docs/angles.md`;
        `confidence`, 0 to 1; the standard deviations of four angles (`_sd_deg`), which `angles.csv` lacks. NaN where
        unknown.

        Raises AttributeError on a result read from `analysis.json`, which does not hold the table.
        """
        if self._angles is None:
            raise AttributeError("a result read from analysis.json has no table of angles: read angles.csv beside it")
        return self._angles

    def __eq__(self, other: object) -> bool:
        """Return whether both hold the same values; the angle tables are not compared."""
        return isinstance(other, Analysis) and self.model_dump() == other.model_dump()


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema of `analysis.json`, published as `docs/analysis.schema.json`."""
    dialect = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    return dialect | Analysis.model_json_schema(mode="serialization")


if __name__ == "__main__":
    sys.stdout.write(json.dumps(json_schema(), indent=2) + "\n")
