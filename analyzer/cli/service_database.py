"""The database of the service, for commands that an operator runs beside it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

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
def open_service_database(data: "Path | None", queue: str | None) -> "Iterator[tuple[ServiceSettings, Database]]":
    """Open the database of the service with its tables up to date, also while the service runs.

    Parameters
    ----------
    data : data folder of the service; None uses the settings of the environment.
    queue : URL of the database, if it is not in the data folder.
    """
    from api.db.engine import open_database
    from api.storage.data_folder import secure_data_folder

    settings = build_service_settings(data, queue)
    secure_data_folder(settings.data_dir)
    database = open_database(settings.db_url)
    try:
        database.migrate()
        yield settings, database
    finally:
        database.close()


@contextmanager
def open_service_session(data: "Path | None", queue: str | None) -> "Iterator[Session]":
    """Open one transaction on the database of the service."""
    with open_service_database(data, queue) as (_, database), database.session() as session:
        yield session
