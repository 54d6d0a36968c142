"""Spine and hip angles, reps and a few helpful words from a side-view phone clip."""

from typing import TYPE_CHECKING, Any

from analyzer._version import __version__

__all__ = ["Analysis", "AnalyzerError", "ClipError", "ModelError", "__version__", "analyze"]

if TYPE_CHECKING:
    from analyzer.analysis.pipeline import analyze
    from analyzer.errors import AnalyzerError, ClipError, ModelError
    from analyzer.results.schema import Analysis

_HOMES = {"analyze": "analysis.pipeline", "Analysis": "results.schema"}


def __getattr__(name: str) -> Any:
    """Load the public names when asked for: `analyzer --help` need not wait for the pose library."""
    if name not in __all__:
        raise AttributeError(f"module 'analyzer' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"analyzer.{_HOMES.get(name, 'errors')}"), name)
