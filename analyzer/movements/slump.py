"""Placeholder."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from analyzer.movements.motion import Facts, Motion
from analyzer.movements.protocol import Events, Observation, Quantity, Smoothing
from analyzer.result import Analysis


class _Placeholder:
    name = "slump"
    title = "slump"
    variants: tuple[str, ...] = ()
    main_angle = "trunk_thigh_deg"
    smoothing: Smoothing = "lift"
    words: Path | None = None

    def recognise(self, motion: Motion) -> float:
        return 0.0

    def events(self, motion: Motion, facts: Facts) -> Events:
        return Events()

    def measures(self, motion: Motion, facts: Facts, events: Events) -> dict[str, Any]:
        return {}

    def observations(self, facts: Facts, events: Events, measures: Mapping[str, Any]) -> list[Observation]:
        return []

    def quantities(self, analysis: Analysis) -> list[Quantity]:
        return []


MOVEMENT = _Placeholder()
