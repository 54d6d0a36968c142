"""Limits of connections: how many, how long a request may take to arrive, and how slowly its body.

uvicorn has a time-out for idle connections only, and counts them after the TLS handshake. Here connections are counted
when they are accepted, and one sweep a second closes those that are too slow.
"""

import asyncio
import ipaddress
import logging
import socket
import sys
import time
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Self

import h11
from uvicorn.config import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

HANDSHAKE_S = 10.0
"""For the TLS handshake; chosen."""

_HEADER_S = 10.0  # for the header of a request, from the first byte or the connection on; chosen
_BODY_WINDOW_S = 30.0  # the minimum rate is checked over this time; chosen
_MIN_BODY_BYTES_PER_S = 500  # of a body, below any mobile network that can send a clip at all; chosen
_UNREAD_S = 5.0  # for the rest of a body that is no longer read; chosen
_STALLED_WRITE_S = 60.0  # for a reader that takes nothing; chosen
_LIMITS_S = {
    "header": _HEADER_S,
    "body": _BODY_WINDOW_S,
    "unread": _UNREAD_S,
    "response": _STALLED_WRITE_S,
    "working": float("inf"),  # the service is at work, or streams events
    "idle": float("inf"),  # between two requests, with a time-out of uvicorn
}
_SWEEP_S = 1.0  # chosen
_RESERVED_DESCRIPTORS = 256  # for files, the database and the worker; chosen
_REFUSALS_AT_ONCE = 50  # before other work is done; chosen
_MIN_CONNECTIONS = 64  # however few descriptors there are; chosen

log = logging.getLogger("api.connections")


def raise_descriptor_limit() -> int:
    """Raise the limit of open files to what the system allows; return it."""
    try:
        import resource  # not on Windows
    except ImportError:
        return 8192
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard and soft != resource.RLIM_INFINITY:
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    limit, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return 1 << 20 if limit == resource.RLIM_INFINITY else limit


class ConnectionCounter:
    """Open connections, in all and by address.

    Parameters
    ----------
    per_address : limit of one address, or of one network of IPv6 as a household has it.
    total : limit of all.
    exempt : addresses and networks of proxies, which have their own limits; "*" is every address.
    """

    def __init__(self, per_address: int, total: int, exempt: Iterable[str] = ()) -> None:
        self._per_address, self._total = per_address, total
        self._open: Counter[str] = Counter()
        self.open_count = 0
        self._networks = []
        for text in exempt:
            with suppress(ValueError):  # a name of a local socket
                self._networks += [ipaddress.ip_network("0.0.0.0/0" if text == "*" else text, strict=False)]
        self.refused = 0

    def take(self, address: str) -> str | None:
        """Count a connection; return the name to give back, None if there are too many."""
        name = _network_name(address)
        is_over = self._open[name] >= self._per_address and not self._is_exempt(address)
        if is_over or self.open_count >= self._total:
            self.refused += 1
            return None
        self._open[name] += 1
        self.open_count += 1
        return name

    def give_back(self, name: str) -> None:
        """Count the end of a connection."""
        self.open_count -= 1
        self._open[name] -= 1
        if self._open[name] <= 0:
            del self._open[name]

    def _is_exempt(self, address: str) -> bool:
        with suppress(ValueError):
            parsed = ipaddress.ip_address(address)
            return any(parsed in network for network in self._networks)
        return False


def create_counter(per_address: int, trusted_proxies: str) -> ConnectionCounter:
    """Return a counter for this process, with room for its other files."""
    total = max(raise_descriptor_limit() - _RESERVED_DESCRIPTORS, _MIN_CONNECTIONS)
    exempt = [text.strip() for text in trusted_proxies.split(",") if text.strip()]
    return ConnectionCounter(per_address, total, exempt)


def _count_queued_bytes(descriptor: int) -> int:
    """Return how many bytes of a connection the kernel has not delivered yet; 0 where it does not tell."""
    try:
        import fcntl  # not on Windows
        import termios

        return int.from_bytes(fcntl.ioctl(descriptor, termios.TIOCOUTQ, bytes(4)), sys.byteorder)
    except (ImportError, OSError):
        return 0


def _network_name(address: str) -> str:
    """Return the address, or of IPv6 the network of its household (/64)."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv4Address):
        return address
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.ip_network((parsed, 64), strict=False))


class _CountedSocket(socket.socket):
    """An accepted connection, which is counted until it is closed."""

    counter: ConnectionCounter | None = None
    name: str = ""

    def close(self) -> None:
        """Close the connection and count its end."""
        counter, self.counter = self.counter, None
        if counter is not None:
            counter.give_back(self.name)
        super().close()


class LimitedListener(socket.socket):
    """A listening socket that accepts only as many connections as its counter allows, and closes the others at once."""

    counter: ConnectionCounter

    @classmethod
    def wrap(cls, listener: socket.socket, counter: ConnectionCounter) -> Self:
        """Return a listener in place of another, which must not be used any more."""
        limited = cls(listener.family, listener.type, listener.proto, fileno=listener.detach())
        limited.counter = counter
        return limited

    def accept(self) -> tuple[socket.socket, Any]:
        """Accept the next connection within the limits."""
        for _ in range(_REFUSALS_AT_ONCE):
            descriptor, address = self._accept()  # type: ignore[attr-defined]  # as socket.accept does it
            connection = _CountedSocket(self.family, self.type, self.proto, fileno=descriptor)
            name = self.counter.take(address[0])
            if name is not None:
                connection.counter, connection.name = self.counter, name
                return connection, address
            connection.close()
        raise BlockingIOError  # the event loop comes back for the next ones


@dataclass
class ConnectionFacts:
    """What is known of a connection: whether its other end is a program of this machine, once that is looked up."""

    is_local: bool | None = None


class LimitedProtocol(H11Protocol):
    """HTTP/1.1 on one connection, with limits of time and rate."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, {**app_state, "connection": ConnectionFacts()}, _loop)
        self._phase = ""
        self._phase_s = 0.0  # since when
        self._phase_bytes = 0  # of the body, in this phase
        self._unsent_bytes = 0

    def data_received(self, data: bytes) -> None:
        """Count what has arrived, and handle it."""
        self._phase_bytes += len(data)
        super().data_received(data)

    def close_if_too_slow(self, now_s: float) -> bool:
        """Close the connection if it has been in one phase for too long; return whether it was."""
        phase = self._find_phase()
        if phase != self._phase or self._has_progress(phase, now_s):
            self._phase, self._phase_s, self._phase_bytes = phase, now_s, 0
            self._unsent_bytes = self._count_unsent_bytes()
            return False
        if now_s - self._phase_s <= _LIMITS_S[phase]:
            return False
        log.info("closed a connection that was too slow (%s)", phase)
        self.transport.abort()
        return True

    def _has_progress(self, phase: str, now_s: float) -> bool:
        """Return whether the time of the phase begins again."""
        if phase == "response":
            return self._count_unsent_bytes() != self._unsent_bytes
        if phase == "body":
            is_held = self.flow.read_paused or self.cycle.waiting_for_100_continue  # by the service, not by the client
            elapsed_s = now_s - self._phase_s
            return is_held or (elapsed_s >= _BODY_WINDOW_S and self._phase_bytes >= _MIN_BODY_BYTES_PER_S * elapsed_s)
        return False

    def _count_unsent_bytes(self) -> int:
        """Return what waits here and in the kernel, whose megabytes take a slow reader longer than the limit."""
        connection = self.transport.get_extra_info("socket")
        return self.transport.get_write_buffer_size() + _count_queued_bytes(connection.fileno())

    def _find_phase(self) -> str:
        if self.transport.get_write_buffer_size():
            return "response"
        if self.cycle is None:
            return "header"
        if not self.cycle.response_complete:
            return "body" if self.cycle.more_body else "working"
        if self.conn.their_state is not h11.IDLE:
            return "unread"
        return "header" if self.timeout_keep_alive_task is None else "idle"


async def sweep_connections(state: ServerState) -> None:
    """Close connections that are too slow, until cancelled."""
    while True:
        await asyncio.sleep(_SWEEP_S)
        now_s = time.monotonic()
        for connection in list(state.connections):
            if isinstance(connection, LimitedProtocol):
                connection.close_if_too_slow(now_s)


class LimitedEventLoop(asyncio.SelectorEventLoop):
    """An event loop whose TLS servers give a client little time for the handshake: uvicorn does not pass that on."""

    async def create_server(self, *arguments: Any, **options: Any) -> asyncio.Server:
        """Create a server."""
        if options.get("ssl") is not None:
            options.setdefault("ssl_handshake_timeout", HANDSHAKE_S)
        return await super().create_server(*arguments, **options)
