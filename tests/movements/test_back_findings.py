"""Findings about the back depend on the interval of its change."""

import pytest

from analyzer.movements.back_findings import list_back_observations
from analyzer.results.schema import KeyMeasure


def measure(low: float, high: float, id: str = "hinge.back") -> KeyMeasure:
    value = (low + high) / 2
    return KeyMeasure(
        id=id, label="Back, change from tall", value=value, unit="deg", interval_80=(low, high), per_rep=[value]
    )


@pytest.mark.parametrize(
    ("interval", "expected"),
    [
        ((-5, 9), [("back.keeps_shape", "can")]),
        ((-17, -3), [("back.keeps_shape", "can")]),
        ((10, 17), [("back.keeps_shape", "can")]),
        ((10, 17.1), [("back.rounds", "note")]),
        ((28, 45), [("back.rounds", "note")]),
        ((35, 50), [("back.rounds", "note")]),
        ((35.1, 50), [("back.rounds", "note"), ("back.room", "next")]),
        ((-60, -40), [("back.arches", "note")]),
    ],
)
def test_back_finding_depends_on_the_interval(interval, expected):
    observations = list_back_observations([measure(-1, 1, "hinge.fold"), measure(*interval)], keeps_shape=True)
    assert [(observation.id, observation.kind) for observation in observations] == expected


def test_movement_that_bends_the_back_gets_the_number_only():
    for interval in ((1, 5), (40, 60)):
        [fact] = list_back_observations([measure(*interval)], keeps_shape=False)
        assert (fact.id, fact.kind) == ("back.rounds", "note")


def test_evidence_is_the_change_without_sign_and_its_interval():
    [fact] = list_back_observations([measure(-30, -20)], keeps_shape=True)
    assert fact.evidence == {"back_deg": 25, "low_deg": 20, "high_deg": 30, "reps": 1}
    [small] = list_back_observations([measure(-5, 9)], keeps_shape=True)
    assert (small.evidence["low_deg"], small.evidence["high_deg"]) == (0, 9)


def test_no_finding_without_a_measured_back():
    assert list_back_observations([], keeps_shape=True) == []
    unknown = measure(1, 5).model_copy(update={"interval_80": None})
    assert list_back_observations([unknown], keeps_shape=True) == []
