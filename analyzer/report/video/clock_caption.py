"""Captions under the clock of the video: the rep, the hold or the stage of each frame."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from analyzer.report.movement_words import get_movement_words
from analyzer.results.schema import Analysis
from analyzer.vocabulary.units import format_number

_HIGHLIGHT_S = 0.15  # a turn is highlighted this long before and after; chosen: the eye needs a third of a second


class ClockCaption(NamedTuple):
    """Text of one frame, "" for none; highlighted at the turn of a rep."""

    text: str
    is_highlighted: bool = False


NO_CAPTION = ClockCaption("")


def build_clock_captions(analysis: Analysis, times_s: NDArray[np.float64]) -> list[ClockCaption]:
    """Build one caption for each of the frame times (T,), in seconds."""
    captions = [NO_CAPTION] * len(times_s)
    words = get_movement_words(analysis.movement.name)
    complete = [rep for rep in analysis.reps if rep.complete]
    numbers = {rep.index: number for number, rep in enumerate(complete, start=1)}
    for frame, time_s in enumerate(times_s):
        done = sum(rep.end_s < time_s for rep in complete)
        if done:
            captions[frame] = ClockCaption(f"{done} of {len(complete)} done")
    for rep in analysis.reps:
        text = f"rep {numbers[rep.index]} of {len(complete)}" if rep.index in numbers else "part of a rep"
        for frame in _frames_between(times_s, rep.start_s, rep.end_s):
            at_turn = abs(float(times_s[frame]) - rep.bottom_s) <= _HIGHLIGHT_S
            captions[frame] = ClockCaption(f"{text}: {words.phases.turn}" if at_turn else text, at_turn)
    for hold in analysis.holds:
        for frame in _frames_between(times_s, hold.start_s, hold.end_s):
            held = format_number(float(times_s[frame]) - hold.start_s, "s", decimals=0)
            captions[frame] = ClockCaption(f"hold {held}")
    for stage in analysis.stages:
        for frame in _frames_between(times_s, stage.start_s, stage.end_s):
            captions[frame] = ClockCaption(words.format_stage(stage.name, stage.side).lower())
    return captions


def _frames_between(times_s: NDArray[np.float64], start_s: float, end_s: float) -> range:
    first, stop = np.searchsorted(times_s, start_s, "left"), np.searchsorted(times_s, end_s, "right")
    return range(int(first), int(stop))
