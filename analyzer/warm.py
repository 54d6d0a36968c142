"""What every clip needs, loaded once: the process that children are forked from imports this and nothing else.

It must run no thread, since a fork copies only the one that forks: movements from elsewhere are left to the children.
"""

import os
from contextlib import suppress
from importlib import import_module
from pkgutil import resolve_name

from analyzer.memory import settle_process

_HEAVY = (
    "av",
    "cv2",
    "matplotlib.backends.backend_agg",
    "mediapipe",
    "pandas",
    "scipy.signal",
    "analyzer.cli",  # a child loads the program that it was started from again
    "analyzer.measure",
    "analyzer.outputs",
    "analyzer.pose.landmarker",
    "analyzer.report.chart",
    "analyzer.report.html",
    "analyzer.report.video",
)
_KEPT = (  # what these give is kept for the next call
    "analyzer.coaching.catalogue:load",
    "analyzer.coaching.clinician:screen",
    "analyzer.coaching.menu:rows",
    "analyzer.kinematics.back_model:back_model",
    "analyzer.report.chart:packed_plotly_js",
    "analyzer.report.templates:compile_all",
)

settle_process()  # before any of them is loaded
os.environ.setdefault("JE_ARROW_MALLOC_CONF", "background_thread:false")  # pyarrow's allocator, which is not used
for _name in _HEAVY:
    import_module(_name)
for _name in _KEPT:
    with suppress(Exception):  # a child meets it again, and tells it
        resolve_name(_name)()
for _entry in resolve_name("analyzer.movements.registry:entries")():
    if _entry.module.startswith("analyzer."):
        import_module(_entry.module)
