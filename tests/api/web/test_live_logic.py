"""The live guide's angles, checks and watcher in the browser: answers worked out on drawn people."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from playwright.sync_api import Page

from analyzer.coaching.language_check import find_forbidden_words
from tests.api.web.live_bodies import Body, make_sample
from tests.api.web.live_guide import GuideState, LiveSample, run_guide

STEP_S = 0.1
TALL = Body()
SITTING = Body(thigh_deg=-90.0, hip_x_px=420.0)
_MEASURE = """async ({ person, time_step_s }) => {
  const { ViewEstimator, computeAngles } = await import("/live/live_angles.js");
  const estimator = new ViewEstimator();
  let view = null;
  for (let i = 0; i < 10; i++) view = estimator.update(person, i * time_step_s);
  return { view, angles: computeAngles(person, view) };
}"""
_COUNT = """async ({ times_s, depths_deg }) => {
  const { RepCounter } = await import("/live/rep_counter.js");
  const counter = new RepCounter();
  const rest = { hand_height: 0.8, trunk_deg: 0 };
  depths_deg.forEach((depth_deg, i) =>
    counter.update({ time_s: times_s[i], depth_deg, height: 0.8 - depth_deg / 300, ...rest }));
  return counter.reps.length;
}"""
_SUSTAIN = """async (values) => {
  const { SustainedCondition } = await import("/live/sustained_condition.js");
  const condition = new SustainedCondition({ on_s: 0.45, off_s: 0.45 });
  return values.map((value, i) => condition.update(value, i * 0.1));
}"""
anything = settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])


def measure(page: Page, body: Body) -> dict[str, Any]:
    return page.evaluate(_MEASURE, {"person": body.draw(), "time_step_s": STEP_S})


def film(*shots: tuple[float, Sequence[Body]], **facts: float) -> list[LiveSample]:
    """Return samples of shots, each of some seconds with these people."""
    bodies = [people for duration_s, people in shots for _ in range(round(duration_s / STEP_S))]
    return [make_sample(index * STEP_S, *people, **facts) for index, people in enumerate(bodies)]


def hinge(
    reps: int, body: Body = TALL, deep_deg: float = 70.0, period_s: float = 3.0
) -> list[tuple[float, list[Body]]]:
    """Return shots of hinges of a body."""
    phases = np.arange(0, reps * period_s, STEP_S) / period_s * 2 * np.pi
    shares = (1 - np.cos(phases)) / 2
    return [(STEP_S, [body.bent(trunk_deg=deep_deg * share, thigh_deg=-20 * share)]) for share in shares]


def instructions_of(states: Sequence[GuideState]) -> list[str | None]:
    """Return the instructions in order, without repeats."""
    shown = [state.instruction for state in states]
    return [one for index, one in enumerate(shown) if not index or one != shown[index - 1]]


def actions_of(states: Sequence[GuideState]) -> dict[str, float]:
    return {state.action: state.time_s for state in states if state.action}


def test_body_bent_to_horizontal_has_the_angles_of_the_definitions(modules_page: Page):
    angles = measure(modules_page, Body(trunk_deg=90, thigh_deg=-10, shin_deg=5))["angles"]
    assert angles["trunk_deg"] == pytest.approx(90)
    assert angles["fold_deg"] == pytest.approx(100 * 1.02)  # the factors that bring the model to the fitted body
    assert angles["knee_deg"] == pytest.approx(15 * 1.025)


@anything
@given(trunk=st.floats(-20, 100), thigh=st.floats(-90, 0), yaw=st.floats(-40, 40), facing=st.sampled_from([1, -1]))
def test_yaw_and_facing_are_found_and_do_not_change_the_angles(
    modules_page: Page, trunk: float, thigh: float, yaw: float, facing: int
):
    measured = measure(modules_page, Body(trunk, thigh, 5.0, yaw, facing))
    assert measured["view"]["facing"] == facing
    assert measured["view"]["yaw_deg"] == pytest.approx(yaw, abs=4)
    assert measured["angles"]["trunk_deg"] == pytest.approx(trunk, abs=4)


def test_a_tilted_phone_does_not_change_the_angles(modules_page: Page):
    roll_deg = 10.0
    person = Body(trunk_deg=60, thigh_deg=-10, shin_deg=5).draw()
    cosine, sine = np.cos(np.radians(roll_deg)), np.sin(np.radians(roll_deg))
    points = np.reshape(person["points"], (-1, 3))
    points[:, :2] = points[:, :2] @ np.array([[cosine, sine], [-sine, cosine]])  # clockwise in the picture
    angles = modules_page.evaluate(
        """async ({ person, roll_deg }) => (await import("/live/live_angles.js"))
          .computeAngles(person, { yaw_deg: 0, facing: 1 }, roll_deg)""",
        {"person": person | {"points": points.ravel().tolist()}, "roll_deg": roll_deg},
    )
    assert angles["trunk_deg"] == pytest.approx(60)
    assert angles["knee_deg"] == pytest.approx(15 * 1.025)


def test_a_condition_neither_appears_nor_disappears_for_a_moment(modules_page: Page):
    there = [True] * 4 + [False] + [True] * 6 + [False] * 2 + [True] * 2 + [False] * 8
    active = modules_page.evaluate(_SUSTAIN, there)
    assert [time for time in range(1, len(active)) if active[time] != active[time - 1]] == [7, 19]


@pytest.mark.parametrize("reps", [1, 5])
def test_reps_are_counted_and_small_ones_are_not(modules_page: Page, reps: int):
    times = np.arange(0, reps * 3 + 1, STEP_S)
    full = 40 * (1 - np.cos(times / 3 * 2 * np.pi)) * (times < reps * 3)
    count = lambda depths: modules_page.evaluate(_COUNT, {"times_s": times.tolist(), "depths_deg": depths.tolist()})  # noqa: E731
    assert count(full) == reps
    assert count(full * 0.25) == 0  # 20 degrees: below the smallest range of a rep


@pytest.mark.parametrize(
    ("people", "facts", "instruction"),
    [
        ([TALL], {"brightness": 15.0}, "more_light"),
        ([], {}, "nobody"),
        ([TALL.bent(hip_x_px=250), TALL.bent(hip_x_px=700)], {}, "two_people"),
        ([TALL.bent(ankle_y_px=545)], {}, "feet_cut_off"),
        ([TALL.bent(ankle_y_px=330)], {}, "head_cut_off"),
        ([TALL.bent(hip_x_px=-10)], {}, "move_to_middle"),
        ([TALL.bent(scale=0.5, ankle_y_px=400)], {}, "too_far"),
        ([TALL], {"roll_deg": 6.0}, "tilted"),
        ([TALL.bent(yaw_deg=30)], {}, "half_from_front"),
        ([TALL.bent(yaw_deg=-30, facing=-1)], {}, "half_from_back"),
        ([TALL.bent(yaw_deg=85)], {}, "seen_from_front"),
    ],
)
def test_each_condition_has_its_instruction_within_two_seconds(
    modules_page: Page, people: list[Body], facts: dict[str, float], instruction: str
):
    states = run_guide(modules_page, film((3.0, people), **facts))
    assert not any(state.is_good for state in states)
    assert instructions_of(states) == [None, instruction]
    assert next(state.time_s for state in states if state.instruction) < 2.0


def test_a_second_detection_of_the_same_person_or_a_small_one_behind_is_nobody_else(modules_page: Page):
    double, behind = TALL.bent(hip_x_px=490), TALL.bent(scale=0.4, hip_x_px=700)
    for people in ([TALL, double], [TALL, behind]):
        assert "two_people" not in instructions_of(run_guide(modules_page, film((3.0, people))))


def test_a_level_phone_and_a_side_view_are_good(modules_page: Page):
    for body in (TALL, TALL.bent(facing=-1), TALL.bent(yaw_deg=12), SITTING):
        states = run_guide(modules_page, film((1.5, [body]), roll_deg=2.0))
        assert states[-1].is_good and states[-1].time_s < 2.0


@pytest.mark.parametrize("facing", [1, -1])
def test_filming_starts_after_two_steady_seconds_counts_and_stops_after_three(modules_page: Page, facing: int):
    body = TALL.bent(facing=facing)
    states = run_guide(modules_page, film((4.0, [body]), *hinge(3, body), (5.0, [body])))
    actions = actions_of(states)
    assert actions["start"] == pytest.approx(2.3, abs=0.3)
    assert actions["stop"] == pytest.approx(4.0 + 9.0 + 3.0, abs=0.5)
    assert states[-1].reps == 3
    assert instructions_of(states) == [None, "hold", "go", None, "set_done"]


def test_filming_stops_when_the_person_walks_out(modules_page: Page):
    actions = actions_of(run_guide(modules_page, film((4.0, [TALL]), *hinge(2), (4.0, []))))
    assert actions["stop"] == pytest.approx(4.0 + 6.0 + 1.5, abs=0.3)


def test_somebody_who_moves_does_not_start_and_a_better_picture_is_waited_for(modules_page: Page):
    moving = film(*hinge(3, deep_deg=60))
    assert actions_of(run_guide(modules_page, moving)) == {}
    turned = run_guide(modules_page, film((8.0, [TALL.bent(yaw_deg=30)])))
    assert actions_of(turned)["start"] == pytest.approx(6.2, abs=0.4)  # it never blocks
    assert actions_of(run_guide(modules_page, film((8.0, [TALL.bent(ankle_y_px=545)])))) == {}


def test_standing_between_two_reps_for_two_seconds_does_not_stop(modules_page: Page):
    states = run_guide(modules_page, film((3.0, [TALL]), *hinge(1), (2.0, [TALL]), *hinge(1), (4.0, [TALL])))
    assert states[-1].reps == 2
    assert actions_of(states)["stop"] > 3.0 + 3.0 + 2.0 + 3.0


def test_sitting_people_are_asked_to_sit_tall_and_rises_are_counted(modules_page: Page):
    slumped = SITTING.bent(trunk_deg=30)
    assert instructions_of(run_guide(modules_page, film((3.0, [slumped])))) == [None, "sit_tall"]
    rise = [
        (STEP_S, [SITTING.bent(thigh_deg=-90 * share, trunk_deg=30 * np.sin(np.pi * share))])
        for share in np.linspace(1, 0, 15)
    ]
    states = run_guide(modules_page, film((3.0, [SITTING]), *rise, (4.0, [SITTING.bent(thigh_deg=0)])))
    assert states[-1].reps == 1
    assert "stop" in actions_of(states)


def test_every_instruction_has_a_short_friendly_text(modules_page: Page):
    texts = modules_page.evaluate(
        """async () => {
          const { instructions } = await import("/text/live_messages.js");
          const values = { roll_deg: 6, reps: 1, hold_s: 30 };
          return Object.fromEntries(Object.entries(instructions).map(([id, text]) => [id, text(values)]));
        }"""
    )
    assert texts["tilted"] == "Turn the phone: tilted 6 degrees"
    assert texts["set_done"].startswith("1 rep.")
    assert {id: text for id, text in texts.items() if len(text) > 62 or find_forbidden_words(text)} == {}
