"""`analyzer keys`: API keys for clients on other machines."""

from typing import Annotated

import typer

from analyzer.cli.exits import exit_usage_error
from analyzer.cli.serve import DataOption
from analyzer.cli.service_database import ServiceDatabaseOption, open_service_database, open_service_session
from analyzer.cli.service_extra import require_service

keys_app = typer.Typer(no_args_is_help=True, help="Create, list and revoke API keys of the service.")


@keys_app.command("create")
def create(
    owner: Annotated[
        str, typer.Argument(metavar="OWNER", help="Owner of the clips that the key gives access to; created if new.")
    ],
    name: Annotated[str, typer.Option(help="Purpose of the key.")] = "key",
    data: DataOption = None,
    queue: ServiceDatabaseOption = None,
) -> None:
    """Create a key and print it. It is shown only once: the database stores its hash."""
    require_service("analyzer keys")
    from api.db import owners

    with open_service_database(data, queue, create=True) as (_, database):
        with database.session() as session:
            key, secret = owners.create_key(session, owner, name)
        typer.echo(f"{key.id} for {owner}, in {database.place}. Store it now: it is not shown again.", err=True)
    typer.echo(secret)


@keys_app.command("list")
def list_keys(data: DataOption = None, queue: ServiceDatabaseOption = None) -> None:
    """List all keys, without their secrets."""
    require_service("analyzer keys")
    from api.db import owners

    with open_service_session(data, queue) as session:
        rows = owners.list_keys(session)
        for key, owner in rows:
            state = "revoked" if key.revoked_at is not None else "valid"
            used = f"used {key.last_used_at:%Y-%m-%d}" if key.last_used_at is not None else "never used"
            typer.echo(f"{key.id}  {state:7s}  {owner:20s}  {key.name:20s}  made {key.created_at:%Y-%m-%d}  {used}")
    if not rows:
        typer.echo("There is no key. See: analyzer keys create", err=True)


@keys_app.command("revoke")
def revoke(
    key: Annotated[str, typer.Argument(metavar="KEY", help="Id of the key, as `keys list` prints it.")],
    data: DataOption = None,
    queue: ServiceDatabaseOption = None,
) -> None:
    """Revoke a key, which then gives no more access."""
    require_service("analyzer keys")
    from api.db import owners

    with open_service_session(data, queue) as session:
        if not owners.revoke_key(session, key):
            exit_usage_error(f"{key}: there is no such key. See: analyzer keys list")
    typer.echo(f"{key} revoked")
