"""The service behind proxies: without a sign-in nobody comes through one, and the documented set-ups work."""

import contextlib
import http.client
import re
import subprocess
import sys
import threading
import time
from pathlib import Path

import httpx
import pytest

from api.access.local_trust import is_loopback_host
from api.network.lan_certificate import ensure_lan_certificate
from tests import http_client
from tests.api.service import tiny_clip
from tests.api.test_server import run, serving
from tests.parts import find_caddy, find_nginx
from tests.servers import free_port

DEPLOY = Path(__file__).resolve().parents[3] / "deploy"

# Forwards bytes, and rewrites the Host header as many proxies do; adds no header unless it is given one.
FORWARDER = """
import asyncio, sys
listen_host, listen_port, to_port, header = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]

async def copy(reader, writer, head=b""):
    try:
        writer.write(head)
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    except OSError:
        pass
    writer.close()

async def serve(reader, writer):
    try:
        head = await reader.readuntil(b"\\r\\n\\r\\n")
    except asyncio.IncompleteReadError:
        return writer.close()
    lines = head.split(b"\\r\\n")
    lines = [b"Host: 127.0.0.1:%d" % to_port if line.lower().startswith(b"host:") else line for line in lines]
    if header:
        lines.insert(1, header.encode())
    up_reader, up_writer = await asyncio.open_connection("127.0.0.1", to_port)
    await asyncio.gather(copy(reader, up_writer, b"\\r\\n".join(lines)), copy(up_reader, writer))

async def main():
    server = await asyncio.start_server(serve, listen_host, listen_port)
    print("ready", flush=True)
    await server.serve_forever()

asyncio.run(main())
"""


@contextlib.contextmanager
def forwarder(to_port, header="", host="0.0.0.0"):
    port = free_port()
    command = [sys.executable, "-c", FORWARDER, host, str(port), str(to_port), header]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout.readline() == "ready\n"
        yield f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


@pytest.fixture(scope="module")
def local(tmp_path_factory, starts_server):
    """A service for this machine only: its address, and its port."""
    data = tmp_path_factory.mktemp("local") / "data"
    data.mkdir()
    with serving(data, "--no-worker") as (_, _, url):
        yield url, httpx.URL(url).port


def test_a_direct_program_is_the_local_owner(local):
    url, _ = local
    with http_client.open_client(base_url=url) as client:
        for _ in range(3):
            assert client.get("/v1/me").json()["auth"] == "open"


def test_nobody_comes_through_a_proxy_that_adds_no_header(local):
    _, port = local
    with forwarder(port) as proxy:
        answer = http_client.get(f"{proxy}/v1/me")
        assert answer.status_code == 421
        assert http_client.post(f"{proxy}/v1/clients", json={"name": "x"}).status_code == 421
        assert http_client.get(f"{proxy}/").status_code == 421


@pytest.mark.parametrize(
    "header",
    ["X-Forwarded-For: 192.0.2.1", "Forwarded: for=192.0.2.1", "Via: 1.1 gym", "X-Real-IP: 192.0.2.1",
     "X-Forwarded-Proto: https", "CF-Connecting-IP: 192.0.2.1", "Tailscale-User-Login: x"],
)  # fmt: skip
def test_nobody_comes_through_a_proxy_that_names_itself(local, header):
    _, port = local
    with forwarder(port, header, host="127.0.0.1") as proxy:
        assert http_client.get(f"{proxy}/v1/me").status_code == 421


def test_http_1_0_is_what_proxies_speak(local):
    _, port = local
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection._http_vsn, connection._http_vsn_str = 10, "HTTP/1.0"
    connection.request("GET", "/v1/me", headers={"Host": "localhost"})
    assert connection.getresponse().status == 421
    connection.close()


@pytest.mark.server
@pytest.mark.parametrize("host", ["127.0.0.2", "127.9.9.9", "localhost"])
def test_another_loopback_address_is_served(tmp_path, host):
    (tmp_path / "data").mkdir()
    port = free_port()
    command = [sys.executable, "-m", "analyzer", "serve", "--no-worker", "--host", host, "--port", str(port)]
    process = subprocess.Popen([*command, "--data", str(tmp_path / "data")], stdout=subprocess.DEVNULL)
    try:
        for _ in range(600):
            with contextlib.suppress(httpx.TransportError):
                url = f"http://{host}:{port}/v1/me"
                assert http_client.get(url).json()["auth"] == "open"
                assert http_client.get(url, headers={"Host": "evil.example"}).status_code == 421
                return
            time.sleep(0.1)
        pytest.fail("the service did not start")
    finally:
        process.kill()
        process.wait()


@pytest.mark.parametrize(
    ("host", "is_local"),
    [("localhost", True), ("LOCALHOST:1", True), ("127.0.0.2:8000", True), ("[::1]:8000", True), ("[::1]", True),
     ("127.0.0.1.evil.example", False), ("192.168.1.5", False), ("[2001:db8::1]", False), ("", False), ("[", False),
     ("localhost.evil.example", False), ("0x7f000001", False), ("2130706433", False)],
)  # fmt: skip
def test_local_names(host, is_local):
    assert is_loopback_host(host) is is_local


# ---- The documented set-ups, with the real proxies


@pytest.fixture
def keyed(tmp_path, starts_server):
    """A service with a key behind a trusted proxy: its port, and the key."""
    data = tmp_path / "service" / "data"
    data.mkdir(parents=True)
    key = run("keys", "create", "ann", "--data", str(data)).stdout.strip()
    with serving(data, "--no-worker", ANALYZER_TRUSTED_PROXIES="127.0.0.1") as (_, _, url):
        yield httpx.URL(url).port, key


@contextlib.contextmanager
def running(command, url, log):
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output)
    try:
        for _ in range(300):
            with contextlib.suppress(httpx.TransportError):
                http_client.get(url, verify=False)
                break
            assert process.poll() is None, log.read_text()
            time.sleep(0.1)
        else:
            pytest.fail(log.read_text())
        yield
    finally:
        process.terminate()
        process.wait(20)


def nginx_command(folder, server):
    config = folder / "nginx.conf"
    paths = "".join(
        f"{name}_temp_path {folder / name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    user = "user root; " if folder.owner() == "root" else ""
    config.write_text(
        f"{user}daemon off; pid {folder / 'pid'}; error_log stderr;\n"
        f"events {{}}\nhttp {{ access_log off; {paths}\n{server}\n}}\n"
    )
    return [find_nginx(), "-p", folder, "-c", config]


def check_set_up(url, key, clip):
    """What a phone does through a proxy, with the caller's own address and encryption known to the service."""
    authorized = {"Authorization": f"Bearer {key}"}
    with http_client.open_client(base_url=url, verify=False) as phone:
        assert phone.get("/v1/me").status_code == 401
        assert phone.get("/v1/me", headers={"X-Forwarded-For": "127.0.0.1"}).status_code == 401
        me = phone.get("/v1/me", headers=authorized).json()
        assert (me["owner"], me["tls"]) == ("ann", True)
        signed_in = phone.post("/v1/sign-ins", json={"key": key})
        assert "secure" in signed_in.headers["set-cookie"].lower()
        sent = phone.post("/v1/analyses", files={"clip": clip.open("rb")})
        assert sent.status_code == 202, sent.text
        assert phone.post("/v1/pairings").json()["url"].startswith(f"{url}/pair/")
        id = sent.json()["id"]
        events = []

        def follow():
            with phone.stream("GET", f"/v1/analyses/{id}/events") as stream:
                for line in stream.iter_lines():
                    if line.startswith("data:"):
                        events.append(line)

        following = threading.Thread(target=follow)
        following.start()
        end = time.monotonic() + 60
        while not events:  # events are not held back
            assert time.monotonic() < end
            time.sleep(0.05)
        assert phone.post(f"/v1/analyses/{id}/cancel").status_code == 200
        following.join(60)
        assert '"cancelled"' in events[-1]
        # The limit of wrong keys is that of one caller's address, which only the proxy knows.
        wrong = {"Authorization": "Bearer mak_x_y"}
        codes = [
            phone.get("/v1/me", headers=wrong | {"X-Forwarded-For": f"192.0.2.{i}"}).status_code for i in range(150)
        ]
        assert codes[-1] == 429


@pytest.mark.nginx
def test_documented_nginx(tmp_path, keyed):
    service_port, key = keyed
    made, port = ensure_lan_certificate(tmp_path / "tls", []), free_port()
    server = (DEPLOY / "nginx.conf").read_text()
    for old, new in (
        ("listen 443 ssl", f"listen 127.0.0.1:{port} ssl"),
        ("127.0.0.1:8000", f"127.0.0.1:{service_port}"),
        ("gym.example;", "localhost;"),
        ("/etc/ssl/gym.example.pem", str(made.certificate)),
        ("/etc/ssl/private/gym.example.key", str(made.key)),
    ):
        assert server.count(old) == 1, old
        server = server.replace(old, new)
    url = f"https://127.0.0.1:{port}"
    with running(nginx_command(tmp_path, server), url, tmp_path / "nginx.log"):
        check_set_up(url, key, tiny_clip(tmp_path / "a.mp4"))


@pytest.mark.caddy
def test_documented_caddy(tmp_path, keyed):
    service_port, key = keyed
    made, port = ensure_lan_certificate(tmp_path / "tls", []), free_port()
    text = (DEPLOY / "Caddyfile").read_text()
    for old, new in (
        ("gym.example {\n", f"https://127.0.0.1:{port} {{\n\ttls {made.certificate} {made.key}\n"),
        ("reverse_proxy 127.0.0.1:8000", f"reverse_proxy 127.0.0.1:{service_port}"),
        ("\tservers {", "\tadmin off\n\tauto_https disable_redirects\n\tservers {"),
    ):
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    (tmp_path / "Caddyfile").write_text(text)
    command = [find_caddy(), "run", "--config", tmp_path / "Caddyfile", "--adapter", "caddyfile"]
    url = f"https://127.0.0.1:{port}"
    with running(command, url, tmp_path / "caddy.log"):
        check_set_up(url, key, tiny_clip(tmp_path / "a.mp4"))


@pytest.mark.nginx
@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_nobody_comes_through_an_nginx_that_adds_no_header(tmp_path, local, version):
    _, service_port = local
    port = free_port()
    keep = 'proxy_set_header Connection "";'
    server = (
        f"server {{ listen {port}; location / {{ proxy_pass http://127.0.0.1:{service_port}; "
        f"proxy_http_version {version}; {keep} }} }}"
    )
    with running(nginx_command(tmp_path, server), f"http://127.0.0.1:{port}", tmp_path / "log"):
        assert http_client.get(f"http://127.0.0.1:{port}/v1/me").status_code == 421


@pytest.mark.caddy
def test_nobody_comes_through_a_caddy_that_removes_its_headers(tmp_path, local):
    _, service_port = local
    port = free_port()
    (tmp_path / "Caddyfile").write_text(
        "{\n\tadmin off\n\tauto_https off\n}\n"
        f":{port} {{\n\treverse_proxy 127.0.0.1:{service_port} {{\n\t\theader_up Host 127.0.0.1\n"
        "\t\theader_up -X-Forwarded-*\n\t\theader_up -Via\n\t}\n}\n"
    )
    command = [find_caddy(), "run", "--config", tmp_path / "Caddyfile", "--adapter", "caddyfile"]
    with running(command, f"http://127.0.0.1:{port}", tmp_path / "log"):
        assert http_client.get(f"http://127.0.0.1:{port}/v1/me").status_code == 421


def test_the_documented_set_ups_name_the_variable_that_exists():
    for name in ("nginx.conf", "Caddyfile"):
        assert re.search(r"ANALYZER_TRUSTED_PROXIES=127\.0\.0\.1", (DEPLOY / name).read_text())
