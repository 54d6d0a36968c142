"""The stretches that a chart marks: reps, holds and stages, numbered, and the turn of each rep."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analyzer.report.angle_names import get_turn_name
from analyzer.report.key_moments import format_stage_title
from analyzer.results.schema import Analysis


@dataclass(frozen=True)
class EventBand:
    """One stretch: `label` stands in the chart, `title` names it in words, `event` is its anchor in the report."""

    start_s: float
    end_s: float
    label: str
    title: str
    event: str
    turn_s: float | None = None


@dataclass(frozen=True)
class EventBands:
    """All stretches of a clip, and what the turn of a rep is called."""

    bands: Sequence[EventBand] = ()
    turn: str = "bottom"

    @property
    def turns_s(self) -> list[float]:
        """The times of the turns."""
        return [band.turn_s for band in self.bands if band.turn_s is not None]


def list_event_bands(analysis: Analysis) -> EventBands:
    """The stretches of a result."""
    reps = [
        EventBand(rep.start_s, rep.end_s, str(rep.index), f"Rep {rep.index}", f"rep-{rep.index}", rep.bottom_s)
        for rep in analysis.reps
    ]
    holds = [
        EventBand(hold.start_s, hold.end_s, str(hold.index), f"Hold {hold.index}", f"hold-{hold.index}")
        for hold in analysis.holds
    ]
    stages = [
        EventBand(
            stage.start_s, stage.end_s, str(number), format_stage_title(stage.name, stage.side), f"stage-{number}"
        )
        for number, stage in enumerate(analysis.stages, start=1)
    ]
    return EventBands([*reps, *holds, *stages], get_turn_name(analysis.movement.name))


def interpolate_angle(angles: pd.DataFrame, column: str, times: Sequence[float]) -> list[float]:
    """The angle at these times, between the frames by a straight line; NaN where it is unknown."""
    times_s = angles["time_s"].to_numpy(dtype=float)
    values = angles[column].to_numpy(dtype=float)
    return [float(value) for value in np.interp(times, times_s, values)] if len(times_s) else []
