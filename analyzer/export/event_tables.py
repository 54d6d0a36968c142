"""Reps, holds and stages as plain tables: one row each, one value a cell, units in the names."""

from collections.abc import Iterator, Mapping

import pandas as pd

from analyzer.results.schema import Analysis

_PREFIXES = {"at_bottom": "bottom_", "range": "range_", "angles": "", "measures": "", "reported": "reported_"}


def make_event_dataframes(analysis: Analysis) -> dict[str, pd.DataFrame]:
    """Return the tables `reps`, `holds` and `stages` that have rows.

    The columns `clip_sha256` and `movement` come first, so that tables of several clips can be stacked.
    """
    tables = {}
    for kind, events in (("reps", analysis.reps), ("holds", analysis.holds), ("stages", analysis.stages)):
        rows = [dict(_flatten(event.model_dump(), _PREFIXES)) for event in events]
        if rows:
            table = pd.DataFrame(rows)
            if "index" not in table:
                table.insert(0, "index", range(1, len(table) + 1))
            table.insert(0, "movement", analysis.movement.name)
            table.insert(0, "clip_sha256", analysis.clip.sha256)
            tables[kind] = table
    return tables


def flatten_measures(measures: Mapping[str, object]) -> dict[str, object]:
    """Return nested measures as one level, names joined by dots; lists of numbers and words as text.

    Lists of objects are numbered from 1: "lift_speed.reps.1.start_s".
    """
    return dict(_flatten(_number_objects(measures), {}))


def _number_objects(measures: Mapping[str, object]) -> dict[str, object]:
    """Replace lists of objects, at any depth, by mappings from "1", "2", ... to the objects."""
    numbered: dict[str, object] = {}
    for name, value in measures.items():
        if isinstance(value, list | tuple) and value and all(isinstance(part, Mapping) for part in value):
            value = {str(number): part for number, part in enumerate(value, start=1)}
        numbered[name] = _number_objects(value) if isinstance(value, Mapping) else value
    return numbered


def _flatten(
    values: Mapping[str, object], prefixes: Mapping[str, str], prefix: str = ""
) -> Iterator[tuple[str, object]]:
    for key, value in values.items():
        if isinstance(value, Mapping):
            yield from _flatten(value, {}, prefix + prefixes.get(key, f"{key}."))
        elif isinstance(value, list | tuple):
            yield prefix + key, ", ".join(str(part) for part in value)
        elif not (value is None and key in prefixes):
            yield prefix + key, value
