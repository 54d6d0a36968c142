"""Findings about the back: every rule with the values around its limits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.coaching.findings import build_findings
from analyzer.movements.back_findings import (
    LIMITS,
    BackContext,
    combine_observations,
    list_back_observations,
)
from analyzer.movements.key_measures import find_back_measure
from analyzer.movements.protocol import Observation
from analyzer.movements.registry import load_movements
from analyzer.results.schema import KeyMeasure

STANDING = BackContext()


def measure(
    low: float, high: float, *per_rep: float | None, id: str = "hinge.back", value: float | None = None
) -> KeyMeasure:
    middle = (low + high) / 2 if value is None else value
    return KeyMeasure(
        id=id,
        label="Back, change from tall",
        value=middle,
        unit="deg",
        interval_80=(low, high),
        per_rep=list(per_rep) or [middle],
    )


def numbered(reps: int, **values) -> BackContext:
    return BackContext(numbers=range(1, reps + 1), times_s=[10.0 * rep for rep in range(1, reps + 1)], **values)


def observe(back: KeyMeasure | None, task="lift", context: BackContext = STANDING) -> dict[str, Observation]:
    observations = {one.id: one for one in list_back_observations(back, task, context)}
    for one in observations.values():
        assert one.weight > 0.9 or one.weight == 0.0
    return observations


def list_ids(back: KeyMeasure | None, task="lift", context: BackContext = STANDING) -> list[str]:
    return list(observe(back, task, context))


# ---- the change and its interval ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("interval", "ids"),
    [
        ((-5, 9), ["back.keeps_shape"]),
        ((-35, 1), ["back.keeps_shape"]),  # 17, at most 35
        ((-1, 35), ["back.keeps_shape"]),
        ((-1.1, 35.1), ["back.no_clear_change"]),  # 17, but perhaps more than 35
        ((-6, 46), ["back.no_clear_change"]),  # 20, but perhaps none
        ((-0.1, 70.1), ["back.no_clear_change"]),
        ((0.1, 35), ["back.rounds"]),  # 17.55
        ((1, 35.1), ["back.rounds"]),
        ((28, 42), ["back.rounds"]),
        ((28, 43), ["back.rounds", "back.compare_starts"]),  # 35.5: perhaps beyond
        ((35, 50), ["back.rounds", "back.compare_starts"]),
        ((35.1, 50), ["back.rounds", "back.room"]),
        ((-40, -20), ["back.arches"]),
        ((-60, -35.1), ["back.arches", "back.room_arched"]),
    ],
)
def test_the_finding_depends_on_the_change_and_its_interval(interval, ids):
    assert list_ids(measure(*interval)) == ids


@pytest.mark.parametrize(
    ("interval", "ids"),
    [
        ((-5, 9), ["back.keeps_shape_squat"]),
        ((28, 43), ["back.rounds", "back.compare_starts_squat"]),
        ((35.1, 50), ["back.rounds", "back.room_squat"]),
    ],
)
def test_squats_have_their_own_words(interval, ids):
    assert list_ids(measure(*interval), "squat") == ids


def test_a_back_without_a_task_gets_the_number_only():
    assert list_ids(measure(40, 60), None) == ["back.rounds"]
    assert list_ids(measure(-30, -2), None) == ["back.arches"]
    assert list_ids(measure(-2, 6), None) == ["back.no_clear_change"]
    assert list_ids(measure(40, 60), "full_range") == ["back.own_range"]


def test_a_measured_back_is_stated_without_its_interval_too():
    assert list_ids(measure(40, 60).model_copy(update={"interval_80": None})) == ["back.measured"]


def test_no_finding_without_a_measured_back():
    fold = measure(1, 5, id="hinge.fold")
    specs = load_movements()["hinge"].key_measures
    assert find_back_measure(specs, [fold]) is None
    assert find_back_measure(specs, [fold, measure(1, 5)]) == measure(1, 5)
    assert find_back_measure(load_movements()["carry"].key_measures, [measure(1, 5, id="carry.back")]) is None
    assert list_back_observations(None, "lift", STANDING) == []


def test_evidence_is_the_change_without_sign_and_its_interval():
    arched = observe(measure(-30, -20))["back.arches"].evidence
    assert (arched["back_deg"], arched["low_deg"], arched["high_deg"], arched["reps"]) == (25, 20, 30, 1)
    assert arched["likely"] == "20 to 30"
    small = observe(measure(-5, 9))["back.keeps_shape"].evidence
    assert (small["low_deg"], small["high_deg"], small["likely"]) == (0, 9, "up to 9")
    assert observe(measure(0.4, 9))["back.keeps_shape"].evidence["likely"] == "up to 9"
    assert small["measured_from"] == "from your own tall stance"


def test_the_moment_to_look_at_is_that_of_the_largest_change():
    back = measure(20, 40, 24, None, -36, 30)
    assert observe(back, None, numbered(4))["back.rounds"].evidence["times_s"] == [30.0]


def test_reps_are_alike_or_the_least_and_the_most_changed_are_named():
    """One rep against one: 1.96 * sqrt(2) * 3 = 8.3 degrees."""
    alike = observe(measure(20, 40, 26, 34.3, None), context=numbered(3))["back.rounds"].evidence
    assert (alike["alike_reps"], alike["least_rep"], alike["most_rep"]) == (2, None, None)
    apart = observe(measure(20, 40, 34.4, None, 26), context=numbered(3))["back.rounds"].evidence
    assert apart["alike_reps"] is None
    assert (apart["least_rep"], apart["least_deg"], apart["most_rep"], apart["most_deg"]) == (3, 26, 1, 34.4)


def test_rep_numbers_are_those_of_the_result():
    """The first rep of the clip is not complete: the counted ones are 2 and 3."""
    context = BackContext(numbers=[2, 3], times_s=[5.0, 9.0])
    assert observe(measure(20, 40, 22, 38), context=context)["back.rounds"].evidence["most_rep"] == 3


def test_share_of_the_own_toe_touch():
    def share(low, high, toe_touch_deg):
        [fact, *_] = observe(measure(low, high), context=BackContext(toe_touch_deg=toe_touch_deg)).values()
        return fact.evidence["toe_touch_pct"]

    assert share(20, 30, 50) == 50
    assert share(20, 30, None) is None
    assert share(20, 30, LIMITS.min_toe_touch_deg - 0.1) is None
    assert share(-30, -20, 50) is None  # arched: no share of a rounding


# ---- growth over the set -----------------------------------------------------------------------------------------


def test_growth_counts_from_the_minimal_detectable_change_on():
    """Three reps against three that are alike: 8 degrees (sources 5)."""
    assert list_ids(measure(0, 20, 6, 6, 6, 13.9, 13.9, 13.9)) == ["back.keeps_shape"]
    grown = observe(measure(0, 20, 6, 6, 6, 14, 14, 14))
    assert list(grown) == ["back.rounds", "back.grows"]
    evidence = grown["back.grows"].evidence
    assert (evidence["growth_deg"], evidence["first_deg"], evidence["last_deg"]) == (8, 6, 14)
    assert (evidence["first_reps"], evidence["last_reps"], evidence["threshold_deg"]) == (3, 3, 8)


def test_reps_that_differ_need_a_larger_growth():
    """Spread 6 degrees (the cap): 1.96 * sqrt(36 / 3 + 36 / 3) = 9.6."""
    spread = (0, 6, 12)
    assert "back.grows" not in list_ids(measure(0, 40, *spread, *(deg + 9.5 for deg in spread)))
    assert "back.grows" in list_ids(measure(0, 40, *spread, *(deg + 9.7 for deg in spread)))


def test_growth_is_not_known_from_fewer_than_four_reps():
    assert "back.grows" not in list_ids(measure(10, 40, 5, 25, 45))
    assert "back.grows" not in list_ids(measure(10, 40, 5, None, 25, None, 45))
    assert "back.grows" in list_ids(measure(10, 40, None, 5, 8, None, 42, 45))


def test_a_turned_camera_widens_what_counts_as_growth():
    back = measure(0, 20, 6, 6, 6, 15, 15, 15)
    assert "back.grows" in list_ids(back)
    assert list_ids(back, context=BackContext(yaw_deg=15)) == ["back.keeps_shape"]  # 3.7 degrees more


def test_a_back_that_gets_flatter_does_not_grow_and_one_that_arches_more_does():
    assert list_ids(measure(0, 30, 24, 24, 24, 6, 6, 6)) == ["back.keeps_shape"]
    assert list_ids(measure(-30, 0, -24, -24, -24, -6, -6, -6)) == ["back.keeps_shape"]
    assert list_ids(measure(-30, 0, -6, -6, -6, -24, -24, -24)) == ["back.arches", "back.arches_more"]


def test_growth_comes_before_the_size_of_the_change():
    back = measure(40, 60, 36, 36, 36, 60, 60, 60)
    assert list_ids(back) == ["back.rounds", "back.grows"]
    assert list_ids(back, "squat") == ["back.rounds", "back.grows_squat"]


def test_the_body_line_replaces_the_finding_about_the_back_that_calls_for_the_same():
    sag = [Observation("plank.sag", "next", 0.9)]
    arched = [Observation("back.arches_in_hold", "note", 0.95), Observation("back.keep_hold_arches", "next", 0.94)]
    assert [one.id for one in combine_observations(sag, arched)] == ["plank.sag", "back.arches_in_hold"]
    assert [one.id for one in combine_observations([], arched)] == ["back.arches_in_hold", "back.keep_hold_arches"]


def test_growth_replaces_the_other_finding_that_calls_for_a_shorter_set():
    others = [Observation("hinge.late_set", "next", 0.7), Observation("hinge.reps", "can", 0.2)]
    grown = [Observation("back.rounds", "note", 0.95), Observation("back.grows", "next", 0.97)]
    assert [one.id for one in combine_observations(others, grown)] == ["hinge.reps", "back.rounds", "back.grows"]
    assert [one.id for one in combine_observations(others, grown[:1])] == [
        "hinge.late_set",
        "hinge.reps",
        "back.rounds",
    ]


# ---- reps from a dead stop and reps without one ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("touched", "stopped", "ids"),
    [
        (10, 17.9, ["back.keeps_shape"]),  # less than 8 degrees: no clear difference
        (10, 18, ["back.rounds", "back.differs_stopped"]),
        (18.4, 10, ["back.rounds", "back.differs_touched"]),
    ],
)
def test_reps_from_a_dead_stop_differ_from_the_minimal_detectable_change_on(touched, stopped, ids):
    """Two reps against two that are alike, with the default spread of 3 degrees: 5.9, so the family's 8 counts."""
    context = BackContext(pauses_s=[1.0, 0.5, 1.4, 0.1])
    assert list_ids(measure(0, 30, stopped, touched, stopped, touched, value=14), context=context) == ids


def test_the_kinds_of_reps_are_only_told_apart_by_clear_pauses():
    degrees = (30, 10, 30, 10)
    differs = "back.differs_stopped"
    assert differs in list_ids(measure(10, 30, *degrees), context=BackContext(pauses_s=[1, 0.5, 1, 0.5]))
    for pauses_s in ([0.9, 0.5, 1, 0.5], [1, 0.6, 1, 0.5], [1, None, 1, 0.5], []):
        assert differs not in list_ids(measure(10, 30, *degrees), context=BackContext(pauses_s=pauses_s))
    assert differs not in list_ids(measure(10, 30, *degrees), "squat", BackContext(pauses_s=[1, 0.5, 1, 0.5]))


# ---- holds -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "ids"),
    [
        (7.9, ["back.keeps_shape_hold"]),
        (-7.9, ["back.keeps_shape_hold"]),
        (8, ["back.rounds_in_hold", "back.keep_hold_rounds"]),
        (-8, ["back.arches_in_hold", "back.keep_hold_arches"]),
    ],
)
def test_a_hold_keeps_its_shape_below_the_minimal_detectable_change(change, ids):
    back = measure(change - 5, change + 5, value=change, id="plank.back")
    assert list_ids(back, "hold") == ids
    assert list_ids(back, "hold", BackContext(yaw_deg=15)) == ["back.keeps_shape_hold"]  # 3.7 degrees more


# ---- what the client reads ---------------------------------------------------------------------------------------

Degrees = st.floats(-90, 90)


def read(task, value, half_deg, per_rep=(), context=STANDING):
    back = measure(value - half_deg, value + half_deg, *per_rep, value=value)
    movement = load_movements()["squat" if task == "squat" else "hinge"]
    others = [Observation("hinge.hips_travel", "can", 0.99, {"hip_back_pct": 30.0, "reps": 3})] * 5
    return build_findings(movement, [*others, *list_back_observations(back, task, context)], True)


@given(st.sampled_from(["lift", "squat"]), st.floats(35.1, 90), st.floats(0, 40), st.floats(-17, 17), st.floats(0, 40))
def test_a_back_that_rounds_and_a_flat_one_never_read_alike(task, rounded, rounded_half, flat, flat_half):
    """Rounded by more than 35 degrees against at most 17, with any intervals: another id, another text."""
    about_rounded, about_flat = (
        {(one.id, one.text) for one in read(task, value, half) if one.id.startswith("back.")}
        for value, half in ((rounded, rounded_half), (flat, flat_half))
    )
    assert about_rounded and about_flat
    assert not {id for id, _ in about_rounded} & {id for id, _ in about_flat}
    assert not {text for _, text in about_rounded} & {text for _, text in about_flat}
    assert any(id == "back.rounds" for id, _ in about_rounded)


@given(
    st.sampled_from(["lift", "squat", "hold", "full_range", None]),
    Degrees,
    st.floats(0, 60),
    st.lists(st.none() | Degrees, max_size=10),
    st.lists(st.none() | st.floats(0, 3), max_size=10),
    st.none() | st.floats(0.1, 120),
)
def test_a_measured_back_is_always_stated_whatever_else_there_is(task, value, half, per_rep, pauses_s, toe_touch_deg):
    context = numbered(10, pauses_s=pauses_s, toe_touch_deg=toe_touch_deg)
    findings = read(task, value, half, per_rep, context)
    stated = [one for one in findings if one.id.startswith("back.") and one.kind in ("can", "note")]
    assert len(stated) == 1
    kinds = [one.kind for one in findings]
    assert kinds == sorted(kinds, key=["can", "note", "next"].index)
    assert kinds.count("can") <= 3 and 1 <= kinds.count("next") <= 2
    for one in findings:
        if one.kind == "next":
            assert one.try_ and one.step_id


def test_words_of_a_flat_a_rounded_and_a_growing_back():
    flat = read("lift", 6, 4, (5, 6, 7), numbered(3, toe_touch_deg=60))
    [kept] = [one for one in flat if one.id == "back.keeps_shape"]
    assert kept.text == (
        "Your back kept its shape: 6 degrees from tall (likely 2 to 10). That is 10 % of your own toe touch."
    )
    [rounds, room] = [one for one in read("lift", 45, 6, (44, 45, 46), numbered(3)) if one.id.startswith("back.")]
    assert rounds.text == (
        "Your back rounded by 45 degrees (likely 39 to 51) from your own tall stance. Much the same in 3 reps."
    )
    assert (room.cue, room.step_id) == ("Squeeze an orange in your armpits.", "reach_to_floor.trap_bar_high_handles")
    [_, grows] = [
        one for one in read("lift", 40, 18, (30, 30, 30, 60, 60, 60), numbered(6)) if one.id.startswith("back.")
    ]
    assert "rounded 30 degrees more: 30 at first, 60 in the last 3 reps" in grows.text
    assert grows.step_id == "keep_over_set.lighter_and_slower"
