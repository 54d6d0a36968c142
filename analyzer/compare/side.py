"""One side of a comparison: a clip or a result, and the reps of it that are meant."""

import re
from dataclasses import dataclass
from pathlib import Path

from analyzer.errors import AnalyzerError
from analyzer.movements.minimal_detectable_change import LIMITS
from analyzer.movements.protocol import ComparableMeasure, Movement
from analyzer.movements.registry import load_movements
from analyzer.results.schema import Analysis, Hold, Rep, Stage

ComparedEvent = Rep | Hold | Stage

_PART = re.compile(r"(?P<path>.+)@(?P<first>\d+)(?:-(?P<last>\d+))?")


class CompareError(AnalyzerError):
    """Two things that cannot be compared; the text says why and what to do."""


@dataclass(frozen=True)
class SideSource:
    """What the person named: a path, and the first and last rep or hold of it; None for all."""

    path: Path
    part: tuple[int, int] | None = None

    @property
    def name(self) -> str:
        """The path's last part, with the reps."""
        return self.path.name + self.suffix

    @property
    def suffix(self) -> str:
        """The reps as they are written behind a path; empty for all."""
        if self.part is None:
            return ""
        first, last = self.part
        return f"@{first}" if first == last else f"@{first}-{last}"


@dataclass(frozen=True)
class ComparisonSide:
    """A result, its movement, and where its pictures are.

    Attributes
    ----------
    analysis : holds only the reps or holds that are meant.
    whole : the result with all of them.
    video : the annotated clip, or the clip itself; None when neither is at hand.
    """

    source: SideSource
    analysis: Analysis
    whole: Analysis
    movement: Movement
    video: Path | None = None

    @property
    def events(self) -> list[ComparedEvent]:
        """The reps, else the holds, else the stages that are compared."""
        return [*(self.analysis.reps or self.analysis.holds or self.analysis.stages)]

    def quantities(self) -> list[ComparableMeasure]:
        """What it is compared by.

        Where only some reps are meant, quantities that a movement tells without any rep are left out: they are of the
        whole clip.
        """
        told = self._told(self.analysis)
        if self.analysis.reps == self.whole.reps and self.analysis.holds == self.whole.holds:
            return told
        none = self.analysis.model_copy(update={"reps": [], "holds": [], "stages": []})
        whole = {quantity.key for quantity in self._told(none) if quantity.values}
        return [quantity for quantity in told if quantity.key not in whole]

    def alone(self, event: ComparedEvent, key: str) -> float | None:
        """One event's own value of a quantity; None where the movement does not tell it of one event."""
        field = {Rep: "reps", Hold: "holds", Stage: "stages"}[type(event)]
        alone = self.analysis.model_copy(update={"reps": [], "holds": [], "stages": [], field: [event]})
        values = next((quantity.values for quantity in self._told(alone) if quantity.key == key), ())
        return values[0] if len(values) == 1 else None

    def _told(self, analysis: Analysis) -> list[ComparableMeasure]:
        """What the movement tells; whatever one from elsewhere does, it ends in one clear line."""
        name = self.movement.name
        try:
            told = list(self.movement.list_comparable_measures(analysis))
        except Exception as error:
            raise CompareError(f"{name}: its quantities() went wrong ({type(error).__name__}: {error}).") from error
        for quantity in told:
            if quantity.family not in LIMITS.families:
                families = ", ".join(LIMITS.families)
                raise CompareError(f"{name}: {quantity.key} has the family {quantity.family}, expected {families}.")
        return told


def parse_source(text: str) -> SideSource:
    """`clip.mp4`, a folder or `analysis.json`; `@1-3` or `@2` behind it names reps. Raises CompareError."""
    part = _PART.fullmatch(text)
    if part is None or Path(text).exists():
        return SideSource(Path(text))
    first, last = int(part["first"]), int(part["last"] or part["first"])
    if not 1 <= first <= last:
        raise CompareError(f"{text}: expected reps from the first to the last, such as {part['path']}@1-3.")
    return SideSource(Path(part["path"]), (first, last))


def select_side(source: SideSource, whole: Analysis, video: Path | None = None) -> ComparisonSide:
    """The named reps or holds of a result; raises CompareError where there are none."""
    movement = load_movements().get(whole.movement.name)
    if movement is None:
        raise CompareError(
            f"{source.name}: not a movement I know, so there is nothing to compare. "
            "Say which it is: analyzer run CLIP --movement NAME."
        )
    if source.part is None:
        side = ComparisonSide(source, whole, whole, movement, video)
    else:
        if not whole.reps and not whole.holds:
            raise CompareError(f"{source.path.name}: has no reps or holds to choose from. Leave @ away.")
        first, last = source.part
        reps = [rep for rep in whole.reps if first <= rep.index <= last]
        holds = [hold for hold in whole.holds if first <= hold.index <= last]
        side = ComparisonSide(source, whole.model_copy(update={"reps": reps, "holds": holds}), whole, movement, video)
        count = len(whole.reps) or len(whole.holds)
        if last > count:
            raise CompareError(f"{source.name}: there are {count}. Choose from 1 to {count}.")
    if not side.events:
        raise CompareError(f"{source.name}: no rep, hold or stage was found in it. See its report for why.")
    return side
