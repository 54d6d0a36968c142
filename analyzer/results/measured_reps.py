"""The reps whose measures stand for a set."""

from collections.abc import Iterable

from analyzer.results.schema import Rep


def select_measured_reps(reps: Iterable[Rep]) -> list[Rep]:
    """Return the complete reps; of a clip that has none, those with a whole way up.

    A single lift that ends at lockout does not count, and is measured all the same.
    """
    every = list(reps)
    return [rep for rep in every if rep.complete] or [rep for rep in every if rep.ascent_s is not None]
