"""Where the stages of a test lie after the coach has corrected them."""

from dataclasses import dataclass

from analyzer.results.schema import BodySide


@dataclass(frozen=True)
class StagePlacement:
    """One stage of the corrected order.

    Attributes
    ----------
    name : name of the stage.
    start_s, end_s : start and end, seconds from the first frame; the end is after the start.
    side : leg that moves; None where the stage has none.
    index : number of the detected stage that it comes from, from 1; None for a stage that the coach added.
    is_changed : False where it lies exactly as it was detected.
    """

    name: str
    start_s: float
    end_s: float
    side: BodySide | None = None
    index: int | None = None
    is_changed: bool = True
