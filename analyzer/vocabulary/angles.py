"""What each angle is called and how it is drawn: the same in videos, charts, tables, exports and on the page."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from analyzer.vocabulary.units import MINUS_SIGN, UnitKey

Dash = Literal["solid", "dash", "dot", "dashdot"]


@dataclass(frozen=True)
class AngleDisplay:
    """Words and line style of one angle.

    Attributes
    ----------
    title : the name in charts and tables.
    label : the short name in videos and under pictures.
    meaning : its zero and its positive direction, in plain words.
    colour : `#rrggbb`, from the colour-blind-safe set of Okabe and Ito.
    dash : line style, so that lines differ without colour too.
    unit : of its values.
    """

    title: str
    label: str
    meaning: str
    colour: str
    dash: Dash
    unit: UnitKey = "deg"


_BLUE, _VERMILLION, _GREEN, _PURPLE, _SKY, _ORANGE = "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00"

ANGLE_DISPLAYS: Mapping[str, AngleDisplay] = {
    "trunk_inclination_deg": AngleDisplay(
        "Trunk inclination", "trunk", "upright is 0, leaning forward is +", _BLUE, "solid"
    ),
    "trunk_thigh_deg": AngleDisplay(
        "Trunk-thigh",
        "trunk-thigh",
        "in line is 0, folding is +; hip and spine together",
        _VERMILLION,
        "dash",
    ),
    "knee_flexion_deg": AngleDisplay("Knee flexion", "knee", "straight is 0, bending is +", _GREEN, "dashdot"),
    "shin_inclination_deg": AngleDisplay("Shin", "shin", "vertical is 0, knee forward is +", _PURPLE, "solid"),
    "thigh_inclination_deg": AngleDisplay(
        "Thigh", "thigh", f"vertical is 0, hips behind the knees is {MINUS_SIGN}", _SKY, "dash"
    ),
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
"""Every angle of `angles.csv`, in the order of its columns."""

SD_COLUMNS = ("trunk_inclination_sd_deg", "trunk_thigh_sd_deg", "knee_flexion_sd_deg", "back_rounding_sd_deg")
"""The columns of `angles.csv` after those of the angles: standard deviations, in degrees."""

MAIN_ANGLES = ("trunk_inclination_deg", "trunk_thigh_deg", "knee_flexion_deg")
"""Shown in charts and pictures wherever a movement names no other."""

CERTAIN_WITH: Mapping[str, str] = {
    "trunk_thigh_deg": "trunk_thigh_deg",
    "thigh_inclination_deg": "trunk_thigh_deg",
    "body_line_deg": "trunk_thigh_deg",
    "knee_flexion_deg": "knee_flexion_deg",
    "shin_inclination_deg": "knee_flexion_deg",
    "ankle_dorsiflexion_deg": "knee_flexion_deg",
}
"""Column -> the main angle whose uncertainty decides whether it is published; of the others the trunk's decides."""


def choose_label_angles(main_angle: str) -> tuple[str, ...]:
    """Choose the three angles that are written on pictures of a movement that shows best in `main_angle`."""
    return MAIN_ANGLES if main_angle in MAIN_ANGLES else (main_angle, "trunk_inclination_deg", "knee_flexion_deg")


def get_sd_column(angle: str) -> str:
    """Return the name of the column for the standard deviation of an angle; `SD_COLUMNS` lists those that exist."""
    return f"{angle.removesuffix('_deg')}_sd_deg"


def get_angle_of_sd_column(column: str) -> str:
    """Return the angle of which a column holds the standard deviation."""
    return f"{column.removesuffix('_sd_deg')}_deg"
