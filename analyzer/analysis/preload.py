"""What every clip needs, loaded once: the process that children are forked from imports this and nothing else.

It must run no thread, since a fork copies only the one that forks: movements from elsewhere are left to the children.
"""

import os
from contextlib import suppress
from importlib import import_module
from pkgutil import resolve_name

from analyzer.process_memory import configure_process

_PRELOADED_MODULES = (
    "av",
    "cv2",
    "matplotlib.backends.backend_agg",
    "mediapipe",
    "pandas",
    "scipy.signal",
    "analyzer.cli.main",  # a child loads the program that it was started from again
    "analyzer.analysis.track_analysis",
    "analyzer.analysis.outputs",
    "analyzer.pose.landmarker",
    "analyzer.report.charts.interactive_chart",
    "analyzer.report.pages.report_page",
    "analyzer.report.video.annotated_video",
)
_CACHED_FUNCTIONS = (  # what these give is kept for the next call
    "analyzer.coaching.catalogue:load_catalogue",
    "analyzer.coaching.screening:screen",
    "analyzer.coaching.trainable_menu:load_menu",
    "analyzer.kinematics.back_rounding_model:load_rounding_model",
    "analyzer.report.charts.interactive_chart:pack_plotly_js",
    "analyzer.report.pages.templates:compile_all",
)

configure_process()  # before any of them is loaded
os.environ.setdefault("JE_ARROW_MALLOC_CONF", "background_thread:false")  # pyarrow's allocator, which is not used
for _name in _PRELOADED_MODULES:
    import_module(_name)
for _name in _CACHED_FUNCTIONS:
    with suppress(Exception):  # a child meets it again, and tells it
        resolve_name(_name)()
for _entry in resolve_name("analyzer.movements.registry:list_entry_points")():
    if _entry.module.startswith("analyzer."):
        import_module(_entry.module)
