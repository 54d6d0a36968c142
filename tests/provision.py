"""Install the parts of the machine that tests need and pip does not bring, as far as this user can.

    python -m tests.provision                            all parts of the tests
    python -m tests.provision node --then npm run lint   run a command if the part is there, else skip it

Exit code: 0, also if a part is missing; 1 if REQUIRE names a part that is missing; otherwise that of the command.
"""

import argparse
import os
import shutil
import subprocess
import sys
from collections.abc import Callable

from tests.parts import (
    PARTS,
    MachinePart,
    MissingPart,
    describe_required,
    failure_reason,
    find_missing,
    is_root,
    playwright_browser,
    required_parts,
)

# Node.js is used only by the checks of the page's JavaScript, which provision it themselves.
TEST_PARTS = tuple(name for name in PARTS if name != "node")
_DOWNLOAD_S = 300  # chosen: Playwright's Chromium, 180 MB, in five minutes or not at all
_CONNECT_MS = 10_000
_APT_S = 600


def main(arguments: list[str]) -> int:
    """Install what can be installed, report what is missing, and run the command if one is given."""
    parser = argparse.ArgumentParser(prog="python -m tests.provision", description="Install parts that tests need.")
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}")
    parser.add_argument(
        "--then", nargs=argparse.REMAINDER, default=[], metavar="COMMAND", help="run it if all is there"
    )
    options = parser.parse_args(arguments)
    try:
        required = required_parts()
        missing = find_missing(options.parts or {*TEST_PARTS, *required})
        # What cannot be installed is reported before anything else takes time.
        hopeless = [part for part in missing if part.part.name in required and not install_methods(part.part)]
        if not hopeless and missing:
            for part in missing:
                install_part(part.part)
            missing = find_missing(part.part.name for part in missing)
    except ValueError as error:
        parser.error(str(error))
    if message := describe_required([part for part in missing if part.part.name in required]):
        print(message, file=sys.stderr)
        return 1
    if not options.then:
        return 0
    if missing:
        print(skipped_line(" ".join(options.then), missing))
        return 0
    return subprocess.run(options.then).returncode


def skipped_line(what: str, missing: list[MissingPart]) -> str:
    """Return the line that states what is skipped, and why."""
    return "\n".join(f"LEFT OUT: {what} needs {part} (REQUIRE=all makes that an error)" for part in missing)


def install_methods(part: MachinePart) -> list[Callable[[], None]]:
    """Return the ways in which this user can install a part on this machine, best first; each may fail."""
    methods: list[Callable[[], None]] = []
    if part.name == "pose_model":
        methods.append(_fetch_pose_model)
    if part.name == "live_guide":
        methods.append(_fetch_live_guide)
    if part.name == "browser":
        methods.append(_download_chromium)
        if is_root() and shutil.which("apt-get"):
            methods.append(_install_libraries_of_chromium)
    if part.packages and part.name != "node" and is_root() and shutil.which("apt-get"):
        methods.append(lambda: _apt_install(part.packages))
    return methods


def install_part(part: MachinePart) -> None:
    """Try one method after another until the part is there."""
    for install in install_methods(part):
        install()
        if not find_missing([part.name]):
            return


def _fetch_pose_model() -> None:
    from analyzer.errors import ModelError
    from analyzer.pose.model_store import ensure_model
    from analyzer.settings import Settings

    print("Fetching the pose model (9 MB, once)", flush=True)
    try:
        ensure_model("full", Settings())
    except ModelError as error:
        print(f"  not possible: {error}", flush=True)


def _fetch_live_guide() -> None:
    from analyzer.errors import ModelError
    from analyzer.pose.browser_pose_files import ensure_browser_pose_files
    from analyzer.settings import Settings

    print("Fetching the files of the live guide (13 MB, once)", flush=True)
    try:
        ensure_browser_pose_files(Settings())
    except ModelError as error:
        print(f"  not possible: {error}", flush=True)


def _download_chromium() -> None:
    print("Downloading a browser for the tests: Playwright's Chromium (about 180 MB, once)", flush=True)
    command = [sys.executable, "-m", "playwright", "install", "--no-shell", "chromium"]
    _run(command, _DOWNLOAD_S, PLAYWRIGHT_DOWNLOAD_CONNECTION_TIMEOUT=str(_CONNECT_MS))


def _install_libraries_of_chromium() -> None:
    """Install the libraries that a downloaded browser lacks to start."""
    own = playwright_browser()
    if own is not None and own.exists():
        print("Installing the system libraries that this browser needs", flush=True)
        _run([sys.executable, "-m", "playwright", "install-deps", "chromium"], _APT_S)


def _apt_install(packages: tuple[str, ...]) -> None:
    print(f"Installing {' '.join(packages)} with apt-get", flush=True)
    quiet = {"DEBIAN_FRONTEND": "noninteractive"}
    _run(["apt-get", "update", "-qq"], _APT_S, **quiet)
    _run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages], _APT_S, **quiet)


def _run(command: list[str], limit_s: float, **environment: str) -> None:
    """Run a command quietly; where it fails, print its one line that says why."""
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=limit_s, env=os.environ | environment, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        print(f"  not possible: {error}", flush=True)
        return
    if done.returncode:
        print(f"  not possible: {failure_reason(done)}", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
