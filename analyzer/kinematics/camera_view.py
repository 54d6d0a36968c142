"""The camera view: facing, yaw, pitch and roll, and the grade of the angles measured from it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from analyzer.kinematics.angles import wrap_angle_deg
from analyzer.kinematics.arrays import BoolArray, FloatArray, Series
from analyzer.kinematics.landmarks import LEFT, RIGHT, Facing
from analyzer.vocabulary.angles import MAIN_ANGLES

Grade = Literal["good", "fair", "rough", "refused"]
"""How much the angles of a clip may say, by the half width of their 80 % interval."""
CameraSide = Literal["front", "behind", "side"]
"""Where the camera stands."""

TURN_WINDOW_S = 1.0  # the bearing is a median over this time: a single frame is noisy; chosen
TURN_AWAY_DEG = 50.0  # a frame turned this far from the clip's bearing: the person faces elsewhere; chosen
MAX_YAW_DEG = 75.0  # beyond, a lean to the camera and away from it look alike; chosen: docs/experiments.md
SIDE_YAW_DEG = 15.0  # up to here the camera stands at the side, beyond in front or behind; chosen
LEVEL_ROLL_DEG = 5.0  # filming rule "level +/-5 degrees" (sources 1.5); roll is measured to about 2 degrees
GRADES_DEG: tuple[tuple[Grade, float], ...] = (("good", 5.0), ("fair", 8.0), ("rough", 12.0))
"""Largest half width of the 80 % interval of each grade, mean of trunk, trunk-thigh and knee."""
MAX_HALF_WIDTH_DEG = GRADES_DEG[-1][1]
"""Largest half width of an angle that is published, degrees."""
# Least share of the frames in which an angle must be certain to be published there. Plates hide the thighs at the top
# of a lift. Where the trunk is lost as often, so is the person. Plates that hide the knee hide the foot too, and the
# model's knee is then steadily wrong. Chosen on 5 rendered clips of both halves.
LEAST_CERTAIN_SHARES: Mapping[str, float] = dict(zip(MAIN_ANGLES, (0.5, 0.25, 0.5), strict=True))
Z_80 = 1.2816
"""Half width of an 80 % interval in standard deviations."""


@dataclass(frozen=True)
class CameraView:
    """The camera's view of the subject over a clip.

    Attributes
    ----------
    facing : side of the picture that the person faces, in most frames.
    yaw_deg : turn off the pure side view, -90 to 90: + the camera stands towards the person's front.
    yaw_sd_deg, pitch_deg : standard deviation of the yaw; pitch of the camera, + it looks down.
    roll_deg : camera roll, + the picture's content leans clockwise; None when it could not be measured.
    half_widths_deg : main angle (`MAIN_ANGLES`) -> half width of its 80 % interval, median over the clip; of a partial
        angle over the frames in which it is certain.
    is_turned_away : (T,) True in frames where the person has turned far away from that view.
    partial_angles : main angles that are certain in fewer than half of the frames, and published there only.
    """

    facing: Facing
    yaw_deg: float
    yaw_sd_deg: float
    pitch_deg: float
    roll_deg: float | None
    half_widths_deg: Mapping[str, float]
    is_turned_away: BoolArray
    partial_angles: frozenset[str] = frozenset()

    @property
    def corrected_roll_deg(self) -> float:
        """Return the roll by which the picture is rotated back, degrees: all of it beyond LEVEL_ROLL_DEG, else 0."""
        return corrected_roll_deg(self.roll_deg)

    @property
    def camera_side(self) -> CameraSide:
        """Return where the camera stands."""
        if abs(self.yaw_deg) <= SIDE_YAW_DEG:
            return "side"
        return "front" if self.yaw_deg > 0 else "behind"

    @property
    def yaw_interval_deg(self) -> tuple[float, float]:
        """Return the 80 % interval of the absolute yaw, degrees."""
        yaw_deg, half_width_deg = abs(self.yaw_deg), Z_80 * self.yaw_sd_deg
        return max(yaw_deg - half_width_deg, 0.0), min(yaw_deg + half_width_deg, 90.0)

    @property
    def certain_angles(self) -> tuple[str, ...]:
        """Return the main angles that are certain enough to be published; none where the trunk is not one of them.

        Plates often hide the legs and leave the trunk in view. All other angles are measured against the trunk. None
        from straight in front or behind, beyond MAX_YAW_DEG.
        """
        if self.is_end_on:
            return ()
        certain = tuple(name for name in MAIN_ANGLES if self.half_widths_deg[name] <= MAX_HALF_WIDTH_DEG)
        return certain if MAIN_ANGLES[0] in certain else ()

    @property
    def is_end_on(self) -> bool:
        """Return whether the camera stands so far in front or behind that inclinations are not visible."""
        return abs(self.yaw_deg) > MAX_YAW_DEG

    @property
    def is_obstructed(self) -> bool:
        """Return whether joints are hidden or blurred, so that a better pose model may see more; never when end-on."""
        return self.grade in ("rough", "refused") and not self.is_end_on

    @property
    def half_width_deg(self) -> float:
        """Return the mean half width of the 80 % intervals of the certain angles, degrees; infinite without any."""
        return float(np.mean([self.half_widths_deg[name] for name in self.certain_angles] or [np.inf]))

    @property
    def grade(self) -> Grade:
        """Return how far the angles can be trusted: "rough" where a main angle is left out, or partial."""
        if not self.certain_angles:
            return "refused"
        if len(self.certain_angles) < len(MAIN_ANGLES) or self.partial_angles:
            return "rough"
        return next(grade for grade, largest_deg in GRADES_DEG if self.half_width_deg <= largest_deg)

    @property
    def allows_angles(self) -> bool:
        """Return whether angles are published."""
        return allows_angles(self.grade)

    @property
    def reasons(self) -> list[str]:
        """Return what a coach should know about the view, in plain words."""
        reasons = []
        if self.camera_side != "side":
            position = f"about {abs(self.yaw_deg):.0f} degrees off the side view, {_WHERE[self.camera_side]}"
            clearness = _END_ON if self.is_end_on else f"{_CLEARNESS[self.grade]} from there: {self._certainty}"
            reasons.append(f"the camera stands {position}; {clearness}")
        elif self.grade != "good":
            reasons.append(f"{_CLEARNESS[self.grade]}: {self._certainty}")
        if self.roll_deg is None:
            reasons.append("camera roll could not be measured and is taken as 0")
        elif abs(self.roll_deg) > LEVEL_ROLL_DEG:
            roll = f"{abs(self.roll_deg):.0f} degrees"
            reasons.append(f"the phone was tilted by about {roll}; angles are corrected for it")
        return reasons

    @property
    def _certainty(self) -> str:
        """Return how certain the angles are, which decides the grade."""
        if self.grade == "refused":
            return (
                f"angles would be uncertain by more than {MAX_HALF_WIDTH_DEG:.0f} degrees and are left out. {_REFILM}"
            )
        degrees = max(1, round(self.half_width_deg))
        certain = f"accurate to about {degrees} degree{'s' if degrees > 1 else ''}"
        left_out = _name_angles(name for name in MAIN_ANGLES if name not in self.certain_angles)
        partial = _name_angles(name for name in self.certain_angles if name in self.partial_angles)
        if partial:
            others = f", {left_out} angles are left out" if left_out else ""
            return f"{partial} angles are given in part of the clip only{others}; what is given is {certain}. {_REFILM}"
        if left_out:
            return f"{left_out} angles are left out, the others are {certain}. {_REFILM}"
        rough = ", so take them as rough figures" if self.grade == "rough" else ""
        return f"angles are {certain}{rough}"


_WHERE = {"front": "towards the front", "behind": "towards the back"}
_CLEARNESS = {
    "good": "the joints are seen clearly",
    "fair": "the joints are seen less clearly",
    "rough": "some joints are hidden or blurred",
    "refused": "too much of the body is hidden or blurred",
}
_ANGLE_WORDS = {"trunk_inclination_deg": "trunk", "trunk_thigh_deg": "trunk-thigh", "knee_flexion_deg": "knee"}
_REFILM = "Film square to the side, the whole body in view and nothing in front of it"
_END_ON = f"a lean towards it and one away from it look alike, so angles are left out. {_REFILM}"


def summarize_half_widths(sds_deg: Mapping[str, Series]) -> tuple[dict[str, float], frozenset[str]]:
    """Compute `CameraView.half_widths_deg` and `CameraView.partial_angles`.

    Parameters
    ----------
    sds_deg : main angle -> (T,) standard deviation, degrees; infinite or NaN where unknown.
    """
    half_widths_deg, partial = {}, set()
    for name, sd_deg in sds_deg.items():
        width_deg = Z_80 * np.nan_to_num(sd_deg, nan=np.inf)
        is_certain = width_deg <= MAX_HALF_WIDTH_DEG
        half_widths_deg[name] = float(np.median(width_deg))
        if half_widths_deg[name] > MAX_HALF_WIDTH_DEG and is_certain.mean() >= LEAST_CERTAIN_SHARES[name]:
            half_widths_deg[name] = float(np.median(width_deg[is_certain]))
            partial.add(name)
    return half_widths_deg, frozenset(partial)


def allows_angles(grade: Grade) -> bool:
    """Return whether a view of this grade allows angles; without it labels, tables and axes show no numbers."""
    return grade != "refused"


def _name_angles(names: Iterable[str]) -> str:
    return " and ".join(_ANGLE_WORDS[name] for name in names)


def is_rough(sd_deg: FloatArray) -> BoolArray:
    """Find where an angle is less certain than the grade "fair" allows.

    Parameters
    ----------
    sd_deg : (T,) standard deviation, degrees.

    Returns
    -------
    (T,) False where unknown.
    """
    rough: BoolArray = np.nan_to_num(Z_80 * np.asarray(sd_deg)) > dict(GRADES_DEG)["fair"]
    return rough


def corrected_roll_deg(roll_deg: float | None) -> float:
    """Return the roll by which pictures are rotated back, degrees: all of it beyond LEVEL_ROLL_DEG, else 0."""
    known_deg = roll_deg or 0.0
    return known_deg if abs(known_deg) > LEVEL_ROLL_DEG else 0.0


def depth_bearing_deg(world_m: FloatArray, fps: float) -> Series:
    """Compute the direction that the person faces from the depth of the shoulders, as a running median.

    Parameters
    ----------
    world_m : (T, 33, 3) metres, x right, y down, z away from the camera; NaN where unknown.
    fps : frames per second.

    Returns
    -------
    (T,) degrees in (-180, 180]: 0 facing image right in a pure side view, 90 facing the camera, 180 facing left; NaN
    where unknown. Good to some 10 degrees.
    """
    from scipy.ndimage import median_filter  # late: grades are needed without SciPy

    across = world_m[:, LEFT.shoulder] - world_m[:, RIGHT.shoulder]
    is_known = np.isfinite(across).all(axis=1)
    direction = np.arctan2(across[is_known, 0], across[is_known, 2])
    # Filtered as a direction, since 179 and -179 degrees are neighbours.
    window = max(1, round(TURN_WINDOW_S * fps)) | 1
    bearing = np.full(len(world_m), np.nan)
    bearing[is_known] = np.degrees(
        np.arctan2(median_filter(np.sin(direction), window), median_filter(np.cos(direction), window))
    )
    return wrap_angle_deg(bearing)
