"""Choice of the subject: people linked over the sampled frames of a clip, and the selection of one of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from analyzer.kinematics.arrays import FloatArray
from analyzer.kinematics.landmarks import LEFT, RIGHT, TRUNK_LANDMARKS
from analyzer.pose.track import Pose
from analyzer.subject_choice import SUBJECT_RULES, parse_point

_SAME_PLACE = 0.5  # how far one person's trunk may be from one sampled frame to the next, in body sizes, ...; chosen
_WALK_S = 0.8  # ... and how much farther for each second between: a brisk walk, 1.4 m/s, for a body of 1.75 m
_SIZE_RATIO = 2.0  # largest change of size between two sampled frames of the same person; chosen
_ONE_BODY = 0.33  # trunks this near in one frame, in body sizes, are one person; chosen
_CENTRAL_SHARE = 0.35  # this far off the middle, in picture sizes, counts 1/e; chosen
_LEADING = 0.9  # of the best value: named as a reason; chosen
_MIN_DETECTIONS = 2  # people in fewer sampled frames are false detections; chosen
_MARGIN = 0.3  # a detection this near the subject's box, in body sizes, is taken for the same body; chosen


@dataclass(frozen=True)
class FrameDetections:
    """Everybody detected in one frame, in pixels of the upright picture, and the room's vertical edges if searched."""

    frame: int
    time_s: float
    poses: tuple[Pose, ...]
    edges: FloatArray | None = None


@dataclass
class DetectedPerson:
    """One person over the sampled frames in which they were detected."""

    frames: list[int]
    times_s: list[float]
    poses: list[Pose]

    @property
    def boxes_px(self) -> FloatArray:
        """Return boxes (N, 4) in the sampled frames: x0, y0, x1, y1."""
        return np.array([pose.box_px for pose in self.poses])

    @property
    def size_px(self) -> float:
        """Typical body size: median of the longer side of the box."""
        return float(np.median(_sizes(self.boxes_px)))

    def interpolate_box(self, frame: int) -> FloatArray:
        """Interpolate the box (4,) at a frame; constant before the first and after the last sampled one."""
        boxes = self.boxes_px
        return np.array([np.interp(frame, self.frames, boxes[:, side]) for side in range(4)])


@dataclass(frozen=True)
class SelectedSubject:
    """The selected person.

    Attributes
    ----------
    chosen_by : the reason in words.
    others_seen : number of people who are at some time detected elsewhere than the subject.
    reach_px : box (4,) of all detections that may be of the subject; None where only the person is known.
    """

    person: DetectedPerson
    chosen_by: str
    others_seen: int
    reach_px: FloatArray | None = None


def link_detections(detections: Sequence[FrameDetections]) -> list[DetectedPerson]:
    """Link the detections of consecutive sampled frames to people, by place, walk and size (least total distance).

    People in a single frame of several are left out as false detections.
    """
    people: list[DetectedPerson] = []
    for frame in detections:
        costs = np.array([[_link_cost(person, frame.time_s, pose) for pose in frame.poses] for person in people])
        linked: set[int] = set()
        if costs.size:
            for row, column in _best_pairs(np.minimum(costs, 1e6)):
                if np.isfinite(costs[row, column]):
                    people[row].frames.append(frame.frame)
                    people[row].times_s.append(frame.time_s)
                    people[row].poses.append(frame.poses[column])
                    linked.add(int(column))
        people += [
            DetectedPerson([frame.frame], [frame.time_s], [pose])
            for i, pose in enumerate(frame.poses)
            if i not in linked
        ]
    fewest = min(_MIN_DETECTIONS, len(detections))
    return [person for person in people if len(person.frames) >= fewest]


def select_subject(
    detections: Sequence[FrameDetections], width_px: int, height_px: int, choice: str = "auto"
) -> SelectedSubject | None:
    """Select the person that the clip is about.

    Parameters
    ----------
    detections : of the sampled frames, in order.
    width_px, height_px : size of the upright picture.
    choice : `auto` takes the best product of size, central place, presence and movement, each relative to the best.
        `largest` and `central` compare that property among people present in at least half as many frames as the most
        present one. "X,Y" takes the person nearest to that point of the picture when first detected.

    Returns
    -------
    The subject; None when no person is detected.
    """
    people = link_detections(detections)
    if not people:
        return None
    person, reason = _choose(people, width_px, height_px, choice)
    others = [
        other
        for other in people
        if other is not person
        and any(_is_elsewhere(pose, frame, person) for frame, pose in zip(other.frames, other.poses, strict=True))
    ]
    if choice == "auto" and not others:
        reason = "only person detected"
    of_others = {id(pose) for other in others for pose in other.poses}
    boxes = [
        pose.box_px
        for frame in detections
        for pose in frame.poses
        if id(pose) not in of_others and not _is_elsewhere(pose, frame.frame, person)
    ]
    return SelectedSubject(person, reason, len(others), enclose(np.array(boxes)))


def enclose(boxes_px: FloatArray) -> FloatArray:
    """Return the smallest box (4,) about boxes (N, 4)."""
    return np.concatenate([boxes_px[:, :2].min(axis=0), boxes_px[:, 2:].max(axis=0)])


def surroundings(box_px: FloatArray) -> FloatArray:
    """Return a body's box (4,), larger by `_MARGIN` on each side: detections inside are taken for the same body."""
    margin = _MARGIN * max(box_px[2] - box_px[0], box_px[3] - box_px[1])
    return box_px + np.array([-margin, -margin, margin, margin])


def _is_elsewhere(pose: Pose, frame: int, person: DetectedPerson) -> bool:
    """Return whether a detection is outside the surroundings of a person.

    One inside is taken for the same body: the model often detects a part of a body as another person. A real person
    there could not be hidden from the model anyway.
    """
    x0, y0, x1, y1 = surroundings(person.interpolate_box(frame))
    x, y = _middle(pose)
    return not (x0 <= x <= x1 and y0 <= y <= y1)


def _choose(people: Sequence[DetectedPerson], width_px: int, height_px: int, choice: str) -> tuple[DetectedPerson, str]:
    """Choose one of the people, as `select_subject`, and give the reason in words."""
    most_frames = max(len(person.frames) for person in people)
    present = [person for person in people if len(person.frames) >= most_frames / 2]

    def central(person: DetectedPerson) -> float:
        middle = person.boxes_px.reshape(-1, 2, 2).mean(axis=1)
        offset = (middle - (width_px / 2, height_px / 2)) / (width_px, height_px)
        return float(np.exp(-np.median((offset**2).sum(axis=1)) / _CENTRAL_SHARE**2))

    if choice not in SUBJECT_RULES:
        x, y = parse_point(choice)
        person = min(people, key=lambda p: _distance_to_point(p.boxes_px[0], x, y))
        return person, f"nearest to the given point ({x:.0f}, {y:.0f})"
    if choice == "largest":
        return max(present, key=lambda p: p.size_px), "largest person, as requested"
    if choice == "central":
        return max(present, key=central), "most central person, as requested"

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
    return people[best], f"best of {len(people)} people: {', '.join(reasons) or 'largest overall'}"


def _best_pairs(costs: FloatArray) -> list[tuple[int, int]]:
    """Find the (row, column) of each pair in the assignment of least total cost."""
    if costs.size == 1:
        return [(0, 0)]
    from scipy.optimize import linear_sum_assignment  # late: takes longer to load than a detection

    return list(zip(*linear_sum_assignment(costs), strict=True))


def is_same_person(a: Pose, b: Pose) -> bool:
    """Return whether two poses in one frame are the same person: trunks less than a third of the body apart."""
    size = _sizes(np.array([a.box_px, b.box_px]))
    gap = np.linalg.norm(_middle(a) - _middle(b))
    return bool(gap < _ONE_BODY * size.min())


def _sizes(boxes: FloatArray) -> FloatArray:
    return np.maximum(boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1])


def _link_cost(person: DetectedPerson, time_s: float, pose: Pose) -> float:
    """Compute how far a detection is, in body sizes, from where a person who walks on as before would be.

    Infinite for other sizes, and farther from the last detection than anybody walks.
    """
    last = person.poses[-1]
    size_a, size_b = _sizes(np.array([last.box_px, pose.box_px]))
    if max(size_a, size_b) > _SIZE_RATIO * min(size_a, size_b):
        return np.inf
    since_s = time_s - person.times_s[-1]
    step = (_middle(pose) - _middle(last)) / max(size_a, size_b)
    if np.linalg.norm(step) >= _SAME_PLACE + _WALK_S * since_s:
        return np.inf
    if len(person.poses) == 1:
        return float(np.linalg.norm(step))
    before = (_middle(last) - _middle(person.poses[-2])) / max(size_a, size_b)
    return float(np.linalg.norm(step - before * since_s / (person.times_s[-1] - person.times_s[-2])))


def _middle(pose: Pose) -> FloatArray:
    """Compute the middle of the trunk."""
    return pose.points_px[TRUNK_LANDMARKS].mean(axis=0)


def _distance_to_point(box: FloatArray, x: float, y: float) -> tuple[float, float]:
    """Compute the distance from the box (0 inside), then from its middle, to order by."""
    outside = np.hypot(max(box[0] - x, 0, x - box[2]), max(box[1] - y, 0, y - box[3]))
    return float(outside), float(np.hypot(box[[0, 2]].mean() - x, box[[1, 3]].mean() - y))


def _movement(person: DetectedPerson) -> float:
    """Compute how much the body changes shape: mean SD over frames of the points about the hips, in body sizes."""
    points = np.array([pose.points_px for pose in person.poses])
    shape = points - points[:, [LEFT.hip, RIGHT.hip]].mean(axis=1, keepdims=True)
    return float(np.linalg.norm(shape.std(axis=0), axis=1).mean() / person.size_px)
