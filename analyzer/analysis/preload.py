"""Load the libraries that every clip needs: the process that children are forked from imports only this module.

It must not start a thread, because a fork copies only the forking thread; movements of other packages are therefore
loaded by the children.
"""

import os
from contextlib import suppress
from importlib import import_module
from pkgutil import resolve_name

from analyzer.process_memory import configure_process
from analyzer.sandbox import check_confinement

_PRELOADED_MODULES = (
    "av",
    "cv2",
    "matplotlib.backends.backend_agg",
    "mediapipe",
    "pandas",
    "scipy.signal",
    "analyzer.cli.main",  # a child loads its main program again
    "analyzer.analysis.track_analysis",
    "analyzer.analysis.outputs",
    "analyzer.pose.landmarker",
    "analyzer.report.charts.interactive_chart",
    "analyzer.report.pages.report_page",
    "analyzer.report.video.annotated_video",
)
_CACHED_FUNCTIONS = (  # functions that cache their result
    "analyzer.coaching.catalogue:load_catalogue",
    "analyzer.coaching.screening:screen",
    "analyzer.coaching.trainable_menu:load_menu",
    "analyzer.kinematics.back_rounding_model:load_rounding_model",
    "analyzer.report.charts.interactive_chart:pack_plotly_js",
    "analyzer.report.pages.templates:compile_all",
)

configure_process()  # before the libraries are loaded
os.environ.setdefault("JE_ARROW_MALLOC_CONF", "background_thread:false")  # no thread by the allocator of pyarrow
for _name in _PRELOADED_MODULES:
    import_module(_name)
check_confinement()  # loads the libraries that confine a child
for _name in _CACHED_FUNCTIONS:
    with suppress(Exception):  # a child meets the same error and reports it
        resolve_name(_name)()
for _entry in resolve_name("analyzer.movements.registry:list_entry_points")():
    if _entry.module.startswith("analyzer."):
        import_module(_entry.module)
