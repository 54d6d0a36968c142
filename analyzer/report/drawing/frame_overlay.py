"""What is drawn on each frame: landmarks, angles, load and back, in pixels of the drawn picture."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from analyzer.kinematics.arrays import FloatArray
from analyzer.kinematics.camera_view import is_rough
from analyzer.kinematics.landmarks import Facing
from analyzer.pose.track import CleanTrack
from analyzer.report.drawing.back_trail import BackDrawing, BackTrail
from analyzer.report.drawing.load_trail import LoadDrawing, LoadTrail
from analyzer.vocabulary.angles import MAIN_ANGLES, get_sd_column


@dataclass(frozen=True)
class OverlayLayers:
    """Layers that are drawn over a clip beside the skeleton.

    Attributes
    ----------
    labels : angle columns written as labels, the most important first; none where the view allows no degrees.
    load : the path of the load; None without.
    back : the outline of the back; None without.
    """

    labels: tuple[str, ...] = ()
    load: LoadTrail | None = None
    back: BackTrail | None = None


NO_LAYERS = OverlayLayers()
MAIN_ANGLE_LAYERS = OverlayLayers(MAIN_ANGLES)


@dataclass(frozen=True)
class FramePlacement:
    """Placement of the clip's pixels in a drawn picture: times `scale`, minus `corner_px`, times `reduction`."""

    scale: FloatArray
    corner_px: tuple[float, float] = (0.0, 0.0)
    reduction: float = 1.0

    def place(self, points_px: FloatArray) -> FloatArray:
        """Return points (N, 2) of the clip in pixels of the picture."""
        return (points_px * self.scale - self.corner_px) * self.reduction


@dataclass(frozen=True)
class FrameOverlay:
    """Elements that are drawn on one frame, in pixels of the picture.

    Attributes
    ----------
    points_px : (33, 2) landmarks; what is NaN is not drawn.
    visibility : (33,) 0 to 1, 0 where uncertain; segments with an end below `LOW_CONFIDENCE` are dashed and paler.
    facing : the image side that the person faces.
    angles : degrees by column of `angles.csv`; NaN, or an angle with an unknown joint, gets no label.
    confidence : of the whole frame, 0 to 1; NaN counts as 0.
    rough_angles : those of `angles` with "about" before their number.
    load : beneath the skeleton: its path as a thin line, its place as a ring.
    back : beneath the skeleton: the outline of the back as a line.
    """

    points_px: FloatArray
    visibility: FloatArray
    facing: Facing
    angles: Mapping[str, float]
    confidence: float
    rough_angles: Collection[str] = ()
    load: LoadDrawing | None = None
    back: BackDrawing | None = None


def build_frame_overlay(
    track: CleanTrack,
    angles: Mapping[str, FloatArray],
    facing: Facing,
    layers: OverlayLayers,
    placement: FramePlacement,
    index: int,
    *,
    whole_rep: bool = False,
) -> FrameOverlay:
    """Collect what is drawn on one frame.

    Parameters
    ----------
    track, angles : T rows, one a frame of the clip; the columns of `angles.csv` by name.
    facing : the image side that the person faces.
    layers : what is drawn beside the skeleton.
    placement : where the clip's pixels lie in the picture.
    index : of the frame.
    whole_rep : draw the load's path over the whole rep, not only up to this frame.
    """
    load = layers.load.at(index, whole=whole_rep) if layers.load is not None else None
    back = layers.back.at(index) if layers.back is not None else None
    corner_px, reduction = placement.corner_px, placement.reduction
    return FrameOverlay(
        points_px=placement.place(track.points_px[index]),
        visibility=track.visibility[index],
        facing=facing,
        angles={label: float(angles[label][index]) for label in layers.labels},
        confidence=float(angles["confidence"][index]),
        rough_angles=find_rough_angles(angles, layers.labels, index),
        load=load.to_crop(placement.scale).to_crop(reduction, corner_px) if load is not None else None,
        back=back.to_crop(placement.scale).to_crop(reduction, corner_px) if back is not None else None,
    )


def find_rough_angles(angles: Mapping[str, FloatArray], labels: Sequence[str], index: int) -> tuple[str, ...]:
    """Return the angles that are rough in a frame; `angles` holds the columns of `angles.csv`."""
    return tuple(
        label
        for label in labels
        if get_sd_column(label) in angles and is_rough(np.array(angles[get_sd_column(label)][index]))
    )
