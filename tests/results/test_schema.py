"""The published schema of `analysis.json`."""

import json
import subprocess
import sys
from pathlib import Path

import jsonschema
import numpy as np

from analyzer.results.schema import SCHEMA_VERSION, Analysis, Stage, json_schema

PUBLISHED = Path(__file__).resolve().parents[2] / "docs" / "analysis.schema.json"


def test_the_published_schema_is_up_to_date():
    """If not: python -m analyzer.results.schema > docs/analysis.schema.json."""
    assert json.loads(PUBLISHED.read_text(encoding="utf-8")) == json_schema()


def test_the_command_prints_the_published_schema():
    done = subprocess.run([sys.executable, "-m", "analyzer.results.schema"], capture_output=True, check=True, text=True)
    assert done.stdout == PUBLISHED.read_text(encoding="utf-8")


def test_values_of_numpy_in_measures_become_json():
    """Movements of other packages compute with NumPy; their results can be written all the same."""
    measures = {
        "lean_deg": np.float32(1.5),
        "count": np.int64(3),
        "is_deep": np.bool_(True),
        "depths_deg": np.array([1.0, np.nan]),
        "unknown_s": float("nan"),
        "sides": {"near_deg": np.float64("inf"), "reps": (np.int64(1), 2)},
    }
    stage = Stage(name="slump", start_s=0.0, end_s=1.0, measures=measures)
    expected = {
        "lean_deg": 1.5,
        "count": 3,
        "is_deep": True,
        "depths_deg": [1.0, None],
        "unknown_s": None,
        "sides": {"near_deg": None, "reps": [1, 2]},
    }
    assert stage.measures == expected and json.loads(stage.model_dump_json())["measures"] == expected


def test_the_schema_is_valid_and_has_a_version():
    schema = json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["properties"]["schema_version"]["default"] == SCHEMA_VERSION


def test_the_schema_covers_every_part_of_the_result_and_nothing_else():
    schema = json_schema()
    assert set(schema["properties"]) == set(Analysis.model_fields)
    assert [name for name, part in schema["$defs"].items() if part.get("additionalProperties") is not False] == []
    assert schema["additionalProperties"] is False
