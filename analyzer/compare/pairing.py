"""What sets two sides apart, and what may then be compared."""

from dataclasses import dataclass

from analyzer.compare.schema import ContrastKind
from analyzer.compare.side import CompareError, ComparisonSide
from analyzer.kinematics.camera_view import allows_angles
from analyzer.movements.minimal_detectable_change import LIMITS, ComparisonSetting


@dataclass(frozen=True)
class OrderedPair:
    """How a pair is told: the side that comes first, the other, and what sets them apart."""

    before: ComparisonSide
    after: ComparisonSide
    story: ContrastKind


def order_pair(a: ComparisonSide, b: ComparisonSide, cue: str | None) -> OrderedPair:
    """Put a pair in its natural order: without load before with load, narrow before wide stance.

    Raises
    ------
    CompareError : two different movements of which neither contrasts with the other (`Movement.contrasts`).
    """
    if a.movement.name != b.movement.name:
        return _order_contrast(a, b)
    if _is_wide_stance(a) != _is_wide_stance(b):
        return OrderedPair(b, a, "stance") if _is_wide_stance(a) else OrderedPair(a, b, "stance")
    if _is_unloaded(a) != _is_unloaded(b) and (get_load_kg(a) or get_load_kg(b)):
        return OrderedPair(b, a, "load") if _is_unloaded(b) else OrderedPair(a, b, "load")
    if cue is not None:
        return OrderedPair(a, b, "cue")
    if shows_opposite_sides(a, b):
        return OrderedPair(a, b, "sides")
    if a.analysis.movement.variant != b.analysis.movement.variant:
        return OrderedPair(a, b, "variant")
    return OrderedPair(a, b, "plain")


def _order_contrast(a: ComparisonSide, b: ComparisonSide) -> OrderedPair:
    for before, after in ((a, b), (b, a)):
        if (kind := before.movement.contrasts.get(after.movement.name)) is not None:
            return OrderedPair(before, after, kind)
    raise CompareError(
        f"{a.source.name} shows {_title(a)}, {b.source.name} shows {_title(b)}: "
        "only clips of the same movement can be compared."
    )


def shows_opposite_sides(a: ComparisonSide, b: ComparisonSide) -> bool:
    """Whether the two show the person from the left and from the right."""
    return a.analysis.view.facing != b.analysis.view.facing


def is_comparable(family: str, plot: OrderedPair) -> bool:
    """Whether quantities of this family may be compared.

    Wide against narrow stance: the trunk alone, as the thighs point out of the picture's plane (sources 1.5). Without
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
    variant = side.analysis.movement.variant
    return get_load_kg(side) == 0 or (get_load_kg(side) is None and variant in side.movement.unloaded_variants)


def _is_wide_stance(side: ComparisonSide) -> bool:
    return side.analysis.movement.variant in side.movement.wide_stance_variants


def _title(side: ComparisonSide) -> str:
    return side.movement.title.lower()
