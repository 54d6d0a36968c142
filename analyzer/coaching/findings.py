"""Build findings from observations: first what the person can do, then at most two things to try, one step each."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from analyzer.coaching.catalogue import DEGREE_SUFFIXES, Catalogue, Evidence, load_catalogue
from analyzer.coaching.trainable_menu import Readiness, choose_step, format_step_id, load_menu
from analyzer.movements.protocol import Movement, Observation
from analyzer.results.schema import Finding, FindingKind


@dataclass(frozen=True)
class FindingLimits:
    """Largest number of findings of each kind: sources 6 (never a laundry list)."""

    can: int = 3  # chosen
    note: int = 2  # the back and one other; chosen
    next: int = 2  # sources 6


LIMITS = FindingLimits()
_RESERVED_PREFIX = "back."  # what is measured of the back is always stated, however much else there is
REFILM = Observation("general.refilm", "next", 1.0)
MORE_OF_IT = Observation("general.more_of_it", "next", 1.0)
_KEEP_GOING_ID = "general.keep_going"


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
    What the person can do, the largest weight first; then plain facts, then what to work on, likewise. Something to
    work on of weight 0 is used only without any other. Without anything to work on, one finding names the next step
    of the first "can" that has a row of the menu, with that "can" as its reason; without any "can" it asks for more of
    the movement. Findings about the back are never left out in favour of others.
    """
    view = _FindingBuilder(load_catalogue(*filter(None, [movement.catalogue_path])), allows_degrees)
    can = _select(view.render(observations, "can"), LIMITS.can)
    notes = _select(view.render(observations, "note"), LIMITS.note)
    first = view.render(priority_observations, "next")
    work = view.render(observations if allows_degrees else [REFILM], "next")
    work = [*first, *([item for item in work if item[0].weight > 0] or ([] if first else work))][: LIMITS.next]
    if not can and not work:
        work = view.render([MORE_OF_IT], "next")
    in_own_band = not work and all(observation.kind != "next" for observation in observations)
    readiness = replace(readiness or Readiness(), in_own_band=in_own_band)
    findings = [view.build(observation, text, None, readiness) for observation, text in [*can, *notes]]
    findings += [view.build(observation, text, view.menu_row(observation), readiness) for observation, text in work]
    if in_own_band:
        findings.append(_build_next_step(view, [observation for observation, _ in can], readiness))
    return findings


_Rendered = tuple[Observation, str]


def _select(rendered: Sequence[_Rendered], limit: int) -> list[_Rendered]:
    """Select the first of some findings, in their order, but all of the reserved ones."""
    is_reserved = [observation.id.startswith(_RESERVED_PREFIX) for observation, _ in rendered]
    places = [place for place, reserved in enumerate(is_reserved) if not reserved]
    left_out = set(places[max(0, limit - sum(is_reserved)) :])
    return [one for place, one in enumerate(rendered) if place not in left_out]


def _build_next_step(view: "_FindingBuilder", can: Sequence[Observation], readiness: Readiness) -> Finding:
    """Build the next step for a person with nothing to work on; its reason is the first of `can` with a menu row."""
    source = next((observation for observation in can if view.menu_row(observation)), can[0])
    reason = view.catalogue.render_reason(source.id, source.evidence)
    text = view.catalogue.render_sentence(_KEEP_GOING_ID, {"reason": reason}, allows_degrees=True)
    step = Observation(_KEEP_GOING_ID, "next", 0.0, source.evidence)
    return view.build(step, text or "", view.menu_row(source) or view.menu_row(step), readiness)


@dataclass(frozen=True)
class _FindingBuilder:
    """The catalogue, and whether the view allows degrees."""

    catalogue: Catalogue
    allows_degrees: bool

    def render(self, observations: Iterable[Observation], kind: FindingKind) -> list[tuple[Observation, str]]:
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
