"""The layers of the project: lower ones import nothing from higher ones, and no two modules import each other."""

from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path

import pytest

from tests.import_graph import EVERY_TIME, ImportGraph

ROOT = Path(__file__).resolve().parents[1]
GRAPH = ImportGraph(ROOT, ("analyzer", "api"))

LAYERS = (
    {"vocabulary"},
    {"kinematics", "clip"},
    {"pose"},
    {"results"},
    {"movements"},
    {"load", "coaching"},
    {"report", "export"},
    {"analysis"},
    {"compare"},
    {"batch"},
    {"cli"},
)
"""The packages of `analyzer`, lowest first: each may import those of its own layer and of lower ones."""

HEAVY = ("cv2", "mediapipe", "fastapi", "starlette")
"""What the packages for numbers alone must not bring along."""


def test_analyzer_imports_api_only_in_functions_of_its_service_commands():
    imports = [one for one in GRAPH.between("analyzer", "api") if one.when != "typing"]
    assert imports
    assert [str(one) for one in imports if one.when != "call" or not one.source.startswith("analyzer.cli.")] == []


def test_analyzer_names_types_of_api_only_in_its_service_commands():
    imports = [one for one in GRAPH.between("analyzer", "api") if one.when == "typing"]
    assert [str(one) for one in imports if not one.source.startswith("analyzer.cli.")] == []


@pytest.mark.parametrize("package", ["analyzer.kinematics", "analyzer.movements"])
def test_packages_for_numbers_reach_no_picture_pose_or_web_library(package: str):
    """Through other modules of the project too, both when they are loaded and when their functions are called."""
    modules = GRAPH.within(package)
    assert len(modules) > 1
    assert [chain for module in modules for chain in GRAPH.chains(module, HEAVY, ("load", "call"))] == []
    assert [str(one) for library in HEAVY for one in GRAPH.between(package, library)] == []


def test_no_two_modules_import_each_other_by_any_way_round():
    assert GRAPH.circle() == []


def test_every_package_has_a_layer():
    packages = {path.parent.name for path in (ROOT / "analyzer").glob("*/__init__.py")}
    assert packages == set().union(*LAYERS)


@pytest.mark.parametrize("layer", range(len(LAYERS) - 1))
def test_no_package_reaches_a_higher_layer(layer: int):
    """Through other modules of the project too; but for types, since `analyzer` itself names its public types so."""
    higher = [f"analyzer.{name}" for names in LAYERS[layer + 1 :] for name in names]
    modules = [module for name in LAYERS[layer] for module in GRAPH.within(f"analyzer.{name}")]
    assert [chain for module in modules for chain in GRAPH.chains(module, higher, ("load", "call"))] == []


# The graph itself, on small trees with known faults.


def graph_of(folder: Path, files: Mapping[str, str]) -> ImportGraph:
    for name, source in {"a/__init__.py": "", "b/__init__.py": "", **files}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(source, encoding="utf-8")
    return ImportGraph(folder, ("a", "b"))


@pytest.mark.parametrize(
    ("source", "target", "when"),
    [
        ("import b.two", "b.two", "load"),
        ("import b.two as other", "b.two", "load"),
        ("from b import two", "b.two", "load"),
        ("from b.two import function", "b.two", "load"),
        ("from b import function", "b", "load"),
        ("from . import three", "a.three", "load"),
        ("from .three import function", "a.three", "load"),
        ("try:\n    import b.two\nexcept ImportError:\n    pass", "b.two", "load"),
        ("class One:\n    import b.two", "b.two", "load"),
        ("if True:\n    import b.two", "b.two", "load"),
        ("def one():\n    import b.two", "b.two", "call"),
        ("async def one():\n    if True:\n        from b import two", "b.two", "call"),
        ("class One:\n    def one(self):\n        import b.two", "b.two", "call"),
        ("load = lambda: import_module('b.two')", "b.two", "call"),
        ("import_module('b.two')", "b.two", "load"),
        ("importlib.import_module('b.two')", "b.two", "load"),
        ("__import__('b.two')", "b.two", "load"),
        ("if TYPE_CHECKING:\n    import b.two", "b.two", "typing"),
        ("if typing.TYPE_CHECKING:\n    if True:\n        import b.two", "b.two", "typing"),
        ("if TYPE_CHECKING:\n    pass\nelse:\n    import b.two", "b.two", "load"),
        ("def one():\n    if TYPE_CHECKING:\n        import b.two", "b.two", "typing"),
        ("import cv2.dnn", "cv2.dnn", "load"),
    ],
)
def test_each_way_to_import_is_read(tmp_path: Path, source: str, target: str, when: str):
    graph = graph_of(tmp_path, {"a/one.py": source, "a/three.py": "", "b/two.py": ""})
    assert [(one.source, one.target, one.when) for one in graph.imports] == [("a.one", target, when)]


def test_an_import_relative_to_an_outer_package_is_read(tmp_path: Path):
    files = {"a/deep/__init__.py": "from .. import three", "a/deep/one.py": "from ..three import f", "a/three.py": ""}
    graph = graph_of(tmp_path, files)
    assert {(one.source, one.target) for one in graph.imports} == {("a.deep", "a.three"), ("a.deep.one", "a.three")}


@pytest.mark.parametrize("late", ["import a.one", "def f():\n    import a.one", "if TYPE_CHECKING:\n    import a.one"])
def test_a_circle_is_found_whenever_its_imports_run(tmp_path: Path, late: str):
    graph = graph_of(tmp_path, {"a/one.py": "import a.two", "a/two.py": "import b.three", "b/three.py": late})
    circle = graph.circle()
    assert circle[0] == circle[-1]
    assert set(circle) == {"a.one", "a.two", "b.three"}
    assert all(graph.between(*pair) for pair in pairwise(circle))


def test_a_circle_through_a_package_is_found(tmp_path: Path):
    graph = graph_of(tmp_path, {"a/__init__.py": "from a import one", "a/one.py": "from a import version"})
    assert set(graph.circle()) == {"a", "a.one"}


def test_a_package_that_imports_its_own_module_is_no_circle(tmp_path: Path):
    assert (
        graph_of(tmp_path, {"a/__init__.py": "from a import one", "a/one.py": "import a.two", "a/two.py": ""}).circle()
        == []
    )


def test_a_forbidden_library_is_found_behind_other_modules(tmp_path: Path):
    graph = graph_of(
        tmp_path, {"a/one.py": "import b.two", "b/two.py": "\nfrom b import three", "b/three.py": "import cv2.dnn"}
    )
    assert graph.chains("a.one", ["cv2"]) == [
        "a.one:1 imports b.two, b.two:2 imports b.three, b.three:1 imports cv2.dnn"
    ]
    assert graph.chains("a.one", ["cv"]) == []


def test_a_forbidden_library_is_found_in_a_package_that_python_loads_first(tmp_path: Path):
    graph = graph_of(tmp_path, {"a/one.py": "import b.two", "b/__init__.py": "import cv2", "b/two.py": ""})
    assert graph.chains("a.one", ["cv2"], ("load",)) != []


def test_only_the_wanted_kinds_of_import_are_followed(tmp_path: Path):
    graph = graph_of(tmp_path, {"a/one.py": "import b.two", "b/two.py": "def f():\n    import cv2"})
    assert graph.chains("a.one", ["cv2"], ("load",)) == []
    assert len(graph.chains("a.one", ["cv2"], ("load", "call"))) == 1
    assert len(graph.chains("a.one", ["cv2"], EVERY_TIME)) == 1


def test_a_forbidden_package_of_the_project_is_found(tmp_path: Path):
    graph = graph_of(tmp_path, {"a/one.py": "def f():\n    from b.two import function", "b/two.py": ""})
    assert [str(one) for one in graph.between("a", "b")] == ["a.one:2 imports b.two"]
    assert graph.between("b", "a") == []
    assert graph.chains("a.one", ["b"], ("load",)) == []
    assert len(graph.chains("a.one", ["b"])) == 1
