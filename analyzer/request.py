"""What a person asks of one clip."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from analyzer.settings import ModelName

FILMING_ADVICE = "Film the whole body from the side, 2.5-4 m away"


@dataclass(frozen=True)
class AnalysisRequest:
    """What the person asks of one clip; every field may be left as it is.

    `marks` holds what the client reports and the coach adds, as JSON values: `docs/marks.md`.
    """

    movement: str = "auto"
    variant: str | None = None
    load_kg: float | None = None
    height_cm: float | None = None
    subject: str = "auto"
    model: ModelName = "full"
    marks: Mapping[str, Any] | None = None
