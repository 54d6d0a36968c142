"""`analyzer phones`: the signed-in phones and other browsers of the service."""

from typing import Annotated

import typer

from analyzer.cli.exits import exit_usage_error
from analyzer.cli.serve import DataOption
from analyzer.cli.service_database import ServiceDatabaseOption, open_service_session
from analyzer.cli.service_extra import require_service

phones_app = typer.Typer(no_args_is_help=True, help="List, name and revoke signed-in phones of the service.")

_COMMAND = "analyzer phones"
PhoneArgument = Annotated[str, typer.Argument(metavar="PHONE", help="Id of the phone, as `phones list` prints it.")]


@phones_app.command("list")
def list_phones(data: DataOption = None, queue: ServiceDatabaseOption = None) -> None:
    """List the signed-in phones and other browsers, newest first."""
    require_service(_COMMAND)
    from api.db import sign_ins

    with open_service_session(data, queue) as session:
        rows = sign_ins.list_valid(session)
    for row, owner in rows:
        name = row.name or sign_ins.describe_browser(row.user_agent)
        used = f"used {row.last_used_at:%Y-%m-%d %H:%M}" if row.last_used_at is not None else "never used"
        typer.echo(f"{row.id}  {owner:20s}  {name:30s}  paired {row.created_at:%Y-%m-%d}  {used}")
    if not rows:
        typer.echo("No phone is signed in.", err=True)


@phones_app.command("revoke")
def revoke(phone: PhoneArgument, data: DataOption = None, queue: ServiceDatabaseOption = None) -> None:
    """Sign a phone out, for example a lost one. Its open requests and streams end within two seconds."""
    require_service(_COMMAND)
    from api.db import sign_ins

    with open_service_session(data, queue) as session:
        if not sign_ins.revoke(session, phone):
            exit_usage_error(f"{phone}: no such phone is signed in. See: analyzer phones list")
    typer.echo(f"{phone} signed out")


@phones_app.command("rename")
def rename(
    phone: PhoneArgument,
    name: Annotated[str, typer.Argument(metavar="NAME", help="Name to show in lists.")],
    data: DataOption = None,
    queue: ServiceDatabaseOption = None,
) -> None:
    """Name a phone."""
    require_service(_COMMAND)
    from api.db import sign_ins

    if not name.isprintable() or not 0 < len(name) <= 120:
        exit_usage_error("phones rename: a name has 1 to 120 printable characters.")
    with open_service_session(data, queue) as session:
        if sign_ins.rename(session, None, phone, name) is None:
            exit_usage_error(f"{phone}: no such phone is signed in. See: analyzer phones list")
    typer.echo(f"{phone} is now called {name}")
