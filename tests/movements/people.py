"""Simulated people who move: key postures joined smoothly, in a camera view, with landmark noise."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np
from scipy.signal import butter, sosfiltfilt

from analyzer.kinematics import angles as angle
from analyzer.kinematics.baseline_posture import find_baseline_posture
from analyzer.kinematics.joints import SideJoints, select_side_joints
from analyzer.kinematics.landmarks import LEFT, RIGHT, Facing, forward_sign, near_far_sides
from analyzer.movements.motion import Motion
from tests import bodies
from tests.bodies import PX_PER_M, BodyPosture, bearing, picture_px

FPS = 30.0
DEGREES_DEG = 22.0
"""Films from further off the side give no degrees."""
PostureAngles = Mapping[str, float]


def with_angles(motion: Motion, angles: Mapping[str, np.ndarray]) -> Motion:
    """The same motion with other angles, certain enough to be reported."""
    return replace(motion, angles={**motion.angles, **angles}, degrees={**motion.degrees, **angles})


def without_degrees(motion: Motion, *hidden: str) -> Motion:
    """The same motion in a view in which these angles may not be reported; without names, none."""
    names = hidden or tuple(motion.degrees)
    unknown = dict.fromkeys(names, np.full(len(motion.times_s), np.nan))
    return replace(motion, degrees={**motion.degrees, **unknown})


STAND: PostureAngles = {
    "trunk_deg": 2,
    "thigh_deg": 1,
    "shin_deg": 3,
    "upper_arm_deg": 5,
    "elbow_deg": 8,
    "neck_deg": 6,
}
TOUCH: PostureAngles = {
    "trunk_deg": 102,
    "thigh_deg": -10,
    "shin_deg": -6,
    "upper_arm_deg": 12,
    "elbow_deg": 4,
    "neck_deg": 130,
}
BOW: PostureAngles = {**STAND, "trunk_deg": 56, "thigh_deg": -10, "shin_deg": 2, "neck_deg": 60}
RDL: PostureAngles = {**STAND, "trunk_deg": 76, "thigh_deg": -24, "shin_deg": 0, "upper_arm_deg": -3, "neck_deg": 70}
DEADLIFT: PostureAngles = {
    **STAND,
    "trunk_deg": 62,
    "thigh_deg": -52,
    "shin_deg": 10,
    "upper_arm_deg": -5,
    "neck_deg": 60,
}
SQUAT: PostureAngles = {**STAND, "trunk_deg": 38, "thigh_deg": -86, "shin_deg": 30, "upper_arm_deg": 80, "neck_deg": 30}
BACKBEND: PostureAngles = {
    **STAND,
    "trunk_deg": -26,
    "thigh_deg": 8,
    "shin_deg": 8,
    "upper_arm_deg": -30,
    "elbow_deg": 60,
    "neck_deg": -30,
}
REACH: PostureAngles = {**STAND, "trunk_deg": -5, "upper_arm_deg": 168, "elbow_deg": 4}
RACK: PostureAngles = {**STAND, "upper_arm_deg": 45, "elbow_deg": 135}
PRESSED: PostureAngles = {**STAND, "trunk_deg": -3, "upper_arm_deg": 172, "elbow_deg": 6}
SIT: PostureAngles = {**STAND, "trunk_deg": 4, "thigh_deg": -87, "shin_deg": 4, "upper_arm_deg": 25, "elbow_deg": 40}
SIT_LEAN: PostureAngles = {**SIT, "trunk_deg": 42, "shin_deg": 12, "neck_deg": 20}
SIT_OFF: PostureAngles = {**SIT, "trunk_deg": 44, "thigh_deg": -72, "shin_deg": 18, "neck_deg": 20}
SLUMP: PostureAngles = {**SIT, "trunk_deg": 22, "neck_deg": 55}
SLUMP_KNEE: PostureAngles = {**SLUMP, "shin_deg": -65}
PLANK: PostureAngles = {
    "trunk_deg": 84,
    "thigh_deg": 82,
    "shin_deg": 84,
    "upper_arm_deg": 0,
    "elbow_deg": 90,
    "neck_deg": 88,
}
ROW: PostureAngles = {**RDL, "trunk_deg": 62, "thigh_deg": -35, "shin_deg": 8}
ROWED: PostureAngles = {**ROW, "upper_arm_deg": -50, "elbow_deg": 95}


def reps(
    rest: PostureAngles,
    deep: PostureAngles,
    count: int,
    down_s: float = 1.4,
    pause_s: float = 0.4,
    up_s: float = 1.3,
    rest_s: float = 1.0,
    start_s: float = 1.5,
) -> list[tuple[float, PostureAngles]]:
    """Key postures of repetitions: times and postures, each reached smoothly from the one before."""
    keys, now = [(0.0, rest), (start_s, rest)], start_s
    for _ in range(count):
        for length, pose in ((down_s, deep), (pause_s, deep), (up_s, rest), (rest_s, rest)):
            now += length
            keys.append((now, pose))
    return keys


def sit_to_stand_keys(count: int, slow: float = 1.0) -> list[tuple[float, PostureAngles]]:
    """Key postures of getting up from a seat and sitting down again, after 2 s on it."""
    keys, now = [(0.0, SIT), (2.0, SIT)], 2.0
    phases = (
        (0.6 * slow, SIT_LEAN),
        (0.25 * slow, SIT_OFF),
        (slow, STAND),
        (1.0, STAND),
        (1.3 * slow, SIT),
        (1.2, SIT),
    )
    for _ in range(count):
        for length, pose in phases:
            now += length
            keys.append((now, pose))
    return keys


def interpolate_posture(times_s: np.ndarray, keys: Sequence[tuple[float, PostureAngles]]) -> BodyPosture:
    """The postures at these times: between two keys half a cosine."""
    when = np.array([time for time, _ in keys])
    index = np.clip(np.searchsorted(when, times_s, side="right") - 1, 0, len(keys) - 2)
    part = np.clip((times_s - when[index]) / np.maximum(when[index + 1] - when[index], 1e-9), 0, 1)
    part = 0.5 - 0.5 * np.cos(np.pi * part)
    columns = {}
    for name in sorted({name for _, pose in keys for name in pose}):
        value = np.array([pose.get(name, 0.0) for _, pose in keys])
        columns[name] = value[index] + part * (value[index + 1] - value[index])
    return BodyPosture(**columns)


def simulate_motion(
    keys: Sequence[tuple[float, PostureAngles]],
    facing: Facing = "right",
    yaw_deg: float = 0.0,
    noise: float = 0.01,
    seed: int = 0,
    scale: float = 1.0,
) -> Motion:
    """The motion of a person who goes through these postures on feet (or a seat) that stay where they are."""
    times = np.arange(0.0, keys[-1][0] + 1e-6, 1 / FPS)
    return motion_of_body(times, interpolate_posture(times, keys), facing, yaw_deg, noise, seed, scale)


def motion_of_body(
    times: np.ndarray,
    body: BodyPosture,
    facing: Facing = "right",
    yaw_deg: float = 0.0,
    noise: float = 0.01,
    seed: int = 0,
    scale: float = 1.0,
    travel_m: np.ndarray | None = None,
) -> Motion:
    """The motion of a body over time, as the fitted body shows it: in its own sagittal plane, whatever the view.

    `noise` : SD of the landmarks, shares of the trunk; smoothed at 6 Hz as tracks are.
    `travel_m` : (T,) how far the hips have come; by default the right ankle stays where it is.
    """
    world = body.world_m(len(times), bearing(facing, 0.0))
    if travel_m is None:
        shift = world[:1, [RIGHT.ankle]] - world[:, [RIGHT.ankle]]
    else:
        shift = travel_m[:, None, None] * np.array([float(forward_sign(facing)), 0.0, 0.0])
        lowest = world[:, [LEFT.ankle, RIGHT.ankle], 1].max(axis=1)
        shift[:, :, 1] = (lowest[:1] - lowest)[:, None]
    points = picture_px(world + shift) * scale
    trunk = bodies.TRUNK_M * PX_PER_M * scale
    random = np.random.default_rng(seed).normal(0, noise * trunk, points.shape)
    points = points + sosfiltfilt(butter(2, 6.0, fs=FPS, output="sos"), random, axis=0)
    return motion_of_points(times, points, facing, yaw_deg, trunk)


def motion_of_points(times: np.ndarray, points: np.ndarray, facing: Facing, yaw_deg: float, trunk_px: float) -> Motion:
    """The motion of joints that are known in the sagittal plane, (T, 33, 2)."""
    near, far = (select_side_joints(points, side) for side in near_far_sides(facing))
    forward = forward_sign(facing)

    def mean(angle_of: Callable[[SideJoints], np.ndarray]) -> np.ndarray:
        one, other = angle_of(near), angle_of(far)
        return one + angle.wrap_angle_deg(other - one) / 2

    trunk = mean(lambda j: angle.inclination_deg(j.hip, j.shoulder, forward))
    thigh = mean(lambda j: angle.thigh_inclination_deg(j.knee, j.hip, forward))
    shin = mean(lambda j: angle.shin_inclination_deg(j.ankle, j.knee, forward))
    knee = angle.knee_flexion_deg(shin, thigh)
    foot = mean(lambda j: angle.foot_pitch_deg(j.heel, j.toe, forward))
    neck = angle.wrap_angle_deg(mean(lambda j: angle.neck_inclination_deg(j.shoulder, j.ear, forward)) - trunk)
    head = mean(lambda j: angle.head_inclination_deg(j.ear, j.eye, forward))
    arm = mean(lambda j: angle.arm_elevation_deg(j.shoulder, j.wrist, forward))
    reference = find_baseline_posture(times, trunk, thigh, knee, near.hip[:, 1] - near.shoulder[:, 1])

    def from_tall(values: np.ndarray) -> np.ndarray:
        return values if reference is None else values - np.median(values[reference.frames])

    columns = {
        "trunk_inclination_deg": trunk,
        "trunk_thigh_deg": angle.trunk_thigh_deg(trunk, thigh),
        "knee_flexion_deg": knee,
        "shin_inclination_deg": shin,
        "thigh_inclination_deg": thigh,
        "ankle_dorsiflexion_deg": angle.ankle_dorsiflexion_deg(shin, foot),
        "neck_flexion_deg": from_tall(neck),
        "head_tilt_deg": from_tall(head),
        "shoulder_flexion_deg": angle.shoulder_flexion_deg(arm, trunk),
        "elbow_flexion_deg": mean(lambda j: angle.elbow_flexion_deg(j.shoulder, j.elbow, j.wrist, forward)),
        "back_rounding_deg": np.full(len(times), np.nan),
        "body_line_deg": mean(lambda j: angle.body_line_deg(j.ankle, j.hip, j.shoulder, forward)),
    }
    gap = points[:, [RIGHT.knee, RIGHT.ankle], 1] - points[:, [LEFT.knee, LEFT.ankle], 1]
    motion = Motion(
        times,
        columns,
        columns,
        np.ones(len(times)),
        near,
        far,
        forward,
        trunk_px,
        reference,
        abs(yaw_deg),
        gap,
    )
    return motion if abs(yaw_deg) < DEGREES_DEG else without_degrees(motion)


def simulate_walk(
    seconds: float = 8.0,
    steps_per_min: float = 108.0,
    lean_deg: float = 4.0,
    sway_deg: float = 1.0,
    swing_deg: float = 24.0,
    still_s: float = 0.0,
    facing: Facing = "right",
    yaw_deg: float = 0.0,
    noise: float = 0.01,
    speed_m_s: float = 1.2,
) -> Motion:
    """A person who stands for `still_s` and then walks; each leg swings once in two steps with a bent knee."""
    times = np.arange(0.0, seconds + still_s, 1 / FPS)
    moving = np.clip((times - still_s) / 0.3, 0, 1) if still_s else np.ones(len(times))
    phase = np.pi * np.maximum(times - still_s, 0) * steps_per_min / 60

    def leg(at: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        thigh = -5 - swing_deg * np.sin(at)
        knee = 8 + 45 * np.maximum(np.cos(at), 0) ** 2
        return moving * thigh, moving * (thigh + knee)

    (right_thigh, right_shin), (left_thigh, left_shin) = leg(phase), leg(phase + np.pi)
    body = BodyPosture(
        trunk_deg=lean_deg + moving * sway_deg * np.sqrt(2) * np.sin(2 * phase),
        thigh_deg=right_thigh,
        shin_deg=right_shin,
        left_thigh_deg=left_thigh,
        left_shin_deg=left_shin,
        upper_arm_deg=5.0,
        elbow_deg=10.0,
        neck_deg=6.0,
    )
    return motion_of_body(times, body, facing, yaw_deg, noise, travel_m=speed_m_s * np.cumsum(moving) / FPS)


def simulate_lunges(count: int = 4, yaw_deg: float = 0.0, alternate: bool = True) -> Motion:
    """Forward lunges on the spot, right and left in turns or always the right leg."""
    front: PostureAngles = {**STAND, "thigh_deg": -75, "shin_deg": 15, "left_thigh_deg": 15, "left_shin_deg": 75}
    other: PostureAngles = {**STAND, "thigh_deg": 15, "shin_deg": 75, "left_thigh_deg": -75, "left_shin_deg": 15}
    both: PostureAngles = {**STAND, "left_thigh_deg": 1, "left_shin_deg": 3}
    keys, now = [(0.0, both), (1.5, both)], 1.5
    for index in range(count):
        for length, pose in ((0.9, other if alternate and index % 2 else front), (0.9, both), (0.4, both)):
            now += length
            keys.append((now, pose))
    times = np.arange(0.0, now, 1 / FPS)
    return motion_of_body(times, interpolate_posture(times, keys), yaw_deg=yaw_deg, travel_m=np.zeros(len(times)))


def other_motions(yaw_deg: float = 0.0, facing: Facing = "right") -> dict[str, Motion]:
    """Motions that are none of toe touch, extension, overhead, sit-to-stand and walk, by name."""

    def filmed(keys: Sequence[tuple[float, PostureAngles]]) -> Motion:
        return simulate_motion(keys, facing, yaw_deg)

    return {
        "bow": filmed(reps(STAND, BOW, 3)),
        "rdl": filmed(reps(STAND, RDL, 4)),
        "deadlift": filmed(reps(STAND, DEADLIFT, 3)),
        "deadlift from the floor": filmed(reps(DEADLIFT, STAND, 3, start_s=0.6)),
        "deadlift with a lean back": filmed(reps(DEADLIFT, {**STAND, "trunk_deg": -14}, 3)),
        "squat": filmed(reps(STAND, SQUAT, 4)),
        "paused squat": filmed(reps(STAND, SQUAT, 3, pause_s=2.0)),
        "squat of one rep": filmed(reps(STAND, SQUAT, 1)),
        "arms ahead squat": filmed(reps(STAND, {**SQUAT, "upper_arm_deg": 130}, 3)),
        "row": filmed(reps(ROW, ROWED, 5, down_s=0.7, up_s=0.7, rest_s=0.3)),
        "plank": filmed([(0.0, PLANK), (10.0, PLANK)]),
        "slump": filmed(
            [
                (0.0, SIT),
                (3.0, SIT),
                (5.0, SLUMP),
                (8.0, SLUMP),
                (10.0, SLUMP_KNEE),
                (13.0, SLUMP_KNEE),
                (15.0, SLUMP),
                (17.0, SIT),
                (19.0, SIT),
            ]
        ),
        "standing still": filmed([(0.0, STAND), (6.0, STAND)]),
        "lunges": simulate_lunges(yaw_deg=yaw_deg),
        "lunges of one leg": simulate_lunges(yaw_deg=yaw_deg, alternate=False),
    }


def example_motions(yaw_deg: float = 0.0, facing: Facing = "right") -> dict[str, Motion]:
    """One plain motion of each of toe touch, extension, overhead, sit-to-stand and walk, by the movement's name."""
    return {
        "toe_touch": simulate_motion(reps(STAND, TOUCH, 3), facing, yaw_deg),
        "standing_extension": simulate_motion(reps(STAND, BACKBEND, 3), facing, yaw_deg),
        "overhead": simulate_motion(reps(STAND, REACH, 3), facing, yaw_deg),
        "sit_to_stand": simulate_motion(sit_to_stand_keys(3), facing, yaw_deg),
        "carry": simulate_walk(facing=facing, yaw_deg=yaw_deg),
    }
