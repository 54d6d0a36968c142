"""Find circles in a small grey picture: where the gradients of the edges meet, and the visible share of each rim."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from analyzer.clip.image_types import GreyImage
from analyzer.kinematics.arrays import FloatArray


@dataclass(frozen=True)
class CircleLimits:
    """Thresholds of edges and rims; pixels of the small picture."""

    blur_px: float = 0.8  # before gradients are taken; chosen
    edge_low: int = 30  # hysteresis of the edge detector, grey levels under a 3 x 3 Sobel kernel; chosen
    edge_high: int = 80  # likewise; chosen
    vote_px: float = 1.2  # how far edges may miss the centre; chosen
    rim_px: float = 1.6  # an edge this near the rim belongs to it; chosen
    normal_cos: float = 0.94  # and only if it runs along the rim, within 20 degrees; chosen
    sectors: int = 48  # parts of the rim, each visible or not; chosen
    max_centre_shift_px: float = 3.0  # a fit step that moves the centre farther is another circle; chosen
    min_edge_pixels: int = 8  # fewest edges for a fit; chosen


LIMITS = CircleLimits()


@dataclass(frozen=True)
class Circle:
    """Centre and radius in pixels; `rim_share` is the visible share of the rim, 0 to 1."""

    x: float
    y: float
    radius: float
    rim_share: float


@dataclass(frozen=True)
class EdgePixels:
    """Thin edges: their places, and the direction in which the grey changes there as a unit vector."""

    x: FloatArray
    y: FloatArray
    normal_x: FloatArray
    normal_y: FloatArray
    shape: tuple[int, int]


def detect_edges(grey: GreyImage, limits: CircleLimits = LIMITS) -> EdgePixels:
    """Detect the edges of a picture, uint8 (h, w)."""
    soft = cv2.GaussianBlur(grey, (0, 0), limits.blur_px)
    dx, dy = cv2.Sobel(soft, cv2.CV_16S, 1, 0), cv2.Sobel(soft, cv2.CV_16S, 0, 1)
    y, x = np.nonzero(cv2.Canny(dx, dy, limits.edge_low, limits.edge_high, L2gradient=True))
    across, down = dx[y, x].astype(float), dy[y, x].astype(float)
    size = np.hypot(across, down)
    return EdgePixels(x.astype(float), y.astype(float), across / size, down / size, (grey.shape[0], grey.shape[1]))


def find_circles(
    edges: EdgePixels,
    radii_px: FloatArray,
    search_centre_px: FloatArray,
    search_radius_px: float,
    max_candidates: int,
    limits: CircleLimits = LIMITS,
) -> list[Circle]:
    """Find circles with a centre within `search_radius_px` of a place, in no order.

    Most are not circles: judge them by `rim_share`. Rings about one centre (hub, painted rings, rim) are separate.

    Parameters
    ----------
    radii_px : (K,) in steps of about 1.
    search_centre_px : (2,) x, y.
    max_candidates : number of places tried, from the one where most edges meet.
    """
    left, top = np.maximum(np.floor(search_centre_px - search_radius_px).astype(int), 0)
    right, bottom = np.minimum(np.ceil(search_centre_px + search_radius_px).astype(int) + 1, edges.shape[::-1])
    if left >= right or top >= bottom or not len(edges.x):
        return []
    box = (int(left), int(top), int(right), int(bottom))
    votes = np.stack([_votes(edges, radius, box, limits) for radius in radii_px])
    rows, columns = np.mgrid[box[1] : box[3], box[0] : box[2]]
    votes[:, (columns - search_centre_px[0]) ** 2 + (rows - search_centre_px[1]) ** 2 > search_radius_px**2] = 0
    circles: list[Circle] = []
    for _ in range(max_candidates):
        k, row, column = np.unravel_index(int(votes.argmax()), votes.shape)
        if votes[k, row, column] <= 0:
            break
        x, y = float(column + box[0]), float(row + box[1])
        circles.append(fit_circle(edges, Circle(x, y, float(radii_px[k]), 0.0), limits))
        near = votes[:, max(0, row - 3) : row + 4, max(0, column - 3) : column + 4]
        rings = near.max(axis=(1, 2))
        peaks = np.flatnonzero((rings[1:-1] >= rings[:-2]) & (rings[1:-1] >= rings[2:]) & (rings[1:-1] > 0)) + 1
        circles += [fit_circle(edges, Circle(x, y, float(radii_px[peak]), 0.0), limits) for peak in peaks]
        near[:] = 0
    return circles


def fit_circle(edges: EdgePixels, guess: Circle, limits: CircleLimits = LIMITS) -> Circle:
    """Fit a circle to the edges near a guessed rim by least squares, and measure the visible share of its rim."""
    x, y, radius = guess.x, guess.y, guess.radius
    for _ in range(3):
        on_rim = _on_rim(edges, x, y, radius, limits)
        if on_rim.sum() < limits.min_edge_pixels:
            break
        # u^2 + v^2 = 2 a u + 2 b v + c about the guess; the new centre is off by (a, b).
        u, v = edges.x[on_rim] - x, edges.y[on_rim] - y
        rows = np.array([2 * u, 2 * v, np.ones_like(u)])
        if not np.linalg.det(rows @ rows.T) > 0:
            break
        a, b, c = np.linalg.solve(rows @ rows.T, rows @ (u**2 + v**2))
        if max(abs(a), abs(b)) > limits.max_centre_shift_px or c + a * a + b * b <= 0:
            break
        x, y, radius = float(x + a), float(y + b), float(np.sqrt(c + a * a + b * b))
    on_rim = _on_rim(edges, x, y, radius, limits)
    turn = np.arctan2(edges.y[on_rim] - y, edges.x[on_rim] - x) / (2 * np.pi) % 1.0
    visible = len(np.unique((turn * limits.sectors).astype(int)))
    return Circle(x, y, radius, min(1.0, visible / limits.sectors))


def _votes(edges: EdgePixels, radius_px: float, box: tuple[int, int, int, int], limits: CircleLimits) -> FloatArray:
    """Compute the share of the rim with its centre at each pixel of a box (left, top, right, bottom).

    A plate may be darker or lighter than the background: each edge votes to both sides.
    """
    left, top, right, bottom = box
    width, height = right - left, bottom - top
    votes = np.zeros(width * height)
    for reach in (radius_px, -radius_px):
        x = np.rint(edges.x + reach * edges.normal_x).astype(int) - left
        y = np.rint(edges.y + reach * edges.normal_y).astype(int) - top
        inside = (x >= 0) & (x < width) & (y >= 0) & (y < height)
        votes += np.bincount(y[inside] * width + x[inside], minlength=width * height)
    smooth: FloatArray = cv2.GaussianBlur(votes.reshape(height, width), (0, 0), limits.vote_px) / radius_px
    return smooth


def _on_rim(edges: EdgePixels, x: float, y: float, radius: float, limits: CircleLimits) -> NDArray[np.bool_]:
    dx, dy = edges.x - x, edges.y - y
    far = np.hypot(dx, dy)
    along = np.abs(dx * edges.normal_x + dy * edges.normal_y) >= limits.normal_cos * far
    on_rim: NDArray[np.bool_] = (np.abs(far - radius) <= limits.rim_px) & along
    return on_rim
