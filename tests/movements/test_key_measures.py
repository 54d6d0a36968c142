"""Key measures of events worked out by hand."""

import pytest

from analyzer.movements.key_measures import KeyMeasureSpec, compute_key_measures
from analyzer.movements.load_measures import load_speed_spec
from analyzer.movements.registry import load_movements
from analyzer.results.schema import Hold, Rep, Stage

FOLD = KeyMeasureSpec("bow.fold", "Fold", "at_bottom.trunk_thigh_deg", angle="trunk_thigh_deg")
TIME_UP = KeyMeasureSpec("bow.ascent", "Time up", "ascent_s", unit="s")


def make_rep(index: int, fold_deg: float | None, ascent_s: float | None = 1.0, complete: bool = True) -> Rep:
    at_bottom = {} if fold_deg is None else {"trunk_thigh_deg": fold_deg}
    return Rep(
        index=index,
        start_s=10 * index,
        bottom_s=10 * index + 2,
        end_s=10 * index + 4,
        descent_s=None,
        pause_s=None,
        ascent_s=ascent_s,
        complete=complete,
        at_bottom=at_bottom,
        measures={"rounding_deg": 3 * index},
    )


def compute(specs, events, measures=None, half_width=lambda angle, at_s: None):
    return compute_key_measures(specs, events, measures or {}, half_width)


def test_key_measure_is_the_median_of_complete_reps():
    [fold, up] = compute(
        [FOLD, TIME_UP], [make_rep(1, 80), make_rep(2, 100), make_rep(3, 90), make_rep(4, 20, complete=False)]
    )
    assert (fold.id, fold.label, fold.unit, fold.value, fold.per_rep) == ("bow.fold", "Fold", "deg", 90, [80, 100, 90])
    assert (up.value, up.per_rep, up.interval_80) == (1.0, [1.0, 1.0, 1.0], None)


def test_the_interval_is_the_value_and_the_median_half_width_at_the_bottoms():
    widths = {12: 4.0, 22: 6.0, 32: 9.0}
    [fold] = compute(
        [FOLD], [make_rep(1, 80), make_rep(2, 90), make_rep(3, 100)], half_width=lambda angle, at_s: widths[at_s]
    )
    assert fold.interval_80 == (84.0, 96.0)


@pytest.mark.parametrize(
    ("back_deg", "half_deg", "direction"),
    [(36, 8, "rounded"), (-15, 8, "arched"), (6, 8, None), (-6, 8, None), (8.3, 8, None), (3, None, "rounded")],
)
def test_the_direction_of_the_back_is_stated_where_its_interval_excludes_0(back_deg, half_deg, direction):
    """The interval of the fifth starts at 0.3 degrees, which reads 0."""
    spec = KeyMeasureSpec("bow.bend", "Back", "at_bottom.trunk_thigh_deg", angle="trunk_thigh_deg", is_back=True)
    [back] = compute([spec], [make_rep(1, back_deg)], half_width=lambda angle, at_s: half_deg)
    assert (back.value, back.direction) == (back_deg, direction)


def test_a_measure_without_words_for_its_sign_has_no_direction():
    assert compute([FOLD], [make_rep(1, -80)])[0].direction is None


def test_at_most_one_key_measure_of_a_movement_is_the_back():
    for movement in load_movements().values():
        backs = [spec for spec in movement.key_measures if spec.is_back]
        assert len(backs) <= 1 and all(spec.angle == "back_rounding_deg" for spec in backs), movement.name
        assert bool(backs) == (movement.back_task is not None) or movement.name in ("overhead", "slump")


def test_no_key_measure_of_the_fold_is_named_for_the_hips_alone():
    """The angle between trunk and thigh contains the bend of the back."""
    labels = {
        spec.id: spec.label
        for movement in load_movements().values()
        for spec in movement.key_measures
        if spec.angle == "trunk_thigh_deg"
    }
    assert {"hinge.fold", "toe_touch.fold", "standing_extension.hips"} <= set(labels)
    assert [label for label in labels.values() if "hip" in label.lower() and "back" not in label] == []


def test_durations_have_no_interval():
    assert compute([TIME_UP], [make_rep(1, 80)], half_width=lambda angle, at_s: 5.0)[0].interval_80 is None


def test_unknown_measures_are_omitted_and_unknown_reps_are_null():
    [fold] = compute([FOLD, TIME_UP], [make_rep(1, None, None), make_rep(2, 70, None)])
    assert (fold.id, fold.per_rep, fold.value) == ("bow.fold", [None, 70], 70)
    assert compute([FOLD], []) == []


def test_measures_of_the_clip_and_of_a_rep():
    specs = [
        KeyMeasureSpec("a", "A", "clip.back.most_deg"),
        KeyMeasureSpec("b", "B", "measures.rounding_deg", summary="max"),
    ]
    [clip, rounding] = compute(specs, [make_rep(1, 80), make_rep(2, 80)], {"back": {"most_deg": 31.25}})
    assert (clip.value, clip.per_rep) == (31.25, [])
    assert (rounding.value, rounding.per_rep) == (6, [3, 6])


def test_holds_are_summed_over_the_named_stages():
    holds = [Hold(index=i, start_s=0, end_s=20, duration_s=20, in_zone_s=zone) for i, zone in ((1, 12.5), (2, 7.5))]
    assert compute([KeyMeasureSpec("z", "Z", "in_zone_s", unit="s", summary="sum")], holds)[0].value == 20
    stages = [
        Stage(name=name, start_s=4, end_s=8, angles={"trunk_inclination_deg": deg})
        for name, deg in (("tall_sit", 2), ("slump", 20), ("return", 4))
    ]
    spec = KeyMeasureSpec("t", "T", "angles.trunk_inclination_deg", angle="trunk_inclination_deg", stages=("slump",))
    [trunk] = compute([spec], stages, half_width=lambda angle, at_s: at_s)
    assert (trunk.value, trunk.interval_80) == (20, (14.0, 26.0))


def speed_rep(index: int, speed_m_s: float | None) -> Rep:
    return make_rep(index, 80).model_copy(update={"measures": {"mean_speed_m_s": speed_m_s}})


def test_known_speed_of_the_load_replaces_the_time_up():
    specs = [FOLD, load_speed_spec("bow"), TIME_UP]
    measures = {"lift_speed": {"half_width_m_s": 0.025}}
    fold, speed = compute(specs, [speed_rep(1, 0.523), speed_rep(2, None), speed_rep(3, 0.477)], measures)
    assert (fold.id, speed.id, speed.unit) == ("bow.fold", "bow.speed", "m_s")
    assert (speed.value, speed.interval_80, speed.per_rep) == (0.5, (0.475, 0.525), [0.52, None, 0.48])


def test_unknown_speed_of_the_load_leaves_the_time_up():
    specs = [load_speed_spec("bow"), TIME_UP]
    body = [make_rep(1, 80).model_copy(update={"measures": {"body_mean_speed_m_s": 0.5}})]
    for reps in (body, [speed_rep(1, None)]):
        assert [measure.id for measure in compute(specs, reps)] == ["bow.ascent"]


@pytest.mark.parametrize("name", sorted(load_movements()))
def test_every_built_in_movement_has_three_to_five_of_its_own(name: str):
    specs = load_movements()[name].key_measures
    assert 3 <= len({spec.instead_of or spec.id for spec in specs}) <= 5  # one that replaces another adds none
    assert all(spec.id.startswith(f"{name}.") and spec.label for spec in specs)
    assert len({spec.id for spec in specs}) == len({spec.label for spec in specs}) == len(specs)
