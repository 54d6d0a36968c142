"""What sets two sides apart, and what may then be compared."""

from dataclasses import dataclass

from analyzer.compare.schema import ContrastKind
from analyzer.compare.side import CompareError, ComparisonSide
from analyzer.kinematics.camera_view import allows_angles
from analyzer.movements.minimal_detectable_change import LIMITS, ComparisonSetting

UNLOADED_VARIANTS = ("bodyweight", "bodyweight_hinge", "waiters_bow")
"""Variants that say that nothing is lifted."""

# What a movement is trained towards; elsewhere a change is told, not praised: sources 6 and 7 have no target angles.
IMPROVEMENT_DIRECTIONS: dict[str, str] = {
    "squat.thigh_deg": "more",  # deeper; sources 2.6
    "squat.knee_deg": "more",  # likewise
    "hinge.hip_back_pct": "more",  # sources 2.5
    "hinge.hip_share": "more",  # sources 2.4
    "hinge.rounding_deg": "less",  # "no more back rounding", sources 7
    "hold_s": "more",  # sources 3
    "in_zone_s": "more",  # sources 3: quality time
    "toe_touch.trunk_deg": "more",  # more of the own range; sources 7
    "toe_touch.trunk_thigh_deg": "more",  # likewise
    "overhead.arm_deg": "more",  # sources 6
    "overhead.shoulder_deg": "more",  # likewise
}
"""Key of a quantity -> the direction."""


@dataclass(frozen=True)
class OrderedPair:
    """How a pair is told: the side that comes first, the other, and what sets them apart."""

    before: ComparisonSide
    after: ComparisonSide
    story: ContrastKind


def order_pair(a: ComparisonSide, b: ComparisonSide, cue: str | None) -> OrderedPair:
    """Put a pair in its natural order: without load before with, conventional before sumo, toe touch before hinge.

    Raises CompareError for two different movements, but for hinge and toe touch, whose hip share may be compared.
    """
    names = a.movement.name, b.movement.name
    if names[0] != names[1]:
        if set(names) != {"hinge", "toe_touch"}:
            raise CompareError(
                f"{a.source.name} shows {_title(a)}, {b.source.name} shows {_title(b)}: "
                "only clips of the same movement can be compared."
            )
        return OrderedPair(b, a, "dissociation") if names[0] == "hinge" else OrderedPair(a, b, "dissociation")
    if _is_sumo(a) != _is_sumo(b):
        return OrderedPair(b, a, "stance") if _is_sumo(a) else OrderedPair(a, b, "stance")
    if _is_unloaded(a) != _is_unloaded(b) and (get_load_kg(a) or get_load_kg(b)):
        return OrderedPair(b, a, "load") if _is_unloaded(b) else OrderedPair(a, b, "load")
    if cue is not None:
        return OrderedPair(a, b, "cue")
    if shows_opposite_sides(a, b):
        return OrderedPair(a, b, "sides")
    if a.analysis.movement.variant != b.analysis.movement.variant:
        return OrderedPair(a, b, "variant")
    return OrderedPair(a, b, "plain")


def shows_opposite_sides(a: ComparisonSide, b: ComparisonSide) -> bool:
    """Whether the two show the person from the left and from the right."""
    return a.analysis.view.facing != b.analysis.view.facing


def is_comparable(family: str, plot: OrderedPair) -> bool:
    """Whether quantities of this family may be compared.

    Sumo against another stance: the trunk alone, as the thighs point out of the picture's plane (sources 1.5). Without
    degrees in either view: times alone.
    """
    if plot.story == "dissociation":
        return family == "hip_share" and both_allow_angles(plot)
    if plot.story == "stance" and family != "trunk":
        return False
    return both_allow_angles(plot) or LIMITS.families[family].unit == "s"


def both_allow_angles(plot: OrderedPair) -> bool:
    """Whether both views allow degrees."""
    return all(allows_angles(side.analysis.view.grade) for side in (plot.before, plot.after))


def resolve_setting(sides: list[ComparisonSide], given: ComparisonSetting | None) -> ComparisonSetting:
    """As given; else the same clip where all are parts of one file, else filmed again."""
    if given is not None:
        return given
    return "same_clip" if len({side.analysis.clip.sha256 for side in sides}) == 1 else "refilmed"


def check_distinct_events(sides: list[ComparisonSide]) -> None:
    """Raise CompareError where two sides share reps of one clip."""
    for i, a in enumerate(sides):
        for b in sides[i + 1 :]:
            if a.analysis.clip.sha256 != b.analysis.clip.sha256:
                continue
            if {event.start_s for event in a.events} & {event.start_s for event in b.events}:
                raise CompareError(
                    f"{a.source.name} and {b.source.name} are the same reps of one clip. "
                    "Choose others, such as CLIP@1-3 CLIP@4-6."
                )


def get_load_kg(side: ComparisonSide) -> float | None:
    """The load that was told; None where nothing was."""
    value = side.analysis.provenance.settings.get("load_kg")
    return float(value) if isinstance(value, int | float) else None


def _is_unloaded(side: ComparisonSide) -> bool:
    """Whether it was said that nothing is lifted; where nothing was said, it is not known."""
    return get_load_kg(side) == 0 or (get_load_kg(side) is None and side.analysis.movement.variant in UNLOADED_VARIANTS)


def _is_sumo(side: ComparisonSide) -> bool:
    return side.analysis.movement.variant == "sumo"


def _title(side: ComparisonSide) -> str:
    return side.movement.title.lower()
