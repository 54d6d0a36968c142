"""`analyzer store`: whether database and files of the service belong together, the trash, and the clock."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from analyzer.cli.exits import ExitCode
from analyzer.cli.serve import DataOption
from analyzer.cli.service_database import ServiceDatabaseOption, open_service_database
from analyzer.cli.service_extra import require_service

if TYPE_CHECKING:
    from pathlib import Path

    from api.db.engine import Database
    from api.settings import ServiceSettings
    from api.storage.file_store import FileStore

store_app = typer.Typer(
    no_args_is_help=True,
    help="Check the database and files of the service, and approve clean-up that needs an operator.",
)

ConfirmOption = Annotated[
    bool,
    typer.Option("--confirm", metavar="", help="Make the change. Without this option, only print what would change."),
]


@store_app.command("status")
def show_status(data: DataOption = None, queue: ServiceDatabaseOption = None) -> None:
    """Report whether database and files belong together, unreferenced files, and deletions on hold."""
    from api.cleanup.orphans import TRASH, find_orphans
    from api.storage.clock_guard import ClockGuard
    from api.storage.disk_space import DiskSpace
    from api.storage.store_identity import check_age, check_store, read_ids

    with _open_store(data, queue) as (settings, database, files):
        problems = [check_store(database, files), check_age(database, files), ClockGuard(database).find_problem()]
        disk = DiskSpace(settings.disk_folders, settings.min_free_bytes)
        problems.append(disk.describe_shortage())
        ids, orphans = read_ids(database, files), find_orphans(database, files)
        typer.echo(f"database  id {ids.database or 'none'}")
        typer.echo(f"files     id {ids.files or 'none'}, in {settings.files_root}")
        typer.echo(f"folders   {orphans.total}, of which no row refers to {len(orphans.folders)}")
        typer.echo(f"trash     {len(list(files.list(TRASH)))} files, removed after {settings.trash_days:g} days")
        typer.echo(f"disk      {disk.free_bytes() // 2**20} MB free")
        problems.append(orphans.describe_excess())
    known_problems = [problem for problem in problems if problem is not None]
    for problem in known_problems:
        typer.echo(f"problem: {problem}", err=True)
    if known_problems:
        raise typer.Exit(ExitCode.FAILED)


@store_app.command("adopt")
def adopt(confirm: ConfirmOption = False, data: DataOption = None, queue: ServiceDatabaseOption = None) -> None:
    """Declare that this database and these files belong together, after a move or a restored back-up."""
    from api.cleanup.orphans import find_orphans
    from api.storage.store_identity import bind, read_ids, write_record

    with _open_store(data, queue) as (settings, database, files):
        ids, orphans = read_ids(database, files), find_orphans(database, files)
        typer.echo(
            f"The files in {settings.files_root} hold {orphans.total} folders; "
            f"this database refers to {orphans.total - len(orphans.folders)} of them."
        )
        if not confirm:
            typer.echo("Nothing was changed. If they belong together, run it again with --confirm.")
            return
        bind(database, files, ids.files)
        write_record(database, files)
    typer.echo("Database and files now belong together. Folders that no row refers to stay until: analyzer store sweep")


@store_app.command("sweep")
def sweep(confirm: ConfirmOption = False, data: DataOption = None, queue: ServiceDatabaseOption = None) -> None:
    """Move everything that no row refers to into the trash, however much it is."""
    from api.cleanup.orphans import find_orphans, sweep_orphans
    from api.storage.store_identity import check_store

    with _open_store(data, queue) as (settings, database, files):
        if (problem := check_store(database, files)) is not None:
            typer.echo(problem, err=True)
            raise typer.Exit(ExitCode.FAILED)
        orphans = find_orphans(database, files)
        typer.echo(f"No row refers to {len(orphans.folders)} of {orphans.total} folders.")
        if not confirm:
            typer.echo("Nothing was moved. To move them to the trash, run it again with --confirm.")
            return
        moved = sweep_orphans(database, files, is_confirmed=True).moved
        typer.echo(f"{moved} folders are in the trash for {settings.trash_days:g} days.")


@store_app.command("restore-trash")
def restore(data: DataOption = None, queue: ServiceDatabaseOption = None) -> None:
    """Move everything in the trash back to where it was."""
    from api.cleanup.orphans import restore_trash

    with _open_store(data, queue) as (_, _database, files):
        typer.echo(f"{restore_trash(files)} files restored")


@store_app.command("remeasure")
def remeasure(confirm: ConfirmOption = False, data: DataOption = None, queue: ServiceDatabaseOption = None) -> None:
    """Measure results of an older version again from their tracks, after an upgrade that changed their form."""
    from api.analyses.old_results import find_old_results, request_remeasurement

    with _open_store(data, queue) as (_, database, files):
        old, total = find_old_results(database, files)
        typer.echo(f"This version cannot read {len(old)} of {total} results: an older one wrote them.")
        if not confirm:
            typer.echo("Nothing was changed. To have them measured again, run it again with --confirm.")
            return
        request_remeasurement(database, old)
        typer.echo("The workers measure them again, one after the other, from half a minute from now.")


@store_app.command("confirm-clock")
def confirm_clock(data: DataOption = None, queue: ServiceDatabaseOption = None) -> None:
    """Declare that the clock of this machine is right, after a long pause or a correction."""
    from api.storage.clock_guard import ClockGuard

    with _open_store(data, queue) as (_, database, _files):
        typer.echo(f"{ClockGuard(database).confirm():%Y-%m-%d %H:%M} UTC recorded as the current time")


@contextmanager
def _open_store(data: "Path | None", queue: str | None) -> "Iterator[tuple[ServiceSettings, Database, FileStore]]":
    require_service("analyzer store")
    from api.storage.file_store import open_files

    with open_service_database(data, queue) as (settings, database):
        yield settings, database, open_files(settings)
