"""Registry of the installed movements, and recognition of the one that a clip shows."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec
from pathlib import Path

from analyzer.errors import AnalyzerError
from analyzer.movements.motion import Motion
from analyzer.movements.protocol import Movement

ENTRY_POINT_GROUP = "analyzer.movements"
_MIN_CONFIDENCE = 0.30  # a movement less likely than this is not named; chosen on 73 left-out clips (experiments.md)
_MIN_ALTERNATIVE_CONFIDENCE = 0.1  # an alternative less sure than this is not offered; chosen
_MAX_ALTERNATIVES = 3  # chosen

_registered_here: list[Movement] = []


class UnknownMovementError(AnalyzerError):
    """No installed movement has that name."""


@dataclass(frozen=True)
class RecognisedMovement:
    """Movement that a clip shows.

    Attributes
    ----------
    movement : None when the clip shows no known movement.
    confidence : 0 to 1.
    alternatives : names and confidences of the other movements it may be, the most likely first.
    """

    movement: Movement | None
    confidence: float
    alternatives: tuple[tuple[str, float], ...] = ()


@cache
def list_entry_points() -> tuple[EntryPoint, ...]:
    """List the entry points of all installed movements by name, without loading them."""
    return tuple(sorted(entry_points(group=ENTRY_POINT_GROUP), key=lambda entry: entry.name))


def list_package_paths() -> list[Path]:
    """List the folders, or single files, of the packages that bring movements, without loading them.

    A package that is being developed may lie anywhere.
    """
    paths = set[Path]()
    for name in {entry.module.partition(".")[0] for entry in list_entry_points()}:
        with suppress(ImportError, ValueError):
            if (spec := find_spec(name)) is not None:
                single = [spec.origin] if spec.origin is not None else []
                paths |= {Path(place).resolve() for place in spec.submodule_search_locations or single}
    return sorted(paths)


def register_movement(movement: Movement) -> None:
    """Make a movement known in this process, without an installed package: in a notebook or a script.

    Raises AnalyzerError where `movement` is no `Movement` or its name is taken.
    """
    if fault := _find_fault(movement):
        raise AnalyzerError(f"{movement!r} {fault}.")
    if movement.name in load_movements():
        raise AnalyzerError(f"{movement.name}: another movement has this name. Rename one of them.")
    _registered_here.append(movement)
    load_movements.cache_clear()


@cache
def load_movements() -> dict[str, Movement]:
    """Load all installed movements by name.

    Raises AnalyzerError for an entry point that is no movement, and for a name that is used twice.
    """
    movements: dict[str, Movement] = {}
    for entry in list_entry_points():
        movement = _load_movement(entry)
        if movement.name in movements:
            raise AnalyzerError(f"{entry.value}: another movement is called {movement.name} too. Rename one of them.")
        movements[movement.name] = movement
    return movements | {movement.name: movement for movement in _registered_here}


def get_movement(name: str) -> Movement:
    """Return the movement of this name; raises UnknownMovementError, which lists the known names."""
    known = load_movements()
    if name not in known:
        raise UnknownMovementError(f"{name}: unknown movement. Choose one of {', '.join(sorted(known))}, or auto.")
    return known[name]


def list_variants(name: str) -> list[str]:
    """List the variants of a movement; those of all movements for "auto" or an unknown name."""
    known = load_movements()
    if name in known:
        return list(known[name].variants)
    return sorted({variant for movement in known.values() for variant in movement.variants})


def find_variant_problem(name: str, variant: str | None) -> str | None:
    """Return why a clip of a movement cannot have a variant, with the choices; None where it can.

    Parameters
    ----------
    name : of the movement; for "auto", every variant that some movement has is possible.
    """
    variants = list_variants(name)
    if variant is None or variant in variants:
        return None
    choices = f"choose {', '.join(variants)}" if variants else "the movement has none, so leave it out"
    return f"is not a variant of {name if name in load_movements() else 'any movement'}; {choices}"


def recognise_movement(motion: Motion) -> RecognisedMovement:
    """Return the most probable movement, if its probability reaches 0.3, with its alternatives."""
    ranking = _rank_movements(motion)
    if not ranking or ranking[0][0] < _MIN_CONFIDENCE:
        return RecognisedMovement(None, 0.0, _list_alternatives(ranking, None))
    confidence, name = ranking[0]
    return RecognisedMovement(load_movements()[name], round(confidence, 2), _list_alternatives(ranking, name))


def select_movement(name: str, motion: Motion) -> RecognisedMovement:
    """Return the movement of the given name, with the others that the clip may show; raises UnknownMovementError."""
    movement, ranking = get_movement(name), list[tuple[float, str]]()
    with suppress(AnalyzerError):  # another movement that fails to recognise does not stop the one that was named
        ranking = _rank_movements(motion)
    return RecognisedMovement(movement, 1.0, _list_alternatives(ranking, name))


def _rank_movements(motion: Motion) -> list[tuple[float, str]]:
    """Rank all movements by confidence, the highest first."""
    return sorted(((_confidence(movement, motion), name) for name, movement in load_movements().items()), reverse=True)


def _list_alternatives(ranking: Sequence[tuple[float, str]], chosen: str | None) -> tuple[tuple[str, float], ...]:
    alternatives = [
        (name, round(confidence, 2))
        for confidence, name in ranking
        if name != chosen and confidence >= _MIN_ALTERNATIVE_CONFIDENCE
    ]
    return tuple(alternatives[:_MAX_ALTERNATIVES])


def _load_movement(entry: EntryPoint) -> Movement:
    """Load the movement of an entry point; any failure of its package becomes an AnalyzerError of one line."""
    package = entry.dist.name if entry.dist else "its package"
    try:
        movement = entry.load()
    except Exception as error:
        raise AnalyzerError(
            f"{entry.value}: this movement cannot be loaded ({_format_error(error)}). Fix or uninstall {package}."
        ) from error
    if fault := _find_fault(movement):
        raise AnalyzerError(f"{entry.value}: {fault}. See docs/movements.md; fix or uninstall {package}.")
    loaded: Movement = movement
    return loaded


def _find_fault(movement: object) -> str | None:
    """Return what keeps an object from being a movement; None where nothing does."""
    if not isinstance(movement, Movement):
        return "is not a movement, an instance of analyzer.movements.protocol.Movement"
    try:
        movement.describe()
    except Exception as error:
        return f"has an attribute that is missing or wrong ({_format_error(error)})"
    return None


def _confidence(movement: Movement, motion: Motion) -> float:
    try:
        confidence = float(movement.recognise(motion))
    except Exception as error:
        raise AnalyzerError(f"{movement.name}: its recognise() went wrong ({_format_error(error)}).") from error
    if not 0.0 <= confidence <= 1.0:
        raise AnalyzerError(f"{movement.name}: its recognise() answered {confidence}, expected 0 to 1.")
    return confidence


def _format_error(error: Exception) -> str:
    """Return the type and text of an error in one line."""
    return " ".join(f"{type(error).__name__}: {error}".split())
