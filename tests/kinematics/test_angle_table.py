"""The columns of `angles.csv` out of a fitted body with known angles."""

from dataclasses import replace

import numpy as np
import pytest

from analyzer.kinematics.angle_table import (
    ANGLE_COLUMNS,
    AngleTable,
    add_back_rounding,
    angles_at_baseline,
    compute_angle_table,
)
from analyzer.kinematics.camera_view import Z_80, CameraView
from analyzer.kinematics.fitted_body import FittedBody
from analyzer.kinematics.landmarks import LEFT, RIGHT
from analyzer.vocabulary.angles import MAIN_ANGLES, SD_COLUMNS
from tests.kinematics.films import SimulatedFilm, film

FPS = 15.0
LEGS = ("knee_flexion_deg", "shin_inclination_deg", "ankle_dorsiflexion_deg")


def build_table(clip: SimulatedFilm, *, change=None, raw_px=None, **view) -> AngleTable:
    """The table of a film; `change(fitted)` edits the fitted body before."""
    bodies = clip.fit_clip()
    if change:
        bodies = replace(bodies, combined=change(bodies.combined))
    fitted = bodies.longest
    camera_view = CameraView(
        **{
            "facing": fitted.facing,
            "yaw_deg": fitted.yaw_deg,
            "yaw_sd_deg": fitted.yaw_sd_deg,
            "pitch_deg": fitted.pitch_deg,
            "roll_deg": 0.0,
            "half_widths_deg": dict.fromkeys(MAIN_ANGLES, 4.0),
            "is_turned_away": np.zeros(len(clip.times_s), bool),
        }
        | view
    )
    observed = clip if raw_px is None else replace(clip, points_px=raw_px)
    return compute_angle_table(observed.landmarks(), clip.points_px, bodies, camera_view)


def uncertain(**sds: float):
    """A change that states these standard deviations in the later half of the film."""

    def change(fitted: FittedBody) -> FittedBody:
        later = np.arange(len(fitted.trunk_deg)) >= len(fitted.trunk_deg) // 2
        return replace(fitted, **{name: np.where(later, sd, getattr(fitted, name)) for name, sd in sds.items()})

    return change


@pytest.mark.parametrize("facing", ["right", "left"])
@pytest.mark.parametrize("yaw_deg", [0, 25, -45])
@pytest.mark.parametrize("name", ["hinge", "squat"])
def test_every_angle_of_trunk_and_legs_is_read_back(name, facing, yaw_deg):
    clip = film(name, yaw_deg, facing, fps=FPS)
    table = build_table(clip)
    truth = {
        "trunk_inclination_deg": clip.trunk_deg,
        "thigh_inclination_deg": clip.thigh_deg,
        "shin_inclination_deg": clip.shin_deg,
        "trunk_thigh_deg": clip.fold_deg,
        "knee_flexion_deg": clip.knee_deg,
    }
    for column, values in truth.items():
        assert np.abs(table.columns[column] - values).mean() < 2.0, column
        assert table.unfiltered[column] == pytest.approx(table.columns[column]), column
    assert np.abs(table.columns["ankle_dorsiflexion_deg"] - clip.shin_deg).mean() < 12.0
    assert table.omission_reasons == []
    assert not table.is_hidden.any()


def test_columns_match_the_file_and_values_are_not_rounded():
    table = build_table(film(fps=FPS))
    assert tuple(table.columns) == tuple(table.unfiltered) == ANGLE_COLUMNS
    assert tuple(table.sd_deg) == tuple(table.published_sd_deg) == SD_COLUMNS
    assert np.isnan(table.columns["back_rounding_deg"]).all()
    rounded = add_back_rounding(table, np.full(60, 12.0), np.full(60, 4.0))
    assert (rounded.published_sd_deg["back_rounding_sd_deg"] == 4.0).all()
    assert (rounded.columns["back_rounding_deg"] == 12.0).all()


def test_neck_and_head_are_changes_from_the_own_tall_posture():
    table = build_table(film(fps=FPS, noise=0.005))
    assert table.baseline is not None and table.baseline.kind == "standing"
    tall = angles_at_baseline(table.columns, table.baseline)
    assert tall["trunk_inclination_deg"] == pytest.approx(3, abs=2)
    assert tall["neck_flexion_deg"] == pytest.approx(0, abs=0.5)
    assert tall["head_tilt_deg"] == pytest.approx(0, abs=0.5)
    assert tall["back_rounding_deg"] is None
    # The neck stays upright in space while the trunk bends by 65: against the trunk it extends by as much.
    assert table.columns["neck_flexion_deg"].min() == pytest.approx(-65, abs=10)


def test_body_line_of_a_plank_shows_pike_as_positive():
    """Trunk 84 to 92 on thigh 82 to 76: the hip rises."""
    line = build_table(film("plank", fps=FPS, noise=0.005)).columns["body_line_deg"]
    assert line[30:40].mean() - line[:10].mean() > 5


def test_arms_are_read_back():
    table = build_table(film("squat", fps=FPS, noise=0.005))
    # Held up by 60 at the bottom, on a trunk that leans by 38: 98 to the trunk.
    assert table.columns["shoulder_flexion_deg"][36:40].mean() == pytest.approx(98, abs=8)
    assert table.columns["elbow_flexion_deg"][36:40].mean() == pytest.approx(0, abs=10)


def test_a_refused_view_publishes_nothing_and_keeps_the_shapes():
    clip = film("squat", 20, fps=FPS)
    table = build_table(clip, half_widths_deg=dict.fromkeys(MAIN_ANGLES, 15.0))
    assert all(np.isnan(values).all() for values in table.columns.values())
    assert all(np.isnan(values).all() for values in table.published_sd_deg.values())
    assert (table.confidence == 0).all()
    assert np.abs(table.unfiltered["trunk_inclination_deg"] - clip.trunk_deg).mean() < 2.0


def test_single_angles_too_uncertain_to_publish_are_left_out_and_explained():
    widest = 12.0 / Z_80
    clip = film("squat", 20, fps=FPS)
    later = np.arange(60) >= 30
    table = build_table(clip, change=uncertain(knee_sd_deg=widest + 0.1))
    for name in LEGS:
        assert np.isnan(table.columns[name][later]).all() and np.isfinite(table.columns[name][~later]).all(), name
        assert np.isfinite(table.unfiltered[name]).all(), name
    assert np.isfinite(table.columns["trunk_thigh_deg"]).all()
    assert table.omission_reasons == ["knee and shin angles are left out where the legs are not seen well enough"]
    assert np.isnan(table.published_sd_deg["knee_flexion_sd_deg"][later]).all()
    assert build_table(clip, change=uncertain(knee_sd_deg=widest - 0.1)).omission_reasons == []
    table = build_table(clip, change=uncertain(trunk_thigh_sd_deg=widest + 0.1))
    assert np.isnan(table.columns["trunk_thigh_deg"][later]).all()
    assert np.isfinite(table.columns["trunk_inclination_deg"]).all()


def test_without_visible_landmarks_no_angle_is_given():
    clip = film("squat", 20, fps=FPS).hidden(*range(33), frames=slice(40, None))
    table = build_table(clip)
    for name, values in table.unfiltered.items():
        assert np.isnan(values[45:]).all(), name
    assert np.isfinite(table.unfiltered["trunk_inclination_deg"][:38]).all()
    assert (table.confidence[45:] == 0).all() and (table.confidence[:38] > 0.85).all()


def test_hidden_legs_leave_the_trunk():
    legs = (LEFT.knee, RIGHT.knee, LEFT.ankle, RIGHT.ankle, LEFT.toe, RIGHT.toe)
    clip = film("hinge", 20, fps=FPS).hidden(*legs)
    table = build_table(clip)
    assert np.isnan(table.unfiltered["knee_flexion_deg"]).all()
    assert np.abs(table.columns["trunk_inclination_deg"] - clip.trunk_deg).mean() < 2.0


def test_a_partial_angle_is_given_where_it_is_certain_and_explained_by_the_view_alone():
    clip = film("hinge", 20, fps=FPS)
    later = np.arange(len(clip.times_s)) >= len(clip.times_s) // 2
    table = build_table(clip, change=uncertain(trunk_thigh_sd_deg=20.0), partial_angles=frozenset({"trunk_thigh_deg"}))
    assert (np.isnan(table.columns["trunk_thigh_deg"]) == later).all()
    assert table.omission_reasons == []


def test_frames_in_which_the_person_has_turned_away_are_empty():
    turned = np.arange(60) >= 45
    table = build_table(film("squat", 20, fps=FPS), is_turned_away=turned)
    for values in (table.columns["trunk_inclination_deg"], table.unfiltered["body_line_deg"]):
        assert np.isnan(values[turned]).all() and np.isfinite(values[~turned]).all()
    assert (table.confidence[turned] == 0).all() and (table.confidence[~turned] > 0).all()


def test_a_joint_far_from_the_body_is_marked_and_explained():
    clip = film("hinge", 20, fps=FPS)
    raw = clip.moved(RIGHT.ankle, by_trunks=(0.6, 0.0), frames=slice(20, 40)).points_px
    table = build_table(clip, raw_px=raw)
    assert np.flatnonzero(table.is_hidden.any(axis=0)).tolist() == [RIGHT.ankle]
    assert np.flatnonzero(table.is_hidden[:, RIGHT.ankle]).tolist() == list(range(20, 40))
    assert len(table.omission_reasons) == 1 and "hidden" in table.omission_reasons[0]


def test_confidence_falls_with_visibility_and_with_doubt():
    clip = film("hinge", fps=FPS)

    def confidence(visible: float, apart: float) -> np.ndarray:
        doubted = replace(
            clip,
            visibility=np.full_like(clip.visibility, visible),
            mirror_distance_px=np.full_like(clip.mirror_distance_px, apart * clip.trunk_px),
        )
        return build_table(doubted).confidence

    assert confidence(1.0, 0.0) == pytest.approx(np.ones(60))
    assert confidence(0.7, 0.0) == pytest.approx(np.full(60, 0.7))
    assert confidence(1.0, 0.1) == pytest.approx(np.full(60, np.exp(-0.5)), rel=0.05)
