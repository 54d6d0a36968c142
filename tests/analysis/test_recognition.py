"""What the request states about a clip whose movement was recognised."""

import pytest

from analyzer.analysis.recognition import build_context
from analyzer.movements.registry import RecognisedMovement, get_movement
from analyzer.request import AnalysisRequest


@pytest.mark.parametrize(
    ("variant", "used", "warnings"),
    [
        ("romanian", "romanian", []),
        (None, None, []),
        ("goblet", None, ["the variant goblet does not belong to the recognised movement, hinge: not used"]),
    ],
)
def test_a_variant_of_another_movement_is_not_used_and_the_result_says_so(variant, used, warnings):
    """A hinge of an unknown variant would be taken for one that does not start from the floor."""
    context = build_context(RecognisedMovement(get_movement("hinge"), 0.9), AnalysisRequest("auto", variant))
    assert (context.facts.variant, context.details.variant, list(context.warnings)) == (used, used, warnings)
