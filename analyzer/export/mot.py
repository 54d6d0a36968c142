"""`angles.mot`: the angles as an OpenSim motion, under the coordinate names of OpenSim's full-body models.

Trunk and pelvis turn as one, since one camera cannot separate hip and spine: `pelvis_tilt` is the trunk inclination
(in OpenSim leaning forward is -) and `hip_flexion` is the trunk-thigh angle; `lumbar_extension` is not measured and has
no column. Knee flexion and ankle dorsiflexion are + as in Rajagopal's model; for models in which the knee bends to -,
change the sign. Only the near side is written. Unknown values are `nan`.
"""

from pathlib import Path

import numpy as np
import pandas as pd

from analyzer.atomic_files import atomic_write
from analyzer.kinematics.landmarks import Facing

_COORDINATES = {
    "pelvis_tilt": ("trunk_inclination_deg", -1.0),
    "hip_flexion_{side}": ("trunk_thigh_deg", 1.0),
    "knee_angle_{side}": ("knee_flexion_deg", 1.0),
    "ankle_angle_{side}": ("ankle_dorsiflexion_deg", 1.0),
    "arm_flex_{side}": ("shoulder_flexion_deg", 1.0),
    "elbow_flex_{side}": ("elbow_flexion_deg", 1.0),
}
_DESCRIPTION = (
    "Degrees. pelvis_tilt is the trunk against the vertical, forward -; hip_flexion is trunk against thigh, hip and",
    "spine together; lumbar_extension is not measured and left out. The side near the camera; nan where unknown.",
)


def write_mot(angles: pd.DataFrame, facing: Facing, path: Path) -> None:
    """Write the angles that have values.

    Parameters
    ----------
    angles : one row a frame, degrees, columns of `angles.csv`.
    facing : the image side that the person faces; it decides which side is the near one.
    path : of the file.
    """
    side = "r" if facing == "right" else "l"
    columns = {"time": angles["time_s"].to_numpy(dtype=float)}
    for name, (column, sign) in _COORDINATES.items():
        values = angles[column].to_numpy(dtype=float)
        if np.isfinite(values).any():
            columns[name.format(side=side)] = sign * values + 0.0
    header = [
        "Coordinates",
        "version=1",
        f"nRows={len(angles)}",
        f"nColumns={len(columns)}",
        "inDegrees=yes",
        *_DESCRIPTION,
        "endheader",
        "\t".join(columns),
    ]
    body = (
        "\t".join(f"{value:.4f}" if k == 0 else f"{value:.3f}" for k, value in enumerate(row))
        for row in zip(*columns.values(), strict=True)
    )
    with atomic_write(path) as temporary:
        temporary.write_text("\n".join([*header, *body]) + "\n", encoding="utf-8")
