"""Changes of key measures worked out by hand, for movements as they are installed."""

import pytest

from analyzer.compare.changes import compare_sides
from analyzer.compare.key_changes import compute_changes_since
from analyzer.movements.minimal_detectable_change import MdcTable, OwnMdc
from analyzer.movements.stored_key_measures import complete_key_measures
from analyzer.results.schema import Hold, Stage, SymptomReport
from analyzer.vocabulary.key_measures import format_change, format_change_line, format_mdc
from tests.compare.results import rep, result, side

MINUS, GAP = "\N{MINUS SIGN}", "\N{NO-BREAK SPACE}"


@pytest.fixture(autouse=True)
def known_movements():
    """Use the installed movements."""


def make_hinge(fold=90.0, back=37.0, knee=20.0, ascent_s=1.0, **more):
    """Three reps a degree apart, a spread below the floor of 2."""
    reps = [
        rep(index, ascent_s, trunk_thigh_deg=fold + off, trunk_inclination_deg=70 + off, knee_flexion_deg=knee + off)
        for index, off in ((1, -1), (2, 0), (3, 1))
    ]
    reps = [
        one.model_copy(update={"measures": {"rounding_deg": back, "trunk_thigh_deg": one.at_bottom["trunk_thigh_deg"]}})
        for one in reps
    ]
    return complete_key_measures(result(*reps, **more))


def by_id(changes):
    return {change.id: change for change in changes}


def test_a_flatter_back_on_another_day_is_clear_and_better():
    changes = compute_changes_since(make_hinge(), make_hinge(fold=96, back=19, ascent_s=1.2, name="b.mp4"), "other_day")
    assert [change.id for change in changes] == [
        "hinge.fold", "hinge.trunk", "hinge.back", "hinge.knee", "hinge.ascent",
    ]  # fmt: skip
    known = by_id(changes)
    # Another day, 3 v 3: the family's 15 for the back, 11 for the hip fold; 0.15 s of tempo.
    back, fold, ascent = known["hinge.back"], known["hinge.fold"], known["hinge.ascent"]
    assert (back.before, back.after, back.change, back.mdc, back.clear, back.better) == (37, 19, -18, 15, True, True)
    assert (fold.change, fold.mdc, fold.clear, fold.better) == (6, 11, False, False)
    assert (ascent.change, ascent.mdc, ascent.clear, ascent.better) == (0.2, 0.15, True, False)
    assert known["hinge.trunk"].interval_80_before == (67.5, 72.5)  # 2.5 of quality.uncertainty_deg


def test_the_same_day_needs_less():
    changes = by_id(compute_changes_since(make_hinge(), make_hinge(fold=99, name="b.mp4"), "refilmed"))
    assert (changes["hinge.fold"].mdc, changes["hinge.fold"].clear) == (8, True)


def test_single_reps_need_more_than_sets():
    # Of single reps the spread is not known: 3 degrees; 1.96 * sqrt(3^2 + 3^2 + 2 * 2.5^2) = 10.825.
    one, other = (
        complete_key_measures(result(rep(1, trunk_thigh_deg=fold), name=name)) for fold, name in ((90, "a"), (99, "b"))
    )
    fold = by_id(compute_changes_since(one, other, "refilmed"))["hinge.fold"]
    assert fold.mdc == pytest.approx(10.825, abs=0.001) and not fold.clear


def test_other_exercises_have_no_changes():
    plain = make_hinge(load_kg=40)
    assert compute_changes_since(plain, make_hinge(load_kg=60, name="b.mp4"), "other_day") is not None
    for other in (
        make_hinge(name="b.mp4", load_kg=0),
        make_hinge(name="b.mp4", load_kg=40, variant="sumo"),
        make_hinge(name="b.mp4", load_kg=40, variant="romanian"),
        result(*make_hinge().reps, name="b.mp4", movement="squat"),
        result(name="b.mp4", load_kg=40),
    ):
        assert compute_changes_since(plain, other, "other_day") is None


def test_sumo_is_compared_without_the_angles_of_the_legs():
    before, after = make_hinge(variant="sumo"), make_hinge(variant="sumo", name="b.mp4")
    assert set(by_id(compute_changes_since(before, after, "other_day"))) == {
        "hinge.trunk", "hinge.back", "hinge.ascent",
    }  # fmt: skip


def test_a_refused_view_compares_times_alone():
    changes = compute_changes_since(make_hinge(), make_hinge(name="b.mp4", grade="refused"), "other_day")
    assert [change.id for change in changes] == ["hinge.ascent"]


def test_from_the_other_side_nothing_is_called_better():
    back = by_id(compute_changes_since(make_hinge(), make_hinge(back=10, facing="left", name="b.mp4"), "other_day"))
    assert (back["hinge.back"].clear, back["hinge.back"].better) == (True, False)


@pytest.mark.parametrize(("back_deg", "better"), [(-15, True), (-30, False)])
def test_a_back_that_arches_is_better_only_where_it_changes_less(back_deg, better):
    changes = compute_changes_since(make_hinge(), make_hinge(back=back_deg, name="b.mp4"), "other_day")
    back = by_id(changes)["hinge.back"]
    assert (back.before, back.after, back.clear, back.better) == (37, back_deg, True, better)


def make_plank(zone_s: float, *drifts: dict, line_deg=2.0, duration_s=30.0, name="a.mp4"):
    first = drifts[0]["start_s"] if drifts else None
    measures = {"line_deg": line_deg, "first_drift_s": first, "drifts": list(drifts)}
    angles = {"body_line_deg": line_deg}
    hold = Hold(
        index=1, start_s=0, end_s=duration_s, duration_s=duration_s, in_zone_s=zone_s, angles=angles, measures=measures
    )
    return complete_key_measures(result(movement="plank", name=name).model_copy(update={"holds": [hold]}))


def test_holds_count_from_15_percent_and_what_gives_first_has_no_verdict():
    sag, pike = {"start_s": 12.0, "direction": "sag"}, {"start_s": 20.0, "direction": "pike"}
    before, after = make_plank(10, sag), make_plank(24, pike, duration_s=34, name="b.mp4")
    assert [measure.label for measure in after.key_measures] == [
        "Body line, off straight",
        "Time in your own line",
        "Until the hips first lift",
        "Longest hold",
    ]
    changes = by_id(compute_changes_since(before, after, "other_day"))
    zone, hold, gives = changes["plank.zone"], changes["plank.hold"], changes["plank.gives"]
    assert (zone.change, zone.mdc, zone.clear, zone.better) == (14, 3.6, True, True)  # 15 % of 24
    assert (hold.change, hold.mdc, hold.clear) == (4, 5.1, False)  # 15 % of 34
    assert (gives.label, gives.change, gives.mdc, gives.clear) == ("Until the line first gives", 8, None, False)
    assert (format_change(zone), format_change(hold)) == (f"+14.0{GAP}s, better", f"no clear change (+4.0{GAP}s)")
    assert (format_change(gives), format_mdc(gives)) == (f"+8.0{GAP}s", "")


@pytest.mark.parametrize(
    ("before_end", "after_end", "after_s", "verdict"),
    [
        ("clip_end", "clip_end", 60, f"+30.0{GAP}s"),  # perhaps only the clip is longer
        ("clip_end", "hips_down", 60, f"+30.0{GAP}s"),
        ("hips_down", "clip_end", 60, f"+30.0{GAP}s, better"),  # at least that much longer
        ("hips_down", "clip_end", 20, f"{MINUS}10.0{GAP}s"),
        ("clip_end", "left", 20, f"{MINUS}10.0{GAP}s"),  # at least that much shorter
    ],
)
def test_a_hold_that_the_clip_cuts_off_is_not_called_longer_or_shorter(before_end, after_end, after_s, verdict):
    before, after = make_plank(30), make_plank(after_s, duration_s=after_s, name="b.mp4")
    before.holds[0].measures["ended_by"], after.holds[0].measures["ended_by"] = before_end, after_end
    hold = by_id(compute_changes_since(before, after, "other_day"))["plank.hold"]
    assert format_change(hold) == verdict
    assert hold.clear is (before_end != "clip_end" if after_s > 30 else after_end != "clip_end")


def test_a_comparison_says_in_which_clip_the_hold_goes_on():
    before, after = make_plank(30), make_plank(60, duration_s=60, name="b.mp4")
    for plank in (before, after):
        plank.holds[0].measures["ended_by"] = "clip_end"
    (pair,) = compare_sides([side(before), side(after)]).pairs
    assert "hold_s" not in {row.key for row in pair.rows}
    assert "In A and B the clip ends before the hold does, so the time held is at least that long." in [
        note.text for note in pair.notes
    ]


def test_the_back_in_a_plank_counts_as_in_a_hinge():
    before, after = make_plank(30), make_plank(30, name="b.mp4")
    for plank, deg in ((before, -4.0), (after, -20.0)):
        plank.holds[0].measures["back_from_line_deg"] = deg
    changes = by_id(compute_changes_since(complete_key_measures(before), complete_key_measures(after), "other_day"))
    back = changes["plank.back"]
    assert (back.change, back.mdc, back.clear, back.better) == (-16, 15, True, False)


def test_a_line_that_never_gives_has_no_such_measure():
    assert "plank.gives" not in {measure.id for measure in make_plank(30).key_measures}


def make_slump(level: int | None, name="a.mp4"):
    stages = [
        Stage(name="tall_sit", start_s=0, end_s=2, measures={"trunk_from_tall_deg": 0.0}),
        Stage(name="slump", start_s=2, end_s=4, measures={"trunk_from_tall_deg": 18.0, "neck_from_tall_deg": 5.0}),
        Stage(name="chin_to_chest", start_s=4, end_s=6, measures={"trunk_from_tall_deg": 20.0}),
        Stage(name="return", start_s=6, end_s=8, measures={"trunk_from_tall_deg": 21.0}),
    ]
    if level is not None:
        stages[2] = stages[2].model_copy(update={"reported": SymptomReport(level=level, where="back")})
    return complete_key_measures(result(movement="slump", name=name).model_copy(update={"stages": stages}))


def test_slump_has_every_stage_and_what_was_felt():
    trunk, neck, felt = make_slump(3).key_measures
    assert (trunk.id, trunk.value, trunk.per_rep) == ("slump.trunk", 20, [0, 18, 20, 21])  # of slump and chin alone
    assert (neck.value, neck.per_rep) == (5, [None, 5, None, None])
    assert (felt.id, felt.value, felt.unit, felt.per_rep) == ("slump.felt", 3, "of_10", [None, None, 3, None])
    assert "slump.felt" not in {measure.id for measure in make_slump(None).key_measures}


def test_what_is_felt_changes_clearly_from_two_levels_on():
    one = by_id(compute_changes_since(make_slump(3), make_slump(2, "b.mp4"), "other_day"))["slump.felt"]
    two = by_id(compute_changes_since(make_slump(3), make_slump(1, "b.mp4"), "other_day"))["slump.felt"]
    assert (one.mdc, one.clear, two.clear, two.better) == (1.8, False, True, False)
    assert format_change_line(two) == f"Most that was felt: 3{GAP}of 10 → 1{GAP}of 10: {MINUS}2{GAP}of 10, " + (
        f"counts from 2{GAP}of 10"
    )


def test_own_repeats_replace_the_threshold_and_give_one_where_the_literature_has_none():
    own = MdcTable(
        {
            "hinge.fold": OwnMdc(least_change=5.0, setting="other_day", source="your own 18 pairs"),
            "plank.gives": OwnMdc(least_change=6.0, setting="refilmed", source="your own 18 pairs"),
        }
    )
    fold = by_id(compute_changes_since(make_hinge(), make_hinge(fold=96, name="b.mp4"), "other_day", own))["hinge.fold"]
    assert (fold.change, fold.mdc, fold.mdc_source, fold.clear) == (6, 5, "your own 18 pairs", True)
    sag = {"start_s": 12.0, "direction": "sag"}, {"start_s": 20.0, "direction": "sag"}
    planks = make_plank(10, sag[0]), make_plank(10, sag[1], name="b.mp4")
    refilmed, other_day = (
        by_id(compute_changes_since(*planks, setting, own))["plank.gives"] for setting in ("refilmed", "other_day")
    )
    assert (refilmed.change, refilmed.mdc, refilmed.clear) == (8, 6, True)
    assert (other_day.mdc, other_day.mdc_source, other_day.clear) == (None, None, False)  # those are of one day
    [pair] = compare_sides(
        [side(make_hinge()), side(make_hinge(fold=96, name="b.mp4"))], "other_day", own_mdc=own
    ).pairs
    row = {row.key: row for row in pair.rows}["hinge.trunk_thigh_deg"]
    assert (row.threshold, row.threshold_source, row.clear) == (5, "your own 18 pairs", True)


# ---- in a comparison


def test_a_comparison_leads_with_key_measures_and_has_one_verdict_for_each():
    comparison = compare_sides([side(make_hinge()), side(make_hinge(back=19, name="b.mp4"))], "other_day")
    [pair] = comparison.pairs
    rows = {row.key: row for row in pair.rows}
    back = by_id(pair.key_changes)["hinge.back"]
    assert pair.key_changes[0].id == "hinge.fold" and back.quantity == "hinge.rounding_deg"
    row = rows["hinge.rounding_deg"]
    assert (row.before, row.after, row.change, row.threshold, row.clear) == (37, 19, -18, 15, True)
    assert [sentence.text for sentence in pair.sentences] == ["In B your back rounds 18 degrees less."]


def test_a_value_that_one_rep_bends_away_does_not_move_the_change():
    """The median of a key measure, not the mean of the reps, is what changes."""
    steady = make_hinge()
    reps = [*make_hinge().reps[:2], make_hinge(fold=129).reps[2]]  # folds 89, 90, 130: mean 103, median 90
    jumped = complete_key_measures(result(*reps, name="b.mp4"))
    [pair] = compare_sides([side(steady), side(jumped)]).pairs
    assert by_id(pair.key_changes)["hinge.fold"].change == 0
    assert {row.key: row for row in pair.rows}["hinge.trunk_thigh_deg"].change == 0


def test_parts_of_one_clip_have_key_measures_of_their_reps():
    reps = [rep(i, trunk_thigh_deg=90 if i < 4 else 96) for i in range(1, 7)]
    whole = result(*reps)
    whole.quality.uncertainty_deg["trunk_thigh_deg"] = 5.0
    clip = complete_key_measures(whole)
    [pair] = compare_sides([side(clip, (1, 3)), side(clip, (4, 6))]).pairs
    fold = by_id(pair.key_changes)["hinge.fold"]
    # Same clip, 3 v 3: 5 degrees, more than 1.96 * sqrt(2 * 2^2 / 3) = 3.2.
    assert (fold.before, fold.after, fold.mdc, fold.clear) == (90, 96, 5, True)
    assert (fold.interval_80_before, fold.interval_80_after) == ((85, 95), (91, 101))


def test_two_movements_have_no_key_changes():
    hinge = complete_key_measures(
        result(rep(1, trunk_thigh_deg=90).model_copy(update={"measures": {"hip_share": 0.9}}))
    )
    touch_rep = rep(1, trunk_thigh_deg=90).model_copy(update={"measures": {"hip_share": 0.5}})
    touch = complete_key_measures(result(touch_rep, movement="toe_touch", name="b.mp4"))
    [pair] = compare_sides([side(hinge), side(touch)]).pairs
    assert (pair.story, pair.key_changes, len(pair.rows)) == ("dissociation", [], 1)


def test_words_of_a_change():
    changes = by_id(compute_changes_since(make_hinge(), make_hinge(fold=96, back=19, name="b.mp4"), "other_day"))
    assert format_change(changes["hinge.back"]) == f"{MINUS}18°, better"
    assert format_change_line(changes["hinge.fold"]) == "Trunk-thigh: 90° → 96°: no clear change (+6°), counts from 11°"
    assert format_change_line(changes["hinge.trunk"]).startswith("Trunk lean: 70° (68 to 72) → 70° (68 to 72): no")
    assert format_mdc(changes["hinge.ascent"]) == f"counts from 0.15{GAP}s"
