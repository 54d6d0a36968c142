"""Results that an older version stored in another form: find them, and have them measured again from their tracks."""

from collections.abc import Sequence

from pydantic import ValidationError
from sqlalchemy import select, update

from api.db.engine import Database
from api.db.models import AnalysisRow
from api.storage.file_store import FileStore
from api.storage.stored_results import read_result

_IS_MEASURED = (AnalysisRow.status == "done") & (AnalysisRow.marks_revision == AnalysisRow.measured_revision)


def find_old_results(database: Database, files: FileStore) -> tuple[list[str], int]:
    """Return the ids of the analyses whose stored result this version cannot read, and how many results there are.

    Those that wait to be measured again already are left out.
    """
    with database.read_session() as session:
        query = select(AnalysisRow.id, AnalysisRow.run).where(AnalysisRow.run.is_not(None), _IS_MEASURED)
        stored = session.execute(query.order_by(AnalysisRow.id)).all()
    return [id for id, run in stored if run is not None and _is_old(files, id, run)], len(stored)


def request_remeasurement(database: Database, ids: Sequence[str]) -> None:
    """Have the workers measure these analyses again: they look for such rows twice a minute."""
    for id in ids:  # one transaction each: requests wait for no more than one row
        with database.session() as session:
            row = update(AnalysisRow).where(AnalysisRow.id == id, _IS_MEASURED)
            session.execute(row.values(marks_revision=AnalysisRow.marks_revision + 1))


def _is_old(files: FileStore, id: str, run: str) -> bool:
    try:
        read_result(files, id, run)
    except ValidationError:
        return True
    except FileNotFoundError:  # replaced or deleted meanwhile
        pass
    return False
