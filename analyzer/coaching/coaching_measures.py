"""What coaching adds to the measures of a result: context, symptom reports, comfortable range, screening, direction."""

from typing import Literal

from pydantic import Field

from analyzer.coaching.marks import ClipContext, DailyHistory, SymptomLevel, SymptomSite
from analyzer.coaching.screening import ScreeningResult
from analyzer.movements.typed_measures import JsonObject
from analyzer.results.schema import Analysis, BodySide, ReleaseEffect
from analyzer.strict_model import SparseModel, StrictModel

TrafficLight = Literal["go", "modify", "stop"]
"""What a report means for training: go on, make it easier, or leave it and come back to it."""

DirectionResult = Literal["rounding", "arching", "none_seen"]
"""The direction that bothers the client; "none_seen" for both, neither and mixed."""


class Tempo(SparseModel):
    """Median times over the complete reps, seconds; without those that are unknown."""

    descent_s: float | None = None
    pause_s: float | None = None
    ascent_s: float | None = None


class ContextMeasures(ClipContext):
    """Task, load and tempo of a clip, and what the coach writes about the client, as given."""

    variant: str | None = None
    load_kg: float | None = None
    reps: int = 0
    tempo: Tempo | None = None
    threshold: SymptomLevel
    baseline_level: SymptomLevel | None = None
    habitual_posture: str | None = None
    daily: DailyHistory = DailyHistory()


class ReportedSymptom(SparseModel):
    """One symptom report with its event: a stage, rep or hold, or only a time; neither where the clip lacks its place.

    `stage_index` counts the stages of the clip from 1, since several may have one name.
    """

    at_s: float | None = None
    stage: str | None = None
    side: BodySide | None = None
    stage_index: int | None = None
    rep: int | None = None
    hold: int | None = None
    level: SymptomLevel
    where: SymptomSite | None = None
    word: str | None = None
    familiar: bool | None = None
    on_release: ReleaseEffect | None = None
    light: TrafficLight

    @property
    def has_event(self) -> bool:
        """Return whether it belongs to a stage, rep or hold."""
        return (self.stage, self.rep, self.hold) != (None, None, None)

    @property
    def has_place(self) -> bool:
        """Return whether it belongs to a moment of the clip."""
        return self.has_event or self.at_s is not None


class EventPlace(SparseModel):
    """Where a posture is in the clip: a stage, rep or hold, or only a time."""

    stage: str | None = None
    side: BodySide | None = None
    rep: int | None = None
    hold: int | None = None
    time_s: float


class ComfortableAngle(StrictModel):
    """The deepest comfortable posture by one angle, of one leg where the legs differ.

    Attributes
    ----------
    side : leg; None for angles that do not belong to a leg.
    deepest_deg : the angle there, degrees.
    from_tall_deg : its difference from the baseline posture, degrees.
    share_pct : share of the furthest posture in the clip, percent; None where that is less than 5 degrees away.
    where : the event.
    """

    side: BodySide | None
    deepest_deg: float
    from_tall_deg: float
    share_pct: float | None
    where: EventPlace


class ComfortableRange(StrictModel):
    """Postures with a comfortable report and without, and the deepest comfortable one by each angle."""

    threshold: SymptomLevel
    baseline_level: SymptomLevel | None
    comfortable: list[EventPlace]
    not_comfortable: list[EventPlace]
    angles: dict[str, list[ComfortableAngle]]


class CoachingMeasures(SparseModel):
    """Everything coaching adds to `measures`; parts that do not apply to a clip are absent."""

    context: ContextMeasures | None = None
    reported: list[ReportedSymptom] = Field(default=[])
    comfortable_range: ComfortableRange | None = None
    screen: ScreeningResult | None = None
    direction: DirectionResult | None = None

    def to_json(self) -> JsonObject:
        """Return the measures as JSON values."""
        return self.model_dump(mode="json")


def read_coaching_measures(analysis: Analysis) -> CoachingMeasures:
    """Read what coaching added to the measures of a result."""
    names = CoachingMeasures.model_fields
    return CoachingMeasures.model_validate({name: value for name, value in analysis.measures.items() if name in names})
