"""Read the table of facts about clips, `clips.csv`: client, movement, load, date."""

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from difflib import get_close_matches
from pathlib import Path, PurePosixPath

from analyzer.errors import AnalyzerError
from analyzer.movements.registry import find_variant_problem, load_movements
from analyzer.request import HEIGHT_RANGE_CM, LOAD_RANGE_KG
from analyzer.subject_choice import find_subject_problem

FACTS_FILE = "clips.csv"
FACTS_COLUMNS = ("file", "client", "movement", "variant", "load_kg", "height_cm", "subject", "date", "note")
_MAX_LISTED_PROBLEMS = 20  # problems that are listed; chosen
_LARGEST_BYTES = 100_000_000  # chosen
_CLOSE_NAME = 0.7  # likeness from which a column is taken for a misspelt one, as of load and load_kg; chosen


class FactsError(AnalyzerError):
    """A table that cannot be used; the text lists the problems by line, and what is expected."""


@dataclass(frozen=True)
class FactsRow:
    """The facts about one clip; None or empty where not given. `more` holds columns of other names."""

    client: str | None = None
    movement: str | None = None
    variant: str | None = None
    load_kg: float | None = None
    height_cm: float | None = None
    subject: str | None = None
    date: str | None = None
    note: str | None = None
    more: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class FactsTable:
    """Facts by clip, and one note for each row that belongs to no clip of the folder."""

    by_file: Mapping[str, FactsRow] = field(default_factory=dict)
    notes: Sequence[str] = ()


def read_facts(
    path: Path, folder: Path, files: Iterable[str], movement: str = "auto", *, unselected: Iterable[str] = ()
) -> FactsTable:
    """Read the table and find each row's clip among `files`.

    Commas, semicolons or tabs separate the columns; the text is UTF-8, or as Excel writes it. A clip is named by its
    path from the folder, or by its name alone if that is unique. Columns of other names are added to the results.

    Parameters
    ----------
    movement : of the rows that give none; their variants are checked against it.
    unselected : files of the folder that the batch leaves out: their rows are no mistakes.

    Raises
    ------
    FactsError : a column is missing, or a value is not what its column takes.
    """
    rows = _rows(path)
    names = [_column(name) for name in rows[0]] if rows else []
    _check_columns(path, names)
    finders = _ClipFinder(files, folder), _ClipFinder(unselected, folder)
    reader = _FactsReader(path.name, names, *finders, movement)
    for line, row in enumerate(rows[1:], start=2):
        reader.read_row(line, row)
    if reader.problems:
        more = len(reader.problems) - _MAX_LISTED_PROBLEMS
        listed = [*reader.problems[:_MAX_LISTED_PROBLEMS], *([f"and {more} more"] if more > 0 else [])]
        raise FactsError("\n".join([f"{path.name}: nothing was analysed.", *listed]))
    return FactsTable(reader.by_file, [*_describe_other_columns(path.name, names), *reader.notes])


def _check_columns(path: Path, names: Sequence[str]) -> None:
    if "file" not in names:
        raise FactsError(
            f"{path.name}: has no column 'file'. The first line names the columns: {', '.join(FACTS_COLUMNS)}."
        )
    twice = sorted({name for name in names if name and names.count(name) > 1})
    if twice:
        raise FactsError(f"{path.name}: has the column {', '.join(twice)} more than once. Leave one of them.")


def _describe_other_columns(table: str, names: Sequence[str]) -> list[str]:
    """Return a note on columns that are only copied to the results, since a misspelt one has no other effect."""
    other = [name for name in names if name and name not in FACTS_COLUMNS]
    missing = [name for name in FACTS_COLUMNS if name not in names]
    texts = []
    for name in other:
        close = get_close_matches(name, missing, n=1, cutoff=_CLOSE_NAME)
        texts.append(f"{name} (did you mean {close[0]}?)" if close else name)
    return [f"{table}: columns that are only copied to the results: {', '.join(texts)}"] if texts else []


class _FactsReader:
    """Reads rows one by one, and collects facts, notes and problems."""

    def __init__(
        self, table: str, names: Sequence[str], finder: "_ClipFinder", unselected: "_ClipFinder", movement: str
    ) -> None:
        self._table, self._names, self._movement = table, names, movement
        self._finder, self._unselected = finder, unselected
        self.by_file: dict[str, FactsRow] = {}
        self.notes: list[str] = []
        self.problems: list[str] = []

    def read_row(self, line: int, row: Sequence[str]) -> None:
        cells = {name: cell.strip() for name, cell in zip(self._names, row, strict=False) if name and cell.strip()}
        if not cells:
            return
        problem = _find_row_problem(row, self._names, cells)
        if problem is not None:
            self._add_problem(line, problem)
            return
        facts, problems = _parse_row(cells, self._movement)
        for problem in problems:
            self._add_problem(line, problem)
        self._assign(line, cells["file"], facts)

    def _assign(self, line: int, name: str, facts: FactsRow) -> None:
        matches = self._finder.find(name)
        if not matches:
            if not self._unselected.find(name):
                self.notes.append(
                    f"{self._table} line {line}: {name} is no clip of this folder; if it was renamed or moved, correct "
                    "the line"
                )
        elif len(matches) > 1:
            self._add_problem(line, f"{name} is there {len(matches)} times; write its folder too: {matches[0]}")
        elif matches[0] in self.by_file:
            self._add_problem(line, f"{matches[0]} has a line of its own already; leave one of them")
        else:
            self.by_file[matches[0]] = facts

    def _add_problem(self, line: int, problem: str) -> None:
        self.problems.append(f"line {line}: {problem}")


def _find_row_problem(row: Sequence[str], names: Sequence[str], cells: Mapping[str, str]) -> str | None:
    if any(cell.strip() for cell in row[len(names) :]):
        return "has more cells than the first line; put quotes about a cell that holds a comma or semicolon"
    if "file" not in cells:
        return "'file' is empty; write the clip's path from the folder, such as anna/hinge.mp4"
    return None


class _ClipFinder:
    """Finds clips by the names that people write."""

    def __init__(self, files: Iterable[str], folder: Path) -> None:
        self._folder = folder
        self._paths: dict[str, list[str]] = {}
        self._names: dict[str, list[str]] = {}
        for file in files:
            self._paths.setdefault(_normalize_name(file), []).append(file)
            self._names.setdefault(_normalize_name(PurePosixPath(file).name), []).append(file)

    def find(self, name: str) -> list[str]:
        path = Path(name)
        for folder in (self._folder, self._folder.absolute()):
            if path.is_absolute() and path.is_relative_to(folder):
                name = path.relative_to(folder).as_posix()
        normalized = _normalize_name(name.replace("\\", "/").removeprefix("./").strip("/"))
        exact = self._paths.get(normalized, [])
        same = [file for file in exact if file == name] or exact
        return same or ([] if "/" in normalized else self._names.get(normalized, []))


def _normalize_name(file: str) -> str:
    """Return a name in a form in which capitals and the encoding of accents make no difference."""
    return unicodedata.normalize("NFC", file).casefold()


def _parse_row(cells: Mapping[str, str], default_movement: str) -> tuple[FactsRow, list[str]]:
    problems: list[str] = []
    movement, variant, subject = (cells.get(name) for name in ("movement", "variant", "subject"))
    if movement is not None:
        movement = _normalize_term(movement)
    if movement not in (None, "auto", *load_movements()):
        known = ", ".join(sorted(load_movements()))
        problems.append(f"movement '{cells['movement']}': expected {known}, or auto")
    elif variant is not None and find_variant_problem(movement or default_movement, variant):
        variant = _normalize_term(variant)
        if problem := find_variant_problem(movement or default_movement, variant):
            problems.append(f"variant '{cells['variant']}': {problem}")
    if subject is not None and (subject_problem := find_subject_problem(subject)) is not None:
        problems.append(f"subject '{subject}': {subject_problem}")
    facts = FactsRow(
        client=cells.get("client"),
        movement=movement,
        variant=variant,
        load_kg=_number(cells, "load_kg", LOAD_RANGE_KG, "such as 62.5", problems),
        height_cm=_number(cells, "height_cm", HEIGHT_RANGE_CM, "such as 172", problems),
        subject=subject,
        date=_date(cells.get("date"), problems),
        note=cells.get("note"),
        more={name: text for name, text in cells.items() if name not in FACTS_COLUMNS},
    )
    return facts, problems


def _normalize_term(text: str) -> str:
    """Return a term as the names of movements and variants are written: Trap Bar is trap_bar."""
    return re.sub(r"[\s-]+", "_", text.lower())


def _number(
    cells: Mapping[str, str], name: str, within: tuple[float, float], such: str, problems: list[str]
) -> float | None:
    text = cells.get(name)
    if text is None:
        return None
    unit = name.rpartition("_")[2]
    plain = text.lower().removesuffix(unit).strip().replace(",", ".")
    if re.fullmatch(r"\d+(\.\d+)?", plain) and within[0] <= float(plain) <= within[1]:
        return float(plain)
    problems.append(f"{name} '{text}': expected a number of {unit} from {within[0]:g} to {within[1]:g}, {such}")
    return None


def _date(text: str | None, problems: list[str]) -> str | None:
    """Return the day as ISO 8601; 3.12.2026 and 2026/12/03 are accepted, the ambiguous 3/12/2026 is not."""
    if text is None:
        return None
    parts = re.fullmatch(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?:[ T].*)?", text)
    numbers = parts.groups() if parts else ()
    if not numbers and (parts := re.fullmatch(r"(\d{1,2})\.(\d{1,2})\.(\d{4})", text)):
        numbers = parts.groups()[::-1]
    try:
        year, month, day = map(int, numbers)
        return date(year, month, day).isoformat()
    except ValueError:
        problems.append(f"date '{text}': expected year-month-day, such as 2026-03-12")
        return None


def _column(name: str) -> str:
    return re.sub(r"\W+", "_", name.strip().lower()).strip("_")


def _rows(path: Path) -> list[list[str]]:
    text = _text(path)
    try:
        return list(csv.reader(io.StringIO(text), delimiter=_delimiter(text), strict=False))
    except csv.Error as error:
        raise FactsError(f"{path.name}: is not a table ({error}). Save it from the spreadsheet as CSV UTF-8.") from None


def _delimiter(text: str) -> str:
    first = text.partition("\n")[0]
    return max(",;\t", key=first.count)


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > _LARGEST_BYTES:
            raise FactsError(f"{path.name}: is too large for a table of clips. Give another file.")
        raw = path.read_bytes()
    except OSError as error:
        raise FactsError(f"{path}: cannot be read ({error.strerror}). Check the file's name.") from None
    try:
        text = raw.decode("utf-16" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("cp1252", errors="replace")
    if "\0" in text:
        raise FactsError(f"{path.name}: is not a text table. Save it from the spreadsheet as CSV UTF-8.")
    return text
