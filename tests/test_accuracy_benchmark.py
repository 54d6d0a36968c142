"""The accuracy benchmark: truth of three formats, errors, halves and the summary; no clip is analysed."""

import json
from pathlib import Path

import numpy as np
import pytest

from analyzer.vocabulary.angles import MAIN_ANGLES
from benchmarks.accuracy import (
    AngleError,
    ClipAccuracy,
    ClipTruth,
    compare_to_truth,
    format_clip,
    format_summary,
    list_truth_clips,
    measure_stored_track,
    read_truth,
)

SAMPLES = Path(__file__).parents[1] / "sample_videos"


def write(folder: Path, name: str, truth: dict) -> Path:
    (folder / f"{name}.mp4").write_bytes(b"")
    path = folder / f"{name}.truth.json"
    path.write_text(json.dumps(truth))
    return path


RENDERED = {
    "camera": {"side": "left", "yaw": -31.0},
    "frames": [
        {"t": 0.0, "trunk_inclination": 5.0, "thigh_tilt": 1.0, "shank_tilt": 3.0},
        {"t": 0.1, "trunk_inclination": 65.0, "thigh_tilt": -20.0, "shank_tilt": 2.0},
    ],
}
CAPTURED = {
    "yaw_deg": 52,
    "frames": [
        {"t": 0.0} | dict.fromkeys(("trunk_inclination", "thigh_tilt", "shank_tilt", "wham_trunk", "wham_thigh",
                                    "wham_shin")),
        {"t": 0.1, "trunk_inclination": 40.0, "thigh_tilt": -60.0, "shank_tilt": 30.0, "wham_trunk": 42.0,
         "wham_thigh": -59.0, "wham_shin": 30.0},
    ],
}  # fmt: skip


def test_the_truth_of_rendered_clips(tmp_path):
    truth = read_truth(write(tmp_path, "a", RENDERED))
    assert (truth.yaw_deg, truth.facing, truth.is_captured) == (-31.0, "left", False)
    assert truth.time_s.tolist() == [0.0, 0.1]
    assert [truth.angles[name].tolist() for name in MAIN_ANGLES] == [[5, 65], [4, 85], [2, 22]]


def test_the_truth_of_motion_capture_with_other_systems(tmp_path):
    truth = read_truth(write(tmp_path, "a", CAPTURED))
    assert (truth.yaw_deg, truth.facing, truth.is_captured) == (52, None, True)
    assert np.isnan(truth.angles[MAIN_ANGLES[0]][0])
    assert [truth.angles[name][1] for name in MAIN_ANGLES] == [40, 100, 90]
    assert [truth.systems["wham"][name][1] for name in MAIN_ANGLES] == [42, 101, 89]


def test_the_truth_of_the_sample_clips():
    for path in SAMPLES.glob("*.truth.json"):
        truth = read_truth(path)
        assert set(truth.angles) == set(MAIN_ANGLES)
        assert len(truth.time_s) == len(truth.angles[MAIN_ANGLES[0]])


def test_errors_with_and_without_offset_interval_and_share():
    true = np.array([0.0, 10.0, 20.0, 30.0, np.nan])
    error = compare_to_truth(np.array([1.0, 13.0, 21.0, np.nan, 5.0]), true, np.full(5, 1.0))
    # Off by 1, 3, 1: mean 5/3; without it 2/3, 4/3, 2/3. One SD holds 1 but not 3. Three of four frames.
    assert error == AngleError(pytest.approx(5 / 3), pytest.approx(8 / 9), pytest.approx(2 / 3), pytest.approx(0.75))


def test_errors_wrap_around_and_lengths_may_differ():
    assert compare_to_truth(np.array([179.0, 5.0]), np.array([-179.0])).mae == pytest.approx(2)


def test_missing_measurements_are_not_zero_errors():
    nothing = compare_to_truth(np.full(3, np.nan), np.zeros(3))
    assert np.isnan(nothing.mae) and nothing.published == 0.0


def test_halves_are_split_by_order_and_captured_films_belong_to_both(tmp_path):
    for name in ("a1", "a2", "a3"):
        write(tmp_path, name, RENDERED)
    write(tmp_path, "squat", CAPTURED)
    (tmp_path / "untrue.mp4").write_bytes(b"")
    names = {half: [clip.stem for clip in list_truth_clips(tmp_path, half)] for half in (None, "even", "odd")}
    assert names == {None: ["a1", "a2", "a3", "squat"], "even": ["a1", "a3", "squat"], "odd": ["a2", "squat"]}
    assert [clip.stem for clip in list_truth_clips(tmp_path, only=["a3", "sq"])] == ["a3", "squat"]


def test_the_error_of_a_missing_track_names_the_command_to_run(tmp_path):
    with pytest.raises(SystemExit, match="analyzer batch"):
        measure_stored_track(tmp_path / "a.mp4", tmp_path)


def row(
    name: str, yaw: float, measured_yaw: float, facing: str = "left", true_facing: str | None = "left", mae=2.0
) -> ClipAccuracy:
    errors = [AngleError(mae, 1.0, 0.8, 1.0)] * 3
    return ClipAccuracy(
        name, ClipTruth(yaw, true_facing, np.zeros(1), {}), measured_yaw, 3.0, "good", facing, errors, {}
    )


def test_faults_of_the_view():
    assert row("a", 20, 25).faults == []
    assert row("a", 20, -25).faults == ["front/behind"]
    assert row("a", 10, -3).faults == []
    assert row("a", 20, 25, facing="right").faults == ["facing"]
    assert row("squat", 52, 50, true_facing=None).faults == []
    assert "WRONG: front/behind" in format_clip(row("a", 20, -25))[0]


def test_the_summary_has_means_by_yaw_and_separates_plates_and_capture():
    rows = [
        row("a", 0, 4),
        row("b", 10, 10, mae=4.0),
        row("d26_x", 0, 30),
        row("c", -40, -52),
        row("m", 52, 50, true_facing=None),
    ]
    lines = {line.split("(")[0].strip(): line for line in format_summary(rows)}
    assert list(lines) == ["yaw <= 10", "yaw 26-60", "full-size plates", "all rendered", "motion capture"]
    assert "(n=2)" in lines["yaw <= 10"] and "3.00 / 1.00" in lines["yaw <= 10"]
    assert "yaw off  2.0, most  4.0, within 8: 2; wrong 0" in lines["yaw <= 10"]
    assert "within 8: 0" in lines["yaw 26-60"]
    assert "(n=4)" in lines["all rendered"]


def test_unpublished_values_are_left_out_of_the_mean():
    refused = ClipAccuracy(
        "r",
        ClipTruth(5, "left", np.zeros(1), {}),
        5,
        3.0,
        "refused",
        "left",
        [compare_to_truth(np.full(1, np.nan), np.zeros(1))] * 3,
        {},
    )
    (line, _) = format_summary([row("a", 0, 0), refused])
    assert "2.00 / 1.00" in line and line.endswith("50%")
