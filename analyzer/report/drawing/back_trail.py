"""The line of the back in pictures: the outline behind the trunk, coloured by its change from tall."""

from dataclasses import dataclass

import numpy as np

from analyzer.kinematics.arrays import FloatArray
from analyzer.kinematics.back_outline import locate_outline_px
from analyzer.kinematics.back_rounding import BackRounding
from analyzer.kinematics.landmarks import Facing
from analyzer.report.drawing.labels import RgbColour
from analyzer.report.pages.back_table import ROUNDING_COLOURS, classify_rounding

_DRAWN = np.linspace(0.0, 1.0, 25)  # from hip to shoulder; chosen: closer than the eye sees a corner


@dataclass(frozen=True)
class BackDrawing:
    """The outline of the back in one picture, (N, 2) in its pixels from hip to shoulder, and its colour."""

    line_px: FloatArray
    colour: RgbColour

    def moved(
        self, scale: FloatArray | float, corner_px: FloatArray | tuple[float, float] = (0.0, 0.0)
    ) -> "BackDrawing":
        """The same in a part of the picture that starts at `corner_px`, in pixels `1 / scale` times as large."""
        return BackDrawing((self.line_px - corner_px) * scale, self.colour)


@dataclass(frozen=True)
class BackTrail:
    """The outline over a clip.

    Attributes
    ----------
    line_px : (T, N, 2) in the clip's pixels; NaN where it is not known.
    rounding_deg : (T,) as in `BackRounding`.
    """

    line_px: FloatArray
    rounding_deg: FloatArray

    @classmethod
    def of(cls, line: BackRounding, points_px: FloatArray, facing: Facing) -> "BackTrail":
        """Put the outline back on the landmarks (T, 33, 2) that it is told against."""
        return cls(locate_outline_px(line.profile, _DRAWN, points_px, facing), line.rounding_deg)

    def at(self, frame: int) -> BackDrawing | None:
        """The back in this frame; None where nothing is said of it."""
        step, line_px = classify_rounding(float(self.rounding_deg[frame])), self.line_px[frame]
        return BackDrawing(line_px, ROUNDING_COLOURS[step]) if step and np.isfinite(line_px).all() else None
