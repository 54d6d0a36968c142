"""The seated slump: which stages it had and the posture held in each. It records; nothing is read into it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from analyzer.kinematics.angles import Series
from analyzer.movements.body_heights import median
from analyzer.movements.motion import ClipDetails, Motion
from analyzer.movements.protocol import (
    BendDirection,
    ComparableMeasure,
    EventKind,
    Events,
    Movement,
    Observation,
    Smoothing,
)
from analyzer.movements.recognition import movement_probability
from analyzer.movements.slump.stages import (
    CHIN_TO_CHEST,
    KNEE_RELEASE,
    KNEE_STRAIGHT,
    NECK_RELEASE,
    RETURN,
    SLUMP,
    STAGES,
    TALL_SIT,
    TOES_RELEASE,
    TOES_UP,
    BodySide,
    StageSpan,
    find_slump_stages,
    leg_angles_deg,
)
from analyzer.results.schema import Analysis, Stage


@dataclass(frozen=True)
class SlumpStageLimits:
    """How a stage is measured."""

    held_s: float = 1.0  # a posture is the median of its last second; sources 4
    least_s: float = 0.2  # and of at least this, where the next stage follows at once; chosen
    min_slump_deg: float = 8.0  # change of trunk or back that is told: no clear change below; sources 5
    min_knee_change_deg: float = 8.0  # likewise; sources 5


LIMITS = SlumpStageLimits()
STAGE_ANGLES = (
    "trunk_inclination_deg",
    "trunk_thigh_deg",
    "thigh_inclination_deg",
    "knee_flexion_deg",
    "shin_inclination_deg",
    "ankle_dorsiflexion_deg",
    "neck_flexion_deg",
    "head_tilt_deg",
    "back_rounding_deg",
)
_LEG_ANGLES = ("knee_flexion_deg", "ankle_dorsiflexion_deg")
_BASELINE_MEASURES = {
    "trunk_inclination_deg": "trunk_from_tall_deg",
    "back_rounding_deg": "back_from_tall_deg",
    "neck_flexion_deg": "neck_from_tall_deg",
    "ankle_dorsiflexion_deg": "ankle_from_tall_deg",
}


class Slump(Movement):
    """Seated slump test, or slumping and sitting tall in turns."""

    name = "slump"
    title = "Seated slump"
    main_angle = "neck_flexion_deg"
    smoothing: Smoothing = "hold"
    event_kind: EventKind = "stages"
    stage_titles: Mapping[str, str] = {
        TALL_SIT: "Sitting tall",
        SLUMP: "Slumped",
        CHIN_TO_CHEST: "Chin to chest",
        KNEE_STRAIGHT: "Knee straight",
        TOES_UP: "Toes up",
        NECK_RELEASE: "Neck let go",
        TOES_RELEASE: "Toes let go",
        KNEE_RELEASE: "Knee let go",
        RETURN: "Back to tall",
    }
    correctable_stages = STAGES
    one_leg_stages = frozenset({KNEE_STRAIGHT, TOES_UP, TOES_RELEASE, KNEE_RELEASE})
    baseline_stages = frozenset({TALL_SIT, RETURN})
    release_stages = frozenset({NECK_RELEASE})  # rounded, but there to show what letting go does
    direction: BendDirection | None = "rounding"
    asks_screening_first = True  # the test is there to ask what is felt; sources 4
    comfort_angles = (  # sources 4
        "back_rounding_deg",
        "trunk_inclination_deg",
        "neck_flexion_deg",
        "knee_flexion_deg",
    )
    can_be_loaded = False
    instructions = "Sit tall, slump, bring the chin to the chest, straighten one knee, then let go step by step."

    def recognise(self, motion: Motion) -> float:
        """Probability by the shared recogniser; see `recognition`."""
        return movement_probability(self.name, motion)

    def find_events(self, motion: Motion, details: ClipDetails) -> Events:
        """The stages as found; `correct_stages` takes the coach's."""
        return Events(stages=measure_stages(motion, find_slump_stages(motion)))

    def correct_stages(self, motion: Motion, changes: Sequence[Mapping[str, Any]]) -> Sequence[Stage]:
        """The stages with the coach's changes; see `coaching.stages.Correctable`. Raises ValueError for nonsense."""
        return measure_stages(motion, apply_corrections(find_slump_stages(motion), changes))

    def compute_measures(self, motion: Motion, details: ClipDetails, events: Events) -> dict[str, Any]:
        """The order of the stages and the furthest that was recorded; what was held stands with each stage."""
        stages = list(events.stages)
        knees = [s for s in stages if s.name == KNEE_STRAIGHT]
        return {
            "order": [stage.name for stage in stages],
            "sides": sorted({stage.side for stage in knees if stage.side is not None}, reverse=True),
            "slumps": sum(stage.name == SLUMP for stage in stages),
            "largest_from_tall_deg": _largest_from_baseline(stages),
            "knee_short_of_straight_deg": {
                stage.side: stage.measures["knee_short_of_straight_deg"]
                for stage in knees
                if stage.side is not None and stage.measures.get("knee_short_of_straight_deg") is not None
            },
        }

    def list_observations(self, details: ClipDetails, events: Events, measures: Mapping[str, Any]) -> list[Observation]:
        """What was recorded, as something that can be done; what it felt like is the client's to say."""
        stages = list(events.stages)
        names = {stage.name for stage in stages}
        seen = []
        times = [stage.start_s for stage in stages]
        if names - self.baseline_stages:
            seen.append(Observation("slump.recorded", "can", 0.6, {"stages": len(stages), "times_s": times}))
        largest = measures.get("largest_from_tall_deg") or {}
        slump_deg = max((largest[k] for k in ("trunk", "back") if largest.get(k) is not None), default=None)
        if slump_deg is not None and slump_deg >= LIMITS.min_slump_deg:
            seen.append(Observation("slump.range", "can", 0.5, {"slump_deg": slump_deg, "times_s": times}))
        short = measures.get("knee_short_of_straight_deg") or {}
        if short:
            best = max(0.0, min(short.values()))
            text = "slump.knee_straight" if best < LIMITS.min_knee_change_deg else "slump.knee"
            seen.append(Observation(text, "can", 0.7, {"short_deg": best, "times_s": times}))
        return seen

    def list_comparable_measures(self, analysis: Analysis) -> list[ComparableMeasure]:
        """How far the slump and the knee went, from the own tall sitting."""
        found = []
        for key, family, name, stages in (
            ("slump_trunk_deg", "trunk", "trunk_from_tall_deg", (SLUMP,)),
            ("slump_back_deg", "back", "back_from_tall_deg", (SLUMP,)),
            ("slump_neck_deg", "neck", "neck_from_tall_deg", (SLUMP,)),
            ("knee_short_deg", "knee", "knee_short_of_straight_deg", (KNEE_STRAIGHT, TOES_UP)),
        ):
            values = [stage.measures.get(name) for stage in analysis.stages if stage.name in stages]
            known = tuple(value for value in values if value is not None)
            if known:
                found.append(ComparableMeasure(key, family, known))
        return found


def measure_stages(motion: Motion, spans: Sequence[StageSpan]) -> list[Stage]:
    """Stages with the posture held in each and its change from the last time of sitting tall before it."""
    legs: dict[BodySide, dict[str, Series]] = {
        "near": dict(zip(_LEG_ANGLES, leg_angles_deg(motion.near, motion.forward), strict=True)),
        "far": dict(zip(_LEG_ANGLES, leg_angles_deg(motion.far, motion.forward), strict=True)),
    }
    first_tall = next((span for span in spans if span.name == TALL_SIT), None)
    tall_span = first_tall
    leg: BodySide | None = None  # the one at work, from the moment it straightens until all is let go
    stages = []
    for index, span in enumerate(spans):
        after = spans[index + 1].start_s if index + 1 < len(spans) else float(motion.times_s[-1])
        tall_span = span if span.name == TALL_SIT else tall_span
        leg = None if span.name in (TALL_SIT, RETURN) else span.side or leg
        series = {name: motion.angles[name] for name in STAGE_ANGLES} | (legs[leg] if leg else {})
        held = _posture_frames(motion, span, after)
        angles = {name: median(values[held]) for name, values in series.items()} if motion.degrees else {}
        known = {name: value for name, value in angles.items() if value is not None}
        measures: dict[str, Any] = {"confidence": round(float(np.median(motion.confidence[held])), 2)}
        if motion.degrees:
            knee = known.get("knee_flexion_deg")
            if leg is not None:
                measures["knee_short_of_straight_deg"] = None if knee is None else round(knee, 1)
            tall = None if tall_span is None else _posture_frames(motion, tall_span, tall_span.end_s)
            for name, told in _BASELINE_MEASURES.items():
                before = None if tall is None else median(series[name][tall])
                change = None if before is None or name not in known else known[name] - before
                measures[told] = None if change is None else round(change, 1)
        stages.append(
            Stage(
                name=span.name,
                start_s=round(max(span.start_s, float(motion.times_s[0])), 3),  # a crossing may lie before its frame
                end_s=round(span.end_s, 3),
                side=span.side,
                angles={name: round(value, 2) for name, value in known.items()},
                measures=measures,
            )
        )
    return stages


def apply_corrections(spans: Sequence[StageSpan], corrections: Sequence[Mapping[str, Any]]) -> list[StageSpan]:
    """The stages as the coach says they were: measure them again with `measured`.

    Parameters
    ----------
    spans : as found.
    corrections : each with any of `name`, `start_s`, `end_s` and `side`, and with `index`, from 1, of the stage it is
        about, as found. Without `index` it is a stage that was not found, and needs name, start and end. With
        `remove` true the stage is left out.

    Raises
    ------
    ValueError for a name that is no stage, an index that is not there, or an end that is not after its start.
    """
    by_index: dict[int, StageSpan] = dict(enumerate(spans, start=1))
    added = []
    for one in corrections:
        index = one.get("index")
        if index is None:
            if not {"name", "start_s", "end_s"} <= set(one):
                raise ValueError("a stage without index needs name, start_s and end_s")
            added.append(_corrected(StageSpan(one["name"], one["start_s"], one["start_s"], one["end_s"]), one))
            continue
        if index not in by_index:
            raise ValueError(f"there is no stage {index}: there are {len(spans)}")
        if one.get("remove"):
            del by_index[index]
        else:
            by_index[index] = _corrected(by_index[index], one)
    return sorted([*by_index.values(), *added], key=lambda span: span.start_s)


def _corrected(span: StageSpan, said: Mapping[str, Any]) -> StageSpan:
    name, side = said.get("name", span.name), said.get("side", span.side)
    start_s, end_s = float(said.get("start_s", span.start_s)), float(said.get("end_s", span.end_s))
    if name not in STAGES:
        raise ValueError(f"{name}: not a stage. Stages: {', '.join(STAGES)}")
    if side not in (None, "near", "far"):
        raise ValueError(f"{side}: a side is near or far")
    if end_s <= start_s:
        raise ValueError(f"{name}: ends at {end_s:g} s, which is not after its start at {start_s:g} s")
    return StageSpan(name, start_s, float(np.clip(span.movement_end_s, start_s, end_s)), end_s, side)


def _posture_frames(motion: Motion, span: StageSpan, after_s: float) -> np.ndarray:
    """(T,) frames of the last second of a stage after its movement; of a return the first second after it."""
    from_s, to_s = max(span.movement_end_s, span.end_s - LIMITS.held_s), span.end_s
    if span.movement_end_s >= span.end_s:
        to_s = min(max(after_s, span.end_s), span.end_s + LIMITS.held_s) if span.name == "return" else span.end_s
        from_s = span.end_s
    from_s = min(from_s, to_s - LIMITS.least_s)
    frames = (motion.times_s >= from_s - 1e-9) & (motion.times_s <= to_s + 1e-9)
    if not frames.any():
        frames[np.argmin(np.abs(motion.times_s - to_s))] = True
    return frames


def _largest_from_baseline(stages: Sequence[Stage]) -> dict[str, float | None]:
    largest: dict[str, float | None] = {}
    for key in ("trunk", "back", "neck"):
        values = [stage.measures.get(f"{key}_from_tall_deg") for stage in stages]
        known = [value for value in values if value is not None]
        largest[key] = max(known) if known else None
    return largest


MOVEMENT = Slump()
