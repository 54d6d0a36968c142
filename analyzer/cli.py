"""The command line: `analyzer demo | run | models | doctor`."""

import os
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn, TextIO

import typer
from rich.console import Console

from analyzer import __version__
from analyzer.errors import AnalyzerError
from analyzer.memory import settle_process
from analyzer.settings import Settings

if TYPE_CHECKING:
    from analyzer.request import Request

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
models_app = typer.Typer(no_args_is_help=True, help="The pose models: which there are, and fetching them.")
app.add_typer(models_app, name="models")

_EXIT_CLIP, _EXIT_USAGE, _EXIT_CTRL_C = 1, 2, 130


class _Interrupted(Exception):
    """Ctrl-C, under a name that the command-line library does not answer by itself."""


class Model(StrEnum):
    """Pose models, from fast to careful."""

    LITE = "lite"
    FULL = "full"
    HEAVY = "heavy"


@app.callback(invoke_without_command=True)
def _version(
    version: Annotated[bool, typer.Option("--version", help="Say the version and stop.", is_eager=True)] = False,
) -> None:
    """Spine and hip angles from a side-view phone clip, and pictures of them."""
    if version:
        typer.echo(__version__)
        raise typer.Exit


@app.command()
def run(
    clip: Annotated[Path, typer.Argument(help="A video file: mp4, mov, m4v, mkv, webm or avi.")],
    movement: Annotated[str, typer.Option(help="hinge, plank, slump, ...; auto leaves it open.")] = "auto",
    variant: Annotated[str | None, typer.Option(help="For example conventional, sumo, kettlebell.")] = None,
    load_kg: Annotated[float | None, typer.Option("--load-kg", min=0, help="Load lifted, kg.")] = None,
    height_cm: Annotated[
        float | None, typer.Option("--height-cm", min=50, max=272, help="The client's height.")
    ] = None,
    subject: Annotated[str, typer.Option(help="Who: auto, largest, central, or X,Y in picture pixels.")] = "auto",
    model: Annotated[Model, typer.Option(help="Pose model.")] = Model.FULL,
    out: Annotated[Path | None, typer.Option(help="Folder for the results; default beside the clip.")] = None,
    no_video: Annotated[bool, typer.Option("--no-video", help="Do not write annotated.mp4.")] = False,
    blur_faces: Annotated[bool, typer.Option("--blur-faces", help="Cover the subject's face.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print analysis.json on standard output.")] = False,
) -> None:
    """Analyse one clip: angles, annotated video and report."""
    from analyzer.pose.subject import point_of
    from analyzer.request import Request

    if subject not in ("auto", "largest", "central"):
        try:
            point_of(subject)
        except ValueError:
            _usage(f"--subject {subject}: expected auto, largest, central, or X,Y such as 640,360")
    request = Request(movement, variant, load_kg, height_cm, subject, model.value)
    folder = out if out is not None else clip.with_name(f"{clip.stem}.analysis")
    _run(clip, request, folder, video=not no_video, blur_faces=blur_faces, as_json=json)


@app.command()
def demo(
    out: Annotated[Path, typer.Option(help="Folder for the results.")] = Path("demo"),
) -> None:
    """Analyse a sample clip, end to end, and say where the report is."""
    from analyzer.request import Request
    from analyzer.resources import resource

    _run(resource("sample_videos/hinge_neutral.mp4"), Request(movement="hinge"), out, video=True)


@app.command()
def doctor() -> None:
    """Say what is installed, what is missing, and how to mend it."""
    from analyzer.doctor import doctor_report, print_report

    rows, ok = doctor_report(Settings())
    print_report(rows, Console())
    raise typer.Exit(0 if ok else 1)


@models_app.command("list")
def models_list() -> None:
    """List the pose models and where they lie."""
    from analyzer.pose.bundle import model_status

    for status in model_status(Settings()):
        typer.echo(f"{status.name:6s} {status.state:7s} {status.path}")


@models_app.command("pull")
def models_pull(
    model: Annotated[Model, typer.Argument(help="Which one.")] = Model.FULL,
) -> None:
    """Fetch a pose model, once."""
    from analyzer.pose.bundle import ensure_model
    from analyzer.pose.download_bar import download_bar

    with download_bar() as bar:
        file = ensure_model(model.value, Settings(), bar)
    typer.echo(f"{file.path} ({file.source})")


def _run(
    clip: Path, request: "Request", folder: Path, *, video: bool, blur_faces: bool = False, as_json: bool = False
) -> None:
    from analyzer.outputs import run_clip
    from analyzer.progress_bar import stage_bar

    try:
        with stage_bar(Console(stderr=True)) as progress:
            work = run_clip(clip, request, Settings(), folder, video=video, blur_faces=blur_faces, progress=progress)
    except KeyboardInterrupt:
        raise _Interrupted from None
    if as_json:
        typer.echo((folder / "analysis.json").read_text(encoding="utf-8"), nl=False)
        return
    view = work.analysis.view
    typer.echo(f"View: {view.grade}{', ' + '; '.join(view.reasons) if view.reasons else ''}")
    for warning in work.analysis.quality.warnings:
        typer.echo(f"Note: {warning}")
    typer.echo(f"Report: {folder / 'report.html'}")


def _usage(line: str) -> NoReturn:
    typer.echo(line, err=True)
    raise typer.Exit(_EXIT_USAGE)


def main() -> None:
    """Run the command line: expected failures are one line on standard error, never a traceback."""
    errors = _own_standard_error()
    settle_process()
    try:
        app()
    except AnalyzerError as error:
        _stop(errors, str(error), _EXIT_CLIP)
    except _Interrupted:
        _stop(errors, "Stopped; nothing was left half-written.", _EXIT_CTRL_C)
    except OSError as error:
        _stop(errors, _explained(error) or _file_trouble(error), _EXIT_CLIP)
    except ImportError as error:
        line = _explained(error)
        if line is None:
            raise
        _stop(errors, line, _EXIT_CLIP)


def _own_standard_error() -> TextIO:
    """Keep the real standard error for ourselves: the native libraries' chatter is not for our users."""
    errors = os.fdopen(os.dup(2), "w", buffering=1)
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 2)
    os.close(silence)
    sys.stderr = errors
    return errors


def _explained(error: Exception) -> str | None:
    from analyzer.doctor import explain_import_error

    return explain_import_error(error)


def _file_trouble(error: OSError) -> str:
    where = f"{error.filename}: " if error.filename else ""
    return f"{where}{error.strerror or error}. Check the folder, the free space and your rights there."


def _stop(errors: TextIO, line: str, code: int) -> NoReturn:
    print(line, file=errors)
    sys.exit(code)


if __name__ == "__main__":
    main()
