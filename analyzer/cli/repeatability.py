"""`analyzer repeatability`: the measurement error of clips in which the same people did the same thing again."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from analyzer.cli.exits import exit_usage_error
from analyzer.cli.stop_signals import CommandStoppedError
from analyzer.settings import Settings

if TYPE_CHECKING:
    from analyzer.movements.minimal_detectable_change import MdcTable, RepeatSetting
    from analyzer.repeatability.schema import MovementRepeatability, Repeatability

RepeatabilityOption = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="repeatability.json of your own repeats (analyzer repeatability): its minimal detectable changes replace "
        "those of the literature.",
    ),
]


class RepeatFilming(StrEnum):
    """How the repeats were filmed."""

    REFILMED = "re-filmed"
    OTHER_DAY = "other-day"

    @property
    def setting(self) -> "RepeatSetting":
        """Return the setting as `repeatability.json` names it."""
        return "refilmed" if self is RepeatFilming.REFILMED else "other_day"


def load_own_mdc(path: Path | None) -> "MdcTable":
    """Read the minimal detectable changes of a file; none without a file."""
    from analyzer.movements.minimal_detectable_change import NO_OWN_MDC

    if path is None:
        return NO_OWN_MDC
    from analyzer.repeatability.schema import read_mdc_table

    return read_mdc_table(path)


def repeatability(
    folder: Annotated[
        Path,
        typer.Argument(
            metavar="FOLDER", help="Folder of clips with a clips.csv, or the output folder of analyzer batch."
        ),
    ],
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Folder for the results. By default that of the batch, or FOLDER.repeatability for clips.",
        ),
    ] = None,
    setting: Annotated[
        RepeatFilming,
        typer.Option(help="How the clips of a person were filmed: again on the same day, or on other days."),
    ] = RepeatFilming.REFILMED,
    movement: Annotated[
        str, typer.Option(help="Movement of clips for which clips.csv has none; auto recognises it.")
    ] = "auto",
    facts: Annotated[
        Path | None,
        typer.Option(metavar="TABLE", help="Table with the client of each clip. By default FOLDER/clips.csv."),
    ] = None,
    workers: Annotated[
        int | None, typer.Option(min=1, max=256, help="Clips to analyse at the same time. By default one a core.")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", metavar="", help="Print repeatability.json on standard output.")
    ] = False,
) -> None:
    """Measure the error of your own clips: film people twice, and learn how large a change must be to count."""
    from analyzer.repeatability.batch_results import is_batch_output
    from analyzer.repeatability.outputs import REPEATABILITY_FILES, measure_batch_repeatability

    if not folder.is_dir():
        exit_usage_error(f"{folder}: is not a folder. Give a folder of clips, or the output folder of analyzer batch")
    results, target = folder, out or folder
    if not is_batch_output(folder):
        results = target = out or folder.resolve().with_name(f"{folder.resolve().name}.repeatability")
        _analyse_clips(folder, results, movement, facts, workers)
    measured = measure_batch_repeatability(results, target, setting.setting)
    if as_json:
        typer.echo((target / REPEATABILITY_FILES[1]).read_text(encoding="utf-8"), nl=False)
        return
    for line in _describe(measured):
        typer.echo(line)
    typer.echo(f"Bland-Altman plots: {target / REPEATABILITY_FILES[0]}")
    if measured.to_mdc_table().measures:
        typer.echo(f"Use it: analyzer compare A B --repeatability {target / REPEATABILITY_FILES[1]}")


def _analyse_clips(folder: Path, results: Path, movement: str, facts: Path | None, workers: int | None) -> None:
    """Analyse the clips that have no result yet."""
    from analyzer.batch.batch_request import BatchRequest
    from analyzer.batch.clip_facts import FACTS_FILE, FactsError
    from analyzer.batch.run import run_batch
    from analyzer.cli.batch_display import open_display

    if facts is None and not (folder / FACTS_FILE).is_file():
        exit_usage_error(
            f"{folder}: has no {FACTS_FILE}, so it is unknown who was filmed twice. List the clips in it, with the "
            "columns file and client (docs/repeatability.md)"
        )
    request = BatchRequest(str(folder), str(results), movement=movement, facts=facts, video=False)
    try:
        with open_display() as on_event:
            run_batch(request, Settings(), on_event, workers=workers)
    except FactsError as error:
        exit_usage_error(str(error))
    except KeyboardInterrupt:
        raise CommandStoppedError("Stopped. Finished results remain; run the same command to continue.") from None


def _describe(measured: "Repeatability") -> list[str]:
    """Return one line for each key measure, and what is missing."""
    lines: list[str] = []
    for movement in measured.movements:
        lines += _describe_movement(movement, measured)
    if measured.left_out:
        lines.append(f"Not used: {len(measured.left_out)}; the page lists why")
    return lines


def _describe_movement(movement: "MovementRepeatability", measured: "Repeatability") -> list[str]:
    from analyzer.repeatability.error_text import format_error, format_error_interval
    from analyzer.repeatability.schema import describe_repeats
    from analyzer.vocabulary.terms import format_count

    shown = [measure for measure in movement.measures if measure.is_key] or movement.measures
    people = format_count(movement.people, "person", "people")
    lines = [f"{movement.title}: {movement.clips} clips of {people}"]
    for measure in shown:
        interval = format_error_interval(measure.mdc95_interval_95, measure.unit)
        lines.append(
            f"  {measure.label}: SEM {format_error(measure.sem, measure.unit)}, "
            f"MDC95 {format_error(measure.mdc95, measure.unit)} ({interval}), {describe_repeats(measure)}"
        )
    if not any(measure.is_used for measure in movement.measures):
        lines.append(
            f"  Too few to be used in comparisons: {measured.min_degrees_of_freedom} repeats of at least "
            f"{measured.min_people} people are needed"
        )
    return lines
