"""A file system in memory that knows what a power cut would leave: only what was synchronised.

    python -m benchmarks.volatile_disk MOUNTPOINT

It needs Linux, `pip install mfusepy` and libfuse. Creating the folder `.cut-NAME` writes what a power cut at that
moment would leave to the folder NAME beside the mount point. The model is strict: the content of a file is what its
last fsync saw, and a name is in a folder if the last fsync of the folder saw it. With `.mixed-NAME`, each block and
each name that was not synchronised may be there or not, by chance, as on a disk that writes in any order.
"""

import argparse
import errno
import os
import random
import shutil
import stat
import time
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path, PurePosixPath

_BLOCK = 4096
_NUMBERS = count(2)


@dataclass(eq=False)
class Node:
    """A file or folder: as it is, and as it is on the disk."""

    mode: int
    content: bytearray = field(default_factory=bytearray)
    synced_content: bytes = b""
    children: dict[str, "Node"] = field(default_factory=dict)
    synced_children: dict[str, "Node"] = field(default_factory=dict)
    number: int = field(default_factory=lambda: next(_NUMBERS))
    changed_ns: int = field(default_factory=time.time_ns)
    is_dirty: bool = False

    @property
    def is_folder(self) -> bool:
        """Return whether this is a folder."""
        return stat.S_ISDIR(self.mode)

    def sync(self) -> None:
        """Put the content, or the names, on the disk."""
        if self.is_folder:
            self.synced_children = dict(self.children)
        elif self.is_dirty:
            self.synced_content, self.is_dirty = bytes(self.content), False


class VolatileDisk:
    """The operations of the file system, as mfusepy calls them."""

    use_ns = True

    def __init__(self, beside: Path) -> None:
        self._root, self._beside = Node(stat.S_IFDIR | 0o755), beside
        self._open: dict[int, Node] = {}
        self._handles = count(1)

    def getattr(self, path: str, fh: int | None = None) -> dict[str, int]:
        """Return the attributes of a file or folder."""
        node = self._node(path, fh)
        size = len(node.content)
        times = dict.fromkeys(("st_mtime", "st_ctime", "st_atime"), node.changed_ns)
        return {"st_mode": node.mode, "st_nlink": 1, "st_size": size, "st_ino": node.number, "st_uid": os.getuid(),
                "st_gid": os.getgid(), "st_blocks": -(-size // 512), **times}  # fmt: skip

    def readdir(self, path: str, fh: int) -> list[tuple[str, dict[str, int], int]]:
        """Return the names in a folder, with their numbers, without which they would be skipped."""
        node = self._node(path)
        listed = {".": node, "..": node, **node.children}
        return [(name, {"st_mode": one.mode, "st_ino": one.number}, 0) for name, one in listed.items()]

    def mkdir(self, path: str, mode: int) -> int:
        """Create a folder, or write what a power cut would leave."""
        name = PurePosixPath(path).name
        if name.startswith((".cut-", ".mixed-")):
            kind, _, target = name[1:].partition("-")
            _write_image(self._root, self._beside / target, random.Random(target) if kind == "mixed" else None)
            return 0
        self._add(path, Node(stat.S_IFDIR | mode))
        return 0

    def create(self, path: str, mode: int, fi: object = None) -> int:
        """Create a file and open it."""
        node = Node(stat.S_IFREG | (mode & 0o777))
        self._add(path, node)
        return self._handle(node)

    def open(self, path: str, flags: int) -> int:
        """Open a file."""
        node = self._node(path)
        if flags & os.O_TRUNC:
            node.content, node.is_dirty = bytearray(), True
        return self._handle(node)

    def read(self, path: str, size: int, offset: int, fh: int) -> bytes:
        """Read from a file."""
        return bytes(self._open[fh].content[offset : offset + size])

    def write(self, path: str, data: bytes, offset: int, fh: int) -> int:
        """Write to a file."""
        node = self._open[fh]
        if len(node.content) < offset:
            node.content.extend(bytes(offset - len(node.content)))
        node.content[offset : offset + len(data)] = data
        node.changed_ns, node.is_dirty = time.time_ns(), True
        return len(data)

    def truncate(self, path: str, length: int, fh: int | None = None) -> int:
        """Set the length of a file."""
        node = self._node(path, fh)
        del node.content[length:]
        node.content.extend(bytes(length - len(node.content)))
        node.changed_ns, node.is_dirty = time.time_ns(), True
        return 0

    def fsync(self, path: str, datasync: int, fh: int) -> int:
        """Put a file on the disk."""
        self._open[fh].sync()
        return 0

    def fsyncdir(self, path: str, datasync: int, fh: int) -> int:
        """Put the names in a folder on the disk."""
        self._node(path).sync()
        return 0

    def release(self, path: str, fh: int) -> int:
        """Close a file."""
        del self._open[fh]
        return 0

    def unlink(self, path: str) -> int:
        """Remove a file."""
        self._parent(path).children.pop(PurePosixPath(path).name)
        return 0

    def rmdir(self, path: str) -> int:
        """Remove an empty folder."""
        if self._node(path).children:
            raise OSError(errno.ENOTEMPTY, path)
        return self.unlink(path)

    def rename(self, old: str, new: str) -> int:
        """Move a file or folder."""
        node = self._node(old)
        self.unlink(old)
        self._parent(new).children[PurePosixPath(new).name] = node
        return 0

    def chmod(self, path: str, mode: int) -> int:
        """Set the mode."""
        self._node(path).mode = mode
        return 0

    def chown(self, path: str, uid: int, gid: int) -> int:
        """Ignore owners."""
        return 0

    def utimens(self, path: str, times: tuple[int, int] | None = None) -> int:
        """Set the time of the last change."""
        self._node(path).changed_ns = time.time_ns() if times is None else times[1]
        return 0

    def statfs(self, path: str) -> dict[str, int]:
        """Report a disk with plenty of space."""
        return {"f_bsize": _BLOCK, "f_frsize": _BLOCK, "f_blocks": 2**24, "f_bfree": 2**23, "f_bavail": 2**23,
                "f_namemax": 255}  # fmt: skip

    def _node(self, path: str | None, fh: int | None = None) -> Node:
        if fh is not None and fh in self._open:
            return self._open[fh]
        node = self._root
        for part in PurePosixPath(path or "/").parts[1:]:
            found = node.children.get(part)
            if found is None:
                raise OSError(errno.ENOENT, path)
            node = found
        return node

    def _parent(self, path: str) -> Node:
        return self._node(str(PurePosixPath(path).parent))

    def _add(self, path: str, node: Node) -> None:
        children = self._parent(path).children
        if PurePosixPath(path).name in children:
            raise OSError(errno.EEXIST, path)
        children[PurePosixPath(path).name] = node

    def _handle(self, node: Node) -> int:
        handle = next(self._handles)
        self._open[handle] = node
        return handle


def _write_image(node: Node, target: Path, rng: random.Random | None) -> None:
    """Write what is on the disk below a folder; what was not synchronised is there by chance with `rng`."""
    target.mkdir(exist_ok=True)
    children = dict(node.synced_children)
    if rng is not None:
        for name in node.children.keys() | node.synced_children.keys():
            if node.children.get(name) is not node.synced_children.get(name) and rng.random() < 0.5:
                children.pop(name, None)
                if name in node.children:
                    children[name] = node.children[name]
    for name, child in children.items():
        if child.is_folder:
            _write_image(child, target / name, rng)
        else:
            (target / name).write_bytes(_mix_content(child, rng))


def _mix_content(node: Node, rng: random.Random | None) -> bytes:
    if rng is None or not node.is_dirty:
        return node.synced_content
    end = rng.choice((len(node.content), len(node.synced_content)))
    blocks = [
        rng.choice((bytes(node.content), node.synced_content))[start : start + _BLOCK].ljust(_BLOCK, b"\0")
        for start in range(0, end, _BLOCK)
    ]
    return b"".join(blocks)[:end]


def main() -> None:
    """Mount the file system until it is unmounted."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("mountpoint", type=Path)
    mountpoint = parser.parse_args().mountpoint.resolve()
    try:
        import mfusepy
    except ModuleNotFoundError:
        parser.error("mfusepy is not installed: pip install mfusepy")

    class MountedDisk(VolatileDisk, mfusepy.Operations):  # type: ignore[misc]  # mfusepy is no dependency: untyped
        """The file system, with mfusepy's defaults for operations that it lacks."""

    mountpoint.mkdir(exist_ok=True)
    mfusepy.FUSE(
        MountedDisk(mountpoint.parent),
        str(mountpoint),
        foreground=True,
        nothreads=True,
        use_ino=True,
        hard_remove=True,
    )
    shutil.rmtree(mountpoint, ignore_errors=True)


if __name__ == "__main__":
    main()
