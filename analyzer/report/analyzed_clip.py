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
    """The result of one clip and the data that its pictures are drawn from.

    Attributes
    ----------
    track : landmarks for drawing; those that the analysis did not use (`table.is_hidden`) are NaN.
    load : path of the load; None where none was detected.
    back : the line of the back; None where it was not measured.
    undecodable_frames : number of frames that could not be decoded.
    """

    clip: Clip
    track: CleanTrack
    view: CameraView
    table: AngleTable
    analysis: Analysis
    load: LoadPath | None = None
    back: BackRounding | None = None
    undecodable_frames: int = 0
