"""The command line: all commands in their groups, and one line instead of a traceback for an expected failure."""

import os
import sys
from typing import Annotated, NoReturn, TextIO

import typer
from pydantic import ValidationError

from analyzer._version import __version__
from analyzer.cli import panels
from analyzer.cli.analyse import demo, run
from analyzer.cli.batch import batch_app
from analyzer.cli.compare import compare
from analyzer.cli.exits import ExitCode, InterruptedByUserError
from analyzer.cli.keys import keys_app
from analyzer.cli.owners import clients_app, owners_app
from analyzer.cli.phones import phones_app
from analyzer.cli.repeatability import repeatability
from analyzer.cli.serve import serve, worker
from analyzer.cli.store import store_app
from analyzer.cli.system import doctor, models_app
from analyzer.errors import AnalyzerError
from analyzer.process_memory import configure_process

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)

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
    version: Annotated[bool, typer.Option("--version", help="Print the version and exit.", is_eager=True)] = False,
) -> None:
    """Measure spine and hip angles in side-view phone clips, and report what changes."""
    if version:
        typer.echo(__version__)
        raise typer.Exit


def main() -> None:
    """Run the command line: an expected failure prints one line on standard error, never a traceback."""
    _open_standard_streams()
    errors = _redirect_native_stderr()
    configure_process()
    try:
        app()
    except AnalyzerError as error:
        _stop(errors, str(error), ExitCode.FAILED)
    except InterruptedByUserError:
        _stop(errors, "Stopped; nothing was left half-written.", ExitCode.INTERRUPTED)
    except ValidationError as error:
        if not error.title.endswith("Settings"):
            raise
        _stop(errors, _describe_settings_error(error), ExitCode.USAGE)
    except OSError as error:
        _stop(errors, _explain_import_error(error) or _describe_os_error(error), ExitCode.FAILED)
    except ImportError as error:
        line = _explain_import_error(error)
        if line is None:
            raise
        _stop(errors, line, ExitCode.FAILED)


def _open_standard_streams() -> None:
    """Open the null device in place of closed standard streams: no other file may take their numbers."""
    for stream in (0, 1, 2):
        try:
            os.fstat(stream)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free


def _redirect_native_stderr() -> TextIO:
    """Keep the real standard error for Python, and discard what native libraries write to it."""
    errors = os.fdopen(os.dup(2), "w", buffering=1)
    null_device = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null_device, 2)
    os.close(null_device)
    sys.stderr = errors
    return errors


def _explain_import_error(error: Exception) -> str | None:
    from analyzer.cli.doctor import explain_import_error

    return explain_import_error(error)


def _describe_os_error(error: OSError) -> str:
    place = f"{error.filename}: " if error.filename else ""
    return f"{place}{error.strerror or error}. Check the folder, the free space and your access rights there."


def _describe_settings_error(error: ValidationError) -> str:
    """Name the environment variables with invalid values, without the values: some are secret."""
    return "; ".join(f"ANALYZER_{str(item['loc'][0]).upper()}: {item['msg']}" for item in error.errors())


def _stop(errors: TextIO, line: str, code: ExitCode) -> NoReturn:
    print(line, file=errors)
    sys.exit(code)


if __name__ == "__main__":
    main()
