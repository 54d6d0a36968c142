"""A side of a comparison as the person named it: read from its result, or from its clip, which is analysed first."""

from pathlib import Path

from pydantic import ValidationError

from analyzer.clip.probe import open_clip
from analyzer.compare.side import CompareError, Side, Source, side_of
from analyzer.outputs import run_clip
from analyzer.progress import Progress
from analyzer.request import Request
from analyzer.result import Analysis
from analyzer.settings import Settings


def open_side(source: Source, request: Request, settings: Settings, progress: Progress) -> Side:
    """Read the result, or make it: a clip that has none beside it is analysed first. Raises AnalyzerError."""
    path = source.path
    if path.is_dir() or path.suffix == ".json":
        file = path / "analysis.json" if path.is_dir() else path
        folder, own = file.parent, None
        analysis = read_result(file)
    else:
        clip, folder = open_clip(path, settings), path.with_name(f"{path.stem}.analysis")
        file = folder / "analysis.json"
        if not file.is_file() or read_result(file).clip.sha256 != clip.sha256:
            run_clip(path, request, settings, folder, video=True, blur_faces=False, progress=progress)
        analysis, own = read_result(file), path
    annotated = folder / "annotated.mp4"
    return side_of(source, analysis, annotated if annotated.is_file() else own)


def read_result(file: Path) -> Analysis:
    """Read `analysis.json`; raises CompareError where it is not there or is none."""
    try:
        return Analysis.model_validate_json(file.read_bytes())
    except FileNotFoundError:
        raise CompareError(f"{file}: is not there. Analyse the clip first: analyzer run CLIP.") from None
    except ValidationError as error:
        raise CompareError(
            f"{file}: is no result of this version ({error.errors()[0]['msg']}). Analyse the clip again."
        ) from None
