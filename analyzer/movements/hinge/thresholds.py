"""Variants and thresholds of the hinge."""

from dataclasses import dataclass
from typing import Literal

HingeStyle = Literal["hinge", "mix", "squat"]

HINGE_VARIANTS = ("conventional", "sumo", "trap_bar", "kettlebell", "romanian", "good_morning", "bodyweight")
FLOOR_VARIANTS = frozenset({"conventional", "sumo", "trap_bar", "kettlebell"})  # starts and ends on the floor
# Least ratio of trunk-thigh to knee travel of each variant. Sources 2.2: 3 and more is a hinge, 1.3 and less
# squat-style; conventional about 1.9, kettlebell 1.7, trap bar 1.5. Unknown variant: the widest band.
MIN_TRAVEL_RATIO: dict[str | None, float] = {
    "romanian": 3.0,
    "good_morning": 3.0,
    "bodyweight": 3.0,
    "conventional": 1.4,
    "kettlebell": 1.4,
    "trap_bar": 1.3,
    None: 1.3,
}
DRILL_VARIANTS = frozenset({"romanian", "good_morning", "bodyweight"})  # top-start hinges: shins stay near vertical


@dataclass(frozen=True)
class HingeLimits:
    """Thresholds of measures and observations."""

    # sources 2.5 unless stated otherwise
    max_floor_hand_height: float = 0.45  # wrist over ankle at the bottom, leg lengths: at a load on the floor; chosen
    ratio_hinge: float = 3.0  # sources 2.2
    ratio_squat: float = 1.3  # sources 2.2
    shin_forward_deg: float = 8.0
    hip_back_pct: float = 12.0
    min_knee_opening_deg: float = 8.0
    min_trunk_tip_deg: float = 8.0
    max_fold_change_deg: float = 8.0  # "about unchanged"; chosen
    rise_window_s: float = 1.5  # the hips rise within this time before the hands do; chosen
    hand_tolerance: float = 0.03  # the hands are at the bottom while within this of their lowest, leg lengths; chosen
    min_rise_share: float = 2 / 3  # of the reps
    lead_s: float = 0.1  # hips before knees in a drill, or knees before hips; sources 2.2
    lead_reps: int = 2  # fewest reps: a single rep was 0.5 s wrong once; chosen
    onset_share: float = 0.2  # share of its own way after which a joint has started; a tenth is lost in noise; chosen
    onset_pct: float = 15.0  # the level it turned at: this percentile of the way down and the time before; chosen
    onset_s: float = 0.5  # a joint may start this long before the rep; chosen
    onset_knee_deg: float = 8.0  # knees that bend less have no start of their own; chosen
    onset_fps: float = 24.5  # three frames within `lead_s`, 60 are better: sources 5; chosen
    min_rep_share: float = 0.5  # of the reps: reported; chosen
    lean_back_deg: float = 9.0  # 8-10
    lean_fold_deg: float = -10.0
    short_deg: float = 10.0
    neck_extension_deg: float = -23.0  # 15 of sources 2.5 and the 8 of the neck's error, sources 5
    max_gaze_change_deg: float = 10.0  # and the face tips forward less than this: the eyes stay ahead; chosen
    setup_pause_s: float = 1.0  # longer at the bottom of a first rep: its way down was the set-up; chosen
    # Longer at the first bottom, and so many times as long as at any other: the lifts go from bottom to bottom. Chosen
    # on 24 labelled sets, of which one has such a pause (5 s), and on drawn sets with pauses of up to 2 s
    lifts_setup_pause_s: float = 2.5
    lifts_setup_pause_ratio: float = 2.0
    min_slowdown_share: float = 0.25
    load_forward_cm: float = 5.0  # of the straight way up, or of the middle of the foot
    min_drop_share: float = 0.10  # of standing height: no Stoop-Squat Index for less; sources 2.2
    trunk_stature_ratio: float = 0.288  # hip to shoulder; Drillis & Contini 1966


LIMITS = HingeLimits()


def classify_style(ratio: float | None, limits: HingeLimits = LIMITS) -> HingeStyle | None:
    """Return the style by the hip-knee ratio: hinge, deadlift-style mix, or squat-style; sources 2.2."""
    if ratio is None:
        return None
    if ratio >= limits.ratio_hinge:
        return "hinge"
    return "squat" if ratio < limits.ratio_squat else "mix"
