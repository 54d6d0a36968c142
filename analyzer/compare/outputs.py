"""Write the files of one comparison, all of them or none."""

from collections.abc import Sequence
from pathlib import Path

from analyzer.atomic_files import atomic_folder, atomic_write
from analyzer.clip.probe import open_clip
from analyzer.compare.changes import SIDE_LABELS, compare_sides
from analyzer.compare.schema import Comparison
from analyzer.compare.side import ComparedEvent, ComparisonSide, SideSource
from analyzer.compare.side_loading import load_side
from analyzer.movements.minimal_detectable_change import NO_OWN_MDC, ComparisonSetting, MdcTable
from analyzer.progress import ProgressCallback
from analyzer.request import AnalysisRequest
from analyzer.results.schema import Rep
from analyzer.settings import Settings

COMPARISON_FILES = ("side_by_side.mp4", "comparison.html", "comparison.json")
"""In the order in which they are moved into place: where `comparison.json` is, all others are complete."""


def default_comparison_folder(sources: Sequence[SideSource]) -> Path:
    """Return the default output folder, beside the first source: `<A>_vs_<B>.comparison`."""
    return sources[0].path.absolute().parent / ("_vs_".join(_stem(source) for source in sources) + ".comparison")


def run_comparison(
    sources: Sequence[SideSource],
    settings: Settings,
    folder: Path,
    progress: ProgressCallback,
    *,
    movement: str = "auto",
    setting: ComparisonSetting | None = None,
    cue: str | None = None,
    own_mdc: MdcTable = NO_OWN_MDC,
) -> Comparison:
    """Compare two or three sources and write the files into `folder`.

    The folder is created if it does not exist. A failure leaves an older comparison in it unchanged.

    Raises
    ------
    AnalyzerError : a clip that cannot be analysed, or two that cannot be compared.
    """
    request = AnalysisRequest(movement=movement)
    sides = [load_side(source, request, settings, progress) for source in sources]
    comparison = compare_sides(sides, setting, cue, own_mdc)
    with atomic_folder(folder, COMPARISON_FILES) as temporary:
        write_comparison_files(comparison, sides, settings, temporary, progress)
    return comparison


def write_comparison_files(
    comparison: Comparison,
    sides: Sequence[ComparisonSide],
    settings: Settings,
    folder: Path,
    progress: ProgressCallback,
) -> None:
    """Write every file of a comparison into an existing folder."""
    # Imported here, so that the drawing libraries do not take memory while clips are analysed.
    from analyzer.compare.page import write_comparison_html
    from analyzer.compare.side_by_side_video import VideoPanel, render_stills, write_side_by_side

    clips = [None if side.video is None else open_clip(side.video, settings) for side in sides]
    panels = [
        VideoPanel(clip, label, _relative_box(side), [_anchors(event) for event in side.events])
        for clip, label, side in zip(clips, SIDE_LABELS, sides, strict=False)
        if clip is not None
    ]
    pictures = []
    video = None
    if len(panels) == len(sides):
        pictures = render_stills(panels, [side.shown.time_s for side in comparison.sides])
        video = COMPARISON_FILES[0]
        warp = all(side.analysis.reps for side in sides)
        write_side_by_side(panels, folder / video, warp=warp, progress=progress)
    write_comparison_html(comparison, pictures, folder / COMPARISON_FILES[1], video=video)
    with atomic_write(folder / COMPARISON_FILES[2]) as temporary:
        temporary.write_text(comparison.model_dump_json(indent=2) + "\n", encoding="utf-8")


def _relative_box(side: ComparisonSide) -> tuple[float, float, float, float]:
    """Return the box around the person as fractions of the picture: x0, y0, x1, y1."""
    clip = side.analysis.clip
    x0, y0, x1, y1 = side.analysis.subject.box_px
    return x0 / clip.width_px, y0 / clip.height_px, x1 / clip.width_px, y1 / clip.height_px


def _anchors(event: ComparedEvent) -> tuple[float, ...]:
    """Return the times at which events of the sides are aligned, seconds."""
    if isinstance(event, Rep):
        return event.start_s, event.bottom_s, event.end_s
    return event.start_s, event.end_s


def _stem(source: SideSource) -> str:
    path = source.path.parent if source.path.name == "analysis.json" else source.path
    name = path.name.removesuffix(".analysis") if path.name.endswith(".analysis") else path.stem
    return name + source.suffix
