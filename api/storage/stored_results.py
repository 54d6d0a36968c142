"""Read stored results while a new run may replace them."""

import json
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

from sqlalchemy import select

from analyzer.analysis.stored_analysis import parse_stored_analysis
from analyzer.results.schema import Analysis
from api.db.engine import Database
from api.db.models import AnalysisRow
from api.storage.file_store import FileStore, result_key

RESULT_FILE = "analysis.json"
"""The file that is stored last: where it exists, the result is complete."""

T = TypeVar("T")


def read_result(files: FileStore, id: str, run: str) -> Analysis:
    """Read the result of a run, with every key measure of its movement.

    Raises FileNotFoundError, or ValidationError if an older version wrote it in another form.
    """
    with files.open(result_key(id, run, RESULT_FILE)) as file:
        return parse_stored_analysis(file.read())


def complete_old_result(files: FileStore, key: str) -> bytes | None:
    """Return a stored result with what its version did not write of the key measures; None if it has all of it.

    `key` is that of its file. A result in another form, or that is gone, is left as it is.
    """
    with suppress(FileNotFoundError, ValueError), files.open(key) as file:
        content = file.read()
        measures = json.loads(content).get("key_measures")
        if measures is None or any("direction" not in measure for measure in measures):
            return parse_stored_analysis(content).model_dump_json().encode()
    return None


def use_current_run(database: Database, id: str, run: str, use: Callable[[str], T]) -> T | None:
    """Return `use(run)`, or `use` of the newer run if that has replaced it meanwhile.

    Returns None if the analysis is gone. Raises FileNotFoundError if the run is current and its files are missing.
    """
    try:
        return use(run)
    except FileNotFoundError:
        with database.read_session() as session:
            newer = session.scalar(select(AnalysisRow.run).where(AnalysisRow.id == id))
        if newer is None:
            return None
        if newer == run:
            raise
        return use(newer)
