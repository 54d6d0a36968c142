import json

import numpy as np
import pandas as pd
import pytest

from analyzer.report.data_files import ANGLES_CSV_DECIMALS, write_analysis_json, write_angles_csv
from tests.report.body import angle_table


def test_csv_has_the_columns_in_order_and_fixed_decimals(tmp_path):
    table = angle_table(3)
    table.loc[1, "trunk_inclination_deg"] = -0.001
    table.loc[0, "trunk_thigh_sd_deg"] = 1.239
    write_angles_csv(table, tmp_path / "angles.csv")
    header, first, second, _ = (tmp_path / "angles.csv").read_text().splitlines()
    assert header == (
        "frame,time_s,trunk_inclination_deg,trunk_thigh_deg,knee_flexion_deg,shin_inclination_deg,thigh_inclination_deg,"
        "ankle_dorsiflexion_deg,neck_flexion_deg,head_tilt_deg,shoulder_flexion_deg,elbow_flexion_deg,back_rounding_deg,"
        "body_line_deg,confidence,trunk_inclination_sd_deg,trunk_thigh_sd_deg,knee_flexion_sd_deg,back_rounding_sd_deg"
    )
    assert first == "0,0.0000,0.00,-2.00,0.00,,,,,,,,,,0.900,,1.24,,"
    assert second.startswith("1,0.0333,0.00,93.00,")  # no negative zero


def test_csv_round_trip(tmp_path):
    table = angle_table(50)
    table.loc[7:9, "trunk_thigh_deg"] = np.nan
    write_angles_csv(table, tmp_path / "angles.csv")
    read = pd.read_csv(tmp_path / "angles.csv")
    for column, decimals in ANGLES_CSV_DECIMALS.items():
        np.testing.assert_allclose(read[column], table[column], atol=0.51 * 10.0**-decimals, err_msg=column)


def test_csv_names_the_columns_that_are_missing(tmp_path):
    with pytest.raises(ValueError, match="knee_flexion_deg"):
        write_angles_csv(angle_table().drop(columns="knee_flexion_deg"), tmp_path / "angles.csv")
    assert not list(tmp_path.iterdir())


def test_json_is_indented_and_ends_with_a_line_feed(tmp_path, analysis):
    write_analysis_json(analysis, tmp_path / "analysis.json")
    text = (tmp_path / "analysis.json").read_text()
    assert text.startswith('{\n  "schema_version"') and text.endswith("}\n")
    assert json.loads(text)["view"]["facing"] == "right"
