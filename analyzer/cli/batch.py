"""`analyzer batch`: analyse a folder of clips, on this machine or distributed, and the verbs of a distributed batch."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

from analyzer.cli import distributed_batch
from analyzer.cli.analyse import ModelOption, PoseModelChoice
from analyzer.cli.batch_display import open_display
from analyzer.cli.exits import ExitCode, exit_usage_error
from analyzer.cli.repeatability import RepeatabilityOption, load_own_mdc
from analyzer.cli.service_extra import require_service
from analyzer.cli.stop_signals import CommandStoppedError
from analyzer.settings import Settings

if TYPE_CHECKING:
    from typer._click import Context, HelpFormatter

    from analyzer.batch.batch_events import BatchEnded, EventListener
    from analyzer.batch.batch_request import BatchRequest

_FOLDER = "FOLDER"


class _BatchGroup(TyperGroup):
    """Takes a first argument that is no verb for a folder: `analyzer batch season`.

    A folder with the name of a verb is written `./status`.
    """

    def parse_args(self, ctx: "Context", args: list[str]) -> list[str]:
        first = args[0] if args else ""
        if first not in ("--help", *self.commands) or first == _FOLDER:
            args = [_FOLDER, *args]
        return super().parse_args(ctx, args)

    def format_help(self, ctx: "Context", formatter: "HelpFormatter") -> None:
        folder = self.commands[_FOLDER]
        with folder.make_context(_FOLDER, [], parent=ctx, resilient_parsing=True) as folder_context:
            folder.format_help(folder_context, formatter)
        super().format_help(ctx, formatter)


class _FolderCommand(TyperCommand):
    """A command that is called by the name of its group."""

    def make_context(
        self, info_name: str | None, args: list[str], parent: "Context | None" = None, **extra: Any
    ) -> "Context":
        group = parent
        assert group is not None
        return super().make_context(group.info_name, args, parent=group.parent, **extra)


batch_app = typer.Typer(
    cls=_BatchGroup,
    help="Analyse a folder of clips. status, collect and cancel manage a batch that was started with --queue.",
    subcommand_metavar="COMMAND BATCH",
)
for _verb in (distributed_batch.status, distributed_batch.collect, distributed_batch.cancel):
    batch_app.command(rich_help_panel="Commands for a batch that was started with --queue")(_verb)


# Long, because each option of the command line is one parameter with its help text.
@batch_app.command(_FOLDER, cls=_FolderCommand, hidden=True)
def batch(
    folder: Annotated[
        str,
        typer.Argument(
            metavar=_FOLDER, help="Folder of clips, searched with its subfolders; with --queue also s3://..."
        ),
    ],
    out: Annotated[
        str,
        typer.Option(metavar="DIR", help="Folder for the results; it may be inside FOLDER. With --queue also s3://..."),
    ],
    workers: Annotated[
        int | None, typer.Option(min=1, max=256, help="Clips to analyse at the same time. By default one a core.")
    ] = None,
    queue_url: Annotated[
        str | None,
        typer.Option(
            "--queue",
            metavar="URL",
            help="Let workers on any machine analyse the clips, through this queue: postgresql://...",
        ),
    ] = None,
    only: Annotated[
        list[str] | None,
        typer.Option(metavar="GLOB", help="Analyse only these clips: *.mov, a folder, anna/*. Repeatable."),
    ] = None,
    exclude: Annotated[
        list[str] | None, typer.Option(metavar="GLOB", help="Leave out these clips. Repeatable.")
    ] = None,
    movement: Annotated[
        str, typer.Option(help="Movement of clips for which the table of facts has none; auto recognises it.")
    ] = "auto",
    facts: Annotated[
        Path | None,
        typer.Option(
            metavar="TABLE", help="Table of facts about the clips (docs/batch.md). By default FOLDER/clips.csv."
        ),
    ] = None,
    model: ModelOption = PoseModelChoice.FULL,
    repeatability: RepeatabilityOption = None,
    retry_failed: Annotated[
        bool, typer.Option("--retry-failed", metavar="", help="Try again the clips that could not be analysed before.")
    ] = False,
    no_video: Annotated[bool, typer.Option("--no-video", metavar="", help="Do not write annotated.mp4.")] = False,
    blur_faces: Annotated[
        bool, typer.Option("--blur-faces", metavar="", help="Hide the subjects' faces in all pictures.")
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", metavar="", help="Print only the result of the batch.")] = False,
    jsonl: Annotated[
        bool, typer.Option("--jsonl", metavar="", help="Print each event as one JSON object a line on standard output.")
    ] = False,
) -> None:
    """Analyse a folder of clips. After an interruption the same command continues."""
    # Late: `analyzer --help` must not load the library.
    from analyzer.batch.batch_request import BatchRequest
    from analyzer.batch.clip_facts import FactsError
    from analyzer.batch.progress_display import describe_batch_end

    _check_arguments(folder, out, movement, queue_url)
    if queue_url is not None and workers is not None:
        exit_usage_error(
            "--workers: only for a batch on this machine. With --queue, set ANALYZER_WORKERS on each worker"
        )
    if queue_url is not None and model is not PoseModelChoice.FULL:
        exit_usage_error(
            f"--model {model.value}: only for a batch on this machine."
            " With --queue, set ANALYZER_POSE_MODEL on each worker"
        )
    request = BatchRequest(
        folder=folder,
        out=out,
        only=tuple(only or ()),
        exclude=tuple(exclude or ()),
        movement=movement,
        facts=facts,
        retry_failed=retry_failed,
        video=not no_video,
        blur_faces=blur_faces,
        own_mdc=load_own_mdc(repeatability),
        model=model.value,
    )
    try:
        with open_display(quiet=quiet, jsonl=jsonl) as on_event:
            ended = _run(request, queue_url, workers, on_event)
    except FactsError as error:
        exit_usage_error(str(error))
    except KeyboardInterrupt:
        raise CommandStoppedError(_describe_interruption(queue_url)) from None
    if not jsonl:
        for line in describe_batch_end(ended):
            typer.echo(line)
    raise typer.Exit(ExitCode.FAILED if ended.failed or ended.waiting else ExitCode.OK)


def _run(
    request: "BatchRequest", queue_url: str | None, workers: int | None, on_event: "EventListener"
) -> "BatchEnded":
    if queue_url is None:
        from analyzer.analysis.subprocess_runner import start_fork_server

        start_fork_server()  # it loads the libraries of the analysis while this process loads its own
        from analyzer.batch.run import run_batch

        return run_batch(request, Settings(), on_event, workers=workers)
    with distributed_batch.open_queue_client(queue_url) as queue_client:
        from api.batch.run import run_distributed_batch

        return run_distributed_batch(request, queue_client, on_event)


def _describe_interruption(queue_url: str | None) -> str:
    if queue_url is None:
        return "Stopped. Finished results remain; run the same command to continue."
    return "Stopped waiting. The workers continue; run the same command to wait again."


def _check_arguments(folder: str, out: str, movement: str, queue_url: str | None) -> None:
    if queue_url is not None:
        require_service("analyzer batch --queue")
    if "://" not in folder and not Path(folder).is_dir():
        exit_usage_error(f"{folder}: is not a folder. Give a folder of clips; for one clip: analyzer run CLIP")
    _check_places(folder, out, queue_url)
    _check_movement(movement)


def _check_places(folder: str, out: str, queue_url: str | None) -> None:
    from analyzer.batch.clip_record import CLIPS_FOLDER

    urls = [place for place in (folder, out) if "://" in place]
    if urls and queue_url is None:
        exit_usage_error(f"{urls[0]}: URLs need --queue. Without it, give a folder")
    if urls:
        if folder.rstrip("/") in (out.rstrip("/"), f"{out.rstrip('/')}/{CLIPS_FOLDER}"):
            exit_usage_error(f"--out {out}: the results need a place other than that of the clips")
        return
    results, clips = Path(out), Path(folder)
    if results.exists() and (not results.is_dir() or results.resolve() == clips.resolve()):
        exit_usage_error(f"--out {out}: the results need a folder other than that of the clips")
    if clips.resolve().is_relative_to((results / CLIPS_FOLDER).resolve()):
        exit_usage_error(f"--out {out}: the results would be written among the clips. Choose another folder")


def _check_movement(movement: str) -> None:
    from analyzer.movements.registry import UnknownMovementError, get_movement

    if movement != "auto":
        try:
            get_movement(movement)
        except UnknownMovementError as error:
            exit_usage_error(f"--movement {error}")
