"""Read and compare stored results, cached in memory: the result of a run never changes."""

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
from analyzer.movements.minimal_detectable_change import NO_OWN_MDC, ComparisonSetting, MdcTable
from analyzer.results.schema import Analysis
from api.db import analyses, clips
from api.dependencies import Services
from api.responses.problem_details import Problem, not_found
from api.serializers.analyses import get_filmed_at
from api.storage.stored_results import read_result, use_current_run

T = TypeVar("T")


class ResultCache:
    """Least recently used cache of results that are costly to compute."""

    def __init__(self, max_size: int) -> None:
        self._max_size, self._lock = max_size, threading.Lock()
        self._answers: OrderedDict[Hashable, Any] = OrderedDict()

    def get(self, question: Hashable, answer: Callable[[], T]) -> T:
        """Return the cached answer of a question, computing it if need be."""
        with self._lock:
            if question in self._answers:
                self._answers.move_to_end(question)
                known: T = self._answers[question]
                return known
        computed = answer()
        with self._lock:
            self._answers[question] = computed
            if len(self._answers) > self._max_size:
                self._answers.popitem(last=False)
        return computed


_results = ResultCache(300)  # about 20 kB each; chosen
_comparisons = ResultCache(100)  # chosen


@dataclass(frozen=True)
class ResultRef:
    """A finished analysis: where its result is stored, when it was filmed, and the selected reps."""

    id: str
    run: str
    name: str
    day: str
    part: tuple[int, int] | None = None

    @property
    def source(self) -> SideSource:
        """Return the source as the comparison names it."""
        return SideSource(Path(self.name), self.part)


def find_result_ref(services: Services, owner_id: str, text: str) -> ResultRef:
    """Find a finished analysis by `id` or `id@1-3`; raise Problem 404, 409 or 422."""
    try:
        source = parse_source(text)
    except CompareError as error:
        raise Problem(422, "not-comparable", str(error)) from None
    id = source.path.name
    with services.database.read_session() as session:
        row = analyses.get(session, owner_id, id)
        clip = clips.get(session, owner_id, row.clip_id) if row is not None else None
        if row is None or clip is None:
            raise not_found("analysis")
        if row.run is None:
            raise Problem(409, "not-done", f"{clip.name}: its analysis is {row.status}. It has no result yet.")
        return ResultRef(row.id, row.run, clip.name, get_filmed_at(row, clip).date().isoformat(), source.event_range)


def load_result(services: Services, ref: ResultRef) -> Analysis:
    """Load a stored result; raise Problem 409 if an older version wrote it, 404 if its file is missing."""

    def read() -> Analysis:
        """Read the current result."""
        try:
            use = partial(read_result, services.files, ref.id)
            result = use_current_run(services.database, ref.id, ref.run, use)
        except FileNotFoundError:
            detail = (
                f"{ref.name}: the file of its result is missing. The operator restores it from a backup; else upload "
                "the clip again."
            )
            raise Problem(404, "not-found", detail) from None
        except ValidationError:
            detail = (
                f"{ref.name}: its result is of an older version. Change one of its details, such as the load, and it "
                "is measured again. The operator has all such clips measured again by: analyzer store remeasure"
            )
            raise Problem(409, "other-version", detail) from None
        if result is None:
            raise not_found("analysis")
        return result

    return _results.get((ref.id, ref.run), read)


def load_comparison_side(services: Services, ref: ResultRef) -> ComparisonSide:
    """Load one side of a comparison; raise CompareError if there is nothing to compare."""
    return select_side(ref.source, load_result(services, ref))


def compare_results(
    services: Services,
    refs: Sequence[ResultRef],
    setting: ComparisonSetting | None = None,
    cue: str | None = None,
    own_mdc: MdcTable = NO_OWN_MDC,
) -> Comparison:
    """Compare finished analyses, with the minimal detectable changes of own repeats; raise CompareError."""
    if setting is None and len({ref.day for ref in refs}) > 1:
        setting = "other_day"
    question = (tuple(refs), setting, cue, frozenset(own_mdc.measures.items()))
    return _comparisons.get(
        question, lambda: compare_sides([load_comparison_side(services, ref) for ref in refs], setting, cue, own_mdc)
    )
