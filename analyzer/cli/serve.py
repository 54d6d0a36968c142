"""`analyzer serve` and `analyzer worker`: run the service."""

import logging
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from analyzer.cli.exits import exit_usage_error
from analyzer.cli.service_extra import require_service

if TYPE_CHECKING:
    from api.settings import ServiceSettings

DataOption = Annotated[Path | None, typer.Option(help="Folder for the database and the files.")]


def serve(
    host: Annotated[
        str, typer.Option(help="Address to serve at. Clients on other machines need an API key.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port; 0 picks a free one.")] = 8000,
    data: DataOption = None,
    lan: Annotated[
        bool,
        typer.Option(
            "--lan", metavar="", help="Serve phones in the same Wi-Fi network over HTTPS and show a code to scan."
        ),
    ] = False,
    tls_cert: Annotated[Path | None, typer.Option(help="TLS certificate, a PEM file.")] = None,
    tls_key: Annotated[Path | None, typer.Option(help="Private key of the certificate, a PEM file.")] = None,
    http: Annotated[
        bool,
        typer.Option(
            "--http", metavar="", help="With --lan: no encryption. Others in the same network can read all traffic."
        ),
    ] = False,
    no_worker: Annotated[
        bool, typer.Option("--no-worker", metavar="", help="Do not start a worker: `analyzer worker` runs elsewhere.")
    ] = False,
) -> None:
    """Serve the web page and the API, with a worker."""
    require_service("analyzer serve")
    from api.server import ServeAddress, StartRefusedError
    from api.server import serve as run_server

    try:
        address = ServeAddress(host, port, lan, tls_cert, tls_key, http)
        run_server(build_service_settings(data), address, typer.echo, worker=not no_worker)
    except StartRefusedError as error:
        exit_usage_error(str(error))


def worker(
    queue: Annotated[str | None, typer.Option(help="Database of the service: postgresql://...")] = None,
    data: DataOption = None,
    with_parent: Annotated[
        bool, typer.Option("--with-parent", metavar="", hidden=True, help="Exit when standard input closes.")
    ] = False,
) -> None:
    """Take clips from the queue of a service and analyse them, on this machine or another."""
    require_service("analyzer worker")
    from api.monitoring.structured_logs import configure_logging
    from api.settings import describe_unknown_settings
    from api.worker.process import run_worker

    if with_parent:
        from api.server import exit_with_parent

        exit_with_parent()
    settings = build_service_settings(data, queue)
    configure_logging(as_json=settings.log_json)
    if not with_parent:  # the server has said so
        for line in describe_unknown_settings(os.environ):
            logging.getLogger("api.jobs").warning("%s", line)
    run_worker(settings)


def build_service_settings(data: Path | None, queue: str | None = None) -> "ServiceSettings":
    """Return the settings of the environment, overridden by the options of the command line.

    The data folder of a SQLite queue is by default the folder of its file. Exits with code 2 if `queue` is no database.
    """
    from api.settings import ServiceSettings, find_database_problem

    if queue is not None and (problem := find_database_problem(queue)) is not None:
        exit_usage_error(f"--queue: {problem}")
    if data is None and "ANALYZER_DATA_DIR" not in os.environ and (queue or "").startswith("sqlite:///"):
        data = Path((queue or "").removeprefix("sqlite:///")).parent
    options: dict[str, Any] = {"data_dir": data.absolute() if data is not None else None, "database_url": queue}
    return ServiceSettings(**{name: value for name, value in options.items() if value is not None})
