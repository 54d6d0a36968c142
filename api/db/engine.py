"""Open the database, SQLite or PostgreSQL by URL; migrations and transactions."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from filelock import FileLock, Timeout
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.orm import Session, sessionmaker

_BUSY_MS = 30_000  # a writer waits at most this long for another; chosen
_POOL = 10  # open connections, and twice as many briefly: fewer than a server's threads; chosen
_MIGRATION_LOCK = 7_401_001  # advisory lock of PostgreSQL: one process migrates at a time; chosen
_HOUSEKEEPING_LOCK = 7_401_002  # advisory lock: one process does the housekeeping; chosen
_READS = "analyzer_reads"
_MIGRATIONS = Path(__file__).parent / "migrations"


class Database:
    """One database; safe to use from many threads."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._claimed: Connection | None = None
        self._housekeeping_lock: FileLock | None = None
        self._session = sessionmaker(engine, expire_on_commit=False)
        reads: dict[str, Any] = {_READS: True}
        if engine.dialect.name == "postgresql":
            reads |= {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        self._read_session = sessionmaker(engine.execution_options(**reads), expire_on_commit=False)

    def migrate(self) -> None:
        """Upgrade the tables to the newest version; several processes may do so at once."""
        config = Config()
        config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
        with self._migration_lock(), self.engine.begin() as connection:
            if self.engine.dialect.name == "postgresql":
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_MIGRATION_LOCK})")
            config.attributes["connection"] = connection
            command.upgrade(config, "head")

    @contextmanager
    def _migration_lock(self) -> Iterator[None]:
        if self._file is None:
            yield
            return
        with FileLock(f"{self._file}.lock"):
            yield

    @property
    def _file(self) -> str | None:
        """Return the file of an SQLite database."""
        file = self.engine.url.database
        return file if self.engine.dialect.name == "sqlite" and file and file != ":memory:" else None

    @contextmanager
    def session(self) -> Iterator[Session]:
        """Open a transaction, which is committed when the block succeeds and rolled back otherwise."""
        with self._session.begin() as session:
            yield session

    @contextmanager
    def read_session(self) -> Iterator[Session]:
        """Open a read-only snapshot, which waits for no writer."""
        with self._read_session.begin() as session:
            yield session

    def try_claim_housekeeping(self) -> bool:
        """Return whether this process does the housekeeping: the first that asks, for as long as it lives."""
        if self.engine.dialect.name == "postgresql":
            return self._claim_in_database()
        file = self._file
        self._housekeeping_lock = self._housekeeping_lock or (
            FileLock(f"{file}.house.lock", thread_local=False) if file is not None else None
        )
        try:
            if self._housekeeping_lock is not None and not self._housekeeping_lock.is_locked:
                self._housekeeping_lock.acquire(blocking=False)
        except Timeout:
            return False
        return True

    def _claim_in_database(self) -> bool:
        """Claim or check a lock of PostgreSQL, which is lost with its connection."""
        if self._claimed is None:
            self._claimed = self.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        ours = False
        try:
            ours = bool(self._claimed.scalar(text(f"SELECT pg_try_advisory_lock({_HOUSEKEEPING_LOCK})")))
        finally:
            if not ours:
                self._unclaim()
        return ours

    def _unclaim(self) -> None:
        """Close the connection and release its lock."""
        claimed, self._claimed = self._claimed, None
        if claimed is not None:
            claimed.invalidate()
            claimed.close()

    def close(self) -> None:
        """Close all connections."""
        self._unclaim()
        if self._housekeeping_lock is not None:
            self._housekeeping_lock.release()
        self.engine.dispose()


def open_database(url: str) -> Database:
    """Open a database: `sqlite:///path` or `postgresql+psycopg://...`."""
    if url.startswith("sqlite"):
        engine = create_engine(url, connect_args={"timeout": _BUSY_MS / 1000, "check_same_thread": False})
        event.listen(engine, "connect", _configure_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return Database(engine)
    return Database(create_engine(url, pool_pre_ping=True, pool_size=_POOL, max_overflow=2 * _POOL))


def _configure_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # the driver does not begin transactions itself
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", f"busy_timeout={_BUSY_MS}"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Any) -> None:
    """Begin as a writer at once: a transaction that reads first would fail if another one wrote meanwhile."""
    reads = connection.get_execution_options().get(_READS, False)
    connection.exec_driver_sql(f"PRAGMA query_only={int(reads)}")
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")
