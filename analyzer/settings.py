"""Settings of the library; each can be set by an environment variable ANALYZER_<NAME>."""

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from platformdirs import user_cache_path
from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

ModelName = Literal["lite", "full", "heavy"]
ModelChoice = Literal["auto", "lite", "full", "heavy"]
POSE_MODELS: Mapping[ModelChoice, tuple[ModelName, ...]] = {
    "auto": ("full", "heavy"),
    "lite": ("lite",),
    "full": ("full",),
    "heavy": ("heavy",),
}
"""The pose models of a choice: the last one tracks a clip again where the first leaves joints uncertain."""


class Settings(BaseSettings):
    """Limits, threads and folders of a deployment. Thresholds of measurements are beside the code that uses them."""

    model_config = SettingsConfigDict(env_prefix="ANALYZER_", frozen=True)

    cache_dir: Path = Field(
        default_factory=lambda: user_cache_path("movement-analyzer"),
        description="folder of the downloaded pose models",
    )
    max_duration_s: float = Field(default=1800, gt=0, description="longest clip accepted, seconds")
    max_file_bytes: int = Field(default=8 * 2**30, gt=0, description="largest file accepted, bytes")
    max_frame_px: int = Field(default=4096 * 2304, gt=0, description="largest frame accepted, pixels")
    pose_threads: int = Field(default=2, ge=1, le=16, description="parts of one clip that are tracked at the same time")
