"""Each export, read again by a library that reads its format."""

import importlib

import numpy as np
import openpyxl
import pandas as pd
import pyarrow.dataset
import pyarrow.parquet
import pytest

from analyzer.export.formats import EXPORT_FORMATS, parse_export_formats
from analyzer.export.mot import write_mot
from analyzer.export.parquet import write_parquet
from analyzer.export.spreadsheet import escape_formula
from analyzer.export.trc import compute_marker_positions, estimate_body_height_px, write_trc
from analyzer.export.xlsx import write_xlsx
from analyzer.kinematics.angle_table import AngleTable
from analyzer.kinematics.joints import SideJoints
from analyzer.kinematics.landmarks import near_far_sides
from analyzer.report.data_files import ANGLES_CSV_DECIMALS
from analyzer.results.schema import KeyMeasure
from tests.report.body import STANDING, angle_table, standing_person

TIMES = np.array([0.0, 0.03, 0.08, 0.1])


@pytest.fixture
def measured(lifted):
    lifted._angles = angle_table()
    return lifted


@pytest.fixture
def opensim():
    return importlib.import_module("opensim")


def table_of(points, forward=1):
    near, far = near_far_sides("right" if forward > 0 else "left")
    joints = [SideJoints(**{name: points[:, index] for name, index in side._asdict().items()}) for side in (near, far)]
    unseen = np.zeros(points.shape[:2], dtype=bool)
    return AngleTable({}, {}, {}, np.ones(len(points)), None, *joints, forward, 170.0, unseen, [], points[:, :2, 0])


def walked():
    """A standing person who moves 10 pixels to the right a frame; the right wrist is unknown in the last frame."""
    points = np.array([standing_person(dx=10 * k) for k in range(len(TIMES))])
    points[-1, 16] = np.nan
    return points


# ---- spreadsheet and data frames ----


def test_the_spreadsheet_has_its_sheets_with_frozen_headers_and_the_numbers(measured, tmp_path):
    write_xlsx(measured, tmp_path / "a.xlsx")
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    assert book.sheetnames == ["summary", "reps", "angles"]
    assert all(sheet.freeze_panes == "B2" for sheet in book)
    summary = {row[0].value: row[1].value for row in book["summary"].iter_rows(min_row=2)}
    assert summary["reps counted"] == 2 and summary["load (kg)"] == 60
    assert [cell.value for cell in book["angles"][1]] == list(ANGLES_CSV_DECIMALS)
    assert min(column.width for column in book["angles"].column_dimensions.values()) >= 10
    read = pd.read_excel(tmp_path / "a.xlsx", sheet_name=["angles", "reps"])
    assert read["angles"]["trunk_thigh_deg"].to_numpy() == pytest.approx(angle_table()["trunk_thigh_deg"], abs=0.006)
    assert read["angles"]["back_rounding_deg"].isna().all()
    assert read["reps"]["bottom_trunk_thigh_deg"].tolist() == pytest.approx([93.6] * 3)
    assert read["reps"]["hip_back_pct"].tolist() == pytest.approx([14.2] * 3)


def test_the_spreadsheet_has_the_key_measures_with_their_intervals(measured, tmp_path):
    rep_value, hold_time = (
        KeyMeasure(
            id="hinge.fold", label="Trunk-thigh", value=91.67, unit="deg", interval_80=(85.5, 97.8), per_rep=[91]
        ),
        KeyMeasure(id="hinge.ascent", label="Time up", value=0.6, unit="s", interval_80=None, per_rep=[0.6]),
    )
    measured.key_measures = [rep_value, hold_time]
    measured.measures["lift_speed"] = {"of": "hands", "reps": [{"rep": 1, "mean_speed_m_s": 0.4}, {"rep": 3}]}
    write_xlsx(measured, tmp_path / "a.xlsx")
    read = pd.read_excel(tmp_path / "a.xlsx", sheet_name=["key measures", "summary"])
    assert read["key measures"].iloc[0].tolist()[:6] == ["hinge.fold", "Trunk-thigh", 91.67, "deg", 85.5, 97.8]
    assert read["key measures"].iloc[1, 4:6].isna().all()
    summary = dict(read["summary"].itertuples(index=False, name=None))
    assert (
        summary["measure: lift_speed.reps.1.mean_speed_m_s"] == 0.4 and summary["measure: lift_speed.reps.2.rep"] == 3
    )


def test_no_text_becomes_a_formula(measured, tmp_path):
    measured.clip.name = "=1+1"
    write_xlsx(measured, tmp_path / "a.xlsx")
    cells = openpyxl.load_workbook(tmp_path / "a.xlsx")["summary"]["B"]
    assert cells[1].value == "'=1+1" and all(cell.data_type != "f" for cell in cells)


def test_parquet_keeps_full_precision_and_unknown_as_unknown(measured, tmp_path):
    write_parquet(measured, tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["angles.parquet", "reps.parquet"]
    angles = pyarrow.parquet.read_table(tmp_path / "angles.parquet").to_pandas()
    pd.testing.assert_frame_equal(angles, measured.angles)
    reps = pyarrow.parquet.read_table(tmp_path / "reps.parquet")
    assert reps["clip_sha256"][0].as_py() == "0" * 64 and reps["bottom_s"].to_pylist() == [0.5, 1.4, 1.9]
    assert reps["ascent_s"].to_pylist() == [0.3, 0.3, None]


def test_tables_of_clips_with_and_without_degrees_are_read_as_one(measured, tmp_path):
    unknown = {"hip_back_pct": None, "hip_knee_ratio": None, "hips_rise_first": None, "style": None, "own_deg": None}
    known = {"hip_back_pct": 14.2, "hip_knee_ratio": 3.1, "hips_rise_first": True, "style": "mix", "own_deg": 3.0}
    for name, measures in (("refused", unknown), ("good", known)):
        measured.reps = [rep.model_copy(update={"measures": measures}) for rep in measured.reps]
        (tmp_path / name).mkdir()
        write_parquet(measured, tmp_path / name)
    paths = [tmp_path / name / "reps.parquet" for name in ("refused", "good")]
    both = pyarrow.dataset.dataset([str(path) for path in paths]).to_table()
    assert {name: both[name].to_pylist() for name in known} == {
        name: [None] * 3 + [value] * 3 for name, value in known.items()
    }
    together = pd.concat([pd.read_parquet(path) for path in paths], ignore_index=True)
    assert [together[name].dtype.kind for name in ("hip_back_pct", "hip_knee_ratio", "own_deg")] == ["f"] * 3
    assert together["hip_back_pct"].mean() == pytest.approx(14.2)


# ---- OpenSim ----


def test_a_client_whose_height_is_known_stands_in_metres_on_the_floor():
    table = table_of(walked())
    parts = [
        np.hypot(*np.subtract(STANDING[a], STANDING[b]))
        for a, b in (("shoulder", "hip"), ("hip", "knee"), ("knee", "ankle"))
    ]
    assert estimate_body_height_px(table) == pytest.approx(sum(parts) / (0.288 + 0.245 + 0.246))
    markers = compute_marker_positions(table, 180)
    pixel_m = 1.8 / estimate_body_height_px(table)
    assert markers["RHip"][:, 1] == pytest.approx((585 - 320) * pixel_m)
    assert np.diff(markers["RHip"][:, 0]) == pytest.approx(10 * pixel_m)
    assert markers["RBigToe"][0, 0] > markers["RHeel"][0, 0]


def test_forward_is_plus_whichever_way_the_person_faces():
    left = walked() * (-1, 1) + (640, 0)
    markers, mirrored = (
        compute_marker_positions(table_of(walked()), 180),
        compute_marker_positions(table_of(left, forward=-1), 180),
    )
    for name, points in markers.items():
        np.testing.assert_allclose(mirrored[name], points, err_msg=name)


@pytest.mark.parametrize(("height_cm", "scale"), [(180, 1.8), (None, 1.0)])
def test_opensim_reads_the_markers(opensim, tmp_path, height_cm, scale):
    table = table_of(walked())
    write_trc(TIMES, table, height_cm, tmp_path / "markers.trc")
    read = opensim.TimeSeriesTableVec3(str(tmp_path / "markers.trc"))
    assert read.getTableMetaDataAsString("Units") == "m"
    assert list(read.getIndependentColumn()) == pytest.approx(TIMES)
    expected = compute_marker_positions(table, height_cm)
    assert list(read.getColumnLabels()) == list(expected)
    hip, wrist = (
        np.array([read.getRowAtIndex(frame)[column].to_numpy() for frame in range(4)])
        for column in (list(expected).index("RHip"), list(expected).index("RWrist"))
    )
    np.testing.assert_allclose(hip, np.column_stack([expected["RHip"], np.zeros(4)]), atol=1e-5)
    assert np.isnan(wrist[-1]).all() and np.isfinite(wrist[:-1]).all()
    first_line = (tmp_path / "markers.trc").read_text().splitlines()[0]
    assert ("body height" in first_line) == (height_cm is None)
    assert expected["RHip"][0, 1] == pytest.approx(scale * 265 / estimate_body_height_px(table))
    assert opensim.MarkerData(str(tmp_path / "markers.trc")).getNumFrames() == 4


@pytest.mark.parametrize("unknown", [[31], [29, 31], list(range(33))])
def test_opensim_reads_rows_whose_last_markers_are_unknown(opensim, tmp_path, unknown):
    points = walked()
    points[1, unknown] = np.nan
    write_trc(TIMES, table_of(points), 180, tmp_path / "markers.trc")
    read = opensim.TimeSeriesTableVec3(str(tmp_path / "markers.trc"))
    toes = [read.getRowAtIndex(frame)[read.getNumColumns() - 1].to_numpy() for frame in range(len(TIMES))]
    assert read.getColumnLabels()[-1] == "LBigToe"
    assert [bool(np.isfinite(toe).all()) for toe in toes] == [True, False, True, True]
    older_reader = opensim.MarkerData(str(tmp_path / "markers.trc"))
    assert np.isnan(older_reader.getFrame(1).getMarker(17).to_numpy()).all()


@pytest.mark.parametrize(("facing", "side"), [("right", "r"), ("left", "l")])
def test_opensim_reads_the_motion(opensim, tmp_path, facing, side):
    angles = angle_table()
    angles.loc[5, "knee_flexion_deg"] = np.nan
    write_mot(angles, facing, tmp_path / "angles.mot")
    read = opensim.TimeSeriesTable(str(tmp_path / "angles.mot"))
    assert read.getTableMetaDataAsString("inDegrees") == "yes"
    names = ("pelvis_tilt", f"hip_flexion_{side}", f"knee_angle_{side}")
    assert tuple(read.getColumnLabels()) == names
    numbers = dict(zip(names, read.getMatrix().to_numpy().T, strict=True))
    np.testing.assert_allclose(numbers["pelvis_tilt"], -angles["trunk_inclination_deg"], atol=6e-4)
    np.testing.assert_allclose(numbers[names[1]], angles["trunk_thigh_deg"], atol=6e-4)
    np.testing.assert_allclose(numbers[names[2]], angles["knee_flexion_deg"], atol=6e-4)
    assert np.isnan(numbers[names[2]][5])
    storage = opensim.Storage(str(tmp_path / "angles.mot"))
    assert storage.isInDegrees() and storage.getColumnLabels().getSize() == 4


# ---- choosing ----


def test_kinds_are_named_by_commas_or_all():
    assert parse_export_formats("mot, xlsx") == ("xlsx", "mot") and parse_export_formats("all") == EXPORT_FORMATS
    for strange in ("", "xls", "xlsx,c3d"):
        with pytest.raises(ValueError, match="expected xlsx, parquet, trc, mot or all"):
            parse_export_formats(strange)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("=1+1", "'=1+1"),
        ("x;=1+1", "x;'=1+1"),
        ("a, @SUM(A1)", "a,'@SUM(A1)"),
        ("one\n+2", "one\n'+2"),
        ("knee-bend = good", "knee-bend = good"),
        ("anna", "anna"),
    ],
)
def test_a_formula_is_escaped_wherever_a_cell_may_begin(text, written):
    assert escape_formula(text) == written
