"""`angles.csv` and `analysis.json`."""

from pathlib import Path

import numpy as np
import pandas as pd

from analyzer.atomic_files import atomic_write
from analyzer.results.schema import Analysis
from analyzer.vocabulary.angles import ANGLE_DISPLAYS, SD_COLUMNS

ANGLES_CSV_DECIMALS: dict[str, int] = {
    "frame": 0,
    "time_s": 4,
    **dict.fromkeys(ANGLE_DISPLAYS, 2),
    "confidence": 3,
    **dict.fromkeys(SD_COLUMNS, 2),
}
"""The columns of `angles.csv`, in their order, and the decimals of each."""


def write_angles_csv(angles: pd.DataFrame, path: str | Path) -> None:
    """Write one row a source frame, seconds and degrees with fixed decimals, unknown values as empty cells.

    `angles` must have every column of `ANGLES_CSV_DECIMALS`; other columns are not written.
    """
    missing = [column for column in ANGLES_CSV_DECIMALS if column not in angles]
    if missing:
        raise ValueError(f"angles.csv needs the columns {', '.join(missing)}; got {', '.join(map(str, angles))}")
    text = pd.DataFrame(
        {column: _format_column(angles[column], decimals) for column, decimals in ANGLES_CSV_DECIMALS.items()}
    )
    with atomic_write(path) as temporary:
        text.to_csv(temporary, index=False, lineterminator="\n")


def write_analysis_json(analysis: Analysis, path: str | Path) -> None:
    """Write `analysis.json`: UTF-8, indented by two, one line feed at the end."""
    with atomic_write(path) as temporary:
        temporary.write_text(analysis.model_dump_json(indent=2) + "\n", encoding="utf-8")


def _format_column(values: pd.Series, decimals: int) -> list[str]:
    """Return numbers as text with so many decimals; NaN as "", and never a negative zero."""
    rounded = np.round(values.to_numpy(dtype=float), decimals) + 0.0
    return ["" if np.isnan(value) else f"{value:.{decimals}f}" for value in rounded]
