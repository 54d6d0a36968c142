"""The public API of the library: its names and signatures, and what it may need to be installed."""

import inspect
import re
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest

import analyzer
from analyzer.cli.service_extra import INSTALL_COMMAND, SERVICE_MODULES
from analyzer.pose.model_store import ModelFile
from analyzer.progress import ProgressStage
from tests.cut_clips import cut_piece

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

SIGNATURES = {
    "analyze": (
        "(path: str | pathlib.Path, *, movement: str = 'auto', variant: str | None = None, "
        "load_kg: float | None = None, height_cm: float | None = None, subject: str = 'auto', "
        "model: Literal['auto', 'lite', 'full', 'heavy'] = 'full', "
        "marks: collections.abc.Mapping[str, typing.Any] | None = None, "
        "settings: analyzer.settings.Settings | None = None, "
        "progress: collections.abc.Callable[[ProgressStage, int, int], None] | None = None) -> 'Analysis'"
    ),
    "AnalyzerError": "Exception",
    "ClipError": "(name: str, problem: str, advice: str) -> None",
    "ModelError": "AnalyzerError",
    "Analysis": "BaseModel",
    "Settings": "BaseSettings",
    "__version__": "str",
}
"""The signature of each public function and of each error that is made from parts; of other classes their base."""

BLOCK = f"""
import sys
class Block:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {(*SERVICE_MODULES, "starlette")!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
sys.meta_path.insert(0, Block())
"""
"""A start of a program in which none of the service's packages can be imported."""


def python(program: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-c", BLOCK + program, *arguments], capture_output=True, text=True, cwd=ROOT, timeout=300
    )


def analyzer_command(*arguments: str) -> "subprocess.CompletedProcess[str]":
    return python("from analyzer.cli.main import main; sys.argv[0] = 'analyzer'; main()", *arguments)


# ---- names and signatures --------------------------------------------------------------------------------------


def test_public_names_are_listed():
    assert set(analyzer.__all__) == set(SIGNATURES)
    assert all(getattr(analyzer, name) is not None for name in analyzer.__all__)


def test_public_names_are_completed():
    """In a process of its own: here they may have been imported before."""
    done = python("import analyzer; print(*dir(analyzer))")
    assert set(analyzer.__all__) <= set(done.stdout.split())


@pytest.mark.parametrize("name", SIGNATURES)
def test_signature_is_unchanged(name: str):
    value = getattr(analyzer, name)
    if isinstance(value, type) and "__init__" not in vars(value):
        described = {base.__name__ for base in value.__mro__[1:]}
        assert SIGNATURES[name] in described
    elif callable(value) and not hasattr(value, "model_fields"):
        signature = str(inspect.signature(value)).replace(str(ProgressStage), "ProgressStage")
        assert signature.replace("typing.Literal", "Literal") == SIGNATURES[name]
    else:
        assert type(value).__name__ == SIGNATURES[name] or SIGNATURES[name] in str(type(value).__mro__)


def test_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'analyse'"):
        analyzer.analyse  # noqa: B018


# ---- the service's packages are an extra -----------------------------------------------------------------------


def _plain_name(distribution: str) -> str:
    return distribution.lower().replace("_", "-")


def distributions(requirements: list[str]) -> set[str]:
    return {_plain_name(re.split(r"[^A-Za-z0-9._-]", requirement)[0]) for requirement in requirements}


def test_modules_of_the_service_are_those_of_the_extra():
    providers = metadata.packages_distributions()
    imported = {_plain_name(provider) for name in SERVICE_MODULES for provider in providers[name]}
    extra = PROJECT["optional-dependencies"]["service"]
    assert imported == distributions([requirement for requirement in extra if "sys_platform" not in requirement])
    assert imported & distributions(PROJECT["dependencies"]) == set()


@pytest.mark.parametrize("program", ["import analyzer", "from analyzer import Analysis, analyze, Settings"])
def test_import_needs_no_package_of_the_service(program: str):
    done = python(program)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("arguments", [["--help"], ["run", "--help"], ["serve", "--help"], ["batch", "--help"]])
def test_help_needs_no_package_of_the_service(arguments: list[str]):
    done = analyzer_command(*arguments)
    assert done.returncode == 0, done.stderr
    assert "Usage" in done.stdout


def test_analyze_needs_no_package_of_the_service(samples: Path, tmp_path: Path, pose_model: ModelFile):
    clip = cut_piece(samples / "hinge_neutral.mp4", tmp_path / "hinge.mp4", 1.0)
    done = python("import analyzer; print(len(analyzer.analyze(sys.argv[1]).angles))", str(clip))
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 20


@pytest.mark.parametrize(
    ("arguments", "command"),
    [
        (["serve"], "analyzer serve"),
        (["worker"], "analyzer worker"),
        (["keys", "list"], "analyzer keys"),
        (["batch", ".", "--out", "{tmp}/out", "--queue", "sqlite:///{tmp}/q.db"], "analyzer batch --queue"),
        (["batch", "status", "bat_1", "--queue", "sqlite:///{tmp}/q.db"], "analyzer batch status"),
    ],
)
def test_commands_of_the_service_say_what_to_install(tmp_path: Path, arguments: list[str], command: str):
    done = analyzer_command(*[argument.format(tmp=tmp_path) for argument in arguments])
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"{command}: the service is not installed (no ")
    assert line.endswith(f"). Run: {INSTALL_COMMAND}")
    assert list(tmp_path.iterdir()) == []
