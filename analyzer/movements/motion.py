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
    angles : name -> (T,) degrees, the columns of `angles.csv` with the zeros and signs of `docs/angles.md`. They are
        there in every view: where `allows_degrees` is False they show order and timing, but no number may be reported.
    allows_degrees : whether the view allows degrees.
    confidence : (T,) 0 to 1.
    near, far : joints of the near and the far side, each (T, 2) levelled pixels, x right, y down.
    forward_sign : +1 when forward is image right, -1 when it is image left.
    trunk_px : hip to shoulder: divide by it, so that no threshold is in pixels.
    baseline : the baseline posture; None when there is none.
    yaw_deg : yaw of the camera, 0 to 90: widens what counts as a change.
    timing_angles : the same as `angles`, with those that are too uncertain for any number: for order and timing only.
        None: there are none.
    leg_height_gap_px : (T, 2) how much higher the left knee and the left ankle are in the picture than the right
        ones: shows steps and lunges in every view; None where not known.
    """

    times_s: FloatArray
    angles: Mapping[str, Series]
    allows_degrees: bool
    confidence: Series
    near: SideJoints
    far: SideJoints
    forward_sign: int
    trunk_px: float
    baseline: BaselinePosture | None
    yaw_deg: float = 0.0
    leg_height_gap_px: FloatArray | None = None
    timing_angles: Mapping[str, Series] | None = None

    @property
    def angles_for_timing(self) -> Mapping[str, Series]:
        """Return the angles that show order and timing, of which no number may be reported."""
        return self.angles if self.timing_angles is None else self.timing_angles

    @property
    def fps(self) -> float:
        """Return frames a second: 1 over the median time between frames."""
        return 1.0 / float(np.median(np.diff(self.times_s))) if len(self.times_s) > 1 else 1.0

    def baseline_deg(self, name: str) -> float | None:
        """Return the median of an angle in the baseline posture, degrees; None where unknown."""
        if self.baseline is None:
            return None
        values = self.angles[name][self.baseline.frames]
        values = values[np.isfinite(values)]
        return float(np.median(values)) if len(values) else None


@dataclass(frozen=True)
class ClipDetails:
    """Details of the clip as the client reports them; None where not given."""

    variant: str | None = None
    load_kg: float | None = None
    height_cm: float | None = None
