"""What the speed of a set shows beside the shape of the back: which of the two goes first.

Speed "fell" where the last rep is slower than the fastest by at least the smallest loss that velocity-based training
acts on. Only a plate or a kettlebell is followed well enough for that: the loss of hands and hips is wrong by more
(docs/validation.md, "Speed of the load"). The back "changed" from the first rep on that differs from the first one, as
do all after it, by the minimal detectable change or more within a clip.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from analyzer.movements.minimal_detectable_change import compare_means
from analyzer.movements.protocol import Observation
from analyzer.movements.speed_measures import LiftSpeedMeasures
from analyzer.movements.typed_measures import JsonObject, build_rep_evidence
from analyzer.results.schema import Rep


@dataclass(frozen=True)
class SpeedFindingLimits:
    """When something is stated about the speed of a set."""

    min_reps: int = 3  # fewest reps with a known speed; chosen
    fell_pct: float = 10.0  # smallest loss that velocity-based training acts on; sources 5


LIMITS = SpeedFindingLimits()
_LOADS = ("plate", "kettlebell")


def list_speed_observations(
    speed: LiftSpeedMeasures | None,
    reps: Sequence[Rep],
    yaw_deg: float,
    back_grows: bool | None = None,
    limits: SpeedFindingLimits = LIMITS,
) -> list[Observation]:
    """List at most one observation about speed and back over the set.

    Parameters
    ----------
    speed : of the set; None where it was not measured.
    reps : of the clip, with the angles at the bottom.
    yaw_deg : of the camera: widens what counts as a change of the back.
    back_grows : whether the findings about the back state that its change grows over the set; where single reps say
        otherwise, the back is not mentioned. None: single reps decide.
    """
    if speed is None or speed.of not in _LOADS:
        return []
    shares = {rep.rep: rep.of_fastest_pct for rep in speed.reps if rep.of_fastest_pct is not None}
    counted = [rep for rep in reps if rep.index in shares]
    if len(counted) < limits.min_reps or speed.speed_loss_pct is None:
        return []
    speed_rep = _find_fall([(rep.index, shares[rep.index]) for rep in counted], limits.fell_pct)
    backs_deg = [rep.at_bottom.get("back_rounding_deg") for rep in counted]
    is_back_known = all(value is not None for value in backs_deg)
    known_deg = [value for value in backs_deg if value is not None]
    back_rep = _find_back_change([rep.index for rep in counted], known_deg, yaw_deg) if is_back_known else None
    if back_grows is not None and back_grows != (back_rep is not None):
        is_back_known, back_rep = False, None
    evidence: JsonObject = build_rep_evidence(counted) | {
        "loss_pct": speed.speed_loss_pct,
        "speed_from_rep": speed_rep,
        "back_from_rep": back_rep,
        "back_change_deg": known_deg[-1] - known_deg[0] if is_back_known else None,
    }
    name, is_fact = _name_pattern(speed_rep, back_rep, is_back_known)
    return [Observation(f"speed.{name}", "note" if is_fact else "can", 0.85 if is_fact else 0.6, evidence)]


def _name_pattern(speed_rep: int | None, back_rep: int | None, is_back_known: bool) -> tuple[str, bool]:
    """Return the name of what happened, and whether it is a plain fact instead of something that the person can do."""
    if speed_rep is None:
        if back_rep is not None:
            return "held_back_changed", True
        return ("held_back_kept" if is_back_known else "held"), False
    if back_rep is None:
        return ("fell_back_kept" if is_back_known else "fell"), True
    if back_rep == speed_rep:
        return "together", True
    return ("back_first" if back_rep < speed_rep else "speed_first"), True


def _find_fall(shares_pct: Sequence[tuple[int, float]], limit_pct: float) -> int | None:
    """Return the first rep that, with all after it, is slower by the limit than the fastest before it."""
    for place in range(1, len(shares_pct)):
        fastest_pct = max(share for _, share in shares_pct[:place])
        if all(100 * (1 - share / fastest_pct) >= limit_pct for _, share in shares_pct[place:]):
            return shares_pct[place][0]
    return None


def _find_back_change(indices: Sequence[int], backs_deg: Sequence[float], yaw_deg: float) -> int | None:
    """Return the first rep that, with all after it, has a back clearly different from the first rep's."""
    changes = [compare_means(backs_deg[:1], [value], "back", "same_clip", yaw_deg=yaw_deg) for value in backs_deg]
    is_clear = [change is not None and change.is_clear for change in changes]
    return next((index for place, index in enumerate(indices) if all(is_clear[place:])), None)
