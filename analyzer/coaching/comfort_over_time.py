"""The comfortable range over time: the deepest posture that stayed comfortable in each clip, and whether it grew."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import inf
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from analyzer.coaching.symptom_reports import LIMITS as REPORTED
from analyzer.kinematics.landmarks import Facing
from analyzer.movements.minimal_detectable_change import LIMITS, MeanChange, compare_means
from analyzer.results.schema import Analysis

NO_CHANGE = "no clear change"

ANGLE_FAMILIES: Mapping[str, str] = {  # whose minimal detectable change counts; of another angle no change is told
    "trunk_inclination_deg": "trunk",
    "trunk_thigh_deg": "trunk_thigh",
    "knee_flexion_deg": "knee",
    "shoulder_flexion_deg": "arm",
    "neck_flexion_deg": "neck",
    "back_rounding_deg": "back",
    "body_line_deg": "body_line",
}

LegSide = Literal["left", "right"]


@dataclass(frozen=True)
class FilmedClip:
    """One finished clip of a client: the id of its analysis, when it was filmed, and its result."""

    id: str
    at: datetime
    analysis: Analysis


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class ComfortPoint(_Part):
    """The deepest posture of one clip that the client reported as comfortable."""

    analysis: str = Field(description="id of the analysis")
    at: datetime
    deepest_deg: float = Field(description="the angle there", examples=[62.0])
    from_tall_deg: float = Field(description="how far that is from the own tall posture", examples=[58.0])


class ComfortTrend(_Part):
    """One angle, dated. A clip that nobody was asked about, or that gave no degrees, has no point."""

    angle: str = Field(examples=["trunk_thigh_deg"])
    side: LegSide | None = Field(description="the person's own leg, where both are told apart")
    points: list[ComfortPoint] = Field(description="oldest first")
    change_deg: float | None = Field(description="range from tall, last against first; null with fewer than two")
    threshold_deg: float | None = Field(description="the least difference that counts: minimal detectable change, 95 %")
    clear: bool = Field(description="whether it counts")
    told: str = Field(examples=["14 degrees more", NO_CHANGE])


@dataclass(frozen=True)
class _ComfortRow:
    """One row of a result's comfortable range, with the clip it is of."""

    filmed: FilmedClip
    row: Mapping[str, Any]


def compute_comfort_trends(filmed: Sequence[FilmedClip]) -> list[ComfortTrend]:
    """By angle and leg, from the clips of one movement, oldest first."""
    found: dict[tuple[str, LegSide | None], list[_ComfortRow]] = {}
    for one in filmed:
        for angle, row in _rows(one.analysis):
            leg = _leg(row["side"], one.analysis.view.facing)
            found.setdefault((angle, leg), []).append(_ComfortRow(one, row))
    return [_build_trend(angle, leg, seen) for (angle, leg), seen in found.items()]


def is_whole_range_comfortable(analysis: Analysis) -> bool:
    """Whether all the range of this clip stayed comfortable.

    By each angle the deepest comfortable posture is not clearly short of the furthest one, and nothing that was
    reported was above the threshold; False where nobody asked.
    """
    if (analysis.measures.get("comfortable_range") or {}).get("not_comfortable"):
        return False
    rows = list(_rows(analysis))
    return bool(rows) and all(_shortfall_deg(row) <= _min_change_deg(angle) for angle, row in rows)


def _rows(analysis: Analysis) -> Iterator[tuple[str, Mapping[str, Any]]]:
    angles = (analysis.measures.get("comfortable_range") or {}).get("angles") or {}
    for angle, sides in angles.items():
        for row in sides:
            yield angle, row


def _shortfall_deg(row: Mapping[str, Any]) -> float:
    """How much further than comfortable the clip went; without a share its whole range is too small to tell."""
    share_pct, away = row["share_pct"], abs(row["from_tall_deg"])
    if share_pct is None:
        return 0.0
    return 100 * away / share_pct - away if share_pct else inf


def _min_change_deg(angle: str) -> float:
    family = ANGLE_FAMILIES.get(angle)
    return LIMITS.families[family].min_change[0] if family else REPORTED.range_deg


def _leg(side: str | None, facing: Facing) -> LegSide | None:
    """The person's own leg, so that clips from both sides are told apart: facing right, the near one is the right."""
    if side is None:
        return None
    return "right" if (side == "near") == (facing == "right") else "left"


def _build_trend(angle: str, leg: LegSide | None, seen: Sequence[_ComfortRow]) -> ComfortTrend:
    change = _change(angle, seen[0], seen[-1]) if len(seen) > 1 else None
    return ComfortTrend(
        angle=angle,
        side=leg,
        points=[
            ComfortPoint(
                analysis=one.filmed.id,
                at=one.filmed.at,
                deepest_deg=one.row["deepest_deg"],
                from_tall_deg=one.row["from_tall_deg"],
            )
            for one in seen
        ],
        change_deg=round(change.change, 1) if change else None,
        threshold_deg=round(change.threshold, 1) if change else None,
        clear=change is not None and change.is_clear,
        told=_format_change(change),
    )


def _change(angle: str, first: _ComfortRow, last: _ComfortRow) -> MeanChange | None:
    """How much further from tall it stays comfortable; None for an angle whose least change is not known."""
    family = ANGLE_FAMILIES.get(angle)
    if family is None:
        return None
    return compare_means(
        [abs(first.row["from_tall_deg"])],
        [abs(last.row["from_tall_deg"])],
        family,
        "refilmed" if first.filmed.at.date() == last.filmed.at.date() else "other_day",
        yaw_deg=max(abs(one.filmed.analysis.view.yaw_deg or 0.0) for one in (first, last)),
        are_medians=not any("rep" in one.row["where"] for one in (first, last)),
    )


def _format_change(change: MeanChange | None) -> str:
    if change is None or not change.is_clear:
        return NO_CHANGE
    return f"{abs(change.change):.0f} degrees {'more' if change.change > 0 else 'less'}"
