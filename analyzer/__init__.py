"""Body angles, back rounding, repetitions and findings from a phone clip.

>>> import analyzer
>>> result = analyzer.analyze("hinge.mp4", movement="hinge")
>>> result.angles["trunk_thigh_deg"].max()

The public API is `__all__`; everything else may change between versions.
"""

from typing import TYPE_CHECKING, Any

from analyzer._version import __version__

__all__ = ["Analysis", "AnalyzerError", "ClipError", "ModelError", "Settings", "__version__", "analyze"]

if TYPE_CHECKING:
    from analyzer.analysis.pipeline import analyze
    from analyzer.errors import AnalyzerError, ClipError, ModelError
    from analyzer.results.schema import Analysis
    from analyzer.settings import Settings

_MODULES = {
    "Analysis": "results.schema",
    "AnalyzerError": "errors",
    "ClipError": "errors",
    "ModelError": "errors",
    "Settings": "settings",
    "analyze": "analysis.pipeline",
}


def __dir__() -> list[str]:
    """List the public names too, which are imported when they are first used: for completion and `help`."""
    return sorted({*globals(), *__all__})


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used, so that `analyzer --help` does not load the pose library."""
    if name not in _MODULES:
        raise AttributeError(f"module 'analyzer' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"analyzer.{_MODULES[name]}"), name)
