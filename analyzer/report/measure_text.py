"""Names of measures in plain words, and their values as short texts with a unit."""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from analyzer.report.angle_names import ANGLE_DISPLAYS

MINUS_SIGN = "\N{MINUS SIGN}"
NO_VALUE = "\N{EN DASH}"
_GAP = "\N{NO-BREAK SPACE}"
_UNITS = {
    "deg": "°",
    "s": " s",
    "pct": " %",
    "cm": " cm",
    "m": " m",
    "kg": " kg",
    "per_min": " a minute",
    "deg_per_10s": "° in 10 s",
    "deg_10s": "° in 10 s",
    "deg_s": "°/s",
    "hz": " Hz",
    "trunks": " trunk lengths",
    "px": " pixels",
}
_NAMES = {
    "top_s": "Time at the top",
    "descent_s": "Down",
    "ascent_s": "Up",
    "pause_s": "Pause",
    "dropped": "Quick way down",
    "set_up": "Set-up before it",
    "hip_knee_ratio": "Hip to knee ratio",
    "least_ratio": "Ratio from which it counts as a hinge",
    "hip_back_pct": "Hips back, of leg length",
    "hips_lead_s": "Hips set off before the knees",
    "knees_lead_s": "Knees set off before the hips",
    "hips_rise_first": "Hips rise first",
    "hip_share": "Share of the hips in the fold",
    "stoop_squat_index": "Stoop-Squat Index (0 squat, 100 stoop)",
    "lean_back": "Leans back at the top",
    "lean_back_deg": "Lean back at the top",
    "short_lockout": "Stops short of tall",
    "short_deg": "Short by",
    "head_back": "Head tips back",
    "known_reps": "Reps in which it could be seen",
    "reps_that": "Reps in which it was seen",
    "that": "How many reps",
    "reps": "Reps",
    "bottom_sd_deg": "Spread at the bottom (SD)",
    "zero_deg": "Own zero",
    "own_line_deg": "Own zero of the line",
    "line_deg": "Line from own zero (+ hips up)",
    "line_from": "Line taken from",
    "slope_deg_10s": "Slow change of the line",
    "hip_tremor_pct": "Hip tremor, of body length",
    "times_s": "At",
    "at_s": "At",
}
"""Keys whose own words would not tell a coach enough."""
_WORDS = {
    "sd": "spread (SD)",
    "incl": "inclination",
    "rom": "range",
    "re": "against",
    "ecc": "down",
    "con": "up",
}
_LONG = 12  # a list of more values than this is no table entry; chosen


def format_measure_name(key: str) -> str:
    """A key such as "hip_back_pct" as "Hip back"; an angle's column as its title."""
    if key in ANGLE_DISPLAYS:
        return ANGLE_DISPLAYS[key].title
    if key in _NAMES:
        return _NAMES[key]
    stem, _ = _split(key)
    if f"{stem}_deg" in ANGLE_DISPLAYS:
        return ANGLE_DISPLAYS[f"{stem}_deg"].title
    words = " ".join(_WORDS.get(word, word) for word in stem.split("_") if word)
    return words[:1].upper() + words[1:]


def format_measure(key: str, value: Any) -> str:
    """A value with its unit: whole degrees and percent, tenths of a second; a dash where it is unknown."""
    unit = _split(key)[1]
    if value is None or value == "":
        return NO_VALUE
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return format_number(value, unit) if math.isfinite(value) else NO_VALUE
    if isinstance(value, str):
        return ANGLE_DISPLAYS[value].title if value in ANGLE_DISPLAYS else value.replace("_", " ")
    if isinstance(value, Mapping):
        return ", ".join(
            f"{format_measure_name(name).lower()} {format_measure(name, part)}" for name, part in value.items()
        )
    if isinstance(value, Sequence):
        return ", ".join(format_measure(key, part) for part in value)
    return str(value)


def format_number(value: float, unit: str = "deg") -> str:
    """A number in a unit of `_UNITS`, with as many decimals as a phone clip bears."""
    decimals = {"deg": 0, "pct": 0, "per_min": 0, "px": 0, "kg": 1, "cm": 0}.get(unit, 1 if unit == "s" else 2)
    text = f"{value:.1g}" if unit == "pct" and 0.001 < abs(value) < 1 else f"{value:.{decimals}f}"
    if unit not in ("s", "deg", "pct") and "." in text:
        text = text.rstrip("0").rstrip(".")
    text = "0" if float(text) == 0 and decimals == 0 else text
    return text.replace("-", MINUS_SIGN) + _UNITS.get(unit, "").replace(" ", _GAP, 1)


def format_measure_rows(measures: Mapping[str, Any], leave_out: Sequence[str] = ()) -> Iterator[tuple[str, str]]:
    """(name, text) of each measure; those within a measure are named after it, long lists are left out."""
    for key, value in measures.items():
        if key in leave_out:
            continue
        if isinstance(value, Mapping):
            for name, text in format_measure_rows(_with_unit(value, _split(key)[1])):
                yield f"{format_measure_name(key)}: {name[:1].lower()}{name[1:]}", text
        elif _fits(value):
            yield format_measure_name(key), format_measure(key, value)


def _with_unit(values: Mapping[str, Any], unit: str) -> Mapping[str, Any]:
    """The values under names that say the unit of what holds them, where they have none of their own."""
    return {key if not unit or _split(key)[1] else f"{key}_{unit}": value for key, value in values.items()}


def _fits(value: Any) -> bool:
    """Whether it is known and short enough for a line."""
    if isinstance(value, list | tuple):
        return 0 < len(value) <= _LONG and not any(isinstance(one, Mapping | list) for one in value)
    return value is not None


def _split(key: str) -> tuple[str, str]:
    """The name without its unit, and the unit's key; "" where it has none."""
    for unit in sorted(_UNITS, key=len, reverse=True):
        if key.endswith(f"_{unit}") and len(key) > len(unit) + 1:
            return key[: -len(unit) - 1], unit
    return key, ""
