"""Two analyses against each other."""

from typing import Annotated

from fastapi import APIRouter, Query

from analyzer.compare.result import Comparison
from analyzer.compare.side import CompareError
from analyzer.movements.change import Setting
from api.auth import Who
from api.deps import Parts
from api.problems import Problem
from api.readings import comparison_of, reading_of

router = APIRouter(prefix="/v1/compare", tags=["analyses"])

Side = Annotated[str, Query(max_length=80, description="id of an analysis; ID@1-3 for some of its reps")]


@router.get("", responses={404: {}, 409: {}})
def compare(
    services: Parts,
    who: Who,
    a: Side,
    b: Side,
    setting: Annotated[
        Setting | None, Query(description="how they were filmed; default: by their days and clips")
    ] = None,
    cue: Annotated[str | None, Query(max_length=200, description="what was said between them")] = None,
) -> Comparison:
    """What changed clearly from `a` to `b`: beyond the minimal detectable change, else "no clear change"."""
    readings = [reading_of(services, who.owner_id, told) for told in (a, b)]
    try:
        return comparison_of(services, readings, setting, cue)
    except CompareError as error:
        raise Problem(422, "not-comparable", str(error)) from None
