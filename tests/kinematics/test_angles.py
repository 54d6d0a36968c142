"""Angles against answers worked out on paper, and laws that hold for any body in any picture."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from analyzer.kinematics import angles as angle

RIGHT, LEFT = 1, -1
NAN = float("nan")


def at(*places: tuple[float, float]) -> np.ndarray:
    """(T, 2) pixels, one place a frame; x right, y down."""
    return np.array(places, dtype=float)


HERE = at((0, 0))


# ---- one line against the vertical -----------------------------------------------------------------------------

INCLINATIONS = [
    angle.inclination_deg,
    angle.trunk_inclination_deg,
    angle.thigh_inclination_deg,
    angle.shin_inclination_deg,
    angle.neck_inclination_deg,
]


@pytest.mark.parametrize("inclination", INCLINATIONS)
@pytest.mark.parametrize(
    ("upper", "answer"),
    [
        ((0, -50), 0),  # straight above
        ((50, -50), 45),  # as far forward as up
        ((50, 0), 90),  # level, upper end forward
        ((-50, -50), -45),  # as far back as up
        ((-50, 0), -90),  # lying on the back
        ((50, 50), 135),  # head down, forward
        ((30, -30 * np.sqrt(3)), 30),  # tan 30 = 1 / sqrt 3
        ((0, 50), 180),  # upside down: 180, never -180
    ],
)
def test_inclination_is_the_turn_from_upright_towards_the_front(inclination, upper, answer):
    assert inclination(HERE, at(upper), RIGHT) == pytest.approx([answer])
    assert inclination(HERE, at((-upper[0], upper[1])), LEFT) == pytest.approx([answer])


@pytest.mark.parametrize(
    ("eye", "answer"),
    [
        ((20, 0), 0),  # eyes level with the ears
        ((20, 20), 45),  # nose down
        ((20, -20), -45),  # nose up
        ((0, 20), 90),  # face to the floor
        ((-20, 0), 180),  # upside down: 180, never -180
    ],
)
def test_head_inclination_is_positive_with_the_nose_down(eye, answer):
    assert angle.head_inclination_deg(HERE, at(eye), RIGHT) == pytest.approx([answer])
    assert angle.head_inclination_deg(HERE, at((-eye[0], eye[1])), LEFT) == pytest.approx([answer])


@pytest.mark.parametrize(
    ("toe", "answer"),
    [((30, 0), 0), ((30, -30), 45), ((30, 30), -45), ((0, -30), 90), ((-30, 0), 180)],
)
def test_foot_pitch_is_positive_with_the_toes_up(toe, answer):
    assert angle.foot_pitch_deg(HERE, at(toe), RIGHT) == pytest.approx([answer])
    assert angle.foot_pitch_deg(HERE, at((-toe[0], toe[1])), LEFT) == pytest.approx([answer])


@pytest.mark.parametrize(
    ("wrist", "answer"),
    [((0, 60), 0), ((60, 60), 45), ((60, 0), 90), ((0, -60), 180), ((-60, 60), -45), ((-60, 0), -90)],
)
def test_arm_elevation_is_zero_when_hanging(wrist, answer):
    assert angle.arm_elevation_deg(HERE, at(wrist), RIGHT) == pytest.approx([answer])
    assert angle.arm_elevation_deg(HERE, at((-wrist[0], wrist[1])), LEFT) == pytest.approx([answer])


# ---- one line against another ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("trunk", "thigh", "answer"),
    [
        (0, 0, 0),  # standing
        (70, -15, 85),  # a hinge: the trunk goes forward, the hips go back behind the knees
        (0, -90, 90),  # sitting upright
        (-10, 0, -10),  # leaning back
        (170, -30, -160),  # 200 degrees of fold is the same turn as -160
    ],
)
def test_trunk_thigh_is_the_fold_between_them(trunk, thigh, answer):
    assert angle.trunk_thigh_deg(np.array([trunk]), np.array([thigh])) == pytest.approx([answer])


@pytest.mark.parametrize(
    ("shin", "thigh", "answer"),
    [
        (0, 0, 0),  # standing
        (0, -90, 90),  # sitting on a chair
        (20, -60, 80),  # a squat: knees forward, hips behind them
        (-3, 2, -5),  # locked back: hyperextension is negative
        (-90, -90, 0),  # sitting with the leg stretched forward
    ],
)
def test_knee_flexion_is_shin_against_thigh(shin, thigh, answer):
    assert angle.knee_flexion_deg(np.array([shin]), np.array([thigh])) == pytest.approx([answer])


@pytest.mark.parametrize(("shin", "foot", "answer"), [(0, 0, 0), (20, 0, 20), (0, 15, 15), (-10, -30, -40)])
def test_ankle_dorsiflexion_is_shin_against_foot(shin, foot, answer):
    # Knee over the toes (+ shin) or toes up (+ foot) close the same joint.
    assert angle.ankle_dorsiflexion_deg(np.array([shin]), np.array([foot])) == pytest.approx([answer])


@pytest.mark.parametrize(
    ("arm", "trunk", "answer"),
    [
        (0, 0, 0),  # standing, arms by the side
        (180, 0, 180),  # overhead
        (-180, 0, 180),  # the same direction
        (-170, 0, 190),  # a little behind overhead: it goes on beyond 180, without a jump
        (0, 90, 90),  # bent to level, arms hanging: 90 to the trunk
        (160, 20, 180),  # leaning forward, arms in line with the trunk
        (-60, 0, -60),  # behind the body
        (-90, 0, 270),  # the cut, straight back
    ],
)
def test_shoulder_flexion_is_the_arm_against_the_trunk(arm, trunk, answer):
    assert angle.shoulder_flexion_deg(np.array([arm]), np.array([trunk])) == pytest.approx([answer])


@pytest.mark.parametrize(
    ("wrist", "answer"),
    [((0, 80), 0), ((40, 40), 90), ((40, 80), 45), ((0, 0), 180), ((-40, 80), -45)],
)
def test_elbow_flexion_brings_the_hand_forward(wrist, answer):
    # The upper arm hangs from (0, 0) to (0, 40).
    assert angle.elbow_flexion_deg(HERE, at((0, 40)), at(wrist), RIGHT) == pytest.approx([answer])
    mirrored = at((-wrist[0], wrist[1]))
    assert angle.elbow_flexion_deg(HERE, at((0, 40)), mirrored, LEFT) == pytest.approx([answer])


# ---- whole bodies, lying and sitting ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("hip_y", "answer"),
    [
        (0, 0),  # a straight line
        (-100, 90),  # hips as high as half the line: two lines of 45 degrees, folded by 90
        (100, -90),  # hips that low: sag
        (-100 / np.sqrt(3), 60),  # tan 30 = 1 / sqrt 3, twice 30
    ],
)
def test_angles_of_a_plank_with_the_head_on_the_right(hip_y, answer):
    # Ankles at x = -100, shoulders at x = 100, both on the floor line; the front of the body faces down, and who lies
    # like that has walked the head forward: forward is image right.
    ankle, hip, shoulder = at((-100, 0)), at((0, hip_y)), at((100, 0))
    assert angle.body_line_deg(ankle, hip, shoulder, RIGHT) == pytest.approx([answer])
    mirror = [points * (-1, 1) for points in (ankle, hip, shoulder)]
    assert angle.body_line_deg(*mirror, LEFT) == pytest.approx([answer])


def test_a_level_plank_reads_90_throughout():
    ankle, knee, hip, shoulder = at((-100, 0)), at((-50, 0)), at((0, 0)), at((60, 0))
    assert angle.trunk_inclination_deg(hip, shoulder, RIGHT) == pytest.approx([90])
    assert angle.thigh_inclination_deg(knee, hip, RIGHT) == pytest.approx([90])
    assert angle.shin_inclination_deg(ankle, knee, RIGHT) == pytest.approx([90])


def test_sitting_upright_facing_left():
    # The seat is level: hip and knee at one height, the knee forward (left) of the hip, the foot below the knee.
    hip, shoulder, knee, ankle = at((300, 200)), at((300, 80)), at((200, 200)), at((200, 300))
    trunk = angle.trunk_inclination_deg(hip, shoulder, LEFT)
    thigh = angle.thigh_inclination_deg(knee, hip, LEFT)
    shin = angle.shin_inclination_deg(ankle, knee, LEFT)
    assert (trunk, thigh, shin) == (pytest.approx([0]), pytest.approx([-90]), pytest.approx([0]))
    assert angle.trunk_thigh_deg(trunk, thigh) == pytest.approx([90])
    assert angle.knee_flexion_deg(shin, thigh) == pytest.approx([90])


# ---- laws ------------------------------------------------------------------------------------------------------

Body = dict[str, np.ndarray]
JOINTS = ("eye", "ear", "shoulder", "elbow", "wrist", "hip", "knee", "ankle", "heel", "toe")
CHAIN = [("hip", "knee"), ("knee", "ankle"), ("ankle", "heel"), ("heel", "toe"), ("hip", "shoulder")]
CHAIN += [("shoulder", "elbow"), ("elbow", "wrist"), ("shoulder", "ear"), ("ear", "eye")]
ACROSS = [("shoulder", "wrist"), ("ankle", "hip")]  # lines over two limbs: no direction where they fold shut

# How far each angle turns when the picture turns clockwise by 1 degree and the person faces right.
TURNS = {
    "trunk": 1, "thigh": 1, "shin": 1, "neck": 1, "head": 1, "foot": -1, "arm": -1,
    "trunk_thigh": 0, "knee": 0, "ankle": 0, "shoulder": 0, "elbow": 0, "body_line": 0,
}  # fmt: skip


def all_angles(b: Body, forward: int) -> dict[str, np.ndarray]:
    trunk = angle.trunk_inclination_deg(b["hip"], b["shoulder"], forward)
    thigh = angle.thigh_inclination_deg(b["knee"], b["hip"], forward)
    shin = angle.shin_inclination_deg(b["ankle"], b["knee"], forward)
    foot = angle.foot_pitch_deg(b["heel"], b["toe"], forward)
    arm = angle.arm_elevation_deg(b["shoulder"], b["wrist"], forward)
    return {
        "trunk": trunk,
        "thigh": thigh,
        "shin": shin,
        "foot": foot,
        "arm": arm,
        "neck": angle.neck_inclination_deg(b["shoulder"], b["ear"], forward),
        "head": angle.head_inclination_deg(b["ear"], b["eye"], forward),
        "trunk_thigh": angle.trunk_thigh_deg(trunk, thigh),
        "knee": angle.knee_flexion_deg(shin, thigh),
        "ankle": angle.ankle_dorsiflexion_deg(shin, foot),
        "shoulder": angle.shoulder_flexion_deg(arm, trunk),
        "elbow": angle.elbow_flexion_deg(b["shoulder"], b["elbow"], b["wrist"], forward),
        "body_line": angle.body_line_deg(b["ankle"], b["hip"], b["shoulder"], forward),
    }


@st.composite
def bodies(draw: Callable) -> Body:
    """Two frames of a body with limbs in any direction, 5 to 300 pixels each."""
    directions = np.radians(draw(arrays(float, (len(CHAIN), 2), elements=st.floats(-180, 180))))
    lengths = draw(arrays(float, (len(CHAIN), 2), elements=st.floats(5, 300)))
    body = {"hip": draw(arrays(float, (2, 2), elements=st.floats(0, 1000)))}
    for (start, end), direction, length in zip(CHAIN, directions, lengths, strict=True):
        body[end] = body[start] + length[:, None] * np.column_stack([np.cos(direction), np.sin(direction)])
    assume(all(np.linalg.norm(body[a] - body[b], axis=1).min() > 1 for a, b in ACROSS))
    return body


def same(here: dict[str, np.ndarray], there: dict[str, np.ndarray], turn_deg: float = 0.0) -> None:
    """Every angle the same, but for the turn of the picture; 180 and -180 are neighbours."""
    for name, values in here.items():
        off = there[name] - values - TURNS[name] * turn_deg
        assert np.abs((off + 180) % 360 - 180).max() < 1e-6, name


@given(bodies(), st.sampled_from([RIGHT, LEFT]))
def test_the_mirror_image_facing_the_other_way_has_the_same_angles(body, forward):
    image = {name: points * (-1, 1) + (1000, 0) for name, points in body.items()}
    same(all_angles(body, forward), all_angles(image, -forward))


@given(bodies(), st.floats(-500, 500), st.floats(-500, 500), st.floats(0.1, 10))
def test_angles_do_not_depend_on_position_and_size(body, x, y, scale):
    moved = {name: points * scale + (x, y) for name, points in body.items()}
    same(all_angles(body, RIGHT), all_angles(moved, RIGHT))


@given(bodies(), st.floats(-180, 180), st.sampled_from([RIGHT, LEFT]))
def test_turning_the_picture_turns_inclinations_and_no_joint(body, turn_deg, forward):
    cos, sin = np.cos(np.radians(turn_deg)), np.sin(np.radians(turn_deg))
    turned = {name: points @ np.array([[cos, sin], [-sin, cos]]) for name, points in body.items()}  # clockwise
    same(all_angles(body, forward), all_angles(turned, forward), forward * turn_deg)


@given(bodies())
def test_every_angle_keeps_its_range(body):
    for name, values in all_angles(body, LEFT).items():
        low, high = (-90, 270) if name == "shoulder" else (-180, 180)
        assert (values > low).all() and (values <= high).all(), name


@given(st.floats(-1e4, 1e4))
def test_wrapping_keeps_the_direction(value):
    wrapped = float(angle.wrap_angle_deg(np.array([value]))[0])
    assert -180 < wrapped <= 180
    assert (wrapped - value) / 360 == pytest.approx(round((wrapped - value) / 360), abs=1e-9)


def test_wrapping_at_the_cut():
    values = np.array([180.0, -180.0, 181.0, -181.0, 540.0, -540.0, 0.0, NAN])
    assert angle.wrap_angle_deg(values) == pytest.approx([180, 180, -179, 179, 180, 180, 0, NAN], nan_ok=True)


@pytest.mark.parametrize("lost", JOINTS)
def test_an_unknown_joint_makes_its_angles_unknown_in_that_frame_only(lost):
    rng = np.random.default_rng(3)
    body = {name: rng.uniform(0, 1000, (3, 2)) for name in JOINTS}
    whole = all_angles(body, RIGHT)
    body[lost] = body[lost].copy()
    body[lost][1] = NAN
    hit = 0
    for name, values in all_angles(body, RIGHT).items():
        assert values[[0, 2]] == pytest.approx(whole[name][[0, 2]])
        hit += np.isnan(values[1])
        assert np.isnan(values[1]) or values[1] == pytest.approx(whole[name][1])
    assert hit > 0
