"""The input of a movement: angles and joints over time, and the details that the person gave."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from analyzer.kinematics.arrays import FloatArray, Series
from analyzer.kinematics.baseline_posture import BaselinePosture
from analyzer.kinematics.joints import SideJoints


@dataclass(frozen=True)
class Motion:
    """One person's movement over a clip; T frames, NaN where unknown.

    Attributes
    ----------
    times_s : (T,) presentation times, seconds from the first frame, strictly increasing.
    angles : name -> (T,) degrees with the zeros and signs of `docs/angles.md`, wherever anything is known: they show
        order and timing, but no number of them may be reported.
    degrees : the same where they are certain enough to be reported: the columns of `angles.csv`.
    confidence : (T,) 0 to 1.
    near, far : joints of the near and the far side, each (T, 2) levelled pixels, x right, y down.
    forward_sign : +1 when forward is image right, -1 when it is image left.
    trunk_px : hip to shoulder: divide by it, so that no threshold is in pixels.
    baseline : the baseline posture; None when there is none.
    yaw_deg : yaw of the camera, 0 to 90: widens what counts as a change.
    leg_height_gap_px : (T, 2) how much higher the left knee and the left ankle are in the picture than the right
        ones: shows steps and lunges in every view; None where not known.
    """

    times_s: FloatArray
    angles: Mapping[str, Series]
    degrees: Mapping[str, Series]
    confidence: Series
    near: SideJoints
    far: SideJoints
    forward_sign: int
    trunk_px: float
    baseline: BaselinePosture | None
    yaw_deg: float = 0.0
    leg_height_gap_px: FloatArray | None = None

    @property
    def allows_degrees(self) -> bool:
        """Return whether any angle may be reported."""
        return any(np.isfinite(values).any() for values in self.degrees.values())

    def allows(self, name: str) -> bool:
        """Return whether an angle may be reported, at least in part of the clip."""
        return bool(np.isfinite(self.degrees[name]).any())

    @property
    def fps(self) -> float:
        """Return frames a second: 1 over the median time between frames."""
        return 1.0 / float(np.median(np.diff(self.times_s))) if len(self.times_s) > 1 else 1.0

    def baseline_deg(self, name: str) -> float | None:
        """Return the median of an angle in the baseline posture, degrees; None where unknown."""
        if self.baseline is None:
            return None
        values = self.degrees[name][self.baseline.frames]
        values = values[np.isfinite(values)]
        return float(np.median(values)) if len(values) else None


@dataclass(frozen=True)
class ClipDetails:
    """Details of the clip as the client reports them; None where not given."""

    variant: str | None = None
    load_kg: float | None = None
    height_cm: float | None = None
