"""Find the times of a clip in which a plank is held: face down, straight enough, on forearms or hands."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from analyzer.kinematics.angles import inclination_deg
from analyzer.kinematics.arrays import Series
from analyzer.movements.frame_runs import FrameMask, close_gaps, find_runs, rate_per_s
from analyzer.movements.motion import Motion
from analyzer.movements.statistics import median

PlankSupport = Literal["forearm", "high"]
HoldEnd = Literal["clip_end", "hips_down", "left"]


@dataclass(frozen=True)
class PlankPostureLimits:
    """Thresholds of the posture of a plank. They are wide: how well it is held is measured, not decided here."""

    trunk_from_deg: float = 45.0  # trunk off the vertical, head forward; less is an upright body; chosen
    trunk_to_deg: float = 130.0  # more is a head far below the hips; chosen
    thigh_from_deg: float = 40.0  # thigh off the vertical; less is hands and knees, or a squat; chosen
    thigh_to_deg: float = 120.0  # more is legs in the air; chosen
    fold_deg: float = 60.0  # trunk-thigh angle at most; more is a downward dog; chosen
    shoulder_up_trunks: float = 0.3  # shoulders above elbow or hand; an upper arm is 0.65; less is lying; chosen
    shoulder_to_trunks: float = 1.5  # and at most this: a whole arm is 1.3; more is a trunk in an end-on view; chosen
    max_arm_tilt_deg: float = 60.0  # shoulder to support at most this far off the vertical; chosen
    straight_elbow_deg: float = 50.0  # on the hands: more is a press-up; chosen
    stacked_trunks: float = 0.5  # one shoulder this far above the other is a side plank; chosen
    hips_up_trunks: float = 0.3  # hip above the line elbow (or hand) to toe; lying: 0.2 to 0.25; chosen
    max_rest_s: float = 5.0  # hips lower than that for less, and up again: one hold with a rest in it; chosen
    max_hidden_s: float = 1.0  # the body lost for less than this does not end a hold; chosen
    max_interruption_s: float = 0.3  # nor does another posture for less than this; chosen
    min_hold_s: float = 2.0  # time to settle, sources 3: less is passing through
    still_deg_s: float = 5.0  # and the trunk turns slower than this, over half a second, ...; chosen
    still_s: float = 1.0  # ... for this long at least once in a hold; chosen
    min_arms_visible_share: float = 0.5  # arms visible in this share of a hold, else it may be lying; chosen
    on_knees_deg: float = 45.0  # knees more bent than this over the hold: held on the knees; chosen


LIMITS = PlankPostureLimits()


@dataclass(frozen=True)
class PlankHold:
    """One hold: frames `first` to `last`, both inside it."""

    first: int
    last: int
    support: PlankSupport
    on_knees: bool
    is_start_visible: bool
    end_reason: HoldEnd

    @property
    def frames(self) -> slice:
        """Return the frames of the hold."""
        return slice(self.first, self.last + 1)


def find_plank_holds(motion: Motion, limits: PlankPostureLimits = LIMITS) -> list[PlankHold]:
    """Find all planks that last long enough, in order of time."""
    near, times_s = motion.near, motion.times_s
    hand_low = _is_below(near.wrist[:, 1], near.elbow[:, 1])
    upright_forearm = np.abs(near.wrist[:, 1] - near.elbow[:, 1]) > np.abs(near.wrist[:, 0] - near.elbow[:, 0])
    on_hands = hand_low & upright_forearm
    support = np.where(on_hands[:, None] | ~np.isfinite(near.elbow), near.wrist, near.elbow)

    posture, unknown = _posture(motion, support, on_hands, limits)
    low = _clearance_trunks(motion, support) < limits.hips_up_trunks
    # Hips near the floor end a hold unless they come up again: a deep sag is still a plank, lying is not.
    held = close_gaps(posture & ~low, times_s, limits.max_interruption_s)
    held = _close_gaps_within(held, unknown, times_s, limits.max_hidden_s)
    held = _close_gaps_within(held, posture, times_s, limits.max_rest_s)
    holds = []
    for first, last in find_runs(held):
        # The first and last frames of a clip are easily lost: the hold is taken to reach to its end.
        first = 0 if times_s[first] - times_s[0] <= limits.max_interruption_s else first
        last = len(times_s) - 1 if times_s[-1] - times_s[last] <= limits.max_interruption_s else last
        part = slice(first, last + 1)
        arms_visible_share = float(np.isfinite(support[part, 1]).mean())
        if times_s[last] - times_s[first] < limits.min_hold_s or arms_visible_share < limits.min_arms_visible_share:
            continue
        if not _is_still(times_s[part], motion.angles["trunk_inclination_deg"][part], limits):
            continue
        knees_deg = median(motion.angles["knee_flexion_deg"][part])
        holds.append(
            PlankHold(
                first=first,
                last=last,
                support="high" if on_hands[part].sum() > (last - first + 1) / 2 else "forearm",
                on_knees=knees_deg is not None and knees_deg > limits.on_knees_deg,
                is_start_visible=first > 0,
                end_reason="clip_end" if last == len(times_s) - 1 else "hips_down" if low[last + 1] else "left",
            )
        )
    return holds


def _posture(
    motion: Motion, support: np.ndarray, on_hands: FrameMask, limits: PlankPostureLimits
) -> tuple[FrameMask, FrameMask]:
    """Return the frames in the posture, at any height of the hips, and those without a visible body; (T,) each."""
    trunk, thigh = motion.angles["trunk_inclination_deg"], motion.angles["thigh_inclination_deg"]
    fold, elbow = motion.angles["trunk_thigh_deg"], motion.angles["elbow_flexion_deg"]
    near, far = motion.near, motion.far
    up = (support[:, 1] - near.shoulder[:, 1]) / motion.trunk_px
    arm_off = np.abs(inclination_deg(support, near.shoulder, motion.forward_sign))
    stacked = np.abs(far.shoulder[:, 1] - near.shoulder[:, 1]) / motion.trunk_px
    far_thigh = inclination_deg(far.knee, far.hip, motion.forward_sign)
    unknown = ~np.isfinite(trunk) | ~np.isfinite(thigh)
    posture: FrameMask
    with np.errstate(invalid="ignore"):
        posture = (trunk > limits.trunk_from_deg) & (trunk < limits.trunk_to_deg)
        posture &= (thigh > limits.thigh_from_deg) & (thigh < limits.thigh_to_deg) & (np.abs(fold) < limits.fold_deg)
        # Hidden arms and a hidden far side do not count against it.
        posture &= ~(up < limits.shoulder_up_trunks) & ~(up > limits.shoulder_to_trunks)
        posture &= ~(arm_off > limits.max_arm_tilt_deg)
        posture &= ~(on_hands & (elbow > limits.straight_elbow_deg)) & ~(stacked > limits.stacked_trunks)
        posture &= ~(far_thigh < limits.thigh_from_deg / 2)  # one knee on the floor; chosen
    return posture, unknown


def _is_still(times_s: Series, trunk_deg: Series, limits: PlankPostureLimits) -> bool:
    """Return whether the trunk is still for a while at least once; else the person passes through."""
    with np.errstate(invalid="ignore"):
        still = np.abs(rate_per_s(times_s, trunk_deg, 0.5)) < limits.still_deg_s
    return any(times_s[last] - times_s[first] >= limits.still_s for first, last in find_runs(still))


def _clearance_trunks(motion: Motion, support: np.ndarray) -> Series:
    """Compute the height of the hip above the line from the support to the toes (else the ankles), (T,) trunk lengths.

    Where the knee is lower than those, the feet are in the air and the line goes to the knee.
    """
    near = motion.near
    rear = np.where(np.isfinite(near.toe), near.toe, near.ankle)
    rear = np.where((near.knee[:, 1:] > rear[:, 1:]), near.knee, rear)
    along = rear - support
    with np.errstate(divide="ignore", invalid="ignore"):
        share = (near.hip[:, 0] - support[:, 0]) / along[:, 0]
    between = (share > 0) & (share < 1)
    floor_y = support[:, 1] + share * along[:, 1]
    return np.where(between, (floor_y - near.hip[:, 1]) / motion.trunk_px, np.nan)


def _close_gaps_within(held: FrameMask, within: FrameMask, times_s: Series, longest_s: float) -> FrameMask:
    """Return `held` with gaps closed that last at most `longest_s` and lie wholly within `within`."""
    result = held.copy()
    for first, last in find_runs(~held):
        bounded = first > 0 and last < len(held) - 1
        if bounded and within[first : last + 1].all() and times_s[last + 1] - times_s[first - 1] <= longest_s:
            result[first : last + 1] = True
    return result


def _is_below(y_px: Series, other_px: Series) -> FrameMask:
    """Return where a point lies lower in the picture than another, (T,); False where unknown."""
    with np.errstate(invalid="ignore"):
        return np.asarray(y_px > other_px)
