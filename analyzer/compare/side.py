"""One side of a comparison: a result, and which of its reps are compared."""

import re
from dataclasses import dataclass
from pathlib import Path

from analyzer.errors import AnalyzerError
from analyzer.movements.minimal_detectable_change import LIMITS
from analyzer.movements.protocol import ComparableMeasure, Movement
from analyzer.movements.registry import load_movements
from analyzer.movements.stored_key_measures import compute_part_key_measures
from analyzer.results.measured_reps import select_measured_reps
from analyzer.results.schema import Analysis, Hold, KeyMeasure, Rep, Stage

ComparedEvent = Rep | Hold | Stage

_SOURCE_WITH_REPS = re.compile(r"(?P<path>.+)@(?P<first>\d+)(?:-(?P<last>\d+))?")


class CompareError(AnalyzerError):
    """Two clips that cannot be compared; the text says why and what to do."""


@dataclass(frozen=True)
class SideSource:
    """A path, and the numbers of the first and last rep or hold to compare; None for all."""

    path: Path
    event_range: tuple[int, int] | None = None

    @property
    def name(self) -> str:
        """Return the last part of the path, with the reps."""
        return self.path.name + self.suffix

    @property
    def suffix(self) -> str:
        """Return the reps as they are written after a path, such as "@1-3"; empty for all."""
        if self.event_range is None:
            return ""
        first, last = self.event_range
        return f"@{first}" if first == last else f"@{first}-{last}"


@dataclass(frozen=True)
class ComparisonSide:
    """A result with its movement and video.

    Attributes
    ----------
    source : what the user named.
    analysis : the result with only the reps or holds that are compared.
    full_analysis : the result with all of them.
    movement : the movement of the result.
    video : the annotated clip, or the clip itself; None without either.
    """

    source: SideSource
    analysis: Analysis
    full_analysis: Analysis
    movement: Movement
    video: Path | None = None

    @property
    def events(self) -> list[ComparedEvent]:
        """Return the reps, else the holds, else the stages that are compared."""
        return [*(self.analysis.reps or self.analysis.holds or self.analysis.stages)]

    @property
    def measured_reps(self) -> list[Rep]:
        """Return the reps whose values are compared; those in part alone only where there are no others."""
        return select_measured_reps(self.analysis.reps) or list(self.analysis.reps)

    @property
    def _is_part(self) -> bool:
        return self.analysis.reps != self.full_analysis.reps or self.analysis.holds != self.full_analysis.holds

    def quantities(self) -> list[ComparableMeasure]:
        """Return the measures that this side is compared by.

        With only some of the reps, measures that the movement also computes without any rep are left out, since they
        belong to the whole clip.
        """
        quantities = self._read_quantities(self.analysis)
        if not self._is_part:
            return quantities
        without_events = self.analysis.model_copy(update={"reps": [], "holds": [], "stages": []})
        clip_keys = {quantity.key for quantity in self._read_quantities(without_events) if quantity.values}
        return [quantity for quantity in quantities if quantity.key not in clip_keys]

    def key_measures(self) -> list[KeyMeasure]:
        """Return the key measures of this side; with only some of the reps, those of these reps."""
        if not self._is_part:
            return self.analysis.key_measures
        return compute_part_key_measures(self.analysis, self.full_analysis)

    def event_value(self, event: ComparedEvent, key: str) -> float | None:
        """Return the value of a quantity for one event; None where the movement has none for a single event."""
        field = {Rep: "reps", Hold: "holds", Stage: "stages"}[type(event)]
        single = self.analysis.model_copy(update={"reps": [], "holds": [], "stages": [], field: [event]})
        values = next((quantity.values for quantity in self._read_quantities(single) if quantity.key == key), ())
        return values[0] if len(values) == 1 else None

    def _read_quantities(self, analysis: Analysis) -> list[ComparableMeasure]:
        """Return what the movement computes; any failure of a third-party movement becomes a CompareError."""
        name = self.movement.name
        try:
            quantities = list(self.movement.list_comparable_measures(analysis))
        except Exception as error:
            raise CompareError(
                f"{name}: list_comparable_measures() failed ({type(error).__name__}: {error})."
            ) from error
        for quantity in quantities:
            if quantity.family not in LIMITS.families:
                families = ", ".join(LIMITS.families)
                raise CompareError(f"{name}: {quantity.key} has the family {quantity.family}, expected {families}.")
        return quantities


def parse_source(text: str) -> SideSource:
    """Parse `clip.mp4`, a folder or `analysis.json`, with `@1-3` or `@2` after it for reps; raises CompareError."""
    match = _SOURCE_WITH_REPS.fullmatch(text)
    if match is None or Path(text).exists():
        return SideSource(Path(text))
    first, last = int(match["first"]), int(match["last"] or match["first"])
    if not 1 <= first <= last:
        raise CompareError(f"{text}: expected reps from the first to the last, such as {match['path']}@1-3.")
    return SideSource(Path(match["path"]), (first, last))


def select_side(source: SideSource, full_analysis: Analysis, video: Path | None = None) -> ComparisonSide:
    """Select the named reps or holds of a result; raises CompareError where there are none."""
    movement = load_movements().get(full_analysis.movement.name)
    if movement is None:
        raise CompareError(
            f"{source.name}: the movement is unknown, so there is nothing to compare. "
            "Say which it is: analyzer run CLIP --movement NAME."
        )
    analysis = full_analysis
    if source.event_range is not None:
        if not full_analysis.reps and not full_analysis.holds:
            raise CompareError(f"{source.path.name}: has no reps or holds to choose from. Leave out the @.")
        first, last = source.event_range
        reps = [rep for rep in full_analysis.reps if first <= rep.index <= last]
        holds = [hold for hold in full_analysis.holds if first <= hold.index <= last]
        analysis = full_analysis.model_copy(update={"reps": reps, "holds": holds})
        count = len(full_analysis.reps) or len(full_analysis.holds)
        if last > count:
            raise CompareError(f"{source.name}: there are {count}. Choose from 1 to {count}.")
    side = ComparisonSide(source, analysis, full_analysis, movement, video)
    if not side.events:
        raise CompareError(f"{source.name}: no rep, hold or stage was found in it. See its report for why.")
    return side
