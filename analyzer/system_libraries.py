"""Shared libraries of the system that OpenCV and MediaPipe need.

Standard library only: `python3 -m analyzer.system_libraries` works before anything is installed. It prints one line
and exits with 1 where a library is missing.
"""

import ctypes
import os
import shutil
import sys

# Shared libraries that the OpenCV and MediaPipe wheels take from the system, and the Debian package of each.
SYSTEM_LIBRARIES = {
    "libGL.so.1": "libgl1",
    "libEGL.so.1": "libegl1",
    "libGLESv2.so.2": "libgles2",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libgthread-2.0.so.0": "libglib2.0-0",
    "libxcb.so.1": "libxcb1",
}


def find_missing_libraries() -> list[str]:
    """List the system libraries that OpenCV and MediaPipe need and that cannot be loaded; Linux only."""
    if not sys.platform.startswith("linux"):
        return []
    return [name for name in SYSTEM_LIBRARIES if not _loads(name)]


def describe_missing_libraries(names: list[str]) -> str:
    """Describe in one line what is missing, and the command that installs it."""
    return f"system libraries are missing: {', '.join(names)}. {suggest_installation(names)}"


def suggest_installation(names: list[str]) -> str:
    """Suggest in one sentence what to do about missing libraries."""
    packages = list(dict.fromkeys(SYSTEM_LIBRARIES[name] for name in names if name in SYSTEM_LIBRARIES))
    if not packages:
        return f"Install the package of your system that holds {', '.join(names)}."
    root = "" if not hasattr(os, "geteuid") or os.geteuid() == 0 else "sudo "
    update = f"{root}apt-get update && " if not _knows_packages() else ""
    return f"On Debian or Ubuntu: {update}{root}apt-get install -y {' '.join(packages)}"


def _knows_packages() -> bool:
    """Return whether apt has lists of packages; a new container has none. True where there is no apt."""
    lists = "/var/lib/apt/lists"
    if shutil.which("apt-get") is None or not os.path.isdir(lists):
        return True
    return any("_Packages" in name for name in os.listdir(lists))


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def main() -> int:
    """Print what is missing."""
    missing = find_missing_libraries()
    if missing:
        sys.stderr.write(f"Cannot start: {describe_missing_libraries(missing)}\n")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
