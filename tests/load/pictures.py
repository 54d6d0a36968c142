"""Pictures of a plate in front of a patterned wall, for tests."""

import cv2
import numpy as np

SIZE_PX = (320, 400)
"""Width and height."""


def draw_plate(
    centre_px: tuple[float, float] | None,
    radius_px: float = 40.0,
    rings: tuple[float, ...] = (),
    size_px: tuple[int, int] = SIZE_PX,
) -> np.ndarray:
    """RGB picture of a dark plate, with lighter rings inside, before a wall of bricks; centre None: the wall alone."""
    width, height = size_px
    image = np.full((height, width, 3), 150, np.uint8)
    for row, y in enumerate(range(0, height, 24)):
        cv2.line(image, (0, y), (width, y), (110, 90, 80), 2)
        for x in range(24 * (row % 2), width, 48):
            cv2.line(image, (x, y), (x, y + 24), (110, 90, 80), 2)
    if centre_px is not None:
        for share, grey in zip((1.0, *rings), (30, 90, 40, 120), strict=False):
            centre = tuple(round(value * 16) for value in centre_px)
            cv2.circle(image, centre, round(share * radius_px * 16), (grey,) * 3, -1, cv2.LINE_AA, 4)
    return image
