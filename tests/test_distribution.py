"""Modules that share the service and its analysed clips are named, and exist."""

from tests.distribution import _OF_ONE_SERVICE, _ONE_SERVICE, unit_of
from tests.parts import ROOT


def test_every_module_that_uses_the_analysed_clips_shares_one_service():
    modules = (ROOT / "tests" / "api" / "web").glob("test_*.py")
    using = {str(path.relative_to(ROOT)) for path in modules if "DoneAnalyses" in path.read_text()}
    assert using <= set(_OF_ONE_SERVICE)
    assert {unit_of(f"{module}::test_a") for module in using} == {_ONE_SERVICE}
    assert [module for module in _OF_ONE_SERVICE if not (ROOT / module).is_file()] == []
