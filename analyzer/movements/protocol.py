"""What a movement is to the rest: recognise, find events, measure, compare, observe. One module a movement."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol, runtime_checkable

from analyzer.movements.motion import ClipDetails, Motion
from analyzer.results.schema import Analysis, Hold, Rep, Stage

Smoothing = Literal["lift", "hold"]
ObservationKind = Literal["can", "next"]


@dataclass(frozen=True)
class Events:
    """Where in the clip something happens: reps, or holds, or stages."""

    reps: Sequence[Rep] = ()
    holds: Sequence[Hold] = ()
    stages: Sequence[Stage] = ()


@dataclass(frozen=True)
class Observation:
    """Something worth saying, before it is put in words.

    Attributes
    ----------
    id : names the words in the catalogue (`coaching/catalogue.toml`).
    kind : "can" what the person can do; "next" something to work on.
    weight : the largest are said first; 0 to 1.
    evidence : the numbers that the words use and that back them: JSON values, units in the names; `times_s` or `reps`
        say where to look.
    """

    id: str
    kind: ObservationKind
    weight: float
    evidence: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class ComparableMeasure:
    """One measure of one clip that may be compared with the same of another.

    Attributes
    ----------
    key : names it: equal keys of two clips are compared, and the words are found by it.
    family : whose minimal detectable change counts (`movements/change.py`): trunk, trunk_thigh, knee, shin, arm, neck,
        back, body_line, hip_back, hip_share, hold_time or tempo.
    values : one a rep, hold or stage; the mean is compared.
    """

    key: str
    family: str
    values: tuple[float, ...]


@runtime_checkable
class Movement(Protocol):
    """A movement that can be recognised and measured; register it as an entry point `analyzer.movements`.

    All methods are pure. None of them may import OpenCV, MediaPipe or FastAPI.

    Attributes
    ----------
    name : as in `--movement` and `analysis.json`: lower case, underscores.
    title : as a person reads it.
    variants : names that `--variant` may have; empty when there are none.
    main_angle : the column of `angles.csv` that shows it best.
    smoothing : "lift" (6 Hz) or "hold" (4 Hz); sources 5.
    words : a catalogue of one's own for observations that the built-in one does not know; None otherwise.
    """

    name: str
    title: str
    variants: tuple[str, ...]
    main_angle: str
    smoothing: Smoothing
    words: Path | None

    def recognise(self, motion: Motion) -> float:
        """Probability, 0 to 1, that the clip shows this movement; by any means of its own."""
        ...

    def events(self, motion: Motion, facts: ClipDetails) -> Events:
        """Reps, holds or stages, in order of time; empty when there are none."""
        ...

    def measures(self, motion: Motion, facts: ClipDetails, events: Events) -> dict[str, Any]:
        """What a coach looks at, as JSON values with units in the names; None where it could not be measured."""
        ...

    def observations(self, facts: ClipDetails, events: Events, measures: Mapping[str, Any]) -> list[Observation]:
        """What is worth saying; told from numbers alone, never a word to a person in it."""
        ...

    def quantities(self, analysis: Analysis) -> list[ComparableMeasure]:
        """What two clips of this movement are compared by; `analysis` may come from a file."""
        ...
