"""Compare two or three sides: which quantities changed by the minimal detectable change or more, in words."""

from collections.abc import Sequence
from statistics import fmean

from analyzer._version import __version__
from analyzer.compare.key_changes import compute_key_changes
from analyzer.compare.pairing import (
    OrderedPair,
    check_distinct_events,
    get_load_kg,
    is_change_known,
    is_comparable,
    is_improvement,
    order_pair,
    resolve_setting,
)
from analyzer.compare.schema import Comparison, KeyChange, PairComparison, QuantityChange, ShownEvent, SideSummary
from analyzer.compare.side import CompareError, ComparisonSide
from analyzer.compare.wording import PairWording, summarize_mdc_sources
from analyzer.movements.minimal_detectable_change import NO_OWN_MDC, ComparisonSetting, MdcTable, compare_means
from analyzer.movements.protocol import ComparableMeasure
from analyzer.results.schema import Hold, Rep

SIDE_LABELS = ("A", "B", "C")


def compare_sides(
    sides: Sequence[ComparisonSide],
    setting: ComparisonSetting | None = None,
    cue: str | None = None,
    own_mdc: MdcTable = NO_OWN_MDC,
) -> Comparison:
    """Compare the first side with each of the others.

    Parameters
    ----------
    sides : two or three.
    setting : how they were filmed; None: the same clip if it is one file, else refilmed on the same day.
    cue : the coach's cue between the two clips, verbatim.
    own_mdc : minimal detectable changes from own repeats.

    Raises
    ------
    CompareError : different movements, or the same reps on two sides.
    """
    sides = list(sides)
    if not 2 <= len(sides) <= len(SIDE_LABELS):
        raise CompareError(f"expected two or three clips to compare, got {len(sides)}.")
    check_distinct_events(sides)
    setting = resolve_setting(sides, setting)
    labels = {id(side): label for side, label in zip(sides, SIDE_LABELS, strict=False)}
    pairs = [_compare_pair(order_pair(sides[0], other, cue), setting, cue, labels, own_mdc) for other in sides[1:]]
    main_key = next((row.key for pair in pairs for row in pair.rows), None)
    return Comparison(
        setting=setting,
        cue=cue,
        sides=[_summarize_side(side, labels[id(side)], main_key) for side in sides],
        pairs=pairs,
        mdc_source=summarize_mdc_sources([row for pair in pairs for row in pair.rows]),
        analyzer=__version__,
    )


def _compare_pair(
    pair: OrderedPair, setting: ComparisonSetting, cue: str | None, labels: dict[int, str], own_mdc: MdcTable
) -> PairComparison:
    wording = PairWording(pair, labels[id(pair.before)], labels[id(pair.after)], cue)
    comparable = [(a, b) for a, b in _match_quantities(pair) if is_comparable(a.family, pair)]
    key_changes = compute_key_changes(pair, setting, own_mdc)
    by_quantity = {change.quantity: change for change in key_changes}
    rows = [
        _use_key_change(row, by_quantity.get(row.key))
        for a, b in comparable
        if (row := _compare_quantity(pair, a, b, setting, wording, own_mdc)) is not None
    ]
    rows.sort(key=lambda row: (not row.better, not row.clear, -abs(row.change) / max(row.threshold, 1e-9)))
    return PairComparison(
        before=wording.before,
        after=wording.after,
        story=pair.contrast,
        key_changes=key_changes,
        rows=rows,
        sentences=wording.describe_changes(rows),
        left_out=_list_excluded_titles(pair, wording),
        notes=wording.describe_limitations(),
    )


def _list_excluded_titles(pair: OrderedPair, wording: PairWording) -> list[str]:
    """List titles of quantities that may not be compared; none for two movements, which differ by nature."""
    if pair.contrast == "dissociation":
        return []
    known = [quantity for side in (pair.before, pair.after) for quantity in side.quantities() if quantity.values]
    excluded = (wording.title(quantity.key) for quantity in known if not is_comparable(quantity.family, pair))
    return list(dict.fromkeys(excluded))


def _match_quantities(pair: OrderedPair) -> list[tuple[ComparableMeasure, ComparableMeasure]]:
    """Match quantities of both sides by key, or, for two different movements, by family."""
    before, after = pair.before.quantities(), pair.after.quantities()
    if pair.contrast == "dissociation":
        shares = [(a, b) for a in before for b in after if a.family == b.family == "hip_share"]
        if not any(a.values and b.values for a, b in shares) or not pair.allows_angles:
            raise CompareError(
                f"{pair.after.source.name} and {pair.before.source.name}: these two movements are compared by the "
                "hips' share of the bend alone, and it is not known in both."
            )
        return shares[:1]
    by_key = {quantity.key: quantity for quantity in after}
    return [(a, by_key[a.key]) for a in before if a.key in by_key and by_key[a.key].family == a.family]


def _compare_quantity(
    pair: OrderedPair,
    first: ComparableMeasure,
    second: ComparableMeasure,
    setting: ComparisonSetting,
    wording: PairWording,
    own_mdc: MdcTable,
) -> QuantityChange | None:
    """Compare the means of one quantity; None where one side has no value, or the change is not known."""
    yaw_deg = max(abs(side.analysis.view.yaw_deg or 0.0) for side in (pair.before, pair.after))
    are_medians = not (pair.before.analysis.reps and pair.after.analysis.reps)
    change = compare_means(
        first.values,
        second.values,
        first.family,
        setting,
        yaw_deg=yaw_deg,
        are_medians=are_medians,
        key=second.key if first.key == second.key else "",
        own_mdc=own_mdc,
    )
    if change is None or not is_change_known(first, second, change.change):
        return None
    return QuantityChange(
        key=second.key,
        family=second.family,
        title=wording.title(second.key),
        unit=change.unit,
        before=round(change.before, 3),
        after=round(change.after, 3),
        change=round(change.change, 3),
        threshold=round(change.threshold, 3),
        clear=change.is_clear,
        better=is_improvement(pair, second.key, second.family, change.before, change.after, change.threshold),
        n_before=change.n_before,
        n_after=change.n_after,
        threshold_source=change.source,
    )


def _use_key_change(row: QuantityChange, change: KeyChange | None) -> QuantityChange:
    """Return the row with the numbers of the key measure that is the same quantity, so that there is one verdict."""
    if change is None:
        return row
    numbers = {name: getattr(change, name) for name in ("before", "after", "change", "clear", "better")}
    if change.mdc is not None:
        numbers |= {"threshold": change.mdc, "threshold_source": change.mdc_source}
    return row.model_copy(update=numbers)


def _summarize_side(side: ComparisonSide, label: str, main_key: str | None) -> SideSummary:
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
        reps=[rep.index for rep in side.measured_reps],
        holds=[hold.index for hold in analysis.holds],
        stages=[stage.name for stage in analysis.stages],
        shown=_select_shown_event(side, main_key),
    )


def _select_shown_event(side: ComparisonSide, main_key: str | None) -> ShownEvent:
    """Select the event with the value of the main quantity nearest to the mean: typical, not chosen to impress."""
    events = side.measured_reps or side.events
    known = [
        (value, event) for event in events if main_key and (value := side.event_value(event, main_key)) is not None
    ]
    mean = fmean(value for value, _ in known) if known else 0.0
    event = min(known, key=lambda pair: abs(pair[0] - mean))[1] if known else events[len(events) // 2]
    if isinstance(event, Rep):
        return ShownEvent(what=f"rep {event.index}", time_s=event.bottom_s)
    middle_s = (event.start_s + event.end_s) / 2
    what = f"hold {event.index}" if isinstance(event, Hold) else event.name.replace("_", " ")
    return ShownEvent(what=what, time_s=round(middle_s, 3))
