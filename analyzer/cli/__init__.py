"""Commands of the service: they import `api` when they are called, so that the library needs none of it."""

import typer


def register_commands(app: typer.Typer) -> None:
    """Add them to the command line."""
    from analyzer.cli.keys import keys_app
    from analyzer.cli.serve import serve, worker

    app.command()(serve)
    app.command()(worker)
    app.add_typer(keys_app, name="keys")
