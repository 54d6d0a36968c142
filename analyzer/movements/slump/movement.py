"""The seated slump test: its stages and the posture held in each. It records and does not interpret."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from analyzer.movements.key_measures import KeyMeasureSpec
from analyzer.movements.motion import ClipDetails, Motion
from analyzer.movements.protocol import (
    BendDirection,
    ComparableMeasure,
    EventKind,
    Events,
    Movement,
    Observation,
    Smoothing,
)
from analyzer.movements.recognition import movement_probability
from analyzer.movements.slump.corrections import place_spans
from analyzer.movements.slump.measures import LargestChanges, SlumpMeasures, SlumpStageMeasures
from analyzer.movements.slump.stage_measures import measure_stages
from analyzer.movements.slump.stages import find_slump_stages
from analyzer.movements.slump.thresholds import (
    CHIN_TO_CHEST,
    KNEE_RELEASE,
    KNEE_STRAIGHT,
    NECK_RELEASE,
    RETURN,
    SLUMP,
    STAGES,
    TALL_SIT,
    TOES_RELEASE,
    TOES_UP,
)
from analyzer.movements.stage_placement import StagePlacement
from analyzer.movements.statistics import drop_unknown
from analyzer.movements.typed_measures import JsonObject
from analyzer.results.schema import Analysis, Stage
from analyzer.vocabulary.measures import MeasureLabel


@dataclass(frozen=True)
class SlumpObservationLimits:
    """Thresholds of observations."""

    min_slump_deg: float = 8.0  # change of the trunk; no clear change below; sources 5
    min_knee_change_deg: float = 8.0  # likewise; sources 5


LIMITS = SlumpObservationLimits()


class Slump(Movement):
    """Seated slump test, or slumping and sitting tall in turns."""

    name = "slump"
    title = "Seated slump"
    main_angle = "neck_flexion_deg"
    measure_labels: Mapping[str, MeasureLabel] = {
        "confidence": MeasureLabel(label="Confidence of the track"),
        "trunk_from_tall_deg": MeasureLabel(label="Trunk, change from tall"),
        "back_from_tall_deg": MeasureLabel(label="Back, change from tall"),
        "neck_from_tall_deg": MeasureLabel(label="Neck, change from tall"),
        "ankle_from_tall_deg": MeasureLabel(label="Ankle, change from tall"),
        "knee_short_of_straight_deg": MeasureLabel(label="Knee short of straight"),
        "largest_from_tall_deg": MeasureLabel(label="Largest change from tall"),
        "slumps": MeasureLabel(label="Times slumped"),
        "slump_deg": MeasureLabel(label="Trunk, change from tall"),
    }
    smoothing: Smoothing = "hold"
    event_kind: EventKind = "stages"
    stage_titles: Mapping[str, str] = {
        TALL_SIT: "Sitting tall",
        SLUMP: "Slumped",
        CHIN_TO_CHEST: "Chin to chest",
        KNEE_STRAIGHT: "Knee straight",
        TOES_UP: "Toes up",
        NECK_RELEASE: "Neck let go",
        TOES_RELEASE: "Toes let go",
        KNEE_RELEASE: "Knee let go",
        RETURN: "Back to tall",
    }
    correctable_stages = STAGES
    one_leg_stages = frozenset({KNEE_STRAIGHT, TOES_UP, TOES_RELEASE, KNEE_RELEASE})
    baseline_stages = frozenset({TALL_SIT, RETURN})
    release_stages = frozenset({NECK_RELEASE})  # rounded, but there to show what letting go does
    direction: BendDirection | None = "rounding"
    asks_screening_first = True  # the test is there to ask what is felt; sources 4
    comfort_angles = (  # sources 4
        "back_rounding_deg",
        "trunk_inclination_deg",
        "neck_flexion_deg",
        "knee_flexion_deg",
    )
    can_be_loaded = False
    instructions = "Sit tall, slump, bring the chin to the chest, straighten one knee, then let go step by step."
    key_measures = (
        KeyMeasureSpec(
            "slump.trunk",
            "Trunk, change from tall",
            "measures.trunk_from_tall_deg",
            angle="trunk_inclination_deg",
            summary="max",
            stages=(SLUMP, CHIN_TO_CHEST),
            comparable="slump_trunk_deg",
        ),
        KeyMeasureSpec(
            "slump.back",
            "Back, change from tall",
            "measures.back_from_tall_deg",
            angle="back_rounding_deg",
            summary="max",
            stages=(SLUMP, CHIN_TO_CHEST),
            comparable="slump_back_deg",
            is_back=True,
        ),
        KeyMeasureSpec(
            "slump.neck",
            "Neck, change from tall",
            "measures.neck_from_tall_deg",
            summary="max",
            stages=(SLUMP, CHIN_TO_CHEST),
            comparable="slump_neck_deg",
            chart="neck_flexion_deg",
        ),
        KeyMeasureSpec(
            "slump.knee",
            "Knee short of straight",
            "measures.knee_short_of_straight_deg",
            angle="knee_flexion_deg",
            stages=(KNEE_STRAIGHT, TOES_UP),
            comparable="knee_short_deg",
            short="Knee",
        ),
        KeyMeasureSpec(
            "slump.felt",
            "Most that was felt",
            "reported.level",
            unit="of_10",
            summary="max",
            comparable="reported",
            short="Felt",
        ),
    )

    def recognise(self, motion: Motion) -> float:
        """Return the probability of the shared recogniser; see `recognition`."""
        return movement_probability(self.name, motion)

    def find_events(self, motion: Motion, details: ClipDetails) -> Events:
        """Find the stages; `correct_stages` applies the coach's corrections."""
        return Events(stages=measure_stages(motion, find_slump_stages(motion)))

    def correct_stages(self, motion: Motion, placements: Sequence[StagePlacement]) -> Sequence[Stage]:
        """Measure the stages where the coach puts them; raises ValueError for a name that is not a stage."""
        return measure_stages(motion, place_spans(find_slump_stages(motion), placements))

    def compute_measures(self, motion: Motion, details: ClipDetails, events: Events) -> JsonObject:
        """Compute the order of the stages and the largest changes from sitting tall; see `SlumpMeasures`."""
        stages = [(stage, SlumpStageMeasures.from_json(stage.measures)) for stage in events.stages]
        knees = [
            (stage.side, typed) for stage, typed in stages if stage.name == KNEE_STRAIGHT and stage.side is not None
        ]
        typed = SlumpMeasures(
            order=[stage.name for stage in events.stages],
            sides=sorted({side for side, _ in knees}, reverse=True),
            slumps=sum(stage.name == SLUMP for stage in events.stages),
            largest_from_tall_deg=LargestChanges(
                trunk=_largest([typed.trunk_from_tall_deg for _, typed in stages]),
                back=_largest([typed.back_from_tall_deg for _, typed in stages]),
                neck=_largest([typed.neck_from_tall_deg for _, typed in stages]),
            ),
            knee_short_of_straight_deg={
                side: typed.knee_short_of_straight_deg
                for side, typed in knees
                if typed.knee_short_of_straight_deg is not None
            },
        )
        return typed.to_json()

    def list_observations(
        self, details: ClipDetails, events: Events, measures: Mapping[str, object]
    ) -> list[Observation]:
        """List what was recorded, as something that the person can do; what it felt like is the client's to report."""
        typed = SlumpMeasures.from_json(measures)
        times_s = [stage.start_s for stage in events.stages]
        observations = []
        if {stage.name for stage in events.stages} - self.baseline_stages:
            evidence = {"stages": len(times_s), "times_s": times_s}
            observations.append(Observation("slump.recorded", "can", 0.6, evidence))
        trunk_deg = typed.largest_from_tall_deg.trunk  # the back has its own finding
        if trunk_deg is not None and trunk_deg >= LIMITS.min_slump_deg:
            furthest = next(
                stage
                for stage in events.stages
                if SlumpStageMeasures.from_json(stage.measures).trunk_from_tall_deg == trunk_deg
            )
            middle_s = round((furthest.start_s + furthest.end_s) / 2, 3)
            evidence = {"slump_deg": trunk_deg, "times_s": [middle_s]}
            observations.append(Observation("slump.range", "can", 0.5, evidence))
        knees_deg = drop_unknown(
            [
                SlumpStageMeasures.from_json(stage.measures).knee_short_of_straight_deg
                for stage in events.stages
                if stage.name in (KNEE_STRAIGHT, TOES_UP)
            ]
        )
        if knees_deg:  # the value of the key measure
            short_deg = max(0.0, median(knees_deg))
            name = "slump.knee_straight" if short_deg < LIMITS.min_knee_change_deg else "slump.knee"
            observations.append(Observation(name, "can", 0.7, {"short_deg": short_deg, "times_s": times_s}))
        return observations

    def list_comparable_measures(self, analysis: Analysis) -> list[ComparableMeasure]:
        """List how far slump, neck and knee went and what was felt, one value for each stage."""
        stages = [(stage.name, SlumpStageMeasures.from_json(stage.measures)) for stage in analysis.stages]
        slumps = [typed for name, typed in stages if name == SLUMP]
        necks = [typed for name, typed in stages if name in (SLUMP, CHIN_TO_CHEST)]
        knees = [typed for name, typed in stages if name in (KNEE_STRAIGHT, TOES_UP)]
        values = [
            ("slump_trunk_deg", "trunk", [typed.trunk_from_tall_deg for typed in slumps]),
            ("slump_back_deg", "back", [typed.back_from_tall_deg for typed in slumps]),
            ("slump_neck_deg", "neck", [typed.neck_from_tall_deg for typed in necks]),
            ("knee_short_deg", "knee", [typed.knee_short_of_straight_deg for typed in knees]),
            ("reported", "reported", _list_reported_levels(analysis.stages)),
        ]
        measures = [ComparableMeasure(name, family, drop_unknown(known)) for name, family, known in values]
        return [measure for measure in measures if measure.values]


def _list_reported_levels(stages: Sequence[Stage]) -> list[float | None]:
    levels = [None if stage.reported is None else stage.reported.level for stage in stages]
    return [None if level is None else float(level) for level in levels]


def _largest(values: Sequence[float | None]) -> float | None:
    return max(drop_unknown(values), default=None)


MOVEMENT = Slump()
