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

    for status in check_model_files(Settings()):
        typer.echo(f"{status.name:6s} {status.state:7s} {status.path}")
    state, folder = check_browser_pose_files(Settings())
    typer.echo(f"guide  {state:7s} {folder}")


@models_app.command("pull")
def pull_model(
    model: Annotated[PoseModelName, typer.Argument(help="Pose model, from fast to precise.")] = PoseModelName.FULL,
    live_guide: Annotated[
        bool, typer.Option("--live-guide", help="Also fetch the files of the guide that helps to film on a phone.")
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
