"""`analyzer owners` and `analyzer clients`: list and delete owners of the service, list and rename their clients."""

from typing import TYPE_CHECKING, Annotated

import typer

from analyzer.cli.exits import exit_usage_error
from analyzer.cli.serve import DataOption
from analyzer.cli.service_database import ServiceDatabaseOption, open_service_database, open_service_session
from analyzer.cli.service_extra import require_service

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from api.db.owners import OwnedCounts

owners_app = typer.Typer(no_args_is_help=True, help="List and delete owners of the service's clips.")
clients_app = typer.Typer(no_args_is_help=True, help="List and rename the clients of an owner.")

_MAX_NAME_LENGTH = 120  # as in the API
OwnerOption = Annotated[str, typer.Option("--owner", help="Name of the owner, as `owners list` prints it.")]


@owners_app.command("list")
def list_owners(data: DataOption = None, queue: ServiceDatabaseOption = None) -> None:
    """List all owners, with the number of their clients and analyses."""
    require_service("analyzer owners")
    from api.db import owners

    with open_service_session(data, queue) as session:
        for owner, counts in owners.list_with_counts(session):
            typer.echo(f"{owner.name:20s}  {_format_counts(counts)}  created {owner.created_at:%Y-%m-%d}")


@owners_app.command("delete")
def delete_owner(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Name of the owner.")],
    yes: Annotated[bool, typer.Option("--yes", metavar="", help="Delete without asking.")] = False,
    data: DataOption = None,
    queue: ServiceDatabaseOption = None,
) -> None:
    """Delete an owner with all clips, results, clients, sessions, keys and sign-ins, also while the service runs.

    Asks first, unless `--yes` is given. Back-ups are not changed.
    """
    require_service("analyzer owners")
    from api.cleanup import deletion
    from api.db import owners
    from api.jobs.dbos_queue import open_jobs
    from api.storage.file_store import open_files

    with open_service_database(data, queue) as (settings, database):
        with database.read_session() as session:
            owner = owners.find_by_name(session, name)
            if owner is None:
                exit_usage_error(f"{name}: there is no such owner. See: analyzer owners list")
            counts = owners.count_data(session, owner.id)
        if not yes:
            typer.confirm(f"Permanently delete {name} and all their data ({_format_counts(counts)})?", abort=True)
        jobs = open_jobs(settings)
        try:
            deletion.delete_owner(database, open_files(settings), jobs, owner.id, settings.data_dir / "uploads")
        finally:
            jobs.close()
    typer.echo(f"{name} deleted ({_format_counts(counts)})")


@clients_app.command("list")
def list_clients(owner: OwnerOption, data: DataOption = None, queue: ServiceDatabaseOption = None) -> None:
    """List the clients of an owner, newest first."""
    require_service("analyzer clients")
    from api.db import clients

    with open_service_session(data, queue) as session:
        for client in clients.list_all(session, _find_owner_id(session, owner)):
            typer.echo(f"{client.id}  {client.name:30s}  created {client.created_at:%Y-%m-%d}")


@clients_app.command("rename")
def rename_client(
    old: Annotated[
        str, typer.Argument(metavar="OLD", help="Name of the client, or the id, as `clients list` prints it.")
    ],
    new: Annotated[str, typer.Argument(metavar="NEW", help="The new name.")],
    owner: OwnerOption,
    data: DataOption = None,
    queue: ServiceDatabaseOption = None,
) -> None:
    """Rename a client. Where several clients have one name, give the id."""
    require_service("analyzer clients")
    from api.db import clients

    name = new.strip()
    if not name or len(name) > _MAX_NAME_LENGTH or not name.isprintable():
        exit_usage_error(f"The new name needs 1 to {_MAX_NAME_LENGTH} printable characters.")
    with open_service_session(data, queue) as session:
        matches = clients.find_all(session, _find_owner_id(session, owner), old)
        if not matches:
            exit_usage_error(f"{old}: {owner} has no such client. See: analyzer clients list --owner {owner}")
        if len(matches) > 1:
            ids = ", ".join(client.id for client in matches)
            exit_usage_error(f"{old}: {owner} has {len(matches)} clients of this name. Give the id of one: {ids}")
        others = [client.id for client in clients.find_namesakes(session, matches[0].owner_id, name)]
        if others and matches[0].id not in others:
            exit_usage_error(f"{name}: {owner} has a client of this name already: {others[0]}. Choose another name.")
        matches[0].name = name
    typer.echo(f"{old} is now {name}")


def _format_counts(counts: "OwnedCounts") -> str:
    return f"clients: {counts.clients}, analyses: {counts.analyses}, keys: {counts.keys}"


def _find_owner_id(session: "Session", name: str) -> str:
    """Return the id of an owner; exit with code 2 if there is none of this name."""
    from api.db import owners

    owner = owners.find_by_name(session, name)
    if owner is None:
        exit_usage_error(f"{name}: there is no such owner. See: analyzer owners list")
    return owner.id
