"""Films of bodies with known angles: a stick person, a pinhole camera, noise; none of it from the code under test."""

from dataclasses import dataclass, field, replace

import numpy as np

from analyzer.kinematics.camera_lens import CameraLens
from analyzer.kinematics.clip_fit import ClipFit, fit_clip
from analyzer.kinematics.fit_observations import ObservedLandmarks
from analyzer.kinematics.fitted_body import FittedBody, fit_body
from analyzer.kinematics.landmarks import LEFT, RIGHT, Facing
from tests.bodies import TRUNK_M, Angles, BodyPosture, bearing, mirrored

DISTANCE_M = 3.0


def waves(times_s: np.ndarray, period_s: float = 3.0) -> np.ndarray:
    """0 at rest to 1 at the bottom of each repetition, after a second of standing."""
    return np.where(times_s < 1.0, 0.0, 0.5 - 0.5 * np.cos(2 * np.pi * (times_s - 1.0) / period_s))


def hinge(down: np.ndarray) -> BodyPosture:
    return BodyPosture(trunk_deg=3 + 65 * down, thigh_deg=1 - 20 * down, shin_deg=3 - 2 * down, upper_arm_deg=0 * down)


def squat(down: np.ndarray) -> BodyPosture:
    return BodyPosture(
        trunk_deg=3 + 35 * down, thigh_deg=1 - 85 * down, shin_deg=3 + 27 * down, upper_arm_deg=60 * down
    )


def sitting(down: np.ndarray) -> BodyPosture:
    return BodyPosture(trunk_deg=2 + 20 * down, thigh_deg=-86 + 0 * down, shin_deg=-2 - 50 * down)


def plank(down: np.ndarray) -> BodyPosture:
    return BodyPosture(trunk_deg=84 + 8 * down, thigh_deg=82 - 6 * down, shin_deg=84 + 0 * down, elbow_deg=90.0)


def standing(down: np.ndarray) -> BodyPosture:
    return hinge(0 * down)


def lunge(down: np.ndarray) -> BodyPosture:
    """The left foot ahead."""
    return BodyPosture(5 * down, 1 + 25 * down, 3 + 60 * down, left_thigh_deg=1 - 70 * down, left_shin_deg=3 - 3 * down)


POSTURES = {f.__name__: f for f in (hinge, squat, sitting, plank, standing, lunge)}


@dataclass(frozen=True)
class SimulatedFilm:
    """Landmarks of a film as the pose model would give them, and the truth. T frames."""

    times_s: np.ndarray
    points_px: np.ndarray
    visibility: np.ndarray
    mirror_distance_px: np.ndarray
    world_m: np.ndarray
    lens: CameraLens
    trunk_deg: np.ndarray
    thigh_deg: np.ndarray
    shin_deg: np.ndarray
    trunk_px: float = field(default=np.nan)

    @property
    def fold_deg(self) -> np.ndarray:
        return self.trunk_deg - self.thigh_deg

    @property
    def knee_deg(self) -> np.ndarray:
        return self.shin_deg - self.thigh_deg

    def fit(self) -> FittedBody:
        fitted = fit_body(self.landmarks())
        assert fitted is not None
        return fitted

    def fit_clip(self) -> ClipFit:
        fitted = fit_clip(self.landmarks())
        assert fitted is not None
        return fitted

    def landmarks(self) -> ObservedLandmarks:
        return ObservedLandmarks(
            self.times_s, self.points_px, self.visibility, self.mirror_distance_px, self.world_m, self.lens
        )

    def hidden(self, *landmarks: int, frames: slice = slice(None)) -> "SimulatedFilm":
        """Without some landmarks."""
        points = self.points_px.copy()
        points[frames, list(landmarks)] = np.nan
        return replace(self, points_px=points)

    def moved(self, *landmarks: int, by_trunks: tuple[float, float], frames: slice = slice(None)) -> "SimulatedFilm":
        """Some landmarks in a wrong place."""
        points = self.points_px.copy()
        points[frames, list(landmarks)] += np.array(by_trunks) * self.trunk_px
        return replace(self, points_px=points)

    def then(self, other: "SimulatedFilm") -> "SimulatedFilm":
        """This film and another one after it."""
        step = self.times_s[1] - self.times_s[0]
        joined = {
            name: np.concatenate([getattr(self, name), getattr(other, name)])
            for name in (
                "points_px",
                "visibility",
                "mirror_distance_px",
                "world_m",
                "trunk_deg",
                "thigh_deg",
                "shin_deg",
            )
        }
        return replace(self, times_s=np.concatenate([self.times_s, self.times_s[-1] + step + other.times_s]), **joined)

    def mirrored(self) -> "SimulatedFilm":
        """The mirrored film, left and right exchanged."""
        width = 2 * self.lens.principal_point_px[0]
        return replace(self, points_px=mirrored(self.points_px, width), world_m=mirrored(self.world_m))


def film(
    name: str = "hinge",
    yaw_deg: float | np.ndarray = 0.0,
    facing: Facing = "right",
    *,
    seconds: float = 4.0,
    fps: float = 30.0,
    noise: float = 0.02,
    drift: float = 0.0,
    pitch_deg: float = 0.0,
    aside_m: float = 0.0,
    size_px: tuple[int, int] = (720, 1280),
    seed: int = 0,
) -> SimulatedFilm:
    """Film one person.

    Parameters
    ----------
    name : the movement.
    yaw_deg : of the camera off the side view against the line to the person, + towards the front; one, or one a frame.
    noise, drift : SD of each coordinate in trunk lengths: new in every frame, and lasting for the whole film.
    pitch_deg : of the camera, + looks down.
    aside_m : how far right of the picture's middle the person is.
    """
    times = np.arange(round(seconds * fps)) / fps
    posture = POSTURES[name](waves(times))
    sight_deg = np.degrees(np.arctan2(aside_m, DISTANCE_M))
    world = posture.world_m(len(times), bearing(facing, yaw_deg) + sight_deg)
    ankle = world[:, [LEFT.ankle, RIGHT.ankle]].mean(axis=1, keepdims=True)
    standing = np.array([0.0, TRUNK_M * 1.7, 0.0]) - ankle if name in ("hinge", "squat", "standing") else 0.0
    # The pinhole: x and y over z, for a camera that is pitched about the person's middle.
    pitch = np.radians(pitch_deg)
    turn = np.array([[1, 0, 0], [0, np.cos(pitch), -np.sin(pitch)], [0, np.sin(pitch), np.cos(pitch)]])
    in_camera = (world + standing) @ turn.T + [aside_m, 0.0, DISTANCE_M]
    focal = 0.83 * max(size_px)
    lens = CameraLens((size_px[0] / 2, size_px[1] / 2), focal)
    trunk_px = TRUNK_M * focal / DISTANCE_M
    rng = np.random.default_rng(seed)
    points = focal * in_camera[..., :2] / in_camera[..., 2:] + lens.principal_point_px
    points += trunk_px * (noise * rng.normal(size=points.shape) + drift * rng.normal(size=(1, *points.shape[1:])))
    whole = np.zeros(len(times))
    return SimulatedFilm(
        times,
        points,
        np.full((len(times), 33), 0.98),
        np.full((len(times), 33), 0.02 * trunk_px),
        world @ turn.T,
        lens,
        posture.trunk_deg + whole,
        _mean(posture.thigh_deg, posture.left_thigh_deg) + whole,
        _mean(posture.shin_deg, posture.left_shin_deg) + whole,
        trunk_px,
    )


def _mean(right: Angles, left: Angles | None) -> np.ndarray:
    return np.asarray(right) if left is None else (np.asarray(right) + left) / 2
