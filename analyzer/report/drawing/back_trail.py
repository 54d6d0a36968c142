"""The line of the back in pictures: the outline behind the trunk, coloured by its change from the baseline posture."""

from dataclasses import dataclass

import numpy as np

from analyzer.kinematics.arrays import FloatArray
from analyzer.kinematics.back_outline import locate_outline_px
from analyzer.kinematics.back_rounding import BackRounding
from analyzer.kinematics.landmarks import Facing
from analyzer.report.drawing.labels import RgbColour, parse_colour
from analyzer.vocabulary.terms import ROUNDING_COLOURS, ROUNDING_LIMITS_DEG, RoundingLevel

_POSITIONS = np.linspace(0.0, 1.0, 25)  # from hip to shoulder; chosen: so close that no corner is visible


def classify_rounding(rounding_deg: float) -> RoundingLevel | None:
    """Return how large a change of the back is, rounded or arched; None where it is unknown.

    Parameters
    ----------
    rounding_deg : degrees from the baseline posture, + rounded, - arched; NaN where unknown.
    """
    if not np.isfinite(rounding_deg):
        return None
    size = abs(rounding_deg)
    if size < ROUNDING_LIMITS_DEG["some"]:
        return "little"
    return "some" if size <= ROUNDING_LIMITS_DEG["much"] else "much"


@dataclass(frozen=True)
class BackDrawing:
    """The outline of the back in one picture, (N, 2) in its pixels from hip to shoulder, and its colour."""

    line_px: FloatArray
    colour: RgbColour

    def to_crop(
        self, scale: FloatArray | float, corner_px: FloatArray | tuple[float, float] = (0.0, 0.0)
    ) -> "BackDrawing":
        """Return the drawing in a crop that starts at `corner_px`, with pixels `1 / scale` times as large."""
        return BackDrawing((self.line_px - corner_px) * scale, self.colour)


@dataclass(frozen=True)
class BackTrail:
    """The outline over a clip.

    Attributes
    ----------
    line_px : (T, N, 2) in the clip's pixels; NaN where unknown.
    rounding_deg : (T,) as in `BackRounding`.
    """

    line_px: FloatArray
    rounding_deg: FloatArray

    @classmethod
    def from_back_rounding(cls, back: BackRounding, points_px: FloatArray, facing: Facing) -> "BackTrail":
        """Locate the outline in the picture from the landmarks (T, 33, 2) that it is measured against."""
        return cls(locate_outline_px(back.profile, _POSITIONS, points_px, facing), back.rounding_deg)

    def at(self, frame: int) -> BackDrawing | None:
        """Return the back in this frame; None where its outline or its change is unknown."""
        level, line_px = classify_rounding(float(self.rounding_deg[frame])), self.line_px[frame]
        return (
            BackDrawing(line_px, parse_colour(ROUNDING_COLOURS[level]))
            if level and np.isfinite(line_px).all()
            else None
        )
