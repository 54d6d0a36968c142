"""Load a side of a comparison from its result, or from its clip, which is analysed first."""

from pathlib import Path

from pydantic import ValidationError

from analyzer.analysis.outputs import OutputOptions, run_clip
from analyzer.analysis.stored_analysis import read_stored_analysis
from analyzer.clip.probe import open_clip
from analyzer.compare.side import CompareError, ComparisonSide, SideSource, select_side
from analyzer.progress import ProgressCallback
from analyzer.request import AnalysisRequest
from analyzer.results.schema import Analysis
from analyzer.settings import Settings


def load_side(
    source: SideSource, request: AnalysisRequest, settings: Settings, progress: ProgressCallback
) -> ComparisonSide:
    """Load a side; a clip without a result beside it is analysed first. Raises AnalyzerError."""
    path = source.path
    if path.is_dir() or path.suffix == ".json":
        file = path / "analysis.json" if path.is_dir() else path
        folder, clip_video = file.parent, None
        analysis = load_analysis(file)
    else:
        clip, folder = open_clip(path, settings), path.with_name(f"{path.stem}.analysis")
        file = folder / "analysis.json"
        if not file.is_file() or load_analysis(file).clip.sha256 != clip.sha256:
            run_clip(path, request, settings, folder, OutputOptions(), progress)
        analysis, clip_video = load_analysis(file), path
    annotated = folder / "annotated.mp4"
    return select_side(source, analysis, annotated if annotated.is_file() else clip_video)


def load_analysis(file: Path) -> Analysis:
    """Read `analysis.json`; raises CompareError for a file that is missing or is not a result of this version."""
    try:
        return read_stored_analysis(file)
    except FileNotFoundError:
        raise CompareError(f"{file}: is not there. Analyse the clip first: analyzer run CLIP.") from None
    except ValidationError as error:
        raise CompareError(
            f"{file}: is no result of this version ({error.errors()[0]['msg']}). Analyse the clip again."
        ) from None
