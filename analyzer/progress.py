"""Progress of an analysis: its stages, and the callback that receives them."""

from collections.abc import Callable
from typing import Literal

ProgressStage = Literal[
    "getting the model", "finding the person", "tracking", "video", "writing the report", "side by side"
]
"""The stages of an analysis in their order, and the one of a comparison; the API and the page show the same words."""

ProgressCallback = Callable[[ProgressStage, int, int], None]
"""Called with the stage, the steps of it that are done, and its number of steps."""
