"""The baseline posture: where the subject stands, sits or lies tall and still; changes are measured from it."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from analyzer.kinematics.arrays import BoolArray, Series, median_interval_s

PostureKind = Literal["standing", "sitting", "lying"]


@dataclass(frozen=True)
class BaselineLimits:
    """Limits of standing, sitting and lying still."""

    stand_trunk_deg: float = 25.0  # trunk at most this far off the vertical; chosen
    stand_thigh_deg: float = 25.0  # thigh likewise; chosen
    stand_knee_deg: float = 30.0  # knees at most this bent; chosen
    sit_trunk_deg: float = 35.0  # trunk at most this far off the vertical; chosen
    sit_thigh_deg: float = 50.0  # thigh at least this far off the vertical; chosen
    lie_trunk_deg: float = 50.0  # trunk at least this far off the vertical, and the thigh to the same side; chosen
    lie_thigh_deg: float = 40.0  # at least this far: in a hinge the thigh leans the other way; chosen
    still_deg_s: float = 10.0  # angles slower than this, over speed_window_s, are still; chosen
    speed_window_s: float = 0.4  # time over which the speed is computed; chosen
    tall_share: float = 0.98  # shoulders at least this share of their greatest height over the hips; chosen
    long_enough_s: float = 1.0  # the first run this long is taken, else the longest; chosen
    min_run_s: float = 0.1  # shorter runs are no posture; chosen


LIMITS = BaselineLimits()


@dataclass(frozen=True)
class BaselinePosture:
    """The baseline posture and its frames.

    Attributes
    ----------
    kind : standing, sitting or lying.
    is_still : False where the person is never still: it is then the tallest moment of the movement.
    start_s, end_s : first and last moment, seconds.
    frames : (T,) True in the frames of the posture.
    """

    kind: PostureKind
    is_still: bool
    start_s: float
    end_s: float
    frames: BoolArray


def find_baseline_posture(
    times_s: Series,
    trunk_deg: Series,
    thigh_deg: Series,
    knee_deg: Series,
    height_px: Series,
    limits: BaselineLimits = LIMITS,
) -> BaselinePosture | None:
    """Find the first second or more in which the person stands (else sits, else lies) tall and still.

    Of sitting it is one second at most: a whole slump lowers the shoulders by 2 to 4 % only, so the height does not say
    where it begins.

    Where the person is never still, find the longest moment of standing (else sitting) tall.

    Parameters
    ----------
    times_s : (T,) seconds.
    trunk_deg, thigh_deg, knee_deg : (T,) trunk and thigh inclination, knee flexion; NaN where unknown.
    height_px : (T,) height of the shoulder over the hip.
    limits : what counts as a posture and as still.

    Returns
    -------
    The posture; None when none lasts 0.1 s.
    """
    if len(times_s) < 3:
        return None
    trunk_speed, thigh_speed = (_speed_deg_s(times_s, angle_deg, limits) for angle_deg in (trunk_deg, thigh_deg))
    with np.errstate(invalid="ignore"):
        is_still = (trunk_speed < limits.still_deg_s) & ~(thigh_speed >= limits.still_deg_s)
        # At lockout plates may hide the knee: an upright trunk stands unless the leg is visibly bent.
        standing = np.abs(trunk_deg) < limits.stand_trunk_deg
        standing &= ~(np.abs(thigh_deg) >= limits.stand_thigh_deg) & ~(knee_deg > limits.stand_knee_deg)
        sitting = (np.abs(trunk_deg) < limits.sit_trunk_deg) & (thigh_deg < -limits.sit_thigh_deg)
        lying = np.abs(trunk_deg) > limits.lie_trunk_deg
        lying &= thigh_deg * np.sign(trunk_deg) > limits.lie_thigh_deg
    tall_stand, tall_sit = (_tallest(frames, height_px, limits.tall_share) for frames in (standing, sitting))
    candidates: list[tuple[PostureKind, bool, BoolArray]] = [
        ("standing", True, tall_stand & is_still),
        ("sitting", True, tall_sit & is_still),
        ("lying", True, lying & is_still),
        ("standing", False, tall_stand),
        ("sitting", False, tall_sit),
    ]
    for kind, holds_still, frames in candidates:
        run = _first_run(frames, times_s, limits)
        if run is not None:
            first, last = run
            if kind == "sitting":  # no longer: it may take in the beginning of a slump
                until_s = times_s[first] + limits.long_enough_s + 1e-6
                last = min(last, int(np.searchsorted(times_s, until_s, "right")) - 1)
            run_frames = np.zeros(len(times_s), dtype=bool)
            run_frames[first : last + 1] = True
            return BaselinePosture(kind, holds_still, float(times_s[first]), float(times_s[last]), run_frames)
    return None


def _speed_deg_s(times_s: Series, angle_deg: Series, limits: BaselineLimits) -> Series:
    """Compute how fast an angle changes over `limits.speed_window_s` about each frame, over less at the ends."""
    half = max(1, round(limits.speed_window_s / 2 / median_interval_s(times_s)))
    before = np.maximum(np.arange(len(times_s)) - half, 0)
    after = np.minimum(np.arange(len(times_s)) + half, len(times_s) - 1)
    return np.abs(angle_deg[after] - angle_deg[before]) / (times_s[after] - times_s[before])


def _tallest(frames: BoolArray, height_px: Series, share: float) -> BoolArray:
    """Select the frames in which the shoulders are almost as high as they ever are."""
    if not frames.any():
        return frames
    tallest: BoolArray = frames & (height_px >= share * np.nanpercentile(height_px[frames], 95))
    return tallest


def _first_run(frames: BoolArray, times_s: Series, limits: BaselineLimits) -> tuple[int, int] | None:
    """Find first and last frame of the first run that is long enough, else of the longest."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], frames.astype(int), [0]])))
    runs = [(int(first), int(last) - 1) for first, last in edges.reshape(-1, 2)]
    lengths_s = [times_s[last] - times_s[first] for first, last in runs]
    for run, length_s in zip(runs, lengths_s, strict=True):
        if length_s >= limits.long_enough_s:
            return run
    if not runs or max(lengths_s) < limits.min_run_s:
        return None
    return runs[int(np.argmax(lengths_s))]
