"""The reps, holds and stages that a chart marks: numbered bands, and the turn of each rep."""

from collections.abc import Sequence
from dataclasses import dataclass

from analyzer.report.movement_words import get_movement_words
from analyzer.results.schema import Analysis


@dataclass(frozen=True)
class EventBand:
    """One rep, hold or stage: `label` is its number in the chart, `title` its name, `event` its anchor in the report.

    `turn_s` is the time of a rep's turn; None for holds and stages.
    """

    start_s: float
    end_s: float
    label: str
    title: str
    event: str
    turn_s: float | None = None


@dataclass(frozen=True)
class EventBands:
    """All bands of a clip, and the name of the turn of its reps."""

    bands: Sequence[EventBand] = ()
    turn_name: str = "bottom"

    @property
    def turns_s(self) -> list[float]:
        """Return the times of the turns, in seconds."""
        return [band.turn_s for band in self.bands if band.turn_s is not None]


def list_event_bands(analysis: Analysis) -> EventBands:
    """Return the bands of a result."""
    words = get_movement_words(analysis.movement.name)
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
            stage.start_s, stage.end_s, str(number), words.format_stage(stage.name, stage.side), f"stage-{number}"
        )
        for number, stage in enumerate(analysis.stages, start=1)
    ]
    return EventBands([*reps, *holds, *stages], words.phases.turn)
