"""Read `analysis.json`."""

from pathlib import Path

from analyzer.results.schema import Analysis


def read_analysis(path: Path) -> Analysis:
    """Read a stored result.

    Raises
    ------
    FileNotFoundError : there is no such file.
    pydantic.ValidationError : it was written by another version.
    """
    return parse_analysis(path.read_bytes())


def parse_analysis(content: bytes) -> Analysis:
    """Return the result that the content of `analysis.json` describes; raises pydantic.ValidationError."""
    return Analysis.model_validate_json(content)
