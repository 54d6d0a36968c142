"""What a movement makes of a motion: its events, measures and observations, and what a client is told."""

from dataclasses import dataclass
from typing import Any

from analyzer.coaching.findings import findings_of
from analyzer.movements.motion import Facts, Motion
from analyzer.movements.protocol import Events, Movement, Observation
from analyzer.result import Finding


@dataclass(frozen=True)
class Told:
    events: Events
    measures: dict[str, Any]
    observations: list[Observation]
    findings: list[Finding]

    @property
    def ids(self) -> set[str]:
        return {observation.id for observation in self.observations}


def told(movement: Movement, motion: Motion) -> Told:
    facts = Facts()
    events = movement.events(motion, facts)
    measures = movement.measures(motion, facts, events)
    observations = movement.observations(facts, events, measures)
    return Told(events, measures, observations, findings_of(movement, observations, motion.degrees))


def numbers(value: Any) -> list[str]:
    """Names of the measures in degrees or percent that are told, at any depth."""
    if isinstance(value, dict):
        return [
            name
            for key, inner in value.items()
            for name in ([key] if key.endswith(("_deg", "_pct")) and inner is not None else numbers(inner))
        ]
    return [name for inner in value for name in numbers(inner)] if isinstance(value, list) else []
