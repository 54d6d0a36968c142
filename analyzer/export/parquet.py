"""`angles.parquet`, `reps.parquet`, `holds.parquet` and `stages.parquet`: data frames that stack over clips."""

from pathlib import Path

from analyzer.atomic_files import atomic_write
from analyzer.export.column_types import type_unknown_columns
from analyzer.export.event_tables import make_event_dataframes
from analyzer.results.schema import Analysis


def write_parquet(analysis: Analysis, folder: Path) -> None:
    """Write the angles at full precision, NaN as null, and one table for each kind of event that has rows.

    A measure that is unknown in every row has the type of its values all the same, so that tables of clips in which it
    is known and of others can be read as one.
    """
    events = {name: type_unknown_columns(table) for name, table in make_event_dataframes(analysis).items()}
    for name, table in {"angles": analysis.angles, **events}.items():
        with atomic_write(folder / f"{name}.parquet") as temporary:
            table.to_parquet(temporary, engine="pyarrow", index=False)
