"""`analyzer models` and `analyzer doctor`: the pose models and the installation."""

from typing import Annotated

import typer
from rich.console import Console

from analyzer.cli.analyse import PoseModelName
from analyzer.cli.exits import ExitCode
from analyzer.settings import Settings

models_app = typer.Typer(no_args_is_help=True, help="List and download the pose models.")


@models_app.command("list")
def list_models() -> None:
    """List the pose models, whether they are there, and their files."""
    from analyzer.pose.browser_pose_files import check_browser_pose_files
    from analyzer.pose.model_store import check_model_files

    statuses = check_model_files(Settings())
    for name in dict.fromkeys(status.name for status in statuses):
        places = [status for status in statuses if status.name == name]
        by_state = [status for state in ("ok", "wrong") for status in places if status.state == state]
        shown = [*by_state, places[-1]][0]  # the last place is the cache, where a download is stored
        typer.echo(f"{name:6s} {shown.state:7s} {shown.path}")
    state, folder = check_browser_pose_files(Settings())
    typer.echo(f"guide  {state:7s} {folder}")


@models_app.command("pull")
def pull_model(
    model: Annotated[
        PoseModelName, typer.Argument(metavar="MODEL", help="Pose model, from fast to precise.")
    ] = PoseModelName.FULL,
    live_guide: Annotated[
        bool,
        typer.Option(
            "--live-guide", metavar="", help="Also fetch the files of the guide that helps to film on a phone."
        ),
    ] = False,
) -> None:
    """Download a pose model, unless it is there already."""
    from analyzer.pose.browser_pose_files import ensure_browser_pose_files
    from analyzer.pose.download_progress import show_download_bar
    from analyzer.pose.model_store import ensure_model

    with show_download_bar() as bar:
        file = ensure_model(model.value, Settings(), bar)
        guide = ensure_browser_pose_files(Settings(), bar) if live_guide else None
    typer.echo(f"{file.path} ({file.source})")
    if guide is not None:
        typer.echo(f"{guide.folder} ({guide.source})")


def doctor() -> None:
    """List what is installed and what is missing, with the command that fixes it."""
    from analyzer.cli.doctor import check_installation, print_checks

    rows, ok = check_installation(Settings())
    print_checks(rows, Console())
    raise typer.Exit(ExitCode.OK if ok else ExitCode.FAILED)
