"""The files of one comparison, all of them or none."""

from collections.abc import Sequence
from pathlib import Path

from analyzer.clip.probe import Clip, open_clip
from analyzer.compare.opening import open_side
from analyzer.compare.result import Comparison
from analyzer.compare.rules import LABELS, compare_sides
from analyzer.compare.side import Event, Side, Source
from analyzer.files import atomic_write, whole_folder
from analyzer.movements.change import Setting
from analyzer.progress import Progress
from analyzer.request import Request
from analyzer.result import Rep
from analyzer.settings import Settings

FILES = ("side_by_side.mp4", "comparison.html", "comparison.json")
"""Moved into place in this order: where `comparison.json` lies, the rest is complete."""


def folder_for(sources: Sequence[Source]) -> Path:
    """Beside the first: `<A>_vs_<B>.comparison`."""
    return sources[0].path.absolute().parent / ("_vs_".join(_stem(source) for source in sources) + ".comparison")


def run_comparison(
    sources: Sequence[Source],
    settings: Settings,
    folder: Path,
    progress: Progress,
    *,
    movement: str = "auto",
    setting: Setting | None = None,
    cue: str | None = None,
) -> Comparison:
    """Compare, and write the files into `folder`, which is made if need be; a failure leaves an older result whole.

    Raises AnalyzerError: a clip that cannot be analysed, or two that cannot be compared.
    """
    request = Request(movement=movement)
    sides = [open_side(source, request, settings, progress) for source in sources]
    comparison = compare_sides(sides, setting, cue)
    with whole_folder(folder, FILES) as temporary:
        write_files(comparison, sides, settings, temporary, progress)
    return comparison


def write_files(
    comparison: Comparison, sides: Sequence[Side], settings: Settings, folder: Path, progress: Progress
) -> None:
    """Write every file of a comparison into an existing folder."""
    # Late: the drawing libraries would stand in memory beside the trackers.
    from analyzer.report.compare_html import write_comparison_html
    from analyzer.report.sidebyside import Panel, stills, write_side_by_side

    clips = [_video(side, settings) for side in sides]
    panels = [
        Panel(clip, label, _box(side), [_anchors(event) for event in side.events])
        for clip, label, side in zip(clips, LABELS, sides, strict=False)
        if clip is not None
    ]
    pictures = []
    video = None
    if len(panels) == len(sides):
        pictures = stills(panels, [side.shown.time_s for side in comparison.sides])
        video = FILES[0]
        warp = all(side.analysis.reps for side in sides)
        write_side_by_side(panels, folder / video, warp=warp, progress=progress)
    write_comparison_html(comparison, pictures, folder / FILES[1], video=video)
    with atomic_write(folder / FILES[2]) as temporary:
        temporary.write_text(comparison.model_dump_json(indent=2) + "\n", encoding="utf-8")


def _video(side: Side, settings: Settings) -> Clip | None:
    return None if side.video is None else open_clip(side.video, settings)


def _box(side: Side) -> tuple[float, float, float, float]:
    """Around the person, in parts of the picture."""
    clip = side.analysis.clip
    x0, y0, x1, y1 = side.analysis.subject.box_px
    return x0 / clip.width_px, y0 / clip.height_px, x1 / clip.width_px, y1 / clip.height_px


def _anchors(event: Event) -> tuple[float, ...]:
    if isinstance(event, Rep):
        return event.start_s, event.bottom_s, event.end_s
    return event.start_s, event.end_s


def _stem(source: Source) -> str:
    path = source.path.parent if source.path.name == "analysis.json" else source.path
    name = path.name.removesuffix(".analysis") if path.name.endswith(".analysis") else path.stem
    return name + source.suffix
