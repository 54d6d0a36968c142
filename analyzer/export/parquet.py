"""`angles.parquet`, `reps.parquet`, `holds.parquet` and `stages.parquet`: data frames that stack over clips."""

from pathlib import Path

from analyzer.atomic_files import atomic_write
from analyzer.export.event_tables import make_event_dataframes
from analyzer.results.schema import Analysis


def write_parquet(analysis: Analysis, folder: Path) -> None:
    """Write the angles at full precision, NaN as null, and one table for each kind of event that has rows."""
    for name, table in {"angles": analysis.angles, **make_event_dataframes(analysis)}.items():
        with atomic_write(folder / f"{name}.parquet") as temporary:
            table.to_parquet(temporary, engine="pyarrow", index=False)
