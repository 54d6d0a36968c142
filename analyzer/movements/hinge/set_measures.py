"""Compute the measures of a set of hinges: what is typical, how alike the reps are, and what changes over the set."""

from collections.abc import Callable, Sequence

import numpy as np

from analyzer.movements.hinge.measures import (
    BOTTOM_FAMILIES,
    FAULTS,
    HingeAngle,
    HingeDrift,
    HingeRepMeasures,
    HingeSetMeasures,
    RoundingChange,
)
from analyzer.movements.hinge.thresholds import LIMITS, MIN_TRAVEL_RATIO, classify_style
from analyzer.movements.motion import ClipDetails
from analyzer.movements.set_consistency import LIMITS as SET_LIMITS
from analyzer.movements.set_consistency import compute_mean_tempo, measure_drift, measure_set_consistency
from analyzer.movements.statistics import drop_unknown, mean_known, median_known, round_known
from analyzer.movements.typed_measures import MeasuredRep, read_measured_reps
from analyzer.results.schema import Rep

_SUMO_ANGLES: tuple[HingeAngle, ...] = ("trunk_deg",)  # turned-out thighs hide the others from the side; sources 1.5
_SUMO_NOTE = "sumo: thighs turned out read low from the side; only the trunk is judged"


def compute_set_measures(details: ClipDetails, reps: Sequence[Rep], yaw_deg: float) -> HingeSetMeasures:
    """Compute the measures of the set from its measured reps; see `select_measured_reps`.

    Parameters
    ----------
    reps : reps of the result, with `HingeRepMeasures` as JSON.
    yaw_deg : of the camera, 0 to 90: widens what counts as a change.
    """
    measured = read_measured_reps(reps, HingeRepMeasures)
    from_top = [each.rep for each in measured if not each.measures.set_up]
    is_sumo = details.variant == "sumo"
    angles = _SUMO_ANGLES if is_sumo else tuple(BOTTOM_FAMILIES)
    bottom_deg = {name: [each.measures.get_bottom_angle(name) for each in measured] for name in angles}
    durations_s = [rep.end_s - rep.start_s for rep in from_top if rep.descent_s is not None]
    consistency = measure_set_consistency(bottom_deg, durations_s)
    tempo = compute_mean_tempo([each.rep for each in measured], from_top)

    def typical(value_of: Callable[[HingeRepMeasures], float | None], min_reps: int = 1) -> float | None:
        return median_known([value_of(each.measures) for each in measured], min_reps)

    ratio = typical(lambda rep: rep.hip_knee_ratio)
    return HingeSetMeasures(
        reps=len(measured),
        hip_knee_ratio=round_known(ratio, 2),
        style=classify_style(ratio),
        hip_back_pct=round_known(typical(lambda rep: rep.hip_back_pct)),
        hips_lead_s=round_known(typical(lambda rep: rep.hips_lead_s, LIMITS.lead_reps), 2),
        shin_deg=round_known(typical(lambda rep: rep.shin_deg)),
        stoop_squat_index=round_known(typical(lambda rep: rep.stoop_squat_index), 0),
        hip_share=round_known(typical(lambda rep: rep.hip_share), 2),
        lean_back_deg=round_known(typical(lambda rep: rep.lean_back_deg)),
        neck_deg=round_known(typical(lambda rep: rep.neck_deg)),
        descent_s=tempo.descent_s,
        pause_s=tempo.pause_s,
        ascent_s=tempo.ascent_s,
        top_s=round_known(mean_known([each.measures.top_s for each in measured]), 2),
        reps_that={name: [each.rep.index for each in measured if each.measures.get_fault(name)] for name in FAULTS},
        known_reps={name: sum(each.measures.get_fault(name) is not None for each in measured) for name in FAULTS},
        least_ratio=MIN_TRAVEL_RATIO.get(details.variant),
        note=_SUMO_NOTE if is_sumo else None,
        bottom_sd=consistency.bottom_sd,
        duration_sd_pct=consistency.duration_sd_pct,
        steady_tempo=consistency.has_steady_tempo,
        very_repeatable=consistency.is_very_repeatable,
        drift={name: _measure_angle_drift(bottom_deg[name], BOTTOM_FAMILIES[name], yaw_deg) for name in angles},
        slower_pct=round_known(_slower_pct([each.rep for each in measured])),
        rounding=_rounding_change(measured),
    )


def _measure_angle_drift(values: Sequence[float | None], family: str, yaw_deg: float) -> HingeDrift | None:
    """Compare the first reps with the last ones; the slope is Theil-Sen's."""
    change = measure_drift(values, family, yaw_deg)
    if change is None:
        return None
    from scipy.stats import theilslopes  # late: names and settings of movements are read without it

    return HingeDrift(
        change_deg=round_known(change.change),
        threshold_deg=round_known(change.threshold),
        slope_deg_rep=round_known(float(theilslopes(drop_unknown(values))[0]), 2),
        clear=change.is_clear,
    )


def _slower_pct(reps: Sequence[Rep]) -> float | None:
    """Return how much longer the last ways up take than the first, percent."""
    values = drop_unknown([rep.ascent_s for rep in reps])
    if len(values) < SET_LIMITS.min_drift_reps:
        return None
    count = min(SET_LIMITS.min_spread_reps, len(values) // 2)
    first, last = float(np.mean(values[:count])), float(np.mean(values[-count:]))
    return 100 * (last / first - 1) if first > 0 else None


def _rounding_change(measured: Sequence[MeasuredRep[HingeRepMeasures]]) -> RoundingChange | None:
    """Return the change of the back's shape over the set; None where the back is not measured."""
    values = drop_unknown([each.measures.rounding_deg for each in measured])
    if not values:
        return None
    return RoundingChange(
        median_deg=round_known(float(np.median(values))),
        growth_deg=round_known(values[-1] - values[0]) if len(values) > 1 else None,
        span_deg=round_known(float(np.ptp(values))),
        reps=len(values),
    )
