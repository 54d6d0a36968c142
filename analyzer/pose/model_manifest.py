"""Manifest of the pose models: sources and expected SHA-256 of each."""

from functools import cache
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from analyzer.package_data import find_resource
from analyzer.settings import ModelName

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]

FileState = Literal["ok", "absent", "wrong"]
"""State of a stored file; "wrong": its SHA-256 is another than expected."""


class _FrozenModel(BaseModel):
    model_config = ConfigDict(frozen=True)


class OfficialFile(_FrozenModel):
    """A file as its publisher offers it."""

    url: str
    sha256: Sha256
    bytes: int


class WheelPackage(_FrozenModel):
    """An older wheel, and the SHA-256 of the files that are taken from it, by their paths."""

    requirement: str
    python_version: str
    platforms: tuple[str, ...]
    files: dict[str, Sha256]


class NpmPackage(_FrozenModel):
    """An npm package (name and version), and the SHA-256 of the files that are taken from it, by their paths."""

    package: str
    files: dict[str, Sha256]


class AssembledFile(_FrozenModel):
    """A `.task` file assembled from two TFLite files, each by its path in one of the packages."""

    sha256: Sha256
    bytes: int
    wheel: WheelPackage
    npm: NpmPackage | None = None
    detector: str
    landmarks: str

    @model_validator(mode="after")
    def _parts_are_in_a_package(self) -> Self:
        files = {*self.wheel.files, *(self.npm.files if self.npm else ())}
        if not {self.detector, self.landmarks} <= files:
            raise ValueError("detector and landmarks must be files of the packages")
        return self


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
