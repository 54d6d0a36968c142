"""Capture the packets of pairing a phone, filming and sharing, and search them for what nobody else may read.

    unshare --net python -m benchmarks.lan_packets [--http]

Runs `analyzer serve --lan` in the network namespace of this process, which should be one of its own, and captures every
packet of its loopback interface (root only). With `--http` the same is done without encryption, to show that the search
finds what is there.
"""

import argparse
import re
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx

from api.db import analyses
from api.db.engine import open_database
from api.settings import ServiceSettings
from api.storage.file_store import open_files, result_key

CLIENT, NOTE, CLIP_NAME = "Kim Muster-Beispiel", "left hip since spring", "kim-muster-squat.mp4"
FRAME = bytes(range(256)) * 2  # stands for the picture of a person: bytes that are nowhere else
_ALL_PROTOCOLS = 0x0003
_RUN = "run1"
_TIMEOUT_S = 60


def pair_film_and_share(url: str, lines: list[str], data: Path, clip: bytes) -> dict[str, bytes]:
    """Do what a phone does, from the page about the certificate to a client's open link; return all secrets of it."""
    text = "\n".join(lines)
    token = found(r"/pair/(\S+)", text)
    notice = re.search(r"What to do on the phone: http://[^:]+:(\d+)", text)
    if notice is not None:
        httpx.get(f"http://127.0.0.1:{notice[1]}/", timeout=_TIMEOUT_S).raise_for_status()
    with httpx.Client(base_url=url, verify=False, timeout=_TIMEOUT_S) as phone:
        cookie = phone.post(f"/pair/{token}").cookies["analyzer_sign_in"]
        phone.get("/").raise_for_status()
        client = phone.post("/v1/clients", json={"name": CLIENT, "note": NOTE}).json()["id"]
        content = clip + FRAME
        sent = phone.post("/v1/analyses", files={"clip": (CLIP_NAME, content)}, data={"client": client})
        sent.raise_for_status()
        id = sent.json()["id"]
        _finish(data, id, content)
        assert phone.get(f"/v1/analyses/{id}/clip").content == content
        assert phone.get(f"/v1/clients/{client}").json()["name"] == CLIENT
        share = phone.post(f"/v1/analyses/{id}/shares").json()["url"]
    shared = httpx.get(f"{url}/s/{share.rpartition('/')[2]}", verify=False, timeout=_TIMEOUT_S)
    assert CLIENT in shared.text
    secrets = {"cookie": cookie, "pairing link": token, "share link": share.rpartition("/")[2], "client": CLIENT,
               "note": NOTE, "clip's name": CLIP_NAME, "key": found(r"(mak_\S+)", text)}  # fmt: skip
    return {name: secret.encode() for name, secret in secrets.items()} | {"frame": FRAME[:64]}


def found(pattern: str, text: str) -> str:
    """Return the first group of a pattern that occurs in the text."""
    match = re.search(pattern, text)
    assert match is not None, (pattern, text)
    return match[1]


def find_secrets(traffic: bytes, secrets: Mapping[str, bytes]) -> list[str]:
    """Return the names of the secrets that the traffic contains."""
    return [name for name, secret in secrets.items() if secret in traffic]


def _finish(data: Path, id: str, clip: bytes) -> None:
    """Finish an analysis as a worker does it."""
    settings = ServiceSettings(data_dir=data)
    for name, content in (("client.html", f"<!doctype html><p>{CLIENT} can</p>".encode()), ("clip.mp4", clip)):
        (data / name).write_bytes(content)
        open_files(settings).put(data / name, result_key(id, _RUN, name))
    database = open_database(settings.db_url)
    with database.session() as session:
        analyses.mark_started(session, id, "worker")
        analyses.mark_done(session, id, _RUN, {"movement": "squat"})
    database.close()


@contextmanager
def serve_lan(data: Path, *options: str) -> Iterator[tuple[list[str], str]]:
    """Run `analyzer serve --lan`; yield the lines it printed, and its address on loopback."""
    command = [sys.executable, "-m", "analyzer", "serve", "--lan", "--no-worker", "--port", "0", "--data", str(data)]
    process = subprocess.Popen([*command, *options], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        lines = []
        for line in process.stdout:
            lines.append(line.rstrip("\n"))
            if line.startswith("Open "):
                break
        scheme, port = found(r"(https?):", lines[-1]), found(r":(\d+)", lines[-1])
        yield lines, f"{scheme}://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(30)
        process.stdout.close()


class PacketCapture:
    """All packets of the loopback interface, captured in a thread."""

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(_ALL_PROTOCOLS))
        self._socket.bind(("lo", 0))
        self._socket.setsockopt(socket.SOL_SOCKET, 33, 1 << 28)  # SO_RCVBUFFORCE
        self._socket.settimeout(0.5)
        self._stop = threading.Event()
        self.packets: list[bytes] = []
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def stop(self) -> bytes:
        """Return all that was captured: the packets after each other, and each with its headers removed."""
        self._stop.set()
        self._thread.join()
        self._socket.close()
        # A secret may be split over two packets: the payloads of TCP, without the headers, are joined as well.
        return b"".join(self.packets) + b"".join(map(_tcp_payload, self.packets))

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                packet, address = self._socket.recvfrom(1 << 17)
            except TimeoutError:
                continue
            if address[2] != socket.PACKET_OUTGOING:  # on loopback each packet is there twice
                self.packets.append(packet)


def _tcp_payload(packet: bytes) -> bytes:
    ip = packet[14:]
    if len(ip) < 40 or ip[0] >> 4 != 4 or ip[9] != socket.IPPROTO_TCP:
        return b""
    tcp = ip[(ip[0] & 15) * 4 :]
    return tcp[(tcp[12] >> 4) * 4 :]


def main() -> None:
    """Run, and print what was found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--http", action="store_true", help="without encryption, as a control")
    options = ["--http"] if parser.parse_args().http else []
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    clip = (Path(__file__).parents[1] / "sample_videos" / "hinge_neutral.mp4").read_bytes()
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        data.mkdir()
        capture = PacketCapture()
        with serve_lan(data, *options) as (lines, url):
            secrets = pair_film_and_share(url, lines, data, clip)
        traffic = capture.stop()
    in_clear = find_secrets(traffic, secrets)
    print(f"{len(capture.packets)} packets, {sum(map(len, capture.packets)) / 1e6:.1f} MB")
    print(f"searched for: {', '.join(secrets)}")
    print(f"in clear: {', '.join(in_clear) or 'nothing'}")


if __name__ == "__main__":
    main()
