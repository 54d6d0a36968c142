"""Types of the columns of event tables, so that the tables of several clips have the same ones."""

from collections.abc import Iterator
from typing import Literal, get_args, get_origin

import pandas as pd
from pydantic import BaseModel

from analyzer.movements.registry import load_movements
from analyzer.movements.typed_measures import Measures
from analyzer.results.schema import Hold, Rep, Stage
from analyzer.vocabulary.units import split_unit

_DTYPES = {bool: "boolean", int: "float64", float: "float64", str: "string"}


def type_unknown_columns(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table of events in which columns without any value have the type that their values would have.

    The type is that of the result's schema and of the movements' typed measures (`Measures`), else float where the name
    ends in a unit. A column of another kind keeps no type.
    """
    kinds = None
    typed = table.copy()
    for name in [str(column) for column in table.columns if table[column].isna().all()]:
        kinds = kinds if kinds is not None else _find_kinds_of_measures()
        kind = kinds.get(name, float if split_unit(name)[1] is not None else None)
        if kind is not None:
            typed[name] = pd.Series(None, index=table.index, dtype=_DTYPES[kind])
    return typed


def _find_kinds_of_measures() -> dict[str, type]:
    """Return the kind of each field of an event and each measure of the installed movements, by its name.

    Names that have several kinds are left out.
    """
    load_movements()
    kinds: dict[str, set[type]] = {}
    models: list[type[BaseModel]] = [Rep, Hold, Stage, *_list_models(Measures)]
    for model in models:
        for name, field in model.model_fields.items():
            kinds.setdefault(name, set()).update(_list_kinds(field.annotation))
    return {name: next(iter(found)) for name, found in kinds.items() if len(found) == 1 and found <= set(_DTYPES)}


def _list_models(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    for below in model.__subclasses__():
        yield below
        yield from _list_models(below)


def _list_kinds(annotation: object) -> set[type]:
    """Return the types that an annotation allows, without None; a literal has the types of its values."""
    if get_origin(annotation) is Literal:
        return {type(value) for value in get_args(annotation)}
    parts = get_args(annotation)
    if not parts or isinstance(annotation, type):
        return set() if annotation is type(None) else {annotation if isinstance(annotation, type) else object}
    return set().union(*(_list_kinds(part) for part in parts))
