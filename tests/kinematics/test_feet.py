"""Ankles that plates hide: held where the foot stood, given up where it may have moved, else left alone."""

from dataclasses import dataclass, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzer.kinematics.angles import knee_flexion_deg, shin_inclination_deg, thigh_inclination_deg
from analyzer.kinematics.feet import LIMITS, with_held_ankles
from analyzer.kinematics.joints import Joints, joints_of
from analyzer.kinematics.landmarks import RIGHT
from tests.bodies import PX_PER_M, SHIN_M, Posture, grounded, picture_px

FRAMES, FPS = 150, 30.0
TIMES = np.arange(FRAMES) / FPS
# Still for 1.5 s, down and up in 2 s, still for the rest.
DOWN = np.where((TIMES >= 1.5) & (TIMES <= 3.5), 0.5 - 0.5 * np.cos(np.pi * (TIMES - 1.5)), 0.0)
DEADLIFT = Posture(trunk_deg=60 * DOWN, thigh_deg=-50 * DOWN, shin_deg=10 * DOWN, foot_deg=0.0)
BOTTOM = np.flatnonzero(np.abs(DEADLIFT.thigh_deg) >= LIMITS.upright_deg)  # here the foot may be hidden
BEFORE, AFTER = slice(0, BOTTOM[0]), slice(BOTTOM[-1] + 1, FRAMES)
SHIN_PX = SHIN_M * PX_PER_M
SEEN, HIDDEN = LIMITS.doubt / 2, LIMITS.doubt * 2
FOOT = ("ankle", "heel", "toe")


@dataclass
class Film:
    """What reaches `with_held_ankles`: joints to change in place, and how far apart the model's answers are."""

    joints: Joints
    apart: np.ndarray

    def held(self, rows: slice = slice(None)) -> tuple[Joints, np.ndarray]:
        parts = {name: points[rows] for name, points in vars(self.joints).items()}
        return with_held_ankles(Joints(**parts), TIMES[rows], self.apart[rows])

    def move(self, rows, x_px: float, y_px: float, names=None) -> None:
        for name in names or vars(self.joints):
            getattr(self.joints, name)[rows] += (x_px, y_px)


def film(posture: Posture = DEADLIFT) -> Film:
    """The near side of a body that stands on one spot, its foot well in view."""
    points = grounded(picture_px(posture.world_m(FRAMES, 0.0)))
    joints = joints_of(points, RIGHT)
    return Film(Joints(**{name: array.copy() for name, array in vars(joints).items()}), np.full(FRAMES, SEEN))


def plates(posture: Posture = DEADLIFT) -> Film:
    """The same with plates before the foot at the bottom: the model draws it 40 % of the shin too high, in doubt."""
    hidden = film(posture)
    hidden.move(BOTTOM, -0.1 * SHIN_PX, -0.4 * SHIN_PX, FOOT)
    hidden.apart[BOTTOM] = HIDDEN
    return hidden


def knee_deg(joints: Joints) -> np.ndarray:
    shin = shin_inclination_deg(joints.ankle, joints.knee, 1)
    return knee_flexion_deg(shin, thigh_inclination_deg(joints.knee, joints.hip, 1))


def same(found: Joints, expected: Joints, rows=slice(None), names: tuple[str, ...] = ()) -> None:
    for name in names or vars(expected):
        assert getattr(found, name)[rows] == pytest.approx(getattr(expected, name)[rows], abs=1e-6), name


# ---- held ------------------------------------------------------------------------------------------------------


def test_a_foot_hidden_at_the_bottom_is_held_where_it_stood_before_and_after():
    joints, strange = plates().held()
    same(joints, film().joints)
    assert np.flatnonzero(strange).tolist() == BOTTOM.tolist()


def test_so_the_knee_keeps_its_true_angle():
    assert np.abs(knee_deg(plates().joints) - 60 * DOWN).max() > 5
    assert np.abs(knee_deg(plates().held()[0]) - 60 * DOWN).max() < 1e-6


def test_the_whole_stretch_is_held_though_the_ankle_strays_in_a_part_of_it_only():
    some = film()
    some.apart[BOTTOM] = HIDDEN
    some.move(BOTTOM[10:-10], 0.0, -0.4 * SHIN_PX, FOOT)
    some.move(BOTTOM, 0.0, -0.1 * SHIN_PX, FOOT)  # too little to stray by itself
    joints, strange = some.held()
    same(joints, film().joints)
    assert strange[BOTTOM].all()


def test_a_clip_that_begins_at_the_bottom_takes_the_place_after():
    middle = slice(int(BOTTOM.mean()), None)
    joints, strange = plates().held(middle)
    expected = film().joints
    for name in FOOT:
        assert getattr(joints, name) == pytest.approx(getattr(expected, name)[middle], abs=1e-6)
    assert strange[0] and strange.sum() == BOTTOM[-1] + 1 - middle.start


def test_a_clip_that_ends_at_the_bottom_takes_the_place_before():
    middle = slice(None, int(BOTTOM.mean()))
    joints, strange = plates().held(middle)
    expected = film().joints
    for name in FOOT:
        assert getattr(joints, name) == pytest.approx(getattr(expected, name)[middle], abs=1e-6)
    assert strange[-1] and strange.sum() == middle.stop - BOTTOM[0]


def test_a_foot_never_drawn_at_the_bottom_is_held_where_the_rest_of_it_strays():
    lost = plates()
    for name in FOOT:
        getattr(lost.joints, name)[BOTTOM[5:]] = np.nan
    same(lost.held()[0], film().joints)


def test_the_place_slides_in_a_line_from_before_to_after():
    """A foot that stands a little farther on after the lift: no step, and no jump."""
    slid = plates()
    slid.move(AFTER, 0.1 * SHIN_PX, 0.0)
    joints, _ = slid.held()
    begin, end = joints.ankle[BOTTOM[0] - 1], joints.ankle[BOTTOM[-1] + 1]
    assert joints.ankle[BOTTOM] == pytest.approx(np.linspace(begin, end, len(BOTTOM) + 2)[1:-1], abs=1e-6)


# ---- given up --------------------------------------------------------------------------------------------------


def test_a_step_between_leaves_the_foot_empty():
    stepped = plates()
    stepped.move(slice(int(BOTTOM.mean()), None), 2 * LIMITS.stepped * SHIN_PX, 0.0)
    joints, strange = stepped.held()
    for name in FOOT:
        assert np.isnan(getattr(joints, name)[BOTTOM]).all()
        assert (getattr(joints, name)[BEFORE] == getattr(stepped.joints, name)[BEFORE]).all()
        assert (getattr(joints, name)[AFTER] == getattr(stepped.joints, name)[AFTER]).all()
    assert (joints.knee == stepped.joints.knee).all() and (joints.hip == stepped.joints.hip).all()
    assert strange[BOTTOM].all()


@pytest.mark.parametrize("up_shins", [0.5, -0.5])
def test_a_place_that_does_not_fit_the_knee_is_left_empty(up_shins):
    """The knee rises or sinks by half a shin: no shin reaches from there to where the foot stood."""
    moved = plates()
    off = BOTTOM[10:-10]
    moved.move(off, 0.0, -up_shins * SHIN_PX)
    joints, strange = moved.held()
    for name in FOOT:
        assert np.isnan(getattr(joints, name)[off]).all()
    rest = np.setdiff1d(np.arange(FRAMES), off)
    same(joints, film().joints, rest, FOOT)
    assert strange[BOTTOM].all()


# ---- left alone ------------------------------------------------------------------------------------------------


def untouched(given: Film, rows: slice = slice(None)) -> bool:
    joints, strange = given.held(rows)
    return not strange.any() and all(
        np.array_equal(points, getattr(given.joints, name)[rows], equal_nan=True)
        for name, points in vars(joints).items()
    )


def test_a_foot_that_stands_in_view_is_left_alone():
    assert untouched(film())


def test_a_lunge_with_a_clearly_seen_foot_is_left_alone():
    """The foot travels by half a shin, but both answers of the model agree where it is."""
    lunge = film()
    lunge.move(BOTTOM, 0.5 * SHIN_PX, -0.1 * SHIN_PX, FOOT)
    assert untouched(lunge)


def test_a_doubtful_foot_that_stays_near_its_place_is_left_alone():
    near = film()
    near.apart[BOTTOM] = HIDDEN
    near.move(BOTTOM, 0.5 * LIMITS.strayed * SHIN_PX, 0.0, FOOT)
    assert untouched(near)


def test_where_the_doubt_is_unknown_nothing_is_held():
    unknown = plates()
    unknown.apart[:] = np.nan
    assert untouched(unknown)


def test_who_never_stands_in_the_clip_is_left_alone():
    assert untouched(plates(), slice(int(BOTTOM[0]), int(BOTTOM[-1]) + 1))


def test_the_input_is_not_changed():
    hidden = plates()
    before = {name: points.copy() for name, points in vars(hidden.joints).items()}
    hidden.held()
    assert all((points == before[name]).all() for name, points in vars(hidden.joints).items())


# ---- laws ------------------------------------------------------------------------------------------------------

bends = st.floats(30, 100)


@settings(max_examples=25, deadline=None)
@given(bends, st.booleans(), st.floats(0.2, 5), st.floats(-500, 500), st.floats(-500, 500))
def test_where_and_how_large_and_which_way_round_the_body_is_changes_nothing(bend, turned_round, scale, x, y):
    posture = replace(DEADLIFT, thigh_deg=-bend * DOWN, trunk_deg=60 * DOWN)
    here = plates(posture)
    by = np.array([-scale if turned_round else scale, scale])
    there = Film(Joints(**{name: points * by + (x, y) for name, points in vars(here.joints).items()}), here.apart)
    (joints, strange), (moved, moved_strange) = here.held(), there.held()
    assert (strange == moved_strange).all()
    for name, points in vars(joints).items():
        assert getattr(moved, name) == pytest.approx(points * by + (x, y), abs=1e-6, nan_ok=True)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 1000), st.floats(0, LIMITS.doubt))
def test_without_doubt_no_movement_of_the_foot_is_changed(seed, apart):
    free = film()
    wander = np.random.default_rng(seed).normal(0, SHIN_PX, (FRAMES, 2))
    for name in FOOT:
        getattr(free.joints, name)[:] += wander
    free.apart[:] = apart
    assert untouched(free)
