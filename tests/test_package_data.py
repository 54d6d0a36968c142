import sys

import pytest

from analyzer.package_data import find_library_file


@pytest.mark.parametrize(
    ("library", "path"),
    [("plotly", "package_data/plotly.min.js"), ("matplotlib", "mpl-data/fonts/ttf/DejaVuSans-Bold.ttf")],
)
def test_files_that_reports_take_from_libraries_are_there(library: str, path: str):
    assert find_library_file(library, path).is_file()


def test_a_library_is_not_imported_to_find_its_file(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delitem(sys.modules, "plotly", raising=False)
    find_library_file("plotly", "package_data/plotly.min.js")
    assert "plotly" not in sys.modules


def test_a_missing_library_is_named():
    with pytest.raises(ModuleNotFoundError, match="no_such_library"):
        find_library_file("no_such_library", "a.js")
