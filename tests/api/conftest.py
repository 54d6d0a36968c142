"""Databases and stores for the tests of the service: real ones, and every test on each."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from api.db.engine import Database, open_database
from api.files import Files, open_files
from api.settings import ServiceSettings
from tests import servers


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[servers.Postgres]:
    """A PostgreSQL server for all tests."""
    with servers.postgres() as server:
        yield server


@pytest.fixture(scope="session")
def s3_server() -> Iterator[servers.S3]:
    """An S3 server for all tests."""
    with servers.s3() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgres"])
def database_settings(request: pytest.FixtureRequest, tmp_path: Path) -> ServiceSettings:
    """Settings with an empty database of each kind."""
    if request.param == "sqlite":
        return ServiceSettings(data_dir=tmp_path)
    server: servers.Postgres = request.getfixturevalue("postgres_server")
    return ServiceSettings(data_dir=tmp_path, database_url=server.new_database())


@pytest.fixture
def database(database_settings: ServiceSettings) -> Iterator[Database]:
    """A database of each kind, with its tables."""
    opened = open_database(database_settings.db_url)
    opened.migrate()
    yield opened
    opened.close()


@pytest.fixture(params=["folder", "s3"])
def files(request: pytest.FixtureRequest, tmp_path: Path) -> Files:
    """A store of each kind, empty."""
    if request.param == "folder":
        return open_files(ServiceSettings(data_dir=tmp_path))
    server: servers.S3 = request.getfixturevalue("s3_server")
    return open_files(ServiceSettings(data_dir=tmp_path, files_url=server.new_bucket(), files_options=server.options))
