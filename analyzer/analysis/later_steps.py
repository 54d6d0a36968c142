"""Load what the steps after tracking need before they begin: names of modules, and of functions that cache a result."""

import sys
from importlib import import_module
from pkgutil import resolve_name
from typing import Any

MEASURING = (
    "analyzer.analysis.track_analysis",
    "analyzer.coaching.catalogue:load_catalogue",
    "analyzer.kinematics.back_rounding_model:load_rounding_model",
    "analyzer.movements.recognition:load_recognition_model",
    "analyzer.results.code_digest:digest_drawing_code",
)
"""What the steps from a track to a result need, but the movements, which other packages may bring."""

REPORTING = (
    "analyzer.report.rendering",
    "analyzer.report.pages.report_page",
    "analyzer.report.pages.templates:compile_all",
    "analyzer.report.charts.interactive_chart:pack_plotly_js",
)
"""What writing the files of a result needs, but the chart."""

CHART = "analyzer.report.charts.static_chart"
"""What drawing the chart needs."""

LOAD_PANDAS, MOVEMENTS = "analyzer.analysis.later_steps:load_pandas", "analyzer.movements.registry:load_movements"


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
