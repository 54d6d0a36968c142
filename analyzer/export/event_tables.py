"""Reps, holds and stages as plain tables: one row each, one value a cell, units in the names."""

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from analyzer.results.schema import Analysis

_PREFIXES = {"at_bottom": "bottom_", "range": "range_", "angles": "", "measures": "", "reported": "reported_"}


def make_event_dataframes(analysis: Analysis) -> dict[str, pd.DataFrame]:
    """`reps`, `holds` and `stages` with at least one row; `clip_sha256` and `movement` lead, so that tables stack."""
    found = {}
    for kind, events in (("reps", analysis.reps), ("holds", analysis.holds), ("stages", analysis.stages)):
        rows = [dict(_flat(event.model_dump(), _PREFIXES)) for event in events]
        if rows:
            table = pd.DataFrame(rows)
            if "index" not in table:
                table.insert(0, "index", range(1, len(table) + 1))
            table.insert(0, "movement", analysis.movement.name)
            table.insert(0, "clip_sha256", analysis.clip.sha256)
            found[kind] = table
    return found


def flatten_measures(values: Mapping[str, Any]) -> dict[str, Any]:
    """Nested measures as one level, names joined by dots; lists as text."""
    return dict(_flat(values, {}))


def _flat(values: Mapping[str, Any], prefixes: Mapping[str, str], before: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in values.items():
        if isinstance(value, Mapping):
            start = before + prefixes.get(key, f"{key}.")
            yield from _flat(value, {}, start)
        elif isinstance(value, list | tuple):
            yield before + key, ", ".join(str(one) for one in value)
        elif not (value is None and key in prefixes):
            yield before + key, value
