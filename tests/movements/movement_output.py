"""What a movement makes of a motion: its events, measures and observations, and what a client is told."""

from dataclasses import dataclass
from typing import Any

from analyzer.coaching.findings import build_findings
from analyzer.movements.motion import ClipDetails, Motion
from analyzer.movements.protocol import Events, Movement, Observation
from analyzer.results.schema import Finding


@dataclass(frozen=True)
class MovementOutput:
    events: Events
    measures: dict[str, Any]
    observations: list[Observation]
    findings: list[Finding]

    @property
    def ids(self) -> set[str]:
        return {observation.id for observation in self.observations}


def told(movement: Movement, motion: Motion) -> MovementOutput:
    facts = ClipDetails()
    events = movement.find_events(motion, facts)
    measures = movement.compute_measures(motion, facts, events)
    observations = movement.list_observations(facts, events, measures)
    return MovementOutput(events, measures, observations, build_findings(movement, observations, motion.allows_degrees))


def measure_names(value: Any) -> list[str]:
    """Names of the measures in degrees or percent that are told, at any depth."""
    if isinstance(value, dict):
        return [
            name
            for key, inner in value.items()
            for name in ([key] if key.endswith(("_deg", "_pct")) and inner is not None else measure_names(inner))
        ]
    return [name for inner in value for name in measure_names(inner)] if isinstance(value, list) else []
