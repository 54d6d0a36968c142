"""Spine and hip angles, reps and a few helpful words from a side-view phone clip."""

from typing import TYPE_CHECKING, Any

from analyzer._version import __version__

__all__ = ["Analysis", "AnalyzerError", "ClipError", "ModelError", "__version__", "analyze"]

if TYPE_CHECKING:
    from analyzer.errors import AnalyzerError, ClipError, ModelError
    from analyzer.pipeline import analyze
    from analyzer.result import Analysis

_HOMES = {"analyze": "pipeline", "Analysis": "result"}


def __getattr__(name: str) -> Any:
    """Load the public names when asked for: `analyzer --help` need not wait for the pose library."""
    if name not in __all__:
        raise AttributeError(f"module 'analyzer' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"analyzer.{_HOMES.get(name, 'errors')}"), name)
