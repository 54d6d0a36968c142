"""The libraries of the steps after tracking are loaded while the clip is tracked."""

import subprocess
import sys

from analyzer.analysis.later_steps import MEASURING, REPORTING, load


def test_every_name_can_be_loaded():
    for name in (*MEASURING, *REPORTING):
        load(name)


def test_tracking_itself_needs_none_of_them():
    heavy = ("pandas", "scipy.signal", "matplotlib", "analyzer.analysis.track_analysis")
    program = f"import sys, analyzer.analysis.outputs; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
