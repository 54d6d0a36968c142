"""Projection of landmarks to the person's own sagittal plane, from any camera view."""

import numpy as np

from analyzer.kinematics import body_model as body
from analyzer.kinematics.arrays import FloatArray
from analyzer.kinematics.camera_lens import CameraLens
from analyzer.kinematics.clip_fit import ClipFit, relative_body_scale
from analyzer.kinematics.fitted_body import FittedBody
from analyzer.kinematics.joints import SideJoints, select_side_joints
from analyzer.kinematics.landmarks import LEFT, RIGHT, forward_sign, near_far_sides

# Half widths over the trunk's length: ear to ear 15 cm (chosen); hands and elbows as the shoulders.
_HEAD_WIDTH = 0.15
_RIDGE = 0.06  # noise of a landmark over the forward reach of a limb: in an end-on view it stays near its root
_ROOTS = {
    "eye": ("shoulder", None),
    "ear": ("shoulder", None),
    "elbow": ("shoulder", body.SHOULDER_WIDTH),
    "wrist": ("shoulder", body.SHOULDER_WIDTH),
    "heel": ("ankle", body.ANKLE_WIDTH),
    "toe": ("ankle", body.TOE_WIDTH),
}


def project_to_sagittal(points_px: FloatArray, fitted: ClipFit, lens: CameraLens) -> tuple[SideJoints, SideJoints]:
    """Project all joints to the sagittal plane.

    Shoulders, hips, knees and ankles are those of the fitted body. Head, arms and feet are where the ray through their
    pixel meets the plane beside the body in which they move; from the front or behind, where ray and plane are nearly
    parallel, only their height is known and they stay near the joint that they are attached to.

    Parameters
    ----------
    points_px : (T, 33, 2) pixels, x right, y down, levelled; NaN where unknown.
    fitted : the bodies of the same clip.
    lens : the camera.

    Returns
    -------
    near, far : (T, 2) pixels of each joint at the distance of the body; forward is image right or left as the person
        faces. NaN where not known. Left and right points of a symmetric body coincide.
    """
    plane = np.full((len(points_px), points_px.shape[1], 2), np.nan)
    for part, segment in fitted.segments:
        plane[part] = _segment_plane(points_px[part], segment, lens) * relative_body_scale(fitted.longest, segment)
    pixels = plane * lens.focal_length_px * (forward_sign(fitted.longest.facing), -1.0) + lens.principal_point_px
    near, far = near_far_sides(fitted.longest.facing)
    return select_side_joints(pixels, near), select_side_joints(pixels, far)


def _segment_plane(points_px: FloatArray, fitted: FittedBody, lens: CameraLens) -> FloatArray:
    """Compute forward and up (T, 33, 2) of the landmarks of one segment."""
    plane = np.full((len(points_px), points_px.shape[1], 2), np.nan)
    plane[:, body.FIT_LANDMARKS[:8]] = fitted.joints
    clip = fitted.solution.clip
    trunk = np.exp(clip[body.LOG_TRUNK])
    rotation, _ = body.pitch_rotation(clip[body.PITCH])
    forward, up, left = (axis @ rotation.T for axis in body.compute_body_axes(clip[body.BEARING] + fitted.turn))
    origin = rotation @ (fitted.lateral_offset, 0.0, 1.0)
    rays = (points_px - lens.principal_point_px) / lens.focal_length_px
    for name, (root, width) in _ROOTS.items():
        half = trunk * (_HEAD_WIDTH if width is None else clip[width])
        for side, sign in ((LEFT, 1.0), (RIGHT, -1.0)):
            ray = rays[:, getattr(side, name)]
            base = origin + sign * half * left
            # Two equations (image x and y) linear in forward and up; forward is held near that of the root.
            rows = np.stack([axis[:, :2] - ray * axis[:, 2:] for axis in (forward, up)], axis=2)
            target = -(base[:, :2] - ray * base[:, 2:])
            start = plane[:, getattr(side, root), 0]
            normal = rows.transpose(0, 2, 1) @ rows
            normal[:, 0, 0] += _RIDGE**2
            right = (rows.transpose(0, 2, 1) @ target[..., None])[..., 0]
            right[:, 0] += _RIDGE**2 * start
            is_known = np.isfinite(right).all(axis=1)
            solved = np.linalg.solve(normal[is_known], right[is_known][..., None])
            plane[is_known, getattr(side, name)] = solved[..., 0]
    return plane
