"""The libraries of the steps after tracking are loaded while the clip is tracked."""

import subprocess
import sys

from analyzer.analysis.later_steps import MEASURING_AND_REPORTING, load


def test_every_name_can_be_loaded():
    for name in MEASURING_AND_REPORTING:
        load(name)


def test_tracking_itself_needs_none_of_them():
    heavy = ("pandas", "scipy.signal", "matplotlib", "analyzer.analysis.track_analysis")
    program = f"import sys, analyzer.analysis.outputs; print([name for name in {heavy} if name in sys.modules])"
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
