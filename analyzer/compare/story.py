"""What sets two sides apart, and what may then be compared."""

from dataclasses import dataclass

from analyzer.compare.result import Story
from analyzer.compare.side import CompareError, Side
from analyzer.kinematics.view import gives_degrees
from analyzer.movements.change import LIMITS, Setting

UNLOADED = ("bodyweight", "bodyweight_hinge", "waiters_bow")
"""Variants that say that nothing is lifted."""

# What a movement is trained towards; elsewhere a change is told, not praised: domain 6 and 7 know no target angles.
BETTER: dict[str, str] = {
    "squat.thigh_deg": "more",  # deeper; domain 2.6
    "squat.knee_deg": "more",  # likewise
    "hinge.hip_back_pct": "more",  # domain 2.5
    "hinge.hip_share": "more",  # domain 2.4
    "hinge.rounding_deg": "less",  # the seed's "no more back rounding"
    "hold_s": "more",  # domain 3
    "in_zone_s": "more",  # domain 3: quality time
    "toe_touch.trunk_deg": "more",  # more of the own range; domain 7
    "toe_touch.trunk_thigh_deg": "more",  # likewise
    "overhead.arm_deg": "more",  # domain 6
    "overhead.shoulder_deg": "more",  # likewise
}
"""Key of a quantity -> the direction."""


@dataclass(frozen=True)
class Plot:
    """How a pair is told: the side that comes first, the other, and what sets them apart."""

    before: Side
    after: Side
    story: Story


def plot_of(a: Side, b: Side, cue: str | None) -> Plot:
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
        return Plot(b, a, "dissociation") if names[0] == "hinge" else Plot(a, b, "dissociation")
    if _is_sumo(a) != _is_sumo(b):
        return Plot(b, a, "stance") if _is_sumo(a) else Plot(a, b, "stance")
    if _is_unloaded(a) != _is_unloaded(b) and (load_kg(a) or load_kg(b)):
        return Plot(b, a, "load") if _is_unloaded(b) else Plot(a, b, "load")
    if cue is not None:
        return Plot(a, b, "cue")
    if other_side(a, b):
        return Plot(a, b, "sides")
    if a.analysis.movement.variant != b.analysis.movement.variant:
        return Plot(a, b, "variant")
    return Plot(a, b, "plain")


def other_side(a: Side, b: Side) -> bool:
    """Whether the two show the person from the left and from the right."""
    return a.analysis.view.facing != b.analysis.view.facing


def comparable(family: str, plot: Plot) -> bool:
    """Whether quantities of this family may be compared.

    Sumo against another stance: the trunk alone, as the thighs point out of the picture's plane (domain 1.5). Without
    degrees in either view: times alone.
    """
    if plot.story == "dissociation":
        return family == "hip_share" and both_give_degrees(plot)
    if plot.story == "stance" and family != "trunk":
        return False
    return both_give_degrees(plot) or LIMITS.families[family].unit == "s"


def both_give_degrees(plot: Plot) -> bool:
    """Whether both views allow degrees."""
    return all(gives_degrees(side.analysis.view.grade) for side in (plot.before, plot.after))


def setting_of(sides: list[Side], given: Setting | None) -> Setting:
    """As given; else the same clip where all are parts of one file, else filmed again."""
    if given is not None:
        return given
    return "same_clip" if len({side.analysis.clip.sha256 for side in sides}) == 1 else "refilmed"


def check_apart(sides: list[Side]) -> None:
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


def load_kg(side: Side) -> float | None:
    """The load that was told; None where nothing was."""
    value = side.analysis.provenance.settings.get("load_kg")
    return float(value) if isinstance(value, int | float) else None


def _is_unloaded(side: Side) -> bool:
    """Whether it was said that nothing is lifted; where nothing was said, it is not known."""
    return load_kg(side) == 0 or (load_kg(side) is None and side.analysis.movement.variant in UNLOADED)


def _is_sumo(side: Side) -> bool:
    return side.analysis.movement.variant == "sumo"


def _title(side: Side) -> str:
    return side.movement.title.lower()
