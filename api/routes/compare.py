"""Two analyses against each other."""

from typing import Annotated

from fastapi import APIRouter, Query

from analyzer.compare.schema import Comparison
from analyzer.compare.side import CompareError
from analyzer.movements.minimal_detectable_change import ComparisonSetting
from api.auth import CurrentCaller
from api.dependencies import ServicesDep
from api.problem_details import Problem
from api.result_reader import compare_results, find_result_ref

router = APIRouter(prefix="/v1/compare", tags=["analyses"])

SideParam = Annotated[str, Query(max_length=80, description="id of an analysis; ID@1-3 for some of its reps")]


@router.get("", responses={404: {}, 409: {}})
def compare(
    services: ServicesDep,
    who: CurrentCaller,
    a: SideParam,
    b: SideParam,
    setting: Annotated[
        ComparisonSetting | None, Query(description="how they were filmed; default: by their days and clips")
    ] = None,
    cue: Annotated[str | None, Query(max_length=200, description="what was said between them")] = None,
) -> Comparison:
    """What changed clearly from `a` to `b`: beyond the minimal detectable change, else "no clear change"."""
    readings = [find_result_ref(services, who.owner_id, told) for told in (a, b)]
    try:
        return compare_results(services, readings, setting, cue)
    except CompareError as error:
        raise Problem(422, "not-comparable", str(error)) from None
