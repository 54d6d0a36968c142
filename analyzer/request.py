"""What a person asks of one clip."""

from dataclasses import dataclass

from analyzer.settings import ModelName

FILM_ADVICE = "Film the whole body from the side, 2.5-4 m away"


@dataclass(frozen=True)
class Request:
    """What the person asks of one clip; every field may be left as it is."""

    movement: str = "auto"
    variant: str | None = None
    load_kg: float | None = None
    height_cm: float | None = None
    subject: str = "auto"
    model: ModelName = "full"
