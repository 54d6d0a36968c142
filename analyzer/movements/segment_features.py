"""Describe a segment of a clip by its postures and cycles, for recognition in every camera view."""

from typing import NamedTuple

import numpy as np

from analyzer.kinematics.arrays import FloatArray, Series
from analyzer.movements.body_heights import centre_of_mass_ahead, hand_rise, leg_length_px, trunk_length_px
from analyzer.movements.frame_runs import FrameMask
from analyzer.movements.motion import Motion

EXTREME_SHARE = 0.15  # of the frames: the lowest and the highest postures of a segment; chosen
RANGE_PERCENTILE = 5.0  # percentile that counts as least and most; chosen
MIN_STEP_GAP = 0.06  # one ankle this much higher than the other (trunk lengths), then as much lower: a step; chosen

POSTURE_SIGNALS = (
    "shoulder_height", "hip_height", "trunk_forward", "trunk_up", "thigh_forward", "thigh_up", "shin_forward",
    "knee_deg", "fold_deg", "hand_height", "hand_rise", "elbow_deg", "ahead", "knee_gap", "ankle_gap",
)  # fmt: skip
"""Signals of a posture, in this order; see `compute_signals`."""
CYCLE_FEATURES = (
    "shoulder_way", "hip_way", "trunk_least", "hand_most", "hand_least", "elbow_way", "knee_gap_most", "ankle_gap_most",
    "steps_per_s", "ankle_way", "turns_per_s", "low_share", "high_share", "ankle_gap_way", "neck_way", "log_time_s",
)  # fmt: skip
"""Features of the motion between the extreme postures."""
FORWARD_SIGNALS = ("trunk_forward", "thigh_forward", "shin_forward", "knee_deg", "fold_deg", "ahead", "elbow_deg")
"""Signals that need a camera view that shows forward; so does the neck."""
MAX_SAGITTAL_YAW_DEG = 65.0  # a camera turned further off the side view shows heights only; chosen
SEGMENT_FEATURES = (
    *(f"low_{name}" for name in POSTURE_SIGNALS),
    *(f"high_{name}" for name in POSTURE_SIGNALS),
    *CYCLE_FEATURES,
)


class PostureSignals(NamedTuple):
    """Signals of a motion, each (T,) of about unit size; NaN where the body is not known."""

    posture: FloatArray  # (T, len(POSTURE_SIGNALS))
    ankle_gap: Series
    neck_deg: Series
    ankle: FloatArray  # (T, 2) trunk lengths
    times_s: FloatArray


def compute_signals(motion: Motion) -> PostureSignals:
    """Compute the signals of every frame.

    Heights are in lengths of the own limbs and known in any view. Sines and cosines of inclinations separate forward
    and up: a view from the front does not show forward well.
    """
    near, far, angles = motion.near, motion.far, motion.angles
    leg, trunk_px = leg_length_px(motion) or np.nan, trunk_length_px(motion) or np.nan
    ankle = _mean_of_sides(near.ankle, far.ankle)
    shoulder, hip, wrist = (_mean_of_sides(getattr(near, n), getattr(far, n)) for n in ("shoulder", "hip", "wrist"))
    trunk, thigh, shin = (np.radians(angles[f"{name}_inclination_deg"]) for name in ("trunk", "thigh", "shin"))
    gap = motion.leg_height_gap_px
    if gap is None:
        gap = np.stack([far.knee[:, 1] - near.knee[:, 1], far.ankle[:, 1] - near.ankle[:, 1]], axis=1)
    gap = gap / trunk_px
    neck_deg = angles["neck_flexion_deg"]
    columns = (
        (ankle[:, 1] - shoulder[:, 1]) / (leg + trunk_px),
        (ankle[:, 1] - hip[:, 1]) / leg,
        np.sin(trunk),
        np.cos(trunk),
        np.sin(thigh),
        np.cos(thigh),
        np.sin(shin),
        angles["knee_flexion_deg"] / 60,
        angles["trunk_thigh_deg"] / 60,
        (ankle[:, 1] - wrist[:, 1]) / leg,
        hand_rise(motion),
        np.abs(_wrap_deg(angles["elbow_flexion_deg"])) / 60,
        centre_of_mass_ahead(motion) * motion.trunk_px / trunk_px,
        *(4 * np.abs(gap).T),
    )
    posture = np.stack(columns, axis=1)
    posture[np.isnan(trunk)] = np.nan
    if motion.yaw_deg > MAX_SAGITTAL_YAW_DEG:
        posture[:, [POSTURE_SIGNALS.index(name) for name in FORWARD_SIGNALS]] = np.nan
        neck_deg = np.full_like(neck_deg, np.nan)
    is_unknown = np.isnan(trunk)
    return PostureSignals(
        np.clip(posture, -3.0, 3.0),
        np.where(is_unknown, np.nan, gap[:, 1]),
        np.where(is_unknown, np.nan, neck_deg),
        np.where(is_unknown[:, None], np.nan, ankle / trunk_px),
        motion.times_s,
    )


def compute_segment_features(signals: PostureSignals, frames: FrameMask) -> FloatArray | None:
    """Compute `SEGMENT_FEATURES` of the given frames.

    Parameters
    ----------
    signals : T frames.
    frames : (T,) True inside the segment.

    Returns
    -------
    (len(SEGMENT_FEATURES),), NaN where unknown; None where the body is known in too few frames.
    """
    rows = frames & np.isfinite(signals.posture[:, 0])
    if rows.sum() < 8:
        return None
    posture, times = signals.posture[rows], signals.times_s[rows]
    height = posture[:, POSTURE_SIGNALS.index("shoulder_height")]
    count = max(3, round(EXTREME_SHARE * len(height)))
    order = np.argsort(height, kind="stable")
    with np.errstate(all="ignore"):
        low, high = (_median(posture[part]) for part in (order[:count], order[-count:]))
        least, most = _column_range(posture)
        extent = most - least
        gap = signals.ankle_gap[rows]
        cycle = (
            extent[POSTURE_SIGNALS.index("shoulder_height")],
            extent[POSTURE_SIGNALS.index("hip_height")],
            least[POSTURE_SIGNALS.index("trunk_forward")],
            most[POSTURE_SIGNALS.index("hand_rise")],
            least[POSTURE_SIGNALS.index("hand_rise")],
            extent[POSTURE_SIGNALS.index("elbow_deg")],
            most[POSTURE_SIGNALS.index("knee_gap")],
            most[POSTURE_SIGNALS.index("ankle_gap")],
            _alternations(gap) / max(float(times[-1] - times[0]), 1.0),
            float(np.hypot(*np.subtract(*_column_range(signals.ankle[rows])))),
            min(_turns_per_s(times, height), 2.0),
            *_extreme_shares(height),
            4 * _range(gap),
            _range(signals.neck_deg[rows]) / 30,
            np.log(max(float(times[-1] - times[0]), 0.5)),
        )
    return np.concatenate([low, high, np.clip(cycle, -3.0, 3.0)])


def _mean_of_sides(near: FloatArray, far: FloatArray) -> FloatArray:
    """Return the mean of both sides, or the known side."""
    return np.where(np.isnan(near), far, np.where(np.isnan(far), near, (near + far) / 2))


def _wrap_deg(degrees: Series) -> Series:
    return (degrees + 180) % 360 - 180


def _median(values: FloatArray) -> FloatArray:
    """Return the median of each column of which at least a third is known."""
    known = np.isfinite(values).mean(axis=0) >= 1 / 3
    result = np.full(values.shape[1], np.nan)
    result[known] = np.nanmedian(values[:, known], axis=0)
    return result


def _column_range(values: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the robust minimum and maximum of each column."""
    known = np.isfinite(values).any(axis=0)
    least, most = np.full((2, values.shape[1]), np.nan)
    if known.any():
        least[known], most[known] = np.nanpercentile(
            values[:, known], [RANGE_PERCENTILE, 100 - RANGE_PERCENTILE], axis=0
        )
    return least, most


def _range(values: Series) -> float:
    least, most = _column_range(values[:, None])
    return float(most[0] - least[0])


def _alternations(gap: Series) -> int:
    """Count how often one foot is lifted and then the other."""
    known = gap[np.isfinite(gap)]
    centred = known - np.median(known) if len(known) else known
    return int((np.diff(np.sign(centred[np.abs(centred) >= MIN_STEP_GAP])) != 0).sum())


def _extreme_shares(height: Series) -> tuple[float, float]:
    """Return the shares of the frames in the lowest and in the highest quarter of the range."""
    least, most = np.percentile(height, [RANGE_PERCENTILE, 100 - RANGE_PERCENTILE])
    quarter = (most - least) / 4
    return float(np.mean(height < least + quarter)), float(np.mean(height > most - quarter))


def _turns_per_s(times_s: FloatArray, height: Series) -> float:
    """Return how often a second the height passes through its range: twice the rate of reps."""
    extent = _range(height)
    smooth = np.convolve(np.pad(height, 2, mode="edge"), np.full(5, 0.2), mode="valid")
    return float(np.abs(np.diff(smooth)).sum() / max(extent, 0.02) / max(times_s[-1] - times_s[0], 0.5))
