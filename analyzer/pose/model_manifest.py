"""Manifest of the pose models: sources and expected SHA-256 of each."""

from functools import cache

from pydantic import BaseModel, ConfigDict, Field

from analyzer.package_data import find_resource
from analyzer.settings import ModelName

_SHA256 = r"^[0-9a-f]{64}$"


class _FrozenModel(BaseModel):
    model_config = ConfigDict(frozen=True)


class OfficialFile(_FrozenModel):
    """A file as its publisher offers it."""

    url: str
    sha256: str = Field(pattern=_SHA256)
    bytes: int


class TfliteFile(_FrozenModel):
    """A plain TFLite model inside a wheel."""

    path: str
    sha256: str = Field(pattern=_SHA256)


class AssembledFile(_FrozenModel):
    """A `.task` file assembled from the TFLite files of an older wheel."""

    sha256: str = Field(pattern=_SHA256)
    bytes: int
    requirement: str
    python_version: str
    platforms: tuple[str, ...]
    detector: TfliteFile
    landmarks: TfliteFile


class ModelEntry(_FrozenModel):
    """One model: its file name and its sources, best first."""

    file: str
    official: tuple[OfficialFile, ...]
    assembled: AssembledFile | None = None

    @property
    def accepted_sha256(self) -> dict[str, str]:
        """Return every SHA-256 that the file may have, with the kind of that file: official or assembled."""
        kinds = {file.sha256: "official" for file in self.official}
        if self.assembled:
            kinds[self.assembled.sha256] = "assembled"
        return kinds


class ModelManifest(_FrozenModel):
    """Everything in `models/manifest.json` that the program needs."""

    licence: str
    models: dict[ModelName, ModelEntry]


@cache
def load_model_manifest() -> ModelManifest:
    """Read the manifest that ships with the analyzer, once."""
    return ModelManifest.model_validate_json(find_resource("models/manifest.json").read_text(encoding="utf-8"))
