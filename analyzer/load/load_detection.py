"""Detect a round load at the hands in a few small pictures of one lift, and track it.

The load is a plate on the bar in the hands, or the ball of a kettlebell below them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np

from analyzer.clip.image_types import RgbImage
from analyzer.kinematics.arrays import FloatArray
from analyzer.load.circle_detection import Circle, detect_edges, find_circles


@dataclass(frozen=True)
class LoadDetectionLimits:
    """Thresholds of a plate unless stated otherwise; lengths in trunk lengths, hip to shoulder."""

    is_disc: bool = True  # a disc in the sagittal plane, narrow from a turned camera; a ball is not
    trunk_px: float = 80.0  # pictures are scaled down to this trunk length; chosen
    min_radius: float = 0.25  # radius; below it hands, knees and shoes are round too; chosen
    max_radius: float = 0.75  # radius; 45 cm have .46 beside the body, more in front of it; chosen
    below_wrist: float = 0.1  # the bar lies in the hand, about 5 cm below the wrist; chosen
    beyond_wrist: float = 0.9  # from the near hand out to the plate: 68 less 25 cm; sources 1.6
    search_radius: float = 0.6  # centre from there: near plates are shifted by the camera's turn and height; chosen
    min_rim_share: float = 0.65  # visible share of the rim; without a plate three pictures agreed on .5 at most; chosen
    radius_tolerance: float = 0.05  # radii this close belong to one plate; chosen
    place_tolerance: float = np.inf  # and places this close to one another; behind a plate the wrist is a guess
    picture_count: int = 4  # pictures of a lift that decide; chosen
    min_agreeing: int = 3  # of them show the plate; chosen
    max_candidates: int = 6  # places tried in a picture; chosen
    tracking_candidates: int = 2  # once its radius and about its place are known; chosen
    min_tracking_rim: float = 0.4  # share of the rim that is enough once its radius is known; chosen
    max_step: float = 0.15  # distance from the expected place in the next frame; chosen
    max_missed: int = 3  # frames without it after which the search starts at the hands again; chosen


PLATE_LIMITS = LoadDetectionLimits()
KETTLEBELL_LIMITS = replace(
    PLATE_LIMITS,
    is_disc=False,
    trunk_px=160.0,  # a ball is half as large as a plate; chosen
    min_radius=0.14,  # radius; rendered balls of 19 cm have .16 to .2; chosen
    max_radius=0.28,  # radius; chosen
    below_wrist=0.38,  # hand and handle are about 18 cm long; chosen
    beyond_wrist=0.0,
    search_radius=0.2,  # it hangs straight below; chosen
    min_rim_share=0.5,  # thighs and handle hide some; without one no three pictures agreed: docs/validation.md; chosen
    place_tolerance=0.1,  # from the median place: it hangs on the hand; chosen
    max_step=0.1,  # chosen
)


@dataclass(frozen=True)
class RoundLoad:
    """A round load in small pictures: its radius, and its centre relative to the wrist, in pixels."""

    radius_px: float
    from_wrist_px: FloatArray


def detect_rims(
    image: RgbImage, wrist_px: FloatArray, trunk_px: float, limits: LoadDetectionLimits = PLATE_LIMITS
) -> list[Circle]:
    """Detect circles near the wrist with a well visible rim.

    Parameters
    ----------
    image : uint8 (h, w, 3), RGB.
    wrist_px : (2,) x, y.
    """
    if not np.isfinite(wrist_px).all():
        return []
    hand = wrist_px + (0.0, limits.below_wrist * trunk_px)
    search_radius_px = limits.search_radius * trunk_px
    radii = np.arange(limits.min_radius * trunk_px, limits.max_radius * trunk_px, 1.0)
    return [
        circle
        for circle in _find_circles_near(image, radii, hand, search_radius_px, limits.max_candidates)
        if circle.rim_share >= limits.min_rim_share and radii[0] <= circle.radius <= radii[-1] + 1
    ]


def find_consistent_circle(
    detections: Sequence[tuple[FloatArray, list[Circle]]], trunk_px: float, limits: LoadDetectionLimits = PLATE_LIMITS
) -> RoundLoad | None:
    """Find the largest radius that enough pictures have in common: the rim, not a ring within it.

    Parameters
    ----------
    detections : wrist (2,) and the circles near it, one for each picture.
    """
    for radius in sorted((circle.radius for _, circles in detections for circle in circles), reverse=True):
        fits: list[tuple[FloatArray, Circle]] = []
        for wrist, circles in detections:
            alike = [circle for circle in circles if abs(circle.radius / radius - 1) <= limits.radius_tolerance]
            if alike:
                fits.append((wrist, max(alike, key=lambda circle: circle.rim_share)))
        if len(fits) >= limits.min_agreeing:
            offsets = np.array([(circle.x, circle.y) - wrist for wrist, circle in fits])
            distances_px = np.linalg.norm(offsets - np.median(offsets, axis=0), axis=1)
            is_close = distances_px <= limits.place_tolerance * trunk_px
            if is_close.sum() >= limits.min_agreeing:
                radii = np.array([circle.radius for _, circle in fits])
                return RoundLoad(float(np.median(radii[is_close])), np.median(offsets[is_close], axis=0))
    return None


def track_circle(
    pictures: Iterator[tuple[int, RgbImage]],
    wrist_px: FloatArray,
    load: RoundLoad,
    trunk_px: float,
    limits: LoadDetectionLimits = PLATE_LIMITS,
) -> Iterator[tuple[int, Circle]]:
    """Track the load through pictures; it is expected to continue its motion, else at the hands. Yield where visible.

    Parameters
    ----------
    pictures : frame index and uint8 (h, w, 3), RGB, in order of time.
    wrist_px : (T, 2) by frame index.
    """
    radii = load.radius_px + np.array([-1.0, 0.0, 1.0])
    last_places: list[FloatArray] = []
    missed = limits.max_missed
    for frame, image in pictures:
        if missed < limits.max_missed and last_places:
            speed = last_places[-1] - last_places[-2] if len(last_places) > 1 and missed == 0 else np.zeros(2)
            expected, reach_px = last_places[-1] + speed, limits.max_step * (1 + missed) * trunk_px
        else:
            expected, reach_px = wrist_px[frame] + load.from_wrist_px, limits.search_radius * trunk_px / 2
        if not np.isfinite(expected).all():
            missed += 1
            continue
        near = [
            circle
            for circle in _find_circles_near(image, radii, expected, reach_px, limits.tracking_candidates)
            if circle.rim_share >= limits.min_tracking_rim
            and abs(circle.radius / load.radius_px - 1) <= limits.radius_tolerance
        ]
        if not near:
            missed += 1
            continue
        best = max(near, key=lambda circle: circle.rim_share)
        last_places = [*(last_places[-1:] if missed == 0 else []), np.array([best.x, best.y])]
        missed = 0
        yield frame, best


def _find_circles_near(
    image: RgbImage, radii_px: FloatArray, search_centre_px: FloatArray, search_radius_px: float, max_candidates: int
) -> list[Circle]:
    """Find circles in the part of the picture in which their rims can lie."""
    half = search_radius_px + radii_px[-1] + 3
    left, top = np.clip(np.floor(search_centre_px - half).astype(int), 0, None)
    right, bottom = np.clip(np.ceil(search_centre_px + half).astype(int) + 1, 0, image.shape[1::-1])
    if right - left < 8 or bottom - top < 8:
        return []
    grey = cv2.cvtColor(np.ascontiguousarray(image[top:bottom, left:right]), cv2.COLOR_RGB2GRAY)
    centre_px = search_centre_px - (left, top)
    circles = find_circles(detect_edges(grey), radii_px, centre_px, search_radius_px, max_candidates)
    return [replace(circle, x=circle.x + left, y=circle.y + top) for circle in circles]
