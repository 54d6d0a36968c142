"""Everything that is drawn of a result: pictures, chart and videos, each drawn again only where it has changed."""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cached_property, lru_cache, partial
from itertools import chain
from pathlib import Path

from analyzer.clip.browser_copy import copy_stream
from analyzer.clip.h264_writer import VideoWriter
from analyzer.clip.yuv_picture import YuvPicture
from analyzer.kinematics.camera_view import allows_angles
from analyzer.process_memory import release_memory
from analyzer.progress import ProgressCallback
from analyzer.report.analyzed_clip import AnalyzedClip
from analyzer.report.charts.chart import Chart, ChartData
from analyzer.report.charts.event_bands import list_event_bands
from analyzer.report.drawing.back_trail import BackTrail
from analyzer.report.drawing.frame_overlay import OverlayLayers
from analyzer.report.drawing.load_trail import LoadTrail
from analyzer.report.key_moments import KeyMoment, select_client_moments, select_key_moments
from analyzer.report.movement_words import get_movement_words, select_main_angle
from analyzer.report.stills.keyframes import FrameCollector
from analyzer.report.stills.page_pictures import (
    SMALL_PICTURE_PX,
    EncodedPicture,
    PictureRequest,
    list_missing_moments,
    render_pictures,
)
from analyzer.report.video.annotated_video import (
    FrameCallback,
    choose_output_size,
    write_annotated_video,
    write_plain_video,
)
from analyzer.report.video.clock_caption import ClockCaption, build_clock_captions
from analyzer.results.artifact_cache import ArtifactCache, compute_digest
from analyzer.vocabulary.angles import choose_label_angles

ANNOTATED_FILE, PLAIN_FILE = "annotated.mp4", "clip.mp4"


@dataclass(frozen=True)
class ResultRenderer:
    """Renderer of the pictures, the chart and the videos of one result.

    Attributes
    ----------
    clip_data : the result.
    blur_faces : whether the subject's head is covered everywhere.
    layers : what is drawn beside the skeleton.
    coach_pictures, client_pictures : with the angles for the coach, without for the client.
    thumbnail : one small picture of the clip.
    frame_collector : source of the frames of the pictures.
    """

    clip_data: AnalyzedClip
    blur_faces: bool
    layers: OverlayLayers
    coach_pictures: list[PictureRequest]
    client_pictures: list[PictureRequest]
    thumbnail: PictureRequest
    frame_collector: FrameCollector

    @classmethod
    def from_clip(cls, clip_data: AnalyzedClip, *, blur_faces: bool) -> "ResultRenderer":
        """Choose the moments of the pictures and what is drawn on them."""
        analysis, track, table = clip_data.analysis, clip_data.track, clip_data.table
        layers = _choose_layers(clip_data)
        moments = select_key_moments(analysis, track.times_s, table.unfiltered, table.confidence)
        best = select_client_moments(analysis, track.times_s, table.unfiltered, table.confidence)
        middle = len(track.times_s) // 2
        first = next(iter([*best, *moments]), KeyMoment("The clip", middle, float(track.times_s[middle])))
        client_side_px = SMALL_PICTURE_PX if len(best) > 1 else None
        return cls(
            clip_data,
            blur_faces,
            layers,
            coach_pictures=[PictureRequest(moment, layers) for moment in moments],
            client_pictures=[PictureRequest(moment, long_side_px=client_side_px) for moment in best],
            thumbnail=PictureRequest(first, long_side_px=SMALL_PICTURE_PX),
            frame_collector=FrameCollector(
                clip_data.clip, track, analysis.angles, clip_data.view.facing, [*moments, *best, first], blur_faces
            ),
        )

    def write_chart(self, path: Path, cache: ArtifactCache, draw: Callable[[ChartData], Chart]) -> str:
        """Write the angles over time as a picture, and return them as SVG; what is not stored is drawn by `draw`."""
        analysis = self.clip_data.analysis
        data = ChartData(
            {name: analysis.angles[name].to_numpy() for name in analysis.angles},
            allows_angles(analysis.view.grade),
            list_event_bands(analysis),
            select_main_angle(analysis),
        )
        key = compute_digest("chart", data.angles, data.degrees, data.bands, data.highlighted)
        chart = lru_cache(partial(draw, data))
        if not cache.file(path, key):
            path.write_bytes(chart().png)
        return cache.piece(key, lambda: chart().svg.encode()).decode()

    def draw_pictures(self, cache: ArtifactCache, threads: int) -> tuple[list[EncodedPicture], ...]:
        """Return the pictures for the coach, those for the client and the thumbnail, a list of none or one.

        The frames that no video has collected are read from the clip in `threads` parts at the same time.
        """
        album, kinds = self.frame_collector, (self.coach_pictures, self.client_pictures, [self.thumbnail])
        album.read_frames(list_missing_moments(chain.from_iterable(kinds), album, cache), threads)
        return tuple(render_pictures(requests, album, cache) for requests in kinds)

    def write_videos(
        self, folder: Path, cache: ArtifactCache, *, annotated: bool, plain: bool, progress: ProgressCallback
    ) -> None:
        """Write the annotated clip and the clip as browsers play it, in one pass where both are new."""
        annotated = annotated and not cache.file(folder / ANNOTATED_FILE, self._annotated_key())
        plain = (
            plain
            and not cache.file(folder / PLAIN_FILE, self._plain_key())
            and not self._copy_own_stream(folder / PLAIN_FILE)
        )
        if annotated:
            self._write_annotated(folder / ANNOTATED_FILE, folder / PLAIN_FILE if plain else None, progress)
        elif plain:
            write_plain_video(
                self.clip_data.clip,
                self.clip_data.track,
                folder / PLAIN_FILE,
                blur_faces=self.blur_faces,
                on_frame=self.frame_collector.add_picture,
                progress=progress,
            )
        release_memory()

    def _write_annotated(self, path: Path, plain: Path | None, progress: ProgressCallback) -> None:
        data = self.clip_data
        with ExitStack() as stack:
            on_frame: FrameCallback = self.frame_collector.add_picture
            if plain is not None:
                writer = stack.enter_context(
                    VideoWriter(plain, *choose_output_size(data.clip.width_px, data.clip.height_px))
                )

                def on_frame(index: int, picture: YuvPicture) -> None:
                    self.frame_collector.add_picture(index, picture)
                    writer.write_yuv(picture, float(data.track.times_s[index]))

            write_annotated_video(
                data.clip,
                data.track,
                data.analysis.angles,
                data.view.facing,
                path,
                layers=self.layers,
                captions=self._captions,
                blur_faces=self.blur_faces,
                on_frame=on_frame,
                progress=progress,
            )

    def _copy_own_stream(self, path: Path) -> bool:
        """Copy the clip's own stream if browsers play it as it is; return whether that was possible."""
        data = self.clip_data
        return not self.blur_faces and not data.undecodable_frames and copy_stream(data.clip, path)

    @cached_property
    def _captions(self) -> list[ClockCaption]:
        return build_clock_captions(self.clip_data.analysis, self.clip_data.track.times_s)

    def _annotated_key(self) -> str:
        data, track = self.clip_data, self.clip_data.track
        angles = {name: data.analysis.angles[name].to_numpy() for name in (*self.layers.labels, "confidence")}
        drawn = (track.points_px, track.visibility, data.view.facing, angles, self._captions, self.layers)
        return compute_digest("annotated", data.clip.sha256, self.blur_faces, *drawn)

    def _plain_key(self) -> str:
        points_px = self.clip_data.track.points_px if self.blur_faces else None
        return compute_digest("plain", self.clip_data.clip.sha256, self.clip_data.undecodable_frames, points_px)


def _choose_layers(clip_data: AnalyzedClip) -> OverlayLayers:
    """Choose what is drawn beside the skeleton: no angles and no back where the view allows no degrees."""
    analysis, track = clip_data.analysis, clip_data.track
    degrees = allows_angles(analysis.view.grade)
    labels = choose_label_angles(get_movement_words(analysis.movement.name).main_angle) if degrees else ()
    load, back = clip_data.load, clip_data.back
    return OverlayLayers(
        labels,
        load=LoadTrail.from_load_path(load, analysis.reps, track.times_s) if load is not None else None,
        back=BackTrail.from_back_rounding(back, track.points_px, clip_data.view.facing)
        if back is not None and degrees
        else None,
    )
