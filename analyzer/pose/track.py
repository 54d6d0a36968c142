"""The track: where each landmark of the subject is, frame by frame."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

LANDMARKS = 33


@dataclass(frozen=True)
class Track:
    """Landmarks of one person over a clip, in pixels of the upright full-size picture.

    Attributes
    ----------
    times_s : (T,) presentation times, seconds from the first frame, strictly increasing.
    points_px : (T, 33, 2) x right, y down, cleaned and smoothed; NaN where the point is not known.
    said_px : (T, 33, 2) what the model said, mean of both answers, with the points it believes little; not smoothed.
    visibility : (T, 33) the model's own belief that a point is seen, 0 to 1; 0 where no pose was found, where the point
        lies outside the picture, and where the two answers are too far apart.
    apart_px : (T, 33) how far apart the answers for the picture and for its mirror image are: a measure of doubt; NaN
        where the mirror image never gave one.
    world_m : (T, 33, 3) the model's guess in metres about the hips: x right, y down, z away from the camera; NaN where
        no pose was found.
    """

    times_s: FloatArray
    points_px: FloatArray
    said_px: FloatArray
    visibility: FloatArray
    apart_px: FloatArray
    world_m: FloatArray
