"""Results as they are stored, read back while a new measuring may put another one in their place."""

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import select

from analyzer.results.analysis_file import parse_analysis
from analyzer.results.schema import Analysis as Result
from api.db.engine import Database
from api.db.models import Analysis
from api.file_store import FileStore, result_key

RESULT_FILE = "analysis.json"
"""The file that is put last: where it lies, the rest is complete."""

T = TypeVar("T")


def read_result(files: FileStore, id: str, run: str) -> Result:
    """The result of a run; raises FileNotFoundError, or ValidationError where an older version wrote it."""
    with files.open(result_key(id, run, RESULT_FILE)) as file:
        return parse_analysis(file.read())


def use_current_run(database: Database, id: str, run: str, use: Callable[[str], T]) -> T | None:
    """What `use` makes of the run of an analysis that counts: of the newer one, where it was exchanged meanwhile.

    None where the analysis is gone. Raises FileNotFoundError where the run counts and its files are not there.
    """
    try:
        return use(run)
    except FileNotFoundError:
        with database.reading() as session:
            newer = session.scalar(select(Analysis.run).where(Analysis.id == id))
        if newer is None:
            return None
        if newer == run:
            raise
        return use(newer)
