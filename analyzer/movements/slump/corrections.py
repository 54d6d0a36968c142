"""Take over the stages of a seated slump where the coach puts them."""

from collections.abc import Sequence

import numpy as np

from analyzer.movements.slump.thresholds import STAGES, StageSpan
from analyzer.movements.stage_placement import StagePlacement


def place_spans(spans: Sequence[StageSpan], placements: Sequence[StagePlacement]) -> list[StageSpan]:
    """Return the spans of corrected stages; measure them again with `measure_stages`.

    Parameters
    ----------
    spans : as detected.
    placements : all stages that there are after the correction, in order of time.

    Returns
    -------
    One span for each placement. A changed stage keeps the end of its movement where that lies inside it.

    Raises
    ------
    ValueError : a name that is not a stage of this test.
    """
    placed = []
    for placement in placements:
        detected = None if placement.index is None else spans[placement.index - 1]
        if detected is not None and not placement.is_changed:
            placed.append(detected)
            continue
        if placement.name not in STAGES:
            raise ValueError(f"{placement.name}: not a stage. Stages: {', '.join(STAGES)}")
        start_s, end_s = placement.start_s, placement.end_s
        movement_end_s = start_s if detected is None else float(np.clip(detected.movement_end_s, start_s, end_s))
        placed.append(StageSpan(placement.name, start_s, movement_end_s, end_s, placement.side))
    return placed
