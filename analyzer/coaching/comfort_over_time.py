"""The comfortable range over time: the deepest posture that stayed comfortable in each clip, and whether it grew."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import inf
from typing import Literal

from pydantic import Field

from analyzer.coaching.coaching_measures import ComfortableAngle, ComfortableRange, read_coaching_measures
from analyzer.coaching.symptom_reports import LIMITS as REPORT_LIMITS
from analyzer.kinematics.landmarks import Facing
from analyzer.movements.minimal_detectable_change import LIMITS, MeanChange, compare_means
from analyzer.results.schema import Analysis, BodySide
from analyzer.strict_model import StrictModel

NO_CHANGE = "no clear change"

ANGLE_FAMILIES: Mapping[str, str] = {  # decides the minimal detectable change; others have none
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


class ComfortPoint(StrictModel):
    """The deepest posture of one clip that the client reported as comfortable."""

    analysis: str = Field(description="id of the analysis")
    at: datetime
    deepest_deg: float = Field(description="the angle in that posture, degrees", examples=[62.0])
    from_tall_deg: float = Field(description="its difference from the baseline posture, degrees", examples=[58.0])


class ComfortTrend(StrictModel):
    """One angle over time. A clip without reports or without degrees has no point."""

    angle: str = Field(examples=["trunk_thigh_deg"])
    side: LegSide | None = Field(description="the person's own leg, where the legs have their own values")
    points: list[ComfortPoint] = Field(description="oldest first")
    change_deg: float | None = Field(
        description="change of that difference, last clip against first; null with one clip"
    )
    threshold_deg: float | None = Field(description="smallest difference that counts: minimal detectable change, 95 %")
    clear: bool = Field(description="whether the change is larger than that")
    change_text: str = Field(examples=["14 degrees more", NO_CHANGE])


@dataclass(frozen=True)
class _DatedAngle:
    """The deepest comfortable posture of one clip."""

    clip: FilmedClip
    comfort: ComfortableAngle


def compute_comfort_trends(clips: Sequence[FilmedClip]) -> list[ComfortTrend]:
    """Compute the comfortable range over time by angle and leg, from the clips of one movement, oldest first."""
    dated: dict[tuple[str, LegSide | None], list[_DatedAngle]] = {}
    for clip in clips:
        comfortable = read_coaching_measures(clip.analysis).comfortable_range
        for angle, comfort in _list_angles(comfortable):
            leg = _leg(comfort.side, clip.analysis.view.facing)
            dated.setdefault((angle, leg), []).append(_DatedAngle(clip, comfort))
    return [_build_trend(angle, leg, points) for (angle, leg), points in dated.items()]


def is_whole_range_comfortable(analysis: Analysis) -> bool:
    """Return whether all the range of this clip stayed comfortable.

    By each angle the deepest comfortable posture is not clearly short of the furthest one, and no report was above the
    threshold; False without reports.
    """
    comfortable = read_coaching_measures(analysis).comfortable_range
    if comfortable is None or comfortable.not_comfortable:
        return False
    angles = _list_angles(comfortable)
    return bool(angles) and all(_shortfall_deg(comfort) <= _min_change_deg(angle) for angle, comfort in angles)


def _list_angles(comfortable: ComfortableRange | None) -> list[tuple[str, ComfortableAngle]]:
    if comfortable is None:
        return []
    return [(angle, comfort) for angle, sides in comfortable.angles.items() for comfort in sides]


def _shortfall_deg(comfort: ComfortableAngle) -> float:
    """Compute how much further than comfortable the clip went; 0 where its whole range is too small for a share."""
    share_pct, away_deg = comfort.share_pct, abs(comfort.from_tall_deg)
    if share_pct is None:
        return 0.0
    return 100 * away_deg / share_pct - away_deg if share_pct else inf


def _min_change_deg(angle: str) -> float:
    family = ANGLE_FAMILIES.get(angle)
    return LIMITS.families[family].min_change[0] if family else REPORT_LIMITS.range_deg


def _leg(side: BodySide | None, facing: Facing) -> LegSide | None:
    """Return the person's own leg: the near one is the right one of a person who faces right."""
    if side is None:
        return None
    return "right" if (side == "near") == (facing == "right") else "left"


def _build_trend(angle: str, leg: LegSide | None, points: Sequence[_DatedAngle]) -> ComfortTrend:
    change = _compute_change(angle, points[0], points[-1]) if len(points) > 1 else None
    return ComfortTrend(
        angle=angle,
        side=leg,
        points=[
            ComfortPoint(
                analysis=point.clip.id,
                at=point.clip.at,
                deepest_deg=point.comfort.deepest_deg,
                from_tall_deg=point.comfort.from_tall_deg,
            )
            for point in points
        ],
        change_deg=round(change.change, 1) if change else None,
        threshold_deg=round(change.threshold, 1) if change else None,
        clear=change is not None and change.is_clear,
        change_text=_format_change(change),
    )


def _compute_change(angle: str, first: _DatedAngle, last: _DatedAngle) -> MeanChange | None:
    """Compute the change of the distance from tall; None for an angle without a minimal detectable change."""
    family = ANGLE_FAMILIES.get(angle)
    if family is None:
        return None
    return compare_means(
        [abs(first.comfort.from_tall_deg)],
        [abs(last.comfort.from_tall_deg)],
        family,
        "refilmed" if first.clip.at.date() == last.clip.at.date() else "other_day",
        yaw_deg=max(abs(point.clip.analysis.view.yaw_deg or 0.0) for point in (first, last)),
        are_medians=all(point.comfort.where.rep is None for point in (first, last)),
    )


def _format_change(change: MeanChange | None) -> str:
    if change is None or not change.is_clear:
        return NO_CHANGE
    return f"{abs(change.change):.0f} degrees {'more' if change.change > 0 else 'less'}"
