"""Typed measures of movements, and the border between them and the JSON of a result."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Generic, Self, TypeVar

from pydantic import BaseModel, ConfigDict

from analyzer.results.measured_reps import select_measured_reps
from analyzer.results.schema import Rep

JsonObject = dict[str, object]
"""JSON values by their keys, as a result stores them."""


class Measures(BaseModel):
    """Measures of a rep, hold, stage or clip; fields are JSON keys, with units in the names and None where unknown.

    A result that an older version stored may lack keys or have others: every field has a default, other keys are
    ignored.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", validate_by_name=True, validate_by_alias=True)

    @classmethod
    def from_json(cls, values: Mapping[str, object]) -> Self:
        """Read measures from a result. Raises ValidationError for a value of another type."""
        return cls.model_validate(values)

    def to_json(self, *, skip_unset: bool = False) -> JsonObject:
        """Return JSON values in the order of the fields; `skip_unset` leaves out the fields that were not given."""
        return self.model_dump(mode="json", by_alias=True, exclude_unset=skip_unset)


MeasuresT = TypeVar("MeasuresT", bound=Measures)


@dataclass(frozen=True)
class MeasuredRep(Generic[MeasuresT]):
    """A rep of a result with its typed measures."""

    rep: Rep
    measures: MeasuresT


def read_measured_reps(reps: Iterable[Rep], model: type[MeasuresT]) -> list[MeasuredRep[MeasuresT]]:
    """Return the reps whose measures stand for the set, with their typed measures; see `select_measured_reps`."""
    return [MeasuredRep(rep, model.from_json(rep.measures)) for rep in select_measured_reps(reps)]


def build_rep_evidence(reps: Iterable[Rep], **values: object) -> JsonObject:
    """Build the evidence of an observation about a set: number of reps, time of each turn, and these values."""
    times_s = [rep.bottom_s for rep in reps]
    return {"reps": len(times_s), "times_s": times_s, **values}
