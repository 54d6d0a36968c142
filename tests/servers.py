"""Real servers for the tests: PostgreSQL and an S3 server, each on a free port of this machine, gone afterwards.

They fail, rather than skip, where PostgreSQL is not installed (Debian: `apt-get install postgresql`).
"""

import os
import pwd
import secrets
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import s3fs
from moto.server import ThreadedMotoServer


def free_port(host: str = "127.0.0.1") -> int:
    """A port that nobody listens at."""
    with socket.socket() as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True)
class Postgres:
    """A running PostgreSQL server."""

    host: str
    port: int
    folder: Path

    def url(self, database: str = "postgres") -> str:
        return f"postgresql://postgres@{self.host}:{self.port}/{database}"

    def new_database(self) -> str:
        """The URL of a database of one's own, empty."""
        name = f"t_{secrets.token_hex(6)}"
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return self.url(name)


def postgres_programs() -> Path:
    """The folder of initdb and postgres; the newest, of several."""
    for program in sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), reverse=True):
        return program.parent
    found = shutil.which("initdb")
    if found is None:
        raise AssertionError("PostgreSQL is not installed. On Debian or Ubuntu: apt-get install -y postgresql")
    return Path(found).parent


@contextmanager
def postgres(host: str = "127.0.0.1", listen: str | None = None) -> Iterator[Postgres]:
    """A PostgreSQL server with its data in a temporary folder; root lends it to the user postgres, as it must."""
    programs, port = postgres_programs(), free_port(host)
    folder = Path(tempfile.mkdtemp(prefix="analyzer-postgres-", dir="/tmp"))
    user: dict[str, object] = {}
    if os.geteuid() == 0:
        postgres_user = pwd.getpwnam("postgres")
        os.chown(folder, postgres_user.pw_uid, postgres_user.pw_gid)
        user = {"user": postgres_user.pw_uid, "group": postgres_user.pw_gid, "extra_groups": []}

    def run(*command: str) -> None:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, **user)  # type: ignore[call-overload]
        assert done.returncode == 0, done.stderr + done.stdout

    data = folder / "data"
    try:
        run(str(programs / "initdb"), "-D", str(data), "-U", "postgres", "-A", "trust", "--no-sync", "-E", "UTF8")
        with (data / "pg_hba.conf").open("a") as rules:
            rules.write("host all all 0.0.0.0/0 trust\n")
        options = f"-p {port} -c listen_addresses={listen or host} -c unix_socket_directories={folder} -c fsync=off"
        options += " -c max_connections=200"
        control = [str(programs / "pg_ctl"), "-D", str(data), "-w", "-l", str(folder / "log")]
        run(*control, "-o", options, "start")
        try:
            yield Postgres(host, port, folder)
        finally:
            run(*control, "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@dataclass(frozen=True)
class S3:
    """A running S3 server."""

    endpoint: str

    @property
    def options(self) -> dict[str, object]:
        """As fsspec takes them."""
        return {
            "endpoint_url": self.endpoint,
            "key": "test",
            "secret": "test",
            "client_kwargs": {"region_name": "us-east-1"},
        }

    def new_bucket(self) -> str:
        """The URL of a bucket of one's own, empty."""
        name = f"t-{secrets.token_hex(6)}"
        s3fs.S3FileSystem(skip_instance_cache=True, **self.options).call_s3("create_bucket", Bucket=name)
        return f"s3://{name}"


@contextmanager
def s3(host: str = "127.0.0.1") -> Iterator[S3]:
    """An S3 server that keeps everything in memory."""
    server = ThreadedMotoServer(ip_address=host, port=0, verbose=False)
    server.start()
    try:
        found, port = server.get_host_and_port()
        yield S3(f"http://{found}:{port}")
    finally:
        server.stop()
