"""`analyzer run` and `analyzer demo`: analyse one clip and print a summary."""

import json
from collections.abc import Mapping, Sequence
from contextlib import nullcontext, suppress
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from analyzer.cli.exits import exit_usage_error
from analyzer.request import HEIGHT_RANGE_CM
from analyzer.settings import Settings
from analyzer.subject_choice import find_subject_problem

if TYPE_CHECKING:
    from analyzer.analysis.tracking_process import TrackingProcess
    from analyzer.request import AnalysisRequest


class PoseModelName(StrEnum):
    """Pose models, from fast to precise."""

    LITE = "lite"
    FULL = "full"
    HEAVY = "heavy"


class PoseModelChoice(StrEnum):
    """The pose models, and one chosen for each clip."""

    AUTO = "auto"
    LITE = "lite"
    FULL = "full"
    HEAVY = "heavy"


ModelOption = Annotated[
    PoseModelChoice,
    typer.Option(
        help="Pose model, from fast to precise; auto takes full, and heavy where joints are hidden or blurred."
    ),
]


def run(
    clip: Annotated[
        Path, typer.Argument(metavar="CLIP", help="Video file: mp4, mov, m4v, mkv, webm, avi or animated GIF.")
    ],
    movement: Annotated[
        str, typer.Option(help="Movement in the clip, for example hinge or plank; auto recognises it.")
    ] = "auto",
    variant: Annotated[
        str | None, typer.Option(help="Variant of the movement, for example conventional, sumo or kettlebell.")
    ] = None,
    load_kg: Annotated[float | None, typer.Option("--load-kg", min=0, help="Load in kg.")] = None,
    height_cm: Annotated[
        float | None,
        typer.Option("--height-cm", min=HEIGHT_RANGE_CM[0], max=HEIGHT_RANGE_CM[1], help="Height of the client in cm."),
    ] = None,
    subject: Annotated[
        str, typer.Option(help="Person to analyse: auto, largest, central, or a point X,Y in pixels of the picture.")
    ] = "auto",
    model: ModelOption = PoseModelChoice.FULL,
    marks: Annotated[
        Path | None,
        typer.Option(help="JSON file with the client's symptom reports and the coach's additions: docs/marks.md."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder for the results. By default a folder beside the clip.")
    ] = None,
    no_video: Annotated[bool, typer.Option("--no-video", metavar="", help="Do not write annotated.mp4.")] = False,
    blur_faces: Annotated[
        bool, typer.Option("--blur-faces", metavar="", help="Hide the subject's face in all pictures.")
    ] = False,
    export: Annotated[
        str | None, typer.Option(help="More files to write, comma-separated: xlsx, parquet, trc, mot, or all.")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", metavar="", help="Print analysis.json on standard output.")
    ] = False,
) -> None:
    """Analyse one clip: angles, annotated video and report.

    If the results folder holds the track of the same clip, subject and model, the pose model does not run again.
    """
    from analyzer.request import AnalysisRequest

    _check_subject(subject)
    _check_variant(movement, variant)
    exports = _parse_exports(export)
    request = AnalysisRequest(movement, variant, load_kg, height_cm, subject, model.value, _read_marks(marks))
    folder = out if out is not None else clip.with_name(f"{clip.stem}.analysis")
    _run_and_report(clip, request, folder, video=not no_video, blur_faces=blur_faces, as_json=as_json, exports=exports)


def demo(
    out: Annotated[Path, typer.Option(help="Folder for the results.")] = Path("demo"),
) -> None:
    """Analyse a sample clip and print the path of its report."""
    from analyzer.package_data import find_resource
    from analyzer.request import AnalysisRequest
    from analyzer.results.file_names import TRACK_FILE

    (out / TRACK_FILE).unlink(missing_ok=True)  # so that the pose model runs
    _run_and_report(
        find_resource("sample_videos/hinge_neutral.mp4"), AnalysisRequest(movement="hinge"), out, video=True
    )


def _check_subject(subject: str) -> None:
    if (problem := find_subject_problem(subject)) is not None:
        exit_usage_error(f"--subject {subject}: {problem}")


def _check_variant(movement: str, variant: str | None) -> None:
    if variant is not None:
        from analyzer.movements.registry import find_variant_problem

        if (problem := find_variant_problem(movement, variant)) is not None:
            exit_usage_error(f"--variant {variant}: {problem}")


def _parse_exports(export: str | None) -> Sequence[str]:
    if export is None:
        return ()
    from analyzer.export.formats import parse_export_formats

    try:
        return parse_export_formats(export)
    except ValueError as error:
        exit_usage_error(f"--export {error}")


def _read_marks(path: Path | None) -> Mapping[str, Any] | None:
    if path is None:
        return None
    from analyzer.coaching.marks import MarksError, read_marks

    try:
        return read_marks(path).model_dump(mode="json", exclude_unset=True)
    except MarksError as error:
        exit_usage_error(str(error))


def _run_and_report(
    clip: Path,
    request: "AnalysisRequest",
    folder: Path,
    *,
    video: bool,
    blur_faces: bool = False,
    as_json: bool = False,
    exports: Sequence[str] = (),
) -> None:
    from analyzer.atomic_files import check_writable

    if clip.exists():
        check_writable(folder)  # before the minute that tracking takes
    previous = _read_previous_options(folder)
    settings = Settings()
    with _start_tracking(clip, request, settings, folder) as process:
        from analyzer.analysis.outputs import OutputOptions, run_or_remeasure_clip  # late: loads libraries
        from analyzer.cli.progress_bar import show_progress_bar
        from analyzer.cli.result_text import summary_lines

        options = OutputOptions(video, blur_faces, tuple(exports))
        with show_progress_bar(Console(stderr=True)) as progress:
            analyzed, used_stored_track = run_or_remeasure_clip(
                clip, request, settings, folder, options, progress, process
            )
    if used_stored_track:
        dropped = {name: value for name, value in previous.items() if name not in _read_previous_options(folder)}
        typer.echo(_describe_remeasuring(dropped), err=as_json)
    if as_json:
        typer.echo((folder / "analysis.json").read_text(encoding="utf-8"), nl=False)
        return
    for line in summary_lines(analyzed.analysis):
        typer.echo(line)
    typer.echo(f"Report: {folder / 'report.html'}")


def _start_tracking(
    clip: Path, request: "AnalysisRequest", settings: Settings, folder: Path
) -> "TrackingProcess | nullcontext[None]":
    """Start to track the clip in a child process, unless there is a stored track, or no process can be started."""
    from analyzer.analysis.tracking_process import TrackingProcess, can_track_in_child
    from analyzer.results.file_names import TRACK_FILE

    if (folder / TRACK_FILE).exists() or not can_track_in_child(request, settings):
        return nullcontext()
    return TrackingProcess(clip, request, settings)


def _describe_remeasuring(dropped: Mapping[str, str]) -> str:
    """Return the line about a stored track, with the options of the previous run that were not given again."""
    line = "Measured again from the stored track, without the pose model."
    if dropped:
        options = ", ".join(f"{name} {value}" for name, value in dropped.items())
        line += f" Not given this time, so not in the result: {options}."
    return line


def _read_previous_options(folder: Path) -> dict[str, str]:
    """Return the options of the result in a folder, as they are typed; empty where there is no result."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        result = json.loads((folder / "analysis.json").read_text(encoding="utf-8"))
        settings, reports = result["provenance"]["settings"], result["measures"].get("reported")
        options = {f"--{name.replace('_', '-')}": settings[name] for name in ("variant", "load_kg", "height_cm")}
        options["--marks"] = f"({len(reports)} reports)" if reports else None
        return {name: str(value) for name, value in options.items() if value is not None}
    return {}
