"""Stored results read back, and pairs of them compared; kept in memory, since a result never changes under its run."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from analyzer.compare.changes import compare_sides
from analyzer.compare.schema import Comparison
from analyzer.compare.side import CompareError, ComparisonSide, SideSource, parse_source, select_side
from analyzer.movements.minimal_detectable_change import ComparisonSetting
from analyzer.results.schema import Analysis
from api.db import analyses, clips
from api.dependencies import Services
from api.problem_details import Problem, not_found
from api.serializers import get_filmed_at
from api.stored_results import read_result, use_current_run

T = TypeVar("T")


class ResultCache:
    """The last answers of costly questions."""

    def __init__(self, most: int) -> None:
        self._most, self._lock = most, threading.Lock()
        self._answers: OrderedDict[Hashable, Any] = OrderedDict()

    def get(self, question: Hashable, answer: Callable[[], T]) -> T:
        """The answer, worked out if it is not known."""
        with self._lock:
            if question in self._answers:
                self._answers.move_to_end(question)
                known: T = self._answers[question]
                return known
        found = answer()
        with self._lock:
            self._answers[question] = found
            if len(self._answers) > self._most:
                self._answers.popitem(last=False)
        return found


_results = ResultCache(300)  # some 20 kB each; chosen
_comparisons = ResultCache(100)  # chosen


@dataclass(frozen=True)
class ResultRef:
    """A finished analysis: where it is stored, when it was filmed, and which reps of it are meant."""

    id: str
    run: str
    name: str
    day: str
    part: tuple[int, int] | None = None

    @property
    def source(self) -> SideSource:
        """As the comparison names it."""
        return SideSource(Path(self.name), self.part)


def find_result_ref(services: Services, owner_id: str, told: str) -> ResultRef:
    """A finished analysis by `id` or `id@1-3`; raises Problem 404, 409 or 422."""
    try:
        source = parse_source(told)
    except CompareError as error:
        raise Problem(422, "not-comparable", str(error)) from None
    id = source.path.name
    with services.database.read_session() as session:
        row = analyses.get(session, owner_id, id)
        clip = clips.get(session, owner_id, row.clip_id) if row is not None else None
        if row is None or clip is None:
            raise not_found("analysis")
        if row.run is None:
            raise Problem(409, "not-done", f"{clip.name}: its analysis is {row.status}. Compare once both are done.")
        return ResultRef(row.id, row.run, clip.name, get_filmed_at(row, clip).date().isoformat(), source.part)


def load_result(services: Services, reading: ResultRef) -> Analysis:
    """The stored result; raises Problem 409 where an older version wrote it."""

    def read() -> Analysis:
        try:
            use = partial(read_result, services.files, reading.id)
            found = use_current_run(services.database, reading.id, reading.run, use)
        except (ValidationError, FileNotFoundError):
            detail = f"{reading.name}: its result is of another version. Analyse the clip again."
            raise Problem(409, "other-version", detail) from None
        if found is None:
            raise not_found("analysis")
        return found

    return _results.get((reading.id, reading.run), read)


def load_comparison_side(services: Services, reading: ResultRef) -> ComparisonSide:
    """One side of a comparison; raises CompareError where there is nothing to compare."""
    return select_side(reading.source, load_result(services, reading))


def compare_results(
    services: Services, readings: Sequence[ResultRef], setting: ComparisonSetting | None = None, cue: str | None = None
) -> Comparison:
    """Compare finished analyses; raises CompareError."""
    if setting is None and len({reading.day for reading in readings}) > 1:
        setting = "other_day"
    question = (tuple(readings), setting, cue)
    return _comparisons.get(
        question, lambda: compare_sides([load_comparison_side(services, one) for one in readings], setting, cue)
    )
