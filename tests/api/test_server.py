"""The `serve` command as a process: what it refuses, that its worker lives as long as it does, a clean end."""

import hashlib
import os
import re
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from contextlib import contextmanager

import httpx
import psutil
import pytest

from api.db import owners, sign_ins
from api.db.engine import open_database
from api.server import ServeAddress, StartRefusedError, _is_loopback, _WorkerSupervisor, serve
from api.settings import ServiceSettings
from api.sign_in_lifetime import SignInLifetime
from tests import http_client
from tests.api.service import problem_of, tiny_clip

HEAD = b'--b\r\nContent-Disposition: form-data; name="clip"; filename="a.mp4"\r\n\r\n'
COMMAND = [sys.executable, "-m", "analyzer"]


def run(*arguments, **environment):
    environment = os.environ | {"ANALYZER_LOG_JSON": "true"} | environment
    return subprocess.run([*COMMAND, *arguments], capture_output=True, text=True, timeout=120, env=environment)


@contextmanager
def serving(folder, *arguments, **environment):
    """The command's process, its lines so far, and the address."""
    command = [*COMMAND, "serve", "--port", "0", "--data", str(folder), *arguments]
    with (folder.parent / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True, env=os.environ | environment)
    try:
        lines = []
        for line in process.stdout:
            lines.append(line.rstrip("\n"))
            if line.startswith("Open "):
                break
        assert lines and lines[-1].startswith("Open "), (lines, (folder.parent / "log").read_text())
        url = re.sub(r"//[^/:]+:", "//127.0.0.1:", lines[-1].split()[1])
        until = time.monotonic() + 60
        while time.monotonic() < until:
            try:
                http_client.get(f"{url}/healthz", verify=False)
                break
            except httpx.TransportError:
                time.sleep(0.1)
        else:
            raise AssertionError((folder.parent / "log").read_text())
        yield process, lines, url
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def test_others_are_not_served_without_a_key(tmp_path):
    done = run("serve", "--host", "0.0.0.0", "--port", "0", "--data", str(tmp_path))
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "without a key anyone could see the clips" in done.stderr
    assert "analyzer keys create" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--tls-cert", "none.pem"], "must be given together"),
        (["--tls-cert", "none.pem", "--tls-key", "none.pem"], "no such file"),
        (["--http"], "--http goes with --lan"),
    ],
)
def test_tls_needs_both_files(tmp_path, run_here, arguments, says):
    done = run_here("serve", "--data", str(tmp_path), *arguments)
    assert done.returncode == 2
    assert says in done.stderr


def test_port_in_use_is_reported(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(
            StartRefusedError, match=f"port {port} is in use; choose another, such as --port {port + 1}"
        ):
            serve(ServiceSettings(data_dir=tmp_path), ServeAddress(port=port), lambda line: None, worker=False)


@pytest.mark.parametrize(
    ("host", "loopback"),
    [("127.0.0.1", True), ("localhost", True), ("::1", True), ("[::1]", True), ("127.9.9.9", True), ("0.0.0.0", False),
     ("::", False), ("192.168.1.5", False), ("gym.local", False), ("", False)],
)  # fmt: skip
def test_loopback_is_known(host, loopback):
    assert _is_loopback(host) is loopback


def test_keys_are_made_listed_and_revoked(tmp_path, run_here):
    data, run = ["--data", str(tmp_path)], run_here
    created = run("keys", "create", "ann", "--name", "laptop", *data)
    plain = created.stdout.strip()
    assert plain.startswith("mak_")
    assert f" for ann, in {tmp_path / 'analyzer.sqlite'}. " in created.stderr
    listed = run("keys", "list", *data).stdout
    assert "ann" in listed
    assert "laptop" in listed
    assert plain.split("_", 2)[2] not in listed
    id = listed.split()[0]
    assert run("keys", "revoke", id, *data).returncode == 0
    assert "revoked" in run("keys", "list", *data).stdout
    assert run("keys", "revoke", "key_none", *data).returncode == 2


def test_phones_are_listed_named_and_revoked(tmp_path, run_here):
    data, run = ["--data", str(tmp_path)], run_here
    run("keys", "create", "coach", *data)
    assert run("phones", "list", *data).stderr.strip() == "No phone is signed in."
    database = open_database(ServiceSettings(data_dir=tmp_path).db_url)
    with database.session() as session:
        agent = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Safari/604.1"
        owner = owners.create(session, "ann")
        cookie = sign_ins.create(session, owner.id, agent, SignInLifetime(7, 90))
    listed = run("phones", "list", *data).stdout
    assert "ann" in listed
    assert "iPhone, Safari" in listed
    id = listed.split()[0]
    assert run("phones", "rename", id, "At the rack", *data).returncode == 0
    assert "At the rack" in run("phones", "list", *data).stdout
    assert run("phones", "revoke", id, *data).returncode == 0
    with database.read_session() as session:
        assert sign_ins.find(session, cookie) is None
    assert run("phones", "revoke", id, *data).returncode == 2
    assert run("phones", "rename", id, "x", *data).returncode == 2
    database.close()


@pytest.mark.server
def test_with_a_key_others_are_served_who_have_it(tmp_path):
    key = run("keys", "create", "ann", "--data", str(tmp_path / "data")).stdout.strip()
    with serving(tmp_path / "data", "--host", "0.0.0.0") as (_, _, url):
        assert http_client.get(f"{url}/v1/me").status_code == 401
        assert http_client.get(f"{url}/v1/me", headers={"Authorization": f"Bearer {key}"}).json()["owner"] == "ann"


@pytest.mark.server
def test_the_worker_is_started_again_and_ends_with_the_server(tmp_path):
    (tmp_path / "data").mkdir()
    with serving(tmp_path / "data") as (process, _, url):
        own = psutil.Process(process.pid)
        first = until(lambda: workers_of(own))[0]
        os.kill(first.pid, signal.SIGKILL)
        second = until(lambda: [one for one in workers_of(own) if one.pid != first.pid])[0]
        until_ready(url)
        family = own.children(recursive=True)
        assert second in family
        process.kill()  # no process notifies the others
        _gone, alive = psutil.wait_procs(family, 40)
        assert not alive


@pytest.mark.server
def test_server_ends_on_a_signal_while_a_stream_is_open(tmp_path):
    (tmp_path / "data").mkdir()
    with serving(tmp_path / "data") as (process, _, url):
        own = psutil.Process(process.pid)
        until_ready(url)  # a worker that is suspended while it starts holds up the others at the database
        family = own.children(recursive=True)
        clip = tmp_path / "a.mp4"
        tiny_clip(clip)
        ended = []

        def follow(id):
            with httpx.stream("GET", f"{url}/v1/analyses/{id}/events", timeout=60) as answer:
                for line in answer.iter_lines():
                    ended.append(line)

        # The worker is stopped, so that the analysis stays in the queue and the stream open.
        for one in workers_of(own):
            one.suspend()
        id = http_client.post(f"{url}/v1/analyses", files={"clip": clip.open("rb")}).json()["id"]
        following = threading.Thread(target=follow, args=(id,))
        following.start()
        until(lambda: ended)
        for one in workers_of(own):
            one.resume()
        process.send_signal(signal.SIGTERM)
        assert process.wait(40) == 0
        following.join(30)
        assert not following.is_alive()
        _, alive = psutil.wait_procs(family, 40)
        assert not alive


@pytest.mark.server
def test_lan_is_encrypted_and_its_link_signs_a_phone_in(tmp_path):
    (tmp_path / "data").mkdir()
    with serving(tmp_path / "data", "--lan", "--no-worker") as (_, lines, url):
        text = "\n".join(lines)
        assert url.startswith("https://")
        assert "mak_" in text
        assert "▀" in text or "█" in text
        link = re.search(r"https://\S+(/pair/\S+)", text)[1]
        trusted = ssl.create_default_context(cafile=tmp_path / "data" / "tls" / "certificate.pem")
        stranger = http_client.open_client(base_url=url, verify=trusted)  # its names include this address
        assert stranger.get("/v1/me").status_code == 401
        with http_client.open_client(base_url=url, verify=trusted) as phone:
            assert "Sign in" in phone.get(link).text
            signed_in = phone.post(link)
            assert signed_in.status_code == 303
            cookie = signed_in.headers["set-cookie"].lower()
            assert {"secure", "httponly", "samesite=strict", "max-age=604800"} <= set(cookie.split("; "))
            assert "strict-transport-security" not in signed_in.headers  # the warning has to be passable
            body = phone.get("/v1/me").json()
            assert (body["owner"], body["auth"], body["lan"], body["tls"]) == ("local", "sign_in", True, True)
        assert stranger.post(link).status_code == 404
        key = re.search(r"mak_\S+", text)[0]
        assert stranger.get("/v1/me", headers={"Authorization": f"Bearer {key}"}).json()["owner"] == "local"
        assert key.split("_", 2)[2] not in (tmp_path / "log").read_text()
        served = ssl.get_server_certificate(("127.0.0.1", httpx.URL(url).port))
        fingerprint = hashlib.sha256(ssl.PEM_cert_to_DER_cert(served)).hexdigest()
        shown = "".join(re.findall(r"^  ((?:[0-9A-F]{2}:?){16})$", text, re.MULTILINE)).replace(":", "")
        assert shown.lower() == fingerprint
    with serving(tmp_path / "data", "--lan", "--no-worker") as (_, lines, _):
        assert "mak_" not in "\n".join(lines)  # there is one now
        again = "".join(re.findall(r"^  ((?:[0-9A-F]{2}:?){16})$", "\n".join(lines), re.MULTILINE)).replace(":", "")
        assert again == shown


@pytest.mark.server
def test_the_warning_is_explained_over_plain_http_and_nothing_else(tmp_path):
    (tmp_path / "data").mkdir()
    with serving(tmp_path / "data", "--lan", "--no-worker") as (_, lines, url):
        text = "\n".join(lines)
        port = int(re.search(r"What to do on the phone: http://[^:]+:(\d+)", text)[1])
        notice = f"http://127.0.0.1:{port}"
        page = http_client.get(f"{notice}/", headers={"Cookie": "analyzer_sign_in=x", "Host": "evil.example"})
        assert page.status_code == 200
        assert "SHA-256" in page.text
        assert "evil.example" not in page.text
        for secret in (re.search(r"/pair/(\S+)", text)[1], re.search(r"mak_\S+", text)[0], "pair_", "set-cookie"):
            assert secret not in page.text + str(page.headers)
        assert not re.search(r"(?:[0-9A-F]{2}:){8}", page.text)  # who changes the page would change it too
        assert re.findall(r'href="([^"]+)"', page.text) == [re.search(r"Open (\S+)", lines[-1])[1]]
        for path in ("/v1/me", "/pair/x", "/healthz", "/?a=b"):
            for method in ("GET", "POST", "PUT"):
                answer = http_client.request(method, f"{notice}{path}")
                assert (answer.status_code, answer.headers["location"], answer.text) == (302, "/", "")
        with pytest.raises(httpx.TransportError):
            http_client.get(url.replace("https:", "http:") + "/v1/me")


@pytest.mark.server
def test_lan_without_encryption_says_so(tmp_path):
    (tmp_path / "data").mkdir()
    with serving(tmp_path / "data", "--lan", "--http", "--no-worker") as (_, lines, url):
        assert url.startswith("http://")
        assert "others in this Wi-Fi can read along" in "\n".join(lines)
        assert not (tmp_path / "data" / "tls").exists()


@pytest.mark.server
@pytest.mark.parametrize("what", ["phone", "key"])
def test_a_lost_phone_or_key_is_out_and_its_open_requests_end(tmp_path, what):
    (tmp_path / "data").mkdir()
    clip = tiny_clip(tmp_path / "a.mp4")
    with serving(tmp_path / "data", "--lan", "--no-worker") as (_, lines, url):
        text, data = "\n".join(lines), ["--data", str(tmp_path / "data")]
        phone = http_client.open_client(base_url=url, verify=False, timeout=90)
        if what == "phone":
            phone.post(re.search(r"(/pair/\S+)", text)[1])
            [listed] = phone.get("/v1/sign-ins").json()["items"]
            assert listed["current"]
            revoke = ["phones", "revoke", listed["id"]]
        else:
            phone.headers["Authorization"] = "Bearer " + re.search(r"mak_\S+", text)[0]
            revoke = ["keys", "revoke", run("keys", "list", *data).stdout.split()[0]]
        id = phone.post("/v1/analyses", files={"clip": clip.open("rb")}).json()["id"]
        ended_s, began = [], threading.Event()

        def follow():
            with phone.stream("GET", f"/v1/analyses/{id}/events") as stream:
                for _ in stream.iter_lines():
                    began.set()
            ended_s.append(time.monotonic())

        def wait_long():
            phone.get(f"/v1/analyses/{id}", params={"wait": 60})
            ended_s.append(time.monotonic())

        threads = [threading.Thread(target=work) for work in (follow, wait_long)]
        for thread in threads:
            thread.start()
        assert began.wait(60)
        done = run(*revoke, *data)
        revoked_s = time.monotonic()
        assert done.returncode == 0, done.stderr
        assert phone.get("/v1/me").status_code == 401
        for thread in threads:
            thread.join(30)
        assert len(ended_s) == 2
        assert max(ended_s) - revoked_s < 15  # not when the wait is over


@pytest.fixture(scope="module")
def served(tmp_path_factory, starts_server):
    """One service for the tests that only send to it, with a limit of 4 MB: its address and its folder."""
    data = tmp_path_factory.mktemp("served") / "data"
    data.mkdir()
    with serving(data, ANALYZER_MAX_UPLOAD_BYTES="4000000") as (_, _, url):
        yield url, data


def test_a_body_over_the_limit_is_cut_off_early(served):
    url, data = served
    host, port = url.removeprefix("http://").split(":")
    answer = http_client.post(f"{url}/v1/analyses", content=b"x" * 6_000_000,
                              headers={"Content-Type": "multipart/form-data; boundary=b"})  # fmt: skip
    assert answer.status_code == 413
    problem_of(answer)
    with socket.create_connection((host, int(port))) as raw:  # without a length
        raw.sendall(f"POST /v1/analyses HTTP/1.1\r\nHost: {host}:{port}\r\nTransfer-Encoding: chunked\r\n"
                    "Content-Type: multipart/form-data; boundary=b\r\n\r\n".encode())  # fmt: skip
        raw.sendall(b"%x\r\n%s\r\n" % (len(HEAD), HEAD))
        sent = 0
        try:
            for _ in range(200):
                raw.sendall(b"%x\r\n%s\r\n" % (65536, b"x" * 65536))
                sent += 65536
        except OSError:
            pass
        raw.settimeout(20)
        answer = raw.recv(4096)
    assert b" 413 " in answer
    assert not list((data / "incoming").glob("*"))


def test_an_upload_that_breaks_off_leaves_nothing(served):
    url, data = served
    host, port = url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as raw:
        raw.sendall(f"POST /v1/analyses HTTP/1.1\r\nHost: {host}:{port}\r\nContent-Length: 3900000\r\n"
                    "Content-Type: multipart/form-data; boundary=b\r\n\r\n".encode())  # fmt: skip
        raw.sendall(HEAD + b"x" * 3_000_000)
        incoming = data / "incoming"
        until(lambda: list(incoming.glob("*.part")))
    until(lambda: not list(incoming.glob("*")))


def test_a_phone_that_comes_back_ends_its_own_dead_connection(served):
    """The old connection holds the upload open; the new one is answered at once, and so is everybody else."""
    url, data = served
    tus = {"Tus-Resumable": "1.0.0"}
    host, port = url.removeprefix("http://").split(":")
    address = http_client.post(f"{url}/v1/uploads/", headers=tus | {"Upload-Length": "1000"}).headers["location"]
    with socket.create_connection((host, int(port))) as dead:
        dead.sendall(
            f"PATCH {address} HTTP/1.1\r\nHost: {host}:{port}\r\nTus-Resumable: 1.0.0\r\nUpload-Offset: 0\r\n"
            "Content-Type: application/offset+octet-stream\r\nContent-Length: 1000\r\n\r\n".encode()
            + b"a" * 300
        )
        until(lambda: any(path.stat().st_size == 300 for path in (data / "uploads").rglob("*") if path.is_file()))
        began = time.monotonic()
        answer = http_client.head(f"{url}{address}", headers=tus)
        assert answer.headers["upload-offset"] == "300"
        headers = tus | {"Upload-Offset": "300", "Content-Type": "application/offset+octet-stream"}
        assert http_client.patch(f"{url}{address}", content=b"b" * 700, headers=headers).status_code == 204
        assert http_client.get(f"{url}/healthz").is_success
        assert time.monotonic() - began < 25  # before the dead connection is closed for its rate


def test_a_worker_that_keeps_dying_is_given_time(tmp_path):
    waited_s = []

    class NoWaiting(threading.Event):
        """Notes how long was to be waited, and ends it all after the seventh time."""

        def wait(self, timeout=None):
            waited_s.append(timeout)
            if len(waited_s) == 7:
                self.set()
            return self.is_set()

    worker = _WorkerSupervisor(tmp_path, ["false"])
    worker._stop = NoWaiting()
    worker._supervise()
    assert waited_s == [1, 2, 4, 8, 16, 30, 30]
    assert worker.starts == 7


def workers_of(process):
    return [one for one in process.children() if "worker" in one.cmdline() and one.status() != psutil.STATUS_ZOMBIE]


def until_ready(url):
    until(lambda: http_client.get(f"{url}/readyz").is_success, 180)


def until(check, seconds=60):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            result = check()
        except (psutil.Error, httpx.TransportError):
            result = None
        if result:
            return result
        time.sleep(0.2)
    raise AssertionError(f"not within {seconds} s")
