"""The catalogue of words: loads, checks and fills in the sentences that a coach can edit (`catalogue.toml`)."""

import math
import string
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from analyzer.coaching.language_check import find_forbidden_words
from analyzer.coaching.trainable_menu import load_menu
from analyzer.errors import AnalyzerError
from analyzer.vocabulary.units import drop_sign_of_zero

CATALOGUE_FILE = Path(__file__).with_name("catalogue.toml")
DEGREE_SUFFIXES = ("_deg", "_pct", "_cm", "_m", "_px")  # what a camera at an angle cannot measure
_TEXTS = ("say", "say_shapes", "cue")


class CatalogueError(AnalyzerError):
    """A catalogue that cannot be used; its text names the file and the table."""


class CatalogueEntry(BaseModel):
    """The words of one observation."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    say: str = Field(min_length=1)
    say_shapes: str | None = Field(default=None, min_length=1)
    cue: str | None = Field(default=None, min_length=1)
    menu: str | None = Field(default=None, min_length=1)

    @property
    def texts(self) -> tuple[tuple[str, str], ...]:
        """Name and template of every text a person may read."""
        named = ((name, getattr(self, name)) for name in _TEXTS)
        return tuple((name, text) for name, text in named if text is not None)


@dataclass(frozen=True)
class Catalogue:
    """All words, by the observation's id (`movement.what`)."""

    entries: Mapping[str, CatalogueEntry]

    def entry(self, id: str) -> CatalogueEntry:
        """The words of an observation; raises CatalogueError where there are none."""
        if id not in self.entries:
            raise CatalogueError(
                f"{CATALOGUE_FILE.name}: no table [{id}]. Add one, or give the movement its own `words`."
            )
        return self.entries[id]

    def sentence(self, id: str, evidence: Mapping[str, Any], *, degrees: bool) -> str | None:
        """What is said of an observation; None when it is not said: in this view, or as one of its values is unknown.

        Raises CatalogueError where a text asks for something that the evidence lacks.
        """
        entry = self.entry(id)
        return fill_template(entry.say if degrees else entry.say_shapes, evidence, id)

    def cue(self, id: str, evidence: Mapping[str, Any]) -> str | None:
        """The one cue, if there is one."""
        return fill_template(self.entry(id).cue, evidence, id)


class _Formatter(string.Formatter):
    """Python's format, and `{reps:n time|times}`: the number with the word that goes with it."""

    def format_field(self, value: Any, format_spec: str) -> str:
        if format_spec.startswith("n ") and "|" in format_spec:
            one, many = format_spec[2:].split("|", 1)
            return f"{round(value)} {one if round(value) == 1 else many}"
        return drop_sign_of_zero(str(super().format_field(value, format_spec)))


_FORMATTER = _Formatter()


def template_fields(template: str) -> frozenset[str]:
    """Names of the evidence that a text asks for; raises ValueError for a text that is no template."""
    return frozenset(name for _, name, _, _ in string.Formatter().parse(template) if name is not None)


def fill_template(template: str | None, evidence: Mapping[str, Any], id: str) -> str | None:
    """Fill in a text; None without a text, or where a value it asks for is unknown (None or NaN)."""
    if template is None:
        return None
    asked = template_fields(template)
    missing = sorted(asked - set(evidence))
    if missing:
        raise CatalogueError(f"[{id}] asks for {', '.join(missing)}: the evidence has {', '.join(evidence) or 'none'}.")
    values = [evidence[name] for name in asked]
    if any(value is None or (isinstance(value, float) and not math.isfinite(value)) for value in values):
        return None
    try:
        return _FORMATTER.vformat(template, (), evidence)
    except (ValueError, TypeError) as error:
        raise CatalogueError(f"[{id}] {template!r}: {error}.") from None


@cache
def load_catalogue(*own: Path) -> Catalogue:
    """The built-in catalogue with a movement's own files laid over it, each table checked.

    Raises CatalogueError: not TOML, a table without `say`, an unknown key or menu row, a field that is no name, a
    measure in `say_shapes` that needs degrees, or a word that a client is not to read.
    """
    entries: dict[str, CatalogueEntry] = {}
    for path in (CATALOGUE_FILE, *own):
        entries |= read_catalogue_file(path)
    return Catalogue(entries)


def read_catalogue_file(path: Path) -> dict[str, CatalogueEntry]:
    """The entries of one file, checked."""
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise CatalogueError(f"{path.name}: {error.strerror}. A movement's `words` names its catalogue.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CatalogueError(f"{path.name}: is not TOML: {error}.") from None
    found: dict[str, CatalogueEntry] = {}
    for movement, whats in tables.items():
        if not isinstance(whats, dict) or not all(isinstance(table, dict) for table in whats.values()):
            raise CatalogueError(f"{path.name} [{movement}]: expected tables named [{movement}.something].")
        for what, table in whats.items():
            found[f"{movement}.{what}"] = _entry(f"{path.name} [{movement}.{what}]", table)
    return found


def _entry(where: str, table: Mapping[str, Any]) -> CatalogueEntry:
    try:
        entry = CatalogueEntry.model_validate(table)
    except ValidationError as error:
        told = error.errors()[0]
        raise CatalogueError(f"{where} {'.'.join(map(str, told['loc']))}: {told['msg']}.") from None
    for key, text in entry.texts:
        try:
            asked = template_fields(text)
        except ValueError as error:
            raise CatalogueError(f"{where} {key}: {error}. Write fields as {{name:spec}}.") from None
        if strange := sorted(name for name in asked if not name.isidentifier()):
            raise CatalogueError(f"{where} {key}: {{{strange[0]}}} is no name of evidence.")
        if key == "say_shapes" and (needs := sorted(name for name in asked if name.endswith(DEGREE_SUFFIXES))):
            raise CatalogueError(f"{where} {key}: {needs[0]} cannot be told without degrees.")
        if hits := find_forbidden_words(text):
            raise CatalogueError(f"{where} {key}: {hits[0]}")
    if entry.menu is not None and entry.menu not in load_menu():
        raise CatalogueError(
            f"{where} menu: menu.toml has no row {entry.menu}. It has {', '.join(sorted(load_menu()))}."
        )
    return entry
