"""The rounding of the back from curves that are known, with a measure made by hand, and with the one that ships."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.kinematics.back_cover import arm_over_back
from analyzer.kinematics.back_features import FEATURES, TALL_PLACES, features, tall_outline
from analyzer.kinematics.back_line import BackLine, back_line, back_measures, peak_third, uncovered_reference
from analyzer.kinematics.back_model import KINDS, SPREAD, BackModel, back_model
from analyzer.kinematics.back_profile import BACK
from analyzer.kinematics.landmarks import LEFT, RIGHT
from analyzer.kinematics.reference import Reference

FRAMES = 40
TALL = np.arange(FRAMES) < 10
STANDING = Reference("standing", True, 0.0, 0.3, TALL)
NOBODY_COVERED = np.zeros(FRAMES, dtype=bool)


def arc(bend_deg: float, middle: float = 0.5, width: float = 0.5) -> np.ndarray:
    """A back whose outline turns by so many degrees, evenly over `width` about `middle`."""
    slope = np.radians(bend_deg) * (0.5 - np.clip((BACK - middle) / width + 0.5, 0, 1))
    step = np.diff(BACK, prepend=BACK[0])
    return 0.25 + np.cumsum(np.tan(slope) * step)


def bending(bend_deg: float, **where: float) -> np.ndarray:
    """(T, B) a back that is flat while tall, then bent."""
    return np.where(TALL[:, None], arc(0), arc(bend_deg, **where))


def angles(trunk_deg: float = 60.0) -> dict[str, np.ndarray]:
    moved = np.where(TALL, 0.0, 1.0)
    return {
        "trunk_inclination_deg": trunk_deg * moved,
        "trunk_thigh_deg": 1.3 * trunk_deg * moved,
        "thigh_inclination_deg": -0.3 * trunk_deg * moved,
        "knee_flexion_deg": 15.0 * moved,
        "neck_flexion_deg": 8.0 * moved,
        "head_tilt_deg": (trunk_deg - 10.0) * moved,
    }


def sagitta_model() -> BackModel:
    """10 degrees for every tenth of a trunk by which the middle of the back stands out, 4 of them unsure."""
    count, places = len(FEATURES), len(TALL_PLACES)
    weights = np.where(np.array(FEATURES) == "outline_0.5", 10.0, 0.0)
    spread = np.where(np.array(SPREAD) == "always", 4.0, 0.0)
    nothing = np.zeros((count, count)), np.zeros(places), np.zeros((places, places))
    return BackModel(FEATURES, {"any": weights}, *nothing, spread, 1.0, 1.0)


def told(profile: np.ndarray, reference: Reference | None = STANDING, **change: object) -> BackLine:
    given = {"angles": angles(), "covered": NOBODY_COVERED, "yaw_deg": 2.0, "trunk_px": 150.0, "model": sagitta_model()}
    return back_line(profile, reference=reference, **(given | change))


def standing_out(tenths: float) -> np.ndarray:
    return np.where(TALL[:, None], 0.25, 0.25 + 0.1 * tenths) * np.ones(len(BACK))


def test_the_bend_is_told_from_the_tall_frames_with_its_interval():
    line = told(standing_out(1.5))
    assert line.rounding_deg[TALL] == pytest.approx(0)
    assert line.rounding_deg[~TALL] == pytest.approx(15)
    assert line.half_width_deg == pytest.approx(4)
    assert (line.baseline, line.abstained) == ("standing", None)


def test_without_a_tall_posture_the_flattest_frames_are_the_baseline():
    line = told(standing_out(1.5), reference=None)
    assert line.baseline == "flattest"
    assert line.rounding_deg[TALL] == pytest.approx(0)
    assert line.rounding_deg[~TALL] == pytest.approx(15)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"yaw_deg": -17.0}, "turned 17 degrees"),
        ({"trunk_px": 40.0}, "too small"),
        ({"covered": ~NOBODY_COVERED}, "an arm"),
        ({"covered": TALL}, "an arm"),
        ({"model": replace(sagitta_model(), usual=np.eye(len(FEATURES)), unusual_limit=0.01)}, "unlike any"),
        ({"model": replace(sagitta_model(), tall_usual=np.eye(len(TALL_PLACES)))}, "in the tall posture"),
        ({"leg_hidden": True}, "near leg"),
    ],
)
def test_nothing_is_said_and_the_reason_is(change, words):
    line = told(standing_out(1.5), **change)
    assert np.isnan(line.rounding_deg).all()
    assert np.isnan(line.half_width_deg).all()
    assert words in line.abstained
    assert back_measures(line)["most"] is None


def test_a_step_in_the_outline_and_no_outline_are_told_apart():
    step = standing_out(1.5)
    step[:, BACK > 0.5] += 0.2
    assert "touches" in told(step).abstained
    assert "not seen" in told(np.full_like(step, np.nan)).abstained


def test_single_covered_frames_are_left_out_and_the_others_told():
    covered = np.arange(FRAMES) == 20
    line = told(standing_out(1.0), covered=covered)
    assert np.flatnonzero(np.isnan(line.rounding_deg)).tolist() == [20]


@pytest.mark.parametrize(("middle", "third"), [(0.17, "lower"), (0.5, "middle"), (0.83, "upper")])
@pytest.mark.parametrize("bend_deg", [30.0, -30.0])
def test_the_peak_is_in_the_third_that_bends(middle, third, bend_deg):
    line = replace(told(bending(bend_deg, middle=middle, width=0.25)), rounding_deg=np.where(TALL, 0, bend_deg))
    assert peak_third(line, ~TALL) == third


def test_little_bend_has_no_peak():
    assert peak_third(told(standing_out(0.3)), ~TALL) is None


def test_the_measures_hold_most_and_least():
    measures = back_measures(told(standing_out(-2.0)))
    assert measures["least"]["rounding_deg"] == -20
    assert measures["least"]["interval_80_deg"] == [-24, -16]
    assert measures["most"]["rounding_deg"] == 0


# ---- features --------------------------------------------------------------------------------------------------


def test_features_are_changes_in_tenths_and_hundreds():
    made = dict(zip(FEATURES, features(standing_out(1.5), angles(60), TALL)[-1], strict=True))
    assert made["outline_0.5"] == pytest.approx(1.5)
    assert (made["trunk"], made["trunk_thigh"], made["knee"]) == pytest.approx((0.60, 0.78, 0.15))
    assert (made["neck"], made["head"]) == pytest.approx((0.08, -0.10))  # the head against the trunk
    assert (made["trunk^2"], made["trunk_thigh^2"]) == pytest.approx((0.36, 0.6084))


def test_hidden_parts_follow_the_trunk_or_stay():
    hidden = angles(50) | {
        name: np.full(FRAMES, np.nan) for name in ("trunk_thigh_deg", "knee_flexion_deg", "neck_flexion_deg")
    }
    made = dict(zip(FEATURES, features(standing_out(1), hidden, TALL)[-1], strict=True))
    assert (made["trunk_thigh"], made["knee"], made["neck"]) == (pytest.approx(0.6), 0, 0)


def test_the_tall_outline_is_that_of_the_tall_frames():
    assert tall_outline(standing_out(1.5), TALL) == pytest.approx(2.5)
    assert np.isnan(tall_outline(np.full((FRAMES, len(BACK)), np.nan), TALL)).all()


@given(st.floats(-0.1, 0.1))
def test_a_deeper_body_has_the_same_features(deeper):
    assert features(bending(20) + deeper, angles(), TALL) == pytest.approx(features(bending(20), angles(), TALL))


# ---- arms ------------------------------------------------------------------------------------------------------


def person(elbow_back: float, wrist_back: float, forward: int) -> np.ndarray:
    """One frame: trunk upright, 100 px; elbow half way down, wrist at the hip, so far behind the middle line."""
    points = np.full((1, 33, 2), np.nan)
    for side in (LEFT, RIGHT):
        points[0, side.shoulder], points[0, side.hip] = (0, -100), (0, 0)
        points[0, side.elbow] = (-forward * elbow_back, -50)
        points[0, side.wrist] = (-forward * wrist_back, -5)
    return points


@pytest.mark.parametrize(("facing", "forward"), [("right", 1), ("left", -1)])
@pytest.mark.parametrize(
    ("elbow_back", "wrist_back", "over"), [(5, 0, False), (-20, -40, False), (25, 0, True), (5, 22, True)]
)
def test_an_arm_at_the_edge_of_the_back_covers_it(facing, forward, elbow_back, wrist_back, over):
    profile = np.full((1, len(BACK)), 0.22)
    assert arm_over_back(person(elbow_back, wrist_back, forward), profile, facing)[0] == over


@pytest.mark.parametrize(("elbow_back", "over"), [(11, True), (-30, False)])
def test_hands_on_the_hips_with_the_elbows_back_cover_it(elbow_back, over):
    # The wrist at the hip, in front: the elbow bends by more than 30 degrees, 11 px inside the edge or far in front.
    points = person(elbow_back, -24, 1)
    assert arm_over_back(points, np.full((1, len(BACK)), 0.22), "right")[0] == over


def test_unknown_arms_cover_nothing():
    points = person(25, 25, 1)
    for side in (LEFT, RIGHT):
        points[0, [side.elbow, side.wrist]] = np.nan
    assert not arm_over_back(points, np.full((1, len(BACK)), 0.22), "right")[0]


def test_a_tall_posture_with_the_arms_away_is_taken_instead():
    times_s = np.arange(FRAMES) / 10
    upright = {name: np.zeros(FRAMES) for name in angles()}
    covered = TALL.copy()
    other = uncovered_reference(times_s, upright, np.full(FRAMES, 100.0), STANDING, covered)
    assert other is not None and not (other.frames & covered).any()
    assert uncovered_reference(times_s, upright, np.full(FRAMES, 100.0), STANDING, NOBODY_COVERED) is STANDING
    assert uncovered_reference(times_s, upright, np.full(FRAMES, 100.0), STANDING, ~NOBODY_COVERED) is STANDING


# ---- the weights that ship -------------------------------------------------------------------------------------


def test_the_shipped_measure_fits_the_features_and_says_how_sure_it_is():
    model = back_model()
    assert set(model.weights) == {"any", *KINDS}
    assert all(weights.shape == (len(FEATURES),) for weights in model.weights.values())
    assert model.spread.shape == (len(SPREAD),) and (model.spread >= 0).all() and model.spread.any()


def test_the_shipped_measure_tells_a_rounder_back_as_rounder():
    model = replace(back_model(), unusual_limit=np.inf, tall_limit=np.inf)  # an arc on nothing is no body
    rounder = [told(bending(bend_deg), model=model).rounding_deg[-1] for bend_deg in (0, 15, 30)]
    assert rounder[0] < rounder[1] < rounder[2]
    assert rounder[2] - rounder[0] > 15
