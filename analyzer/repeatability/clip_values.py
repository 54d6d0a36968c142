"""The values of one clip whose repeatability is measured: its key measures, and those by which clips are compared."""

from collections.abc import Iterator
from dataclasses import dataclass
from statistics import fmean

from analyzer.coaching.catalogue import load_catalogue
from analyzer.compare.wording import format_quantity_title
from analyzer.kinematics.camera_view import allows_angles
from analyzer.movements.minimal_detectable_change import LIMITS
from analyzer.movements.protocol import Movement
from analyzer.results.schema import Analysis


@dataclass(frozen=True)
class ClipValue:
    """One measure of one clip.

    Attributes
    ----------
    is_key : whether it is a key measure.
    value : of the whole clip, in `unit`.
    reps : the values of the reps, holds or stages that it averages; empty where it is no average.
    """

    key: str
    label: str
    unit: str
    is_key: bool
    value: float
    reps: tuple[float, ...] = ()


def list_clip_values(analysis: Analysis, movement: Movement) -> list[ClipValue]:
    """List the values of a clip, the key measures first; only times where its view allows no degrees."""
    values = [*_key_values(analysis, movement), *_compared_values(analysis, movement)]
    has_angles = allows_angles(analysis.view.grade)
    unique = {value.key: value for value in reversed(values) if has_angles or value.unit == "s"}
    return [value for value in values if unique.get(value.key) is value]


def _key_values(analysis: Analysis, movement: Movement) -> Iterator[ClipValue]:
    averages = {spec.id for spec in movement.key_measures if spec.summary == "median" and not spec.stages}
    for measure in analysis.key_measures:
        reps = tuple(value for value in measure.per_rep if value is not None) if measure.id in averages else ()
        yield ClipValue(measure.id, measure.label, measure.unit, True, measure.value, reps)


def _compared_values(analysis: Analysis, movement: Movement) -> Iterator[ClipValue]:
    catalogue = load_catalogue(*filter(None, [movement.catalogue_path]))
    for measure in movement.list_comparable_measures(analysis):
        family = LIMITS.families.get(measure.family)
        if measure.values and family is not None:
            label = format_quantity_title(measure.key, catalogue)
            yield ClipValue(measure.key, label, family.unit, False, fmean(measure.values), measure.values)
