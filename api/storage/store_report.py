"""What `analyzer doctor` reports of the service's data on this machine."""

from api.db import service_state
from api.db.engine import open_database
from api.settings import ServiceSettings
from api.storage.clock_guard import ClockGuard
from api.storage.disk_space import DiskSpace
from api.storage.file_store import open_files
from api.storage.store_identity import check_store


def describe_store_of_machine() -> tuple[str, str | None] | None:
    """Return where the data is, and what is wrong with it; None if the service was never used on this machine."""
    settings = ServiceSettings()
    is_used = (settings.data_dir / "analyzer.sqlite").is_file() if not settings.database_url else True
    if not is_used:
        return None
    database = open_database(settings.db_url, write_wait_s=2.0)
    try:
        with database.read_session() as session:
            on_hold = service_state.get(session, "cleanup_on_hold")
        problem = (
            check_store(database, open_files(settings))
            or ClockGuard(database).find_problem()
            or DiskSpace(settings.disk_folders, settings.min_free_bytes).describe_shortage()
            or on_hold
        )
    finally:
        database.close()
    return f"{settings.data_dir}, database and files belong together", problem
