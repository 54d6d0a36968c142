"""Bodies of batches."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from api.schemas.analyses import AnalysisOptions, FailureOut
from api.schemas.fields import Name, ResponseModel


class BatchOptions(AnalysisOptions):
    """Options of a batch. Those of an analysis apply to each of its clips."""

    name: Annotated[Name, Field(description="Name of the batch.")] = "batch"


class BatchCountsOut(ResponseModel):
    """Number of clips of a batch in each status, and of files that were refused."""

    queued: int = 0
    running: int = 0
    done: int = 0
    failed: int = 0
    cancelled: int = 0
    refused: int = Field(default=0, description="Files that were not accepted; each has an entry in `refused`.")


class RefusedFileOut(FailureOut):
    """A file of a batch that was not accepted, and why."""

    file: str | None = Field(
        default=None, description="Name of the file; null in batches of older versions.", examples=["notes.txt"]
    )


class BatchOut(ResponseModel):
    """A batch."""

    id: str = Field(examples=["bat_5f0c9e1b7a3d2c4e6f80"])
    name: str
    total: int | None = Field(description="Files that were sent; null while they are being received.")
    counts: BatchCountsOut
    refused: list[RefusedFileOut] = Field(default=[], description="Files that were not accepted, and why.")
    cancelled_at: datetime | None
    created_at: datetime
    links: dict[str, str]


class BatchPage(ResponseModel):
    """A page of batches, newest first."""

    items: list[BatchOut]
    next_cursor: str | None = None
