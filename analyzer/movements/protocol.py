"""The base class of all movements: what each one knows about itself, and what it computes from a clip."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from analyzer.movements.key_measures import KeyMeasureInfo, KeyMeasureSpec
from analyzer.movements.motion import ClipDetails, Motion
from analyzer.movements.stage_placement import StagePlacement
from analyzer.results.schema import Analysis, FindingKind, Hold, Rep, Stage
from analyzer.vocabulary.measures import MeasureLabel

Smoothing = Literal["lift", "hold"]
EventKind = Literal["reps", "holds", "stages"]
BendDirection = Literal["rounding", "arching"]
BackTask = Literal["lift", "squat", "hold", "full_range"]
ImprovementDirection = Literal["more", "less"]
MovementContrast = Literal["dissociation"]
SessionPlan = Literal["practice", "first_look"]
BodySpeedJoint = Literal["hands", "hips"]


@dataclass(frozen=True)
class Events:
    """The reps, holds or stages of a clip, in order of time."""

    reps: Sequence[Rep] = ()
    holds: Sequence[Hold] = ()
    stages: Sequence[Stage] = ()


@dataclass(frozen=True)
class Observation:
    """A fact that a movement reports as an id and numbers, before the catalogue puts it in words.

    Attributes
    ----------
    id : id of its words in the catalogue (`coaching/catalogue.toml` or the movement's own).
    kind : "can" for what the person can do, "note" for a plain fact, "next" for something to work on.
    weight : rank from 0 to 1; the largest come first.
    evidence : JSON values that the words use and that support the finding, with units in the names; `times_s` or
        `reps` state where in the clip to look.
    """

    id: str
    kind: FindingKind
    weight: float
    evidence: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class ComparableMeasure:
    """One measure of a clip that may be compared with the same measure of another clip.

    Attributes
    ----------
    key : its name; equal keys of two clips are compared, and the words are looked up by it.
    family : decides the minimal detectable change (`minimal_detectable_change.py`): trunk, trunk_thigh, knee, shin,
        arm, neck, back, body_line, hip_back, hip_share, hold_time, tempo or reported.
    values : one for each rep, hold or stage; their means are compared.
    is_at_least : whether they are minima, such as the time of a hold that goes on when the clip ends.
    """

    key: str
    family: str
    values: tuple[float, ...]
    is_at_least: bool = False


class RepPhases(BaseModel):
    """The words for the parts of one rep, in lower case as they stand inside a sentence."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    top: str = Field(default="top", description="posture in which a rep starts and ends", examples=["top"])
    turn: str = Field(default="bottom", description="the turning point of a rep", examples=["bottom"])
    outward: str = Field(default="down", description="the way from the top to the turn", examples=["down"])
    back: str = Field(default="up", description="the way from the turn to the top", examples=["up"])


class MovementInfo(BaseModel):
    """All that a movement states about itself, as `GET /v1/movements` serves it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(description="the name in requests and results", examples=["hinge"])
    title: str = Field(description="the name that people read", examples=["Hip hinge / deadlift"])
    variants: list[str] = Field(description="values that `variant` may have", examples=[["romanian", "sumo"]])
    instructions: str = Field(
        description="one sentence to the client before filming; may be empty",
        examples=["Three to five reps: hips back, hands along the thighs."],
    )
    event_kind: EventKind = Field(description="what a clip of it is divided into")
    phases: RepPhases = Field(description="the words for the parts of a rep")
    main_angle: str = Field(description="column of angles.csv that shows it best", examples=["trunk_thigh_deg"])
    comfort_angles: list[str] = Field(
        description="columns in which the comfortable range is stated", examples=[["trunk_thigh_deg"]]
    )
    stage_titles: dict[str, str] = Field(
        description="stage -> the name that people read", examples=[{"tall_sit": "Sitting tall"}]
    )
    correctable_stages: list[str] = Field(
        description="stages that a coach may set; empty: stages are not corrected", examples=[["tall_sit", "slump"]]
    )
    one_leg_stages: list[str] = Field(
        description="stages done with one leg; a correction names the leg", examples=[["knee_straight"]]
    )
    direction: BendDirection | None = Field(description="direction of the back that its test is about")
    baseline_stages: list[str] = Field(description="stages held in the upright posture", examples=[["tall_sit"]])
    release_stages: list[str] = Field(description="stages that let go of part of the posture")
    better: dict[str, ImprovementDirection] = Field(
        description="comparable measure -> direction of progress; a change of any other is reported without judgement",
        examples=[{"hinge.hip_back_pct": "more"}],
    )
    measure_labels: dict[str, MeasureLabel] = Field(description="measure -> its words and unit")
    key_measures: list[KeyMeasureInfo] = Field(description="the few numbers that answer what a coach asks, in order")
    asks_screening_first: bool = Field(description="whether the screening questions come before the test")
    tracks_load: bool = Field(description="whether the path of a plate or kettlebell is followed")
    can_be_loaded: bool = Field(description="whether it is also done with a weight")
    session_plans: list[SessionPlan] = Field(description="plans of a coaching session that offer it")
    unloaded_variants: list[str] = Field(description="variants without a weight", examples=[["bodyweight"]])
    wide_stance_variants: list[str] = Field(
        description="variants in which the thighs point out of the picture, so that only the trunk is compared",
        examples=[["sumo"]],
    )
    contrasts: dict[str, MovementContrast] = Field(
        description="other movement that it is compared with -> kind of comparison; this movement comes first",
        examples=[{"hinge": "dissociation"}],
    )


class Movement(ABC):
    """A movement that can be recognised and measured. Subclass it; register an instance as an entry point.

    The attributes have defaults except `name`, `title` and `main_angle`. The methods are pure functions of their
    arguments; none of them may import OpenCV, MediaPipe or FastAPI.

    Attributes
    ----------
    name : as in `--movement` and `analysis.json`: lower case, underscores.
    title : as people read it.
    variants : values that `--variant` may have; empty when there are none.
    main_angle : column of `angles.csv` that shows the movement best.
    smoothing : "lift" (6 Hz) or "hold" (4 Hz); sources 5.
    catalogue_path : TOML file with the words of observations that the built-in catalogue lacks; None otherwise.
    instructions : one sentence to the client before filming, such as "Three slow reaches up with both arms."
    event_kind : what `find_events` returns: reps, holds or stages.
    phases : words for the top, the turn and the two ways of a rep.
    stage_titles : stage name -> title that people read; a stage without one is titled by its name.
    correctable_stages : stages that a coach may set (docs/marks.md); empty: stages are not corrected.
    one_leg_stages : stages done with one leg; a correction names the leg.
    comfort_angles : columns of `angles.csv` in which the comfortable range is stated; empty: `main_angle`.
    asks_screening_first : whether the screening questions come before anything to work on.
    direction : direction of the back, "rounding" or "arching", that a symptom report in this test speaks for.
    baseline_stages : stages in the upright posture; reports in them are the baseline of the test.
    release_stages : stages that let go of part of the posture; reports in them do not count for the direction.
    tracks_load : whether the path of a plate or kettlebell is followed.
    body_speed_of : what rises with the load or the body, "hands" or "hips": the speed where no load is tracked.
    can_be_loaded : whether the movement is also done with a weight.
    session_plans : plans of a coaching session that offer it: "practice" films it before and after two
        tries with a cue, "first_look" films one clip of each movement.
    unloaded_variants : variants without a weight.
    wide_stance_variants : variants in which the thighs point out of the picture; against another variant, only the
        trunk is compared.
    better : key of a comparable measure -> "more" or "less"; a change of any other is reported without judgement.
    contrasts : name of another movement -> kind of comparison with it; this movement is shown first.
    measure_labels : name of a measure of its own -> words and unit.
    key_measures : the few numbers that answer what a coach asks, at most five, the most important first.
    back_task : what the back does in it: "lift" and "squat", it keeps its shape over the reps; "hold", over a hold;
        "full_range", it bends as far as it goes; None: its change is only stated.
    """

    name: str
    title: str
    main_angle: str
    variants: tuple[str, ...] = ()
    smoothing: Smoothing = "lift"
    catalogue_path: Path | None = None
    instructions: str = ""
    event_kind: EventKind = "reps"
    phases: RepPhases = RepPhases()
    stage_titles: Mapping[str, str] = {}
    correctable_stages: tuple[str, ...] = ()
    one_leg_stages: frozenset[str] = frozenset()
    comfort_angles: tuple[str, ...] = ()
    asks_screening_first: bool = False
    direction: BendDirection | None = None
    baseline_stages: frozenset[str] = frozenset()
    release_stages: frozenset[str] = frozenset()
    tracks_load: bool = False
    body_speed_of: BodySpeedJoint | None = None
    can_be_loaded: bool = True
    session_plans: tuple[SessionPlan, ...] = ()
    unloaded_variants: frozenset[str] = frozenset()
    wide_stance_variants: frozenset[str] = frozenset()
    better: Mapping[str, ImprovementDirection] = {}
    contrasts: Mapping[str, MovementContrast] = {}
    measure_labels: Mapping[str, MeasureLabel] = {}
    key_measures: tuple[KeyMeasureSpec, ...] = ()
    back_task: BackTask | None = None

    @abstractmethod
    def recognise(self, motion: Motion) -> float:
        """Return the probability, 0 to 1, that the clip shows this movement."""

    @abstractmethod
    def find_events(self, motion: Motion, details: ClipDetails) -> Events:
        """Find reps, holds or stages, in order of time; empty when there are none."""

    def compute_measures(self, motion: Motion, details: ClipDetails, events: Events) -> dict[str, Any]:
        """Compute the measures of the whole clip.

        Returns
        -------
        dict : name with its unit (`_deg`, `_s`, `_pct`) -> JSON value, None where unknown. No degrees where
            `motion.allows_degrees` is False.
        """
        return {}

    def correct_stages(self, motion: Motion, placements: Sequence[StagePlacement]) -> Sequence[Stage] | None:
        """Measure the stages where the coach puts them; None: only the angles of changed stages are measured again.

        Parameters
        ----------
        motion : as for `find_events`.
        placements : all stages after the correction, in order of time.

        Raises
        ------
        ValueError : a placement that this movement cannot have; the text says why.
        """
        return None

    def list_observations(self, details: ClipDetails, events: Events, measures: Mapping[str, Any]) -> list[Observation]:
        """List what the numbers show, as ids and evidence without words."""
        return []

    def list_comparable_measures(self, analysis: Analysis) -> list[ComparableMeasure]:
        """List the measures by which two clips of this movement are compared; `analysis` may come from a file."""
        return []

    def get_comfort_angles(self) -> tuple[str, ...]:
        """Return the columns in which the comfortable range is stated: `comfort_angles`, else `main_angle`."""
        return self.comfort_angles or (self.main_angle,)

    def describe(self) -> MovementInfo:
        """Return everything that the movement states about itself, for menus, pages and the API."""
        return MovementInfo(
            name=self.name,
            title=self.title,
            variants=list(self.variants),
            instructions=self.instructions,
            event_kind=self.event_kind,
            phases=self.phases,
            main_angle=self.main_angle,
            comfort_angles=list(self.get_comfort_angles()),
            stage_titles=dict(self.stage_titles),
            correctable_stages=list(self.correctable_stages),
            one_leg_stages=sorted(self.one_leg_stages),
            direction=self.direction,
            baseline_stages=sorted(self.baseline_stages),
            release_stages=sorted(self.release_stages),
            better=dict(self.better),
            measure_labels=dict(self.measure_labels),
            key_measures=[spec.describe() for spec in self.key_measures],
            asks_screening_first=self.asks_screening_first,
            tracks_load=self.tracks_load,
            can_be_loaded=self.can_be_loaded,
            session_plans=list(self.session_plans),
            unloaded_variants=sorted(self.unloaded_variants),
            wide_stance_variants=sorted(self.wide_stance_variants),
            contrasts=dict(self.contrasts),
        )
