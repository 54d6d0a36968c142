"""Base classes of the pydantic models: no unknown fields, no infinite numbers."""

from typing import Any
from unicodedata import category

from pydantic import BaseModel, ConfigDict, SerializerFunctionWrapHandler, model_serializer


class StrictModel(BaseModel):
    """A model that refuses unknown fields, NaN and infinity."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class InputModel(StrictModel):
    """A part of a file that people write: immutable, without spaces around texts."""

    model_config = ConfigDict(frozen=True, str_strip_whitespace=True)


class SparseModel(StrictModel):
    """A model whose JSON leaves out fields that were not set; a field that was set to None is null."""

    @model_serializer(mode="wrap")
    def _drop_unset_fields(self, serialize: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return {name: value for name, value in serialize(self).items() if name in self.model_fields_set}


def check_printable(text: str) -> str:
    """Return a text that people write; raise ValueError for control characters, which no database stores safely.

    Line breaks and tabs are allowed; halves of surrogate pairs are not, since they are no characters.
    """
    if any(category(c) in ("Cc", "Cs") and c not in "\n\r\t" for c in text):
        raise ValueError("contains control characters")
    return text
