"""Typed measures of speed on the way up: of the load where it is tracked, else of the hands or hips."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from analyzer.movements.lift_speed import WayUp, compute_shares_of_fastest, compute_speed_loss_pct
from analyzer.movements.statistics import median_known, round_known
from analyzer.movements.typed_measures import JsonObject, Measures

SpeedSubject = Literal["plate", "kettlebell", "hands", "hips"]
SpeedScale = Literal["plate", "stature", "none"]


@dataclass(frozen=True)
class SpeedErrors:
    """Errors of speed as shares of it: half widths of 80 % intervals; docs/validation.md, "Speed of the load".

    Attributes
    ----------
    mean : of the mean speed of one rep, by the source of the scale.
    ratio : of the ratio of two reps of a set, in which the scale cancels, by what is measured.
    """

    mean: dict[SpeedScale, float]
    ratio: dict[SpeedSubject, float]


ERRORS = SpeedErrors(
    mean={"plate": 0.06, "stature": 0.25, "none": 0.0},  # measured on rendered lifts
    ratio={"plate": 0.03, "kettlebell": 0.06, "hands": 0.15, "hips": 0.15},  # plate, hands measured; others chosen
)


class RepSpeed(Measures):
    """Speed of one rep; None where unknown.

    Attributes
    ----------
    rep : index of the rep.
    start_s, end_s : bounds of the way up.
    mean_speed_m_s, peak_speed_m_s : speed upwards; None without a scale.
    of_fastest_pct : mean speed in percent of the fastest rep's.
    """

    rep: int
    start_s: float | None = None
    end_s: float | None = None
    mean_speed_m_s: float | None = None
    peak_speed_m_s: float | None = None
    of_fastest_pct: float | None = None


class LiftSpeedMeasures(Measures):
    """Speed of all ways up of a clip.

    Attributes
    ----------
    of : what is measured: the load, or "body speed" of hands or hips.
    scale : source of the metres; "none": only shares are known.
    mean_speed_m_s, half_width_m_s : median of the reps' mean speeds, and half width of its 80 % interval.
    speed_loss_pct, loss_half_width_pct : what the last rep is slower than the fastest, percent of the fastest, and half
        width of its 80 % interval.
    reps : one for each measured rep.
    """

    of: SpeedSubject
    scale: SpeedScale = "none"
    mean_speed_m_s: float | None = None
    half_width_m_s: float | None = None
    speed_loss_pct: float | None = None
    loss_half_width_pct: float | None = None
    reps: tuple[RepSpeed, ...] = ()


def build_speed_measures(
    of: SpeedSubject, scale: SpeedScale, ways_up: Sequence[tuple[int, WayUp | None]], unit_m: float | None
) -> LiftSpeedMeasures | None:
    """Build the measures of a set; None where no way up is known.

    Parameters
    ----------
    ways_up : index and way up of each measured rep; None where it is hidden.
    unit_m : metres to one unit of the ways up; None where unknown.
    """
    speeds = [None if way is None else way.mean_speed for _, way in ways_up]
    if all(speed is None for speed in speeds):
        return None
    shares = compute_shares_of_fastest(speeds)
    reps = tuple(_build_rep(index, way, share, unit_m) for (index, way), share in zip(ways_up, shares, strict=True))
    mean = median_known([rep.mean_speed_m_s for rep in reps])
    loss = compute_speed_loss_pct(speeds)
    return LiftSpeedMeasures(
        of=of,
        scale=scale,
        mean_speed_m_s=round_known(mean, 3),
        half_width_m_s=None if mean is None else round_known(mean * ERRORS.mean[scale], 3),
        speed_loss_pct=round_known(loss),
        loss_half_width_pct=None if loss is None else round_known((100.0 - loss) * ERRORS.ratio[of]),
        reps=reps,
    )


def read_speed_measures(measures: Mapping[str, object]) -> LiftSpeedMeasures | None:
    """Read the speed from the measures of a clip; None where it was not measured."""
    stored = measures.get("lift_speed")
    return LiftSpeedMeasures.from_json(stored) if isinstance(stored, Mapping) else None


def get_rep_measures(measures: LiftSpeedMeasures) -> dict[int, JsonObject]:
    """Return what is stored with each rep, by its index; the speed of the body has names of its own."""
    prefix = "body_" if measures.of in ("hands", "hips") else ""
    return {
        rep.rep: {
            f"{prefix}mean_speed_m_s": rep.mean_speed_m_s,
            f"{prefix}peak_speed_m_s": rep.peak_speed_m_s,
            "speed_of_fastest_pct": rep.of_fastest_pct,
        }
        for rep in measures.reps
    }


def _build_rep(index: int, way: WayUp | None, share: float | None, unit_m: float | None) -> RepSpeed:
    if way is None:
        return RepSpeed(rep=index)
    return RepSpeed(
        rep=index,
        start_s=round_known(way.start_s, 3),
        end_s=round_known(way.end_s, 3),
        mean_speed_m_s=None if unit_m is None else round_known(way.mean_speed * unit_m, 3),
        peak_speed_m_s=None if unit_m is None else round_known(way.peak_speed * unit_m, 3),
        of_fastest_pct=round_known(share),
    )
