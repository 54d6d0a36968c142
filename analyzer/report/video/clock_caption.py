"""What the video says beside its clock: the rep, the hold or the stage that is going on."""

import numpy as np
from numpy.typing import NDArray

from analyzer.report.angle_names import get_turn_name
from analyzer.report.key_moments import format_stage_title
from analyzer.results.schema import Analysis

_MARK_S = 0.15  # the turn of a rep is marked this long before and after; chosen: the eye needs a third of a second


def build_clock_captions(analysis: Analysis, times_s: NDArray[np.float64]) -> list[tuple[str, bool]]:
    """(text, marked) for every frame; the text is "" where there is nothing to say, marked at the turn of a rep."""
    notes = [("", False)] * len(times_s)
    counted = [rep for rep in analysis.reps if rep.complete]
    turn = get_turn_name(analysis.movement.name)
    numbers = {rep.index: number for number, rep in enumerate(counted, start=1)}
    for k, time_s in enumerate(times_s):
        done = sum(rep.end_s < time_s for rep in counted)
        if done:
            notes[k] = (f"{done} of {len(counted)} done", False)
    for rep in analysis.reps:
        text = f"rep {numbers[rep.index]} of {len(counted)}" if rep.index in numbers else "part of a rep"
        for k in _between(times_s, rep.start_s, rep.end_s):
            at_turn = abs(float(times_s[k]) - rep.bottom_s) <= _MARK_S
            notes[k] = (f"{text}: {turn}" if at_turn else text, at_turn)
    for hold in analysis.holds:
        for k in _between(times_s, hold.start_s, hold.end_s):
            notes[k] = (f"hold {float(times_s[k]) - hold.start_s:.0f} s", False)
    for stage in analysis.stages:
        for k in _between(times_s, stage.start_s, stage.end_s):
            notes[k] = (format_stage_title(stage.name, stage.side).lower(), False)
    return notes


def _between(times_s: NDArray[np.float64], start_s: float, end_s: float) -> range:
    first, stop = np.searchsorted(times_s, start_s, "left"), np.searchsorted(times_s, end_s, "right")
    return range(int(first), int(stop))
