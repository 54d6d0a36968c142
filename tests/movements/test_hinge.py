"""The hinge, on simulated people with known angles."""

from dataclasses import replace

import numpy as np
import pytest

from analyzer.coaching.findings import build_findings
from analyzer.movements.hinge.movement import MOVEMENT
from analyzer.movements.hinge.thresholds import classify_style
from analyzer.movements.motion import ClipDetails, Motion
from analyzer.movements.registry import recognise_movement
from tests.movements import people
from tests.movements.people import (
    BOW,
    DEADLIFT,
    RDL,
    ROW,
    ROWED,
    SQUAT,
    STAND,
    reps,
    simulate_motion,
    simulate_walk,
    with_angles,
)

NO_DETAILS = ClipDetails()


def analyze(motion: Motion, variant: str | None = None) -> tuple[list, dict, set]:
    """Reps, measures and ids of the observations."""
    details = ClipDetails(variant=variant)
    events = MOVEMENT.find_events(motion, details)
    measures = MOVEMENT.compute_measures(motion, details, events)
    return list(events.reps), measures, {each.id for each in MOVEMENT.list_observations(details, events, measures)}


def after(keys: list, *steps: tuple[float, dict]) -> list:
    """Key postures that follow, each so many seconds after the one before."""
    now, later_keys = keys[-1][0], []
    for seconds, pose in steps:
        now += seconds
        later_keys.append((now, pose))
    return later_keys


@pytest.mark.parametrize("yaw_deg", [0, 20, 40])
@pytest.mark.parametrize("facing", ["left", "right"])
@pytest.mark.parametrize(("pose", "count"), [(BOW, 3), (RDL, 4), (DEADLIFT, 2)])
def test_hinges_are_recognised_and_counted_in_views_up_to_45_degrees(pose, count, yaw_deg, facing):
    motion = simulate_motion(reps(STAND, pose, count), facing, yaw_deg)
    recognised = recognise_movement(motion)
    assert recognised.movement is not None
    assert recognised.movement.name == "hinge"
    assert sum(rep.complete for rep in MOVEMENT.find_events(motion, NO_DETAILS).reps) == count


def test_set_from_the_floor_is_counted_by_its_ascents():
    motion = simulate_motion(reps(DEADLIFT, STAND, 3, start_s=0.6)[:-1])
    rep_list = MOVEMENT.find_events(motion, NO_DETAILS).reps
    assert [rep.complete for rep in rep_list] == [True, True, True, False]
    assert rep_list[0].descent_s is None
    assert rep_list[0].pause_s is None


def test_single_lift_that_ends_at_lockout_is_measured_and_not_counted():
    keys = reps(DEADLIFT, STAND, 1, start_s=0.6)[:4]  # the bottom, up, and the top
    (rep,), measures, ids = analyze(simulate_motion(keys))
    assert not rep.complete
    assert rep.at_bottom["trunk_inclination_deg"] == pytest.approx(DEADLIFT["trunk_deg"], abs=3.0)
    assert measures["reps"] == 1
    assert measures["ascent_s"] == pytest.approx(rep.ascent_s, abs=0.01)
    assert "hinge.way_up" in ids
    assert "hinge.reps" not in ids


def test_single_lift_with_too_few_frames_for_its_time_is_measured():
    keys = reps(DEADLIFT, STAND, 1, start_s=0.6)[:4]
    times = np.arange(0.0, keys[-1][0], 1 / 15)
    (rep,), measures, ids = analyze(people.motion_of_body(times, people.interpolate_posture(times, keys)))
    assert (rep.complete, rep.has_ascent, rep.ascent_s) == (False, True, None)
    assert measures["reps"] == 1
    assert "hinge.way_up" in ids


def test_variant_that_starts_at_the_top_has_no_set_up():
    keys = reps(STAND, RDL, 1, pause_s=6.0)
    for variant, count in (("romanian", 1), ("conventional", 0)):
        rep_list = MOVEMENT.find_events(simulate_motion(keys), ClipDetails(variant=variant)).reps
        assert sum(rep.complete for rep in rep_list) == count


@pytest.mark.parametrize("yaw_deg", [0, 20, 40])
def test_other_movements_are_not_hinges(yaw_deg):
    motions = people.other_motions(yaw_deg) | people.example_motions(yaw_deg)
    mine = {name for name in motions if name in {"bow", "rdl"} or name.startswith("deadlift")}
    for name in motions.keys() - mine:
        assert MOVEMENT.recognise(motions[name]) < 0.5, name


def test_swing_is_not_a_hinge():
    swing = {**STAND, "upper_arm_deg": 80, "elbow_deg": 8}
    motion = simulate_motion(reps(swing, {**RDL, "upper_arm_deg": -20}, 8, 0.6, 0.1, 0.5, 0.1))
    assert MOVEMENT.recognise(motion) < 0.5


def test_rows_within_one_bend_are_not_counted():
    keys = reps(STAND, RDL, 2)
    now = keys[-1][0]
    keys.append((now + 1.5, ROW))
    for index in range(3):
        keys += [(now + 2.3 + 1.4 * index, ROWED), (now + 3.0 + 1.4 * index, ROW)]
    keys.append((keys[-1][0] + 1.5, STAND))
    keys.append((keys[-1][0] + 1.0, STAND))
    assert (
        sum(rep.complete for rep in MOVEMENT.find_events(simulate_motion(keys), NO_DETAILS).reps) == 3
    )  # the bend that the rows hang in


def test_measures_of_a_romanian_lift_are_those_of_the_body():
    rep_list, measures, ids = analyze(simulate_motion(reps(STAND, RDL, 4), noise=0.0), "romanian")
    # Trunk-thigh from 1 to 100, knee from 2 to 24: 99 / 22.
    assert measures["hip_knee_ratio"] == pytest.approx(4.5, abs=0.15)
    assert measures["style"] == "hinge"
    # Hips behind the ankle: thigh .245 * sin 24 + shin .246 * sin 0, from +.245 * sin 1 + .246 * sin 3, over .491.
    back = 0.245 * (np.sin(np.radians(24)) + np.sin(np.radians(1))) + 0.246 * np.sin(np.radians(3))
    assert measures["hip_back_pct"] == pytest.approx(100 * back / 0.491, abs=1.5)
    # Shoulders come down by the trunk's and the hips' way, the hips by thigh and shin.
    hips = 0.245 * (np.cos(np.radians(1)) - np.cos(np.radians(24))) + 0.246 * (np.cos(np.radians(3)) - 1)
    trunk = 0.288 * (np.cos(np.radians(2)) - np.cos(np.radians(76)))
    assert measures["stoop_squat_index"] == pytest.approx(100 * trunk / (trunk + hips), abs=1.5)
    assert rep_list[0].measures["trunk_deg"] == pytest.approx(76, abs=1)
    assert measures["very_repeatable"]
    assert {"hinge.hips_travel", "hinge.repeatable", "hinge.lockouts"} <= ids
    assert "hinge.squatty" not in ids


def test_same_lift_is_judged_by_the_chosen_variant():
    motion = simulate_motion(reps(STAND, DEADLIFT, 3), noise=0.0)  # 113 / 60: about 1.9
    assert "hinge.squatty" not in analyze(motion, "conventional")[2]
    assert "hinge.squatty" not in analyze(motion)[2]
    assert {"hinge.squatty", "hinge.strong_legs"} <= analyze(motion, "romanian")[2]


def test_sumo_is_measured_by_the_trunk_alone():
    rep_list, measures, ids = analyze(simulate_motion(reps(STAND, {**DEADLIFT, "trunk_deg": 50}, 4)), "sumo")
    assert measures["note"]
    assert measures["hip_knee_ratio"] is None
    assert measures["hip_back_pct"] is None
    assert set(measures["bottom_sd"]) == {"trunk_deg"}
    assert set(measures["drift"]) == {"trunk_deg"}
    assert not ids & {"hinge.squatty", "hinge.shallow_hips", "hinge.hips_travel", "hinge.short_lockout"}
    assert rep_list[0].measures["trunk_deg"] == pytest.approx(50, abs=3)


def test_hips_rising_before_the_hands_are_detected_in_lifts_from_the_floor_only():
    setup = {**STAND, "trunk_deg": 50, "thigh_deg": -66, "shin_deg": 20, "upper_arm_deg": 0, "neck_deg": 50}
    # The hips come up by 16 degrees of thigh, the trunk tips as much, the fold stays; the hands hardly move.
    risen = {**setup, "trunk_deg": 66, "thigh_deg": -50, "shin_deg": 8}
    early, even = [(0.0, setup), (1.0, setup)], [(0.0, setup), (1.0, setup)]
    for _ in range(3):
        now = early[-1][0]
        early += [(now + 0.5, risen), (now + 1.6, STAND), (now + 2.4, STAND), (now + 3.8, setup), (now + 4.6, setup)]
        even += [(now + 1.6, STAND), (now + 2.4, STAND), (now + 3.8, setup), (now + 4.6, setup)]
    assert "hinge.hips_rise_first" in analyze(simulate_motion(early, noise=0.002), "conventional")[2]
    assert "hinge.hips_rise_first" not in analyze(simulate_motion(even, noise=0.002), "conventional")[2]
    assert "hinge.hips_rise_first" not in analyze(simulate_motion(early, noise=0.002), "romanian")[2]


BACK_FIRST = {**STAND, "trunk_deg": 30, "thigh_deg": -10, "shin_deg": -8}  # hips 8 cm a metre back, knees as they were
KNEES_FIRST = {**STAND, "trunk_deg": 30, "thigh_deg": -12, "shin_deg": 12}  # knees bent 24 degrees, hips hardly moved


@pytest.mark.parametrize(
    ("between", "lead_s", "expected"),
    [
        # Hips: a fifth of .117 body heights is a quarter of the .094 of the first way, .5 s long: a third of it.
        # Knees: a fifth of 22 degrees after .295 of the second way, .9 s long.
        (BACK_FIRST, 0.5 + 0.9 * 0.295 - 0.5 / 3, "hinge.hips_lead"),
        # Knees: after .295 of the first way; hips: .017 there, the rest of .0234 is .064 of the second: .163 of it.
        (KNEES_FIRST, 0.5 * 0.295 - 0.5 - 0.9 * 0.163, "hinge.knees_lead"),
    ],
)
def test_hips_or_knees_that_start_first_in_a_hinge_drill(between, lead_s, expected):
    keys = [(0.0, STAND), (1.5, STAND)]
    for _ in range(3):
        keys += after(keys, (0.5, between), (0.9, RDL), (0.4, RDL), (1.3, STAND), (1.0, STAND))
    rep_list, measures, ids = analyze(simulate_motion(keys, noise=0.0), "romanian")
    assert [rep.measures["hips_lead_s"] for rep in rep_list] == pytest.approx([lead_s] * 3, abs=0.05)
    assert measures["hips_lead_s"] == pytest.approx(lead_s, abs=0.05)
    assert ids & {"hinge.hips_lead", "hinge.knees_lead"} == {expected}
    _, same, ids = analyze(simulate_motion(keys, noise=0.0), "conventional")  # no drill: knees may go first
    assert same["hips_lead_s"] == measures["hips_lead_s"] and not ids & {"hinge.hips_lead", "hinge.knees_lead"}


def test_hips_and_knees_that_start_together_give_no_lead():
    _, measures, ids = analyze(simulate_motion(reps(STAND, RDL, 3)), "romanian")
    assert abs(measures["hips_lead_s"]) < 0.1
    assert not ids & {"hinge.hips_lead", "hinge.knees_lead"}
    keys = [(0.0, STAND), (1.5, STAND)]
    keys += after(keys, (0.5, BACK_FIRST), (0.9, RDL), (0.4, RDL), (1.3, STAND), (1.0, STAND))
    single, measures, ids = analyze(simulate_motion(keys, noise=0.0), "romanian")
    assert single[0].measures["hips_lead_s"] > 0.3 and measures["hips_lead_s"] is None and "hinge.hips_lead" not in ids
    soft = {**STAND, "thigh_deg": -12, "shin_deg": 14}
    for top, deep in (
        (STAND, {**RDL, "thigh_deg": -22, "shin_deg": -19}),  # the knees hardly bend
        (soft, {**RDL, "thigh_deg": -22, "shin_deg": -19}),  # they straighten on the way down
    ):
        assert analyze(simulate_motion(reps(top, deep, 3)), "romanian")[1]["hips_lead_s"] is None


def test_lockouts_are_measured_from_the_baseline_posture():
    def finishing(top: dict) -> Motion:
        keys = [(0.0, STAND), (2.0, STAND)]
        for _ in range(3):
            keys += after(keys, (1.4, RDL), (0.3, RDL), (1.3, top), (0.7, top))
        return simulate_motion(keys, noise=0.002)

    assert "hinge.lockouts" in analyze(finishing(STAND))[2]
    assert "hinge.lean_back" in analyze(finishing({**STAND, "trunk_deg": -12}))[2]
    assert "hinge.short_lockout" in analyze(finishing({**STAND, "trunk_deg": 12, "thigh_deg": -8, "shin_deg": 8}))[2]


def test_a_top_that_plates_hide_is_not_short_by_the_angle_beside_it():
    keys = [(0.0, STAND), (2.0, STAND)]
    for _ in range(3):
        keys += after(keys, (1.4, RDL), (0.3, RDL), (1.3, STAND), (0.7, STAND))
    motion = simulate_motion(keys, noise=0.002)
    fold_deg = motion.degrees["trunk_thigh_deg"]
    is_top = (motion.times_s > 2.0) & (fold_deg < 12.0)
    degrees = motion.degrees | {"trunk_thigh_deg": np.where(is_top, np.nan, fold_deg)}
    reps_found, _, ids = analyze(
        replace(motion, degrees=degrees | {"knee_flexion_deg": np.full_like(fold_deg, np.nan)})
    )
    assert len(reps_found) == 3
    assert "hinge.short_lockout" not in ids
    assert all(rep.at_bottom["trunk_thigh_deg"] == pytest.approx(100, abs=3) for rep in reps_found)


def test_head_that_looks_up_at_the_bottom_is_detected():
    up = {**RDL, "neck_deg": RDL["trunk_deg"] - 30}
    assert "hinge.head_back" in analyze(simulate_motion(reps(STAND, up, 3), noise=0.002))[2]
    assert "hinge.head_back" not in analyze(simulate_motion(reps(STAND, RDL, 3), noise=0.002))[2]


def test_dropped_way_down_is_detected_and_a_slow_set_up_is_not_part_of_the_tempo():
    assert "hinge.dropped" in analyze(simulate_motion(reps(STAND, RDL, 4, down_s=0.6, up_s=2.0)))[2]
    assert "hinge.dropped" not in analyze(simulate_motion(reps(STAND, RDL, 4)))[2]
    keys = reps(STAND, DEADLIFT, 1, down_s=4.0, pause_s=2.5)
    later = reps(STAND, DEADLIFT, 3, down_s=1.0, start_s=0.5)
    keys += [(keys[-1][0] + time, pose) for time, pose in later[1:]]
    rep_list, measures, _ = analyze(simulate_motion(keys), "conventional")
    assert [rep.measures["set_up"] for rep in rep_list] == [True, False, False, False]
    assert measures["descent_s"] < 1.0


def test_drift_late_in_a_set_is_reported_and_a_steady_set_is_not():
    keys = [(0.0, STAND), (1.5, STAND)]
    for index in range(6):
        deep = {**RDL, "trunk_deg": 60 + 4 * index}
        keys += after(keys, (1.4, deep), (0.3, deep), (1.3, STAND), (0.7, STAND))
    _, measures, ids = analyze(simulate_motion(keys))
    assert measures["drift"]["trunk_deg"]["change_deg"] == pytest.approx(12, abs=1.5)
    assert measures["drift"]["trunk_deg"]["slope_deg_rep"] == pytest.approx(4, abs=0.4)
    assert "hinge.late_set" in ids
    assert "hinge.late_set" not in analyze(simulate_motion(reps(STAND, RDL, 6)))[2]


def test_rounding_is_measured_where_the_back_is():
    motion = simulate_motion(reps(STAND, RDL, 4))
    assert MOVEMENT.compute_measures(motion, NO_DETAILS, MOVEMENT.find_events(motion, NO_DETAILS))["rounding"] is None
    deepest = motion.angles["trunk_inclination_deg"]
    bottoms_s = [rep.bottom_s for rep in MOVEMENT.find_events(motion, NO_DETAILS).reps]

    def rounded_by(*bottoms: float) -> Motion:
        rounding = np.where(deepest > 30, np.interp(motion.times_s, bottoms_s, bottoms), 0.0)
        return with_angles(motion, {"back_rounding_deg": rounding})

    assert analyze(rounded_by(10, 14, 18, 22))[1]["rounding"]["growth_deg"] == pytest.approx(12, abs=0.5)
    # 12 degrees of the 48 from the own tall 2 to 50: three quarters are the hips'.
    assert analyze(rounded_by(12, 12, 12, 12))[1]["hip_share"] == pytest.approx(1 - 12 / 48, abs=0.03)


def test_view_without_degrees_gives_reps_and_tempo_but_no_angle():
    motion = simulate_motion(reps(STAND, RDL, 4), yaw_deg=40)
    assert not motion.allows_degrees
    rep_list, measures, ids = analyze(motion)
    assert measures["reps"] == 4
    assert measures["ascent_s"] == pytest.approx(1.3 * (1 - 0.35), abs=0.15)
    assert all(
        value is None for rep in rep_list for name, value in rep.measures.items() if name.endswith(("_deg", "_pct"))
    )
    assert ids <= {"hinge.reps", "hinge.steady_tempo", "hinge.dropped", "hinge.slows"}


@pytest.mark.parametrize("variant", [None, *MOVEMENT.variants])
@pytest.mark.parametrize("yaw_deg", [0, 40])
def test_every_observation_has_a_text(variant, yaw_deg):
    details = ClipDetails(variant=variant)
    for pose in (BOW, RDL, DEADLIFT, SQUAT):
        motion = simulate_motion(reps(STAND, pose, 5), yaw_deg=yaw_deg)
        events = MOVEMENT.find_events(motion, details)
        observed = MOVEMENT.list_observations(details, events, MOVEMENT.compute_measures(motion, details, events))
        assert build_findings(MOVEMENT, observed, motion.allows_degrees)


def test_comparable_measures_of_sumo_leave_out_the_knees():
    class Result:
        def __init__(self, variant):
            self.reps = MOVEMENT.find_events(
                simulate_motion(reps(STAND, DEADLIFT, 3)), ClipDetails(variant=variant)
            ).reps
            self.movement = self

            self.variant = variant

    conventional = {each.key: each for each in MOVEMENT.list_comparable_measures(Result("conventional"))}
    assert len(conventional["hinge.trunk_deg"].values) == 3
    assert len(conventional["hinge.knee_deg"].values) == 3
    assert not {"hinge.knee_deg", "hinge.trunk_thigh_deg"} & {
        each.key for each in MOVEMENT.list_comparable_measures(Result("sumo"))
    }


@pytest.mark.parametrize(
    ("ratio", "style"), [(None, None), (1.2, "squat"), (1.9, "mix"), (3.0, "hinge"), (10.0, "hinge")]
)
def test_style_by_ratio(ratio, style):
    assert classify_style(ratio) == style


def test_head_back_needs_neck_and_face_to_stay_up():
    # Hanging arms draw the shoulders forward, and the neck reads as if it opened: the face says whether it did.
    up = {**RDL, "neck_deg": RDL["trunk_deg"] - 30}
    motion = simulate_motion(reps(STAND, up, 3), noise=0.002)
    down = motion.angles["head_tilt_deg"] + 0.5 * motion.angles["trunk_inclination_deg"]
    assert "hinge.head_back" in analyze(motion)[2]
    assert "hinge.head_back" not in analyze(with_angles(motion, {"head_tilt_deg": down}))[2]


def test_walk_has_no_hinge_reps_even_where_a_hinge_is_given():
    assert not MOVEMENT.find_events(simulate_walk(), ClipDetails()).reps  # no trunk tips in it


def test_hips_far_in_front_mean_moved_feet_and_are_not_reported():
    motion = simulate_motion(reps(STAND, RDL, 3), noise=0.002)
    events = MOVEMENT.find_events(motion, ClipDetails())
    measures = MOVEMENT.compute_measures(motion, ClipDetails(), events)
    by_id = {
        back: {
            each.id: each
            for each in MOVEMENT.list_observations(ClipDetails(), events, measures | {"hip_back_pct": back})
        }
        for back in (-40.0, -3.0, 8.0)
    }
    assert "hinge.shallow_hips" not in by_id[-40.0]
    assert by_id[-3.0]["hinge.shallow_hips"].evidence["hip_back_pct"] == 0
    assert by_id[8.0]["hinge.shallow_hips"].evidence["hip_back_pct"] == 8


def test_ways_up_that_become_slower_are_no_steady_tempo_though_the_reps_take_the_same_time():
    keys, now_s = [(0.0, STAND), (1.5, STAND)], 1.5
    for up_s in (1.0, 1.0, 1.6, 1.6):
        for length_s, pose in ((2.8 - up_s, RDL), (0.4, RDL), (up_s, STAND), (1.0, STAND)):
            now_s += length_s
            keys.append((now_s, pose))
    _, measures, ids = analyze(simulate_motion(keys))
    assert measures["steady_tempo"] and measures["slower_pct"] == pytest.approx(60, abs=5)
    assert "hinge.slows" in ids and "hinge.steady_tempo" not in ids


def test_fewer_than_20_frames_a_second_give_no_tempo():
    motion = simulate_motion(reps(STAND, RDL, 4))
    slow = replace(motion, times_s=motion.times_s * 2)
    assert all(
        rep.ascent_s is None and rep.measures["dropped"] is None
        for rep in MOVEMENT.find_events(slow, ClipDetails()).reps
    )
    assert "hinge.steady_tempo" not in analyze(slow)[2]
