"""`analyzer serve` and `analyzer worker`."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from api.settings import ServiceSettings

_EXIT_USAGE = 2

DataOption = Annotated[Path | None, typer.Option(help="Folder for the database and the files.")]


def serve(
    host: Annotated[
        str, typer.Option(help="Address to serve at; others than this machine's own need a key.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port; 0 takes a free one.")] = 8000,
    data: DataOption = None,
    lan: Annotated[bool, typer.Option("--lan", help="For phones in this Wi-Fi: shows a code to scan.")] = False,
    tls_cert: Annotated[Path | None, typer.Option(help="Certificate, a PEM file.")] = None,
    tls_key: Annotated[Path | None, typer.Option(help="Its key, a PEM file.")] = None,
    no_worker: Annotated[
        bool, typer.Option("--no-worker", help="Start none: other machines run `analyzer worker`.")
    ] = False,
) -> None:
    """Serve the API and the page, with a worker beside them."""
    from api.server import ServeAddress, StartRefusedError
    from api.server import serve as run

    try:
        where = ServeAddress(host, port, lan, tls_cert, tls_key)
        run(build_service_settings(data), where, typer.echo, worker=not no_worker)
    except StartRefusedError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(_EXIT_USAGE) from None


def worker(
    queue: Annotated[str | None, typer.Option(help="Database of the service: postgresql://...")] = None,
    data: DataOption = None,
    with_parent: Annotated[
        bool, typer.Option("--with-parent", hidden=True, help="End when standard input closes.")
    ] = False,
) -> None:
    """Take clips from the queue and analyse them, on this machine or another."""
    from api.structured_logs import configure_logging
    from api.worker.process import run_worker

    if with_parent:
        from api.server import exit_with_parent

        exit_with_parent()
    settings = build_service_settings(data, queue)
    configure_logging(as_json=settings.log_json)
    run_worker(settings)


def build_service_settings(data: Path | None, queue: str | None = None) -> "ServiceSettings":
    """Settings of the environment, with what the command line says in their place.

    The data folder of a SQLite queue is, unless told otherwise, the folder that its file lies in.
    """
    from api.settings import ServiceSettings

    if data is None and "ANALYZER_DATA_DIR" not in os.environ and (queue or "").startswith("sqlite:///"):
        data = Path((queue or "").removeprefix("sqlite:///")).parent
    given: dict[str, Any] = {"data_dir": data.absolute() if data is not None else None, "database_url": queue}
    return ServiceSettings(**{key: value for key, value in given.items() if value is not None})
