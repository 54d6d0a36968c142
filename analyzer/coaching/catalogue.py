"""The catalogue: load, check and fill in the sentences that a coach can edit (`catalogue.toml`)."""

import math
import string
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError

from analyzer.coaching.language_check import find_forbidden_words
from analyzer.coaching.trainable_menu import load_menu
from analyzer.errors import AnalyzerError
from analyzer.strict_model import InputModel
from analyzer.vocabulary.units import drop_sign_of_zero

CATALOGUE_FILE = Path(__file__).with_name("catalogue.toml")
DEGREE_SUFFIXES = ("_deg", "_pct", "_cm", "_m", "_px")  # units that a camera at an angle cannot measure
_TEXTS = ("say", "say_shapes", "reason", "cue")

Evidence = Mapping[str, Any]
"""JSON values of an observation, by name."""


class CatalogueError(AnalyzerError):
    """A catalogue that cannot be used; its text names the file and the table."""


class CatalogueEntry(InputModel):
    """The words of one observation.

    Attributes
    ----------
    say, say_shapes : the sentence with degrees, and without.
    also : sentences that follow `say`, each only where all its values are known.
    reason : the sentence as the first half of another one, without a full stop; None: `say` serves.
    cue : one external cue.
    menu : row of `menu.toml`.
    """

    say: str = Field(min_length=1)
    say_shapes: str | None = Field(default=None, min_length=1)
    also: tuple[str, ...] = ()
    reason: str | None = Field(default=None, min_length=1)
    cue: str | None = Field(default=None, min_length=1)
    menu: str | None = Field(default=None, min_length=1)

    @property
    def texts(self) -> tuple[tuple[str, str], ...]:
        """Return name and template of every text that a person may read."""
        named = ((name, getattr(self, name)) for name in _TEXTS)
        return (
            *((name, text) for name, text in named if text is not None),
            *(("also", text) for text in self.also),
        )


@dataclass(frozen=True)
class Catalogue:
    """All words, by the id of the observation (`movement.what`)."""

    entries: Mapping[str, CatalogueEntry]

    def get_entry(self, id: str) -> CatalogueEntry:
        """Return the words of an observation; raises CatalogueError where there are none."""
        if id not in self.entries:
            raise CatalogueError(
                f"{CATALOGUE_FILE.name}: no table [{id}]. Add one, or give the movement a `catalogue_path`."
            )
        return self.entries[id]

    def render_sentence(self, id: str, evidence: Evidence, *, allows_degrees: bool) -> str | None:
        """Fill in the sentence of an observation, with those that follow it in a view with degrees.

        Returns
        -------
        None where the entry has no sentence for a view without degrees, or a value that it needs is unknown.

        Raises
        ------
        CatalogueError : a text needs a value that the evidence lacks.
        """
        entry = self.get_entry(id)
        if not allows_degrees:
            return fill_template(entry.say_shapes, evidence, id)
        sentence = fill_template(entry.say, evidence, id)
        if sentence is None:
            return None
        more = (fill_template(text, evidence, id) for text in entry.also)
        return " ".join([sentence, *(text for text in more if text is not None)])

    def render_reason(self, id: str, evidence: Evidence) -> str | None:
        """Fill in the sentence of an observation as the first half of another one; None as in `render_sentence`."""
        entry = self.get_entry(id)
        text = fill_template(entry.reason or entry.say, evidence, id)
        return None if text is None else text.rstrip(".!")

    def render_cue(self, id: str, evidence: Evidence) -> str | None:
        """Fill in the cue of an observation; None where it has none."""
        return fill_template(self.get_entry(id).cue, evidence, id)


class _Formatter(string.Formatter):
    """Python's format, and `{reps:n time|times}`: the number with the noun in singular or plural."""

    def format_field(self, value: Any, format_spec: str) -> str:
        if format_spec.startswith("n ") and "|" in format_spec:
            singular, plural = format_spec[2:].split("|", 1)
            return f"{round(value)} {singular if round(value) == 1 else plural}"
        return drop_sign_of_zero(str(super().format_field(value, format_spec)))


_FORMATTER = _Formatter()


def template_fields(template: str) -> frozenset[str]:
    """Return the names of the values that a text needs; raises ValueError for a text that is not a template."""
    return frozenset(name for _, name, _, _ in string.Formatter().parse(template) if name is not None)


def fill_template(template: str | None, evidence: Evidence, id: str) -> str | None:
    """Fill in a text; None without a text, or where a value that it needs is unknown (None, NaN or infinite)."""
    if template is None:
        return None
    needed = template_fields(template)
    missing = sorted(needed - set(evidence))
    if missing:
        raise CatalogueError(f"[{id}] needs {', '.join(missing)}: the evidence has {', '.join(evidence) or 'none'}.")
    values = [evidence[name] for name in needed]
    if any(value is None or (isinstance(value, float) and not math.isfinite(value)) for value in values):
        return None
    try:
        return _FORMATTER.vformat(template, (), evidence)
    except (ValueError, TypeError) as error:
        raise CatalogueError(f"[{id}] {template!r}: {error}.") from None


@cache
def load_catalogue(*own_files: Path) -> Catalogue:
    """Load the built-in catalogue, with the tables of a movement's own files in place of those with the same id.

    Raises
    ------
    CatalogueError : not TOML, a table without `say`, an unknown key or menu row, a field that is not a name, a measure
        in `say_shapes` that needs degrees, or a word that the language check refuses.
    """
    entries: dict[str, CatalogueEntry] = {}
    for path in (CATALOGUE_FILE, *own_files):
        entries |= read_catalogue_file(path)
    return Catalogue(entries)


def read_catalogue_file(path: Path) -> dict[str, CatalogueEntry]:
    """Read and check the entries of one file; raises CatalogueError."""
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise CatalogueError(f"{path.name}: {error.strerror}. Check the `catalogue_path` of the movement.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CatalogueError(f"{path.name}: is not TOML: {error}.") from None
    entries: dict[str, CatalogueEntry] = {}
    for group, subtables in tables.items():
        if not isinstance(subtables, dict) or not all(isinstance(table, dict) for table in subtables.values()):
            raise CatalogueError(f"{path.name} [{group}]: expected tables named [{group}.something].")
        for name, table in subtables.items():
            entries[f"{group}.{name}"] = _check_entry(f"{path.name} [{group}.{name}]", table)
    return entries


def _check_entry(place: str, table: Evidence) -> CatalogueEntry:
    try:
        entry = CatalogueEntry.model_validate(table)
    except ValidationError as error:
        first = error.errors()[0]
        raise CatalogueError(f"{place} {'.'.join(map(str, first['loc']))}: {first['msg']}.") from None
    for key, text in entry.texts:
        _check_text(f"{place} {key}", key, text)
    if entry.menu is not None and entry.menu not in load_menu():
        raise CatalogueError(
            f"{place} menu: menu.toml has no row {entry.menu}. It has {', '.join(sorted(load_menu()))}."
        )
    return entry


def _check_text(place: str, key: str, text: str) -> None:
    """Raise CatalogueError for a text that is not a template, needs degrees in `say_shapes`, or has a refused word."""
    try:
        needed = template_fields(text)
    except ValueError as error:
        raise CatalogueError(f"{place}: {error}. Write fields as {{name:spec}}.") from None
    if invalid := sorted(name for name in needed if not name.isidentifier()):
        raise CatalogueError(f"{place}: {{{invalid[0]}}} is not the name of a value.")
    if key == "say_shapes" and (needs := sorted(name for name in needed if name.endswith(DEGREE_SUFFIXES))):
        raise CatalogueError(f"{place}: {needs[0]} is not known without degrees.")
    if forbidden := find_forbidden_words(text):
        raise CatalogueError(f"{place}: {forbidden[0]}")
