"""The request for the analysis of one clip."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from analyzer.settings import ModelChoice

UnfitMarks = Literal["refuse", "set_aside"]
"""Marks that do not fit the clip are an error, or the result warns of them and uses what fits."""

HEIGHT_RANGE_CM = (50, 272)
"""Heights of a client that are accepted, up to the tallest person on record; 1.75 is metres, not cm."""
LOAD_RANGE_KG = (0, 1000)
"""Loads that are accepted."""

FILMING_ADVICE = "Film the whole body from the side, 2.5-4 m away."


@dataclass(frozen=True)
class AnalysisRequest:
    """The request for the analysis of one clip.

    Attributes
    ----------
    movement : name of the movement; "auto" recognises it.
    variant, load_kg, height_cm : details of the set and the person; None if not given.
    subject : "auto", "largest", "central" or "X,Y" in pixels of the upright picture.
    model : the pose model; "auto" is "full", and "heavy" where joints are hidden or blurred (`settings.POSE_MODELS`).
    marks : symptom reports and additions of the coach as JSON values: `docs/marks.md`.
    unfit_marks : "refuse" where a person waits who can correct them; "set_aside" where they must not stop an analysis.
    """

    movement: str = "auto"
    variant: str | None = None
    load_kg: float | None = None
    height_cm: float | None = None
    subject: str = "auto"
    model: ModelChoice = "full"
    marks: Mapping[str, Any] | None = None
    unfit_marks: UnfitMarks = "refuse"
