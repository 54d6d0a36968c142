"""The reps whose measures stand for a set."""

from collections.abc import Iterable

from analyzer.results.schema import Rep


def select_measured_reps(reps: Iterable[Rep]) -> list[Rep]:
    """Return the complete reps; of a clip that has none, those with a whole way up.

    A single lift that ends at lockout does not count, and is measured all the same.
    """
    every = list(reps)
    return [rep for rep in every if rep.complete] or [rep for rep in every if _has_ascent(rep)]


def _has_ascent(rep: Rep) -> bool:
    """Return whether the whole way up is in the clip; in results of older versions only its time says so."""
    return rep.ascent_s is not None if rep.has_ascent is None else rep.has_ascent
