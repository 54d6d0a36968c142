"""The choice of the subject as people write it: a rule, or a point of the picture."""

from math import isfinite

SUBJECT_RULES = ("auto", "largest", "central")


def parse_point(text: str) -> tuple[float, float]:
    """Parse "X,Y", pixels of the upright picture; raise ValueError when it is not two numbers."""
    x, y = (float(part) for part in text.split(","))
    if not (isfinite(x) and isfinite(y)):
        raise ValueError(f"expected two numbers, got {text}")
    return x, y


def find_subject_problem(choice: str) -> str | None:
    """Return what is expected instead of a choice that is neither a rule nor a point; None for a valid one."""
    if choice in SUBJECT_RULES:
        return None
    try:
        parse_point(choice)
    except ValueError:
        return f"expected {', '.join(SUBJECT_RULES)}, or X,Y such as 640,360"
    return None
