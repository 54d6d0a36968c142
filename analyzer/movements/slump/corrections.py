"""Apply a coach's corrections to the stages that were found in a seated slump."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from analyzer.movements.slump.thresholds import STAGES, StageSpan

Correction = Mapping[str, Any]
"""One correction as JSON."""


def apply_corrections(spans: Sequence[StageSpan], corrections: Sequence[Correction]) -> list[StageSpan]:
    """Apply corrections of stages, in order of time; measure the result again with `measure_stages`.

    Parameters
    ----------
    spans : as found.
    corrections : each with any of `name`, `start_s`, `end_s` and `side`, and with `index`, from 1, of the found stage
        that it changes. Without `index` it adds a stage and needs name, start and end. With `remove` true the stage is
        left out.

    Raises
    ------
    ValueError : unknown stage, index without a stage, or an end that is not after its start.
    """
    by_index: dict[int, StageSpan] = dict(enumerate(spans, start=1))
    added = []
    for correction in corrections:
        index = correction.get("index")
        if index is None:
            if not {"name", "start_s", "end_s"} <= set(correction):
                raise ValueError("a stage without index needs name, start_s and end_s")
            start_s = correction["start_s"]
            added.append(_correct(StageSpan(correction["name"], start_s, start_s, correction["end_s"]), correction))
        elif index not in by_index:
            raise ValueError(f"there is no stage {index}: there are {len(spans)}")
        elif correction.get("remove"):
            del by_index[index]
        else:
            by_index[index] = _correct(by_index[index], correction)
    return sorted([*by_index.values(), *added], key=lambda span: span.start_s)


def _correct(span: StageSpan, correction: Correction) -> StageSpan:
    """Return the span with the corrected name, times and side."""
    name, side = correction.get("name", span.name), correction.get("side", span.side)
    start_s, end_s = float(correction.get("start_s", span.start_s)), float(correction.get("end_s", span.end_s))
    if name not in STAGES:
        raise ValueError(f"{name}: not a stage. Stages: {', '.join(STAGES)}")
    if side not in (None, "near", "far"):
        raise ValueError(f"{side}: a side is near or far")
    if end_s <= start_s:
        raise ValueError(f"{name}: ends at {end_s:g} s, which is not after its start at {start_s:g} s")
    return StageSpan(name, start_s, float(np.clip(span.movement_end_s, start_s, end_s)), end_s, side)
