"""The movements that are installed, ours and others', and which one a clip shows."""

from dataclasses import dataclass
from functools import cache
from importlib.metadata import entry_points

from analyzer.errors import AnalyzerError
from analyzer.movements.motion import Motion
from analyzer.movements.protocol import Movement

GROUP = "analyzer.movements"
_SURE = 0.5  # a movement less sure than this is not named; chosen
_AHEAD = 0.1  # nor one that is not ahead of the next by this; chosen


class UnknownMovement(AnalyzerError):
    """No installed movement has that name."""


@dataclass(frozen=True)
class Recognised:
    """Which movement a clip shows; `movement` None when it is none that is known, `confidence` 0 to 1."""

    movement: Movement | None
    confidence: float


@cache
def movements() -> dict[str, Movement]:
    """All installed movements by name; raises AnalyzerError for an entry point that is none or takes a name twice."""
    found: dict[str, Movement] = {}
    for entry in sorted(entry_points(group=GROUP), key=lambda entry: entry.name):
        movement = entry.load()
        if not isinstance(movement, Movement):
            raise AnalyzerError(f"{entry.value}: is not a movement. See docs/movements.md for what one has.")
        if movement.name in found:
            raise AnalyzerError(f"{entry.value}: another movement is called {movement.name} too. Rename one of them.")
        found[movement.name] = movement
    return found


def movement_named(name: str) -> Movement:
    """The movement of this name; raises UnknownMovement, which lists those there are."""
    known = movements()
    if name not in known:
        raise UnknownMovement(f"{name}: not a movement I know. Known: {', '.join(sorted(known))}, or auto.")
    return known[name]


def recognise(motion: Motion) -> Recognised:
    """The movement that is surest, if it is sure enough and well ahead of the next."""
    sure = sorted(((m.recognise(motion), name) for name, m in movements().items()), reverse=True)
    if not sure or sure[0][0] < _SURE:
        return Recognised(None, 0.0)
    if len(sure) > 1 and sure[0][0] - sure[1][0] < _AHEAD:
        return Recognised(None, 0.0)
    return Recognised(movements()[sure[0][1]], round(sure[0][0], 2))
