"""Decide which of two sides comes first, what sets them apart, and what may be compared."""

from dataclasses import dataclass

from analyzer.compare.schema import ContrastKind
from analyzer.compare.side import CompareError, ComparisonSide
from analyzer.kinematics.camera_view import allows_angles
from analyzer.movements.minimal_detectable_change import LIMITS, ComparisonSetting, is_clear_change
from analyzer.movements.protocol import ComparableMeasure

UNITS_WITHOUT_VIEW = frozenset({"s", "per_min", "of_10"})
"""Units of times, counts and reports, which no camera view changes."""
_LARGEST_SIDE_YAW_DEG = 45.0  # up to here the camera sees more of one side than of front or back; chosen


@dataclass(frozen=True)
class OrderedPair:
    """A pair of sides in the order in which they are described, and what sets them apart."""

    before: ComparisonSide
    after: ComparisonSide
    contrast: ContrastKind

    @property
    def allows_angles(self) -> bool:
        """Return whether both views allow degrees."""
        return all(allows_angles(side.analysis.view.grade) for side in (self.before, self.after))


def order_pair(a: ComparisonSide, b: ComparisonSide, cue: str | None) -> OrderedPair:
    """Sort a pair into its natural order: without load before with load, narrow before wide stance.

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


def is_same_exercise(pair: OrderedPair) -> bool:
    """Return whether the two are one exercise at two times: the same movement and variant, both with load or without.

    The side that was filmed may differ.
    """
    return pair.contrast in ("plain", "sides")


def shows_opposite_sides(a: ComparisonSide, b: ComparisonSide) -> bool:
    """Return whether one clip shows the person from the left and the other from the right.

    A clip from the front or from behind shows neither side, whichever way the person faces in most of its frames.
    """
    views = a.analysis.view, b.analysis.view
    return views[0].facing != views[1].facing and all(view.yaw_deg <= _LARGEST_SIDE_YAW_DEG for view in views)


def is_comparable(family: str, pair: OrderedPair) -> bool:
    """Return whether quantities of a family may be compared.

    A wide against a narrow stance: the trunk alone, since the thighs point out of the picture's plane (sources 1.5).
    Without degrees in either view: times and reports alone.
    """
    if pair.contrast == "dissociation":
        return family == "hip_share" and pair.allows_angles
    if pair.contrast == "stance" and family != "trunk":
        return False
    return pair.allows_angles or LIMITS.families[family].unit in UNITS_WITHOUT_VIEW


def is_change_known(before: ComparableMeasure, after: ComparableMeasure, change: float) -> bool:
    """Return whether a difference is one of the people, not of how long was filmed.

    From a value that is a minimum to a larger one, or down to a minimum, the true change may go the other way.
    """
    return not (change > 0 and before.is_at_least) and not (change < 0 and after.is_at_least)


def is_improvement(
    pair: OrderedPair, key: str, family: str | None, before: float, after: float, threshold: float
) -> bool:
    """Return whether a comparable measure changed clearly, and in the direction that its movement counts as better.

    A change of the back counts by its size, rounded or arched. Two sides of a body are never better or worse.
    """
    direction = pair.after.movement.better.get(key)
    if direction is None or pair.contrast == "sides":
        return False
    gain = abs(after) - abs(before) if family == "back" else after - before
    return is_clear_change(gain, threshold) and direction == ("more" if gain > 0 else "less")


def resolve_setting(sides: list[ComparisonSide], requested: ComparisonSetting | None) -> ComparisonSetting:
    """Return the requested setting; without one the same clip where all sides are parts of one file, else refilmed."""
    if requested is not None:
        return requested
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
    """Return the load of a clip, kg; None where it was not given."""
    value = side.analysis.provenance.settings.get("load_kg")
    return float(value) if isinstance(value, int | float) else None


def _is_unloaded(side: ComparisonSide) -> bool:
    """Return whether the clip is known to be without load; False where nothing was given."""
    variant = side.analysis.movement.variant
    return get_load_kg(side) == 0 or (get_load_kg(side) is None and variant in side.movement.unloaded_variants)


def _is_wide_stance(side: ComparisonSide) -> bool:
    return side.analysis.movement.variant in side.movement.wide_stance_variants


def _title(side: ComparisonSide) -> str:
    return side.movement.title.lower()
