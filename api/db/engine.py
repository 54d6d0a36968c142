"""Opening the database: SQLite or PostgreSQL by URL, its migrations, and sessions that are whole or nothing."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from filelock import FileLock
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.orm import Session, sessionmaker

_BUSY_MS = 30_000  # a writer waits this long for another; chosen
_LOCK = 7_401_001  # of PostgreSQL's advisory locks: two processes do not migrate at the same time; chosen
_READS = "analyzer_reads"
_MIGRATIONS = Path(__file__).parent / "migrations"


class Database:
    """One database; safe to use from many threads."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._session = sessionmaker(engine, expire_on_commit=False)
        self._reading = sessionmaker(engine.execution_options(**{_READS: True}), expire_on_commit=False)

    def migrate(self) -> None:
        """Bring the tables to the newest version; any number of processes may do so at once."""
        config = Config()
        config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
        with self._alone(), self.engine.begin() as connection:
            if self.engine.dialect.name == "postgresql":
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
            config.attributes["connection"] = connection
            command.upgrade(config, "head")

    @contextmanager
    def _alone(self) -> Iterator[None]:
        file = self.engine.url.database
        if self.engine.dialect.name != "sqlite" or not file or file == ":memory:":
            yield
            return
        with FileLock(f"{file}.lock"):
            yield

    @contextmanager
    def session(self) -> Iterator[Session]:
        """A transaction: committed when the block ends well, else taken back."""
        with self._session.begin() as session:
            yield session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A view of one moment, for what only reads: waits for nobody who writes, and must not write."""
        with self._reading.begin() as session:
            yield session

    def close(self) -> None:
        """Let go of every connection."""
        self.engine.dispose()


def open_database(url: str) -> Database:
    """Open a database; `sqlite:///path` or `postgresql+psycopg://...`."""
    if url.startswith("sqlite"):
        engine = create_engine(url, connect_args={"timeout": _BUSY_MS / 1000, "check_same_thread": False})
        event.listen(engine, "connect", _settle_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return Database(engine)
    return Database(create_engine(url, pool_pre_ping=True, pool_size=10, max_overflow=20))


def _settle_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # the driver begins no transactions by itself
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", f"busy_timeout={_BUSY_MS}"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Any) -> None:
    """At once as a writer: one that reads first and writes later would be refused when another wrote in between."""
    reads = connection.get_execution_options().get(_READS, False)
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")
