"""Simulated people who do a movement, as the fitted body would show them: training data for recognition.

Postures are drawn from the ranges of the literature (Escamilla 2000, Schellenberg 2013, Swinton 2011 and the like: see
the card of the model) or, where none exist, chosen wide. The angles then get errors as large as the fit's own: a
constant one for the clip, a slow one, and where the camera stands before or behind the person, an uncertain sign.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from scipy.ndimage import gaussian_filter1d

from analyzer.kinematics.arrays import FloatArray, Series
from analyzer.kinematics.joints import SideJoints
from analyzer.movements.motion import Motion

FPS = 15.0
TRUNK, THIGH, SHIN, UPPER_ARM, FOREARM, NECK, FOOT = 0.288, 0.245, 0.246, 0.186, 0.146, 0.12, 0.12
"""Lengths over body height; Drillis & Contini 1966 (neck and foot chosen)."""

SegmentAngles = dict[
    str, float
]  # trunk, thigh, shin, left_thigh, left_shin (degrees, signs of angles.csv), arm, elbow, neck
KeyPoses = tuple[FloatArray, Sequence[SegmentAngles]]
NAMES = ("trunk", "thigh", "shin", "left_thigh", "left_shin", "arm", "elbow", "neck")


@dataclass(frozen=True)
class SimulatedClip:
    """One simulated stretch and the movement it shows ("none" for any other, "rest" for nothing)."""

    movement: str
    motion: Motion


def draw_uniform(rng: Generator, low: float, high: float) -> float:
    """Draw evenly."""
    return float(rng.uniform(low, high))


def make_pose(
    trunk: float, thigh: float, shin: float, arm: float, elbow: float, neck: float = 0.0, **left: float
) -> SegmentAngles:
    """Make a posture; both legs alike unless `left_thigh` and `left_shin` differ."""
    own = {"left_thigh": left.get("left_thigh", thigh), "left_shin": left.get("left_shin", shin)}
    return {"trunk": trunk, "thigh": thigh, "shin": shin, "arm": arm, "elbow": elbow, "neck": neck} | own


def standing_pose(rng: Generator, arm: float | None = None, elbow: float | None = None) -> SegmentAngles:
    """Stand tall."""
    arm = draw_uniform(rng, -10, 15) if arm is None else arm
    elbow = draw_uniform(rng, 0, 25) if elbow is None else elbow
    return make_pose(draw_uniform(rng, -6, 8), draw_uniform(rng, -6, 6), draw_uniform(rng, -3, 6), arm, elbow)


def make_cycles(
    rng: Generator, high: SegmentAngles, low: SegmentAngles, least_s: float = 1.0, most_s: float = 7.0
) -> KeyPoses:
    """Go from one posture to the other and back: some reps, or a part of one; starts at either."""
    count, period = int(rng.integers(1, 7)), draw_uniform(rng, least_s, most_s)
    down, pause, up, rest = rng.dirichlet([4, 1.2, 4, 1.2]) * period
    times, poses = [0.0], [high]
    for _ in range(count):
        for length, end in ((rest, high), (down, low), (pause, low), (up, high)):
            times.append(times[-1] + length + 1e-3)
            poses.append(vary_pose(rng, end))
    if rng.random() < 0.4:
        times, poses = [t - times[2] for t in times[2:]], poses[2:]
    if rng.random() < 0.25:
        times, poses = times[:-1], poses[:-1]
    return np.array(times), poses


def vary_pose(rng: Generator, base: SegmentAngles, sd: float = 2.5) -> SegmentAngles:
    """Vary a posture a little, as reps vary."""
    return {name: value + rng.normal(0, sd) for name, value in base.items()}


def hold_poses(rng: Generator, *poses: SegmentAngles) -> KeyPoses:
    """Hold postures one after the other."""
    lengths = [draw_uniform(rng, 1.5, 12.0) / len(poses) for _ in poses]
    times, keys, now = [], [], 0.0
    for base, length in zip(poses, lengths, strict=True):
        times += [now, now + length]
        keys += [vary_pose(rng, base, 1.5), vary_pose(rng, base, 2.5)]
        now += length + draw_uniform(rng, 0.3, 1.5)
    return np.array(times), keys


def simulate_script(rng: Generator, movement: str, script: KeyPoses, wobble_deg: float = 1.5) -> SimulatedClip:
    """Play a script (half a cosine between key postures) and film it."""
    when, keys = script
    if rng.random() < 0.2 and movement not in ("rest",):  # something else before or after
        first = vary_pose(rng, standing_pose(rng) if rng.random() < 0.6 else keys[0], 6.0)
        if rng.random() < 0.5:
            when, keys = np.concatenate([[0.0], when + draw_uniform(rng, 0.5, 3.0)]), [first, *keys]
        else:
            when, keys = np.append(when, when[-1] + draw_uniform(rng, 0.5, 3.0)), [*keys, first]
    times = np.arange(when[0], max(when[-1], when[0] + 1.0), 1 / FPS)
    index = np.clip(np.searchsorted(when, times, side="right") - 1, 0, len(when) - 2)
    part = np.clip((times - when[index]) / np.maximum(when[index + 1] - when[index], 1e-9), 0, 1)
    part = (0.5 - 0.5 * np.cos(np.pi * part))[:, None]
    table = np.array([[key[name] for name in NAMES] for key in keys])
    values = table[index] + part * (table[index + 1] - table[index])
    values += draw_slow_noise(rng, values.shape, wobble_deg)
    return SimulatedClip(movement, simulate_fit(rng, times - times[0], values))


def draw_slow_noise(rng: Generator, shape: tuple[int, ...], sd: float, sigma_s: float = 0.3) -> FloatArray:
    """Draw noise that changes slowly."""
    noise = gaussian_filter1d(rng.normal(0, 1, shape), sigma_s * FPS, axis=0, mode="nearest")
    return sd * noise * np.sqrt(2 * np.sqrt(np.pi) * sigma_s * FPS)


def simulate_fit(rng: Generator, times_s: FloatArray, values: FloatArray, walks: Series | None = None) -> Motion:
    """See a body (angles in the order of `NAMES`) as the fit would: with its errors, some joints unknown."""
    end_on = rng.random() < 0.3
    sd = draw_uniform(rng, 6, 16) if end_on else draw_uniform(rng, 1, 7)
    share = np.array([1, 1, 1, 0, 0, 2, 2, draw_uniform(rng, 1, 5)])
    body = values + share * (rng.normal(0, sd, len(NAMES)) + draw_slow_noise(rng, values.shape, sd / 2))
    # The fit hardly tells the legs apart unless they are: both have the same errors.
    body[:, 3:5] += body[:, 1:3] - values[:, 1:3] + draw_slow_noise(rng, (len(values), 2), draw_uniform(rng, 0.2, 3))
    true_gap = _leg_gap(body, rng)
    if rng.random() < 0.5:  # the fit takes the legs for alike: it shows one of them, or their mean
        weight = float(rng.choice([0.0, 0.5, 1.0]))
        one = body[:, 1:3] + weight * (body[:, 3:5] - body[:, 1:3])
        body[:, 1:3] = body[:, 3:5] = one
    neck_known = rng.random() < 0.8
    trunk, thigh, shin, left_thigh, left_shin, arm, elbow, neck = body.T
    lengths = np.array([TRUNK, THIGH, SHIN, UPPER_ARM, FOREARM]) * rng.normal(1, 0.06, 5)
    legs = {"near": (thigh, shin), "far": (left_thigh, left_shin)}
    hip = _hips(legs, lengths, walks)
    sides = {}
    for side, (own_thigh, own_shin) in legs.items():
        shoulder = hip + lengths[0] * _up(trunk)
        own_elbow = shoulder - lengths[3] * _up(-arm)
        forearm = arm + elbow
        wrist = own_elbow - lengths[4] * _up(-forearm)
        knee = hip - lengths[1] * _up(own_thigh)
        ankle = knee - lengths[2] * _up(own_shin)
        ear = shoulder + NECK * _up(trunk + neck)
        if end_on:
            wrist = wrist + draw_slow_noise(rng, wrist.shape, 0.05) * (1, 0.3) + rng.normal(0, 0.05, 2) * (1, 0.2)
        points = {"eye": ear + 0.04, "ear": ear, "shoulder": shoulder, "elbow": own_elbow, "wrist": wrist, "hip": hip,
                  "knee": knee, "ankle": ankle, "heel": ankle - (0.03, 0.03), "toe": ankle + (FOOT, -0.04)}  # fmt: skip
        sides[side] = {name: 1000 * point * (1, -1) for name, point in points.items()}
    if rng.random() < 0.15:
        for known in sides.values():
            known["wrist"][:] = np.nan
    middle_thigh, middle_shin = (thigh + left_thigh) / 2, (shin + left_shin) / 2
    unknown = np.full(len(times_s), np.nan)
    angles = {
        "trunk_inclination_deg": _wrapped(trunk),
        "thigh_inclination_deg": _wrapped(middle_thigh),
        "shin_inclination_deg": _wrapped(middle_shin),
        "trunk_thigh_deg": _wrapped(trunk - middle_thigh),
        "knee_flexion_deg": _wrapped(middle_shin - middle_thigh),
        "neck_flexion_deg": neck if neck_known else unknown,
        "elbow_flexion_deg": elbow if np.isfinite(sides["near"]["wrist"]).all() else unknown,
    }
    near, far = (SideJoints(**sides[side]) for side in ("near", "far"))
    return Motion(
        times_s,
        angles,
        degrees=angles,
        confidence=np.ones(len(times_s)),
        near=near,
        far=far,
        forward_sign=1,
        trunk_px=1000 * float(lengths[0]),
        baseline=None,
        yaw_deg=80.0 if end_on else 20.0,
        leg_height_gap_px=true_gap,
    )


def _leg_gap(body: FloatArray, rng: Generator) -> FloatArray:
    """Return how much higher one knee and ankle are than the other; a camera sees the nearer foot lower."""
    knee = THIGH * (_up(body[:, 3]) - _up(body[:, 1]))[:, 1]
    ankle = knee + SHIN * (_up(body[:, 4]) - _up(body[:, 2]))[:, 1]
    noise = draw_slow_noise(rng, (len(body), 2), draw_uniform(rng, 0.003, 0.014)) + rng.normal(0, 0.025, 2)
    return 1000 * (np.stack([knee, ankle], axis=1) + noise) * rng.choice([-1, 1])


def _up(inclination_deg: Series) -> FloatArray:
    """Return (T, 2) unit vectors, forward and up, of a segment that points up, + leaning forward."""
    angle = np.radians(inclination_deg)
    return np.stack([np.sin(angle), np.cos(angle)], axis=1)


def _hips(legs: dict[str, tuple[Series, Series]], lengths: FloatArray, walks: Series | None) -> FloatArray:
    """Return where the hips are: over an ankle that stays, or carried along over the lower foot."""
    drops = np.stack([lengths[1] * _up(thigh) + lengths[2] * _up(shin) for thigh, shin in legs.values()])
    if walks is None:
        return drops[0]
    return np.stack([walks, drops[:, :, 1].max(axis=0)], axis=1)


def _wrapped(degrees: Series) -> Series:
    return (degrees + 180) % 360 - 180


ClipSimulator = Callable[[Generator], SimulatedClip]
