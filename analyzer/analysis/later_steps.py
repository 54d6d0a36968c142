"""Load the libraries of the steps after tracking, while the rest of the clip is tracked."""

from importlib import import_module
from pkgutil import resolve_name

MEASURING = ("analyzer.analysis.track_analysis", "analyzer.movements.registry:load_movements")
"""What the steps from a track to a result need: names of modules, and of functions that cache their result."""

REPORTING = (
    "analyzer.report.rendering",
    "matplotlib.backends.backend_agg",
    "matplotlib.backends.backend_svg",
    "analyzer.report.pages.report_page",
    "analyzer.report.charts.interactive_chart:pack_plotly_js",
)
"""What writing the report needs beyond that."""


def load(name: str) -> None:
    """Import a module, or call a function `module:function` that caches its result."""
    if ":" in name:
        resolve_name(name)()
    else:
        import_module(name)
