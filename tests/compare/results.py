"""Hand-built results and a movement that compares them."""

from pathlib import Path

from analyzer.compare.side import ComparisonSide, SideSource, select_side
from analyzer.movements.protocol import ComparableMeasure, Movement
from analyzer.movements.registry import load_movements
from analyzer.results.schema import Analysis, ClipFacts, Provenance, Rep, Subject
from analyzer.results.schema import Movement as MovementFacts
from tests.views import result_quality, result_view


class BendMovement(Movement):
    """A movement with trunk, trunk-thigh, knee and time up of each rep, and a time of the whole clip."""

    def __init__(self, name: str = "hinge") -> None:
        vars(self).update({each: getattr(load_movements()[name], each) for each in Movement.__annotations__})
        self.name, self.title = name, name.replace("_", " ").capitalize()
        self.variants, self.main_angle = ("sumo", "conventional", "bodyweight", "goblet"), "trunk_thigh_deg"

    def recognise(self, motion):
        return 0.0

    def find_events(self, motion, details):
        raise NotImplementedError

    def list_comparable_measures(self, analysis: Analysis) -> list[ComparableMeasure]:
        def column(name: str) -> tuple[float, ...]:
            return tuple(rep.at_bottom[name] for rep in analysis.reps if name in rep.at_bottom)

        return [
            ComparableMeasure(f"{self.name}.trunk_deg", "trunk", column("trunk")),
            ComparableMeasure(
                f"{self.name}.{'thigh' if self.name == 'squat' else 'fold'}_deg", "trunk_thigh", column("fold")
            ),
            ComparableMeasure(f"{self.name}.knee_deg", "knee", column("knee")),
            ComparableMeasure(
                f"{self.name}.ascent_s", "tempo", tuple(rep.ascent_s for rep in analysis.reps if rep.ascent_s)
            ),
            ComparableMeasure(f"{self.name}.whole_s", "tempo", tuple(filter(None, [analysis.measures.get("whole_s")]))),
            ComparableMeasure(f"{self.name}.hip_share", "hip_share", column("share")),
            ComparableMeasure(f"{self.name}.rounding_deg", "back", column("rounding")),
        ]


KNOWN_MOVEMENTS = {name: BendMovement(name) for name in ("hinge", "squat", "toe_touch")}


def rep(index: int, ascent_s: float = 1.0, **at_bottom: float) -> Rep:
    start = 4.0 * index
    return Rep(
        index=index, start_s=start, bottom_s=start + 1, end_s=start + 1 + ascent_s, descent_s=1.0, pause_s=0.0,
        ascent_s=ascent_s, complete=True, at_bottom=at_bottom,
    )  # fmt: skip


def result(
    *reps: Rep, name="a.mp4", movement="hinge", variant=None, load_kg=None, facing="right", yaw_deg=3.0, grade="good",
    measures=None,
) -> Analysis:  # fmt: skip
    return Analysis(
        clip=ClipFacts(
            name=name, sha256=name, width_px=640, height_px=640, duration_s=30.0, frames=900, mean_fps=30.0,
            rotation_deg=0,
        ),
        subject=Subject(chosen_by="largest", box_px=(220, 60, 420, 600), others_seen=0),
        view=result_view(facing, yaw_deg, grade),
        quality=result_quality(),
        movement=MovementFacts(name=movement, variant=variant, confidence=1.0, source="given"),
        reps=list(reps),
        measures=measures or {},
        provenance=Provenance(analyzer="0", mediapipe="0", model_sha256="0", settings={"load_kg": load_kg}),
    )  # fmt: skip


def three_reps(trunk=60.0, fold=90.0, knee=20.0, ascent_s=1.0) -> list[Rep]:
    """Three reps a degree apart: their own spread is below the floor of 2."""
    return [
        rep(i, ascent_s=ascent_s, trunk=trunk + d, fold=fold + d, knee=knee + d) for i, d in ((1, -1), (2, 0), (3, 1))
    ]


def side(analysis: Analysis, part: tuple[int, int] | None = None) -> ComparisonSide:
    return select_side(SideSource(Path(analysis.clip.name), part), analysis)
