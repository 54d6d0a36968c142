"""Route that compares two analyses."""

from typing import Annotated

from fastapi import APIRouter, Query

from analyzer.compare.schema import Comparison
from analyzer.compare.side import CompareError
from analyzer.movements.minimal_detectable_change import ComparisonSetting
from api.analyses.repeatability import find_own_mdc
from api.analyses.result_reader import compare_results, find_result_ref
from api.auth import CurrentCaller
from api.dependencies import ServicesDep
from api.responses.problem_details import Problem

router = APIRouter(prefix="/v1/compare", tags=["analyses"])

SideParam = Annotated[str, Query(max_length=80, description="Id of an analysis; `ID@1-3` selects reps.")]


@router.get("", responses={404: {}, 409: {}})
def compare(
    services: ServicesDep,
    caller: CurrentCaller,
    a: SideParam,
    b: SideParam,
    setting: Annotated[
        ComparisonSetting | None,
        Query(description="How the clips relate; by default this follows from their days."),
    ] = None,
    cue: Annotated[str | None, Query(max_length=200, description="Cue that was given between the two.")] = None,
) -> Comparison:
    """Compare two analyses: changes beyond the minimal detectable change are clear, others are "no clear change".

    The minimal detectable changes are those of your own repeats (GET /v1/repeatability) where there are enough, else of
    the literature; `mdc_source` says which.
    """
    readings = [find_result_ref(services, caller.owner_id, side) for side in (a, b)]
    try:
        return compare_results(services, readings, setting, cue, find_own_mdc(services, caller.owner_id))
    except CompareError as error:
        raise Problem(422, "not-comparable", str(error)) from None
