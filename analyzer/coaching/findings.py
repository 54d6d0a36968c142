"""Build findings from observations: first what the person can do, then at most two things to try, one step each."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from analyzer.coaching.catalogue import DEGREE_SUFFIXES, Catalogue, Evidence, load_catalogue
from analyzer.coaching.trainable_menu import Readiness, choose_step, format_step_id, load_menu
from analyzer.movements.protocol import Movement, Observation, ObservationKind
from analyzer.results.schema import Finding


@dataclass(frozen=True)
class FindingLimits:
    """Largest number of findings of each kind: sources 6 (never a laundry list)."""

    can: int = 3  # chosen
    note: int = 1  # chosen
    next: int = 2  # sources 6


LIMITS = FindingLimits()
REFILM = Observation("general.refilm", "next", 1.0)
MORE_OF_IT = Observation("general.more_of_it", "next", 1.0)
KEEP_GOING = Observation("general.keep_going", "next", 0.0)


def build_findings(
    movement: Movement,
    observations: Sequence[Observation],
    allows_degrees: bool,
    readiness: Readiness | None = None,
    priority_observations: Sequence[Observation] = (),
) -> list[Finding]:
    """Build the findings of a clip with a known movement.

    Parameters
    ----------
    movement : its own catalogue has priority over the built-in one.
    observations : in any order.
    allows_degrees : whether the view allows degrees; without, the findings describe shapes, and the one thing to try
        is another camera position.
    readiness : what the client reports, if anything; `in_own_band` is set here from the observations.
    priority_observations : things to work on that come before any other, in every view.

    Returns
    -------
    What the person can do, the largest weight first; then plain facts, then what to work on, likewise. Without
    anything to work on, one finding that encourages to keep going, with the next step of the first "can" that has a
    row of the menu.
    """
    view = _FindingBuilder(load_catalogue(*filter(None, [movement.catalogue_path])), allows_degrees)
    can = view.render(observations, "can")[: LIMITS.can]
    notes = view.render(observations, "note")[: LIMITS.note]
    work = view.render(observations if allows_degrees else [REFILM], "next")
    work = [*view.render(priority_observations, "next"), *work][: LIMITS.next]
    if not can and not work:
        work = view.render([MORE_OF_IT], "next")
    in_own_band = not work and all(observation.kind != "next" for observation in observations)
    if in_own_band:
        work = view.render([KEEP_GOING], "next")
    readiness = replace(readiness or Readiness(), in_own_band=in_own_band)
    can_rows = (view.menu_row(observation) for observation, _ in can)
    row_to_go_on = next((row for row in can_rows if row), None)
    findings = [view.build(observation, text, None, readiness) for observation, text in [*can, *notes]]
    for observation, text in work:
        row = (row_to_go_on if observation is KEEP_GOING else None) or view.menu_row(observation)
        findings.append(view.build(observation, text, row, readiness))
    return findings


@dataclass(frozen=True)
class _FindingBuilder:
    """The catalogue, and whether the view allows degrees."""

    catalogue: Catalogue
    allows_degrees: bool

    def render(self, observations: Iterable[Observation], kind: ObservationKind) -> list[tuple[Observation, str]]:
        """Return observations of a kind that have a sentence in this view, the largest weight first."""
        of_kind = (observation for observation in observations if observation.kind == kind)
        rendered = (
            (
                observation,
                self.catalogue.render_sentence(
                    observation.id, observation.evidence, allows_degrees=self.allows_degrees
                ),
            )
            for observation in sorted(of_kind, key=lambda observation: -observation.weight)
        )
        return [(observation, text) for observation, text in rendered if text is not None]

    def menu_row(self, observation: Observation) -> str | None:
        """Return the name of the menu row that the catalogue gives for an observation."""
        return self.catalogue.get_entry(observation.id).menu

    def build(self, observation: Observation, text: str, row: str | None, readiness: Readiness) -> Finding:
        """Build one finding, with a step of a menu row if one is given."""
        step = choose_step(load_menu()[row], readiness) if row else None
        is_next = observation.kind == "next"
        return Finding.model_validate(
            {
                "id": observation.id,
                "kind": observation.kind,
                "text": text,
                "cue": self.catalogue.render_cue(observation.id, observation.evidence) if is_next else None,
                "try": step.say if step else None,
                "step_id": format_step_id(row, step) if row and step else None,
                "evidence": _select_evidence(observation.evidence, self.allows_degrees),
            }
        )


def _select_evidence(evidence: Evidence, allows_degrees: bool) -> Evidence:
    """Select known values, and without degrees in the view none that needs them."""
    return {
        name: value
        for name, value in evidence.items()
        if not (isinstance(value, float) and not math.isfinite(value))
        and (allows_degrees or not name.endswith(DEGREE_SUFFIXES))
    }
