"""Connections: how many one address has, and that silent and slow ones are closed while others go on."""

import asyncio
import contextlib
import resource
import socket
import ssl
import subprocess
import sys
import threading
import time
from types import SimpleNamespace

import pytest

from api import server
from api.network import connection_limits
from api.network.connection_limits import ConnectionCounter, LimitedListener, create_counter, raise_descriptor_limit
from api.network.lan_certificate import ensure_lan_certificate
from api.server import ServeAddress
from api.settings import ServiceSettings

LIMIT_S = 2.0  # longer than a busy machine may hold up a client that keeps to it


async def app(scope, receive, send):
    """Reads the body of /read, leaves that of others unread, and sends a lot at /large."""
    if scope["type"] != "http":
        return
    size = 0
    if scope["path"] == "/read":
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            size += len(message["body"])
            if not message["more_body"]:
                break
    if scope["path"] == "/work":
        await asyncio.sleep(2 * LIMIT_S)
    body = b"x" * 30_000_000 if scope["path"] == "/large" else b"%d" % size
    headers = [(b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


@contextlib.contextmanager
def serving(counter, **tls):
    """The application at a free port, with the protocol, the listener and the sweep of the service."""
    listener = LimitedListener.wrap(socket.create_server(("127.0.0.1", 0)), counter)
    address = listener.getsockname()
    services = SimpleNamespace(stopping=threading.Event())
    settings = ServiceSettings()
    running = server._Server(server._config(app, settings, ServeAddress(**tls)), services, None)
    thread = threading.Thread(target=running.run, args=([listener],), daemon=True)
    thread.start()
    until(lambda: running.started)
    yield address
    running.should_exit = True
    thread.join(20)
    assert not thread.is_alive()


@pytest.fixture
def short_limits(monkeypatch):
    monkeypatch.setattr(connection_limits, "_SWEEP_S", 0.05)
    monkeypatch.setattr(connection_limits, "_BODY_WINDOW_S", LIMIT_S)
    monkeypatch.setattr(connection_limits, "HANDSHAKE_S", LIMIT_S)
    for phase in ("header", "body", "unread", "response"):
        monkeypatch.setitem(connection_limits._LIMITS_S, phase, LIMIT_S)


@pytest.fixture
def counter():
    return ConnectionCounter(50, 100)


@pytest.fixture
def address(short_limits, counter):
    with serving(counter) as address:
        yield address


def until(check, seconds=20):
    end = time.monotonic() + seconds
    while not check():
        assert time.monotonic() < end
        time.sleep(0.02)


def read_until_closed(connection, within_s=20):
    """All that arrives until the other end closes the connection."""
    connection.settimeout(within_s)
    received = b""
    with contextlib.suppress(ConnectionError):
        while chunk := connection.recv(65536):
            received += chunk
    return received


def trickle(connection, pieces, every_s=0.1):
    """Send pieces one after the other until the connection is closed; return whether it was."""
    for piece in pieces:
        try:
            connection.sendall(piece)
        except OSError:
            return True
        time.sleep(every_s)
    return False


def ask(address, path="/read", body=b"", connection="close"):
    with socket.create_connection(address) as client:
        client.sendall(request(path, len(body), connection) + body)
        return read_until_closed(client)


def request(path, length, connection="keep-alive"):
    lines = [f"POST {path} HTTP/1.1", "Host: localhost", f"Connection: {connection}", f"Content-Length: {length}"]
    return "\r\n".join([*lines, "", ""]).encode()


def test_a_silent_connection_is_closed(address):
    with socket.create_connection(address) as silent:
        assert read_until_closed(silent) == b""
    assert ask(address).startswith(b"HTTP/1.1 200")


def test_half_a_header_is_not_waited_for_however_slowly_it_goes_on(address):
    with socket.create_connection(address) as slow:
        slow.sendall(b"GET / HTTP/1.1\r\n")
        assert trickle(slow, [b"X-A: b\r\n"] * 100)


def test_nor_is_that_of_a_second_request(address):
    with socket.create_connection(address) as slow:
        slow.sendall(request("/read", 2) + b"ab")
        received = b""
        while not received.endswith(b"\r\n\r\n2"):
            chunk = slow.recv(1000)
            assert chunk, received
            received += chunk
        assert trickle(slow, [b"G", b"E", *[b"T"] * 100])


def test_a_body_below_the_minimum_rate_is_cut_off(address):
    with socket.create_connection(address) as slow:
        slow.sendall(request("/read", 1000))
        assert trickle(slow, [b"x"] * 100)


def test_a_slow_body_above_the_minimum_rate_arrives(address):
    with socket.create_connection(address) as slow:
        slow.sendall(request("/read", 60 * 2000, "close"))
        assert not trickle(slow, [b"x" * 2000] * 60)  # for three times the window
        assert read_until_closed(slow).endswith(b"120000")


def test_a_body_that_nobody_reads_is_cut_off(address):
    with socket.create_connection(address) as early:
        early.sendall(request("/early", 100_000_000))
        assert early.recv(1000).startswith(b"HTTP/1.1 200")
        assert trickle(early, [b"x" * 5000] * 100)


def test_a_reader_that_takes_nothing_is_cut_off(address, counter):
    with socket.create_connection(address) as stalled:
        stalled.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        stalled.sendall(request("/large", 0, "close"))
        until(lambda: counter.open_count == 1)
        until(lambda: counter.open_count == 0)


def test_slow_work_is_waited_for(address):
    assert ask(address, "/work").startswith(b"HTTP/1.1 200")


def test_slow_reading_is_waited_for(address):
    with socket.create_connection(address) as reader:
        reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16_384)
        reader.sendall(request("/large", 0, "close"))
        received = 0
        end_s = time.monotonic() + 2.5 * LIMIT_S
        while time.monotonic() < end_s:
            received += len(reader.recv(2000))  # 0.1 MB a second: what waits in the kernel lasts longer than the limit
            time.sleep(0.02)
        reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1_000_000)
        assert received + len(read_until_closed(reader)) > 30_000_000


def test_a_handshake_is_not_waited_for(short_limits, tmp_path):
    made = ensure_lan_certificate(tmp_path, [])
    with serving(ConnectionCounter(50, 100), tls_cert=made.certificate, tls_key=made.key) as address:
        with socket.create_connection(address) as silent:
            assert read_until_closed(silent) == b""
        trusted = ssl.create_default_context(cafile=made.certificate)
        with trusted.wrap_socket(socket.create_connection(address), server_hostname="localhost") as client:
            client.sendall(request("/read", 0, "close"))
            assert read_until_closed(client).startswith(b"HTTP/1.1 200")


def test_connections_of_one_address_are_limited_and_others_served():
    with serving(ConnectionCounter(20, 1000)) as address, contextlib.ExitStack() as opened:
        flood = [
            opened.enter_context(socket.create_connection(address, source_address=("127.0.0.9", 0))) for _ in range(300)
        ]
        for refused in flood[20:]:
            assert read_until_closed(refused) == b""
        assert ask(address, body=b"abc").endswith(b"3")
        for one in flood[:20]:
            one.close()

        def is_served():
            client = opened.enter_context(socket.create_connection(address, source_address=("127.0.0.9", 0)))
            with contextlib.suppress(ConnectionError):
                client.sendall(request("/read", 0, "close"))
                return read_until_closed(client).startswith(b"HTTP/1.1 200")

        until(is_served)


@pytest.mark.parametrize(
    ("one", "other", "shared"),
    [
        ("192.0.2.1", "192.0.2.2", False),
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::1", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
    ],
)
def test_an_ipv6_household_is_one_address(one, other, shared):
    counter = ConnectionCounter(1, 100)
    assert counter.take(one) is not None
    assert (counter.take(other) is None) is shared


def test_trusted_proxies_have_no_limit_of_their_address():
    counter = create_counter(2, "127.0.0.1, 10.1.0.0/16,unix:/run/x")
    assert [counter.take("127.0.0.1") for _ in range(5)].count(None) == 0
    assert [counter.take("10.1.2.3") for _ in range(5)].count(None) == 0
    assert [counter.take("10.2.2.3") for _ in range(5)].count(None) == 3


def test_all_connections_together_are_limited():
    counter = ConnectionCounter(2, 3)
    names = [counter.take(f"192.0.2.{i}") for i in range(5)]
    assert names.count(None) == 2
    counter.give_back(names[0])
    assert counter.take("192.0.2.9") is not None


def test_the_limit_of_descriptors_is_raised():
    command = "from api.network.connection_limits import raise_descriptor_limit as r; print(r())"
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    done = subprocess.run(
        [sys.executable, "-c", command],
        capture_output=True,
        text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (min(512, hard), hard)),
    )
    assert int(done.stdout) == (hard if hard != resource.RLIM_INFINITY else 1 << 20), done.stderr
    assert raise_descriptor_limit() > 512
