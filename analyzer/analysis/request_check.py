"""Check the arguments of `analyze` before the clip is read, as the command line checks its options."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from analyzer.errors import RequestError
from analyzer.request import HEIGHT_RANGE_CM, LOAD_RANGE_KG, AnalysisRequest
from analyzer.settings import POSE_MODELS, ModelChoice
from analyzer.subject_choice import find_subject_problem


def check_path(path: str | Path) -> Path:
    """Return the path of a clip; raise TypeError for anything but a text or a path, such as an array of frames."""
    try:
        return Path(path)
    except TypeError:
        raise TypeError(
            f"path: expected the name of one video file, str or pathlib.Path, got {type(path).__name__}"
        ) from None


def build_request(
    movement: str,
    variant: str | None,
    load_kg: float | None,
    height_cm: float | None,
    subject: str,
    model: ModelChoice,
    marks: Mapping[str, Any] | None,
) -> AnalysisRequest:
    """Build a request from the arguments of `analyze`; numbers of NumPy and pandas become plain ones.

    Raises
    ------
    RequestError : an argument has a value that it cannot have.
    UnknownMovementError : no movement has the requested name.
    MarksError : the marks are malformed; whether they fit the clip is known only after it was measured.
    """
    from analyzer.coaching.marks import parse_marks
    from analyzer.movements.registry import find_variant_problem, get_movement  # late: loads SciPy

    if movement != "auto":
        get_movement(movement)
    if (problem := find_variant_problem(movement, variant)) is not None:
        raise RequestError(f"variant {variant!r} {problem}.")
    if model not in POSE_MODELS:
        raise RequestError(f"model {model!r}: expected {', '.join(POSE_MODELS)}.")
    problem = find_subject_problem(subject) if isinstance(subject, str) else "expected a text"
    if problem is not None:
        raise RequestError(f"subject {subject!r}: {problem}.")
    parse_marks(marks)
    return AnalysisRequest(
        movement,
        variant,
        _read_number("load_kg", load_kg, LOAD_RANGE_KG, "kg"),
        _read_number("height_cm", height_cm, HEIGHT_RANGE_CM, "cm"),
        subject,
        model,
        marks,
    )


def _read_number(name: str, value: float | None, within: tuple[float, float], unit: str) -> float | None:
    """Return a number within a range as a plain float; None stays None."""
    if value is None:
        return None
    low, high = within
    is_number = not isinstance(value, str | bool)
    try:
        number = float(value) if is_number else None
    except (TypeError, ValueError):
        number = None
    if number is None or not low <= number <= high:
        raise RequestError(f"{name} {value!r}: expected {low:g} to {high:g} {unit}, or None where it is not known.")
    return number
