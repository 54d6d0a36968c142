"""`analyzer serve`: the web server in this process, and one worker process that ends with it."""

import asyncio
import errno
import ipaddress
import logging
import os
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from types import FrameType

import uvicorn
from fastapi import FastAPI

from analyzer.errors import AnalyzerError
from api.app import create_app
from api.db import owners
from api.dependencies import Access, Services
from api.monitoring.structured_logs import configure_logging
from api.network.certificate_notice import CertificateNotice
from api.network.connection_limits import (
    ConnectionCounter,
    LimitedListener,
    LimitedProtocol,
    create_counter,
    sweep_connections,
)
from api.network.lan_certificate import ensure_lan_certificate
from api.network.lan_pairing import build_pairing_lines, find_lan_address, list_lan_addresses
from api.process_lifetime import exit_after
from api.settings import ServiceSettings, describe_unknown_settings
from api.storage.data_folder import secure_data_folder

_MIN_RESTART_S, _MAX_RESTART_S = 1.0, 30.0  # before a restart of the worker: doubled each time; chosen
_STABLE_S = 60.0  # a worker that ran this long restarts after _MIN_RESTART_S; chosen
_END_S = 20.0  # for the worker to end; chosen
_GRACE_S = 10  # for open requests to end; chosen

log = logging.getLogger("api.server")


class StartRefusedError(AnalyzerError):
    """The server must not start like this; the text says what to do."""


@dataclass(frozen=True)
class ServeAddress:
    """The address to serve at."""

    host: str = "127.0.0.1"
    port: int = 8000
    is_lan: bool = False
    tls_cert: Path | None = None
    tls_key: Path | None = None
    is_plain_http: bool = False

    @property
    def uses_tls(self) -> bool:
        """Return whether it serves over TLS."""
        return self.tls_cert is not None or self.has_own_certificate

    @property
    def has_own_certificate(self) -> bool:
        """Return whether it uses a certificate that the service makes itself."""
        return self.is_lan and self.tls_cert is None and not self.is_plain_http


def serve(
    settings: ServiceSettings, address: ServeAddress, print_line: Callable[[str], None], *, worker: bool = True
) -> None:
    """Serve until SIGINT or SIGTERM.

    Parameters
    ----------
    print_line : called with each line for the person at the terminal.
    worker : whether to start a worker process as well.

    Raises
    ------
    StartRefusedError : others could reach it without a key, or the TLS files do not match.
    """
    _check_tls(address)
    host = "0.0.0.0" if address.is_lan and _is_loopback(address.host) else address.host
    configure_logging(as_json=settings.log_json)
    for line in describe_unknown_settings(os.environ):
        log.warning("%s", line)
    secure_data_folder(settings.data_dir)
    certificate = None
    if address.has_own_certificate:
        certificate = ensure_lan_certificate(settings.data_dir / "tls", list_lan_addresses())
        address = replace(address, tls_cert=certificate.certificate, tls_key=certificate.key)
    access = Access(
        is_open=_is_loopback(host) and not address.is_lan and not settings.trusted_proxies,
        is_lan=address.is_lan,
        is_self_signed=certificate is not None,
    )
    counter = create_counter(settings.connections_per_address, settings.trusted_proxies)
    with ExitStack() as listeners:
        listener = listeners.enter_context(_listening(host, address.port, counter))
        port = listener.getsockname()[1]
        url = f"{'https' if address.uses_tls else 'http'}://{_format_host(host)}:{port}"
        notice = listeners.enter_context(_listening_beside(host, port, counter)) if certificate is not None else None
        app = create_app(settings, access=access)
        services: Services = app.state.services
        if not access.is_open and not address.is_lan:
            _check_keys(services, host)
        services.live_guide.start()  # in a thread: a server without a network starts as fast
        supervisor = _WorkerSupervisor(settings.data_dir) if worker else None
        page = CertificateNotice(notice, url) if notice is not None else None
        server = _Server(_config(app, settings, address), services, page)
        if address.is_lan:
            notice_url = f"http://{_format_host(host)}:{notice.getsockname()[1]}" if notice is not None else None
            for line in build_pairing_lines(services.database, url, certificate, notice_url):
                print_line(line)
        print_line(f"Open {url}" + ("" if address.is_lan else " (Ctrl-C ends it)"))
        try:
            if supervisor is not None:
                supervisor.start()
            with _ignore_repeated_signal():
                server.run(sockets=[listener])
        finally:
            if supervisor is not None:
                supervisor.stop()


def _config(app: FastAPI, settings: ServiceSettings, address: ServeAddress) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=settings.trusted_proxies or None,
        ssl_certfile=address.tls_cert,
        ssl_keyfile=address.tls_key,
        timeout_graceful_shutdown=_GRACE_S,
        http=LimitedProtocol,
        ws="none",
        loop="api.network.connection_limits:LimitedEventLoop",
    )


class _Server(uvicorn.Server):
    """A server that closes slow connections, and ends open event streams as soon as a signal stops it."""

    def __init__(self, config: uvicorn.Config, services: Services, notice: CertificateNotice | None) -> None:
        super().__init__(config)
        self._services, self._notice = services, notice
        self._sweep: asyncio.Task[None] | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start serving, with the page about the certificate."""
        await super().startup(sockets)
        self._sweep = asyncio.create_task(sweep_connections(self.server_state))
        if self._notice is not None:
            await self._notice.start()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop serving."""
        if self._notice is not None:
            await self._notice.stop()
        await super().shutdown(sockets)
        if self._sweep is not None:
            self._sweep.cancel()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Stop the event streams, then the server."""
        self._services.stopping.set()
        super().handle_exit(sig, frame)


class _WorkerSupervisor:
    """Runs one worker process and restarts it when it dies; the worker ends when this process does."""

    def __init__(self, data_dir: Path, command: Sequence[str] | None = None) -> None:
        own = [sys.executable, "-m", "analyzer", "worker", "--data", str(data_dir), "--with-parent"]
        self._command = list(command or own)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._supervise, name="worker", daemon=True)
        self.process: subprocess.Popen[bytes] | None = None
        self.starts = 0

    def start(self) -> None:
        """Start the worker and supervise it."""
        self._thread.start()

    def stop(self) -> None:
        """End the worker, first by SIGTERM."""
        self._stop.set()
        process = self.process
        if process is not None and process.poll() is None:
            process.terminate()
            try:
                process.wait(_END_S)
            except subprocess.TimeoutExpired:
                process.kill()
        if self._thread.is_alive():
            self._thread.join(_END_S)

    def _supervise(self) -> None:
        wait_s = _MIN_RESTART_S
        while not self._stop.is_set():
            began = time.monotonic()
            self.starts += 1
            self.process = subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,  # never written to: it closes when this process ends
                stdout=subprocess.DEVNULL,
                stderr=_own_stderr(),
                start_new_session=True,  # Ctrl-C reaches only this process, which ends the worker
            )
            if self._stop.is_set():
                self.process.terminate()
            code = self.process.wait()
            if self.process.stdin is not None:
                with suppress(OSError):
                    self.process.stdin.close()
            if self._stop.is_set():
                return
            wait_s = _MIN_RESTART_S if time.monotonic() - began > _STABLE_S else wait_s
            log.error("the worker ended with code %s; restarting it in %.0f s", code, wait_s)
            self._stop.wait(wait_s)
            wait_s = min(2 * wait_s, _MAX_RESTART_S)


def exit_with_parent() -> None:
    """End this worker process when its standard input closes, which is when the server that started it is gone."""
    exit_after(_wait_for_end_of_input, grace_s=_END_S)


def _wait_for_end_of_input() -> None:
    with suppress(OSError):
        while os.read(0, 1024):
            pass


def _own_stderr() -> int | None:
    try:
        return sys.stderr.fileno()
    except (OSError, ValueError, AttributeError):
        return None


@contextmanager
def _ignore_repeated_signal() -> Iterator[None]:
    """Ignore the signal that uvicorn raises again on its end, so that the worker can be stopped first."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, lambda *_: None) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _listening(host: str, port: int, counter: ConnectionCounter) -> LimitedListener:
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        # With the protocol named, the event loop knows TCP and sends short answers at once.
        listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        if os.name == "posix":  # elsewhere it would let two servers share a port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host.strip("[]"), port))
        listener.listen(2048)
        return LimitedListener.wrap(listener, counter)
    except OSError as error:
        is_in_use = error.errno == errno.EADDRINUSE
        reason = "is in use; choose another, such as" if is_in_use else f"cannot be used ({error.strerror}); try"
        raise StartRefusedError(f"serve: {host} port {port} {reason} --port {port + 1}.") from None


def _listening_beside(host: str, port: int, counter: ConnectionCounter) -> LimitedListener:
    """Listen at the next port, or at any free one."""
    try:
        return _listening(host, port + 1 if port < 65535 else 0, counter)
    except StartRefusedError:
        return _listening(host, 0, counter)


def _check_keys(services: Services, host: str) -> None:
    with services.database.read_session() as session:
        if owners.has_active_keys(session):
            return
    raise StartRefusedError(
        f"serve: others can reach {host}, and without a key anyone could see the clips. "
        "Create one first: analyzer keys create NAME. For a phone in the same Wi-Fi: analyzer serve --lan."
    )


def _check_tls(address: ServeAddress) -> None:
    if (address.tls_cert is None) != (address.tls_key is None):
        raise StartRefusedError("serve: --tls-cert and --tls-key must be given together.")
    if address.is_plain_http and (address.tls_cert is not None or not address.is_lan):
        raise StartRefusedError("serve: --http goes with --lan, without --tls-cert.")
    for file in (address.tls_cert, address.tls_key):
        if file is not None and not file.is_file():
            raise StartRefusedError(f"serve: {file}: no such file. Give the certificate and its key as PEM files.")
    if address.tls_cert is not None:
        try:
            ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(address.tls_cert, address.tls_key)
        except OSError as error:  # of which those of TLS are a kind
            raise StartRefusedError(
                f"serve: {address.tls_cert} and {address.tls_key} are not a certificate and its key that can be used "
                f"({error.strerror or error}). Give PEM files that belong together and that this account may read."
            ) from None


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _format_host(host: str) -> str:
    """Return the host as a person types it; for "all addresses" the one that others use."""
    if host in ("0.0.0.0", "::"):
        return find_lan_address() or "localhost"
    return f"[{host}]" if ":" in host else host
