"""Whether a request without a sign-in comes from a program of this machine, or may come through a proxy.

Only a direct request is the local owner's. A proxy gives itself away by the headers it adds, by HTTP/1.0, or by what
the kernel knows of the connection: it belongs to another account, or to a process that others can reach, because it
listens on an address other than loopback.
"""

import ipaddress
import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import NamedTuple

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.types import Scope

PROXY_HEADERS = frozenset(
    {"forwarded", "via", "x-real-ip", "x-client-ip", "x-cluster-client-ip", "x-original-host", "x-original-url",
     "true-client-ip", "cf-connecting-ip", "cf-ray", "fastly-client-ip", "x-envoy-external-address", "x-proxyuser-ip",
     "x-request-start", "proxy-connection", "cdn-loop", "client-ip"}
)  # fmt: skip
_PROXY_HEADER_STARTS = ("x-forwarded", "x-amzn-trace", "tailscale-")
_LISTEN = "0A"  # state of a socket in /proc/net/tcp
_PROC = Path("/proc")


class SocketRow(NamedTuple):
    """A TCP socket of this machine, as the kernel lists it."""

    local: tuple[str, int]
    remote: tuple[str, int]
    state: str
    uid: int
    inode: int


def is_loopback_host(header: str) -> bool:
    """Return whether a Host header names this machine: localhost, or a loopback address in figures.

    A name that somebody else's DNS server resolves to loopback is none.
    """
    header = header.lower()
    host = header[1 : header.find("]")] if header.startswith("[") else header.partition(":")[0]
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def has_proxy_header(headers: Headers) -> bool:
    """Return whether a proxy has added a header."""
    return any(name in PROXY_HEADERS or name.startswith(_PROXY_HEADER_STARTS) for name in headers)


async def is_local_request(scope: Scope) -> bool:
    """Return whether a request comes directly from a program of this account on this machine.

    The answer of the kernel is stored with the connection, where the server provides it.
    """
    if scope.get("http_version") == "1.0" or has_proxy_header(Headers(scope=scope)):
        return False
    connection = scope.get("state", {}).get("connection")
    if connection is None:  # without a real connection, as in tests
        return True
    if connection.is_local is None:
        connection.is_local = await run_in_threadpool(
            partial(is_local_peer, tuple(scope["client"]), tuple(scope["server"]))
        )
    return bool(connection.is_local)


def is_local_peer(peer: tuple[str, int], own: tuple[str, int]) -> bool:
    """Return whether the process at the other end of a loopback connection is a direct client.

    It has to belong to our account, and must not listen where other machines reach it. Where the kernel does not tell
    (not Linux), only the headers decide.
    """
    if not sys.platform.startswith("linux"):
        return True
    rows, uid = list(read_sockets()), os.getuid()
    inodes = {row.inode for row in rows if row.inode and row.uid == uid and (row.local, row.remote) == (peer, own)}
    if not inodes:
        return False
    reachable = {row for row in rows if row.state == _LISTEN and not is_loopback_host(_bracketed(row.local[0]))}
    held_by_process = list(_read_held_sockets())
    holders = [held for held in held_by_process if not inodes.isdisjoint(held)]
    if holders:
        return all(held.isdisjoint(row.inode for row in reachable) for held in holders)
    # A process that may not be looked into, such as a sandboxed browser, unless it may be what others reach.
    return {row.inode for row in reachable if row.uid == uid} <= set[int]().union(*held_by_process)


def read_sockets() -> Iterator[SocketRow]:
    """Yield all TCP sockets of this network namespace."""
    for name in ("tcp", "tcp6"):
        try:
            lines = (_PROC / "self" / "net" / name).read_text(encoding="ascii").splitlines()[1:]
        except OSError:
            continue
        for line in lines:
            fields = line.split()
            yield SocketRow(_address(fields[1]), _address(fields[2]), fields[3], int(fields[7]), int(fields[9]))


def _address(text: str) -> tuple[str, int]:
    """Return an address that /proc writes in the byte order of the machine, 32 bits at a time."""
    digits, _, port = text.partition(":")
    words = [int(digits[i : i + 8], 16).to_bytes(4, sys.byteorder) for i in range(0, len(digits), 8)]
    address = ipaddress.ip_address(b"".join(words))
    mapped = getattr(address, "ipv4_mapped", None)
    return str(mapped or address), int(port, 16)


def _bracketed(address: str) -> str:
    return f"[{address}]" if ":" in address else address


def _read_held_sockets() -> Iterator[set[int]]:
    """Yield the sockets that each process holds, by their inodes, as far as we may look into it."""
    for pid in [entry.name for entry in _PROC.iterdir() if entry.name.isdecimal()]:
        held = set[int]()
        try:
            entries = list(os.scandir(_PROC / pid / "fd"))
        except OSError:  # ended, or another account's
            continue
        for entry in entries:
            with suppress(OSError):
                target = os.readlink(entry.path)
                if target.startswith("socket:["):
                    held.add(int(target[8:-1]))
        yield held
