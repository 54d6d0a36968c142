"""`analyzer batch`: a folder of clips, on this machine or, with `--queue`, on many; and the verbs of the latter."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer
from rich.console import Console
from typer.core import TyperCommand, TyperGroup

from analyzer.cli import distributed_batch as queue
from analyzer.settings import Settings

if TYPE_CHECKING:
    from typer._click import Context, HelpFormatter

    from analyzer.batch.batch_events import BatchEnded, EventListener

_EXIT_SOME_FAILED, _EXIT_USAGE, _EXIT_CTRL_C = 1, 2, 130
_FOLDER = "FOLDER"


class _BatchGroup(TyperGroup):
    """What begins with no verb is a folder: `analyzer batch season`; one of a verb's name is written `./status`."""

    def parse_args(self, ctx: "Context", args: list[str]) -> list[str]:
        first = args[0] if args else ""
        if first not in ("--help", *self.commands) or first == _FOLDER:
            args = [_FOLDER, *args]
        return super().parse_args(ctx, args)

    def format_help(self, ctx: "Context", formatter: "HelpFormatter") -> None:
        folder = self.commands[_FOLDER]
        with folder.make_context(_FOLDER, [], parent=ctx, resilient_parsing=True) as inner:
            folder.format_help(inner, formatter)
        super().format_help(ctx, formatter)


class _FolderCommand(TyperCommand):
    """Called by the group's own name."""

    def make_context(
        self, info_name: str | None, args: list[str], parent: "Context | None" = None, **extra: Any
    ) -> "Context":
        group = parent
        assert group is not None
        return super().make_context(group.info_name, args, parent=group.parent, **extra)


batch_app = typer.Typer(
    cls=_BatchGroup, help="A batch that workers on many machines work off.", subcommand_metavar="VERB"
)
batch_app.command()(queue.status)
batch_app.command()(queue.collect)
batch_app.command()(queue.cancel)


@batch_app.command(_FOLDER, cls=_FolderCommand, hidden=True)
def batch(
    folder: Annotated[
        str, typer.Argument(metavar=_FOLDER, help="Looked through with all folders in it; with --queue also s3://...")
    ],
    out: Annotated[str, typer.Option(metavar="DIR", help="Folder for the results; may lie in FOLDER.")],
    workers: Annotated[int | None, typer.Option(min=1, max=256, help="Clips at a time; default one a core.")] = None,
    queue_url: Annotated[
        str | None,
        typer.Option("--queue", metavar="URL", help="Have it done by workers, here and elsewhere: postgresql://..."),
    ] = None,
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
    from analyzer.batch import progress_display as displays
    from analyzer.batch.clip_facts import FactsError

    _check_arguments(folder, out, movement, queue_url)
    if queue_url is not None and workers is not None:
        _exit_usage_error(
            "--workers: is for this machine; with --queue, each worker says itself how many: ANALYZER_WORKERS"
        )
    wishes: dict[str, Any] = {
        "only": tuple(only or ()),
        "exclude": tuple(exclude or ()),
        "movement": movement,
        "facts": facts,
        "retry_failed": retry_failed,
        "video": not no_video,
        "blur_faces": blur_faces,
    }
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        with _open_display(quiet=quiet, jsonl=jsonl) as tell:
            if queue_url is None:
                ended = _run_locally(folder, out, workers, wishes, tell)
            else:
                ended = _run_queued(folder, out, queue_url, wishes, tell)
    except FactsError as error:
        _exit_usage_error(str(error))
    except KeyboardInterrupt:
        goes_on = "The workers go on" if queue_url is not None else "What is done is kept"
        typer.echo(f"Stopped. {goes_on}; the same command {'waits again' if queue_url else 'goes on'}.", err=True)
        raise typer.Exit(_EXIT_CTRL_C) from None
    if not jsonl:
        for line in displays.describe_batch_end(ended):
            typer.echo(line)
    raise typer.Exit(_EXIT_SOME_FAILED if ended.failed or ended.waiting else 0)


def _run_locally(
    folder: str, out: str, workers: int | None, wishes: dict[str, Any], tell: "EventListener"
) -> "BatchEnded":
    from analyzer.batch.run import BatchRunOptions, run_batch

    return run_batch(BatchRunOptions(folder=Path(folder), out=Path(out), workers=workers, **wishes), Settings(), tell)


def _run_queued(folder: str, out: str, url: str, wishes: dict[str, Any], tell: "EventListener") -> "BatchEnded":
    from api.batch.run import run_distributed_batch
    from api.batch.submission import SubmissionRequest

    with queue.open_queue_client(url) as queue_client:
        return run_distributed_batch(SubmissionRequest(folder=folder, out=out, **wishes), queue_client, tell)


def _check_arguments(folder: str, out: str, movement: str, queue_url: str | None) -> None:
    from analyzer.batch.clip_record import CLIPS_FOLDER
    from analyzer.movements.registry import UnknownMovementError, get_movement

    remote = [place for place in (folder, out) if "://" in place]
    if remote and queue_url is None:
        _exit_usage_error(f"{remote[0]}: addresses are for --queue; on this machine alone, give a folder")
    if "://" not in folder and not Path(folder).is_dir():
        _exit_usage_error(f"{folder}: is no folder. Give the folder that the clips lie in; one clip: analyzer run CLIP")
    if not remote:
        results, clips = Path(out), Path(folder)
        if results.exists() and (not results.is_dir() or results.resolve() == clips.resolve()):
            _exit_usage_error(f"--out {out}: expected a folder of its own for the results")
        if clips.resolve().is_relative_to((results / CLIPS_FOLDER).resolve()):
            _exit_usage_error(
                f"--out {out}: the results would lie among the clips. Choose another folder for the results"
            )
    elif folder.rstrip("/") in (out.rstrip("/"), f"{out.rstrip('/')}/{CLIPS_FOLDER}"):
        _exit_usage_error(f"--out {out}: expected a place of its own for the results")
    if movement != "auto":
        try:
            get_movement(movement)
        except UnknownMovementError as error:
            _exit_usage_error(f"--movement {error}")


@contextmanager
def _open_display(*, quiet: bool, jsonl: bool) -> "Iterator[EventListener]":
    from analyzer.batch import progress_display as displays

    errors = Console(stderr=True)
    if jsonl:
        yield displays.json_event_writer(typer.echo)
    elif quiet:
        yield displays.ignore_event
    elif errors.is_terminal:
        with displays.show_live_progress(errors) as tell:
            yield tell
    else:
        yield displays.log_event_writer(lambda line: typer.echo(line, err=True))


def _interrupt(_number: int, _frame: object) -> NoReturn:
    """As Ctrl-C: a scheduler that wants its machine back, or a service manager, sends this."""
    raise KeyboardInterrupt


def _exit_usage_error(line: str) -> NoReturn:
    typer.echo(line, err=True)
    raise typer.Exit(_EXIT_USAGE)
