"""Load the libraries of the steps after tracking, while the rest of the clip is tracked."""

import sys
from importlib import import_module
from pkgutil import resolve_name
from typing import Any

MEASURING = ("analyzer.analysis.track_analysis", "analyzer.movements.registry:load_movements")
"""What the steps from a track to a result need: names of modules, and of functions that cache their result."""

MEASURING_AND_REPORTING = (
    "analyzer.analysis.later_steps:load_pandas",
    *MEASURING,
    "analyzer.report.rendering",
    "matplotlib.backends.backend_agg",
    "matplotlib.backends.backend_svg",
    "analyzer.report.pages.report_page",
    "analyzer.report.charts.interactive_chart:pack_plotly_js",
)
"""What a program needs that writes a report as well."""


def load(name: str) -> None:
    """Import a module, or call a function `module:function` that caches its result."""
    if ":" in name:
        resolve_name(name)()
    else:
        import_module(name)


def load_pandas() -> None:
    """Import pandas without PyArrow, which our tables need, and then load, for Parquet files only: 33 MB less.

    For programs of this package: pandas remembers that PyArrow was missing, which is not for a library to decide.
    """
    modules: dict[str, Any] = sys.modules
    if "pandas" in modules or "pyarrow" in modules:
        return
    modules["pyarrow"] = None  # as if it were not installed
    try:
        import_module("pandas")
    finally:
        del modules["pyarrow"]
