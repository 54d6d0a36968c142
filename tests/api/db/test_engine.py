import sqlite3
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime, timedelta, timezone

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, select, text
from sqlalchemy.exc import IntegrityError, StatementError

from api.db import analyses, clips, owners
from api.db.engine import open_database
from api.db.models import AnalysisRow, Base, ClipRow, Owner, Worker, now
from api.settings import ServiceSettings


def test_models_and_migrations_agree(database):
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, Base.metadata) == []


def test_a_table_that_no_migration_makes_is_noticed(database):
    with database.engine.begin() as connection:
        connection.execute(text("ALTER TABLE clients DROP COLUMN note"))
        context = MigrationContext.configure(connection)
        [difference] = compare_metadata(context, Base.metadata)
    assert difference[0] == "add_column" and difference[3].name == "note"


def test_foreign_keys_of_the_database_are_those_of_the_models(database):
    inspector = inspect(database.engine)
    for table in Base.metadata.tables.values():
        foreign_keys = {
            (key["constrained_columns"][0], key["referred_table"], key["options"].get("ondelete"))
            for key in inspector.get_foreign_keys(table.name)
        }
        declared = {(key.parent.name, key.column.table.name, key.ondelete) for key in table.foreign_keys}
        assert foreign_keys == declared, table.name


def test_migrating_again_changes_nothing(database):
    with database.session() as session:
        owners.create(session, "ann")
    database.migrate()
    with database.session() as session:
        assert owners.find_by_name(session, "ann") is not None


def test_many_processes_may_migrate_at_once(database_url, tmp_path):
    url = ServiceSettings(data_dir=tmp_path, database_url=database_url).db_url
    program = "import sys; from api.db.engine import open_database; open_database(sys.argv[1]).migrate()"
    started = [subprocess.Popen([sys.executable, "-c", program, url], stderr=subprocess.PIPE) for _ in range(3)]
    for process in started:
        _, errors = process.communicate(timeout=180)
        assert process.returncode == 0, errors.decode()
    opened = open_database(url)
    with opened.session() as session:
        assert session.scalars(select(Owner)).all() == []
    opened.close()


def test_all_can_be_taken_back(database):
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", "api:db/migrations")
    with database.engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
    assert set(inspect(database.engine).get_table_names()) == {"alembic_version"}
    database.migrate()
    assert set(inspect(database.engine).get_table_names()) == {"alembic_version", *Base.metadata.tables}


def test_a_block_that_fails_leaves_nothing(database):
    with pytest.raises(ZeroDivisionError), database.session() as session:
        owners.create(session, "ann")
        raise ZeroDivisionError
    with database.session() as session:
        assert owners.find_by_name(session, "ann") is None


def test_rows_can_be_read_after_their_session(database):
    with database.session() as session:
        owner = owners.create(session, "ann")
    assert owner.name == "ann" and owner.created_at.tzinfo is not None


def test_times_come_back_in_utc(database):
    noon = datetime(2026, 3, 1, 12, 30, 15, 123456, tzinfo=timezone(timedelta(hours=2)))
    with database.session() as session:
        owner = owners.create(session, "ann")
        clip = clips.create(session, owner.id, name="a.mp4", url="clips/a", recorded_at=noon)
    with database.session() as session:
        read = session.get_one(ClipRow, clip.id).recorded_at
    assert read == datetime(2026, 3, 1, 10, 30, 15, 123456, tzinfo=UTC)
    assert read.utcoffset() == timedelta(0)


def test_a_time_without_its_zone_is_refused(database):
    with pytest.raises(StatementError, match="without its zone"), database.session() as session:
        session.add(Worker(id="w", host="h", pid=1, heartbeat_at=datetime(2026, 3, 1)))


def test_foreign_keys_hold(database):
    with pytest.raises(IntegrityError), database.session() as session:
        clips.create(session, "own_nobody", name="a.mp4", url="clips/a")
    with database.session() as session:
        owner = owners.create(session, "ann")
        clip = clips.create(session, owner.id, name="a.mp4", url="clips/a")
        analyses.create(session, owner.id, clip.id)
    with pytest.raises(IntegrityError), database.session() as session:
        session.delete(session.get_one(ClipRow, clip.id))


def test_sqlite_is_opened_for_many(tmp_path):
    opened = open_database(f"sqlite:///{tmp_path / 'a.sqlite'}")
    with opened.session() as session:
        assert session.scalar(text("PRAGMA journal_mode")) == "wal"
        assert session.scalar(text("PRAGMA foreign_keys")) == 1
        assert session.scalar(text("PRAGMA busy_timeout")) == 30_000
    opened.close()


def test_a_sqlite_transaction_is_a_writers_from_its_begin(tmp_path):
    opened = open_database(f"sqlite:///{tmp_path / 'a.sqlite'}")
    opened.migrate()
    other = sqlite3.connect(tmp_path / "a.sqlite", timeout=0, isolation_level=None)
    with opened.session() as session:
        session.scalars(select(Owner)).all()
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("BEGIN IMMEDIATE")
    other.execute("BEGIN IMMEDIATE")
    other.close()
    opened.close()


def test_a_reader_outside_is_not_held_up_by_a_writer(tmp_path):
    opened = open_database(f"sqlite:///{tmp_path / 'a.sqlite'}")
    opened.migrate()
    with opened.session() as session:
        owners.create(session, "ann")
        other = sqlite3.connect(tmp_path / "a.sqlite", timeout=0)
        assert other.execute("SELECT count(*) FROM owners").fetchone() == (0,)
        other.close()
    opened.close()


def test_a_writer_waits_for_another(tmp_path):
    opened = open_database(f"sqlite:///{tmp_path / 'a.sqlite'}")
    opened.migrate()
    began, order = threading.Event(), []

    def slow():
        with opened.session() as session:
            owners.create(session, "slow")
            began.set()
            time.sleep(0.5)
            order.append("slow")

    thread = threading.Thread(target=slow)
    thread.start()
    assert began.wait(60)
    with opened.session() as session:
        owners.create(session, "quick")
        order.append("quick")
    thread.join()
    assert order == ["slow", "quick"]
    opened.close()


_WRITE = """
import sys
from api.db.engine import open_database
from api.db.models import AnalysisRow
from api.db import analyses
url, id, times = sys.argv[1], sys.argv[2], int(sys.argv[3])
database = open_database(url)
for i in range(times):
    with database.session() as session:
        assert analyses.update_progress(session, id, "pose", i, times, None)
"""

_FINISH = """
import sys
from api.db.engine import open_database
from api.db import analyses
url, me = sys.argv[1:3]
database = open_database(url)
with database.session():
    print("ready", flush=True)
for id in map(str.strip, sys.stdin):
    with database.session() as session:
        print(analyses.mark_done(session, id, f"run-{me}", {"by": me}), flush=True)
"""


@pytest.fixture
def queued(database):
    with database.session() as session:
        owner = owners.create(session, "ann")
        clip = clips.create(session, owner.id, name="a.mp4", url="clips/a")
        return analyses.create(session, owner.id, clip.id).id


def url_of(database):
    return database.engine.url.render_as_string(hide_password=False)


def test_several_processes_write_to_one_row_and_none_is_lost(database, queued):
    with database.session() as session:
        before = analyses.mark_started(session, queued, "w").revision
    command = [sys.executable, "-c", _WRITE, url_of(database), queued, "60"]
    writers = [subprocess.Popen(command, stderr=subprocess.PIPE) for _ in range(4)]
    for writer in writers:
        _, errors = writer.communicate(timeout=120)
        assert writer.returncode == 0, errors.decode()
    with database.session() as session:
        assert session.get_one(AnalysisRow, queued).revision == before + 4 * 60


def test_of_two_processes_that_finish_the_same_analysis_one_counts(database):
    with database.session() as session:
        owner = owners.create(session, "ann")
        clip = clips.create(session, owner.id, name="a.mp4", url="clips/a")
        ids = [analyses.create(session, owner.id, clip.id).id for _ in range(20)]
    command = [sys.executable, "-c", _FINISH, url_of(database)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    started = [subprocess.Popen([*command, me], **pipes) for me in "ab"]
    for process in started:
        assert process.stdout.readline() == "ready\n"
    for id in ids:
        for process in started:
            process.stdin.write(f"{id}\n")
            process.stdin.flush()
        answers = [process.stdout.readline().strip() for process in started]
        assert sorted(answers) == ["False", "True"]
        won = "ab"[answers.index("True")]
        with database.session() as session:
            row = session.get_one(AnalysisRow, id)
        assert (row.status, row.run, row.summary) == ("done", f"run-{won}", {"by": won})
        assert row.finished_at <= now()
    for process in started:
        process.communicate(timeout=180)
        assert process.returncode == 0
