"""`analyzer batch`: a folder of clips."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer
from rich.console import Console

from analyzer.settings import Settings

if TYPE_CHECKING:
    from analyzer.batch.events import Tell

_EXIT_SOME_FAILED, _EXIT_USAGE, _EXIT_CTRL_C = 1, 2, 130


def batch(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Looked through with all folders in it.")],
    out: Annotated[Path, typer.Option(help="Folder for the results; may lie in FOLDER.")],
    workers: Annotated[int | None, typer.Option(min=1, max=256, help="Clips at a time; default one a core.")] = None,
    only: Annotated[
        list[str] | None, typer.Option(metavar="GLOB", help="Only these: *.mov, a folder's name, anna/*; repeatable.")
    ] = None,
    exclude: Annotated[list[str] | None, typer.Option(metavar="GLOB", help="Not these; repeatable.")] = None,
    movement: Annotated[str, typer.Option(help="What the clips show where clips.csv does not say.")] = "auto",
    facts: Annotated[
        Path | None,
        typer.Option(metavar="TABLE", help="Facts about the clips; default FOLDER/clips.csv: docs/batch.md."),
    ] = None,
    retry_failed: Annotated[
        bool, typer.Option("--retry-failed", help="Try again what could not be analysed before.")
    ] = False,
    no_video: Annotated[bool, typer.Option("--no-video", help="Do not write annotated.mp4.")] = False,
    blur_faces: Annotated[bool, typer.Option("--blur-faces", help="Cover the subjects' faces.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="Tell nothing but the end.")] = False,
    jsonl: Annotated[bool, typer.Option("--jsonl", help="One JSON object a line on standard output.")] = False,
) -> None:
    """Analyse a folder of clips; the same command goes on where it was stopped."""
    # Late: `analyzer --help` need not load the library.
    from analyzer.batch import displays
    from analyzer.batch.facts import FactsError
    from analyzer.batch.run import Options, run_batch

    _check(folder, out, movement)
    options = Options(
        folder=folder,
        out=out,
        workers=workers,
        only=tuple(only or ()),
        exclude=tuple(exclude or ()),
        movement=movement,
        facts=facts,
        retry_failed=retry_failed,
        video=not no_video,
        blur_faces=blur_faces,
    )
    signal.signal(signal.SIGTERM, _stop_softly)
    try:
        with _display(quiet=quiet, jsonl=jsonl) as tell:
            ended = run_batch(options, Settings(), tell)
    except FactsError as error:
        _usage(str(error))
    except KeyboardInterrupt:
        typer.echo("Stopped. What is done is kept; the same command goes on.", err=True)
        raise typer.Exit(_EXIT_CTRL_C) from None
    if not jsonl:
        for line in displays.ended_lines(ended):
            typer.echo(line)
    raise typer.Exit(_EXIT_SOME_FAILED if ended.failed else 0)


def _check(folder: Path, out: Path, movement: str) -> None:
    from analyzer.batch.record import CLIPS
    from analyzer.movements.registry import UnknownMovement, movement_named

    if not folder.is_dir():
        _usage(f"{folder}: is no folder. Give the folder that the clips lie in; one clip: analyzer run CLIP")
    if out.exists() and (not out.is_dir() or out.resolve() == folder.resolve()):
        _usage(f"--out {out}: expected a folder of its own for the results")
    if folder.resolve().is_relative_to((out / CLIPS).resolve()):
        _usage(f"--out {out}: the results would lie among the clips. Choose another folder for the results")
    if movement != "auto":
        try:
            movement_named(movement)
        except UnknownMovement as error:
            _usage(f"--movement {error}")


@contextmanager
def _display(*, quiet: bool, jsonl: bool) -> "Iterator[Tell]":
    from analyzer.batch import displays

    errors = Console(stderr=True)
    if jsonl:
        yield displays.json_lines(typer.echo)
    elif quiet:
        yield displays.quiet
    elif errors.is_terminal:
        with displays.live(errors) as tell:
            yield tell
    else:
        yield displays.plain_lines(lambda line: typer.echo(line, err=True))


def _stop_softly(_number: int, _frame: object) -> NoReturn:
    """As Ctrl-C: a scheduler that wants its machine back, or a service manager, sends this."""
    raise KeyboardInterrupt


def _usage(line: str) -> NoReturn:
    typer.echo(line, err=True)
    raise typer.Exit(_EXIT_USAGE)
