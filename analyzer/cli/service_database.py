"""The database of the service, for commands that an operator runs beside it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from analyzer.cli.exits import exit_usage_error
from analyzer.cli.serve import build_service_settings

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy.orm import Session

    from api.db.engine import Database
    from api.settings import ServiceSettings

ServiceDatabaseOption = Annotated[
    str | None, typer.Option(help="Database of the service, if it is not in the data folder: postgresql://...")
]


@contextmanager
def open_service_database(
    data: "Path | None", queue: str | None, *, create: bool = False
) -> "Iterator[tuple[ServiceSettings, Database]]":
    """Open the database of the service with its tables up to date, also while the service runs.

    Parameters
    ----------
    data : data folder of the service; None uses the settings of the environment.
    queue : URL of the database, if it is not in the data folder.
    create : whether a database that does not exist is created; otherwise the command exits with code 2, since it would
        report on an empty database in place of the one that is meant.
    """
    from api.db.engine import open_database
    from api.storage.data_folder import secure_data_folder

    settings = build_service_settings(data, queue)
    if not create:
        _check_database_exists(settings)
    secure_data_folder(settings.data_dir)
    database = open_database(settings.db_url)
    try:
        database.migrate()
        yield settings, database
    finally:
        database.close()


@contextmanager
def open_service_session(data: "Path | None", queue: str | None) -> "Iterator[Session]":
    """Open one transaction on the database of the service, which exists."""
    with open_service_database(data, queue) as (_, database), database.session() as session:
        yield session


def _check_database_exists(settings: "ServiceSettings") -> None:
    if settings.is_postgres:
        return
    file = settings.db_url.removeprefix("sqlite:///")
    try:
        os.stat(file)
    except PermissionError:  # the service closes its folder to other accounts
        exit_usage_error(f"{file}: no access. Run the command as the account that the service runs as.")
    except OSError:
        exit_usage_error(
            f"{file}: the service has no database here. Give its data folder with --data or ANALYZER_DATA_DIR, or its "
            "database with ANALYZER_DATABASE_URL."
        )
