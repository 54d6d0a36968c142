"""Bodies of what the service offers, and of its health."""

from typing import Literal

from pydantic import Field

from analyzer.movements.protocol import MovementInfo
from api.schemas.fields import ResponseModel


class MovementList(ResponseModel):
    """All installed movements, in the order of their titles."""

    items: list[MovementInfo]


class HealthOut(ResponseModel):
    """Health or readiness of the service."""

    status: Literal["ok", "not_ready"]
    checks: dict[str, str] = Field(
        default={}, examples=[{"database": "ok", "files": "ok", "disk": "ok", "worker": "ok", "cleanup": "ok"}]
    )
