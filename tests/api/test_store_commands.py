"""`analyzer store`: what the service does not do without an operator."""

import errno
import os
import shutil

import pytest
from sqlalchemy import select

from api.db import analyses, clips, owners, service_state
from api.db.engine import open_database
from api.db.models import AnalysisRow
from api.settings import ServiceSettings
from api.storage.file_store import open_files
from api.storage.store_identity import ID_FILE
from tests.api.service import DATABASE_FILE, sqlite_with_tables
from tests.compare.results import result, three_reps


@pytest.fixture
def settings(tmp_path):
    """Of a service that was started once."""
    settings = ServiceSettings(data_dir=tmp_path)
    shutil.copy(sqlite_with_tables(), tmp_path / DATABASE_FILE)
    return settings


@pytest.fixture
def run(run_here, tmp_path):
    return lambda *words: run_here("store", *words, "--data", str(tmp_path))


def put(settings, key, text="x"):
    open_files(settings).write_text(key, text)


def keys(settings):
    return list(open_files(settings).list(""))


def test_a_new_store_is_fine(run, settings):
    done = run("status")
    assert done.returncode == 0, done.stderr
    assert "folders   0, of which no row refers to 0" in done.stdout


def test_files_of_another_service_are_adopted_and_swept_when_confirmed(run, settings):
    for number in range(4):
        put(settings, f"results/ana_{number}/run/angles.csv")
    put(settings, ID_FILE, '{"store_id": "of another"}')
    before = keys(settings)
    done = run("status")
    assert done.returncode == 1 and "the files, but not the database, belong to an earlier service" in done.stderr
    assert run("sweep", "--confirm").returncode == 1
    assert "Nothing was changed" in run("adopt").stdout
    assert keys(settings) == before
    assert run("adopt", "--confirm").returncode == 0
    database = open_database(settings.db_url)
    with database.read_session() as session:
        assert service_state.get(session, "store_id") == "of another"
    database.close()
    assert "Nothing was moved" in run("sweep").stdout
    assert keys(settings) == before


def test_the_trash_is_restored(run, settings):
    put(settings, "trash/20260101T000000.000000/results/ana_1/run/a.csv")
    assert run("restore-trash").stdout == "1 files restored\n"
    assert keys(settings) == ["results/ana_1/run/a.csv"]


def test_the_clock_is_confirmed(run, settings):
    assert run("status").returncode == 0
    database = open_database(settings.db_url)
    with database.session() as session:
        service_state.put(session, "clock_seen_at", "2020-01-01T00:00:00+00:00")
    assert "the service was last used on 2020-01-01" in run("status").stderr
    assert run("confirm-clock").returncode == 0
    assert run("status").returncode == 0
    database.close()


def store_result(settings, content):
    """A finished analysis with this result; returns its id."""
    database = open_database(settings.db_url)
    with database.session() as session:
        owner = owners.get_or_create(session, "ann")
        clip = clips.create(session, owner.id, name="a.mp4", url="clips/a")
        id = analyses.create(session, owner.id, clip.id).id
        analyses.mark_started(session, id, "worker")
        assert analyses.mark_done(session, id, "run", {})
    database.close()
    put(settings, f"results/{id}/run/analysis.json", content)
    return id


def list_remeasured(settings):
    database = open_database(settings.db_url)
    with database.read_session() as session:
        rows = session.scalars(select(AnalysisRow))
        ids = [row.id for row in rows if row.marks_revision != row.measured_revision]
    database.close()
    return ids


def test_results_of_an_older_version_are_measured_again_when_confirmed(run, settings):
    old = store_result(settings, '{"schema_version": "1.0"}')
    store_result(settings, result(*three_reps()).model_dump_json())
    assert "cannot read 1 of 2 results" in run("remeasure").stdout
    assert list_remeasured(settings) == []
    assert run("remeasure", "--confirm").returncode == 0
    assert list_remeasured(settings) == [old]
    assert "cannot read 0 of 1 results" in run("remeasure", "--confirm").stdout  # it waits already
    database = open_database(settings.db_url)
    with database.read_session() as session:
        assert session.get_one(AnalysisRow, old).marks_revision == 1
    database.close()


def test_no_key_is_said(run_here, settings, tmp_path):
    assert run_here("keys", "list", "--data", str(tmp_path)).stderr == "There is no key. See: analyzer keys create\n"


@pytest.mark.parametrize(
    "words", [("store", "status"), ("keys", "list"), ("phones", "list"), ("owners", "list"), ("store", "remeasure")]
)
def test_a_folder_without_a_database_is_refused(run_here, tmp_path, words):
    """It may be a misspelt one: an empty list, or a store without problems, would be wrong."""
    folder = tmp_path / "misspelt"
    done = run_here(*words, "--data", str(folder))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"{folder / 'analyzer.sqlite'}: the service has no database here. ")
    assert not folder.exists()


def test_another_account_is_told_to_use_that_of_the_service(run, settings, tmp_path, monkeypatch):
    real = os.stat

    def refuse(path, *arguments, **options):
        if str(path) == str(tmp_path / "analyzer.sqlite"):
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return real(path, *arguments, **options)

    monkeypatch.setattr(os, "stat", refuse)
    done = run("status")
    assert (done.returncode, done.stdout) == (2, "")
    assert "no access. Run the command as the account that the service runs as." in done.stderr
