"""Bodies of share links."""

from datetime import datetime

from pydantic import Field

from api.schemas.fields import RequestModel, ResponseModel


class ShareIn(RequestModel):
    """Options of a share link."""

    days: int | None = Field(default=None, ge=1, le=365, examples=[30])


class ShareOut(ResponseModel):
    """A link to the client's page."""

    id: str = Field(examples=["shr_5f0c9e1b7a3d2c4e6f80"])
    analysis: str
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None = None
    url: str | None = Field(default=None, description="Shown only when the link is created.")


class SharePage(ResponseModel):
    """The links of an analysis."""

    items: list[ShareOut]
