"""`analyzer compare`: what changed between two or three clips."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from analyzer.cli.exits import exit_usage_error
from analyzer.cli.repeatability import RepeatabilityOption, load_own_mdc
from analyzer.settings import Settings

if TYPE_CHECKING:
    from analyzer.movements.minimal_detectable_change import ComparisonSetting


class FilmingSetting(StrEnum):
    """Setting in which two clips were filmed."""

    SAME_CLIP = "same-clip"
    REFILMED = "re-filmed"
    OTHER_DAY = "other-day"

    @property
    def setting(self) -> "ComparisonSetting":
        """Return the setting that decides the minimal detectable change."""
        settings: dict[FilmingSetting, ComparisonSetting] = {
            FilmingSetting.SAME_CLIP: "same_clip",
            FilmingSetting.REFILMED: "refilmed",
            FilmingSetting.OTHER_DAY: "other_day",
        }
        return settings[self]


def compare(
    clips: Annotated[
        list[str],
        typer.Argument(metavar="A B [C]", help="Clips, or folders of results. CLIP@1-3 uses reps 1 to 3 of a clip."),
    ],
    setting: Annotated[
        FilmingSetting | None,
        typer.Option(
            help="How the clips were filmed, which decides how large a change must be to count. Default: same-clip for "
            "reps of one clip, otherwise re-filmed (on the same day). Use other-day for clips of different days."
        ),
    ] = None,
    cue: Annotated[str | None, typer.Option(help="Cue that was given between A and B.")] = None,
    movement: Annotated[
        str, typer.Option(help="Movement in clips that have no result yet; auto recognises it.")
    ] = "auto",
    repeatability: RepeatabilityOption = None,
    out: Annotated[Path | None, typer.Option(help="Folder for the results. By default a folder beside A.")] = None,
    as_json: Annotated[
        bool, typer.Option("--json", metavar="", help="Print comparison.json on standard output.")
    ] = False,
) -> None:
    """Compare two or three clips, or reps of one: clear changes, and the clips side by side."""
    from analyzer.atomic_files import check_writable
    from analyzer.cli.progress_bar import show_progress_bar
    from analyzer.compare.outputs import default_comparison_folder, run_comparison
    from analyzer.compare.side import parse_source
    from analyzer.vocabulary.key_measures import format_change_line

    if not 2 <= len(clips) <= 3:
        exit_usage_error(f"compare: expected two or three clips, got {len(clips)}")
    sources = [parse_source(clip) for clip in clips]
    folder = out if out is not None else default_comparison_folder(sources)
    filmed = setting.setting if setting is not None else None
    own_mdc = load_own_mdc(repeatability)
    if all(source.path.exists() for source in sources):
        check_writable(folder)  # before clips without a result are analysed
    with show_progress_bar(Console(stderr=True)) as progress:
        result = run_comparison(
            sources, Settings(), folder, progress, movement=movement, setting=filmed, cue=cue, own_mdc=own_mdc
        )
    if as_json:
        typer.echo((folder / "comparison.json").read_text(encoding="utf-8"), nl=False)
        return
    for pair in result.pairs:
        for change in pair.key_changes:
            typer.echo(format_change_line(change))
        for sentence in (*pair.sentences, *pair.notes):
            typer.echo(sentence.text)
    if repeatability is not None:
        typer.echo(f"Minimal detectable change from {result.mdc_source}.")
    typer.echo(f"Side by side: {folder / 'comparison.html'}")
