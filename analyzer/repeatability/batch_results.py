"""Read the clips of a finished batch with their clients and days."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from pydantic import ValidationError

from analyzer.batch.clip_record import MARKER_FILE, get_result_folder
from analyzer.repeatability.repeats import RepeatClip
from analyzer.repeatability.schema import RepeatabilityError
from analyzer.results.analysis_file import read_analysis

_TABLE = "summary.parquet"
_COLUMN = "given_repeat"
"""Of the column `repeat` in clips.csv."""


def is_batch_output(folder: Path) -> bool:
    """Return whether a folder holds the results of a batch."""
    return (folder / MARKER_FILE).is_file()


def read_batch_results(out: Path) -> tuple[list[RepeatClip], list[str]]:
    """Read the results of a batch.

    Where clips.csv has a column `repeat`, only clips with something in it count.

    Returns
    -------
    The clips with a client and a result, and one line for each other clip.

    Raises
    ------
    RepeatabilityError : the tables of the batch are missing, or no clip has a client.
    """
    rows = _read_rows(out)
    has_marks = any(row.get(_COLUMN) for row in rows)
    clips: list[RepeatClip] = []
    left_out: list[str] = []
    for row in rows:
        if has_marks and not row.get(_COLUMN):
            continue
        read = _read_clip(row, out)
        if isinstance(read, str):
            left_out.append(f"{row['file']}: {read}")
        else:
            clips.append(read)
    if rows and not any(row["client"] for row in rows):
        raise RepeatabilityError(
            f"{out}: no clip has a client, so it is unknown who was filmed twice. List the clips in clips.csv with the "
            "columns file and client (docs/repeatability.md)."
        )
    return clips, left_out


def _read_rows(out: Path) -> Sequence[Mapping[str, Any]]:
    try:
        rows: list[dict[str, Any]] = pq.read_table(out / _TABLE).to_pylist()
    except (OSError, ValueError) as error:
        raise RepeatabilityError(
            f"{out}: its {_TABLE} cannot be read ({error}). Run analyzer batch again; finished clips are not repeated."
        ) from None
    return rows


def _read_clip(row: Mapping[str, Any], out: Path) -> RepeatClip | str:
    """Return the clip of a row, or why it cannot be used."""
    if row["state"] != "done":
        return row["reason"] or "is not analysed yet"
    if not row["client"]:
        return "its client is unknown; write it into the column client of clips.csv"
    try:
        analysis = read_analysis(get_result_folder(out, row["file"]) / "analysis.json")
    except (OSError, ValidationError):
        return "its result cannot be read; run analyzer batch again"
    return RepeatClip(row["file"], row["client"], row["date"], analysis)
