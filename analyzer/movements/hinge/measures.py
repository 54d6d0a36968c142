"""Typed measures of a hinge: of one rep, and of the set."""

from typing import Literal

from pydantic import Field

from analyzer.movements.hinge.thresholds import HingeStyle
from analyzer.movements.typed_measures import Measures
from analyzer.vocabulary.measures import MeasureLabel

HingeAngle = Literal["trunk_deg", "trunk_thigh_deg", "knee_deg"]
HingeFault = Literal["dropped", "hips_rise_first", "lean_back", "short_lockout", "head_back"]

BOTTOM_FAMILIES: dict[HingeAngle, str] = {"trunk_deg": "trunk", "trunk_thigh_deg": "trunk_thigh", "knee_deg": "knee"}
"""Angles that are compared at the bottom, with the family that decides their minimal detectable change."""
FAULTS: tuple[HingeFault, ...] = ("dropped", "hips_rise_first", "lean_back", "short_lockout", "head_back")


class HingeRepMeasures(Measures):
    """Measures of one rep; angles and shares are None in a view without degrees.

    Attributes
    ----------
    top_s : time spent at the top before the next rep.
    dropped : whether the way down is much quicker than the way up.
    set_up : whether the way down was the set-up of the first lift.
    trunk_deg, trunk_thigh_deg, knee_deg : angles at the bottom.
    hip_knee_ratio : trunk-thigh travel to knee travel.
    hip_back_pct : distance of the hips at the bottom behind their place at the top, percent of the leg's length.
    shin_deg : shin inclination at the end of the bottom.
    hips_lead_s : time that the hips start before the knees on the way down; negative where the knees start first.
    hips_rise_first : whether the hips rise before the hands in a lift from the floor.
    neck_deg : neck flexion at the bottom from the baseline posture.
    head_back : whether the head stays up while the trunk tips.
    stoop_squat_index : 0 squat to 100 stoop.
    rounding_deg : back rounding at the bottom.
    hip_share : share of the bend that comes from the hips.
    lean_back_deg, short_deg : lean beyond the baseline posture at the top, and what is missing to it.
    lean_back, short_lockout : whether these are beyond their limits.
    """

    top_s: float | None = None
    dropped: bool | None = None
    set_up: bool = False
    trunk_deg: float | None = None
    trunk_thigh_deg: float | None = None
    knee_deg: float | None = None
    hip_knee_ratio: float | None = None
    style: HingeStyle | None = None
    hip_back_pct: float | None = None
    shin_deg: float | None = None
    hips_lead_s: float | None = None
    hips_rise_first: bool | None = None
    neck_deg: float | None = None
    head_back: bool | None = None
    stoop_squat_index: float | None = None
    rounding_deg: float | None = None
    hip_share: float | None = None
    lean_back_deg: float | None = None
    short_deg: float | None = None
    lean_back: bool | None = None
    short_lockout: bool | None = None

    def get_bottom_angle(self, name: HingeAngle) -> float | None:
        """Return one of the angles at the bottom."""
        angles = {"trunk_deg": self.trunk_deg, "trunk_thigh_deg": self.trunk_thigh_deg, "knee_deg": self.knee_deg}
        return angles[name]

    def get_fault(self, name: HingeFault) -> bool | None:
        """Return whether the rep has a fault; None where that is not known."""
        faults: dict[HingeFault, bool | None] = {
            "dropped": self.dropped,
            "hips_rise_first": self.hips_rise_first,
            "lean_back": self.lean_back,
            "short_lockout": self.short_lockout,
            "head_back": self.head_back,
        }
        return faults[name]


class HingeDrift(Measures):
    """Change of an angle from the first reps to the last ones, and its slope over all reps."""

    change_deg: float | None = None
    threshold_deg: float | None = None
    slope_deg_rep: float | None = None
    clear: bool = False


class RoundingChange(Measures):
    """Back rounding at the bottom over the set: median, last minus first, largest minus smallest, number of reps."""

    median_deg: float | None = None
    growth_deg: float | None = None
    span_deg: float | None = None
    reps: int = 0


class HingeSetMeasures(Measures):
    """Measures of the set: medians over the measured reps, tempo, spread, and changes within the set.

    Attributes
    ----------
    reps : measured reps.
    reps_that : fault -> indices of the reps that have it.
    known_reps : fault -> number of reps of which it is known.
    least_ratio : smallest hip-knee ratio of the chosen variant.
    bottom_sd : angle -> SD at the bottom, degrees.
    drift : angle -> change within the set.
    slower_pct : how much longer the last ways up take than the first.
    """

    reps: int = 0
    hip_knee_ratio: float | None = None
    style: HingeStyle | None = None
    hip_back_pct: float | None = None
    hips_lead_s: float | None = None
    shin_deg: float | None = None
    stoop_squat_index: float | None = None
    hip_share: float | None = None
    lean_back_deg: float | None = None
    neck_deg: float | None = None
    descent_s: float | None = None
    pause_s: float | None = None
    ascent_s: float | None = None
    top_s: float | None = None
    reps_that: dict[HingeFault, list[int]] = Field(default_factory=dict)
    known_reps: dict[HingeFault, int] = Field(default_factory=dict)
    least_ratio: float | None = None
    note: str | None = None
    bottom_sd: dict[HingeAngle, float | None] = Field(default_factory=dict)
    duration_sd_pct: float | None = None
    steady_tempo: bool | None = None
    very_repeatable: bool | None = None
    drift: dict[HingeAngle, HingeDrift | None] = Field(default_factory=dict)
    slower_pct: float | None = None
    rounding: RoundingChange | None = None


HINGE_LABELS = {
    "hip_knee_ratio": MeasureLabel(label="Hip to knee ratio"),
    "least_ratio": MeasureLabel(label="Hip to knee ratio from which it is a hinge"),
    "hip_back_pct": MeasureLabel(label="Hips back, of leg length"),
    "hips_lead_s": MeasureLabel(label="Hips set off before the knees"),
    "knees_lead_s": MeasureLabel(label="Knees set off before the hips"),
    "hips_rise_first": MeasureLabel(label="Hips rise first"),
    "stoop_squat_index": MeasureLabel(label="Stoop-Squat Index (0 squat, 100 stoop)"),
    "lean_back": MeasureLabel(label="Leans back at the top"),
    "short_lockout": MeasureLabel(label="Stops short of tall"),
    "head_back": MeasureLabel(label="Head tips back"),
    "set_up": MeasureLabel(label="Way down is the set-up"),
    "short_deg": MeasureLabel(label="Short of tall at the top"),
    "neck_deg": MeasureLabel(label="Neck, change from tall"),
    "shin_deg": MeasureLabel(label="Shin at the end of the bottom"),
    "slope_deg_rep": MeasureLabel(label="Slope, degrees a rep"),
    "rounding": MeasureLabel(label="Back over the set"),
    "median_deg": MeasureLabel(label="Median of the reps"),
}
"""Words of the measures that only hinges have."""
