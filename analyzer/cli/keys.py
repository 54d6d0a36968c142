"""`analyzer keys`: who may use the service from other machines."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from analyzer.cli.serve import DataOption, build_service_settings

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy.orm import Session

keys_app = typer.Typer(no_args_is_help=True, help="Keys of the service: making, listing and revoking them.")

_EXIT_USAGE = 2

ServiceDatabaseOption = Annotated[str | None, typer.Option(help="Database of the service, if it is not in the folder.")]


@keys_app.command("create")
def create(
    owner: Annotated[str, typer.Argument(help="Whose clips it opens; a new name is a new owner.")],
    name: Annotated[str, typer.Option(help="What the key is for.")] = "key",
    data: DataOption = None,
    queue: ServiceDatabaseOption = None,
) -> None:
    """Make a key. It is shown this once: only its hash is stored."""
    from api.db import owners

    with _session(data, queue) as session:
        key, plain = owners.create_key(session, owner, name)
    typer.echo(f"{key.id} for {owner}; keep it, it is not shown again:", err=True)
    typer.echo(plain)


@keys_app.command("list")
def list_keys(data: DataOption = None, queue: ServiceDatabaseOption = None) -> None:
    """List all keys, without their secrets."""
    from api.db import owners

    with _session(data, queue) as session:
        for key, owner in owners.list_keys(session):
            state = "revoked" if key.revoked_at is not None else "valid"
            used = f"used {key.last_used_at:%Y-%m-%d}" if key.last_used_at is not None else "never used"
            typer.echo(f"{key.id}  {state:7s}  {owner:20s}  {key.name:20s}  made {key.created_at:%Y-%m-%d}  {used}")


@keys_app.command("revoke")
def revoke(
    key: Annotated[str, typer.Argument(help="Its id, as `keys list` shows it.")],
    data: DataOption = None,
    queue: ServiceDatabaseOption = None,
) -> None:
    """Revoke a key: it opens nothing from now on."""
    from api.db import owners

    with _session(data, queue) as session:
        if not owners.revoke_key(session, key):
            typer.echo(f"{key}: there is no such key. See: analyzer keys list", err=True)
            raise typer.Exit(_EXIT_USAGE)
    typer.echo(f"{key} revoked")


@contextmanager
def _session(data: "Path | None", queue: str | None) -> "Iterator[Session]":
    from api.db.engine import open_database

    settings = build_service_settings(data, queue)
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    database = open_database(settings.db_url)
    try:
        database.migrate()
        with database.session() as session:
            yield session
    finally:
        database.close()
