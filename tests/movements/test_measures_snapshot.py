"""The JSON of every movement: keys, their order and values stay as stored."""

import json
from typing import Any

import pytest

from tests.movements.measures_snapshot import SNAPSHOT, movement_json, named_cases

STORED = json.loads(SNAPSHOT.read_text(encoding="utf-8"))
CASES = {label: case for label, *case in named_cases()}


def assert_same_json(value: Any, stored: Any, path: str) -> None:
    """Compare two JSON values; numbers may differ by the rounding of another machine."""
    assert type(value) is type(stored), path
    if isinstance(stored, dict):
        assert list(value) == list(stored), path
        for key in stored:
            assert_same_json(value[key], stored[key], f"{path}/{key}")
    elif isinstance(stored, list):
        assert len(value) == len(stored), path
        for index, (part, stored_part) in enumerate(zip(value, stored, strict=True)):
            assert_same_json(part, stored_part, f"{path}/{index}")
    elif isinstance(stored, float):
        assert value == pytest.approx(stored, abs=0.11), path
    else:
        assert value == stored, path


def test_snapshot_covers_every_case():
    assert list(STORED) == list(CASES)


@pytest.mark.parametrize("label", STORED)
def test_json_of_a_motion_is_as_stored(label):
    assert_same_json(movement_json(*CASES[label]), STORED[label], label)
