"""The published schema of `analysis.json`."""

import json
import subprocess
import sys
from pathlib import Path

import jsonschema

from analyzer.results.schema import SCHEMA_VERSION, Analysis, json_schema

PUBLISHED = Path(__file__).resolve().parents[2] / "docs" / "analysis.schema.json"


def test_the_published_schema_is_up_to_date():
    """If not: python -m analyzer.results.schema > docs/analysis.schema.json."""
    assert json.loads(PUBLISHED.read_text(encoding="utf-8")) == json_schema()


def test_the_command_prints_the_published_schema():
    done = subprocess.run([sys.executable, "-m", "analyzer.results.schema"], capture_output=True, check=True, text=True)
    assert done.stdout == PUBLISHED.read_text(encoding="utf-8")


def test_the_schema_is_valid_and_has_a_version():
    schema = json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["properties"]["schema_version"]["default"] == SCHEMA_VERSION


def test_the_schema_covers_every_part_of_the_result_and_nothing_else():
    schema = json_schema()
    assert set(schema["properties"]) == set(Analysis.model_fields)
    assert [name for name, part in schema["$defs"].items() if part.get("additionalProperties") is not False] == []
    assert schema["additionalProperties"] is False
