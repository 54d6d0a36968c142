"""Check the installation: what is there, what is missing, and the command that fixes it."""

import ctypes
import importlib
import os
import platform
import re
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any, Literal

from rich.console import Console
from rich.table import Table

from analyzer.cli.service_extra import find_missing_service_modules
from analyzer.pose.browser_pose_files import check_browser_pose_files
from analyzer.pose.model_store import check_model_files
from analyzer.sandbox import check_account, check_confinement
from analyzer.settings import Settings
from analyzer.system_libraries import describe_missing_libraries, find_missing_libraries, suggest_installation

CheckState = Literal["ok", "note", "missing"]

_DECODERS = ("h264", "hevc", "vp9", "av1", "mjpeg", "gif")
_ENCODERS = ("libx264",)
_OLDEST_PYTHON = (3, 11)
_DISK_MB = 500  # model, and room for a report with its video
_MEMORY_MB = 1000  # the analyzer itself stays below 700 MB


@dataclass(frozen=True)
class InstallationCheck:
    """One line of the report.

    Attributes
    ----------
    part : what was checked.
    state : "missing" if the analyzer does not work without it.
    detail : version, path or problem.
    fix : the command or action that fixes it.
    """

    part: str
    state: CheckState
    detail: str
    fix: str = ""


def check_installation(settings: Settings) -> tuple[list[InstallationCheck], bool]:
    """Check everything that the analyzer needs; a missing part raises nothing.

    Returns
    -------
    The rows of the report, and whether none of them is "missing".
    """
    rows = [_python(), _package("analyzer", "movement-analyzer"), *_libraries()]
    rows += [_imported("mediapipe", _load_mediapipe), _imported("OpenCV", _load_opencv)]
    rows += [_imported("PyAV", _load_pyav), _package("numpy")]
    rows += [
        *_models(settings),
        *_live_guide(settings),
        *_codecs(),
        _disk(settings.cache_dir),
        _memory(),
        *_service_store(),
    ]
    rows.append(_confinement())
    return rows, all(row.state != "missing" for row in rows)


def print_checks(rows: list[InstallationCheck], console: Console) -> None:
    """Print the rows as a table, then the fixes."""
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for title in ("part", "state", "found"):
        table.add_column(title, overflow="fold")
    colours = {"ok": "green", "note": "yellow", "missing": "red"}
    for row in rows:
        table.add_row(row.part, f"[{colours[row.state]}]{row.state}[/]", row.detail)
    console.print(table)
    for fix in dict.fromkeys(row.fix for row in rows if row.fix and row.state != "ok"):
        console.print(f"-> {fix}", soft_wrap=True, markup=False, highlight=False)


def explain_import_error(error: BaseException) -> str | None:
    """Return one line about an import that failed because a system library or a package is missing.

    Parameters
    ----------
    error : raised by the import or the first use of cv2, mediapipe or av.

    Returns
    -------
    The line, or None for an error of another kind.
    """
    named = re.search(r"(lib[\w.+-]+\.so[.\d]*): cannot open shared object file", str(error))
    if named:
        missing = find_missing_libraries()
        if named.group(1) not in missing:
            missing.insert(0, named.group(1))
        return describe_missing_libraries(missing)
    if isinstance(error, ModuleNotFoundError) and error.name:
        return f"the Python package {error.name.split('.')[0]} is missing. Install the analyzer again: pip install ."
    return None


def _python() -> InstallationCheck:
    version = f"{platform.python_version()} on {platform.system()} {platform.machine()}"
    if sys.version_info[:2] < _OLDEST_PYTHON:
        return InstallationCheck("Python", "missing", version, "Use Python 3.11 or newer.")
    return InstallationCheck("Python", "ok", version)


def _package(name: str, distribution: str | None = None) -> InstallationCheck:
    try:
        return InstallationCheck(name, "ok", metadata.version(distribution or name))
    except metadata.PackageNotFoundError:
        return InstallationCheck(name, "missing", "not installed", "Install the analyzer again: pip install .")


def _libraries() -> list[InstallationCheck]:
    if not sys.platform.startswith("linux"):
        return []
    missing = find_missing_libraries()
    if missing:
        return [
            InstallationCheck("system libraries", "missing", f"no {', '.join(missing)}", suggest_installation(missing))
        ]
    return [InstallationCheck("system libraries", "ok", "OpenGL, EGL, GLESv2, GLib, xcb")]


def _imported(name: str, load: Callable[[], str]) -> InstallationCheck:
    """Load a package and report its version; any error becomes a row."""
    try:
        return InstallationCheck(name, "ok", load())
    except Exception as error:
        # A broken binary wheel may raise anything when it is imported.
        first = f"{error}".splitlines()[0] if f"{error}" else ""
        fix = "" if find_missing_libraries() else explain_import_error(error) or _reinstall(name)
        return InstallationCheck(name, "missing", f"{type(error).__name__}: {first}", fix)


def _reinstall(name: str) -> str:
    package = {"OpenCV": "opencv-contrib-python", "PyAV": "av"}.get(name, name)
    return f"Install it again: {Path(sys.executable).name} -m pip install --force-reinstall --no-deps {package}"


def _load_mediapipe() -> str:
    module = importlib.import_module("mediapipe")
    # MediaPipe loads its C library at the first task; load it now to find out.
    libraries = sorted((Path(module.__file__ or "").parent / "tasks" / "c").glob("libmediapipe.*"))
    for library in libraries:
        ctypes.CDLL(str(library))
    return str(module.__version__)


def _load_opencv() -> str:
    module = importlib.import_module("cv2")
    wheels = [name for name in _cv2_wheels() if name != "opencv-contrib-python"]
    if wheels:
        raise ImportError(f"a second OpenCV wheel overwrites the first: pip uninstall {' '.join(wheels)}")
    return str(module.__version__)


def _cv2_wheels() -> list[str]:
    return sorted(set(metadata.packages_distributions().get("cv2", [])))


def _load_pyav() -> str:
    module = importlib.import_module("av")
    versions = {name: ".".join(map(str, version)) for name, version in module.library_versions.items()}
    return f"{module.__version__} (FFmpeg: {', '.join(f'{name} {versions[name]}' for name in sorted(versions))})"


def _models(settings: Settings) -> list[InstallationCheck]:
    rows = []
    status = check_model_files(settings)
    for name in dict.fromkeys(file.name for file in status):
        places = [file for file in status if file.name == name]
        good = [file for file in places if file.state == "ok"]
        wrong = [file for file in places if file.state == "wrong"]
        pull = f"analyzer models pull {name}"
        if good:
            rows.append(
                InstallationCheck(f"model {name}", "ok", f"{good[0].path} ({good[0].kind}, SHA-256 as expected)")
            )
        elif wrong:
            rows.append(
                InstallationCheck(
                    f"model {name}", "note", f"{wrong[0].path} is another file than expected", f"Run: {pull}"
                )
            )
        elif name == "full":
            rows.append(
                InstallationCheck(f"model {name}", "note", "not here yet", f"The first run downloads it, or: {pull}")
            )
        else:
            rows.append(InstallationCheck(f"model {name}", "ok", f"not here, only needed for --model {name}"))
    return rows


def _live_guide(settings: Settings) -> list[InstallationCheck]:
    """Report the files that guide filming in a phone's browser, where the service is installed."""
    if any(find_missing_service_modules()):
        return []
    state, folder = check_browser_pose_files(settings)
    pull = "analyzer models pull --live-guide"
    if state == "ok":
        return [InstallationCheck("live guide", "ok", f"{folder} (SHA-256 as expected)")]
    if state == "wrong":
        return [InstallationCheck("live guide", "note", f"{folder} holds another file than expected", f"Run: {pull}")]
    fix = f"`analyzer serve` fetches them, or: {pull}"
    return [InstallationCheck("live guide", "note", "its files are not here yet: phones film with a still guide", fix)]


def _codecs() -> list[InstallationCheck]:
    try:
        codec = importlib.import_module("av.codec.codec")
        known = [(name, "r") for name in _DECODERS] + [(name, "w") for name in _ENCODERS]
        missing = [name for name, mode in known if not _has_codec(codec, name, mode)]
    except Exception as error:
        return [InstallationCheck("codecs", "missing", f"cannot be listed: {error}")]
    if missing:
        return [InstallationCheck("codecs", "missing", f"no {', '.join(missing)}", _reinstall("PyAV"))]
    return [InstallationCheck("codecs", "ok", f"decode {', '.join(_DECODERS)}; encode {', '.join(_ENCODERS)}")]


def _has_codec(module: Any, name: str, mode: str) -> bool:
    try:
        module.Codec(name, mode)
    except ValueError:
        return False
    return True


def _disk(folder: Path) -> InstallationCheck:
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    free = shutil.disk_usage(folder).free // 2**20
    if not os.access(folder, os.W_OK):
        fix = "Set ANALYZER_CACHE_DIR to a folder that you may write to."
        return InstallationCheck("disk", "note", f"{folder} cannot be written", fix)
    fix = f"Free some space: about {_DISK_MB} MB are needed." if free < _DISK_MB else ""
    return InstallationCheck("disk", "note" if fix else "ok", f"{free} MB free in {folder}", fix)


def _confinement() -> InstallationCheck:
    missing = [*check_confinement().missing, *filter(None, [check_account()])]
    if not missing:
        return InstallationCheck("confinement", "ok", "clips of others are decoded without network and other files")
    detail = "clips of others are decoded with the rights of the service: " + "; ".join(missing)
    return InstallationCheck("confinement", "note", detail, "install the service on Linux: pip install '.[service]'")


def _service_store() -> list[InstallationCheck]:
    """Report whether database and files of the service belong together, if it has been used on this machine."""
    if any(find_missing_service_modules()):
        return []
    from api.storage.store_report import describe_store_of_machine

    try:
        store = describe_store_of_machine()
    except Exception as error:  # an unreachable database is a line of the report
        return [InstallationCheck("service data", "note", f"cannot be read: {type(error).__name__}")]
    if store is None:
        return []
    text, problem = store
    fix = "See: analyzer store status" if problem else ""
    return [InstallationCheck("service data", "note" if problem else "ok", problem or text, fix)]


def _memory() -> InstallationCheck:
    try:
        free = _available_memory_mb()
    except (OSError, ValueError, AttributeError):
        return InstallationCheck("memory", "ok", "not known on this system")
    fix = "Close other programs: about 1 GB of memory is needed." if free < _MEMORY_MB else ""
    return InstallationCheck("memory", "note" if fix else "ok", f"{free} MB free", fix)


def _available_memory_mb() -> int:
    meminfo = Path("/proc/meminfo")
    if meminfo.is_file():
        match = re.search(r"MemAvailable:\s+(\d+) kB", meminfo.read_text(encoding="ascii"))
        if match:
            return int(match.group(1)) // 1024
    return int(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")) // 2**20
