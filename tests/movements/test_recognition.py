"""The shared recogniser: segments, their combination, invariance of the features, and the fit."""

from dataclasses import replace

import numpy as np
import pytest

from analyzer.movements.lift_reps import find_movement_reps, lift_depth, shoulder_drop
from analyzer.movements.recognition import (
    NO_MOVEMENT_CLASS,
    REST_CLASS,
    combine_segments,
    describe_segments,
    load_recognition_model,
    movement_probability,
    softmax,
    split_segments,
    standardize_features,
)
from analyzer.movements.segment_features import FORWARD_SIGNALS, MAX_SAGITTAL_YAW_DEG, SEGMENT_FEATURES, compute_signals
from tests.movements.people import DEADLIFT, RDL, SQUAT, STAND, reps, simulate_motion, simulate_walk, with_angles

CLASSES = ("hinge", "squat", REST_CLASS, NO_MOVEMENT_CLASS)


def compute_features(motion):
    return describe_segments(compute_signals(motion), [(0.0, float(motion.times_s[-1]))])[0][0]


@pytest.mark.parametrize("seconds", [1.0, 5.0, 14.0, 61.0])
def test_segments_cover_the_clip_and_overlap_by_half_or_more(seconds):
    segments = split_segments(np.arange(0.0, seconds + 0.01, 0.1))
    assert segments[0] == pytest.approx((0.0, seconds))
    for length in {round(end - start, 6) for start, end in segments[1:]}:
        starts = [start for start, end in segments[1:] if round(end - start, 6) == length]
        assert (starts[0], starts[-1] + length) == pytest.approx((0.0, seconds))
        assert np.all(np.diff(starts) <= length / 2 + 1e-9)


def test_unknown_features_are_at_the_mean_and_outliers_at_four_deviations():
    known = standardize_features(np.array([[np.nan, 1e6, 3.0]]), np.array([1.0, 2.0, 1.0]), np.array([1.0, 1.0, 4.0]))
    assert known == pytest.approx(np.array([[0.0, 4.0, 0.5]]))
    assert softmax(np.log([[1.0, 3.0, 6.0]])) == pytest.approx(np.array([[0.1, 0.3, 0.6]]))


def test_standing_about_does_not_decide():
    lift, still = [0.8, 0.1, 0.0, 0.1], [0.0, 0.0, 1.0, 0.0]
    alone = combine_segments(np.array([lift]), np.array([4.0]), CLASSES)
    assert alone == pytest.approx({"hinge": 0.8, "squat": 0.1, NO_MOVEMENT_CLASS: 0.1})
    assert combine_segments(np.array([lift, still, still]), np.array([4.0, 30.0, 30.0]), CLASSES) == pytest.approx(
        alone
    )
    assert combine_segments(np.array([still]), np.array([30.0]), CLASSES)[NO_MOVEMENT_CLASS] == 1.0


def test_clear_segment_weighs_more_than_a_vague_one_of_the_same_length():
    both = combine_segments(np.array([[1.0, 0.0, 0.0, 0.0], [0.0, 0.5, 0.0, 0.5]]), np.array([3.0, 3.0]), CLASSES)
    assert both == pytest.approx({"hinge": 0.8, "squat": 0.1, NO_MOVEMENT_CLASS: 0.1})  # weights 1 and 1/4


@pytest.mark.parametrize("change", [{"facing": "left"}, {"scale": 0.4}])
def test_features_do_not_depend_on_size_or_side(change):
    keys = reps(STAND, DEADLIFT, 2)
    assert compute_features(simulate_motion(keys, noise=0.0)) == pytest.approx(
        compute_features(simulate_motion(keys, noise=0.0, **change)), abs=1e-3
    )


def test_front_view_gives_heights_only():
    frontal = compute_features(replace(simulate_motion(reps(STAND, SQUAT, 2)), yaw_deg=MAX_SAGITTAL_YAW_DEG + 1))
    unknown = {name for name, value in zip(SEGMENT_FEATURES, frontal, strict=True) if np.isnan(value)}
    assert {f"{end}_{name}" for end in ("low", "high") for name in FORWARD_SIGNALS} <= unknown
    assert not {"low_hip_height", "low_hand_height", "low_trunk_up", "low_thigh_up"} & unknown


@pytest.mark.parametrize(("pose", "name"), [(RDL, "hinge"), (DEADLIFT, "hinge"), (SQUAT, "squat")])
@pytest.mark.parametrize("yaw_deg", [0.0, 40.0, 85.0])
def test_hinges_and_squats_are_distinguished_in_every_view(pose, name, yaw_deg):
    assert movement_probability(name, simulate_motion(reps(STAND, pose, 3), yaw_deg=yaw_deg)) > 0.5


def test_probabilities_of_all_classes_sum_to_one():
    model = load_recognition_model()
    assert {REST_CLASS, NO_MOVEMENT_CLASS} < set(model.classes)
    assert model.predict_probabilities(np.full((2, len(SEGMENT_FEATURES)), np.nan)).sum(axis=1) == pytest.approx(1.0)


def test_shoulder_drop_equals_the_hand_calculation():
    level = {"trunk_deg": 90.0, "thigh_deg": 0.0, "shin_deg": 0.0}
    tall = {**level, "trunk_deg": 0.0}
    down = shoulder_drop(simulate_motion([(0.0, tall), (3.0, tall), (4.0, level), (5.0, level)], noise=0.0))
    assert down[0] == pytest.approx(0.0, abs=1e-6)
    assert down[-1] == pytest.approx(0.288 / (0.288 + 0.245 + 0.246), abs=1e-6)  # the trunk's share; Drillis & Contini


def test_reps_are_counted_where_the_fold_is_misread():
    motion = simulate_motion(reps(STAND, SQUAT, 3))
    fold = motion.angles["trunk_thigh_deg"]
    flipped = with_angles(motion, {"trunk_thigh_deg": np.where(motion.times_s > 4, -fold, fold)})
    detected = find_movement_reps(flipped, "squat", lift_depth(flipped))
    wanted = find_movement_reps(motion, "squat", lift_depth(motion))
    assert [rep.bottom_s for rep in detected] == pytest.approx([rep.bottom_s for rep in wanted], abs=0.1)
    assert len(detected) == 3


def test_steps_are_not_reps():
    motion = simulate_walk()
    assert find_movement_reps(motion, "hinge", lift_depth(motion)) == []
