"""Measure the posture held in each stage of a seated slump, and its change from sitting tall."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from analyzer.kinematics.arrays import Series
from analyzer.movements.frame_runs import FrameMask
from analyzer.movements.motion import Motion
from analyzer.movements.slump.measures import SlumpStageMeasures
from analyzer.movements.slump.stages import leg_angles_deg
from analyzer.movements.slump.thresholds import RETURN, TALL_SIT, StageSpan
from analyzer.movements.statistics import median, round_known
from analyzer.results.schema import BodySide, Stage


@dataclass(frozen=True)
class StagePostureLimits:
    """Time over which the posture of a stage is taken."""

    posture_window_s: float = 1.0  # a posture is the median of its last second; sources 4
    min_posture_s: float = 0.2  # and of at least this, where the next stage follows at once; chosen


LIMITS = StagePostureLimits()
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


def measure_stages(motion: Motion, spans: Sequence[StageSpan]) -> list[Stage]:
    """Measure the posture held in each stage and its change from the last tall sitting before it."""
    legs: dict[str, dict[str, Series]] = {
        side: dict(
            zip(
                ("knee_flexion_deg", "ankle_dorsiflexion_deg"), leg_angles_deg(joints, motion.forward_sign), strict=True
            )
        )
        for side, joints in (("near", motion.near), ("far", motion.far))
        if motion.allows("knee_flexion_deg")
    }
    tall_span = next((span for span in spans if span.name == TALL_SIT), None)
    leg: BodySide | None = None  # the one at work, from the moment it straightens until all is let go
    stages = []
    for index, span in enumerate(spans):
        next_start_s = spans[index + 1].start_s if index + 1 < len(spans) else float(motion.times_s[-1])
        tall_span = span if span.name == TALL_SIT else tall_span
        leg = None if span.name in (RETURN, TALL_SIT) else span.side or leg
        series = {name: motion.degrees[name] for name in STAGE_ANGLES} | (legs.get(leg, {}) if leg else {})
        posture = _posture_frames(motion, span, next_start_s)
        tall = None if tall_span is None else _posture_frames(motion, tall_span, tall_span.end_s)
        stages.append(_build_stage(motion, span, series, posture, tall, has_leg=leg is not None))
    return stages


def _build_stage(
    motion: Motion,
    span: StageSpan,
    series: Mapping[str, Series],
    posture: FrameMask,
    tall: FrameMask | None,
    *,
    has_leg: bool,
) -> Stage:
    """Build one stage from the frames of its posture and of sitting tall; `has_leg` while a leg is at work."""
    confidence = round(float(np.median(motion.confidence[posture])), 2)
    angles: dict[str, float] = {}
    measures = SlumpStageMeasures(confidence=confidence)
    if motion.allows_degrees:
        medians = {name: median(values[posture]) for name, values in series.items()}
        angles = {name: value for name, value in medians.items() if value is not None}

        def change(name: str) -> float | None:
            before = None if tall is None else median(series[name][tall])
            return None if before is None or name not in angles else round_known(angles[name] - before)

        measures = SlumpStageMeasures(
            confidence=confidence,
            trunk_from_tall_deg=change("trunk_inclination_deg"),
            back_from_tall_deg=change("back_rounding_deg"),
            neck_from_tall_deg=change("neck_flexion_deg"),
            ankle_from_tall_deg=change("ankle_dorsiflexion_deg"),
        )
        if has_leg:
            knee = round_known(angles.get("knee_flexion_deg"))
            measures = measures.model_copy(update={"knee_short_of_straight_deg": knee})
    return Stage(
        name=span.name,
        start_s=round(max(span.start_s, float(motion.times_s[0])), 3),  # a crossing may lie before its frame
        end_s=round(span.end_s, 3),
        side=span.side,
        angles={name: round(value, 2) for name, value in angles.items()},
        measures=measures.to_json(skip_unset=True),
    )


def _posture_frames(motion: Motion, span: StageSpan, next_start_s: float) -> FrameMask:
    """Return the frames of a stage's last second after its movement, (T,); of a return the first second after it."""
    from_s, to_s = max(span.movement_end_s, span.end_s - LIMITS.posture_window_s), span.end_s
    if span.movement_end_s >= span.end_s:
        from_s = span.end_s
        if span.name == RETURN:
            to_s = min(max(next_start_s, span.end_s), span.end_s + LIMITS.posture_window_s)
    from_s = min(from_s, to_s - LIMITS.min_posture_s)
    frames: FrameMask = (motion.times_s >= from_s - 1e-9) & (motion.times_s <= to_s + 1e-9)
    if not frames.any():
        frames[np.argmin(np.abs(motion.times_s - to_s))] = True
    return frames
