"""Everything known of one analysed clip: the input of reports, charts, videos and exports."""

from dataclasses import dataclass

from analyzer.clip.probe import Clip
from analyzer.kinematics.angle_table import AngleTable
from analyzer.kinematics.back_rounding import BackRounding
from analyzer.kinematics.camera_view import CameraView
from analyzer.load.load_path import LoadPath
from analyzer.pose.track import CleanTrack
from analyzer.results.schema import Analysis


@dataclass(frozen=True)
class AnalyzedClip:
    """All that is known of a clip at the end: the result and what the pictures are drawn from.

    `undecodable_frames` could not be decoded. In `track`, for drawing, the landmarks that were not used as the
    model drew them
    (`table.is_hidden`) are NaN.
    """

    clip: Clip
    track: CleanTrack
    view: CameraView
    table: AngleTable
    analysis: Analysis
    load: LoadPath | None = None
    back: BackRounding | None = None
    undecodable_frames: int = 0
