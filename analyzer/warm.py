"""What every clip needs, loaded once: the process that children are forked from imports this and nothing else.

It must run no thread, since a fork copies only the one that forks.
"""

import os
from importlib import import_module

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

settle_process()  # before any of them is loaded
os.environ.setdefault("JE_ARROW_MALLOC_CONF", "background_thread:false")  # pyarrow's allocator, which is not used
for _name in _HEAVY:
    import_module(_name)
