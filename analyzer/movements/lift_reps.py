"""Lifts on planted feet, down and up again: their reps, and what each looks like. Shared by hinge and squat."""

from dataclasses import dataclass

import numpy as np

from analyzer.kinematics.arrays import FloatArray, Series
from analyzer.movements.body_heights import hand_height, leg_length_px, percentile, trunk_length_px
from analyzer.movements.motion import Motion
from analyzer.movements.recognition import segment_probabilities
from analyzer.movements.rep_detection import RepTimes, find_reps, median_at

MAX_STANDING_DEG = 40.0  # trunk and trunk-thigh at the top: travel is told from there; chosen
MIN_RELATIVE_PROBABILITY = (
    0.1  # reps whose chance is less than this share of the best one's are none of the set; chosen
)
MIN_SHOULDER_DROP = 0.06  # of the shoulders' height: less is a step; a bow of 35 degrees drops by .07; chosen
MIN_FOLD_CORRELATION = (
    0.8  # correlation of the fold with the drop of the body, else the fold's sign is not known; chosen
)
_MIN_FRAMES = 10  # frames that show both, to tell; chosen
_AROUND_S = 0.15  # the bottom is the median of so much before and after it; chosen
_TALL_PERCENTILE = 95.0  # of the shoulders' height: tall; chosen


@dataclass(frozen=True)
class LiftShape:
    """One rep as a shape: degrees at the bottom and at the top beside it, None where unknown.

    Attributes
    ----------
    top_s : the most upright moment.
    hand : height of the wrist over the ankle at the bottom, leg lengths.
    """

    times: RepTimes
    top_s: float
    trunk_deg: float | None
    fold_deg: float | None
    knee_deg: float | None
    top_trunk_deg: float | None
    top_fold_deg: float | None
    top_knee_deg: float | None
    hand: float | None

    @property
    def stands(self) -> bool:
        """Whether standing is seen at the top, so that travel is told from there."""
        return (
            self.top_trunk_deg is not None
            and self.top_fold_deg is not None
            and max(self.top_trunk_deg, self.top_fold_deg) <= MAX_STANDING_DEG
        )

    @property
    def ratio(self) -> float | None:
        """Trunk-thigh travel to knee travel: about 1 in a squat, 4 and more in a hinge; sources 2.2. At most 10."""
        fold, knee = _difference(self.fold_deg, self.top_fold_deg), _difference(self.knee_deg, self.top_knee_deg)
        if fold is None or knee is None or fold <= 0:
            return None
        return min(fold / max(knee, 1e-6), 10.0)


def shoulder_drop(motion: Motion) -> Series:
    """(T,) how far the shoulders are down, as a share of their height over the ankles when standing tall.

    Known from any side; NaN where the body is not known.
    """
    leg, trunk = leg_length_px(motion), trunk_length_px(motion)
    if leg is None or trunk is None:
        return np.full(len(motion.times_s), np.nan)
    lower_foot = np.fmax(motion.near.ankle[:, 1], motion.far.ankle[:, 1])
    height = (lower_foot - motion.near.shoulder[:, 1]) / (leg + trunk)
    height[np.isnan(motion.angles["trunk_inclination_deg"])] = np.nan
    tall = percentile(height, _TALL_PERCENTILE)
    return height if tall is None else 1.0 - height / max(tall, 0.5)


def lift_depth(motion: Motion) -> Series:
    """(T,) what lifts are counted by: the trunk-thigh angle, where it is known which way it goes."""
    return depth_from_angle(motion, motion.angles["trunk_thigh_deg"])


def depth_from_angle(motion: Motion, angle_deg: Series) -> Series:
    """(T,) an angle that grows towards the bottom; where it is not known, what the drop of the shoulders says of it.

    From the front and from behind a thigh that points at the camera and one that points away look alike: an angle that
    does not go along with the drop is not used at all.
    """
    # As the fold of a body of two equal parts: about the trunk-thigh angle in hinges and squats.
    down = 2 * np.degrees(np.arccos(np.clip(1.0 - shoulder_drop(motion), -1.0, 1.0)))
    both = np.isfinite(angle_deg) & np.isfinite(down)
    if both.sum() < _MIN_FRAMES or min(np.std(angle_deg[both]), np.std(down[both])) == 0:
        return down if np.isfinite(down).any() else angle_deg
    if np.corrcoef(angle_deg[both], down[both])[0, 1] < MIN_FOLD_CORRELATION:
        return down
    slope, level = np.polyfit(down[both], angle_deg[both], 1)
    return np.where(np.isfinite(angle_deg), angle_deg, level + slope * down)


def find_movement_reps(motion: Motion, name: str, depth: Series) -> list[RepTimes]:
    """Reps of a movement, also those that are cut: what looks unlike it beside the others is left out."""
    down = shoulder_drop(motion)
    found = [rep for rep in find_reps(motion.times_s, depth) if _shoulders_drop(motion.times_s, down, rep)]
    chances = segment_probabilities(motion, [(rep.start_s, rep.end_s) for rep in found])
    known = [chance[name] if chance is not None else None for chance in chances]
    best = max((chance for chance in known if chance is not None), default=0.0)
    return [
        rep
        for rep, chance in zip(found, known, strict=True)
        if chance is None or chance >= MIN_RELATIVE_PROBABILITY * best
    ]


def _shoulders_drop(times_s: FloatArray, down: Series, rep: RepTimes) -> bool:
    """Whether the shoulders go down in a rep, or it is not known: not so in a step."""
    inside = down[(times_s >= rep.start_s) & (times_s <= rep.end_s)]
    inside = inside[np.isfinite(inside)]
    return not len(inside) or float(np.ptp(inside)) >= MIN_SHOULDER_DROP


def measure_lift_shapes(motion: Motion, reps: list[RepTimes]) -> list[LiftShape]:
    """The shape of each rep; its top is the most upright moment between the bottoms beside it."""
    times, angles, depth, hands = motion.times_s, motion.angles, lift_depth(motion), hand_height(motion)
    shapes = []
    for index, rep in enumerate(reps):
        since = reps[index - 1].bottom_s if index else float(times[0])
        until = reps[index + 1].bottom_s if index + 1 < len(reps) else float(times[-1])
        top = _top_frames(times, depth, since, until)

        def bottom(values: Series, at_s: float = rep.bottom_s) -> float | None:
            return median_at(times, values, at_s, _AROUND_S)

        def above(values: Series, frames: np.ndarray = top) -> float | None:
            return percentile(values[frames], 50)

        shapes.append(
            LiftShape(
                rep,
                float(times[top][np.argmin(depth[top])]) if top.any() else rep.end_s,
                bottom(angles["trunk_inclination_deg"]),
                bottom(angles["trunk_thigh_deg"]),
                bottom(angles["knee_flexion_deg"]),
                above(angles["trunk_inclination_deg"]),
                above(angles["trunk_thigh_deg"]),
                above(angles["knee_flexion_deg"]),
                bottom(hands),
            )
        )
    return shapes


def _top_frames(times: FloatArray, depth: Series, since_s: float, until_s: float) -> np.ndarray:
    """Frames between two moments in which the depth is within its lowest tenth, near the top."""
    inside = (times >= since_s) & (times <= until_s) & np.isfinite(depth)
    if not inside.any():
        return inside
    low, high = float(depth[inside].min()), float(depth[inside].max())
    frames: np.ndarray = inside & (depth <= low + 0.1 * (high - low))
    return frames


def _difference(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else one - other
