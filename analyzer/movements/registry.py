"""The movements that are installed, ours and others', and which one a clip shows."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from importlib.metadata import EntryPoint, entry_points

from analyzer.errors import AnalyzerError
from analyzer.movements.motion import Motion
from analyzer.movements.protocol import Movement

ENTRY_POINT_GROUP = "analyzer.movements"
_MIN_CONFIDENCE = 0.35  # a movement less likely than this is not named; chosen, on clips left out of the fit (card)
_MIN_ALTERNATIVE_CONFIDENCE = 0.1  # an alternative less sure than this is not offered; chosen
_MAX_ALTERNATIVES = 3  # chosen

_registered_here: list[Movement] = []


class UnknownMovementError(AnalyzerError):
    """No installed movement has that name."""


@dataclass(frozen=True)
class RecognisedMovement:
    """Which movement a clip shows.

    Attributes
    ----------
    movement : None when it is none that is known.
    confidence : 0 to 1.
    alternatives : names and confidences of the other movements it may be, the most likely first.
    """

    movement: Movement | None
    confidence: float
    alternatives: tuple[tuple[str, float], ...] = ()


@cache
def list_entry_points() -> tuple[EntryPoint, ...]:
    """The entry points of all installed movements, by name; nothing of them is loaded."""
    return tuple(sorted(entry_points(group=ENTRY_POINT_GROUP), key=lambda entry: entry.name))


def register_movement(movement: Movement) -> None:
    """Make a movement known in this process, without an installed package: in a notebook or a script.

    Raises AnalyzerError where `movement` is no `Movement` or its name is taken.
    """
    if not isinstance(movement, Movement):
        raise AnalyzerError(f"{movement!r} is not a movement: subclass analyzer.movements.protocol.Movement.")
    if movement.name in load_movements():
        raise AnalyzerError(f"{movement.name}: another movement has this name. Rename one of them.")
    _registered_here.append(movement)
    load_movements.cache_clear()


@cache
def load_movements() -> dict[str, Movement]:
    """All installed movements by name; raises AnalyzerError for an entry point that is none or takes a name twice."""
    found: dict[str, Movement] = {}
    for entry in list_entry_points():
        movement = _load_movement(entry)
        if movement.name in found:
            raise AnalyzerError(f"{entry.value}: another movement is called {movement.name} too. Rename one of them.")
        found[movement.name] = movement
    return found | {movement.name: movement for movement in _registered_here}


def get_movement(name: str) -> Movement:
    """The movement of this name; raises UnknownMovementError, which lists those there are."""
    known = load_movements()
    if name not in known:
        raise UnknownMovementError(f"{name}: not a movement I know. Known: {', '.join(sorted(known))}, or auto.")
    return known[name]


def recognise_movement(motion: Motion) -> RecognisedMovement:
    """The most likely movement, if it is likely enough."""
    sure = _rank_movements(motion)
    if not sure or sure[0][0] < _MIN_CONFIDENCE:
        return RecognisedMovement(None, 0.0, _alternatives(sure, None))
    confidence, name = sure[0]
    return RecognisedMovement(load_movements()[name], round(confidence, 2), _alternatives(sure, name))


def select_movement(name: str, motion: Motion) -> RecognisedMovement:
    """The movement that the person names, and what else it looks like; raises UnknownMovementError."""
    movement, sure = get_movement(name), list[tuple[float, str]]()
    with suppress(AnalyzerError):  # another movement that fails to recognise does not stop the one that was named
        sure = _rank_movements(motion)
    return RecognisedMovement(movement, 1.0, _alternatives(sure, name))


def _rank_movements(motion: Motion) -> list[tuple[float, str]]:
    """Every movement with its confidence, the most likely first."""
    return sorted(((_confidence(movement, motion), name) for name, movement in load_movements().items()), reverse=True)


def _alternatives(sure: Sequence[tuple[float, str]], but: str | None) -> tuple[tuple[str, float], ...]:
    others = [(name, round(one, 2)) for one, name in sure if name != but and one >= _MIN_ALTERNATIVE_CONFIDENCE]
    return tuple(others[:_MAX_ALTERNATIVES])


def _load_movement(entry: EntryPoint) -> Movement:
    """The movement of an entry point; whatever a package from elsewhere does, it ends in one clear line."""
    package = entry.dist.name if entry.dist else "its package"
    try:
        movement = entry.load()
    except Exception as error:
        raise AnalyzerError(
            f"{entry.value}: this movement cannot be loaded ({_format_error(error)}). Fix or uninstall {package}."
        ) from error
    if isinstance(movement, type) or not isinstance(movement, Movement):
        raise AnalyzerError(
            f"{entry.value}: is not a movement, an instance of analyzer.movements.protocol.Movement. "
            f"See docs/movements.md; fix or uninstall {package}."
        )
    try:
        movement.describe()
    except Exception as error:
        raise AnalyzerError(
            f"{entry.value}: an attribute of this movement is missing or wrong ({_format_error(error)}). "
            f"Fix or uninstall {package}."
        ) from error
    return movement


def _confidence(movement: Movement, motion: Motion) -> float:
    try:
        confidence = float(movement.recognise(motion))
    except Exception as error:
        raise AnalyzerError(f"{movement.name}: its recognise() went wrong ({_format_error(error)}).") from error
    if not 0.0 <= confidence <= 1.0:
        raise AnalyzerError(f"{movement.name}: its recognise() answered {confidence}, expected 0 to 1.")
    return confidence


def _format_error(error: Exception) -> str:
    """An error in one line."""
    return " ".join(f"{type(error).__name__}: {error}".split())
