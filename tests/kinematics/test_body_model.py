"""The articulated body: its projection, and the derivatives."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzer.kinematics import body_model as body
from analyzer.kinematics.body_model import CLIP_PARAMETERS, FRAME_PARAMETERS, project_body

FOCAL_PX = 1000.0
TRUNK, THIGH, SHIN, FOOT = 0.2, 0.17, 0.16, 0.08
SHOULDER_HALF, HIP_HALF = 0.07, 0.04
LEFT_SHOULDER, RIGHT_SHOULDER, LEFT_HIP, RIGHT_HIP, LEFT_KNEE, RIGHT_KNEE, LEFT_ANKLE, _, LEFT_TOE, _ = range(10)


def standing_clip(bearing_deg: float = 0.0, pitch_deg: float = 0.0) -> np.ndarray:
    """All half widths from the hips down are alike, so that the legs lie in vertical planes."""
    clip = np.zeros(CLIP_PARAMETERS)
    clip[body.BEARING], clip[body.PITCH] = np.radians([bearing_deg, pitch_deg])
    clip[body.LOG_TRUNK] = np.log(TRUNK)
    clip[[body.LOG_THIGH, body.LOG_SHIN, body.LOG_FOOT]] = np.log(np.array([THIGH, SHIN, FOOT]) / TRUNK)
    clip[body.SHOULDER_WIDTH] = SHOULDER_HALF / TRUNK
    clip[[body.HIP_WIDTH, body.KNEE_WIDTH, body.ANKLE_WIDTH, body.TOE_WIDTH]] = HIP_HALF / TRUNK
    return clip


def project_pixels(clip: np.ndarray, **frame: float) -> np.ndarray:
    """(K, 2) of one frame; angles in radians."""
    frames = np.zeros((1, FRAME_PARAMETERS))
    for name, value in frame.items():
        frames[0, getattr(body, name)] = value
    return project_body(clip, frames, FOCAL_PX).pixels[0]


def test_the_points_are_the_joints_left_before_right():
    assert body.FIT_LANDMARKS.tolist() == [11, 12, 23, 24, 25, 26, 27, 28, 31, 32]


def test_a_standing_body_from_the_side():
    """Facing image right, the left side is farther away by its half width; the trunk's end is at 0.2 / 1.07."""
    projected = project_pixels(standing_clip())
    assert projected[LEFT_SHOULDER] == pytest.approx([0, -1000 * 0.2 / 1.07])
    assert projected[RIGHT_SHOULDER] == pytest.approx([0, -1000 * 0.2 / 0.93])
    assert projected[LEFT_HIP] == pytest.approx([0, 0])
    assert projected[LEFT_KNEE] == pytest.approx([0, 1000 * 0.17 / 1.04])
    assert projected[RIGHT_KNEE] == pytest.approx([0, 1000 * 0.17 / 0.96])
    assert projected[LEFT_ANKLE] == pytest.approx([0, 1000 * 0.33 / 1.04])
    # Toes lie one foot's length ahead and 0.45 of it below the ankle.
    assert projected[LEFT_TOE] == pytest.approx([1000 * 0.08 / 1.04, 1000 * (0.33 + 0.45 * 0.08) / 1.04])


def test_a_standing_body_that_faces_the_camera_shows_its_left_side_on_the_right():
    projected = project_pixels(standing_clip(bearing_deg=90))
    assert projected[LEFT_SHOULDER] == pytest.approx([70, -200])
    assert projected[RIGHT_SHOULDER] == pytest.approx([-70, -200])
    assert projected[LEFT_HIP] == pytest.approx([40, 0])
    # The toes are nearer to the camera by a foot's length.
    assert projected[LEFT_TOE] == pytest.approx([40 / 0.92, 366 / 0.92])


def test_a_body_bent_towards_the_camera_appears_larger():
    projected = project_pixels(standing_clip(bearing_deg=90), TRUNK=np.pi / 2)
    assert projected[LEFT_SHOULDER] == pytest.approx([1000 * 0.07 / 0.8, 0], abs=1e-9)


def test_thigh_and_shin_hang_down_and_lean_forward_upwards():
    """A thigh of -90 degrees is level with the knee ahead; the shin below it is upright."""
    projected = project_pixels(standing_clip(), THIGH=-np.pi / 2)
    assert projected[LEFT_KNEE] == pytest.approx([1000 * 0.17 / 1.04, 0], abs=1e-9)
    assert projected[LEFT_ANKLE] == pytest.approx([1000 * 0.17 / 1.04, 1000 * 0.16 / 1.04])


def test_a_knee_that_points_sideways_shortens_thigh_and_shin():
    out = 0.08 / TRUNK
    projected = project_pixels(standing_clip(bearing_deg=90), KNEE_OUT=out)
    height = np.sqrt(0.17**2 - 0.08**2)
    assert projected[LEFT_KNEE] == pytest.approx([120, 1000 * height])
    assert projected[LEFT_ANKLE] == pytest.approx([40, 1000 * (height + np.sqrt(0.16**2 - 0.08**2))])


def test_left_and_right_leg_may_differ():
    projected = project_pixels(standing_clip(), THIGH=-0.5, THIGH_LR=0.5)
    assert projected[LEFT_KNEE] == pytest.approx([0, 1000 * 0.17 / 1.04], abs=1e-9)
    assert projected[RIGHT_KNEE] == pytest.approx([1000 * 0.17 * np.sin(1) / 0.96, 1000 * 0.17 * np.cos(1) / 0.96])


def test_a_camera_tilted_down_shows_the_head_nearer_than_the_feet():
    """Pitched by 30 degrees: the shoulders' middle, 0.2 up, is nearer by 0.1 and lower in the picture by cos 30."""
    projected = project_pixels(standing_clip(bearing_deg=90, pitch_deg=30))
    # Axes turn about the camera: its own axis meets the hips no more.
    turn = np.radians(30)
    depth = np.cos(turn) - 0.2 * np.sin(turn)
    up = 0.2 * np.cos(turn) + np.sin(turn)
    assert projected[[LEFT_SHOULDER, RIGHT_SHOULDER]].mean(axis=0) == pytest.approx([0, -1000 * up / depth])


def test_the_plane_may_pass_beside_the_middle_of_the_picture():
    frames = np.zeros((1, FRAME_PARAMETERS))
    beside = project_body(standing_clip(bearing_deg=90), frames, FOCAL_PX, lateral_offset=0.3).pixels[0]
    assert beside[[LEFT_HIP, RIGHT_HIP]].mean(axis=0) == pytest.approx([300, 0])


def test_turning_the_person_is_turning_the_camera():
    assert project_pixels(standing_clip(30), TURN=0.2, TRUNK=0.7) == pytest.approx(
        project_pixels(standing_clip(30 + np.degrees(0.2)), TRUNK=0.7)
    )


def bodies(count: int = 3):
    """Parameters of a clip and of some frames, in the range of real ones."""
    clip = st.tuples(*[st.floats(-1, 1)] * CLIP_PARAMETERS)
    frames = st.lists(st.tuples(*[st.floats(-1, 1)] * FRAME_PARAMETERS), min_size=count, max_size=count)
    return st.tuples(clip.map(np.array), frames.map(np.array)).map(lambda both: _ranged(*both))


def _ranged(clip: np.ndarray, frames: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    start = standing_clip()
    span = np.full(CLIP_PARAMETERS, 0.1)
    span[[body.BEARING, body.PITCH, body.LOG_TRUNK]] = np.pi, 0.3, 0.5
    reach = np.full(FRAME_PARAMETERS, 0.1)
    reach[[body.TRUNK, body.THIGH, body.SHIN, body.FOOT]] = 2.0
    return start + span * clip, reach * frames


@given(bodies(), st.floats(-0.4, 0.4))
@settings(max_examples=40, deadline=None)
def test_the_mirrored_bearing_gives_the_mirrored_picture(both, lateral_offset):
    """Facing the other way at the same yaw, left and right exchange places."""
    clip, frames = both
    here = project_body(clip, frames, FOCAL_PX, lateral_offset)
    turned = clip.copy()
    turned[body.BEARING] = np.pi - clip[body.BEARING]
    sign = np.ones(FRAME_PARAMETERS)
    sign[[body.THIGH_LR, body.SHIN_LR, body.TURN]] = -1
    there = project_body(turned, frames * sign, FOCAL_PX, -lateral_offset)
    exchanged = np.arange(10).reshape(5, 2)[:, ::-1].reshape(-1)
    np.testing.assert_allclose(there.pixels[:, exchanged] * (-1, 1), here.pixels, atol=1e-6)
    np.testing.assert_allclose(there.depth[:, exchanged], here.depth, atol=1e-9)


@given(bodies(), st.floats(-0.4, 0.4))
@settings(max_examples=15, deadline=None)
def test_derivatives_are_those_of_finite_differences(both, lateral_offset):
    clip, frames = both
    here = project_body(clip, frames, FOCAL_PX, lateral_offset)
    step = 1e-6

    def differences(of_clip: bool, index: int) -> tuple[np.ndarray, ...]:
        ends = []
        for sign in (1, -1):
            moved_clip, moved_frames = clip.copy(), frames.copy()
            (moved_clip if of_clip else moved_frames)[..., index] += sign * step
            projected = project_body(moved_clip, moved_frames, FOCAL_PX, lateral_offset)
            ends.append((projected.pixels, projected.depth, projected.plane))
        return tuple((high - low) / (2 * step) for high, low in zip(*ends, strict=True))

    scale = 1e-4 * max(1.0, float(np.abs(here.by_clip).max()), float(np.abs(here.by_frame).max()))
    for index in range(FRAME_PARAMETERS):
        by_pixels, by_depth, by_plane = differences(False, index)
        np.testing.assert_allclose(here.by_frame[..., index], by_pixels, atol=scale, err_msg=f"frame {index}")
        np.testing.assert_allclose(here.depth_by_frame[..., index], by_depth, atol=1e-6, err_msg=f"frame {index}")
        np.testing.assert_allclose(here.plane_by_frame[..., index], by_plane, atol=1e-6, err_msg=f"frame {index}")
    for index in range(CLIP_PARAMETERS):
        by_pixels, by_depth, by_plane = differences(True, index)
        np.testing.assert_allclose(here.by_clip[..., index], by_pixels, atol=scale, err_msg=f"clip {index}")
        np.testing.assert_allclose(here.depth_by_clip[..., index], by_depth, atol=1e-6, err_msg=f"clip {index}")
        np.testing.assert_allclose(here.plane_by_clip[..., index], by_plane, atol=1e-6, err_msg=f"clip {index}")


def test_derivatives_hold_where_a_segment_points_sideways_almost_wholly():
    clip, frames = standing_clip(40), np.zeros((1, FRAME_PARAMETERS))
    frames[0, body.KNEE_OUT] = 1.2  # farther out than thigh and shin are long
    here = project_body(clip, frames, FOCAL_PX)
    for index in (body.KNEE_OUT, body.THIGH_LEN, body.SHIN_LEN):
        moved = frames.copy()
        moved[0, index] += 1e-6
        there = project_body(clip, moved, FOCAL_PX)
        assert here.by_frame[..., index] == pytest.approx((there.pixels - here.pixels) / 1e-6, abs=1e-2)
