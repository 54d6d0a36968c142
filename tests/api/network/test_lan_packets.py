"""What others in the same Wi-Fi see of pairing, filming and sharing: nothing with `--lan`, everything with `--http`."""

import socket
import threading
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import pytest

from benchmarks.lan_packets import find_secrets, pair_film_and_share, serve_lan
from tests.api.service import tiny_clip


class Recorder:
    """Forwards connections to a port and records all bytes of both directions."""

    def __init__(self, to_port: int) -> None:
        self._to_port = to_port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.streams: list[bytearray] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    @property
    def traffic(self) -> bytes:
        return b"|".join(bytes(stream) for stream in self.streams)

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                phone, _ = self._listener.accept()
                service = socket.create_connection(("127.0.0.1", self._to_port))
                for source, target in ((phone, service), (service, phone)):
                    threading.Thread(target=self._copy, args=(source, target), daemon=True).start()

    def _copy(self, source: socket.socket, target: socket.socket) -> None:
        stream = bytearray()
        self.streams.append(stream)
        with suppress(OSError):
            while data := source.recv(65536):
                stream += data
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)


@contextmanager
def recorded(port: int):
    recorder = Recorder(port)
    yield recorder
    recorder.close()


@pytest.mark.server
@pytest.mark.parametrize("options", [(), ("--http",)])
def test_nothing_readable_is_sent_unless_it_is_asked_for(tmp_path: Path, options: tuple[str, ...]):
    clip = tiny_clip(tmp_path / "a.mp4").read_bytes()
    data = tmp_path / "data"
    data.mkdir()
    with serve_lan(data, *options) as (lines, url), recorded(httpx.URL(url).port) as recorder:
        seen_url = f"{httpx.URL(url).scheme}://127.0.0.1:{recorder.port}"
        secrets = pair_film_and_share(seen_url, lines, data, clip)
    assert len(recorder.traffic) > len(clip)
    sent = [name for name in secrets if name != "key"]  # that is for scripts; the phone does not send it
    assert find_secrets(recorder.traffic, secrets) == (sent if options else [])
