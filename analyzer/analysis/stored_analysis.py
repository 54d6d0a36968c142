"""Read a stored result with every key measure of its movement, also one that an older version wrote."""

from pathlib import Path

from analyzer.movements.stored_key_measures import complete_key_measures
from analyzer.results.analysis_file import parse_analysis
from analyzer.results.schema import Analysis


def read_stored_analysis(path: Path) -> Analysis:
    """Read a stored result.

    Raises
    ------
    FileNotFoundError : there is no such file.
    pydantic.ValidationError : it was written by another version.
    """
    return parse_stored_analysis(path.read_bytes())


def parse_stored_analysis(content: bytes) -> Analysis:
    """Return the result that the content of `analysis.json` describes; raises pydantic.ValidationError."""
    return complete_key_measures(parse_analysis(content))
