"""What the change of the back shows in a clip, from its key measure: it keeps its shape, it changes, or there is room.

Limits on the 80 % interval of the change from the baseline posture. Lifters whose back looks neutral still bend it by
about 35 degrees from T11 to S2 (sources 2.3). Beyond that there is something to try; within half of it the back keeps
its shape; in between the change is stated without judgement.
"""

from collections.abc import Sequence

from analyzer.movements.protocol import Observation
from analyzer.results.schema import KeyMeasure

KEEPS_SHAPE_DEG = 17.0  # half of NEUTRAL_DEG; chosen, on no clip
NEUTRAL_DEG = 35.0  # 13 + 20 degrees, rounded up: sources 2.3


def list_back_observations(key_measures: Sequence[KeyMeasure], keeps_shape: bool) -> list[Observation]:
    """List at most one fact and one thing to try about the back; none where its change was not measured.

    Parameters
    ----------
    key_measures : of the clip; the one whose id ends in ".back" counts.
    keeps_shape : whether the movement is done with a back that keeps its shape; else the change is only stated.
    """
    back = next((measure for measure in key_measures if measure.id.endswith(".back")), None)
    if back is None or back.interval_80 is None:
        return []
    low_deg, high_deg = sorted(abs(end) for end in back.interval_80)
    if back.interval_80[0] < 0 < back.interval_80[1]:
        low_deg = 0.0
    evidence = {
        "back_deg": abs(back.value),
        "low_deg": low_deg,
        "high_deg": high_deg,
        "reps": len(back.per_rep),
    }
    if keeps_shape and high_deg <= KEEPS_SHAPE_DEG:
        return [Observation("back.keeps_shape", "can", 0.95, evidence)]
    change = Observation("back.rounds" if back.value >= 0 else "back.arches", "note", 0.9, evidence)
    if keeps_shape and back.value > 0 and low_deg > NEUTRAL_DEG:
        return [change, Observation("back.room", "next", 0.92, evidence)]
    return [change]
