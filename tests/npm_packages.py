"""npm packages, and a stand-in for npm."""

import io
import sys
import tarfile
from collections.abc import Mapping
from pathlib import Path


def pack(path: Path, contents: Mapping[str, bytes]) -> Path:
    """Write a package as `npm pack` does."""
    with tarfile.open(path, "w:gz") as archive:
        for name, content in contents.items():
            member = tarfile.TarInfo(f"package/{name}")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return path


def put_npm_in(folder: Path, contents: Mapping[str, bytes]) -> Path:
    """Write an `npm` that packs these files, whichever package is asked for; its arguments go to a file, returned."""
    folder.mkdir(exist_ok=True)
    packed, arguments = pack(folder / "some-pose-1.0.0.tgz", contents), folder / "arguments"
    write_npm(
        folder,
        f"open({str(arguments)!r}, 'w').write(' '.join(sys.argv[1:]))\n"
        f"shutil.copy({str(packed)!r}, sys.argv[-1].partition('=')[2])",
    )
    return arguments


def write_npm(folder: Path, program: str) -> None:
    """Write an `npm` of these lines of Python."""
    folder.mkdir(exist_ok=True)
    (folder / "npm").write_text(f"#!{sys.executable}\nimport shutil, sys\n{program}\n")
    (folder / "npm").chmod(0o755)
