"""Lifts on planted feet, down and up again: their reps, and what each looks like. Shared by hinge and squat."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from analyzer.kinematics.angles import FloatArray, Series, arm_elevation_deg, thigh_inclination_deg
from analyzer.movements.motion import Motion
from analyzer.movements.reps import RepTimes, find_reps, value_at
from analyzer.movements.shapes import feet_travel, first_known, hand_height, percentile, ramp, share, weight_ahead

_LEG_SEEN = 0.8  # share of the frames with the trunk in which the thigh is seen too, to count by the fold; chosen
_FEWEST = 10  # frames that show fold and trunk, to tell one by the other; chosen
_STILL_DEG = 5.0  # and the spread of the trunk in them; chosen
_AROUND_S = 0.15  # the bottom is the median of so much before and after it; chosen


@dataclass(frozen=True)
class LiftLimits:
    """What a lift on planted feet is; pairs: surely not, surely one."""

    top_trunk_deg: tuple[float, float] = (55.0, 40.0)  # trunk at the top: a row stays bent; chosen
    top_fold_deg: tuple[float, float] = (80.0, 60.0)  # trunk-thigh at the top: who sits stays folded; chosen
    stands_deg: float = 40.0  # trunk and trunk-thigh at the top: travel is told from there; chosen
    feet: tuple[float, float] = (1.3, 0.9)  # travel of the feet, trunks: steps, stays (plates hide ankles); chosen
    apart_deg: tuple[float, float] = (55.0, 35.0)  # thighs apart at the bottom: a lunge, both legs alike; chosen
    ahead: tuple[float, float] = (0.6, 0.45)  # weight in front of the ankle, trunks: falls, stands (toes .4); chosen
    behind: tuple[float, float] = (-0.3, -0.2)  # weight behind it: sits on something, stands (heels -.1); chosen
    seen: tuple[float, float] = (0.3, 0.5)  # share of the frames with the trunk in which the thigh is seen; chosen
    hidden_legs: float = 0.7  # sureness where plates hide both legs all the time; chosen
    hands_below: tuple[float, float] = (0.1, 0.3)  # and the hands stay up, go down to a load, trunk lengths; chosen
    prone_deg: float = 45.0  # a thigh that leans forward this far is in a plank; chosen
    prone_share: tuple[float, float] = (0.1, 0.03)  # of the time: walk-outs, none; chosen
    rep_s: tuple[float, float] = (1.1, 1.5)  # median rep: a swing, a lift; two-handed swings take about 1.3 s; chosen
    arms_deg: tuple[float, float] = (60.0, 35.0)  # straight arms float up so far on the way up: a swing, none; chosen
    arms_s: tuple[float, float] = (1.6, 2.2)  # and that in reps of this length: a swing, too slow for one; chosen
    straight_deg: float = 60.0  # elbows at most this bent are straight; chosen
    deep_knee_deg: tuple[float, float] = (65.0, 80.0)  # knees of any hinge with high hands, of a squat; domain 2.2
    squat_ratio: tuple[float, float] = (1.8, 1.4)  # and the knees travel nearly as far as the fold; domain 2.2
    high_hand: tuple[float, float] = (0.6, 0.75)  # wrist over ankle, leg lengths: at the knee, above it; chosen


LIMITS = LiftLimits()


@dataclass(frozen=True)
class LiftShape:
    """One rep as a shape: degrees at the bottom and at the top beside it, None where unknown.

    Attributes
    ----------
    top_s : the most upright moment.
    hand : height of the wrist over the ankle at the bottom, leg lengths.
    ahead : the body's weight in front of the ankle at the bottom, trunks.
    apart_deg : the thighs' difference at the bottom.
    arms_deg : how far the arm comes up against gravity from the bottom to the top; None unless it is straight.
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
    ahead: float | None
    apart_deg: float | None
    arms_deg: float | None

    @property
    def trunk_travel_deg(self) -> float | None:
        """How far the trunk goes from the top to the bottom."""
        return _minus(self.trunk_deg, self.top_trunk_deg)

    @property
    def fold_travel_deg(self) -> float | None:
        """How far the trunk-thigh angle goes."""
        return _minus(self.fold_deg, self.top_fold_deg)

    @property
    def knee_travel_deg(self) -> float | None:
        """How far the knees bend."""
        return _minus(self.knee_deg, self.top_knee_deg)

    @property
    def stands(self) -> bool:
        """Whether standing is seen at the top, so that travel is told from there."""
        return (
            self.top_trunk_deg is not None
            and self.top_fold_deg is not None
            and max(self.top_trunk_deg, self.top_fold_deg) <= LIMITS.stands_deg
        )

    @property
    def thigh_share(self) -> float | None:
        """Share of the fold that is the thigh's: 0.2 to 0.5 in hinges, more in squats; domain 2.2."""
        fold, trunk = self.fold_travel_deg, self.trunk_travel_deg
        return None if fold is None or trunk is None or fold <= 0 else (fold - trunk) / fold

    @property
    def ratio(self) -> float | None:
        """Trunk-thigh travel to knee travel: about 1 in a squat, 4 and more in a hinge; domain 2.2. At most 10."""
        fold, knee = self.fold_travel_deg, self.knee_travel_deg
        if fold is None or knee is None or fold <= 0:
            return None
        return min(fold / max(knee, 1e-6), 10.0)


def thigh_seen(motion: Motion) -> float:
    """Share of the frames with the trunk in which the thigh is seen too."""
    return share(np.isfinite(motion.angles["trunk_thigh_deg"]), np.isfinite(motion.angles["trunk_inclination_deg"]))


def lift_depth(motion: Motion) -> Series:
    """What reps are counted by: the trunk-thigh angle; where plates hide the leg too often, the trunk's inclination.

    Where the leg is hidden on the way up only, the trunk tells how the fold goes on: for order and timing, no more.
    """
    fold, trunk = motion.angles["trunk_thigh_deg"], motion.angles["trunk_inclination_deg"]
    if thigh_seen(motion) < _LEG_SEEN:
        return trunk
    both, lost = np.isfinite(fold) & np.isfinite(trunk), np.isnan(fold) & np.isfinite(trunk)
    if not lost.any() or both.sum() < _FEWEST or np.std(trunk[both]) < _STILL_DEG:
        return fold
    slope, level = np.polyfit(trunk[both], fold[both], 1)
    if slope <= 0:
        return fold
    told = level + slope * trunk
    above = told < (fold[both].min() + fold[both].max()) / 2
    return np.where(lost & above, told, fold)


def lift_reps(motion: Motion) -> list[RepTimes]:
    """All reps of the clip, also those that are cut."""
    return find_reps(motion.times_s, lift_depth(motion))


def lift_shapes(motion: Motion, reps: list[RepTimes]) -> list[LiftShape]:
    """The shape of each rep; its top is the most upright moment between the bottoms beside it."""
    times, angles = motion.times_s, motion.angles
    hands, ahead, apart, arms = hand_height(motion), weight_ahead(motion), legs_apart_deg(motion), _arms_deg(motion)
    shapes = []
    for index, rep in enumerate(reps):
        since = reps[index - 1].bottom_s if index else float(times[0])
        until = reps[index + 1].bottom_s if index + 1 < len(reps) else float(times[-1])
        top = _tops(times, lift_depth(motion), since, until)

        def bottom(values: Series, at_s: float = rep.bottom_s) -> float | None:
            return value_at(times, values, at_s, _AROUND_S)

        def above(values: Series, frames: np.ndarray = top) -> float | None:
            return percentile(values[frames], 50)

        low, high = bottom(arms), above(arms)
        shapes.append(
            LiftShape(
                rep,
                float(times[top][np.argmin(lift_depth(motion)[top])]) if top.any() else rep.end_s,
                bottom(angles["trunk_inclination_deg"]),
                bottom(angles["trunk_thigh_deg"]),
                bottom(angles["knee_flexion_deg"]),
                above(angles["trunk_inclination_deg"]),
                above(angles["trunk_thigh_deg"]),
                above(angles["knee_flexion_deg"]),
                bottom(hands),
                bottom(ahead),
                None if (value := bottom(apart)) is None else abs(value),
                None if low is None or high is None else high - low,
            )
        )
    return shapes


def on_feet(shape: LiftShape) -> float:
    """How sure it is, 0 to 1, that a rep is done from standing on both feet; what is unknown does not count."""
    limits = LIMITS
    return (
        ramp(shape.top_trunk_deg, *limits.top_trunk_deg)
        * unless_unknown(shape.top_fold_deg, *limits.top_fold_deg)
        * unless_unknown(shape.apart_deg, *limits.apart_deg)
        * unless_unknown(shape.ahead, *limits.ahead)
        * unless_unknown(shape.ahead, *limits.behind)
        * max(unless_unknown(shape.arms_deg, *limits.arms_deg), ramp(_length_s(shape.times), *limits.arms_s))
    )


def squatted(shape: LiftShape, limits: LiftLimits = LIMITS) -> float:
    """How sure it is, 0 to 1, that it is a squat though the trunk tips far: knees bent deep, hands kept high."""
    deep = ramp(shape.knee_deg, *limits.deep_knee_deg) * ramp(shape.ratio, *limits.squat_ratio)
    return deep * ramp(shape.hand, *limits.high_hand)


def sureness(motion: Motion, reps: list[RepTimes], likeness: Callable[[LiftShape], float]) -> float:
    """How sure it is, 0 to 1, that a clip shows lifts of a kind; `likeness` says how sure it is of one rep."""
    sure = [likeness(shape) for shape in lift_shapes(motion, reps) if shape.times.complete]
    return float(np.median(sure)) * planted(motion) * unhurried(reps) if sure else 0.0


def planted(motion: Motion) -> float:
    """How sure it is, 0 to 1, that a clip shows lifts on feet that stay.

    With the legs in view, or hidden by plates all the time: then by hands that go down to a load.
    """
    limits = LIMITS
    thigh = motion.angles["thigh_inclination_deg"]
    known = np.isfinite(thigh)
    if not known.any():
        return limits.hidden_legs * unless_unknown(_hands_below_hip(motion), *limits.hands_below)
    return (
        unless_unknown(feet_travel(motion), *limits.feet)
        * ramp(thigh_seen(motion), *limits.seen)
        * ramp(float(np.mean(thigh[known] > limits.prone_deg)), *limits.prone_share)
    )


def _hands_below_hip(motion: Motion) -> float | None:
    """How far the hand goes below the hip while the trunk is tipped most, trunk lengths; None where not seen."""
    trunk = motion.angles["trunk_inclination_deg"]
    if not np.isfinite(trunk).any():
        return None
    low = trunk >= np.nanpercentile(trunk, 90)
    below = (motion.near.wrist[low, 1] - motion.near.hip[low, 1]) / motion.trunk_px
    return percentile(below, 50)


def unhurried(reps: list[RepTimes]) -> float:
    """How sure it is, 0 to 1, that the reps are lifted and not swung; 1 where no whole rep is seen."""
    whole = [rep.end_s - rep.start_s for rep in reps if rep.complete and rep.descent_s is not None]
    return ramp(float(np.median(whole)), *LIMITS.rep_s) if whole else 1.0


def legs_apart_deg(motion: Motion) -> Series:
    """Near thigh's inclination minus the far one's; NaN where a leg is unknown."""
    near, far, forward = motion.near, motion.far, motion.forward
    return thigh_inclination_deg(near.knee, near.hip, forward) - thigh_inclination_deg(far.knee, far.hip, forward)


def unless_unknown(value: float | None, none: float, full: float) -> float:
    """As `ramp`, but 1 for a value that is not known."""
    return 1.0 if value is None else ramp(value, none, full)


def _arms_deg(motion: Motion) -> Series:
    """The near arm against straight down, NaN where the elbow is bent."""
    near = motion.near
    arm = arm_elevation_deg(near.shoulder, first_known(near.wrist, near.elbow), motion.forward)
    bent = motion.angles["elbow_flexion_deg"] > LIMITS.straight_deg
    return np.where(bent, np.nan, arm)


def _tops(times: FloatArray, depth: Series, since_s: float, until_s: float) -> np.ndarray:
    """Frames between two moments in which the depth is within its lowest tenth, near the top."""
    inside = (times >= since_s) & (times <= until_s) & np.isfinite(depth)
    if not inside.any():
        return inside
    low, high = float(depth[inside].min()), float(depth[inside].max())
    frames: np.ndarray = inside & (depth <= low + 0.1 * (high - low))
    return frames


def _length_s(times: RepTimes) -> float | None:
    """Of a whole rep, down and up."""
    return times.end_s - times.start_s if times.complete and times.descent_s is not None else None


def _minus(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else one - other
