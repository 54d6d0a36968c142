"""Typed measures of a seated slump: of one stage, and of the clip."""

from pydantic import Field

from analyzer.movements.typed_measures import Measures
from analyzer.results.schema import BodySide


class SlumpStageMeasures(Measures):
    """Measures of the posture held in one stage; without degrees only the confidence is given.

    Attributes
    ----------
    confidence : median confidence of the track, 0 to 1.
    knee_short_of_straight_deg : knee flexion of the working leg; given only while a leg is at work.
    trunk_from_tall_deg, back_from_tall_deg, neck_from_tall_deg, ankle_from_tall_deg : change from the last tall sitting
        before the stage.
    """

    confidence: float = 0.0
    knee_short_of_straight_deg: float | None = None
    trunk_from_tall_deg: float | None = None
    back_from_tall_deg: float | None = None
    neck_from_tall_deg: float | None = None
    ankle_from_tall_deg: float | None = None


class LargestChanges(Measures):
    """Largest changes from sitting tall over all stages, degrees."""

    trunk: float | None = None
    back: float | None = None
    neck: float | None = None


class SlumpMeasures(Measures):
    """Measures of the clip.

    Attributes
    ----------
    order : names of the stages in order of time.
    sides : legs that were straightened.
    slumps : number of slumps.
    largest_from_tall_deg : largest changes from sitting tall.
    knee_short_of_straight_deg : leg -> knee flexion when straightened.
    """

    order: list[str] = Field(default_factory=list)
    sides: list[BodySide] = Field(default_factory=list)
    slumps: int = 0
    largest_from_tall_deg: LargestChanges = Field(default_factory=LargestChanges)
    knee_short_of_straight_deg: dict[BodySide, float] = Field(default_factory=dict)
