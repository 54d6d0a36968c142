"""Commands of the service: they import `api` when they are called, so that the library needs none of it."""

import typer


def register(app: typer.Typer) -> None:
    """Add them to the command line."""
    from analyzer.commands.keys import keys_app
    from analyzer.commands.serve import serve, worker

    app.command()(serve)
    app.command()(worker)
    app.add_typer(keys_app, name="keys")
