"""`docs/operations.md` does what it says: its commands are run as they stand there."""

import os
import re
import shutil
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path

import fsspec
import pytest
from sqlalchemy import select

from api.cleanup import orphans
from api.db import analyses, clients, clips, owners
from api.db.engine import open_database
from api.db.models import Base, Owner, new_id
from api.settings import ServiceSettings
from api.storage.file_store import open_files
from tests.parts import find_postgres

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "operations.md").read_text(encoding="utf-8")
COMMANDS = dict(re.findall(r"<!-- run: ([\w-]+) -->\n```sh\n(.*?)```", TEXT, re.DOTALL))


def run(name, **environment):
    paths = [str(Path(sys.executable).parent), os.environ["PATH"]]
    if "postgresql" in name:
        paths.insert(1, str(find_postgres()))
    command_environment = {
        **os.environ,
        "PATH": os.pathsep.join(paths),
        **{key: str(value) for key, value in environment.items()},
    }
    done = subprocess.run(
        ["sh", "-e", "-c", COMMANDS[name]], env=command_environment, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr


def test_the_table_has_every_setting_with_its_default():
    rows = re.findall(r"^\| `ANALYZER_(\w+)` \| (.*?) ?\| ", TEXT, re.MULTILINE)
    defaults = {name.lower(): default.strip("`") for name, default in rows}
    fields = ServiceSettings.model_fields
    assert list(defaults) == list(fields)
    for name in defaults.keys() - {"data_dir", "cache_dir"}:
        default = fields[name].get_default(call_default_factory=True)
        shown = "" if default is None else str(default).lower() if isinstance(default, bool) else str(default)
        assert defaults[name] == shown, name


def test_settings_are_read_from_the_environment(monkeypatch):
    for name in ("DATABASE_URL", "DATA_DIR", "JOBS_URL", "FILES_URL"):
        monkeypatch.delenv(f"ANALYZER_{name}", raising=False)
    monkeypatch.setenv("ANALYZER_DATA_DIR", "/srv/gym")
    monkeypatch.setenv("ANALYZER_FILES_OPTIONS", '{"endpoint_url": "http://files:9000"}')
    alone = ServiceSettings()
    assert (alone.db_url, alone.queue_url) == ("sqlite:////srv/gym/analyzer.sqlite", "sqlite:////srv/gym/jobs.sqlite")
    assert (alone.files_root, alone.is_postgres) == ("/srv/gym/files", False)
    assert alone.files_options == {"endpoint_url": "http://files:9000"}
    for given in ("postgres://a:b@h/n", "postgresql://a:b@h/n"):
        monkeypatch.setenv("ANALYZER_DATABASE_URL", given)
        shared = ServiceSettings()
        assert shared.db_url == shared.queue_url == "postgresql+psycopg://a:b@h/n"
        assert shared.is_postgres
    clip = ServiceSettings(max_duration_s=7, max_upload_bytes=8, max_frame_px=9, pose_threads=3).clip_settings()
    assert (clip.max_duration_s, clip.max_file_bytes, clip.max_frame_px, clip.pose_threads) == (7, 8, 9, 3)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def kind(request):
    return request.param


@pytest.fixture
def settings(kind, request, tmp_path):
    """A deployment on one machine, and one on PostgreSQL and S3."""
    if kind == "sqlite":
        return ServiceSettings(data_dir=tmp_path / "data")
    database, store = request.getfixturevalue("postgres_server"), request.getfixturevalue("s3_server")
    return ServiceSettings(
        data_dir=tmp_path / "data",
        database_url=database.new_database(),
        files_url=store.new_bucket(),
        files_options=store.options,
    )


def filled(settings):
    """A deployment with a client, a result, and a clip that waits; gives the key to it."""
    settings.data_dir.mkdir(exist_ok=True)
    database, files = open_database(settings.db_url), open_files(settings)
    database.migrate()
    with database.session() as session:
        key, plain = owners.create_key(session, "coach", "phone")
        client = clients.create(session, key.owner_id, "Carla")
        for done in (True, False):
            clip_id = new_id("clp")
            url = f"clips/{key.owner_id}/{clip_id}/a.mp4"
            put(settings, files, url)
            clips.create(session, key.owner_id, id=clip_id, name="a.mp4", url=url)
            row = analyses.create(session, key.owner_id, clip_id, client_id=client.id)
            analyses.mark_started(session, row.id, "w")
            if done:
                put(settings, files, f"results/{row.id}/run1/analysis.json")
                assert analyses.mark_done(session, row.id, "run1", {"movement": "hinge"})
    database.close()
    return plain


def put(settings, files, key):
    local = settings.data_dir / "made"
    local.write_text(f"bytes of {key}")
    files.put(local, key)


def everything(settings):
    """All rows, and the bytes of all files."""
    database, files = open_database(settings.db_url), open_files(settings)
    with database.engine.connect() as connection:
        rows = {
            table.name: sorted(map(repr, connection.execute(select(table)).all()))
            for table in Base.metadata.tables.values()
        }
    database.close()
    held = {}
    for key in files.list(""):
        with files.open(key) as file:
            held[key] = file.read()
    return rows, held


def restored(kind, settings, request, tmp_path):
    """Back up and restore as the documentation tells; gives the settings of what was restored."""
    backup = {"BACKUP": tmp_path / "backup"}
    new = tmp_path / "new"
    if kind == "sqlite":
        run("back-up-sqlite", ANALYZER_DATA_DIR=settings.data_dir, **backup)
        assert stat.S_IMODE((tmp_path / "backup").stat().st_mode) == 0o700  # it holds films of people
        assert stat.S_IMODE((tmp_path / "backup" / "analyzer.sqlite").stat().st_mode) == 0o600
        run("restore-sqlite", ANALYZER_DATA_DIR=new, **backup)
        return ServiceSettings(data_dir=new)
    database = request.getfixturevalue("postgres_server").new_database()
    bucket = request.getfixturevalue("s3_server").new_bucket()
    run("back-up-postgresql", ANALYZER_DATABASE_URL=settings.database_url, **backup)
    run("restore-postgresql", ANALYZER_DATABASE_URL=database, **backup)
    store = fsspec.filesystem("s3", **settings.files_options)
    old = settings.files_url.removeprefix("s3://")
    for path in store.find(old):
        store.copy(path, path.replace(old, bucket, 1))
    return settings.model_copy(update={"data_dir": new, "database_url": database, "files_url": bucket})


def test_what_was_backed_up_is_restored(kind, settings, request, tmp_path):
    plain = filled(settings)
    before = everything(settings)
    again = restored(kind, settings, request, tmp_path)
    assert everything(again) == before
    assert len(before[1]) == 3
    database, files = open_database(again.db_url), open_files(again)
    database.migrate()
    with database.session() as session:
        assert owners.check_key(session, plain) is not None
        assert [row.status for row in analyses.list_unfinished(session, -1)] == ["running"]
    assert orphans.find_orphans(database, files, older_than_s=-1).folders == []
    database.close()


def test_backup_during_writes_is_consistent(kind, settings, request, tmp_path):
    """Rows that are written in pairs come in pairs."""
    filled(settings)
    database, ended, written = open_database(settings.db_url), threading.Event(), [0]

    def write():
        while not ended.is_set():
            with database.session() as session:
                name = f"owner{written[0]}"
                for one in ("a", "b"):
                    session.add(Owner(id=f"{name}{one}", name=f"{name}{one}"))
                    session.flush()
            written[0] += 1

    writer = threading.Thread(target=write)
    writer.start()
    try:
        while written[0] < 20:
            assert writer.is_alive()
            time.sleep(0.01)
        again = restored(kind, settings, request, tmp_path)
    finally:
        ended.set()
        writer.join()
        database.close()
    copy = open_database(again.db_url)
    copy.migrate()
    with copy.session() as session:
        names = [name for name in session.scalars(select(Owner.name)) if name != "coach"]
    copy.close()
    assert len(names) >= 40
    assert {name[:-1] + "a" for name in names} | {name[:-1] + "b" for name in names} == set(names)


def test_a_plain_copy_of_an_open_sqlite_file_misses_what_was_written(tmp_path):
    """Why the documentation does not copy it."""
    settings = ServiceSettings(data_dir=tmp_path)
    database = open_database(settings.db_url)
    database.migrate()
    with database.session() as session:
        owners.create(session, "coach")
    shutil.copy(tmp_path / "analyzer.sqlite", tmp_path / "copy.sqlite")
    copied = open_database(f"sqlite:///{tmp_path / 'copy.sqlite'}")
    with pytest.raises(Exception, match="no such table"), copied.session() as session:
        owners.find_by_name(session, "coach")
    copied.close()
    database.close()


def test_owner_is_deleted_as_documented(tmp_path):
    settings = ServiceSettings(data_dir=tmp_path / "data")
    filled(settings)
    run("delete-owner", ANALYZER_DATA_DIR=settings.data_dir)
    rows, held = everything(settings)
    assert held == {} and all(found == [] for found in rows.values())
    with pytest.raises(AssertionError, match="no such owner"):
        run("delete-owner", ANALYZER_DATA_DIR=settings.data_dir)


def test_every_command_of_the_page_is_run():
    assert set(COMMANDS) == {
        "delete-owner", "back-up-sqlite", "restore-sqlite", "back-up-postgresql", "restore-postgresql"
    }  # fmt: skip
    assert len(re.findall(r"^```sh", TEXT, re.MULTILINE)) == len(COMMANDS)
