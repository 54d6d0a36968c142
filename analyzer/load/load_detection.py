"""Is there something round at the hands? A few small pictures of one lift decide; then it is followed.

A plate on the bar in them, or the ball of a kettlebell that hangs below them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from analyzer.kinematics.arrays import FloatArray
from analyzer.load.circle_detection import Circle, detect_edges, find_circles

Image = NDArray[np.uint8]


@dataclass(frozen=True)
class LoadDetectionLimits:
    """What counts as a plate, unless said otherwise; lengths in trunk lengths, hip to shoulder."""

    trunk_px: float = 80.0  # pictures are made so small that the trunk has this length; chosen
    smallest: float = 0.25  # radius; below it hands, knees and shoes are round too; chosen
    largest: float = 0.75  # radius; 45 cm have .46 beside the body, more in front of it; chosen
    below_wrist: float = 0.1  # the bar lies in the hand, about 5 cm below the wrist; chosen
    reach: float = 0.6  # centre from there: near plates are shifted by the camera's turn and height; chosen
    rim: float = 0.65  # share of the rim that is seen; without a plate three looks agreed on .5 at most; chosen
    radius_tolerance: float = 0.05  # radii this near are one plate's; chosen
    place_tolerance: float = np.inf  # and so near one another from the wrist; behind a plate that is a guess: not asked
    looks: int = 4  # pictures of a lift that decide; chosen
    agree: int = 3  # so many of them show the plate; chosen
    tried: int = 6  # places in a picture at which a circle is sought; chosen
    tracking_candidates: int = 2  # once its radius and about its place are known; chosen
    min_tracking_rim: float = 0.5  # share of the rim that is enough once its radius is known; chosen
    step: float = 0.15  # how far from where it is expected the next frame may show it; chosen
    lost: int = 3  # frames without it after which it is sought at the hands again; chosen


PLATE_LIMITS = LoadDetectionLimits()
KETTLEBELL_LIMITS = replace(
    PLATE_LIMITS,
    trunk_px=160.0,  # a ball is half as large as a plate; chosen
    smallest=0.14,  # radius; rendered balls of 19 cm have .16 to .2; chosen
    largest=0.28,  # radius; chosen
    below_wrist=0.38,  # hand and handle are about 18 cm long; chosen
    reach=0.2,  # it hangs straight below; chosen
    rim=0.5,  # thighs and handle hide some of it; without one no three looks agreed: docs/validation.md; chosen
    place_tolerance=0.1,  # from the median place: it hangs on the hand; chosen
    min_tracking_rim=0.4,  # chosen
    step=0.1,  # chosen
)


@dataclass(frozen=True)
class RoundLoad:
    """Something round in small pictures: its radius, and where its centre lies from the wrist, in pixels."""

    radius_px: float
    from_wrist_px: FloatArray


def detect_rims(
    image: Image, wrist_px: FloatArray, trunk_px: float, limits: LoadDetectionLimits = PLATE_LIMITS
) -> list[Circle]:
    """Circles near the wrist whose rims are well seen.

    Parameters
    ----------
    image : uint8 (h, w, 3), RGB.
    wrist_px : (2,) x, y.
    """
    if not np.isfinite(wrist_px).all():
        return []
    hand = wrist_px + (0.0, limits.below_wrist * trunk_px)
    reach = limits.reach * trunk_px
    radii = np.arange(limits.smallest * trunk_px, limits.largest * trunk_px, 1.0)
    return [
        circle
        for circle in _find_circles_near(image, radii, hand, reach, limits.tried)
        if circle.rim >= limits.rim and radii[0] <= circle.radius <= radii[-1] + 1
    ]


def find_consistent_circle(
    looks: Sequence[tuple[FloatArray, list[Circle]]], trunk_px: float, limits: LoadDetectionLimits = PLATE_LIMITS
) -> RoundLoad | None:
    """The largest radius that enough looks have in common: the rim, not a ring within it.

    Parameters
    ----------
    looks : wrist (2,) and the circles near it, one a look.
    """
    for radius in sorted((circle.radius for _, circles in looks for circle in circles), reverse=True):
        fits: list[tuple[FloatArray, Circle]] = []
        for wrist, circles in looks:
            alike = [circle for circle in circles if abs(circle.radius / radius - 1) <= limits.radius_tolerance]
            if alike:
                fits.append((wrist, max(alike, key=lambda circle: circle.rim)))
        if len(fits) >= limits.agree:
            offsets = np.array([(circle.x, circle.y) - wrist for wrist, circle in fits])
            apart = np.linalg.norm(offsets - np.median(offsets, axis=0), axis=1)
            there = apart <= limits.place_tolerance * trunk_px
            if there.sum() >= limits.agree:
                radii = np.array([circle.radius for _, circle in fits])
                return RoundLoad(float(np.median(radii[there])), np.median(offsets[there], axis=0))
    return None


def track_circle(
    pictures: Iterator[tuple[int, Image]],
    wrist_px: FloatArray,
    load: RoundLoad,
    trunk_px: float,
    limits: LoadDetectionLimits = PLATE_LIMITS,
) -> Iterator[tuple[int, Circle]]:
    """The load in each picture that shows it; it is expected to go on as it went, else at the hands.

    Parameters
    ----------
    pictures : frame index and uint8 (h, w, 3), RGB, in order of time.
    wrist_px : (T, 2) by frame index.
    """
    radii = load.radius_px + np.array([-1.0, 0.0, 1.0])
    seen: list[FloatArray] = []
    missed = limits.lost
    for frame, image in pictures:
        if missed < limits.lost and seen:
            speed = seen[-1] - seen[-2] if len(seen) > 1 and missed == 0 else np.zeros(2)
            expected, reach = seen[-1] + speed, limits.step * (1 + missed) * trunk_px
        else:
            expected, reach = wrist_px[frame] + load.from_wrist_px, limits.reach * trunk_px / 2
        if not np.isfinite(expected).all():
            missed += 1
            continue
        near = [
            circle
            for circle in _find_circles_near(image, radii, expected, reach, limits.tracking_candidates)
            if circle.rim >= limits.min_tracking_rim
            and abs(circle.radius / load.radius_px - 1) <= limits.radius_tolerance
        ]
        if not near:
            missed += 1
            continue
        best = max(near, key=lambda circle: circle.rim)
        seen = [*seen[-1:], np.array([best.x, best.y])] if missed == 0 else [np.array([best.x, best.y])]
        missed = 0
        yield frame, best


def _find_circles_near(
    image: Image, radii_px: FloatArray, search_centre_px: FloatArray, search_radius_px: float, tried: int
) -> list[Circle]:
    """Circles found in the part of the picture that their rims can lie in."""
    half = search_radius_px + radii_px[-1] + 3
    left, top = np.clip(np.floor(search_centre_px - half).astype(int), 0, None)
    right, bottom = np.clip(np.ceil(search_centre_px + half).astype(int) + 1, 0, image.shape[1::-1])
    if right - left < 8 or bottom - top < 8:
        return []
    grey = cv2.cvtColor(np.ascontiguousarray(image[top:bottom, left:right]), cv2.COLOR_RGB2GRAY)
    found = find_circles(detect_edges(grey), radii_px, search_centre_px - (left, top), search_radius_px, tried)
    return [Circle(circle.x + left, circle.y + top, circle.radius, circle.rim) for circle in found]
