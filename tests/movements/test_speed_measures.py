"""Speed of sets whose speed is known, of the load and of the body."""

from dataclasses import fields

import numpy as np
import pytest

from analyzer.kinematics.joints import SideJoints
from analyzer.movements.body_speed import measure_body_speed
from analyzer.movements.lift_speed import WayUp
from analyzer.movements.motion import Motion
from analyzer.movements.speed_measures import (
    ERRORS,
    build_speed_measures,
    get_rep_measures,
    read_speed_measures,
)
from analyzer.results.schema import Rep

TRUNK_PX, HEIGHT_CM = 100.0, 175.0
TRUNK_M = 0.288 * 1.75
FPS = 30.0


def rep(index: int, bottom_s: float, end_s: float, complete: bool = True) -> Rep:
    return Rep(
        index=index,
        start_s=bottom_s - 1.0,
        bottom_s=bottom_s,
        end_s=end_s,
        descent_s=None,
        pause_s=None,
        ascent_s=end_s - bottom_s,
        complete=complete,
    )


REPS = [rep(1, 2.0, 3.0), rep(2, 5.5, 6.5), rep(3, 9.0, 10.5)]


def motion(gain_trunks: float = 1.2, allows_degrees: bool = True, known: bool = True) -> Motion:
    """Hand and hip: down in a second, up by a sine in the time of each rep; the hip half as far."""
    times_s = np.arange(round(12 * FPS)) / FPS
    height = np.ones(len(times_s))
    for each in REPS:
        down = np.clip((times_s - each.start_s) / (each.bottom_s - each.start_s), 0, 1)
        up = np.clip((times_s - each.bottom_s) / (each.end_s - each.bottom_s), 0, 1)
        height += (np.cos(np.pi * down) - np.cos(np.pi * up)) / 2
    points = {field.name: np.full((len(times_s), 2), np.nan) for field in fields(SideJoints)}
    if known:
        for name, share in (("wrist", 1.0), ("hip", 0.5)):
            up_px = share * gain_trunks * TRUNK_PX * height
            points[name] = np.column_stack([np.zeros(len(times_s)), -up_px])
    near = SideJoints(**points)
    return Motion(
        times_s,
        {},
        {"trunk_inclination_deg": np.full(len(times_s), 10.0 if allows_degrees else np.nan)},
        np.ones(len(times_s)),
        near,
        near,
        1,
        TRUNK_PX,
        None,
    )


def sine_mean(gain: float, duration_s: float) -> float:
    """Mean speed between the places where a sine has 2 % of its peak speed."""
    cut = np.arcsin(0.02) / np.pi
    return gain * np.cos(np.pi * cut) / (duration_s * (1 - 2 * cut))


def test_hands_with_a_height_have_metres():
    speed = measure_body_speed(motion(), REPS, "hands", HEIGHT_CM)
    assert speed is not None
    assert (speed.of, speed.scale) == ("hands", "stature")
    expected = [sine_mean(1.2 * TRUNK_M, 1.0)] * 2 + [sine_mean(1.2 * TRUNK_M, 1.5)]
    assert [each.mean_speed_m_s for each in speed.reps] == pytest.approx(expected, rel=0.02)
    assert [each.peak_speed_m_s for each in speed.reps] == pytest.approx(
        [np.pi / 2 * 1.2 * TRUNK_M / duration_s for duration_s in (1.0, 1.0, 1.5)], rel=0.02
    )
    assert speed.mean_speed_m_s == pytest.approx(expected[0], rel=0.02)
    assert speed.speed_loss_pct == pytest.approx(100 / 3, abs=1.0)


def test_hips_rise_half_as_fast():
    hands, hips = (measure_body_speed(motion(), REPS, joint, HEIGHT_CM) for joint in ("hands", "hips"))
    assert hands is not None
    assert hips is not None
    assert hips.mean_speed_m_s == pytest.approx(hands.mean_speed_m_s / 2, abs=0.002)
    assert hips.speed_loss_pct == pytest.approx(hands.speed_loss_pct, abs=0.2)


@pytest.mark.parametrize(("height_cm", "allows_degrees"), [(None, True), (HEIGHT_CM, False)])
def test_without_a_height_or_a_view_for_it_only_shares_are_known(height_cm, allows_degrees):
    speed = measure_body_speed(motion(allows_degrees=allows_degrees), REPS, "hands", height_cm)
    assert speed is not None
    assert (speed.scale, speed.mean_speed_m_s, speed.half_width_m_s) == ("none", None, None)
    assert all(each.mean_speed_m_s is None and each.peak_speed_m_s is None for each in speed.reps)
    assert [each.of_fastest_pct for each in speed.reps] == pytest.approx([100.0, 100.0, 66.7], abs=1.0)
    assert speed.speed_loss_pct == pytest.approx(100 / 3, abs=1.0)


def test_hands_that_hardly_rise_or_are_hidden_show_no_speed():
    assert measure_body_speed(motion(gain_trunks=0.2), REPS, "hands", HEIGHT_CM) is None
    assert measure_body_speed(motion(known=False), REPS, "hands", HEIGHT_CM) is None
    assert measure_body_speed(motion(), [], "hands", HEIGHT_CM) is None


def test_reps_that_are_not_complete_do_not_count():
    reps = [*REPS[:2], REPS[2].model_copy(update={"complete": False})]
    speed = measure_body_speed(motion(), reps, "hands", HEIGHT_CM)
    assert speed is not None
    assert [each.rep for each in speed.reps] == [1, 2]


def way(mean: float) -> WayUp:
    return WayUp(start_s=1.0, end_s=2.0, gain=mean, mean_speed=mean, peak_speed=1.6 * mean)


def test_hidden_rep_has_no_speed_and_a_hidden_last_one_no_loss():
    speed = build_speed_measures("plate", "plate", [(1, way(50.0)), (2, None), (3, way(40.0))], 0.01)
    assert speed is not None
    assert [each.mean_speed_m_s for each in speed.reps] == [0.5, None, 0.4]
    assert (speed.mean_speed_m_s, speed.speed_loss_pct) == (0.45, 20.0)
    last_hidden = build_speed_measures("plate", "plate", [(1, way(50.0)), (2, None)], 0.01)
    assert last_hidden is not None
    assert last_hidden.speed_loss_pct is None
    assert build_speed_measures("plate", "plate", [(1, None), (2, None)], 0.01) is None


def test_half_widths_are_the_measured_errors():
    speed = build_speed_measures("plate", "plate", [(1, way(50.0)), (2, way(40.0))], 0.01)
    assert speed is not None
    assert speed.half_width_m_s == pytest.approx(0.45 * ERRORS.mean["plate"], abs=0.001)
    assert speed.loss_half_width_pct == pytest.approx(80.0 * ERRORS.ratio["plate"], abs=0.1)


def test_speed_of_the_body_has_names_of_its_own_in_the_reps():
    load = build_speed_measures("plate", "plate", [(1, way(50.0))], 0.01)
    body = build_speed_measures("hips", "stature", [(1, way(50.0))], 0.01)
    assert load is not None
    assert body is not None
    assert get_rep_measures(load)[1]["mean_speed_m_s"] == 0.5
    assert "mean_speed_m_s" not in get_rep_measures(body)[1]
    assert get_rep_measures(body)[1]["body_mean_speed_m_s"] == 0.5


def test_measures_survive_json():
    speed = build_speed_measures("plate", "plate", [(1, way(50.0)), (2, way(40.0))], 0.01)
    assert speed is not None
    assert read_speed_measures({"lift_speed": speed.to_json()}) == speed
    assert read_speed_measures({}) is None
