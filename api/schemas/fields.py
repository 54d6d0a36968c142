"""Fields and base models that bodies of several nouns share."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from analyzer.strict_model import check_printable

_EARLIEST_YEAR, _LATEST_YEAR = 1900, 9998  # cameras without a clock write 1904; valid in every zone; chosen


def _in_utc(time: datetime) -> datetime:
    """Return a time in UTC, taking one without a zone as UTC; refuse times that nothing here can be from."""
    try:
        time_utc = time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
    except OverflowError:
        raise ValueError("is not a time between the years 1900 and 9998") from None
    if not _EARLIEST_YEAR <= time_utc.year <= _LATEST_YEAR:
        raise ValueError("is not a time between the years 1900 and 9998")
    return time_utc


def _id_check(prefix: str, advice: str) -> Callable[[str], str]:
    def check(text: str) -> str:
        """Return an id; refuse anything else, such as a name, which would find nothing without saying why."""
        if re.fullmatch(rf"{prefix}_[0-9a-f]{{20}}", text) is None:
            raise ValueError(f"is not an id; {advice}")
        return text

    return check


ClientId = Annotated[
    str,
    Field(description="Id of a client.", json_schema_extra={"pattern": "^cli_[0-9a-f]{20}$"}),
    AfterValidator(_id_check("cli", "give the id of a client (cli_...), from GET /v1/clients")),
]
BatchId = Annotated[
    str,
    Field(description="Id of a batch.", json_schema_extra={"pattern": "^bat_[0-9a-f]{20}$"}),
    AfterValidator(_id_check("bat", "give the id of a batch (bat_...), from GET /v1/batches")),
]
InputTime = Annotated[datetime, AfterValidator(_in_utc)]
Printable = Annotated[str, AfterValidator(check_printable)]
Name = Annotated[str, Field(min_length=1, max_length=120), AfterValidator(check_printable)]
Note = Annotated[str, Field(max_length=2000), AfterValidator(check_printable)]
LoadKg = Annotated[float, Field(ge=0, le=1000, description="Load lifted, kg.", examples=[60])]


class RequestModel(BaseModel):
    """A body that a client sends: unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, str_strip_whitespace=True)


class ResponseModel(BaseModel):
    """A body that the service sends."""

    model_config = ConfigDict(allow_inf_nan=False)
