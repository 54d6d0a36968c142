"""From observations to what is told: first what the person can do, then at most two things to try, one step each."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from analyzer.coaching.catalogue import DEGREE_SUFFIXES, Catalogue, load_catalogue
from analyzer.coaching.trainable_menu import Readiness, choose_step, load_menu
from analyzer.movements.protocol import Movement, Observation
from analyzer.results.schema import Finding


@dataclass(frozen=True)
class FindingLimits:
    """How much is told at once: sources 6 (never a laundry list)."""

    can: int = 3  # chosen
    next: int = 2  # sources 6


LIMITS = FindingLimits()
REFILM = Observation("general.refilm", "next", 1.0)
MORE_OF_IT = Observation("general.more_of_it", "next", 1.0)
KEEP_GOING = Observation("general.keep_going", "next", 0.0)


def build_findings(
    movement: Movement,
    observations: Sequence[Observation],
    degrees: bool,
    ready: Readiness | None = None,
    first: Sequence[Observation] = (),
) -> list[Finding]:
    """What is told of the observations of a known movement.

    Parameters
    ----------
    movement : whose own words are laid over the catalogue.
    observations : in any order.
    degrees : whether the view allows degrees; where not, shapes are told and how to film is the one thing to try.
    ready : what the client reports, if anything; whether the shape is in the own band is seen from the observations.
    first : things to work on that come before any other, in every view.

    Returns
    -------
    Those the person can do, the weightiest first; then those to work on, likewise. Where there is nothing to work on,
    one that says to keep going, with the next step of the weightiest "can" that has a row of the menu.
    """
    words = load_catalogue(*filter(None, [movement.catalogue_path]))
    can = _render_observations(words, observations, "can", degrees)[: LIMITS.can]
    work = (
        _render_observations(words, observations, "next", degrees)
        if degrees
        else _render_observations(words, [REFILM], "next", degrees)
    )
    work = [*_render_observations(words, first, "next", degrees), *work][: LIMITS.next]
    if not can and not work:
        work = _render_observations(words, [MORE_OF_IT], "next", degrees)
    in_own_band = not work and all(one.kind == "can" for one in observations)
    if in_own_band:
        work = _render_observations(words, [KEEP_GOING], "next", degrees)
    ready = replace(ready or Readiness(), in_own_band=in_own_band)
    step_up = next((words.entry(seen.id).menu for seen, _ in can if words.entry(seen.id).menu), None)
    told = [_finding(words, seen, text, degrees, None, ready) for seen, text in can]
    for seen, text in work:
        row = (step_up if seen is KEEP_GOING else None) or words.entry(seen.id).menu
        told.append(_finding(words, seen, text, degrees, row, ready))
    return told


def _render_observations(
    words: Catalogue, observations: Iterable[Observation], kind: str, degrees: bool
) -> list[tuple[Observation, str]]:
    """Observations of a kind that have a sentence in this view, the weightiest first."""
    ordered = sorted((one for one in observations if one.kind == kind), key=lambda one: -one.weight)
    sentences = ((one, words.sentence(one.id, one.evidence, degrees=degrees)) for one in ordered)
    return [(one, text) for one, text in sentences if text is not None]


def _finding(
    words: Catalogue, seen: Observation, text: str, degrees: bool, row: str | None, ready: Readiness
) -> Finding:
    return Finding.model_validate(
        {
            "id": seen.id,
            "kind": seen.kind,
            "text": text,
            "cue": words.cue(seen.id, seen.evidence) if seen.kind == "next" else None,
            "try": choose_step(load_menu()[row], ready).step.say if row else None,
            "evidence": _evidence(seen.evidence, degrees),
        }
    )


def _evidence(evidence: Mapping[str, Any], degrees: bool) -> dict[str, Any]:
    """What backs it: nothing unknown, and in a view without degrees nothing that needs them."""
    return {
        name: value
        for name, value in evidence.items()
        if not (isinstance(value, float) and not math.isfinite(value))
        and (degrees or not name.endswith(DEGREE_SUFFIXES))
    }
