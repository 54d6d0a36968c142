"""Names of measures in plain words, and their values as short texts with a unit.

Words of a movement's own measures come from the movement (`Movement.measure_labels`); here are those that several
movements share, and the rule by which any other name is read as words.
"""

from collections.abc import Iterator, Mapping, Sequence

from pydantic import BaseModel, ConfigDict, Field

from analyzer.vocabulary.angles import ANGLE_DISPLAYS
from analyzer.vocabulary.units import NO_VALUE, UnitKey, format_number, split_unit

MeasureValue = object
"""A JSON value: number, text, truth value, None, or a list or mapping of these."""


class MeasureLabel(BaseModel):
    """Words and unit of one measure."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    label: str = Field(description="name in tables and charts", examples=["Hips back, of leg length"])
    unit: UnitKey | None = Field(
        default=None, description="of its values; null: the unit at the end of the measure's name, if any"
    )


NO_LABELS: Mapping[str, MeasureLabel] = {}

MEASURE_LABELS: Mapping[str, MeasureLabel] = {
    "top_s": MeasureLabel(label="Time at the top"),
    "descent_s": MeasureLabel(label="Down"),
    "ascent_s": MeasureLabel(label="Up"),
    "pause_s": MeasureLabel(label="Pause"),
    "trunk_deg": MeasureLabel(label="Trunk lean"),
    "knee_deg": MeasureLabel(label="Knee bend"),
    "thigh_deg": MeasureLabel(label="Thigh from upright"),
    "rounding_deg": MeasureLabel(label="Back, change from tall"),
    "back_deg": MeasureLabel(label="Back, change from tall"),
    "low_deg": MeasureLabel(label="80 % interval from"),
    "high_deg": MeasureLabel(label="80 % interval to"),
    "dropped": MeasureLabel(label="Much quicker down than up"),
    "hip_share": MeasureLabel(label="Hips' share of the fold", unit="share"),
    "lean_back_deg": MeasureLabel(label="Lean back at the top"),
    "short_deg": MeasureLabel(label="Short by"),
    "reps_that": MeasureLabel(label="Reps with"),
    "known_reps": MeasureLabel(label="Reps measured for"),
    "that": MeasureLabel(label="In this many reps"),
    "reps": MeasureLabel(label="Reps measured"),
    "bottom_sd": MeasureLabel(label="Spread at the bottom (SD)"),
    "bottom_sd_deg": MeasureLabel(label="Spread at the bottom (SD)"),
    "duration_sd_pct": MeasureLabel(label="Spread of the duration (SD)"),
    "very_repeatable": MeasureLabel(label="Reps very alike"),
    "drift": MeasureLabel(label="Change over the set"),
    "change_deg": MeasureLabel(label="Change"),
    "threshold_deg": MeasureLabel(label="Smallest clear change"),
    "clear": MeasureLabel(label="Clear change"),
    "growth_deg": MeasureLabel(label="Growth over the set"),
    "span_deg": MeasureLabel(label="Largest difference between reps"),
    "slower_pct": MeasureLabel(label="Last reps slower by"),
    "lift_speed": MeasureLabel(label="Speed on the way up"),
    "of": MeasureLabel(label="Measured on"),
    "scale": MeasureLabel(label="Scale from"),
    "half_width_m_s": MeasureLabel(label="Uncertainty (±)"),
    "speed_loss_pct": MeasureLabel(label="Lost over the set"),
    "loss_half_width_pct": MeasureLabel(label="Uncertainty of the loss (±)"),
    "mean_speed_m_s": MeasureLabel(label="Mean speed up"),
    "peak_speed_m_s": MeasureLabel(label="Peak speed up"),
    "body_mean_speed_m_s": MeasureLabel(label="Body speed up, mean"),
    "body_peak_speed_m_s": MeasureLabel(label="Body speed up, peak"),
    "speed_of_fastest_pct": MeasureLabel(label="Speed up, of the fastest rep"),
    "times_s": MeasureLabel(label="At"),
    "at_s": MeasureLabel(label="At"),
}
"""Measures of several movements with a key that would be unclear when it is read as words."""

_WORDS = {
    "sd": "spread (SD)",
    "incl": "inclination",
    "rom": "range",
    "re": "against",
    "ecc": "down",
    "con": "up",
}
_MAX_LIST_LENGTH = 12  # a longer list does not fit one line of a table; chosen


def format_measure_name(key: str, own: Mapping[str, MeasureLabel] = NO_LABELS) -> str:
    """Return the name of a measure: "hip_back_pct" as "Hips back, of leg length".

    Parameters
    ----------
    key : name of the measure, or a column of `angles.csv`.
    own : words of the movement's own measures.
    """
    if key in own:
        return own[key].label
    if key in ANGLE_DISPLAYS:
        return ANGLE_DISPLAYS[key].title
    if key in MEASURE_LABELS:
        return MEASURE_LABELS[key].label
    stem, _ = split_unit(key)
    if f"{stem}_deg" in ANGLE_DISPLAYS:
        return ANGLE_DISPLAYS[f"{stem}_deg"].title
    words = " ".join(_WORDS.get(word, word) for word in stem.split("_") if word)
    return words[:1].upper() + words[1:]


def format_measure(key: str, value: MeasureValue, own: Mapping[str, MeasureLabel] = NO_LABELS) -> str:
    """Return the value of a measure as text with its unit; `NO_VALUE` where it is unknown.

    Truth values read "yes" and "no"; the parts of lists and mappings are separated by commas.
    """
    if value is None or value == "":
        return NO_VALUE
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return format_number(value, get_measure_unit(key, own))
    if isinstance(value, str):
        is_name = value in own or value in ANGLE_DISPLAYS or value in MEASURE_LABELS
        return format_measure_name(value, own) if is_name else value.replace("_", " ")
    if isinstance(value, Mapping):
        return ", ".join(
            f"{format_measure_name(name, own).lower()} {format_measure(name, part, own)}"
            for name, part in value.items()
        )
    if isinstance(value, Sequence):
        return ", ".join(format_measure(key, part, own) for part in value)
    return str(value)


def format_measure_rows(
    measures: Mapping[str, MeasureValue], own: Mapping[str, MeasureLabel] = NO_LABELS, *, exclude: Sequence[str] = ()
) -> Iterator[tuple[str, str]]:
    """Return (name, text) of each measure that is known.

    The measures within a measure are named after it; lists of more than 12 values are left out.
    """
    for key, value in measures.items():
        if key in exclude:
            continue
        if isinstance(value, Mapping):
            unit = get_measure_unit(key, own)
            for part_key, part in value.items():
                for long_name, text in format_measure_rows({_add_unit(part_key, unit): part}, own):
                    name = long_name if isinstance(part, Mapping) else format_measure_name(part_key, own)
                    yield f"{format_measure_name(key, own)}: {name[:1].lower()}{name[1:]}", text
        elif _fits_line(value):
            yield format_measure_name(key, own), format_measure(key, value, own)


def get_measure_unit(key: str, own: Mapping[str, MeasureLabel] = NO_LABELS) -> UnitKey | None:
    """Return the unit of a measure: the one that its label states, else the one that its key ends in."""
    label = own.get(key) or MEASURE_LABELS.get(key)
    return label.unit if label is not None and label.unit is not None else split_unit(key)[1]


def _add_unit(key: str, unit: UnitKey | None) -> str:
    """Add the unit of the enclosing measure to a name that ends in none."""
    return key if unit is None or split_unit(key)[1] else f"{key}_{unit}"


def _fits_line(value: MeasureValue) -> bool:
    """Return whether a value is known and short enough for one line."""
    if isinstance(value, list | tuple):
        return 0 < len(value) <= _MAX_LIST_LENGTH and not any(isinstance(part, Mapping | list) for part in value)
    return value is not None
