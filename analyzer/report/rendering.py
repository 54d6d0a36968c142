"""All that is drawn of a result: which pictures, the chart and the videos, each made anew only where it must be."""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from analyzer.clip.browser_copy import copy_stream
from analyzer.clip.h264_writer import VideoWriter
from analyzer.kinematics.camera_view import allows_angles
from analyzer.process_memory import release_memory
from analyzer.progress import ProgressCallback
from analyzer.report.analyzed_clip import AnalyzedClip
from analyzer.report.angle_names import choose_label_angles
from analyzer.report.charts.event_bands import list_event_bands
from analyzer.report.charts.static_chart import plot_angles, render_svg, write_figure
from analyzer.report.drawing.back_trail import BackTrail
from analyzer.report.drawing.labels import RgbImage
from analyzer.report.drawing.load_trail import LoadTrail
from analyzer.report.key_moments import KeyMoment, get_main_angle, select_client_moments, select_key_moments
from analyzer.report.stills.keyframes import FrameCollector
from analyzer.report.stills.page_pictures import SMALL_PICTURE_PX, PictureRequest
from analyzer.report.video.annotated_video import choose_output_size, write_annotated_video, write_plain_video
from analyzer.report.video.clock_caption import build_clock_captions
from analyzer.results.artifact_cache import ArtifactCache, compute_digest

ANNOTATED_FILE, PLAIN_FILE = "annotated.mp4", "clip.mp4"


@dataclass(frozen=True)
class ResultRenderer:
    """What is drawn.

    Attributes
    ----------
    work : the result.
    blur_faces : whether the subject's head is covered, in everything.
    labels : the angles drawn as numbers; none where no degrees may be given.
    pictures, client_pictures : for the coach, with the angles, and for the client, without.
    thumb : one small picture of the clip.
    album : where the frames of the pictures come from.
    """

    work: AnalyzedClip
    blur_faces: bool
    labels: tuple[str, ...]
    load: LoadTrail | None
    back: BackTrail | None
    pictures: list[PictureRequest]
    client_pictures: list[PictureRequest]
    thumb: PictureRequest
    album: FrameCollector

    @classmethod
    def of(cls, work: AnalyzedClip, *, blur_faces: bool) -> "ResultRenderer":
        """Choose the moments and what is drawn on them."""
        analysis, facing, times_s = work.analysis, work.view.facing, work.track.times_s
        degrees = allows_angles(analysis.view.grade)
        labels = choose_label_angles(get_main_angle(analysis.movement.name)) if degrees else ()
        load = LoadTrail.of(work.load, analysis.reps, times_s) if work.load is not None else None
        told = work.back if degrees else None
        back = BackTrail.of(told, work.track.points_px, facing) if told is not None else None
        moments = select_key_moments(analysis, times_s, work.table.unfiltered, work.table.confidence)
        best = select_client_moments(analysis, times_s, work.table.unfiltered, work.table.confidence)
        middle = len(times_s) // 2
        first = next(iter([*best, *moments]), KeyMoment("The clip", middle, float(times_s[middle])))
        album = FrameCollector(work.clip, work.track, analysis.angles, facing, [*moments, *best, first], blur_faces)
        return cls(
            work,
            blur_faces,
            labels,
            load,
            back,
            pictures=[PictureRequest(moment, labels, load, back) for moment in moments],
            client_pictures=[
                PictureRequest(moment, long_side_px=SMALL_PICTURE_PX if len(best) > 1 else None) for moment in best
            ],
            thumb=PictureRequest(first, long_side_px=SMALL_PICTURE_PX),
            album=album,
        )

    def chart(self, path: Path, kept: ArtifactCache) -> str:
        """Write the angles over time as a picture, and give them as SVG."""
        analysis = self.work.analysis
        columns: dict[str, Any] = {name: analysis.angles[name].to_numpy() for name in analysis.angles}
        bands, shown = list_event_bands(analysis), get_main_angle(analysis.movement.name)
        degrees = allows_angles(analysis.view.grade)
        key = compute_digest("chart", columns, degrees, bands, shown)
        drawn = _LazyFigure(lambda: plot_angles(analysis.angles, degrees=degrees, bands=bands, shown=shown))
        if not kept.file(path, key):
            write_figure(drawn.figure, path)
        return kept.piece(key, lambda: render_svg(drawn.figure).encode()).decode()

    def videos(
        self, folder: Path, kept: ArtifactCache, *, annotated: bool, plain: bool, progress: ProgressCallback
    ) -> None:
        """Write the clip with what was measured drawn on it, and the clip itself as browsers play it, in one pass."""
        annotated = annotated and not kept.file(folder / ANNOTATED_FILE, self._annotated_key())
        plain = (
            plain and not kept.file(folder / PLAIN_FILE, self._plain_key()) and not self._copied(folder / PLAIN_FILE)
        )
        if annotated:
            self._write_annotated(folder / ANNOTATED_FILE, folder / PLAIN_FILE if plain else None, progress)
        elif plain:
            write_plain_video(
                self.work.clip,
                self.work.track,
                folder / PLAIN_FILE,
                blur_faces=self.blur_faces,
                seen=self.album.take,
                progress=progress,
            )
        release_memory()

    def _write_annotated(self, path: Path, plain: Path | None, progress: ProgressCallback) -> None:
        work = self.work
        with ExitStack() as stack:
            seen: Callable[[int, RgbImage], None] = self.album.take
            if plain is not None:
                writer = stack.enter_context(
                    VideoWriter(plain, *choose_output_size(work.clip.width_px, work.clip.height_px))
                )

                def seen(index: int, image: RgbImage) -> None:
                    self.album.take(index, image)
                    writer.write(image, float(work.track.times_s[index]))

            write_annotated_video(
                work.clip,
                work.track,
                work.analysis.angles,
                work.view.facing,
                path,
                blur_faces=self.blur_faces,
                labels=self.labels,
                notes=self._notes,
                load=self.load,
                back=self.back,
                seen=seen,
                progress=progress,
            )

    def _copied(self, path: Path) -> bool:
        """Whether the clip's own stream could be taken over as it is."""
        return not self.blur_faces and not self.work.undecodable_frames and copy_stream(self.work.clip, path)

    @cached_property
    def _notes(self) -> list[tuple[str, bool]]:
        return build_clock_captions(self.work.analysis, self.work.track.times_s)

    def _annotated_key(self) -> str:
        work, track = self.work, self.work.track
        shown = {name: work.analysis.angles[name].to_numpy() for name in (*self.labels, "confidence")}
        drawn = (track.points_px, track.visibility, work.view.facing, shown, self._notes, self.load, self.back)
        return compute_digest("annotated", work.clip.sha256, self.blur_faces, *drawn)

    def _plain_key(self) -> str:
        track = self.work.track.points_px if self.blur_faces else None
        return compute_digest("plain", self.work.clip.sha256, self.work.undecodable_frames, track)


class _LazyFigure:
    """A drawing that is made when it is asked for, once."""

    def __init__(self, make: Callable[[], Any]) -> None:
        self._make = make

    @cached_property
    def figure(self) -> Any:
        return self._make()
