"""Group the clips of a batch by client and exercise, in the order of their dates."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from analyzer.batch.result_entries import BatchEntry
from analyzer.movements.minimal_detectable_change import ComparisonSetting
from analyzer.results.schema import UNKNOWN_MOVEMENT

SummaryRow = Mapping[str, Any]
Exercise = tuple[str, str, str, bool]
"""Client, movement, variant, and whether it is without load: with load and without are two exercises."""


def find_exercise(row: SummaryRow) -> Exercise | None:
    """Return the exercise of a row of the summary; None without a client, a date or a known movement."""
    if row["state"] != "done" or not row["client"] or not row["date"] or row["movement"] == UNKNOWN_MOVEMENT:
        return None
    return row["client"], row["movement"], row["variant"] or "", row["load_kg"] == 0


def group_by_exercise(
    clips: Iterable[tuple[BatchEntry, SummaryRow]],
) -> dict[Exercise, Sequence[tuple[BatchEntry, SummaryRow]]]:
    """Return the clips of each exercise, oldest first, by client and movement; those without an exercise are left out.

    Parameters
    ----------
    clips : entries with their rows of the summary.
    """
    groups: dict[Exercise, list[tuple[BatchEntry, SummaryRow]]] = {}
    for entry, row in clips:
        if (exercise := find_exercise(row)) is not None:
            groups.setdefault(exercise, []).append((entry, row))
    for group in groups.values():
        group.sort(key=lambda clip: (clip[1]["date"], clip[0].file))
    return dict(sorted(groups.items()))


def choose_setting(earlier: SummaryRow, later: SummaryRow) -> ComparisonSetting:
    """Return how two clips of one exercise relate: filmed on one day, or on two."""
    return "refilmed" if earlier["date"] == later["date"] else "other_day"
