"""Back rounding of known curves, with a hand-made model, and with the one that ships."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.kinematics.back_features import (
    BACK_FEATURES,
    BASELINE_POSITIONS,
    BEND_INDICATORS,
    HEAD_INDICATORS,
    POSTURE_COVARIATES,
    baseline_outline,
    compute_back_features,
)
from analyzer.kinematics.back_occlusion import estimate_occlusion_variance, find_arm_occlusion, plate_occludes_back
from analyzer.kinematics.back_outline import PROFILE_POSITIONS, DorsalOutline
from analyzer.kinematics.back_rounding import (
    BackRounding,
    discard_rounding,
    estimate_back_rounding,
    find_peak_third,
    find_unoccluded_baseline,
    summarize_back_rounding,
)
from analyzer.kinematics.back_rounding_model import BASELINE_KINDS, ERROR_TERMS, BackRoundingModel, load_rounding_model
from analyzer.kinematics.baseline_posture import BaselinePosture
from analyzer.kinematics.landmarks import LEFT, RIGHT, Facing

FRAMES = 40
TALL = np.arange(FRAMES) < 10
STANDING = BaselinePosture("standing", True, 0.0, 0.3, TALL)
NOT_OCCLUDED = np.zeros(FRAMES, dtype=bool)


def arc(bend_deg: float, middle: float = 0.5, width: float = 0.5) -> np.ndarray:
    """A back whose outline turns by so many degrees, evenly over `width` about `middle`."""
    slope = np.radians(bend_deg) * (0.5 - np.clip((PROFILE_POSITIONS - middle) / width + 0.5, 0, 1))
    step = np.diff(PROFILE_POSITIONS, prepend=PROFILE_POSITIONS[0])
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
        "shoulder_flexion_deg": 40.0 * moved,
    }


def make_points(trunk_deg: float = 60.0) -> np.ndarray:
    """(T, 33, 2) a person who faces right, 100 px from hip to shoulder; the ear 30 px beyond, the arms in front."""
    points = np.full((FRAMES, 33, 2), np.nan)
    lean = np.radians(np.where(TALL, 0.0, trunk_deg))
    up = np.column_stack([np.sin(lean), -np.cos(lean)])
    for side in (LEFT, RIGHT):
        points[:, side.hip], points[:, side.shoulder], points[:, side.ear] = 300, 300 + 100 * up, 300 + 130 * up
        points[:, side.elbow] = points[:, side.shoulder] + (20, 40)
        points[:, side.wrist] = points[:, side.shoulder] + (40, 80)
    return points


def sagitta_model() -> BackRoundingModel:
    """10 degrees for every tenth of a trunk by which the middle of the back stands out, 4 of them unsure."""
    count, places = len(BACK_FEATURES), len(BASELINE_POSITIONS)
    effects = np.zeros((1 + len(POSTURE_COVARIATES), len(BEND_INDICATORS)))
    effects[0, BEND_INDICATORS.index("outline_0.5")] = 3.0  # tenths for 30 degrees
    spread = np.where(np.array(ERROR_TERMS) == "always", 4.0, 0.0)
    nothing = np.zeros((count, count)), np.zeros(places), np.zeros((places, places))
    return BackRoundingModel(
        BACK_FEATURES, {"any": effects}, np.eye(len(BEND_INDICATORS)), 0.0, *nothing, spread, 1.0, 1.0
    )


def outline(profile: np.ndarray, points_px: np.ndarray | None = None, facing: Facing = "right") -> DorsalOutline:
    return DorsalOutline(profile, make_points() if points_px is None else points_px, facing)


def estimate_rounding(
    profile: np.ndarray, reference: BaselinePosture | None = STANDING, **change: object
) -> BackRounding:
    defaults = {
        "angles": angles(),
        "is_occluded": NOT_OCCLUDED,
        "yaw_deg": 2.0,
        "trunk_px": 150.0,
        "model": sagitta_model(),
    }
    return estimate_back_rounding(outline(profile), reference=reference, **(defaults | change))


def standing_out(tenths: float) -> np.ndarray:
    return np.where(TALL[:, None], 0.25, 0.25 + 0.1 * tenths) * np.ones(len(PROFILE_POSITIONS))


def test_the_bend_is_measured_from_the_baseline_with_its_interval():
    line = estimate_rounding(standing_out(1.5))
    assert line.rounding_deg[TALL] == pytest.approx(0)
    assert line.rounding_deg[~TALL] == pytest.approx(15)
    assert line.half_width_deg == pytest.approx(4)
    assert (line.baseline, line.abstained) == ("standing", None)


def test_without_a_tall_posture_the_flattest_frames_are_the_baseline():
    line = estimate_rounding(standing_out(1.5), reference=None)
    assert line.baseline == "flattest"
    assert line.rounding_deg[TALL] == pytest.approx(0)
    assert line.rounding_deg[~TALL] == pytest.approx(15)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"yaw_deg": -22.0}, "stood 22 degrees off the side"),
        ({"trunk_px": 40.0}, "too small"),
        ({"is_occluded": ~NOT_OCCLUDED}, "an arm"),
        ({"is_occluded": TALL}, "an arm"),
        ({"model": replace(sagitta_model(), usual=np.eye(len(BACK_FEATURES)), unusual_limit=0.01)}, "is unusual"),
        ({"model": replace(sagitta_model(), tall_usual=np.eye(len(BASELINE_POSITIONS)))}, "in the tall posture"),
        ({"is_leg_hidden": True}, "near leg"),
    ],
)
def test_no_value_is_given_and_the_reason_is(change, words):
    line = estimate_rounding(standing_out(1.5), **change)
    assert np.isnan(line.rounding_deg).all()
    assert np.isnan(line.half_width_deg).all()
    assert words in line.abstained
    assert summarize_back_rounding(line)["most"] is None


def test_a_step_in_the_outline_and_no_outline_have_different_reasons():
    step = standing_out(1.5)
    step[:, PROFILE_POSITIONS > 0.5] += 0.2
    assert "touches" in estimate_rounding(step).abstained
    assert "not seen" in estimate_rounding(np.full_like(step, np.nan)).abstained


def test_only_occluded_frames_are_left_out():
    is_occluded = np.arange(FRAMES) == 20
    line = estimate_rounding(standing_out(1.0), is_occluded=is_occluded)
    assert np.flatnonzero(np.isnan(line.rounding_deg)).tolist() == [20]


@pytest.mark.parametrize(("middle", "third"), [(0.17, "lower"), (0.5, "middle"), (0.83, "upper")])
@pytest.mark.parametrize("bend_deg", [30.0, -30.0])
def test_the_peak_is_in_the_third_that_bends(middle, third, bend_deg):
    line = replace(
        estimate_rounding(bending(bend_deg, middle=middle, width=0.25)), rounding_deg=np.where(TALL, 0, bend_deg)
    )
    assert find_peak_third(line, ~TALL) == third


def test_little_bend_has_no_peak():
    assert find_peak_third(estimate_rounding(standing_out(0.3)), ~TALL) is None


def test_measures_have_maximum_and_minimum():
    measures = summarize_back_rounding(estimate_rounding(standing_out(-2.0)))
    assert measures["least"]["rounding_deg"] == -20
    assert measures["least"]["interval_80_deg"] == [-24, -16]
    assert measures["most"]["rounding_deg"] == 0


def test_an_occluded_indicator_has_less_weight_and_widens_the_interval():
    model = sagitta_model()
    shape, nothing = np.zeros((1, len(BACK_FEATURES))), np.zeros((1, len(BEND_INDICATORS)))
    shape[0, BEND_INDICATORS.index("outline_0.5")] = 1.5
    hidden = nothing.copy()
    hidden[0, BEND_INDICATORS.index("outline_0.5")] = 3.0  # the variance of the indicator: 1 -> 4
    biased = replace(model, no_bend=9.0)  # of_bend' R^-1 of_bend is 9 with everything in view, 9 / 4 without
    assert [float(a[0]) for a in biased.estimate_bend(shape, "any", nothing)] == pytest.approx([7.5, 1.0])
    assert [float(a[0]) for a in biased.estimate_bend(shape, "any", hidden)] == pytest.approx(
        [3.0, np.sqrt(18 / 11.25)]
    )


def test_frames_near_the_tall_moment_share_the_baseline():
    moment = BaselinePosture("standing", True, 0.0, 0.1, np.arange(FRAMES) < 2)
    assert (
        np.flatnonzero(estimate_rounding(standing_out(1.0), moment).is_baseline).tolist()
        == np.flatnonzero(TALL).tolist()
    )


# ---- features --------------------------------------------------------------------------------------------------


def last_features(*args: object) -> dict[str, float]:
    return dict(zip(BACK_FEATURES, compute_back_features(*args)[-1], strict=True))


def test_features_are_changes_in_tenths_and_hundreds():
    features = last_features(outline(standing_out(1.5)), angles(60), TALL)
    assert features["outline_0.5"] == pytest.approx(1.5)
    assert (features["trunk"], features["trunk_thigh"], features["knee"]) == pytest.approx((0.60, 0.78, 0.15))
    assert (features["neck"], features["head"]) == pytest.approx((8 / 30, -10 / 30))  # the head against the trunk
    assert (features["trunk^2"], features["trunk_thigh^2"], features["arm"]) == pytest.approx((0.36, 0.6084, 0.40))
    assert (features["ear_along"], features["ear_behind"]) == pytest.approx((0, 0), abs=1e-9)  # it leans with the trunk
    assert features["tall_slope*trunk_thigh"] == pytest.approx(0)


@pytest.mark.parametrize(("facing", "forward"), [("right", 1), ("left", -1)])
def test_an_ear_that_goes_forward_and_down_is_measured_against_the_trunk(facing, forward):
    moved = make_points(0)
    for side in (LEFT, RIGHT):
        moved[~TALL, side.ear] += (forward * 10, 20)
    features = last_features(outline(standing_out(0), moved, facing), angles(0), TALL)
    assert (features["ear_along"], features["ear_behind"]) == pytest.approx((-1.0, -0.5))  # fifths of the length


def test_a_tall_outline_behind_the_hips_is_attributed_to_the_hips():
    hanging = np.tile(0.3 - 0.1 * PROFILE_POSITIONS, (FRAMES, 1))  # 0.06 farther behind at 0.2 of the back than at 0.8
    features = last_features(outline(hanging), angles(60), TALL)
    assert features["tall_slope*trunk_thigh"] == pytest.approx(3 * 0.06 * 0.78, abs=1e-3)


def test_hidden_parts_follow_the_trunk_or_stay():
    hidden = angles(50) | {
        name: np.full(FRAMES, np.nan)
        for name in ("trunk_thigh_deg", "knee_flexion_deg", "neck_flexion_deg", "shoulder_flexion_deg")
    }
    no_points = np.full_like(make_points(), np.nan)
    features = last_features(outline(standing_out(1), no_points), hidden, TALL)
    assert (features["trunk_thigh"], features["knee"], features["neck"]) == (pytest.approx(0.6), 0, 0)
    assert (features["arm"], features["ear_along"], features["ear_behind"]) == (0, 0, 0)


def test_the_baseline_outline_is_that_of_the_baseline_frames():
    assert baseline_outline(standing_out(1.5), TALL) == pytest.approx(2.5)
    assert np.isnan(baseline_outline(np.full((FRAMES, len(PROFILE_POSITIONS)), np.nan), TALL)).all()


@given(st.floats(-0.1, 0.1))
def test_a_deeper_body_has_the_same_features(deeper):
    assert compute_back_features(outline(bending(20) + deeper), angles(), TALL) == pytest.approx(
        compute_back_features(outline(bending(20)), angles(), TALL)
    )


# ---- arms ------------------------------------------------------------------------------------------------------


def person(elbow_back: float, wrist_back: float, forward: int, wrist_up: float = 5.0) -> np.ndarray:
    """One frame: trunk upright, 100 px; elbow half way down, wrist at the hip, so far behind the middle line."""
    points = np.full((1, 33, 2), np.nan)
    for side in (LEFT, RIGHT):
        points[0, side.shoulder], points[0, side.hip] = (0, -100), (0, 0)
        points[0, side.elbow] = (-forward * elbow_back, -50)
        points[0, side.wrist] = (-forward * wrist_back, -wrist_up)
    return points


def leaning(wrist: tuple[float, float]) -> np.ndarray:
    """One frame: the same trunk level, facing right, the elbow before the chest."""
    points = np.full((1, 33, 2), np.nan)
    for side in (LEFT, RIGHT):
        points[0, side.shoulder], points[0, side.hip] = (100, 0), (0, 0)
        points[0, side.elbow], points[0, side.wrist] = (60, 40), wrist
    return points


EDGE = np.full((1, len(PROFILE_POSITIONS)), 0.22)


@pytest.mark.parametrize(("facing", "forward"), [("right", 1), ("left", -1)])
@pytest.mark.parametrize(
    ("elbow_back", "wrist_back", "over"), [(5, 0, False), (-20, -40, False), (25, 0, True), (5, 22, True)]
)
def test_an_arm_at_the_edge_of_the_back_occludes_it(facing, forward, elbow_back, wrist_back, over):
    assert find_arm_occlusion(outline(EDGE, person(elbow_back, wrist_back, forward), facing))[0] == over


@pytest.mark.parametrize(("wrist_up", "over"), [(25, True), (-15, False)])
def test_a_hand_behind_the_back_occludes_it_and_one_on_the_seat_does_not(wrist_up, over):
    # The wrist 21 px behind the middle line, well inside an edge 40 px behind it.
    assert find_arm_occlusion(outline(EDGE + 0.18, person(5, 21, 1, wrist_up)))[0] == over


@pytest.mark.parametrize(("elbow_back", "over"), [(11, True), (-30, False)])
def test_hands_on_the_hips_with_the_elbows_back_occlude_it(elbow_back, over):
    # The wrist at the hip, in front: the elbow bends by more than 30 degrees, 11 px inside the edge or far in front.
    assert find_arm_occlusion(outline(EDGE, person(elbow_back, -24, 1)))[0] == over


@pytest.mark.parametrize(("wrist", "over"), [((10, 20), True), ((70, 90), False)])
def test_hands_that_stay_at_the_hips_as_the_trunk_leans_are_on_them(wrist, over):
    # Standing, both look alike: the wrist at the hip, the elbow bent and 11 px inside the edge.
    clip = np.concatenate([person(11, -24, 1), leaning(wrist), leaning(wrist)])
    assert find_arm_occlusion(outline(np.tile(EDGE, (3, 1)), clip)).tolist() == [over] * 3


def test_variance_beside_an_arm_grows_with_how_far_the_arm_may_stand_out():
    # The elbow 0.07 inside the edge, an arm 0.09 thick.
    variance = estimate_occlusion_variance(outline(EDGE, person(15, 0, 1)))[0]
    assert variance[BEND_INDICATORS.index("outline_0.5")] == pytest.approx(0.2**2)
    assert variance[BEND_INDICATORS.index("outline_1.0")] == 0
    assert (estimate_occlusion_variance(outline(EDGE, person(0, 0, 1))) == 0).all()


def test_a_step_in_the_outline_adds_local_variance():
    step = EDGE + 0.05 * (PROFILE_POSITIONS > 0.21)
    variance = estimate_occlusion_variance(outline(step, person(0, 0, 1)))[0]
    assert variance[BEND_INDICATORS.index("outline_0.2")] == pytest.approx((10 * 3 * 0.02) ** 2)
    assert variance[BEND_INDICATORS.index("outline_0.6")] == 0


def test_the_head_has_variance_behind_an_arm():
    raised = leaning((170, 2))
    for side in (LEFT, RIGHT):
        raised[0, side.elbow], raised[0, side.ear] = (140, 2), (130, -3)
    lowered = leaning((80, 90))
    lowered[0, [LEFT.ear, RIGHT.ear]] = (130, -3)
    profile = np.full((1, len(PROFILE_POSITIONS)), 0.4)
    head = [BEND_INDICATORS.index(name) for name in HEAD_INDICATORS]
    assert (estimate_occlusion_variance(outline(profile, raised))[0, head] > 0.5).all()
    assert (estimate_occlusion_variance(outline(profile, lowered))[0, head] == 0).all()


def test_unknown_arms_occlude_nothing():
    points = person(25, 25, 1)
    for side in (LEFT, RIGHT):
        points[0, [side.elbow, side.wrist]] = np.nan
    assert not find_arm_occlusion(outline(EDGE, points))[0]
    assert (estimate_occlusion_variance(outline(EDGE, points)) == 0).all()


def test_another_baseline_with_the_arms_away_is_taken_instead():
    times_s = np.arange(FRAMES) / 10
    upright = {name: np.zeros(FRAMES) for name in angles()}
    is_occluded = TALL.copy()
    other = find_unoccluded_baseline(times_s, upright, np.full(FRAMES, 100.0), STANDING, is_occluded)
    assert other is not None and not (other.frames & is_occluded).any()
    assert find_unoccluded_baseline(times_s, upright, np.full(FRAMES, 100.0), STANDING, NOT_OCCLUDED) is STANDING
    assert find_unoccluded_baseline(times_s, upright, np.full(FRAMES, 100.0), STANDING, ~NOT_OCCLUDED) is STANDING


@pytest.mark.parametrize("facing", ["right", "left"])
@pytest.mark.parametrize(
    ("x", "y", "detected", "over"),
    [
        (-10, -5, TALL, True),  # a rim of 35 px about the hip, whose outline lies 25 px behind it
        (30, 60, TALL, False),  # in front of the thighs: the hip is out of its reach
        (-10, -5, ~TALL, False),  # there, but not while the person stands tall
        (-10, -5, np.zeros(FRAMES, dtype=bool), False),  # never detected
    ],
)
def test_a_plate_over_the_low_back_in_the_baseline_is_detected(facing, x, y, detected, over):
    here = make_points(0.0)
    if facing == "left":
        here = here * [-1, 1]
    hip = here[:, [LEFT.hip, RIGHT.hip]].mean(axis=1)
    sign = 1 if facing == "right" else -1
    centre = np.where(detected[:, None], hip + [sign * x, y], np.nan)
    assert plate_occludes_back(outline(bending(0.0), here, facing), centre, 35.0, TALL) is over


def test_a_discarded_back_has_no_value_and_a_reason():
    line = estimate_rounding(bending(30.0))
    quiet = discard_rounding(line, "a plate")
    assert np.isfinite(line.rounding_deg).any() and not np.isfinite(quiet.rounding_deg).any()
    assert summarize_back_rounding(quiet)["abstained"] == "a plate" and summarize_back_rounding(quiet)["most"] is None
    assert quiet.profile is line.profile


# ---- the weights that ship -------------------------------------------------------------------------------------


def test_the_shipped_model_fits_the_features_and_has_an_interval():
    model = load_rounding_model()
    assert set(model.effects) == {"any", *BASELINE_KINDS}
    assert all(
        effects.shape == (1 + len(POSTURE_COVARIATES), len(BEND_INDICATORS)) for effects in model.effects.values()
    )
    assert model.left_over == pytest.approx(model.left_over.T) and (np.linalg.eigvalsh(model.left_over) > 0).all()
    assert model.spread.shape == (len(ERROR_TERMS),) and (model.spread >= 0).all() and model.spread.any()


def test_the_shipped_model_gives_more_for_a_rounder_back():
    model = replace(load_rounding_model(), unusual_limit=np.inf, tall_limit=np.inf)  # an arc on nothing is no body
    rounder = [estimate_rounding(bending(bend_deg), model=model).rounding_deg[-1] for bend_deg in (0, 15, 30)]
    assert rounder[0] < rounder[1] < rounder[2]
    assert rounder[2] - rounder[0] > 15


# A lifter on film looks ahead at the bottom: units of HEAD_INDICATORS, beyond what bend and posture explain.
LOOKS_AHEAD = np.array([-1.3, -1.5, 0.3, 1.4])


@pytest.mark.parametrize("bend_deg", [-10.0, 20.0, 45.0])
def test_a_raised_head_has_little_weight_in_the_estimate(bend_deg):
    model = load_rounding_model()
    effects = model.effects["standing"]
    posture = np.array([0.78, 1.35, 0.6, 0.61, 1.81, 0.57, 0.0])
    shows = bend_deg / 30 * effects[0] + posture @ effects[1:]
    looking = shows.copy()
    looking[-len(HEAD_INDICATORS) :] += LOOKS_AHEAD
    rows = np.vstack([np.concatenate([one, posture]) for one in (shows, looking)])
    (down, ahead), (_, wider) = model.estimate_bend(rows, "standing", np.zeros((2, len(BEND_INDICATORS))))
    assert down == pytest.approx(bend_deg, abs=3)  # less than the truth by the prior of no bend
    assert ahead == pytest.approx(down, abs=4)
    assert wider > 1.1  # and the interval is wider
    with_full_weight = (rows[1] - rows[0]) @ model.weights("standing")
    assert with_full_weight < -15  # what the head would add with full weight


def test_a_head_that_moves_slightly_has_full_weight():
    model = load_rounding_model()
    rng = np.random.default_rng(3)
    rows = 0.02 * rng.normal(0, 1, (50, len(BACK_FEATURES)))
    bend, interval_scale = model.estimate_bend(rows, "standing", np.zeros((50, len(BEND_INDICATORS))))
    assert bend == pytest.approx(rows @ model.weights("standing"), abs=1e-6)
    assert interval_scale == pytest.approx(np.ones(50))
