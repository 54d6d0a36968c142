import numpy as np
import pytest

from analyzer.report.key_moments import select_client_moments, select_key_moments, select_shown_reps, select_typical_rep
from analyzer.report.movement_words import select_main_angle
from analyzer.results.schema import Hold, Rep, Stage

TIMES = np.arange(601) / 30
SURE = np.ones(len(TIMES))


def rep(index, start_s, complete=True):
    """Return a rep of four seconds with its bottom in the middle."""
    start = {"index": index, "start_s": start_s, "bottom_s": start_s + 2, "end_s": start_s + 4}
    return Rep(**start, descent_s=2, pause_s=0, ascent_s=2, complete=complete)


def folded(depths, tops=None, first=0.0):
    """Angles of reps of four seconds that start at 0, 4, 8, ...: each to its depth and back to its top."""
    tops = tops or [0.0] * len(depths)
    knots = [(0.0, first)]
    for k, (depth, top) in enumerate(zip(depths, tops, strict=True)):
        knots += [(4 * k + 2, depth), (4 * k + 4, top)]
    fold = np.interp(TIMES, *np.array(knots).T)
    return {"trunk_inclination_deg": 0.7 * fold, "trunk_thigh_deg": fold, "knee_flexion_deg": 0.2 * fold}


def test_the_best_rep_is_the_most_typical_one(analysis):
    analysis.reps = [rep(k + 1, 4 * k) for k in range(5)]
    assert select_typical_rep(analysis, TIMES, folded([90, 70, 100, 91, 120])).index == 4  # the median is 91


def test_of_equally_usual_reps_the_deepest_is_best(analysis):
    analysis.reps = [rep(1, 0), rep(2, 4)]
    assert select_typical_rep(analysis, TIMES, folded([90, 94])).index == 2
    assert select_typical_rep(analysis, TIMES, folded([94, 90])).index == 1


def test_a_rep_that_stops_short_of_tall_or_is_cut_off_is_not_the_best(analysis):
    analysis.reps = [rep(1, 0), rep(2, 4), rep(3, 8)]
    assert select_typical_rep(analysis, TIMES, folded([80, 90, 100], [0, 25, 0])).index == 3
    analysis.reps = [rep(1, 0), rep(2, 4, complete=False)]
    assert select_typical_rep(analysis, TIMES, folded([80, 90])).index == 1


def test_each_rep_gives_its_top_and_its_bottom_in_order_of_time(analysis):
    analysis.reps = [rep(1, 0), rep(2, 4)]
    moments = select_key_moments(analysis, TIMES, folded([90, 90], [1, 0], first=5), SURE)
    chosen = [(moment.title, moment.time_s, moment.event) for moment in moments]
    assert chosen == [
        ("Rep 1, bottom", pytest.approx(2), "rep-1"),
        ("Rep 1, top", pytest.approx(4), "rep-1"),  # 5 degrees folded at its start, 0 at its end
        ("Rep 2, bottom", pytest.approx(6), "rep-2"),
        ("Rep 2, top", pytest.approx(8), "rep-2"),
    ]
    (best,) = select_client_moments(analysis, TIMES, folded([90, 95]), SURE)
    assert (best.title, best.time_s) == ("Rep 2 of 2, bottom", pytest.approx(6))


def test_no_rep_has_a_number_beyond_their_count(analysis):
    analysis.reps = [rep(1, 0, complete=False), rep(2, 4), rep(3, 8)]
    (best,) = select_client_moments(analysis, TIMES, folded([50, 90, 95]), SURE)
    assert best.title == "Rep 3, bottom"


def test_the_top_is_searched_shortly_after_the_rep_but_not_in_the_next_one(analysis):
    first = rep(1, 0).model_copy(update={"end_s": 3.6})  # bounded below the top, which is reached at 4 s
    analysis.reps = [first]
    tops = {m.title: m.time_s for m in select_key_moments(analysis, TIMES, folded([90], first=5), SURE)}
    assert tops["Rep 1, top"] == pytest.approx(4)
    analysis.reps = [first, rep(2, 4).model_copy(update={"start_s": 3.8})]
    tops = {m.title: m.time_s for m in select_key_moments(analysis, TIMES, folded([90, 90], first=20), SURE)}
    assert tops["Rep 1, top"] == pytest.approx(3.8)


def test_of_many_reps_the_first_the_last_and_the_best_are_shown():
    reps = [rep(k + 1, 4 * k) for k in range(20)]
    shown = [one.index for one in select_shown_reps(reps, best=9)]
    assert len(shown) <= 8 and {1, 9, 20} <= set(shown) and shown == sorted(shown)
    assert select_shown_reps(reps[:8], best=1) == reps[:8]


def test_a_poorly_tracked_moment_moves_to_a_nearby_better_one(analysis):
    analysis.reps = [rep(1, 0)]
    confidence = SURE.copy()
    confidence[59:62] = 0.2
    (best,) = select_client_moments(analysis, TIMES, folded([90]), confidence)
    assert best.frame in (58, 62)


def test_the_clients_picture_of_a_hold_is_the_middle_of_its_steadiest_stretch(analysis):
    analysis.movement.name = "plank"
    analysis.holds = [Hold(index=1, start_s=1, end_s=19, duration_s=18, in_zone_s=10)]
    line = np.where((TIMES >= 4) & (TIMES <= 16), 0.0, -20.0)
    angles = {name: np.zeros(len(TIMES)) for name in ("trunk_inclination_deg", "trunk_thigh_deg")}
    (best,) = select_client_moments(analysis, TIMES, angles | {"body_line_deg": line}, SURE)
    assert best.time_s == pytest.approx(10, abs=0.05)


def test_every_stage_is_shown_in_its_middle(analysis):
    analysis.movement.name = "slump"
    analysis.stages = [
        Stage(name="tall_sit", start_s=0, end_s=2),
        Stage(name="knee_straight", start_s=2, end_s=6, side="far"),
    ]
    chosen = [(m.title, m.time_s, m.event) for m in select_key_moments(analysis, TIMES, folded([90]), SURE)]
    assert chosen == [("Sitting tall", 1.0, "stage-1"), ("Knee straight, far leg", 4.0, "stage-2")]


def test_a_clip_without_events_shows_the_tallest_and_the_most_folded_frame(analysis):
    tall, fold = select_key_moments(analysis, TIMES, folded([90]), SURE)
    assert (tall.title, tall.time_s) == ("Tallest", 0.0)
    assert (fold.title, fold.time_s) == ("Folded furthest", pytest.approx(2))
    lying = folded([90]) | {"trunk_inclination_deg": np.full(len(TIMES), 80.0)}
    assert [moment.title for moment in select_key_moments(analysis, TIMES, lying, SURE)] == ["Folded furthest"]
    nothing = {name: np.full(len(TIMES), np.nan) for name in lying}
    assert (
        select_key_moments(analysis, TIMES, nothing, SURE)
        == select_client_moments(analysis, TIMES, nothing, SURE)
        == []
    )


def test_where_the_trunk_is_measured_alone_it_shows_the_top(analysis):
    analysis.quality.uncertainty_deg = {"trunk_inclination_deg": 4.0}
    assert select_main_angle(analysis) == "trunk_inclination_deg"
    analysis.reps = [rep(1, 0)]
    angles = folded([90], first=5)
    is_top = TIMES >= 3.5
    angles["trunk_thigh_deg"] = np.where(is_top, np.nan, angles["trunk_thigh_deg"])  # hidden while standing
    tops = {m.title: m.time_s for m in select_key_moments(analysis, TIMES, angles, SURE)}
    assert tops["Rep 1, top"] == pytest.approx(4)
    analysis.quality.uncertainty_deg = {"trunk_inclination_deg": 4.0, "trunk_thigh_deg": 4.0}
    assert select_main_angle(analysis) == "trunk_thigh_deg"


def test_a_main_angle_that_is_known_about_the_bottom_only_does_not_choose_the_top(analysis):
    analysis.quality.uncertainty_deg = {"trunk_inclination_deg": 4.0, "trunk_thigh_deg": 4.0}
    analysis.reps = [rep(1, 0), rep(2, 4)]
    angles = folded([90, 90], first=5)
    angles["trunk_thigh_deg"] = np.where(angles["trunk_thigh_deg"] < 40, np.nan, angles["trunk_thigh_deg"])
    tops = {m.title: m.time_s for m in select_key_moments(analysis, TIMES, angles, SURE)}
    assert tops["Rep 1, top"] == pytest.approx(4)


@pytest.mark.parametrize("published", [("trunk_inclination", "back_rounding"), ("trunk_inclination", "knee_flexion")])
def test_a_main_angle_that_is_left_out_is_replaced_by_the_trunk(analysis, published):
    analysis.quality.uncertainty_deg = {f"{name}_deg": 4.0 for name in published}
    assert select_main_angle(analysis) == "trunk_inclination_deg"
