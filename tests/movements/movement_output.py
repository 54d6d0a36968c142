"""Run one movement on a motion: events, measures, observations and findings."""

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


def analyze_motion(movement: Movement, motion: Motion) -> MovementOutput:
    details = ClipDetails()
    events = movement.find_events(motion, details)
    measures = movement.compute_measures(motion, details, events)
    observations = movement.list_observations(details, events, measures)
    return MovementOutput(events, measures, observations, build_findings(movement, observations, motion.allows_degrees))


def measure_names(value: Any) -> list[str]:
    """Return the names of known measures in degrees or percent, at any depth."""
    if isinstance(value, dict):
        return [
            name
            for key, inner in value.items()
            for name in ([key] if key.endswith(("_deg", "_pct")) and inner is not None else measure_names(inner))
        ]
    return [name for inner in value for name in measure_names(inner)] if isinstance(value, list) else []
