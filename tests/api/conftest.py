"""Servers, databases and files that all tests of the service may ask for."""

import shutil

import pytest

from api.db.engine import open_database
from api.settings import ServiceSettings
from api.storage.file_store import open_files
from tests.api.service import DATABASE_FILE, sqlite_with_tables
from tests.servers import run_postgres, run_s3


@pytest.fixture(scope="session")
def postgres_server():
    """A PostgreSQL cluster; `.new_database()` gives the URL of a new database in it."""
    with run_postgres() as server:
        yield server


@pytest.fixture(scope="session")
def s3_server():
    """An S3 server; `.new_bucket()` gives the URL of a new bucket in it, `.options` how to reach it."""
    with run_s3() as server:
        yield server


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def database_url(request, tmp_path):
    """A new, empty database of each kind, as a setting says it."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'analyzer.sqlite'}"
        return
    server = request.getfixturevalue("postgres_server")
    url = server.new_database()
    yield url
    server.drop(url)


@pytest.fixture(scope="session")
def postgres_with_tables(postgres_server):
    """A PostgreSQL database with the tables, to be copied."""
    url = postgres_server.new_database()
    opened = open_database(ServiceSettings(database_url=url).db_url)
    opened.migrate()
    opened.close()
    return url


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def url_with_tables(request, tmp_path):
    """A database of each kind with its tables, as a setting says it."""
    if request.param == "sqlite":
        yield f"sqlite:///{shutil.copy(sqlite_with_tables(), tmp_path / DATABASE_FILE)}"
        return
    server = request.getfixturevalue("postgres_server")
    url = server.new_database(like=request.getfixturevalue("postgres_with_tables"))
    yield url
    server.drop(url)


@pytest.fixture
def database(url_with_tables):
    """A database of each kind with its tables."""
    opened = open_database(ServiceSettings(database_url=url_with_tables).db_url)
    yield opened
    opened.close()


@pytest.fixture(params=["folder", pytest.param("s3", marks=pytest.mark.server)])
def files_settings(request, tmp_path):
    """Settings with files of each kind."""
    if request.param == "folder":
        return ServiceSettings(data_dir=tmp_path / "data")
    server = request.getfixturevalue("s3_server")
    return ServiceSettings(
        data_dir=tmp_path / "data", files_url=f"{server.new_bucket()}/some/prefix", files_options=server.options
    )


@pytest.fixture
def files(files_settings):
    """Files in a folder, and in an object store."""
    return open_files(files_settings)
