"""Layers of the project: lower ones import nothing from higher ones, and no two modules import each other."""

from collections.abc import Mapping
from itertools import combinations, pairwise
from pathlib import Path

import pytest

from tests.import_graph import EVERY_TIME, ImportGraph, project_graph

ROOT = Path(__file__).resolve().parents[1]

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
    {"repeatability"},
    {"cli"},
)
"""The packages of `analyzer`, lowest first: each may import those of its own layer and of lower ones."""

API_LAYERS = (
    {"json_object", "process_lifetime", "sign_in_lifetime"},
    {"settings"},
    {"db"},
    {"storage"},
    {"jobs"},
    {"batch", "cleanup"},
    {"worker"},
    {"schemas", "responses", "network"},
    {"serializers", "access"},
    {"analysis_events", "live_guide_files", "monitoring", "untrusted_files"},
    {"dependencies"},
    {"auth", "uploads"},
    {"analyses"},
    {"clients", "sessions"},
    {"routes"},
    {"app"},
    {"server"},
)
"""The packages and modules of `api`, lowest first: each may import those of its own layer and of lower ones."""

HEAVY = ("cv2", "mediapipe", "fastapi", "starlette")
"""Libraries that the purely numerical packages must not load."""


def test_analyzer_imports_api_only_in_functions_of_its_service_commands():
    imports = [statement for statement in project_graph().between("analyzer", "api") if statement.when != "typing"]
    assert imports
    assert [
        str(statement)
        for statement in imports
        if statement.when != "call" or not statement.source.startswith("analyzer.cli.")
    ] == []


def test_analyzer_names_types_of_api_only_in_its_service_commands():
    imports = [statement for statement in project_graph().between("analyzer", "api") if statement.when == "typing"]
    assert [str(statement) for statement in imports if not statement.source.startswith("analyzer.cli.")] == []


@pytest.mark.parametrize("package", ["analyzer.kinematics", "analyzer.movements"])
def test_numerical_packages_reach_no_image_pose_or_web_library(package: str):
    """Through other modules of the project too, both when they are loaded and when their functions are called."""
    modules = project_graph().within(package)
    assert len(modules) > 1
    assert [chain for module in modules for chain in project_graph().find_chains(module, HEAVY, ("load", "call"))] == []
    assert [str(statement) for library in HEAVY for statement in project_graph().between(package, library)] == []


def test_imports_form_no_cycle():
    assert project_graph().find_cycle() == []


def test_compare_imports_report_and_never_the_other_way_round():
    """Not even for types."""
    assert project_graph().between("analyzer.compare", "analyzer.report")
    assert [str(one) for one in project_graph().between("analyzer.report", "analyzer.compare")] == []


def test_every_package_has_a_layer():
    packages = {path.parent.name for path in (ROOT / "analyzer").glob("*/__init__.py")}
    assert packages == set().union(*LAYERS)


@pytest.mark.parametrize("layer", range(len(LAYERS) - 1))
def test_no_package_reaches_a_higher_layer(layer: int):
    """Through other modules of the project too, except for types: `analyzer` names its public types that way."""
    higher = [f"analyzer.{name}" for names in LAYERS[layer + 1 :] for name in names]
    modules = [module for name in LAYERS[layer] for module in project_graph().within(f"analyzer.{name}")]
    assert [
        chain for module in modules for chain in project_graph().find_chains(module, higher, ("load", "call"))
    ] == []


def test_every_package_and_module_of_api_has_a_layer():
    folder = ROOT / "api"
    packages = {path.parent.name for path in folder.glob("*/__init__.py")}
    modules = {path.stem for path in folder.glob("*.py")} - {"__init__"}
    assert sorted(packages | modules) == sorted(name for layer in API_LAYERS for name in layer)


@pytest.mark.parametrize("layer", range(len(API_LAYERS) - 1))
def test_no_part_of_api_reaches_a_higher_layer(layer: int):
    """At any time, types included, and through other modules of `api` too."""
    higher = [f"api.{name}" for names in API_LAYERS[layer + 1 :] for name in names]
    modules = [module for name in API_LAYERS[layer] for module in project_graph().within(f"api.{name}")]
    assert [chain for module in modules for chain in project_graph().find_chains(module, higher)] == []


def test_packages_of_api_exchange_imports_in_one_direction_only():
    packages = sorted(name for layer in API_LAYERS for name in layer)
    both_ways = [
        (a, b)
        for a, b in combinations(packages, 2)
        if project_graph().between(f"api.{a}", f"api.{b}") and project_graph().between(f"api.{b}", f"api.{a}")
    ]
    assert both_ways == []


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
    assert [(statement.source, statement.target, statement.when) for statement in graph.imports] == [
        ("a.one", target, when)
    ]


def test_an_import_relative_to_an_outer_package_is_read(tmp_path: Path):
    files = {"a/deep/__init__.py": "from .. import three", "a/deep/one.py": "from ..three import f", "a/three.py": ""}
    graph = graph_of(tmp_path, files)
    assert {(statement.source, statement.target) for statement in graph.imports} == {
        ("a.deep", "a.three"),
        ("a.deep.one", "a.three"),
    }


@pytest.mark.parametrize("late", ["import a.one", "def f():\n    import a.one", "if TYPE_CHECKING:\n    import a.one"])
def test_a_cycle_is_found_whenever_its_imports_run(tmp_path: Path, late: str):
    graph = graph_of(tmp_path, {"a/one.py": "import a.two", "a/two.py": "import b.three", "b/three.py": late})
    cycle = graph.find_cycle()
    assert cycle[0] == cycle[-1]
    assert set(cycle) == {"a.one", "a.two", "b.three"}
    assert all(graph.between(*pair) for pair in pairwise(cycle))


def test_a_cycle_through_a_package_is_found(tmp_path: Path):
    graph = graph_of(tmp_path, {"a/__init__.py": "from a import one", "a/one.py": "from a import version"})
    assert set(graph.find_cycle()) == {"a", "a.one"}


def test_a_package_that_imports_its_own_module_is_no_cycle(tmp_path: Path):
    assert (
        graph_of(
            tmp_path, {"a/__init__.py": "from a import one", "a/one.py": "import a.two", "a/two.py": ""}
        ).find_cycle()
        == []
    )


def test_a_forbidden_library_is_found_behind_other_modules(tmp_path: Path):
    graph = graph_of(
        tmp_path, {"a/one.py": "import b.two", "b/two.py": "\nfrom b import three", "b/three.py": "import cv2.dnn"}
    )
    assert graph.find_chains("a.one", ["cv2"]) == [
        "a.one:1 imports b.two, b.two:2 imports b.three, b.three:1 imports cv2.dnn"
    ]
    assert graph.find_chains("a.one", ["cv"]) == []


def test_a_forbidden_library_is_found_in_a_package_that_python_loads_first(tmp_path: Path):
    graph = graph_of(tmp_path, {"a/one.py": "import b.two", "b/__init__.py": "import cv2", "b/two.py": ""})
    assert graph.find_chains("a.one", ["cv2"], ("load",)) != []


def test_only_the_wanted_kinds_of_import_are_followed(tmp_path: Path):
    graph = graph_of(tmp_path, {"a/one.py": "import b.two", "b/two.py": "def f():\n    import cv2"})
    assert graph.find_chains("a.one", ["cv2"], ("load",)) == []
    assert len(graph.find_chains("a.one", ["cv2"], ("load", "call"))) == 1
    assert len(graph.find_chains("a.one", ["cv2"], EVERY_TIME)) == 1


def test_a_forbidden_package_of_the_project_is_found(tmp_path: Path):
    graph = graph_of(tmp_path, {"a/one.py": "def f():\n    from b.two import function", "b/two.py": ""})
    assert [str(statement) for statement in graph.between("a", "b")] == ["a.one:2 imports b.two"]
    assert graph.between("b", "a") == []
    assert graph.find_chains("a.one", ["b"], ("load",)) == []
    assert len(graph.find_chains("a.one", ["b"])) == 1
