"""From two or three sides to what changed: rows beyond the minimal detectable change, in words."""

from collections.abc import Sequence
from statistics import fmean

from analyzer._version import __version__
from analyzer.compare.pairing import (
    OrderedPair,
    both_allow_angles,
    check_distinct_events,
    get_load_kg,
    is_comparable,
    order_pair,
    resolve_setting,
)
from analyzer.compare.schema import Comparison, PairComparison, Row, ShownEvent, SideSummary
from analyzer.compare.side import CompareError, ComparisonSide
from analyzer.compare.wording import PairWording
from analyzer.movements.minimal_detectable_change import ComparisonSetting, compare_means
from analyzer.movements.protocol import ComparableMeasure
from analyzer.results.schema import Hold, Rep

SIDE_LABELS = ("A", "B", "C")


def compare_sides(
    sides: Sequence[ComparisonSide], setting: ComparisonSetting | None = None, cue: str | None = None
) -> Comparison:
    """Compare the first side with each of the others.

    Parameters
    ----------
    sides : two or three.
    setting : how they were filmed; None: the same clip if it is one file, else filmed again the same day.
    cue : what was said between them, in the coach's words.

    Raises
    ------
    CompareError : different movements, or the same reps on two sides.
    """
    sides = list(sides)
    if not 2 <= len(sides) <= len(SIDE_LABELS):
        raise CompareError(f"expected two or three clips to compare, got {len(sides)}.")
    check_distinct_events(sides)
    filmed = resolve_setting(sides, setting)
    labels = {id(side): label for side, label in zip(sides, SIDE_LABELS, strict=False)}
    plots = [order_pair(sides[0], other, cue) for other in sides[1:]]
    pairs = [_compare_pair(plot, filmed, cue, labels) for plot in plots]
    lead = next((row.key for pair in pairs for row in pair.rows), None)
    return Comparison(
        setting=filmed,
        cue=cue,
        sides=[_summarize_side(side, labels[id(side)], lead) for side in sides],
        pairs=pairs,
        analyzer=__version__,
    )


def _compare_pair(
    plot: OrderedPair, setting: ComparisonSetting, cue: str | None, labels: dict[int, str]
) -> PairComparison:
    words = PairWording(plot, labels[id(plot.before)], labels[id(plot.after)], cue)
    shared = [(a, b) for a, b in _pair_quantities(plot) if is_comparable(a.family, plot)]
    rows = [row for a, b in shared if (row := _compare_quantity(plot, a, b, setting, words)) is not None]
    left_out = _list_excluded_quantities(plot, words)
    rows.sort(key=lambda row: (not row.better, not row.clear, -abs(row.change) / max(row.threshold, 1e-9)))
    return PairComparison(
        before=words.before,
        after=words.after,
        story=plot.story,
        rows=rows,
        told=words.told(rows),
        left_out=left_out,
        notes=words.notes(),
    )


def _list_excluded_quantities(plot: OrderedPair, words: PairWording) -> list[str]:
    """What either side has but may not be compared; another movement's own quantities are not missed."""
    if plot.story == "dissociation":
        return []
    known = [quantity for side in (plot.before, plot.after) for quantity in side.quantities() if quantity.values]
    return list(
        dict.fromkeys(words.title(quantity.key) for quantity in known if not is_comparable(quantity.family, plot))
    )


def _pair_quantities(plot: OrderedPair) -> list[tuple[ComparableMeasure, ComparableMeasure]]:
    """Quantities of both: with equal keys, or, of two movements, with equal families."""
    before, after = plot.before.quantities(), plot.after.quantities()
    if plot.story == "dissociation":
        shares = [(a, b) for a in before for b in after if a.family == b.family == "hip_share"]
        if not any(a.values and b.values for a, b in shares) or not both_allow_angles(plot):
            raise CompareError(
                f"{plot.after.source.name} and {plot.before.source.name}: these two movements are compared by the "
                "hips' share of the bend alone, and it is not known in both."
            )
        return shares[:1]
    second = {quantity.key: quantity for quantity in after}
    return [(q, second[q.key]) for q in before if q.key in second and second[q.key].family == q.family]


def _compare_quantity(
    plot: OrderedPair,
    first: ComparableMeasure,
    second: ComparableMeasure,
    setting: ComparisonSetting,
    words: PairWording,
) -> Row | None:
    yaw_deg = max(abs(side.analysis.view.yaw_deg or 0.0) for side in (plot.before, plot.after))
    held = not (plot.before.analysis.reps and plot.after.analysis.reps)
    change = compare_means(first.values, second.values, first.family, setting, yaw_deg=yaw_deg, are_medians=held)
    if change is None:
        return None
    way = plot.after.movement.better.get(second.key)
    better = change.is_clear and plot.story != "sides" and way == ("more" if change.change > 0 else "less")
    return Row(
        key=second.key,
        family=second.family,
        title=words.title(second.key),
        unit=change.unit,
        before=round(change.before, 3),
        after=round(change.after, 3),
        change=round(change.change, 3),
        threshold=round(change.threshold, 3),
        clear=change.is_clear,
        better=better,
        n_before=change.n_before,
        n_after=change.n_after,
    )


def _summarize_side(side: ComparisonSide, label: str, lead: str | None) -> SideSummary:
    analysis = side.analysis
    return SideSummary(
        label=label,
        name=analysis.clip.name,
        sha256=analysis.clip.sha256,
        movement=side.movement.name,
        variant=analysis.movement.variant,
        load_kg=get_load_kg(side),
        facing=analysis.view.facing,
        grade=analysis.view.grade,
        yaw_deg=analysis.view.yaw_deg,
        reps=[rep.index for rep in analysis.reps],
        holds=[hold.index for hold in analysis.holds],
        stages=[stage.name for stage in analysis.stages],
        shown=_select_shown_event(side, lead),
    )


def _select_shown_event(side: ComparisonSide, lead: str | None) -> ShownEvent:
    """The event whose value of the leading quantity is nearest to the mean of all: typical, not picked to impress."""
    events = side.events
    known = [(value, event) for event in events if lead and (value := side.alone(event, lead)) is not None]
    mean = fmean(value for value, _ in known) if known else 0.0
    event = min(known, key=lambda one: abs(one[0] - mean))[1] if known else events[len(events) // 2]
    if isinstance(event, Rep):
        return ShownEvent(what=f"rep {event.index}", time_s=event.bottom_s)
    middle = (event.start_s + event.end_s) / 2
    what = f"hold {event.index}" if isinstance(event, Hold) else event.name.replace("_", " ")
    return ShownEvent(what=what, time_s=round(middle, 3))
