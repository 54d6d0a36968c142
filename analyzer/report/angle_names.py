"""What each angle is called and how it is drawn, the same in the video, the charts and the tables."""

from dataclasses import dataclass
from typing import Literal

Dash = Literal["solid", "dash", "dot", "dashdot"]


@dataclass(frozen=True)
class AngleDisplay:
    """Words and line style of one angle.

    Attributes
    ----------
    title : the name in charts and tables.
    label : the short name in the video.
    meaning : its zero and its positive direction, in plain words.
    colour : `#rrggbb`, from the colour-blind-safe set of Okabe and Ito.
    dash : line style, so that lines differ without colour too.
    """

    title: str
    label: str
    meaning: str
    colour: str
    dash: Dash


_BLUE, _VERMILLION, _GREEN, _PURPLE, _SKY, _ORANGE = "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00"

ANGLE_DISPLAYS: dict[str, AngleDisplay] = {
    "trunk_inclination_deg": AngleDisplay(
        "Trunk inclination", "trunk", "upright is 0, leaning forward is +", _BLUE, "solid"
    ),
    "trunk_thigh_deg": AngleDisplay(
        "Trunk-thigh (hip hinge)",
        "hip hinge",
        "in line is 0, folding is +; hip and spine together",
        _VERMILLION,
        "dash",
    ),
    "knee_flexion_deg": AngleDisplay("Knee flexion", "knee", "straight is 0, bending is +", _GREEN, "dashdot"),
    "shin_inclination_deg": AngleDisplay("Shin", "shin", "vertical is 0, knee forward is +", _PURPLE, "solid"),
    "thigh_inclination_deg": AngleDisplay("Thigh", "thigh", "vertical is 0, hips behind the knees is -", _SKY, "dash"),
    "ankle_dorsiflexion_deg": AngleDisplay("Ankle", "ankle", "standing is 0, shin over the foot is +", _ORANGE, "dot"),
    "neck_flexion_deg": AngleDisplay("Neck", "neck", "own neutral is 0, chin to chest is +", _SKY, "solid"),
    "head_tilt_deg": AngleDisplay("Head tilt", "head", "own neutral is 0, nose down is +", _ORANGE, "dash"),
    "shoulder_flexion_deg": AngleDisplay(
        "Shoulder", "shoulder", "arm by the side is 0, overhead is 180", _PURPLE, "dot"
    ),
    "elbow_flexion_deg": AngleDisplay("Elbow", "elbow", "straight is 0, bending is +", _SKY, "dashdot"),
    "back_rounding_deg": AngleDisplay(
        "Back rounding (whole back)", "back", "own tall stance is 0, rounding is +", _ORANGE, "solid"
    ),
    "body_line_deg": AngleDisplay(
        "Body line", "body line", "shoulder, hip and ankle in one line is 0", _PURPLE, "dashdot"
    ),
}

MAIN_ANGLES = ("trunk_inclination_deg", "trunk_thigh_deg", "knee_flexion_deg")


def choose_label_angles(main_angle: str) -> tuple[str, ...]:
    """The three angles that are drawn on pictures, where a movement shows best in `main_angle`."""
    return MAIN_ANGLES if main_angle in MAIN_ANGLES else (main_angle, "trunk_inclination_deg", "knee_flexion_deg")


LOW_CONFIDENCE = 0.5
"""Below this, a landmark or a frame is drawn as uncertain: the visibility at which points are dropped."""


_TURNS = {"overhead": "arms highest", "standing_extension": "furthest back", "sit_to_stand": "seat left"}


_TOPS = {"overhead": "arms lowest", "standing_extension": "upright", "sit_to_stand": "standing"}


def get_top_name(movement: str) -> str:
    """What a rep of this movement starts and ends in."""
    return _TOPS.get(movement, "top")


def get_turn_name(movement: str) -> str:
    """What the turn of a rep of this movement is called."""
    return _TURNS.get(movement, "bottom")


_WAYS = {"arms highest": ("up", "down"), "furthest back": ("back", "up")}


def get_phase_names(movement: str) -> tuple[str, str]:
    """What the way to the turn of a rep is called, and the way from it."""
    return _WAYS.get(get_turn_name(movement), ("down", "up"))
