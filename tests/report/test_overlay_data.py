import json
from types import SimpleNamespace

import numpy as np
import pytest

from analyzer.kinematics.back_outline import PROFILE_POSITIONS
from analyzer.kinematics.landmarks import LEFT, RIGHT
from analyzer.load.load_path import LoadPath
from analyzer.report.drawing.overlay_data import build_overlay_data, write_overlay
from tests.report.body import STANDING, angle_table, standing_person

FRAMES = 31


@pytest.fixture
def work(lifted):
    """A person who stands facing right for a second in a 640 x 640 picture; the table has a hinge."""
    lifted._angles = angle_table(FRAMES)
    points = np.repeat(standing_person()[None], FRAMES, axis=0)
    return SimpleNamespace(
        clip=SimpleNamespace(width_px=640, height_px=640),
        track=SimpleNamespace(times_s=np.arange(FRAMES) / 30, points_px=points, visibility=np.ones(points.shape[:2])),
        view=SimpleNamespace(facing="right"),
        analysis=lifted,
        load=None,
        back=None,
    )


def test_the_skeleton_is_drawn_between_known_points(work):
    work.track.points_px[:, RIGHT.wrist] += (0.4, -0.4)
    work.track.points_px[4, RIGHT.wrist] = np.nan
    data = build_overlay_data(work)
    names = data["names"]
    assert (data["width_px"], data["height_px"], data["facing"]) == (640, 640, "right")
    assert data["near"] == [name.startswith("near_") for name in names]
    assert [data["points_px"][0][names.index(f"near_{name}")] for name in ("hip", "wrist")] == [[312, 320], [330, 295]]
    assert data["points_px"][4][names.index("near_wrist")] is None
    assert data["points_px"][4][names.index("near_elbow")] == list(STANDING["elbow"])
    lines = {(names[a], names[b]) for a, b in data["lines"]}
    assert {("near_shoulder", "near_hip"), ("near_ear", "near_shoulder"), ("far_knee", "far_ankle")} <= lines
    assert ("far_ear", "far_shoulder") not in lines and len(lines) == len(data["lines"])
    far = [names[a].startswith("far_") for a, _ in data["lines"]]
    assert far == sorted(far, reverse=True)  # the near side is drawn last


def test_the_near_side_is_the_one_that_the_camera_sees(work):
    work.track.points_px[:, LEFT.wrist] = (100, 200)
    place = build_overlay_data(work)["names"].index("near_wrist")
    assert build_overlay_data(work)["points_px"][0][place] == [330, 295]
    work.view.facing = "left"
    assert build_overlay_data(work)["points_px"][0][place] == [100, 200]


def test_points_that_are_drawn_as_uncertain_are_listed(work):
    work.track.visibility[7, [RIGHT.knee, LEFT.toe, LEFT.hip]] = (0.0, 0.49, 0.5)
    data = build_overlay_data(work)
    assert [data["names"][place] for place in data["uncertain"][7]] == ["near_knee", "far_toe"]
    assert data["uncertain"][6] == data["uncertain"][8] == []


def test_angles_have_tenths_and_events_are_those_of_the_result(work):
    data = build_overlay_data(work)
    assert set(data["series"]) == {"trunk_inclination_deg", "trunk_thigh_deg", "knee_flexion_deg"}
    assert [data["series"]["trunk_inclination_deg"][k] for k in (0, 15, 30)] == [0.0, 70.0, 0.0]
    assert (data["degrees"], data["main_angle"]) == (True, "trunk_thigh_deg")
    assert data["times_s"][:3] == [0.0, 0.0333, 0.0667] and len(data["times_s"]) == FRAMES
    assert data["reps"] == work.analysis.model_dump(mode="json")["reps"] and data["holds"] == data["stages"] == []
    work.analysis.view.grade = "refused"
    assert build_overlay_data(work)["degrees"] is False


def test_slow_motion_and_long_clips_are_thinned_alike_everywhere(work):
    for frames, fps, rows in ((480, 240, 120), (20_000, 30, 4000)):
        work.track.times_s = np.arange(frames) / fps
        work.track.points_px = np.repeat(standing_person()[None], frames, axis=0)
        work.track.visibility = np.ones(work.track.points_px.shape[:2])
        work.analysis._angles = angle_table(frames, fps)
        work.load = LoadPath(np.full((frames, 2), 7.0), 50.0)
        data = build_overlay_data(work)
        lengths = [len(data["times_s"]), len(data["points_px"]), len(data["uncertain"]), len(data["load"]["path"])]
        assert lengths + [len(values) for values in data["series"].values()] == [rows] * 7
        assert data["times_s"][1] == pytest.approx(frames / rows / fps, abs=1e-4)


def test_the_back_lies_behind_the_hip_shoulder_line_where_it_is_known(work):
    profile = np.full((FRAMES, len(PROFILE_POSITIONS)), 0.2)
    rounding = np.where(np.arange(FRAMES) < 10, np.nan, 12.34)
    work.back = SimpleNamespace(profile=profile, rounding_deg=rounding)
    back = build_overlay_data(work)["back"]
    assert back["line_px"][9] is None and back["change_deg"][9] is None and back["change_deg"][10] == 12.3
    assert (back["places"][0], back["places"][-1], len(back["places"])) == (0.0, 1.0, 13)
    # The trunk from (312, 320) to (315, 150) faces right: a fifth of its 170 px further left.
    assert back["line_px"][10][0] == pytest.approx([278, 319], abs=1)
    assert back["line_px"][10][-1] == pytest.approx([281, 149], abs=1)
    work.analysis.view.grade = "refused"
    assert build_overlay_data(work)["back"] is None


def test_the_load_has_a_place_only_where_it_is_detected(work):
    centre = np.full((FRAMES, 2), 100.6)
    centre[3] = np.nan
    work.load = LoadPath(centre, 88.04)
    load = build_overlay_data(work)["load"]
    assert (load["path"][2], load["path"][3], load["radius_px"]) == ([101, 101], None, 88.0)
    work.load = None
    assert build_overlay_data(work)["load"] is None


def test_the_file_is_strict_json_and_small_enough_for_a_phone(work, tmp_path):
    frames = 23 * 60
    rng = np.random.default_rng(3)
    work.track.times_s = np.arange(frames) / 60
    work.track.points_px = np.repeat(standing_person()[None], frames, axis=0) + rng.normal(0, 40, (frames, 33, 2))
    table = angle_table(frames, 60)
    for column in table.columns[2:-1]:
        table[column] = rng.uniform(-10, 110, frames)
    table.loc[5, "trunk_thigh_deg"] = np.nan
    work.analysis._angles = table
    work.back = SimpleNamespace(
        profile=np.full((frames, len(PROFILE_POSITIONS)), 0.2), rounding_deg=rng.uniform(0, 30, frames)
    )
    work.load = LoadPath(rng.uniform(0, 600, (frames, 2)), 80.0)
    write_overlay(work, tmp_path / "overlay.json")
    text = (tmp_path / "overlay.json").read_text(encoding="utf-8")
    data = json.loads(text, parse_constant=lambda word: pytest.fail(f"{word} is no JSON"))
    assert data["series"]["trunk_thigh_deg"][5] is None
    assert len(text) < 700_000  # every angle, the back and a load, at 60 frames a second
