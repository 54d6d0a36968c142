"""Bodies of sign-ins, pairing and the caller."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from api.schemas.fields import Name, Printable, RequestModel, ResponseModel

AuthMethod = Literal["open", "key", "sign_in"]
"""How a caller authenticated; "open": any caller on this machine."""


class SignInRequest(RequestModel):
    """A key to exchange for a sign-in cookie."""

    key: Printable = Field(min_length=1, max_length=200, examples=["mak_5f0c9e1b7a3d2c4e6f80_..."])


class SignInPatch(RequestModel):
    """A name for a signed-in phone."""

    name: Name = Field(examples=["Phone at the squat rack"])


class SignInOut(ResponseModel):
    """A signed-in phone or other browser."""

    id: str = Field(examples=["sgn_5f0c9e1b7a3d2c4e6f80"])
    name: str = Field(examples=["iPhone, Safari"])
    current: bool = Field(description="Whether this request came from it.")
    created_at: datetime
    last_used_at: datetime | None
    expires_at: datetime = Field(description="When it is signed out unless it is used before.")


class SignInPage(ResponseModel):
    """All valid sign-ins of one owner, newest first."""

    items: list[SignInOut]


class PairingOut(ResponseModel):
    """A link that signs one browser in, once."""

    url: str = Field(examples=["http://192.168.1.5:8000/pair/pair_..."])
    expires_at: datetime


class LimitsOut(ResponseModel):
    """Limits of one owner."""

    max_upload_bytes: int
    max_duration_s: float
    max_queued: int
    max_batch_clips: int
    requests_per_minute: int
    share_days: float
    retention_days: float | None


class CallerOut(ResponseModel):
    """The caller, and how the service is reached."""

    owner: str = Field(examples=["local"])
    auth: AuthMethod
    lan: bool
    tls: bool
    version: str
    limits: LimitsOut
