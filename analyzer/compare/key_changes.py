"""Changes of the key measures from one result to another, each with its minimal detectable change."""

from pathlib import Path

from analyzer.compare.pairing import (
    UNITS_WITHOUT_VIEW,
    OrderedPair,
    is_change_known,
    is_comparable,
    is_improvement,
    is_same_exercise,
    order_pair,
)
from analyzer.compare.schema import KeyChange
from analyzer.compare.side import CompareError, SideSource, select_side
from analyzer.movements.key_measures import KeyMeasureSpec
from analyzer.movements.minimal_detectable_change import (
    NO_OWN_MDC,
    ComparisonSetting,
    MdcTable,
    compare_means,
    is_clear_change,
)
from analyzer.movements.protocol import ComparableMeasure
from analyzer.movements.statistics import drop_unknown
from analyzer.results.schema import Analysis, KeyMeasure


def compute_changes_since(
    earlier: Analysis, later: Analysis, setting: ComparisonSetting, own_mdc: MdcTable = NO_OWN_MDC
) -> list[KeyChange] | None:
    """Compute how the key measures changed from an earlier clip to a later one.

    Parameters
    ----------
    earlier, later : complete results, as `read_stored_analysis` returns them.
    setting : how the two clips relate.
    own_mdc : minimal detectable changes from own repeats.

    Returns
    -------
    One change for each key measure that both have and that may be compared, in the order of the movement. None for two
    different exercises: another movement, variant, or load against no load; or where there is nothing to compare.
    """
    try:
        before, after = (select_side(SideSource(Path(one.clip.name)), one) for one in (earlier, later))
        pair = order_pair(before, after, None)
        return compute_key_changes(pair, setting, own_mdc) if is_same_exercise(pair) else None
    except CompareError:
        return None


def compute_key_changes(
    pair: OrderedPair, setting: ComparisonSetting, own_mdc: MdcTable = NO_OWN_MDC
) -> list[KeyChange]:
    """Compute the changes of the key measures that both sides have and that may be compared.

    The change is that of the values as they are shown. Its threshold is that of the same quantity in
    `Movement.list_comparable_measures`, or of own repeats; a key measure without either has a change and no verdict,
    and so has a time that may only be longer because the clip is (`is_change_known`).
    """
    if pair.before.movement.name != pair.after.movement.name:
        return []
    specs = {spec.id: spec for spec in pair.after.movement.key_measures}
    before = {measure.id: measure for measure in pair.before.key_measures()}
    sides = [{quantity.key: quantity for quantity in side.quantities()} for side in (pair.before, pair.after)]
    changes = [
        _compute_change(pair, specs[after.id], before[after.id], after, sides, setting, own_mdc)
        for after in pair.after.key_measures()
        if after.id in specs and after.id in before
    ]
    return [change for change in changes if change is not None]


def _compute_change(
    pair: OrderedPair,
    spec: KeyMeasureSpec,
    before: KeyMeasure,
    after: KeyMeasure,
    sides: list[dict[str, ComparableMeasure]],
    setting: ComparisonSetting,
    own_mdc: MdcTable,
) -> KeyChange | None:
    """Compute one change; None where the two may not be compared."""
    family = _find_family(spec, sides)
    if spec.comparable is None:
        is_shown = pair.contrast != "stance" and (pair.allows_angles or spec.unit in UNITS_WITHOUT_VIEW)
    else:
        is_shown = family is not None and is_comparable(family, pair)
    if not is_shown:
        return None
    change = after.value - before.value
    mdc, mdc_source = None, None
    if family is None or is_change_known(sides[0][spec.comparable or ""], sides[1][spec.comparable or ""], change):
        mdc, mdc_source = _compute_mdc(pair, spec, before, after, family, setting, own_mdc)
    return KeyChange(
        id=spec.id,
        label=after.label if after.label == before.label else spec.label,
        unit=spec.unit,
        before=before.value,
        after=after.value,
        interval_80_before=before.interval_80,
        interval_80_after=after.interval_80,
        direction_before=before.direction,
        direction_after=after.direction,
        change=round(change, 3),
        mdc=None if mdc is None else round(mdc, 3),
        mdc_source=mdc_source,
        clear=mdc is not None and is_clear_change(change, mdc),
        better=mdc is not None and is_improvement(pair, spec.comparable or "", family, before.value, after.value, mdc),
        quantity=spec.comparable,
    )


def _find_family(spec: KeyMeasureSpec, sides: list[dict[str, ComparableMeasure]]) -> str | None:
    """Return the family of the same quantity; None where not both sides have it."""
    families = [side[spec.comparable].family for side in sides if spec.comparable in side]
    return families[0] if len(families) == len(sides) and len(set(families)) == 1 else None


def _compute_mdc(
    pair: OrderedPair,
    spec: KeyMeasureSpec,
    before: KeyMeasure,
    after: KeyMeasure,
    family: str | None,
    setting: ComparisonSetting,
    own_mdc: MdcTable,
) -> tuple[float | None, str | None]:
    """Compute the smallest change that counts, and where it is from: of the reps behind a median, else of one value.

    Own repeats of the key measure come before those of the same quantity. A measure without a family has them alone,
    for clips that relate as those repeats do.
    """
    if family is None:
        own = own_mdc.find(spec.id, setting)
        is_same = own is not None and own.setting in (setting, "other_day")
        return (own.least_change, own.source) if own is not None and is_same else (None, None)
    has_reps = bool(pair.before.analysis.reps and pair.after.analysis.reps)
    has_values = has_reps and spec.summary == "median" and bool(before.per_rep) and bool(after.per_rep)
    values_before, values_after = (
        drop_unknown(side.per_rep) if has_values else (side.value,) for side in (before, after)
    )
    yaw_deg = max(abs(side.analysis.view.yaw_deg or 0.0) for side in (pair.before, pair.after))
    compared = compare_means(
        values_before,
        values_after,
        family,
        setting,
        yaw_deg=yaw_deg,
        are_medians=not has_reps,
        key=spec.id if own_mdc.find(spec.id, setting) is not None else spec.comparable or "",
        own_mdc=own_mdc,
    )
    return (None, None) if compared is None else (compared.threshold, compared.source)
