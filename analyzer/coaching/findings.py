"""Placeholder."""

from collections.abc import Sequence

from analyzer.movements.protocol import Movement, Observation
from analyzer.result import Finding


def findings_of(movement: Movement, observations: Sequence[Observation], degrees: bool) -> list[Finding]:
    """Placeholder."""
    return []
