"""The path of the load in pictures: the part of it that is drawn on each frame."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analyzer.kinematics.arrays import FloatArray
from analyzer.load.load_path import LoadPath
from analyzer.results.schema import Rep


@dataclass(frozen=True)
class LoadDrawing:
    """The load in one picture, in its pixels: its path so far (N, 2), its centre (2,) and the radius of its rim."""

    trail_px: FloatArray
    centre_px: FloatArray
    radius_px: float

    def to_crop(
        self, scale: FloatArray | float, corner_px: FloatArray | tuple[float, float] = (0.0, 0.0)
    ) -> "LoadDrawing":
        """Return the drawing in a crop that starts at `corner_px`, with pixels `1 / scale` times as large."""
        size = float(np.mean(scale))
        return LoadDrawing(
            (self.trail_px - corner_px) * scale, (self.centre_px - corner_px) * scale, self.radius_px * size
        )


@dataclass(frozen=True)
class LoadTrail:
    """The path over a clip, split into its reps.

    Attributes
    ----------
    path : the near plate, or the kettlebell, in the clip's pixels.
    first, last : (T,) first and last frame of the rep at each frame; -1 between reps.
    """

    path: LoadPath
    first: NDArray[np.int_]
    last: NDArray[np.int_]

    @classmethod
    def from_load_path(cls, path: LoadPath, reps: Sequence[Rep], times_s: FloatArray) -> "LoadTrail":
        """Split the path into reps, partial ones too."""
        first, last = np.full((2, len(times_s)), -1)
        for rep in sorted(reps, key=lambda rep: rep.start_s):
            inside = np.flatnonzero((times_s >= rep.start_s) & (times_s <= rep.end_s))
            if len(inside):
                first[inside], last[inside] = inside[0], inside[-1]
        return cls(path, first, last)

    def at(self, frame: int, *, whole: bool = False) -> LoadDrawing | None:
        """Return the load in this frame with its path since the rep began, or over the whole rep; None between reps."""
        if self.first[frame] < 0:
            return None
        end = self.last[frame] if whole else frame
        trail_px = self.path.centre_px[self.first[frame] : end + 1]
        return LoadDrawing(trail_px, self.path.centre_px[frame], self.path.radius_px)
