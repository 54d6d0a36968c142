"""Which landmarks are drawn as uncertain: those behind a plate, of doubtful legs, and placed by the fitted body."""

from types import SimpleNamespace

import numpy as np
import pytest

from analyzer.analysis.drawn_landmarks import (
    find_doubtful_legs,
    find_landmarks_behind_plate,
    place_landmarks_to_draw,
)
from analyzer.kinematics.angle_table import PUBLISHED_SD_DEG
from analyzer.kinematics.body_model import FIT_LANDMARKS
from analyzer.kinematics.camera_lens import assume_phone_lens
from analyzer.kinematics.landmarks import LEFT, RIGHT
from analyzer.load.load_path import LoadPath
from analyzer.pose.track import CleanTrack
from tests.report.body import standing_person

FRAMES = 3
LENS = assume_phone_lens((640, 640))
SURE_DEG, UNSURE_DEG = np.full(FRAMES, PUBLISHED_SD_DEG - 1), np.full(FRAMES, PUBLISHED_SD_DEG + 1)
ANKLE = RIGHT.ankle


def standing_body(visibility=1.0, knee_sd_deg=SURE_DEG, is_hidden=None):
    points = np.repeat(standing_person()[None], FRAMES, axis=0)
    world = np.zeros((FRAMES, 33, 3))
    seen = np.full((FRAMES, 33), visibility)
    return SimpleNamespace(
        track=CleanTrack(np.arange(FRAMES) / 30, points, points, seen, np.zeros((FRAMES, 33)), world),
        clip_fit=SimpleNamespace(combined=SimpleNamespace(pixels=points[:, FIT_LANDMARKS[:8]] + 7.0)),
        view=SimpleNamespace(corrected_roll_deg=0.0),
        table=SimpleNamespace(
            is_hidden=np.zeros((FRAMES, 33), dtype=bool) if is_hidden is None else is_hidden,
            unfiltered={"trunk_thigh_deg": np.zeros(FRAMES)},
            sd_deg={"knee_flexion_sd_deg": knee_sd_deg},
        ),
    )


def load_at(point, radius_px=30.0, kind="plate"):
    return LoadPath(np.repeat(np.array(point, dtype=float)[None], FRAMES, axis=0), radius_px, kind)


def test_visible_joints_keep_their_visibility():
    track = place_landmarks_to_draw(standing_body(0.9), LENS, None)
    assert (track.visibility == 0.9).all()


def test_a_joint_that_the_fitted_body_places_is_uncertain():
    is_hidden = np.zeros((FRAMES, 33), dtype=bool)
    is_hidden[1, ANKLE] = True
    track = place_landmarks_to_draw(standing_body(is_hidden=is_hidden), LENS, None)
    assert track.points_px[1, ANKLE] == pytest.approx(standing_person()[ANKLE] + 7.0)
    assert track.visibility[:, ANKLE].tolist() == [1, 0, 1]


def test_landmarks_behind_a_plate_are_uncertain_but_not_those_at_a_kettlebell():
    ankle = standing_person()[ANKLE]
    behind = place_landmarks_to_draw(standing_body(), LENS, load_at(ankle)).visibility
    assert (behind[:, [ANKLE, RIGHT.heel]] == 0).all() and (behind[:, [RIGHT.knee, RIGHT.hip]] == 1).all()
    assert (place_landmarks_to_draw(standing_body(), LENS, load_at(ankle, kind="kettlebell")).visibility == 1).all()


def test_a_plate_hides_what_lies_within_its_rim():
    points = np.zeros((1, 33, 2))
    points[0, :3] = (9, 0), (0, 11), (np.nan, np.nan)
    assert find_landmarks_behind_plate(points, np.zeros((1, 2)), 10.0)[0, :3].tolist() == [True, False, False]
    assert not find_landmarks_behind_plate(points, np.full((1, 2), np.nan), 10.0).any()


@pytest.mark.parametrize(
    ("visibility", "knee_sd_deg", "doubtful"),
    [(0.6, UNSURE_DEG, True), (0.6, SURE_DEG, False), (0.9, UNSURE_DEG, False), (0.6, UNSURE_DEG * np.nan, True)],
)
def test_a_leg_is_doubtful_where_visibility_is_low_and_its_angle_uncertain(visibility, knee_sd_deg, doubtful):
    found = find_doubtful_legs(np.full((FRAMES, 33), visibility), knee_sd_deg, np.zeros((FRAMES, 33), dtype=bool))
    assert (found[:, [LEFT.knee, RIGHT.ankle, RIGHT.toe]] == doubtful).all()
    assert not found[:, [RIGHT.hip, RIGHT.wrist]].any()


@pytest.mark.parametrize(("visibility", "doubtful"), [(0.6, True), (0.9, False)])
def test_beside_a_toe_behind_a_plate_the_ankle_of_that_leg_is_doubtful_where_visibility_is_low(visibility, doubtful):
    is_behind = np.zeros((FRAMES, 33), dtype=bool)
    is_behind[:, RIGHT.toe] = True
    found = find_doubtful_legs(np.full((FRAMES, 33), visibility), SURE_DEG, is_behind)
    assert (found[:, ANKLE] == doubtful).all() and not found[:, LEFT.ankle].any()
