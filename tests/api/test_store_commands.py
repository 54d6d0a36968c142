"""`analyzer store`: what the service does not do without an operator."""

import pytest

from api.db import service_state
from api.db.engine import open_database
from api.settings import ServiceSettings
from api.storage.file_store import open_files
from api.storage.store_identity import ID_FILE


@pytest.fixture
def settings(tmp_path):
    return ServiceSettings(data_dir=tmp_path)


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
