"""Route of the repeatability over one's own repeats."""

from typing import Annotated

from fastapi import APIRouter, Query

from analyzer.movements.minimal_detectable_change import RepeatSetting
from analyzer.repeatability.schema import Repeatability
from api.analyses.repeatability import measure_owner_repeatability
from api.auth import CurrentCaller
from api.dependencies import ServicesDep

router = APIRouter(prefix="/v1/repeatability", tags=["analyses"])


@router.get("")
def get_repeatability(
    services: ServicesDep,
    caller: CurrentCaller,
    setting: Annotated[
        RepeatSetting,
        Query(description="Repeats of the same day, or the first clip of each of several days."),
    ] = "refilmed",
) -> Repeatability:
    """Return the error of measurement over your repeats: analyses that were sent with `repeat_of`.

    For each measure of each movement: within-person SD, SEM, minimal detectable change and Bland-Altman statistics with
    95 % intervals. `files` are the ids of analyses. With enough repeats (`is_used`), comparisons and timelines use
    `least_change` in place of the literature's values.
    """
    return measure_owner_repeatability(services, caller.owner_id, setting)
