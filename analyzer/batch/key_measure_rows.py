"""Rows of the key measures of each clip, and how they changed since the last clip of the same client and exercise."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from analyzer.batch.exercises import SummaryRow, choose_setting, group_by_exercise
from analyzer.batch.result_entries import BatchEntry
from analyzer.compare.key_changes import compute_changes_since
from analyzer.compare.schema import KeyChange
from analyzer.movements.minimal_detectable_change import NO_OWN_MDC, MdcTable
from analyzer.results.schema import Analysis
from analyzer.vocabulary.key_measures import format_change

KEY_MEASURE_COLUMNS = (
    "movement", "key_measure", "label", "value", "unit", "direction", "low", "high", "n",
    "change", "least_change", "clear", "better", "changes_since", "changes_since_clip",
)  # fmt: skip


@dataclass(frozen=True)
class ChangesSince:
    """Changes of the key measures of one clip since the clip `file`, filmed on `date`."""

    file: str
    date: str
    changes: Sequence[KeyChange]

    @property
    def text(self) -> str:
        """All changes in one line: "Trunk-thigh: no clear change (+6°); Back, change from tall: −18°, better"."""
        return "; ".join(f"{change.label}: {format_change(change)}" for change in self.changes)


def find_changes(
    clips: Iterable[tuple[BatchEntry, SummaryRow]], own_mdc: MdcTable = NO_OWN_MDC
) -> dict[str, ChangesSince]:
    """Return the changes of each clip since the last one of its client and exercise, by file.

    A clip with the same content as another is no other clip. Two results are held at a time.
    """
    changes_by_file: dict[str, ChangesSince] = {}
    for group in group_by_exercise(clips).values():
        distinct = list({entry.sha256 or entry.file: (entry, row) for entry, row in reversed(group)}.values())[::-1]
        results = ((entry, row, entry.load_analysis()) for entry, row in (distinct if len(distinct) > 1 else []))
        for (earlier, before, old), (later, after, new) in pairwise(results):
            if old is None or new is None:
                continue
            changes = compute_changes_since(old, new, choose_setting(before, after), own_mdc)
            if changes:
                changes_by_file[later.file] = ChangesSince(earlier.file, before["date"], changes)
    return changes_by_file


def make_key_measure_rows(analysis: Analysis) -> Iterator[dict[str, Any]]:
    """Yield one row for each key measure; `low` and `high` are the ends of its 80 % interval."""
    for measure in analysis.key_measures:
        low, high = measure.interval_80 or (None, None)
        yield {
            "movement": analysis.movement.name,
            "key_measure": measure.id,
            "label": measure.label,
            "value": measure.value,
            "unit": measure.unit,
            "direction": measure.direction,
            "low": low,
            "high": high,
            "n": sum(value is not None for value in measure.per_rep) or None,
        }


def make_change_cells(since: ChangesSince, id: str) -> dict[str, Any]:
    """Return the cells of one key measure that state its change; empty where it has none."""
    change = next((one for one in since.changes if one.id == id), None)
    if change is None:
        return {}
    has_verdict = change.mdc is not None
    return {
        "change": change.change,
        "least_change": change.mdc,
        "clear": change.clear if has_verdict else None,
        "better": change.better if has_verdict else None,
        "changes_since": since.date,
        "changes_since_clip": since.file,
    }
