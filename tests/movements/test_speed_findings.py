"""Which goes first, the speed or the shape of the back."""

from collections.abc import Sequence

import pytest

from analyzer.coaching.catalogue import load_catalogue
from analyzer.movements.lift_speed import WayUp
from analyzer.movements.protocol import Observation
from analyzer.movements.speed_findings import list_speed_observations
from analyzer.movements.speed_measures import LiftSpeedMeasures, SpeedSubject, build_speed_measures
from analyzer.results.schema import Rep

STEADY = (0.50, 0.51, 0.50, 0.49, 0.50)
FLAT = (5.0, 6.0, 4.0, 5.0, 7.0)


def measure(speeds: Sequence[float | None], of: SpeedSubject = "plate") -> LiftSpeedMeasures | None:
    ways = [None if speed is None else WayUp(0.0, 1.0, speed, speed, 2 * speed) for speed in speeds]
    return build_speed_measures(of, "plate", list(enumerate(ways, 1)), 1.0)


def reps(backs_deg: Sequence[float | None]) -> list[Rep]:
    return [
        Rep(
            index=index,
            start_s=3.0 * index,
            bottom_s=3.0 * index + 1,
            end_s=3.0 * index + 2,
            descent_s=None,
            pause_s=None,
            ascent_s=1.0,
            complete=True,
            at_bottom={} if back is None else {"back_rounding_deg": back},
        )
        for index, back in enumerate(backs_deg, 1)
    ]


def observe(speeds, backs_deg, of: SpeedSubject = "plate", yaw_deg: float = 0.0) -> list[Observation]:
    return list_speed_observations(measure(speeds, of), reps(backs_deg), yaw_deg)


@pytest.mark.parametrize(
    ("speeds", "backs_deg", "expected"),
    [
        (STEADY, FLAT, ("held_back_kept", "can", None, None)),
        (STEADY, [None] * 5, ("held", "can", None, None)),
        ((0.50, 0.50, 0.44, 0.42, 0.39), FLAT, ("fell_back_kept", "note", 3, None)),
        ((0.50, 0.50, 0.44, 0.42, 0.39), [None] * 5, ("fell", "note", 3, None)),
        (STEADY, (5, 6, 7, 20, 21), ("held_back_changed", "note", None, 4)),
        ((0.50, 0.50, 0.44, 0.42, 0.39), (5, 6, 7, 20, 21), ("speed_first", "note", 3, 4)),
        ((0.50, 0.50, 0.49, 0.48, 0.39), (5, 6, 17, 20, 21), ("back_first", "note", 5, 3)),
        ((0.50, 0.50, 0.44, 0.42, 0.39), (5, 6, 17, 20, 21), ("together", "note", 3, 3)),
        # One slow rep in the middle, or one odd back, is no change of the set.
        ((0.50, 0.40, 0.50, 0.49, 0.50), (5, 20, 6, 5, 6), ("held_back_kept", "can", None, None)),
        # An arch grows as a rounding does.
        (STEADY, (5, 4, -10, -11, -12), ("held_back_changed", "note", None, 3)),
    ],
)
def test_which_goes_first(speeds, backs_deg, expected):
    [observation] = observe(speeds, backs_deg)
    name, kind, speed_rep, back_rep = expected
    assert (observation.id, observation.kind) == (f"speed.{name}", kind)
    assert (observation.evidence["speed_from_rep"], observation.evidence["back_from_rep"]) == (speed_rep, back_rep)


def test_nine_percent_is_no_fall_and_eleven_is_one():
    assert observe((0.50, 0.50, 0.455), [5.0] * 3)[0].id == "speed.held_back_kept"
    assert observe((0.50, 0.50, 0.445), [5.0] * 3)[0].id == "speed.fell_back_kept"


def test_a_kettlebell_counts_as_a_plate_does_and_hands_and_hips_say_nothing():
    slower = (0.50, 0.50, 0.30)
    assert observe(slower, [5.0] * 3, "kettlebell")[0].id == "speed.fell_back_kept"
    for of in ("hands", "hips"):
        assert observe(slower, [5.0] * 3, of) == observe(STEADY, FLAT, of) == []


def test_turned_camera_widens_what_counts_as_a_change_of_the_back():
    backs = (5.0, 14.0, 14.0)
    assert observe((0.5, 0.5, 0.5), backs)[0].id == "speed.held_back_changed"
    assert observe((0.5, 0.5, 0.5), backs, yaw_deg=30.0)[0].id == "speed.held_back_kept"


def test_too_few_reps_or_a_hidden_last_one_say_nothing():
    assert observe((0.5, 0.3), (5.0, 5.0)) == []
    assert observe((0.5, 0.4, 0.3, None), (5.0,) * 4) == []
    assert list_speed_observations(None, reps(FLAT), 0.0) == []


def test_back_that_is_unknown_in_one_rep_is_not_called_steady():
    assert observe((0.50, 0.50, 0.40), (5.0, None, 6.0))[0].id == "speed.fell"


@pytest.mark.parametrize(
    ("speeds", "backs_deg", "text"),
    [
        (
            (0.50, 0.45, 0.39),
            (5, 6, 6),
            "Your speed fell by 22 % over the set; the shape of your back stayed the same from rep to rep.",
        ),
        ((0.50, 0.51, 0.50), (5, 20, 21), "From rep 2 on your back differs from your first rep; your speed held."),
    ],
)
def test_words(speeds, backs_deg, text):
    [observation] = observe(speeds, backs_deg)
    assert load_catalogue().render_sentence(observation.id, observation.evidence, allows_degrees=True) == text


@pytest.mark.parametrize(
    ("backs_deg", "back_grows", "expected"),
    [
        ((16.0, 4.0, 4.0, 3.0, 4.0), False, "held"),  # flatter after the first rep: not called a change, nor steady
        ((5.0, 6.0, 7.0, 20.0, 21.0), True, "held_back_changed"),
        ((5.0, 6.0, 7.0, 12.0, 13.0), True, "held"),  # grows on average, while no single rep shows it
        (FLAT, False, "held_back_kept"),
    ],
)
def test_nothing_contradicts_the_findings_about_the_back(backs_deg, back_grows, expected):
    [observation] = list_speed_observations(measure(STEADY), reps(backs_deg), 0.0, back_grows)
    assert observation.id == f"speed.{expected}"
