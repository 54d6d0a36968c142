"""Check the variant of a movement in a request."""

from analyzer.movements.registry import find_variant_problem
from api.responses.problem_details import FieldError, Problem


def check_variant(movement: str, variant: str | None) -> None:
    """Raise Problem 422, with the choices, for a variant that the movement does not have."""
    what = find_variant_problem(movement, variant)
    if what is not None:
        raise Problem(
            422, "unknown-variant", f"body.variant: {what}.", errors=[FieldError(where="body.variant", what=what)]
        )
