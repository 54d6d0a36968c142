"""What a movement sees of a clip: the angles and joints over time, and the facts that the person gave."""

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
        there in every view: where `degrees` is False they bear order and timing, but no number may be told from them.
    degrees : whether the view allows degrees.
    confidence : (T,) 0 to 1.
    near, far : joints of the near and the far side, each (T, 2) levelled pixels, x right, y down.
    forward : +1 when forward is image right, -1 when it is image left.
    trunk_px : hip to shoulder: divide by it, so that no threshold is in pixels.
    reference : the person's own tall posture; None when there is none.
    yaw_deg : turn of the camera off the side view, 0 to 90: widens what counts as a change.
    leg_height_gap_px : (T, 2) how much higher the left knee and the left ankle are in the picture than the right
    ones: shows
        steps and lunges from any side; None where not known.
    """

    times_s: FloatArray
    angles: Mapping[str, Series]
    degrees: bool
    confidence: Series
    near: SideJoints
    far: SideJoints
    forward: int
    trunk_px: float
    reference: BaselinePosture | None
    yaw_deg: float = 0.0
    leg_height_gap_px: FloatArray | None = None

    @property
    def fps(self) -> float:
        """Frames a second: 1 over the median interval."""
        return 1.0 / float(np.median(np.diff(self.times_s))) if len(self.times_s) > 1 else 1.0

    def tall_deg(self, name: str) -> float | None:
        """The angle in the own tall posture: its median there; None where unknown."""
        if self.reference is None:
            return None
        values = self.angles[name][self.reference.frames]
        values = values[np.isfinite(values)]
        return float(np.median(values)) if len(values) else None


@dataclass(frozen=True)
class ClipDetails:
    """What the person said about the clip; None where they said nothing."""

    variant: str | None = None
    load_kg: float | None = None
    height_cm: float | None = None
