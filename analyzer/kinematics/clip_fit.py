"""The fitted body of a whole clip: a film that was cut and a person who turns round are fitted stretch by stretch."""

from dataclasses import dataclass, fields, replace

import numpy as np

from analyzer.kinematics import body_model as body
from analyzer.kinematics.angles import FloatArray
from analyzer.kinematics.camera_lens import CameraLens
from analyzer.kinematics.camera_view import TURN_AWAY_DEG, depth_bearing_deg
from analyzer.kinematics.fitted_body import FittedBody, fit_body
from analyzer.kinematics.landmarks import BODY_LANDMARKS

_CUT_TRUNKS = 0.5  # the joints' median jump between two frames, trunk lengths, at which the film was cut; chosen
_SHORTEST_S = 1.0  # a shorter stretch says too little of where the camera stands; chosen


@dataclass(frozen=True)
class ClipFit:
    """Bodies fitted to the stretches of a clip.

    Attributes
    ----------
    stretches : frames of each stretch, and the body fitted to it.
    main : the body of the longest stretch, which states how the camera sees the person.
    whole : the same arrays over all T frames; outside the stretches angles are NaN and standard deviations infinite.
    is_fitted : (T,) True in the frames of a stretch.
    """

    stretches: tuple[tuple[slice, FittedBody], ...]
    main: FittedBody
    whole: FittedBody
    is_fitted: np.ndarray


def fit_clip(
    times_s: FloatArray,
    points_px: FloatArray,
    visibility: FloatArray,
    mirror_distance_px: FloatArray,
    world_m: FloatArray,
    lens: CameraLens,
) -> ClipFit | None:
    """Fit a body to each stretch of a clip; parameters as in `build_observations`.

    Returns None where nobody is visible.
    """
    bounds = split_clip(times_s, points_px, world_m)
    lasting = [part for part in bounds if times_s[part.stop - 1] - times_s[part.start] >= _SHORTEST_S]
    lasting = lasting or sorted(bounds, key=lambda part: part.stop - part.start)[-1:]
    stretches = []
    for part in lasting:
        fitted = fit_body(
            times_s[part], points_px[part], visibility[part], mirror_distance_px[part], world_m[part], lens
        )
        if fitted is not None:
            stretches.append((part, fitted))
    if not stretches:
        return None
    main = max(stretches, key=lambda item: item[0].stop - item[0].start)[1]
    is_fitted = np.zeros(len(times_s), dtype=bool)
    for part, _ in stretches:
        is_fitted[part] = True
    return ClipFit(tuple(stretches), main, _joined(stretches, main, len(times_s)), is_fitted)


def split_clip(times_s: FloatArray, points_px: FloatArray, world_m: FloatArray) -> list[slice]:
    """Split a clip where the film was cut, and where the person has turned away for good.

    Parameters
    ----------
    times_s : (T,) seconds.
    points_px : (T, 33, 2) pixels; NaN where unknown.
    world_m : (T, 33, 3) metres, z away from the camera.
    """
    joints = points_px[:, BODY_LANDMARKS]
    lengths = np.linalg.norm(points_px[:, 11:13].mean(axis=1) - points_px[:, 23:25].mean(axis=1), axis=1)
    with np.errstate(invalid="ignore"):
        jumps = np.linalg.norm(np.diff(joints, axis=0), axis=2)
    known = np.isfinite(jumps).all(axis=1)
    cut = np.zeros(len(times_s), dtype=bool)
    if known.any() and np.isfinite(lengths).any():
        trunk_px = float(np.nanpercentile(lengths, 75))
        cut[1:][known] = np.median(jumps[known], axis=1) > _CUT_TRUNKS * trunk_px
    interval_s = float(np.median(np.diff(times_s))) if len(times_s) > 1 else 1.0
    heading = np.exp(1j * np.radians(depth_bearing_deg(world_m, 1.0 / max(interval_s, 1e-3))))
    starts, total = [0], 0j
    for frame, towards in enumerate(heading):
        has_turned = total != 0 and abs(np.angle(towards / total)) > np.radians(TURN_AWAY_DEG)
        if cut[frame] or (np.isfinite(towards) and has_turned):
            starts.append(frame)
            total = 0j
        if np.isfinite(towards):
            total += towards
    return [slice(first, last) for first, last in zip(starts, [*starts[1:], len(times_s)], strict=True) if last > first]


def _joined(stretches: list[tuple[slice, FittedBody]], main: FittedBody, count: int) -> FittedBody:
    """One body's arrays over all frames, in the main body's units of length."""
    arrays: dict[str, FloatArray] = {}
    for field in fields(FittedBody):
        value = getattr(main, field.name)
        if not isinstance(value, np.ndarray):
            continue
        empty = np.inf if field.name.endswith("_sd_deg") else np.nan
        whole = np.full((count, *value.shape[1:]), empty)
        for part, fitted in stretches:
            scale = relative_body_scale(main, fitted) if field.name == "joints" else 1.0
            whole[part] = getattr(fitted, field.name) * scale
        arrays[field.name] = whole
    return replace(main, **arrays)  # type: ignore[arg-type]  # names and types are those of the fields


def relative_body_scale(main: FittedBody, fitted: FittedBody) -> float:
    """Length of the main body over that of another: the same person, nearer or farther."""
    return float(np.exp(main.solution.clip[body.LOG_TRUNK] - fitted.solution.clip[body.LOG_TRUNK]))
