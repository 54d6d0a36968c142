"""The Typer application: all commands in their groups, and the line that an expected failure prints."""

import re
from typing import TYPE_CHECKING, Annotated, Any

import typer
from pydantic import ValidationError
from pydantic_settings import SettingsError
from typer.core import TyperGroup

from analyzer._version import __version__
from analyzer.cli import panels
from analyzer.cli.analyse import demo, run
from analyzer.cli.batch import batch_app
from analyzer.cli.compare import compare
from analyzer.cli.exits import ExitCode
from analyzer.cli.keys import keys_app
from analyzer.cli.owners import clients_app, owners_app
from analyzer.cli.phones import phones_app
from analyzer.cli.repeatability import repeatability
from analyzer.cli.serve import serve, worker
from analyzer.cli.stop_signals import CommandStoppedError
from analyzer.cli.store import store_app
from analyzer.cli.system import doctor, models_app
from analyzer.errors import AnalyzerError, describe_os_error

if TYPE_CHECKING:
    from typer._click import Context


class _CommandGroup(TyperGroup):
    """Passes on that a command was stopped by a signal, which Typer would turn into exit code 130 without a line."""

    def invoke(self, ctx: "Context") -> Any:
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            raise CommandStoppedError from None


app = typer.Typer(cls=_CommandGroup, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)

app.command(rich_help_panel=panels.ANALYSE)(run)
app.add_typer(batch_app, name="batch", rich_help_panel=panels.ANALYSE)
app.command(rich_help_panel=panels.ANALYSE)(compare)
app.command(rich_help_panel=panels.ANALYSE)(repeatability)
app.command(rich_help_panel=panels.ANALYSE)(demo)
app.command(rich_help_panel=panels.SERVE)(serve)
app.command(rich_help_panel=panels.SERVE)(worker)
app.add_typer(keys_app, name="keys", rich_help_panel=panels.SERVE)
app.add_typer(owners_app, name="owners", rich_help_panel=panels.SERVE)
app.add_typer(clients_app, name="clients", rich_help_panel=panels.SERVE)
app.add_typer(phones_app, name="phones", rich_help_panel=panels.SERVE)
app.add_typer(store_app, name="store", rich_help_panel=panels.SERVE)
app.add_typer(models_app, name="models", rich_help_panel=panels.SYSTEM)
app.command(rich_help_panel=panels.SYSTEM)(doctor)


@app.callback(invoke_without_command=True)
def _version(
    version: Annotated[
        bool, typer.Option("--version", metavar="", help="Print the version and exit.", is_eager=True)
    ] = False,
) -> None:
    """Measure body angles and back rounding in phone clips, and report what changed."""
    if version:
        typer.echo(__version__)
        raise typer.Exit


def describe_failure(error: Exception) -> tuple[str, ExitCode] | None:
    """Return the line and the exit code of an expected failure; None for an unexpected one."""
    if isinstance(error, AnalyzerError):
        return str(error), ExitCode.FAILED
    if isinstance(error, ValidationError) and error.title.endswith("Settings"):
        return _describe_settings_error(error), ExitCode.USAGE
    if isinstance(error, SettingsError) and (field := re.search(r'field "(\w+)"', str(error))):
        return f"ANALYZER_{field[1].upper()}: is not valid JSON", ExitCode.USAGE
    if isinstance(error, OSError):
        return _explain_import_error(error) or describe_os_error(error), ExitCode.FAILED
    line = _explain_import_error(error) if isinstance(error, ImportError) else None
    return None if line is None else (line, ExitCode.FAILED)


def _explain_import_error(error: Exception) -> str | None:
    from analyzer.cli.doctor import explain_import_error

    return explain_import_error(error)


def _describe_settings_error(error: ValidationError) -> str:
    """Name the environment variables with invalid values, without the values: some are secret."""
    problems = [(str(item["loc"][0]).upper(), item["msg"].removeprefix("Value error, ")) for item in error.errors()]
    return "; ".join(f"ANALYZER_{name}: {problem}" for name, problem in problems)
