"""Who the clip is about: everybody seen in a few looks through the clip, and the choice of one of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import isfinite

import numpy as np

from analyzer.kinematics.arrays import FloatArray
from analyzer.kinematics.landmarks import LEFT, RIGHT, TRUNK_LANDMARKS
from analyzer.pose.track import Pose

SubjectRule = str  # "auto", "largest", "central" or "X,Y" in pixels of the upright picture

_SAME_PLACE = 0.5  # how far the trunk of one person may be from one look to the next, in body sizes, ...; chosen
_WALK_S = 0.8  # ... and how much farther for each second between: a brisk walk, 1.4 m/s, for a body of 1.75 m
_SIZE_RATIO = 2.0  # largest change of size between two looks of the same person; chosen
_ONE_BODY = 0.33  # trunks this near in one frame, in body sizes, are one person; chosen
_CENTRAL_SHARE = 0.35  # this far off the middle, in picture sizes, counts 1/e; chosen
_LEADING = 0.9  # of the best value: named as a reason; chosen
_MIN_DETECTIONS = 2  # people seen in fewer looks are taken for false sightings; chosen


@dataclass(frozen=True)
class FrameDetections:
    """Everybody seen in one frame, in pixels of the upright picture, and the upright edges of the room."""

    frame: int
    time_s: float
    poses: tuple[Pose, ...]
    edges: FloatArray = field(default_factory=lambda: np.empty((0, 2)))


@dataclass
class DetectedPerson:
    """One person over the looks in which they were seen."""

    frames: list[int]
    times_s: list[float]
    poses: list[Pose]

    @property
    def boxes_px(self) -> FloatArray:
        """(looks, 4) x0, y0, x1, y1."""
        return np.array([pose.box_px for pose in self.poses])

    @property
    def size_px(self) -> float:
        """Typical body size: median of the longer side of the box."""
        return float(np.median(_sizes(self.boxes_px)))

    def interpolate_box(self, frame: int) -> FloatArray:
        """The box at a frame, interpolated between looks and held beyond them."""
        boxes = self.boxes_px
        return np.array([np.interp(frame, self.frames, boxes[:, side]) for side in range(4)])


@dataclass(frozen=True)
class SelectedSubject:
    """The chosen person, how the choice was made, and how many others were seen."""

    person: DetectedPerson
    chosen_by: str
    others_seen: int


def link_detections(looks: Sequence[FrameDetections]) -> list[DetectedPerson]:
    """Join sightings of consecutive looks into people, by place, walk and size (least total distance).

    People seen in a single look of several are left out as false sightings.
    """
    people: list[DetectedPerson] = []
    for look in looks:
        costs = np.array([[_link_cost(person, look.time_s, pose) for pose in look.poses] for person in people])
        taken: set[int] = set()
        if costs.size:
            for row, column in _best_pairs(np.minimum(costs, 1e6)):
                if np.isfinite(costs[row, column]):
                    people[row].frames.append(look.frame)
                    people[row].times_s.append(look.time_s)
                    people[row].poses.append(look.poses[column])
                    taken.add(int(column))
        people += [
            DetectedPerson([look.frame], [look.time_s], [pose]) for i, pose in enumerate(look.poses) if i not in taken
        ]
    enough = min(_MIN_DETECTIONS, len(looks))
    return [person for person in people if len(person.frames) >= enough]


def select_subject(
    looks: Sequence[FrameDetections], width_px: int, height_px: int, how: SubjectRule = "auto"
) -> SelectedSubject | None:
    """The person the clip is about; None when nobody is seen.

    `auto` weighs how large, how central, how constantly seen and how much moving each person is (product of the
    four, each relative to the best). `largest` and `central` look at that one thing among people seen in at least
    half as many looks as the most constant one. "X,Y" takes the person nearest to that point of the picture when
    first seen.
    """
    people = link_detections(looks)
    if not people:
        return None
    others = len(people) - 1
    most_seen = max(len(person.frames) for person in people)
    constant = [person for person in people if len(person.frames) >= most_seen / 2]

    def central(person: DetectedPerson) -> float:
        middle = person.boxes_px.reshape(-1, 2, 2).mean(axis=1)
        offset = (middle - (width_px / 2, height_px / 2)) / (width_px, height_px)
        return float(np.exp(-np.median((offset**2).sum(axis=1)) / _CENTRAL_SHARE**2))

    if how not in ("auto", "largest", "central"):
        x, y = parse_point(how)
        person = min(people, key=lambda p: _distance_to_point(p.boxes_px[0], x, y))
        return SelectedSubject(person, f"nearest to the given point ({x:.0f}, {y:.0f})", others)
    if how == "largest":
        return SelectedSubject(max(constant, key=lambda p: p.size_px), "largest person, as asked", others)
    if how == "central":
        return SelectedSubject(max(constant, key=central), "most central person, as asked", others)
    if not others:
        return SelectedSubject(people[0], "only person seen", 0)

    qualities: list[tuple[str, Callable[[DetectedPerson], float]]] = [
        ("large", lambda p: p.size_px),
        ("central", central),
        ("present throughout", lambda p: float(len(p.frames))),
        ("moving", lambda p: 1.0 + _movement(p)),
    ]
    values = np.array([[measure(person) for _, measure in qualities] for person in people])
    relative = values / values.max(axis=0)
    best = int(np.argmax(relative.prod(axis=1)))
    reasons = [name for (name, _), value in zip(qualities, relative[best], strict=True) if value > _LEADING]
    return SelectedSubject(
        people[best], f"best of {len(people)} people: {', '.join(reasons) or 'largest overall'}", others
    )


def parse_point(text: str) -> tuple[float, float]:
    """The "X,Y" of `--subject`; raises ValueError when it is not two numbers."""
    x, y = (float(part) for part in text.split(","))
    if not (isfinite(x) and isfinite(y)):
        raise ValueError(f"expected two numbers, got {text}")
    return x, y


def _best_pairs(costs: FloatArray) -> list[tuple[int, int]]:
    """(row, column) of each pair in the assignment of least total cost."""
    if costs.size == 1:
        return [(0, 0)]
    from scipy.optimize import linear_sum_assignment  # late: takes longer to load than all the rest of a look

    return list(zip(*linear_sum_assignment(costs), strict=True))


def is_same_person(a: Pose, b: Pose) -> bool:
    """Whether two poses found in one frame are the same person: trunks less than a third of the body apart."""
    size = _sizes(np.array([a.box_px, b.box_px]))
    gap = np.linalg.norm(_middle(a) - _middle(b))
    return bool(gap < _ONE_BODY * size.min())


def _sizes(boxes: FloatArray) -> FloatArray:
    return np.maximum(boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1])


def _link_cost(person: DetectedPerson, time_s: float, pose: Pose) -> float:
    """How far a sighting is, in body sizes, from where the person would be who walks on as before.

    Infinite for other sizes, and farther from the last sighting than anybody walks.
    """
    last = person.poses[-1]
    size_a, size_b = _sizes(np.array([last.box_px, pose.box_px]))
    if max(size_a, size_b) > _SIZE_RATIO * min(size_a, size_b):
        return np.inf
    since_s = time_s - person.times_s[-1]
    gone = (_middle(pose) - _middle(last)) / max(size_a, size_b)
    if np.linalg.norm(gone) >= _SAME_PLACE + _WALK_S * since_s:
        return np.inf
    if len(person.poses) == 1:
        return float(np.linalg.norm(gone))
    before = (_middle(last) - _middle(person.poses[-2])) / max(size_a, size_b)
    return float(np.linalg.norm(gone - before * since_s / (person.times_s[-1] - person.times_s[-2])))


def _middle(pose: Pose) -> FloatArray:
    """Middle of the trunk."""
    return pose.points_px[TRUNK_LANDMARKS].mean(axis=0)


def _distance_to_point(box: FloatArray, x: float, y: float) -> tuple[float, float]:
    """Distance from the box (0 inside), then from its middle, to order by."""
    outside = np.hypot(max(box[0] - x, 0, x - box[2]), max(box[1] - y, 0, y - box[3]))
    return float(outside), float(np.hypot(box[[0, 2]].mean() - x, box[[1, 3]].mean() - y))


def _movement(person: DetectedPerson) -> float:
    """How much the body changes shape: mean SD over looks of the points about the hips, in body sizes."""
    points = np.array([pose.points_px for pose in person.poses])
    shape = points - points[:, [LEFT.hip, RIGHT.hip]].mean(axis=1, keepdims=True)
    return float(np.linalg.norm(shape.std(axis=0), axis=1).mean() / person.size_px)
