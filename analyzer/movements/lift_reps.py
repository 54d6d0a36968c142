"""Lifts on planted feet, down and up again: their reps and the shape of each. Shared by hinge and squat."""

from dataclasses import dataclass

import numpy as np

from analyzer.kinematics.arrays import FloatArray, Series
from analyzer.movements.body_heights import hand_height, hip_height, leg_length_px, trunk_length_px
from analyzer.movements.motion import Motion
from analyzer.movements.recognition import segment_probabilities
from analyzer.movements.rep_detection import RepTimes, find_reps, median_at
from analyzer.movements.statistics import is_mostly_known, percentile

MAX_STANDING_DEG = 40.0  # trunk and trunk-thigh at the top: travel is measured from there; chosen
# Reps with a probability below this share of the best one's do not belong to the set; chosen
MIN_RELATIVE_PROBABILITY = 0.1
MIN_SHOULDER_DROP = 0.06  # of the shoulders' height: less is a step; a bow of 35 degrees drops by .07; chosen
MIN_FOLD_CORRELATION = 0.8  # of the fold with the drop of the body, else the fold's sign is not known; chosen
# Of the drop of the shoulders with the height of the hips, else the one does not follow from the other; and the drop
# for a leg length: more would enlarge errors, as in hinges over high hips. Chosen on 34 labelled sets, whole and with
# the upper body hidden at times, the second also on 86 rendered ones; 29 others: docs/experiments.md
MIN_HIP_CORRELATION = 0.9
MAX_DROP_OF_HIPS = 2.5
_MIN_FRAMES = 10  # fewest frames that show both; chosen
_AROUND_S = 0.15  # the bottom is the median of this long before and after it; chosen
_TALL_PERCENTILE = 95.0  # of the shoulders' height: tall; chosen


@dataclass(frozen=True)
class LiftShape:
    """Postures of one rep: degrees at the bottom and at the top beside it, None where unknown.

    Attributes
    ----------
    top_s : the most upright moment.
    fold_deg, top_fold_deg : trunk-thigh angle.
    hand_height : height of the wrist over the ankle at the bottom, leg lengths.
    """

    times: RepTimes
    top_s: float
    trunk_deg: float | None
    fold_deg: float | None
    knee_deg: float | None
    top_trunk_deg: float | None
    top_fold_deg: float | None
    top_knee_deg: float | None
    hand_height: float | None

    @property
    def is_standing_at_top(self) -> bool:
        """Return whether the top is visible and upright, so that travel can be measured from there."""
        return (
            self.top_trunk_deg is not None
            and self.top_fold_deg is not None
            and max(self.top_trunk_deg, self.top_fold_deg) <= MAX_STANDING_DEG
        )

    @property
    def travel_ratio(self) -> float | None:
        """Trunk-thigh travel over knee travel: about 1 in a squat, 4 and more in a hinge; sources 2.2. At most 10."""
        fold, knee = _difference(self.fold_deg, self.top_fold_deg), _difference(self.knee_deg, self.top_knee_deg)
        if fold is None or knee is None or fold <= 0:
            return None
        return min(fold / max(knee, 1e-6), 10.0)


def shoulder_drop(motion: Motion) -> Series:
    """Compute how far the shoulders are down, (T,) shares of their height over the ankles when standing upright.

    Known in every camera view. Where the upper body is hidden, by a plate at the shoulder, it follows from the height
    of the hips in movements in which both go down together; else NaN.
    """
    leg, trunk = leg_length_px(motion), trunk_length_px(motion)
    if leg is None or trunk is None:
        return np.full(len(motion.times_s), np.nan)
    lower_foot = np.fmax(motion.near.ankle[:, 1], motion.far.ankle[:, 1])
    height = (lower_foot - motion.near.shoulder[:, 1]) / (leg + trunk)
    height[np.isnan(motion.angles["trunk_inclination_deg"])] = np.nan
    tall = percentile(height, _TALL_PERCENTILE)
    return height if tall is None else _fill_from_hips(1.0 - height / max(tall, 0.5), hip_height(motion))


def _fill_from_hips(down: Series, hips: Series) -> Series:
    both = np.isfinite(down) & np.isfinite(hips)
    if both.sum() < _MIN_FRAMES or min(np.std(down[both]), np.std(hips[both])) == 0:
        return down
    if np.corrcoef(down[both], hips[both])[0, 1] > -MIN_HIP_CORRELATION:
        return down
    slope, level = np.polyfit(hips[both], down[both], 1)
    return np.where(np.isfinite(down), down, level + slope * hips) if -slope <= MAX_DROP_OF_HIPS else down


def lift_depth(motion: Motion) -> Series:
    """Compute the depth by which lifts are counted: the trunk-thigh angle where its sign is known.

    Returns
    -------
    (T,) degrees, about 0 standing and larger when deeper; NaN where neither the angle nor the shoulders are known. Good
    for order and timing in every view, not for a result.
    """
    return depth_from_angle(motion, motion.angles["trunk_thigh_deg"])


def depth_from_angle(motion: Motion, angle_deg: Series) -> Series:
    """Compute a depth from an angle that grows towards the bottom, filled from the drop of the shoulders.

    From the front and from behind a thigh that points at the camera and one that points away look alike: an angle that
    does not correlate with the drop is not used at all.

    Parameters
    ----------
    angle_deg : (T,) degrees, small at the top and large at the bottom; NaN where unknown.

    Returns
    -------
    (T,) degrees; NaN where neither the angle nor the shoulders are known.
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
    """Find the reps of a movement, also those that the clip cuts; reps unlike the movement are left out.

    Parameters
    ----------
    motion : T frames.
    name : of the movement, as the recognition model knows it.
    depth : (T,) how far down the movement is, larger is deeper; NaN where unknown.
    """
    down = shoulder_drop(motion)
    candidates = [rep for rep in find_reps(motion.times_s, depth) if _shoulders_drop(motion.times_s, down, rep)]
    by_class = segment_probabilities(motion, [(rep.start_s, rep.end_s) for rep in candidates])
    probabilities = [None if each is None else each[name] for each in by_class]
    best = max((each for each in probabilities if each is not None), default=0.0)
    return [
        rep
        for rep, probability in zip(candidates, probabilities, strict=True)
        if probability is None or probability >= MIN_RELATIVE_PROBABILITY * best
    ]


def _shoulders_drop(times_s: FloatArray, down: Series, rep: RepTimes) -> bool:
    """Return whether the shoulders go down in a rep, or it is not known; in a step they do not."""
    inside = down[(times_s >= rep.start_s) & (times_s <= rep.end_s)]
    inside = inside[np.isfinite(inside)]
    return not len(inside) or float(np.ptp(inside)) >= MIN_SHOULDER_DROP


def measure_lift_shapes(motion: Motion, reps: list[RepTimes]) -> list[LiftShape]:
    """Measure the shape of each rep; its top is the most upright moment between the bottoms beside it."""
    times, degrees, depth, hands = motion.times_s, motion.degrees, lift_depth(motion), hand_height(motion)
    shapes = []
    for index, rep in enumerate(reps):
        since = reps[index - 1].bottom_s if index else float(times[0])
        until = reps[index + 1].bottom_s if index + 1 < len(reps) else float(times[-1])
        top = _top_frames(times, depth, since, until)

        def bottom(values: Series, at_s: float = rep.bottom_s) -> float | None:
            return median_at(times, values, at_s, _AROUND_S)

        def above(values: Series, frames: np.ndarray = top) -> float | None:
            return percentile(values[frames], 50) if is_mostly_known(values[frames]) else None

        shapes.append(
            LiftShape(
                times=rep,
                top_s=float(times[top][np.argmin(depth[top])]) if top.any() else rep.end_s,
                trunk_deg=bottom(degrees["trunk_inclination_deg"]),
                fold_deg=bottom(degrees["trunk_thigh_deg"]),
                knee_deg=bottom(degrees["knee_flexion_deg"]),
                top_trunk_deg=above(degrees["trunk_inclination_deg"]),
                top_fold_deg=above(degrees["trunk_thigh_deg"]),
                top_knee_deg=above(degrees["knee_flexion_deg"]),
                hand_height=bottom(hands),
            )
        )
    return shapes


def _top_frames(times: FloatArray, depth: Series, since_s: float, until_s: float) -> np.ndarray:
    """Return the frames between two moments with the depth in its lowest tenth, (T,)."""
    inside = (times >= since_s) & (times <= until_s) & np.isfinite(depth)
    if not inside.any():
        return inside
    low, high = float(depth[inside].min()), float(depth[inside].max())
    frames: np.ndarray = inside & (depth <= low + 0.1 * (high - low))
    return frames


def _difference(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else one - other
