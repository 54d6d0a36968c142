"""Hip hinge and deadlift: recognised, cut into reps, measured, and what is worth saying of it."""

from collections.abc import Mapping

from analyzer.movements.hinge.floor_lifts import list_lift_times, mark_unlowered_lift
from analyzer.movements.hinge.measures import HINGE_LABELS, HingeRepMeasures, HingeSetMeasures
from analyzer.movements.hinge.observations import list_hinge_observations
from analyzer.movements.hinge.rep_measures import compute_rep_measures
from analyzer.movements.hinge.set_measures import compute_set_measures
from analyzer.movements.hinge.thresholds import HINGE_VARIANTS
from analyzer.movements.key_measures import KeyMeasureSpec
from analyzer.movements.lift_reps import find_movement_reps, lift_depth, measure_lift_shapes
from analyzer.movements.load_measures import LoadPathMeasures, load_speed_spec
from analyzer.movements.motion import ClipDetails, Motion
from analyzer.movements.protocol import (
    BackTask,
    ComparableMeasure,
    Events,
    ImprovementDirection,
    Movement,
    Observation,
    SessionPlan,
)
from analyzer.movements.recognition import movement_probability
from analyzer.movements.rep_detection import build_reps
from analyzer.movements.statistics import drop_unknown
from analyzer.movements.typed_measures import JsonObject, read_measured_reps
from analyzer.results.schema import Analysis


class Hinge(Movement):
    """Hip hinge in all its variants, with or without a load."""

    name = "hinge"
    title = "Hip hinge / deadlift"
    variants = HINGE_VARIANTS
    main_angle = "trunk_thigh_deg"
    tracks_load = True
    body_speed_of = "hands"
    unloaded_variants = frozenset({"bodyweight"})
    wide_stance_variants = frozenset({"sumo"})
    better: Mapping[str, ImprovementDirection] = {
        "hinge.hip_back_pct": "more",  # sources 2.5
        "hinge.hip_share": "more",  # sources 2.4
        "hinge.rounding_deg": "less",  # "no more back rounding", sources 7
    }
    measure_labels = HINGE_LABELS
    session_plans: tuple[SessionPlan, ...] = ("practice", "first_look")
    instructions = "Three to five reps: hips back, hands along the thighs."
    back_task: BackTask | None = "lift"
    key_measures = (
        KeyMeasureSpec(
            "hinge.fold",
            "Trunk-thigh",
            "at_bottom.trunk_thigh_deg",
            angle="trunk_thigh_deg",
            comparable="hinge.trunk_thigh_deg",
        ),
        KeyMeasureSpec(
            "hinge.trunk",
            "Trunk lean",
            "at_bottom.trunk_inclination_deg",
            angle="trunk_inclination_deg",
            comparable="hinge.trunk_deg",
        ),
        KeyMeasureSpec(
            "hinge.back",
            "Back, change from tall",
            "measures.rounding_deg",
            angle="back_rounding_deg",
            comparable="hinge.rounding_deg",
            is_back=True,
        ),
        KeyMeasureSpec(
            "hinge.knee",
            "Knee bend",
            "at_bottom.knee_flexion_deg",
            angle="knee_flexion_deg",
            comparable="hinge.knee_deg",
        ),
        load_speed_spec("hinge"),
        KeyMeasureSpec("hinge.ascent", "Time up", "ascent_s", unit="s", comparable="hinge.ascent_s"),
    )

    def recognise(self, motion: Motion) -> float:
        """Return the probability of the shared recogniser; see `recognition`."""
        return movement_probability(self.name, motion)

    def find_events(self, motion: Motion, details: ClipDetails) -> Events:
        """Find each way down and up; bends that are no hinge (set-up, picking something up) are left out."""
        reps = find_movement_reps(motion, self.name, lift_depth(motion))
        shapes = mark_unlowered_lift(details, measure_lift_shapes(motion, reps))
        measures = [compute_rep_measures(motion, details, shapes, index).to_json() for index in range(len(shapes))]
        return Events(reps=build_reps(list_lift_times(details, shapes), motion, measures))

    def compute_measures(self, motion: Motion, details: ClipDetails, events: Events) -> JsonObject:
        """Compute the measures of the set; see `HingeSetMeasures`."""
        return compute_set_measures(details, events.reps, motion.yaw_deg).to_json()

    def list_observations(
        self, details: ClipDetails, events: Events, measures: Mapping[str, object]
    ) -> list[Observation]:
        """List what the person can do and what may come next."""
        load = measures.get("load_path")
        path = LoadPathMeasures.from_json(load) if isinstance(load, Mapping) else None
        return list_hinge_observations(details, events.reps, HingeSetMeasures.from_json(measures), path)

    def list_comparable_measures(self, analysis: Analysis) -> list[ComparableMeasure]:
        """List the trunk in every variant; trunk-thigh, knee and shin but of sumo; hips back, tempo and rounding."""
        measured = read_measured_reps(analysis.reps, HingeRepMeasures)
        reps = [each.measures for each in measured]
        values = [
            ("trunk_deg", "trunk", [rep.trunk_deg for rep in reps]),
            ("neck_deg", "neck", [rep.neck_deg for rep in reps]),
            ("rounding_deg", "back", [rep.rounding_deg for rep in reps]),
            ("hip_share", "hip_share", [rep.hip_share for rep in reps]),
        ]
        if analysis.movement.variant != "sumo":
            values += [
                ("trunk_thigh_deg", "trunk_thigh", [rep.trunk_thigh_deg for rep in reps]),
                ("knee_deg", "knee", [rep.knee_deg for rep in reps]),
                ("shin_deg", "shin", [rep.shin_deg for rep in reps]),
                ("hip_back_pct", "hip_back", [rep.hip_back_pct for rep in reps]),
            ]
        values += [
            ("ascent_s", "tempo", [each.rep.ascent_s for each in measured]),
            ("descent_s", "tempo", [each.rep.descent_s for each in measured if not each.measures.set_up]),
        ]
        return [ComparableMeasure(f"hinge.{name}", family, drop_unknown(known)) for name, family, known in values]


MOVEMENT = Hinge()
