"""Selection of the subject from simulated detections."""

import numpy as np
import pytest

from analyzer.pose.subject_selection import (
    DetectedPerson,
    FrameDetections,
    link_detections,
    select_subject,
)
from analyzer.subject_choice import parse_point
from tests.bodies import make_detections, pose

WIDTH, HEIGHT, FRAMES = 1920, 1080, 12
STILL = [0.0] * FRAMES
HINGES = [0, -20, -40, -20, 0, -20, -40, -20, 0, -20, -40, -20]


def standing(x: float, y: float = 560, size: float = 600, thighs=STILL) -> list:
    """A person in one place in every sampled frame."""
    return [pose(x, y, size, thigh) for thigh in thighs]


def walking(x0: float, x1: float, y: float = 560, size: float = 600, present: range = range(FRAMES)) -> list:
    """A person who walks from x0 to x1 during the sampled frames in `present`, and is absent otherwise."""
    places = dict(zip(present, np.linspace(x0, x1, len(present)), strict=True))
    return [pose(places[i], y, size) if i in places else None for i in range(FRAMES)]


def hips_x(person: DetectedPerson) -> np.ndarray:
    return np.array([pose.points_px[[23, 24], 0].mean() for pose in person.poses])


def select(*people, choice: str = "auto", **others):
    result = select_subject(make_detections(*people, **others), WIDTH, HEIGHT, choice)
    assert result is not None
    return result


# ---- linking detections to people -----------------------------------------------------------------------------


def test_each_person_has_their_own_detections():
    a, b = link_detections(make_detections(standing(500), standing(1400)))
    assert a.frames == b.frames == [30 * i for i in range(FRAMES)]
    assert hips_x(a) == pytest.approx(np.full(FRAMES, 500), abs=1)
    assert hips_x(b) == pytest.approx(np.full(FRAMES, 1400), abs=1)


def test_the_order_within_a_frame_does_not_matter():
    mixed = [
        FrameDetections(frame.frame, frame.time_s, frame.poses[:: 1 if i % 2 else -1])
        for i, frame in enumerate(make_detections(standing(500), standing(1400)))
    ]
    assert sorted(round(float(np.median(hips_x(p)))) for p in link_detections(mixed)) == [500, 1400]


def test_two_people_who_cross_stay_apart():
    """Half a second between frames; one walks right, one left, half as large again; they pass in the middle."""
    near, far = walking(300, 1620, size=750), walking(1620, 300, size=480)
    people = link_detections(make_detections(near, far, every_s=0.5))
    assert len(people) == 2
    for person, start in zip(people, (300, 1620), strict=True):
        assert len(person.frames) == FRAMES
        assert abs(hips_x(person)[0] - start) < 20
        assert (np.abs(np.diff(person.boxes_px[:, 3] - person.boxes_px[:, 1])) < 20).all()  # never the other's size


def test_a_passer_by_of_the_same_size_does_not_replace_the_subject():
    """Exactly beside the subject in one frame; the subject stands still, the other walks on."""
    stand, walk = standing(960), walking(350, 1560)
    people = link_detections(make_detections(stand, walk, every_s=0.5))
    assert [hips_x(person)[-1] for person in people] == pytest.approx([960, 1560], abs=1)


def test_somebody_hidden_for_a_few_frames_is_still_the_same_person():
    hidden = standing(900)
    hidden[4:7] = [None] * 3
    (person,) = link_detections(make_detections(hidden))
    assert len(person.frames) == FRAMES - 3


def test_far_places_in_a_short_time_are_two_people():
    jumped = standing(300)[:6] + standing(1600)[6:]
    assert len(link_detections(make_detections(jumped, every_s=0.2))) == 2


def test_sizes_that_differ_twofold_are_two_people():
    grown = standing(900, size=300)[:6] + standing(900, size=700)[6:]
    assert len(link_detections(make_detections(grown))) == 2


@pytest.mark.parametrize("ghosts", [1, 2])
def test_false_detections_in_one_frame_are_dropped(ghosts):
    places = [(1700, 3), (200, 8)][:ghosts]
    ghost = [[pose(x, 400, 400) if i == at else None for i in range(FRAMES)] for x, at in places]
    people = link_detections(make_detections(standing(900), *ghost, every_s=0.3))
    assert len(people) == 1
    assert select(standing(900), *ghost, every_s=0.3).others_seen == 0


def test_a_single_detection_is_enough_in_one_sampled_frame():
    result = select_subject(make_detections(standing(900))[:1], WIDTH, HEIGHT)
    assert result is not None and result.person.frames == [0]


# ---- the choice ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("choice", ["auto", "largest", "central", "960,540"])
@pytest.mark.parametrize("people", [[], [[None] * FRAMES]])
def test_no_detections_give_no_subject(choice, people):
    assert select_subject(make_detections(*people), WIDTH, HEIGHT, choice) is None


def test_one_person_is_the_subject():
    result = select(standing(300, size=200))
    assert (result.chosen_by, result.others_seen) == ("only person detected", 0)


def test_large_central_constant_and_moving_wins():
    lifter = standing(960, thighs=HINGES)
    onlookers = [standing(200, 500, 450), standing(1700, 500, 450), walking(0, 800, present=range(3, 6))]
    result = select(*onlookers, lifter)
    assert hips_x(result.person) == pytest.approx(np.full(FRAMES, 960), abs=1)
    assert result.others_seen == 3
    assert result.chosen_by == "best of 4 people: large, central, present throughout, moving"


@pytest.mark.parametrize(
    ("subject", "other"),
    [
        (standing(960, size=700), standing(960, 800, size=450)),  # larger
        (standing(960), standing(1700)),  # more central
        (standing(960), standing(1100)[:5] + [None] * 7),  # present throughout
        (standing(860, thighs=HINGES), standing(1060)),  # moving
    ],
)
def test_all_else_alike_each_quality_decides(subject, other):
    for people in ([subject, other], [other, subject]):
        assert select(*people).person.poses[0] is subject[0]


def test_a_passer_by_nearer_to_the_camera_is_counted_and_not_selected():
    lifter = standing(960, thighs=HINGES)
    passer = walking(0, 1920, size=900, present=range(4, 8))
    result = select(passer, lifter)
    assert result.person.poses[0] is lifter[0]
    assert result.others_seen == 1


def seen_twice(x: float, y: float, size: float) -> list:
    """A detection in one place in two sampled frames."""
    return [pose(x, y, size) if i in (3, 4) else None for i in range(FRAMES)]


def test_a_part_of_the_subject_is_nobody_else():
    """A small detection at the shoulders, and one beside the hips, nearer than 0.3 of the body's size to its box."""
    lifter = standing(960, thighs=HINGES)
    for part in (seen_twice(960, 480, 200), seen_twice(960 + 150, 560, 250)):
        result = select(lifter, part)
        assert result.person.poses[0] is lifter[0]
        assert (result.chosen_by, result.others_seen) == ("only person detected", 0)


def test_somebody_who_is_elsewhere_once_is_somebody_else():
    result = select(standing(960, thighs=HINGES), seen_twice(1500, 560, 250))
    assert (result.chosen_by, result.others_seen) == (
        "best of 2 people: large, central, present throughout, moving",
        1,
    )


def test_the_reach_holds_all_detections_of_the_body():
    """Also one that is too large to be linked to the others; not one of a body elsewhere."""
    lifter, at_two = standing(960, thighs=HINGES), [None] * 2
    near = pose(1000, 560, 1500)
    far = pose(1700, 560, 300)
    result = select(lifter, [*at_two, near, *[None] * 9], [*at_two, far, *[None] * 9])
    assert result.others_seen == 0
    for reach_px, bodies in ((result.reach_px, [*lifter, near]), (select(lifter).reach_px, lifter)):
        boxes = np.array([body.box_px for body in bodies])
        assert reach_px == pytest.approx([*boxes[:, :2].min(axis=0), *boxes[:, 2:].max(axis=0)])


def test_the_reach_leaves_out_somebody_who_passes():
    lifter, passer = standing(960, thighs=HINGES), walking(0, 1920, size=900, present=range(4, 8))
    result = select(lifter, passer)
    assert result.others_seen == 1
    assert result.reach_px == pytest.approx(select(lifter).reach_px)


def test_the_largest_person_can_be_requested():
    big = standing(250, size=800)
    result = select(standing(960, thighs=HINGES), big, choice="largest")
    assert result.person.poses[0] is big[0]
    assert (result.chosen_by, result.others_seen) == ("largest person, as requested", 1)


def test_the_largest_person_is_not_a_passer_by():
    lifter = standing(960)
    result = select(walking(0, 1920, size=1000, present=range(4, 8)), lifter, choice="largest")
    assert result.person.poses[0] is lifter[0]


def test_the_most_central_person_can_be_requested():
    small = standing(960, 520, size=250)
    result = select(standing(500, size=800, thighs=HINGES), small, choice="central")
    assert result.person.poses[0] is small[0]
    assert result.chosen_by == "most central person, as requested"


@pytest.mark.parametrize(("point", "index"), [("500,560", 0), ("1400,400", 1), ("0,0", 0), ("1919, 9", 1)])
def test_the_person_at_a_point_can_be_requested(point, index):
    people = [standing(500), standing(1400)]
    result = select(*people, choice=point)
    assert result.person.poses[0] is people[index][0]
    assert result.chosen_by.startswith("nearest to the given point (")
    assert result.others_seen == 1


def test_a_point_refers_to_the_first_detection_of_the_person():
    people = [walking(300, 1620, size=750), walking(1620, 300, size=480)]
    result = select(*people, choice="300,560", every_s=0.5)
    assert hips_x(result.person)[[0, -1]] == pytest.approx([300, 1620], abs=1)


def test_of_overlapping_people_the_one_with_the_nearest_centre_is_selected():
    people = [standing(900, size=700), standing(1000, size=600)]
    assert select(*people, choice="1010,560").person.poses[0] is people[1][0]


@pytest.mark.parametrize(("text", "point"), [("640,360", (640, 360)), ("12.5, 7", (12.5, 7)), ("-3,4", (-3, 4))])
def test_points_are_parsed(text, point):
    assert parse_point(text) == point


@pytest.mark.parametrize("text", ["", "left", "640", "1,2,3", "a,b", "1,", "nan,4", "4,inf"])
def test_an_invalid_point_is_refused(text):
    with pytest.raises(ValueError):
        parse_point(text)


# ---- the person's box ------------------------------------------------------------------------------------------


def test_the_box_is_interpolated_between_frames_and_constant_beyond():
    (person,) = link_detections(make_detections(walking(300, 1400), every_s=1.0))
    boxes = person.boxes_px
    assert person.interpolate_box(45) == pytest.approx((boxes[1] + boxes[2]) / 2)
    assert person.interpolate_box(-10) == pytest.approx(boxes[0])
    assert person.interpolate_box(10_000) == pytest.approx(boxes[-1])
    assert person.size_px == pytest.approx(np.median(boxes[:, 3] - boxes[:, 1]))
