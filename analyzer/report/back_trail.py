"""The line of the back in pictures: the outline behind the trunk, coloured by its change from tall."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analyzer.kinematics.back_line import BackLine
from analyzer.kinematics.back_profile import outline_px
from analyzer.report.back import COLOURS, step_of
from analyzer.report.labels import Rgb
from analyzer.result import Facing

FloatArray = NDArray[np.float64]

_DRAWN = np.linspace(0.0, 1.0, 25)  # from hip to shoulder; chosen: closer than the eye sees a corner


@dataclass(frozen=True)
class BackMark:
    """The outline of the back in one picture, (N, 2) in its pixels from hip to shoulder, and its colour."""

    line_px: FloatArray
    colour: Rgb

    def moved(self, scale: FloatArray | float, corner_px: FloatArray | tuple[float, float] = (0.0, 0.0)) -> "BackMark":
        """The same in a part of the picture that starts at `corner_px`, in pixels `1 / scale` times as large."""
        return BackMark((self.line_px - corner_px) * scale, self.colour)


@dataclass(frozen=True)
class BackTrail:
    """The outline over a clip.

    Attributes
    ----------
    line_px : (T, N, 2) in the clip's pixels; NaN where it is not known.
    rounding_deg : (T,) as in `BackLine`.
    """

    line_px: FloatArray
    rounding_deg: FloatArray

    @classmethod
    def of(cls, line: BackLine, points_px: FloatArray, facing: Facing) -> "BackTrail":
        """Put the outline back on the landmarks (T, 33, 2) that it is told against."""
        return cls(outline_px(line.profile, _DRAWN, points_px, facing), line.rounding_deg)

    def at(self, frame: int) -> BackMark | None:
        """The back in this frame; None where nothing is said of it."""
        step, line_px = step_of(float(self.rounding_deg[frame])), self.line_px[frame]
        return BackMark(line_px, COLOURS[step]) if step and np.isfinite(line_px).all() else None
