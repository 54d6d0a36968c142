"""What every clip needs, loaded once: the process that children are forked from imports this and nothing else.

It must run no thread, since a fork copies only the one that forks.
"""

import os

from analyzer.memory import settle_process

settle_process()
os.environ.setdefault("JE_ARROW_MALLOC_CONF", "background_thread:false")  # pyarrow's allocator, which is not used

import av  # noqa: E402, F401
import cv2  # noqa: E402, F401
import matplotlib.backends.backend_agg  # noqa: E402, F401
import mediapipe  # noqa: E402, F401
import pandas  # noqa: E402, F401
import scipy.signal  # noqa: E402, F401

import analyzer.cli  # noqa: E402  # a child loads the program that it was started from again
import analyzer.measure  # noqa: E402
import analyzer.outputs  # noqa: E402
import analyzer.pose.landmarker  # noqa: E402
import analyzer.report.chart  # noqa: E402
import analyzer.report.html  # noqa: E402
import analyzer.report.video  # noqa: E402, F401
