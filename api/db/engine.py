"""Open the database, SQLite or PostgreSQL by URL; migrations and transactions."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from filelock import FileLock, Timeout
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.exc import ArgumentError, DatabaseError
from sqlalchemy.orm import Session, sessionmaker

from analyzer.errors import AnalyzerError
from api.db.sqlite_file import SqliteFile
from api.db.write_gate import DatabaseBusyError, WriteGate

_WRITE_WAIT_S = 30.0  # a writer waits at most this long for another, unless the caller says otherwise; chosen
_POOL = 10  # open connections, and twice as many briefly: fewer than a server's threads; chosen
_MIGRATION_LOCK = 7_401_001  # advisory lock of PostgreSQL: one process migrates at a time; chosen
_HOUSEKEEPING_LOCK = 7_401_002  # advisory lock: one process does the housekeeping; chosen
_ERASE_WAIT_S = 5.0  # for readers, when the log is truncated; chosen
_READS = "analyzer_reads"
_WAIT_MS = "analyzer_wait_ms"
_MIGRATIONS = Path(__file__).parent / "migrations"


class DatabaseUnusableError(AnalyzerError):
    """The database cannot be opened, or belongs to a newer version; the text says what to do."""


class Database:
    """One database; safe to use from many threads.

    In SQLite one transaction writes at a time. Writers wait for each other before they take a connection, and readers
    have connections of their own, so that no reader ever waits for a writer.
    """

    def __init__(self, engine: Engine, readers: Engine | None = None, write_wait_s: float = _WRITE_WAIT_S) -> None:
        self.engine, self._readers = engine, readers or engine
        self.sqlite = SqliteFile(Path(self._file)) if self._file is not None else None
        self._gate = WriteGate(write_wait_s) if engine.dialect.name == "sqlite" else None
        self._claimed: Connection | None = None
        self._housekeeping_lock: FileLock | None = None
        self._session = sessionmaker(engine, expire_on_commit=False)
        reads: dict[str, Any] = {_READS: True}
        if engine.dialect.name == "postgresql":
            reads |= {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        self._read_session = sessionmaker(self._readers.execution_options(**reads), expire_on_commit=False)

    def migrate(self) -> None:
        """Upgrade the tables to the newest version; several processes may do so at once.

        Raises DatabaseUnusableError.
        """
        try:
            self._migrate()
        except CommandError as error:
            if "Can't locate revision" not in str(error):
                raise
            raise DatabaseUnusableError(
                f"the database {self.place} was last used by a newer version of the analyzer ({error}). Install that "
                "version again, or restore the back-up from before the upgrade."
            ) from None
        except DatabaseError as error:
            raise DatabaseUnusableError(
                f"the database {self.place} cannot be used: {_first_line(error.orig)}. Check ANALYZER_DATABASE_URL "
                "and ANALYZER_DATA_DIR, the rights there, and whether the server of the database runs."
            ) from error

    def _migrate(self) -> None:
        config = Config()
        config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
        with self._migration_lock(), self.engine.begin() as connection:
            if self.engine.dialect.name == "postgresql":
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_MIGRATION_LOCK})")
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
        if self.sqlite is not None:
            self.sqlite.remember()

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

    @property
    def place(self) -> str:
        """Return the file or the address of the database, without its password."""
        return self._file or self.engine.url.render_as_string(hide_password=True)

    @contextmanager
    def session(self, wait_s: float | None = None) -> Iterator[Session]:
        """Open a transaction, which is committed when the block succeeds and rolled back otherwise.

        A commit is on disk when the block ends. `wait_s` limits the wait for another writer.

        Raises
        ------
        DatabaseBusyError : another transaction writes for too long.
        DatabaseGoneError : the file was removed or replaced; nothing that was written is safe.
        """
        if self._gate is None:
            with self._session.begin() as session:
                yield session
            return
        self._check_file()
        with self._gate.enter(wait_s) as left_s, self._session.begin() as session:
            session.connection(execution_options={_WAIT_MS: round(1000 * left_s)})
            yield session
        self._check_file()  # a commit to a removed file is lost

    @contextmanager
    def read_session(self) -> Iterator[Session]:
        """Open a read-only snapshot, which waits for no writer."""
        self._check_file()
        with self._read_session.begin() as session:
            yield session

    def _check_file(self) -> None:
        if self.sqlite is not None:
            self.sqlite.check()

    def erase_deleted(self, wait_s: float | None = None) -> bool:
        """Remove what was deleted from the write-ahead log of SQLite; return False while others use that.

        PostgreSQL does so itself, in its own time.
        """
        if self._gate is None or self.sqlite is None:
            return True
        try:
            wait_s = _ERASE_WAIT_S if wait_s is None else wait_s
            with self._gate.enter(wait_s) as left_s, closing(self.engine.raw_connection()) as connection:
                cursor = connection.cursor()
                cursor.execute(f"PRAGMA busy_timeout={round(1000 * left_s)}")
                busy, *_ = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
                return not busy
        except DatabaseBusyError:
            return False

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
        self._readers.dispose()


def _first_line(error: BaseException | None) -> str:
    lines = str(error).strip().splitlines()
    return lines[0].rstrip(".") if lines else type(error).__name__


def open_database(url: str, write_wait_s: float = _WRITE_WAIT_S) -> Database:
    """Open a database: `sqlite:///path` or `postgresql+psycopg://...`; raises DatabaseUnusableError."""
    try:
        return _open_database(url, write_wait_s)
    except (ArgumentError, ValueError):  # of a port that is no number, where a password holds a colon
        raise DatabaseUnusableError(
            "ANALYZER_DATABASE_URL is not the address of a database: postgresql://user:password@host/name. In the "
            "password, write @ as %40, / as %2F and : as %3A."
        ) from None


def _open_database(url: str, write_wait_s: float) -> Database:
    if url.startswith("sqlite"):
        return Database(_sqlite_engine(url, write_wait_s), _sqlite_engine(url, write_wait_s), write_wait_s)
    return Database(
        create_engine(url, pool_pre_ping=True, pool_size=_POOL, max_overflow=2 * _POOL, hide_parameters=True)
    )


def _sqlite_engine(url: str, wait_s: float) -> Engine:
    engine = create_engine(
        url,
        connect_args={"timeout": wait_s, "check_same_thread": False},
        pool_size=_POOL,
        max_overflow=3 * _POOL,
        hide_parameters=True,  # of errors in logs: they may be names
    )
    event.listen(engine, "connect", _configure_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _configure_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # the driver does not begin transactions itself
    # FULL: a commit is on disk before it is reported. Temporary tables never leave memory, deleted content is zeroed.
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "secure_delete=ON",
        "temp_store=MEMORY",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Any) -> None:
    """Begin as a writer at once: a transaction that reads first would fail if another one wrote meanwhile."""
    options = connection.get_execution_options()
    reads = options.get(_READS, False)
    connection.exec_driver_sql(f"PRAGMA query_only={int(reads)}")
    if _WAIT_MS in options:
        connection.exec_driver_sql(f"PRAGMA busy_timeout={options[_WAIT_MS]}")
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")
