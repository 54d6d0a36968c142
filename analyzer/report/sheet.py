"""All that is drawn of a result: which pictures, the chart and the videos, each made anew only where it must be."""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from analyzer.clip.copy import copy_stream
from analyzer.clip.writer import VideoWriter
from analyzer.kept import Kept, digest
from analyzer.kinematics.view import gives_degrees
from analyzer.measure import Work
from analyzer.memory import give_back
from analyzer.progress import Progress
from analyzer.report.back_trail import BackTrail
from analyzer.report.bands import bands_of
from analyzer.report.keyframes import Album
from analyzer.report.labels import Image8
from analyzer.report.moments import Moment, best_moments, key_moments, main_angle
from analyzer.report.names import labels_of
from analyzer.report.plot import angles_figure, figure_svg, write_figure
from analyzer.report.prints import SMALL_PX, Wish
from analyzer.report.running import running_notes
from analyzer.report.trail import LoadTrail
from analyzer.report.video import output_size, write_annotated, write_plain

ANNOTATED, PLAIN = "annotated.mp4", "clip.mp4"


@dataclass(frozen=True)
class Sheet:
    """What is drawn.

    Attributes
    ----------
    work : the result.
    blur_faces : whether the subject's head is covered, in everything.
    labels : the angles drawn as numbers; none where no degrees may be given.
    pictures, portraits : for the coach, with the angles, and for the client, without.
    thumb : one small picture of the clip.
    album : where the frames of the pictures come from.
    """

    work: Work
    blur_faces: bool
    labels: tuple[str, ...]
    load: LoadTrail | None
    back: BackTrail | None
    pictures: list[Wish]
    portraits: list[Wish]
    thumb: Wish
    album: Album

    @classmethod
    def of(cls, work: Work, *, blur_faces: bool) -> "Sheet":
        """Choose the moments and what is drawn on them."""
        analysis, facing, times_s = work.analysis, work.view.facing, work.track.times_s
        degrees = gives_degrees(analysis.view.grade)
        labels = labels_of(main_angle(analysis.movement.name)) if degrees else ()
        load = LoadTrail.of(work.load, analysis.reps, times_s) if work.load is not None else None
        told = work.back if degrees else None
        back = BackTrail.of(told, work.track.points_px, facing) if told is not None else None
        moments = key_moments(analysis, times_s, work.table.shapes, work.table.confidence)
        best = best_moments(analysis, times_s, work.table.shapes, work.table.confidence)
        middle = len(times_s) // 2
        first = next(iter([*best, *moments]), Moment("The clip", middle, float(times_s[middle])))
        album = Album(work.clip, work.track, analysis.angles, facing, [*moments, *best, first], blur_faces)
        return cls(
            work,
            blur_faces,
            labels,
            load,
            back,
            pictures=[Wish(moment, labels, load, back) for moment in moments],
            portraits=[Wish(moment, long_side_px=SMALL_PX if len(best) > 1 else None) for moment in best],
            thumb=Wish(first, long_side_px=SMALL_PX),
            album=album,
        )

    def chart(self, path: Path, kept: Kept) -> str:
        """Write the angles over time as a picture, and give them as SVG."""
        analysis = self.work.analysis
        columns: dict[str, Any] = {name: analysis.angles[name].to_numpy() for name in analysis.angles}
        bands, shown = bands_of(analysis), main_angle(analysis.movement.name)
        degrees = gives_degrees(analysis.view.grade)
        key = digest("chart", columns, degrees, bands, shown)
        drawn = _Once(lambda: angles_figure(analysis.angles, degrees=degrees, bands=bands, shown=shown))
        if not kept.file(path, key):
            write_figure(drawn.figure, path)
        return kept.piece(key, lambda: figure_svg(drawn.figure).encode()).decode()

    def videos(self, folder: Path, kept: Kept, *, annotated: bool, plain: bool, progress: Progress) -> None:
        """Write the clip with what was measured drawn on it, and the clip itself as browsers play it, in one pass."""
        annotated = annotated and not kept.file(folder / ANNOTATED, self._annotated_key())
        plain = plain and not kept.file(folder / PLAIN, self._plain_key()) and not self._copied(folder / PLAIN)
        if annotated:
            self._write_annotated(folder / ANNOTATED, folder / PLAIN if plain else None, progress)
        elif plain:
            write_plain(
                self.work.clip,
                self.work.track,
                folder / PLAIN,
                blur_faces=self.blur_faces,
                seen=self.album.take,
                progress=progress,
            )
        give_back()

    def _write_annotated(self, path: Path, plain: Path | None, progress: Progress) -> None:
        work = self.work
        with ExitStack() as stack:
            seen: Callable[[int, Image8], None] = self.album.take
            if plain is not None:
                writer = stack.enter_context(VideoWriter(plain, *output_size(work.clip.width_px, work.clip.height_px)))

                def seen(index: int, image: Image8) -> None:
                    self.album.take(index, image)
                    writer.write(image, float(work.track.times_s[index]))

            write_annotated(
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
        return not self.blur_faces and not self.work.lost_frames and copy_stream(self.work.clip, path)

    @cached_property
    def _notes(self) -> list[tuple[str, bool]]:
        return running_notes(self.work.analysis, self.work.track.times_s)

    def _annotated_key(self) -> str:
        work, track = self.work, self.work.track
        shown = {name: work.analysis.angles[name].to_numpy() for name in (*self.labels, "confidence")}
        drawn = (track.points_px, track.visibility, work.view.facing, shown, self._notes, self.load, self.back)
        return digest("annotated", work.clip.sha256, self.blur_faces, *drawn)

    def _plain_key(self) -> str:
        track = self.work.track.points_px if self.blur_faces else None
        return digest("plain", self.work.clip.sha256, self.work.lost_frames, track)


class _Once:
    """A drawing that is made when it is asked for, once."""

    def __init__(self, make: Callable[[], Any]) -> None:
        self._make = make

    @cached_property
    def figure(self) -> Any:
        return self._make()
