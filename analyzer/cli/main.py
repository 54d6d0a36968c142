"""The command line: `analyzer demo | run | compare | batch | models | doctor`, and the commands of the service."""

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn, TextIO

import typer
from rich.console import Console

from analyzer._version import __version__
from analyzer.cli import register_commands
from analyzer.cli.batch import batch_app
from analyzer.errors import AnalyzerError
from analyzer.process_memory import configure_process
from analyzer.settings import Settings

if TYPE_CHECKING:
    from analyzer.movements.minimal_detectable_change import ComparisonSetting
    from analyzer.request import AnalysisRequest
    from analyzer.results.schema import Analysis

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
models_app = typer.Typer(no_args_is_help=True, help="The pose models: which there are, and fetching them.")
app.add_typer(models_app, name="models")
app.add_typer(batch_app, name="batch")
register_commands(app)

_EXIT_CLIP, _EXIT_USAGE, _EXIT_CTRL_C = 1, 2, 130


class _Interrupted(Exception):
    """Ctrl-C, under a name that the command-line library does not answer by itself."""


class PoseModelName(StrEnum):
    """Pose models, from fast to careful."""

    LITE = "lite"
    FULL = "full"
    HEAVY = "heavy"


class FilmingSetting(StrEnum):
    """How two clips were filmed."""

    SAME_CLIP = "same-clip"
    REFILMED = "re-filmed"
    OTHER_DAY = "other-day"

    @property
    def setting(self) -> "ComparisonSetting":
        """As the rules of change call it."""
        settings: dict[FilmingSetting, ComparisonSetting] = {
            FilmingSetting.SAME_CLIP: "same_clip",
            FilmingSetting.REFILMED: "refilmed",
            FilmingSetting.OTHER_DAY: "other_day",
        }
        return settings[self]


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
    clip: Annotated[Path, typer.Argument(help="A video file: mp4, mov, m4v, mkv, webm, avi or animated GIF.")],
    movement: Annotated[str, typer.Option(help="hinge, plank, slump, ...; auto leaves it open.")] = "auto",
    variant: Annotated[str | None, typer.Option(help="For example conventional, sumo, kettlebell.")] = None,
    load_kg: Annotated[float | None, typer.Option("--load-kg", min=0, help="Load lifted, kg.")] = None,
    height_cm: Annotated[
        float | None, typer.Option("--height-cm", min=50, max=272, help="The client's height.")
    ] = None,
    subject: Annotated[str, typer.Option(help="Who: auto, largest, central, or X,Y in picture pixels.")] = "auto",
    model: Annotated[PoseModelName, typer.Option(help="Pose model.")] = PoseModelName.FULL,
    marks: Annotated[
        Path | None, typer.Option(help="JSON file of what the client reports and the coach adds: docs/marks.md.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Folder for the results; default beside the clip.")] = None,
    no_video: Annotated[bool, typer.Option("--no-video", help="Do not write annotated.mp4.")] = False,
    blur_faces: Annotated[bool, typer.Option("--blur-faces", help="Cover the subject's face.")] = False,
    export: Annotated[str | None, typer.Option(help="Also write: xlsx, parquet, trc, mot, or all.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print analysis.json on standard output.")] = False,
) -> None:
    """Analyse one clip: angles, annotated video and report.

    A folder that holds the track of this clip, subject and model is measured again without the pose model.
    """
    from analyzer.coaching.marks import MarksError, read_marks
    from analyzer.pose.subject_selection import parse_point
    from analyzer.request import AnalysisRequest

    if subject not in ("auto", "largest", "central"):
        try:
            parse_point(subject)
        except ValueError:
            _exit_usage_error(f"--subject {subject}: expected auto, largest, central, or X,Y such as 640,360")
    exports: tuple[str, ...] = ()
    if export is not None:
        from analyzer.export.formats import parse_export_formats

        try:
            exports = parse_export_formats(export)
        except ValueError as error:
            _exit_usage_error(f"--export {error}")
    told = None
    if marks is not None:
        try:
            told = read_marks(marks).model_dump(mode="json", exclude_unset=True)
        except MarksError as error:
            _exit_usage_error(str(error))
    request = AnalysisRequest(movement, variant, load_kg, height_cm, subject, model.value, told)
    folder = out if out is not None else clip.with_name(f"{clip.stem}.analysis")
    _run_and_report(clip, request, folder, video=not no_video, blur_faces=blur_faces, as_json=json, exports=exports)


@app.command()
def demo(
    out: Annotated[Path, typer.Option(help="Folder for the results.")] = Path("demo"),
) -> None:
    """Analyse a sample clip, end to end, and say where the report is."""
    from analyzer.package_data import find_resource
    from analyzer.request import AnalysisRequest
    from analyzer.results.file_names import TRACK_FILE

    (out / TRACK_FILE).unlink(missing_ok=True)  # the demonstration includes the pose model
    _run_and_report(
        find_resource("sample_videos/hinge_neutral.mp4"), AnalysisRequest(movement="hinge"), out, video=True
    )


@app.command()
def compare(
    clips: Annotated[
        list[str], typer.Argument(metavar="A B [C]", help="Clips, or their results; CLIP@1-3 for some of its reps.")
    ],
    setting: Annotated[
        FilmingSetting | None, typer.Option(help="How they were filmed; default: the same clip, else re-filmed.")
    ] = None,
    cue: Annotated[str | None, typer.Option(help="What was said between A and B.")] = None,
    movement: Annotated[str, typer.Option(help="For clips that have no result yet; auto leaves it open.")] = "auto",
    out: Annotated[Path | None, typer.Option(help="Folder for the results; default beside A.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print comparison.json on standard output.")] = False,
) -> None:
    """Compare two clips, or set-ups in one: what changed clearly, and both side by side."""
    from analyzer.cli.progress_bar import show_progress_bar
    from analyzer.compare.outputs import default_comparison_folder, run_comparison
    from analyzer.compare.side import parse_source

    if not 2 <= len(clips) <= 3:
        _exit_usage_error(f"compare: expected two or three clips, got {len(clips)}")
    sources = [parse_source(clip) for clip in clips]
    folder = out if out is not None else default_comparison_folder(sources)
    filmed = setting.setting if setting is not None else None
    try:
        with show_progress_bar(Console(stderr=True)) as progress:
            result = run_comparison(sources, Settings(), folder, progress, movement=movement, setting=filmed, cue=cue)
    except KeyboardInterrupt:
        raise _Interrupted from None
    if json:
        typer.echo((folder / "comparison.json").read_text(encoding="utf-8"), nl=False)
        return
    for told in (told for pair in result.pairs for told in (*pair.told, *pair.notes)):
        typer.echo(told.text)
    typer.echo(f"Side by side: {folder / 'comparison.html'}")


@app.command()
def doctor() -> None:
    """Say what is installed, what is missing, and how to mend it."""
    from analyzer.cli.doctor import check_installation, print_checks

    rows, ok = check_installation(Settings())
    print_checks(rows, Console())
    raise typer.Exit(0 if ok else 1)


@models_app.command("list")
def models_list() -> None:
    """List the pose models and where they lie."""
    from analyzer.pose.model_store import check_model_files

    for status in check_model_files(Settings()):
        typer.echo(f"{status.name:6s} {status.state:7s} {status.path}")


@models_app.command("pull")
def models_pull(
    model: Annotated[PoseModelName, typer.Argument(help="Which one.")] = PoseModelName.FULL,
) -> None:
    """Fetch a pose model, once."""
    from analyzer.pose.download_progress import show_download_bar
    from analyzer.pose.model_store import ensure_model

    with show_download_bar() as bar:
        file = ensure_model(model.value, Settings(), bar)
    typer.echo(f"{file.path} ({file.source})")


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
    from analyzer.analysis.outputs import run_or_remeasure_clip
    from analyzer.cli.progress_bar import show_progress_bar

    before = _read_previous_options(folder)
    try:
        with show_progress_bar(Console(stderr=True)) as progress:
            work, from_stored = run_or_remeasure_clip(
                clip,
                request,
                Settings(),
                folder,
                video=video,
                blur_faces=blur_faces,
                progress=progress,
                exports=exports,
            )
    except KeyboardInterrupt:
        raise _Interrupted from None
    if from_stored:
        left = [f"{name} {value}" for name, value in before.items() if name not in _read_previous_options(folder)]
        gone = f" Not given this time, so not in the result: {', '.join(left)}." if left else ""
        typer.echo(f"Measured again from the stored track, without the pose model.{gone}", err=as_json)
    if as_json:
        typer.echo((folder / "analysis.json").read_text(encoding="utf-8"), nl=False)
        return
    for line in _summary_lines(work.analysis):
        typer.echo(line)
    typer.echo(f"Report: {folder / 'report.html'}")


def _read_previous_options(folder: Path) -> dict[str, str]:
    """The options that the result in a folder was measured with, as they are typed; none where there is no result."""
    import json

    with suppress(OSError, ValueError, KeyError, TypeError):
        told = json.loads((folder / "analysis.json").read_text(encoding="utf-8"))
        settings, reported = told["provenance"]["settings"], told["measures"].get("reported")
        given = {f"--{name.replace('_', '-')}": settings[name] for name in ("variant", "load_kg", "height_cm")}
        given["--marks"] = f"({len(reported)} reports)" if reported else None
        return {name: str(value) for name, value in given.items() if value is not None}
    return {}


def _summary_lines(analysis: "Analysis") -> Iterator[str]:
    """What was seen, in a few lines."""
    view, movement = analysis.view, analysis.movement
    yield f"View: {view.grade}{', ' + '; '.join(view.reasons) if view.reasons else ''}"
    counts = {
        "rep": sum(rep.complete for rep in analysis.reps),
        "hold": len(analysis.holds),
        "stage": len(analysis.stages),
    }
    seen = [f"{count} {name}{'s' if count > 1 else ''}" for name, count in counts.items() if count]
    if movement.name == "unknown":
        yield f"Movement: not a movement I know; angles without judgement{_describe_alternatives(analysis)}"
    else:
        sure = f"{movement.confidence:.0%} sure" if movement.source == "auto" else "as given"
        count = ", " + ", ".join(seen) if seen else ""
        yield f"Movement: {movement.name.replace('_', ' ')} ({sure}){count}{_describe_alternatives(analysis)}"
    for finding in analysis.findings:
        parts = [finding.text, finding.cue and f'Cue: "{finding.cue}"', finding.try_ and f"Try: {finding.try_}"]
        yield f"{'Can' if finding.kind == 'can' else 'Next'}: {' '.join(filter(None, parts))}"
    for warning in analysis.quality.warnings:
        yield f"Note: {warning}"


def _describe_alternatives(analysis: "Analysis") -> str:
    """What else the clip may show, where that is a guess."""
    movement = analysis.movement
    if movement.source == "given" or not movement.alternatives:
        return ""
    others = ", ".join(f"{one.name} {one.confidence:.0%}" for one in movement.alternatives)
    return f"; perhaps {others}: --movement {movement.alternatives[0].name} measures again at once"


def _exit_usage_error(line: str) -> NoReturn:
    typer.echo(line, err=True)
    raise typer.Exit(_EXIT_USAGE)


def main() -> None:
    """Run the command line: expected failures are one line on standard error, never a traceback."""
    errors = _redirect_native_stderr()
    configure_process()
    try:
        app()
    except AnalyzerError as error:
        _stop(errors, str(error), _EXIT_CLIP)
    except _Interrupted:
        _stop(errors, "Stopped; nothing was left half-written.", _EXIT_CTRL_C)
    except OSError as error:
        _stop(errors, _explain_import_error(error) or _describe_os_error(error), _EXIT_CLIP)
    except ImportError as error:
        line = _explain_import_error(error)
        if line is None:
            raise
        _stop(errors, line, _EXIT_CLIP)


def _redirect_native_stderr() -> TextIO:
    """Keep the real standard error for ourselves: the native libraries' chatter is not for our users."""
    errors = os.fdopen(os.dup(2), "w", buffering=1)
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 2)
    os.close(silence)
    sys.stderr = errors
    return errors


def _explain_import_error(error: Exception) -> str | None:
    from analyzer.cli.doctor import explain_import_error

    return explain_import_error(error)


def _describe_os_error(error: OSError) -> str:
    where = f"{error.filename}: " if error.filename else ""
    return f"{where}{error.strerror or error}. Check the folder, the free space and your rights there."


def _stop(errors: TextIO, line: str, code: int) -> NoReturn:
    print(line, file=errors)
    sys.exit(code)


if __name__ == "__main__":
    main()
