"""Alternatives: the other movements by confidence, also when a movement is given."""

from types import SimpleNamespace

import pytest

from analyzer.movements import registry
from analyzer.movements.registry import recognise_movement, select_movement


@pytest.fixture
def confidences(monkeypatch: pytest.MonkeyPatch):
    """Make the installed movements as confident as a test says."""

    def install(**by_name: float) -> None:
        known = {
            name: SimpleNamespace(name=name, recognise=lambda motion, one=one: one) for name, one in by_name.items()
        }
        monkeypatch.setattr(registry, "load_movements", lambda: known)

    return install


def test_likely_alternatives_come_first_and_unlikely_ones_are_left_out(confidences):
    confidences(hinge=0.9, squat=0.3, plank=0.55, slump=0.2, carry=0.15, overhead=0.01)
    recognised = recognise_movement(None)
    assert recognised.movement.name == "hinge"
    assert recognised.alternatives == (("plank", 0.55), ("squat", 0.3), ("slump", 0.2))


def test_unrecognised_clip_still_has_alternatives(confidences):
    confidences(hinge=0.29, squat=0.28, plank=0.0)
    recognised = recognise_movement(None)
    assert recognised.movement is None
    assert recognised.alternatives == (("hinge", 0.29), ("squat", 0.28))


def test_given_movement_is_not_its_own_alternative(confidences):
    confidences(hinge=0.9, squat=0.2)
    recognised = select_movement("squat", None)
    assert (recognised.movement.name, recognised.confidence, recognised.alternatives) == (
        "squat",
        1.0,
        (("hinge", 0.9),),
    )


def test_failing_recogniser_does_not_stop_a_given_movement(confidences):
    confidences(hinge=0.9, squat=7.0)  # no confidence
    assert select_movement("hinge", None).alternatives == ()
