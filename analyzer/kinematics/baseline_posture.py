"""The person's own tall posture in the clip, from which changes are told."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from analyzer.kinematics.angles import FloatArray, Series

PostureKind = Literal["standing", "sitting", "lying"]


@dataclass(frozen=True)
class BaselineLimits:
    """What counts as standing, sitting or lying still."""

    stand_trunk_deg: float = 25.0  # trunk at most this far off the vertical; chosen
    stand_thigh_deg: float = 25.0  # thigh likewise; chosen
    stand_knee_deg: float = 30.0  # knees at most this bent; chosen
    sit_trunk_deg: float = 35.0  # trunk at most this far off the vertical; chosen
    sit_thigh_deg: float = 50.0  # thigh at least this far off the vertical; chosen
    lie_trunk_deg: float = 50.0  # trunk at least this far off the vertical, and the thigh to the same side; chosen
    lie_thigh_deg: float = 40.0  # at least this far: in a hinge the thigh leans the other way; chosen
    still_deg_s: float = 10.0  # angles slower than this, over still_s, are still; chosen
    still_s: float = 0.4  # time over which the speed is taken; chosen
    tall_share: float = 0.98  # shoulders at least this share of their greatest height over the hips; chosen
    enough_s: float = 1.0  # the first run this long is taken, else the longest; chosen
    shortest_s: float = 0.1  # shorter runs are no posture; chosen


LIMITS = BaselineLimits()


@dataclass(frozen=True)
class BaselinePosture:
    """Where the tall posture was found.

    `still` is False where the person never stands still: it is then the tallest moment of the movement.
    """

    kind: PostureKind
    still: bool
    start_s: float
    end_s: float
    frames: np.ndarray  # (T,) True in the frames of the posture


def find_baseline_posture(
    times_s: FloatArray,
    trunk_deg: Series,
    thigh_deg: Series,
    knee_deg: Series,
    height_px: Series,
    limits: BaselineLimits = LIMITS,
) -> BaselinePosture | None:
    """The first second or more in which the person stands (else sits, else lies) tall and still.

    Where nobody is ever still, the longest moment of standing (else sitting) tall.

    Parameters
    ----------
    times_s : (T,) seconds.
    trunk_deg, thigh_deg, knee_deg : (T,) trunk and thigh inclination, knee flexion; NaN where unknown.
    height_px : (T,) height of the shoulder over the hip.

    Returns
    -------
    None when no such posture lasts 0.1 s.
    """
    if len(times_s) < 3:
        return None
    trunk_speed, thigh_speed = (_speed_deg_s(times_s, angle_deg, limits) for angle_deg in (trunk_deg, thigh_deg))
    with np.errstate(invalid="ignore"):
        still = (trunk_speed < limits.still_deg_s) & ~(thigh_speed >= limits.still_deg_s)
        # At lockout plates may hide the knee: an upright trunk stands unless the leg is seen to be bent.
        standing = np.abs(trunk_deg) < limits.stand_trunk_deg
        standing &= ~(np.abs(thigh_deg) >= limits.stand_thigh_deg) & ~(knee_deg > limits.stand_knee_deg)
        sitting = (np.abs(trunk_deg) < limits.sit_trunk_deg) & (thigh_deg < -limits.sit_thigh_deg)
        lying = np.abs(trunk_deg) > limits.lie_trunk_deg
        lying &= thigh_deg * np.sign(trunk_deg) > limits.lie_thigh_deg
    tall_stand, tall_sit = (_tallest(frames, height_px, limits.tall_share) for frames in (standing, sitting))
    postures: list[tuple[PostureKind, bool, np.ndarray]] = [
        ("standing", True, tall_stand & still),
        ("sitting", True, tall_sit & still),
        ("lying", True, lying & still),
        ("standing", False, tall_stand),
        ("sitting", False, tall_sit),
    ]
    for kind, is_still, frames in postures:
        run = _first_run(frames, times_s, limits)
        if run is not None:
            first, last = run
            chosen = np.zeros(len(times_s), dtype=bool)
            chosen[first : last + 1] = True
            return BaselinePosture(kind, is_still, float(times_s[first]), float(times_s[last]), chosen)
    return None


def _speed_deg_s(times_s: FloatArray, angle_deg: Series, limits: BaselineLimits) -> Series:
    """How fast an angle changes, over `limits.still_s` about each frame; at the ends over what there is."""
    half = max(1, round(limits.still_s / 2 / float(np.median(np.diff(times_s)))))
    before = np.maximum(np.arange(len(times_s)) - half, 0)
    after = np.minimum(np.arange(len(times_s)) + half, len(times_s) - 1)
    return np.abs(angle_deg[after] - angle_deg[before]) / (times_s[after] - times_s[before])


def _tallest(frames: np.ndarray, height_px: Series, share: float) -> np.ndarray:
    if not frames.any():
        return frames
    return frames & (height_px >= share * np.nanpercentile(height_px[frames], 95))


def _first_run(frames: np.ndarray, times_s: FloatArray, limits: BaselineLimits) -> tuple[int, int] | None:
    edges = np.flatnonzero(np.diff(np.concatenate([[0], frames.astype(int), [0]])))
    runs = [(int(first), int(last) - 1) for first, last in edges.reshape(-1, 2)]
    lengths = [times_s[last] - times_s[first] for first, last in runs]
    for run, length in zip(runs, lengths, strict=True):
        if length >= limits.enough_s:
            return run
    if not runs or max(lengths) < limits.shortest_s:
        return None
    return runs[int(np.argmax(lengths))]
