"""The libraries of the steps after tracking can be loaded before, and tracking itself loads none of them."""

import subprocess
import sys

import pytest

from analyzer.analysis.later_steps import CHART, LOAD_PANDAS, MEASURING, MOVEMENTS, REPORTING, load


def test_every_name_can_be_loaded():
    for name in (LOAD_PANDAS, *MEASURING, MOVEMENTS, *REPORTING, CHART):
        load(name)


def test_tracking_itself_needs_none_of_them():
    heavy = ("pandas", "scipy.interpolate", "matplotlib", "analyzer.analysis.track_analysis")
    program = f"import sys, analyzer.analysis.outputs; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("steps", "others"),
    [
        ("*steps.MEASURING, *steps.REPORTING", ("mediapipe", "scipy.stats", "plotly", "matplotlib")),
        ("steps.CHART,", ("mediapipe", "scipy", "pandas")),  # the child that tracked draws the chart
    ],
)
def test_the_steps_load_only_what_they_need(steps, others):
    program = (
        "import sys; from analyzer.analysis import later_steps as steps, outputs;"
        f"[steps.load(name) for name in ({steps})]; print([name for name in {others} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_pandas_loads_without_pyarrow_and_writes_parquet_all_the_same(tmp_path):
    program = (
        "import sys; from analyzer.analysis.later_steps import load_pandas; load_pandas();"
        "print('pyarrow.lib' in sys.modules); import pandas; table = pandas.DataFrame({'a': [1.5], 'b': ['x']});"
        f"path = {str(tmp_path / 'a.parquet')!r}; table.to_parquet(path, engine='pyarrow', index=False);"
        "print(pandas.read_parquet(path).equals(table))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "True"]
