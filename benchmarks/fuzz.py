"""Fuzzed and mutated uploads, by the thousand: server and worker stay up, memory stays flat, and nothing is stored.

    python -m benchmarks.fuzz [--uploads 20000] [--seed 1]

The seeds are small clips in six containers and seven codecs, and the smallest sample clips. What is accepted is
deleted at once, while it waits or while the worker analyses it; one in 25 is analysed to its end before.
"""

import argparse
import random
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx

from api.storage.store_identity import ID_FILE
from benchmarks.service_process import ServiceProcess, run_service

SAMPLES = Path(__file__).parents[1] / "sample_videos"
AT_ONCE, STEP = 4, 1000
ANALYSED_SHARE, ANALYSIS_S = 0.04, 180.0  # of the accepted clips; the longest wait for the end of one
CODECS = (
    ("mp4", "libx264"),
    ("mp4", "libx265"),
    ("mov", "mpeg4"),
    ("mov", "prores_ks"),
    ("matroska", "libx264"),
    ("webm", "libvpx-vp9"),
    ("avi", "mjpeg"),
    ("mpegts", "libx264"),
)
MAGIC = (
    b"\x00\x00\x00\x18ftypmp42",
    b"\x00\x00\x00\x14ftypqt  ",
    b"\x1aE\xdf\xa3",
    b"RIFF\xff\xff\x00\x00AVI ",
    b"PK\x03\x04",
    b"ffconcat version 1.0\n",
    b"#EXTM3U\n",
    b"\xff\xd8\xff",
    b"ID3",
    b"<?xml",
    b"v=0\n",
    b"G@\x00\x10\x00\x00\xb0\r",
    b"GIF89a",
    b"OggS\x00\x02",
    b"FLV\x01\x05",
    b"\x00\x00\x01\xba",
)
BOXES = (b"moov", b"trak", b"stsz", b"stts", b"stsd", b"mdat", b"elst", b"avcC", b"ctts")
TABLES = (b"stsz", b"stco", b"stsc", b"stts", b"tkhd", b"mvhd", b"mdhd")
SIZES = (b"\x00" * 4, b"\xff" * 4, b"\x00\x00\x00\x01", b"\x00\x10\x00\x00")


def truncate(rng: random.Random, data: bytearray, at: int) -> None:
    """Cut off the data at a position."""
    del data[at:]


def replace_bytes(rng: random.Random, data: bytearray, at: int) -> None:
    """Replace some bytes by random ones, not always as many."""
    data[at : at + rng.randint(1, 64)] = rng.randbytes(rng.randint(0, 64))


def flip_bits(rng: random.Random, data: bytearray, at: int) -> None:
    """Flip one bit."""
    if data:
        data[at] ^= 1 << rng.randrange(8)


def duplicate_bytes(rng: random.Random, data: bytearray, at: int) -> None:
    """Insert the start of the data at a position."""
    data[at:at] = data[: rng.randint(1, 4096)]


def zero_bytes(rng: random.Random, data: bytearray, at: int) -> None:
    """Set up to 500 bytes to zero."""
    data[at : at + 500] = bytes(len(data[at : at + 500]))


def resize_box(rng: random.Random, data: bytearray, at: int) -> None:
    """Overwrite the size of an MP4 box."""
    box = data.find(rng.choice(BOXES))
    if box >= 4:
        data[box - 4 : box] = rng.choice(SIZES)


def scramble_table(rng: random.Random, data: bytearray, at: int) -> None:
    """Overwrite the head of an MP4 table with random bytes."""
    table = data.find(rng.choice(TABLES))
    if table >= 0:
        data[table + 8 : table + 24] = rng.randbytes(16)


def prepend_magic(rng: random.Random, data: bytearray, at: int) -> None:
    """Replace the data by the first bytes of another format and random bytes."""
    data[:] = rng.choice(MAGIC) + rng.randbytes(rng.randint(0, 5000))


def random_bytes(rng: random.Random, data: bytearray, at: int) -> None:
    """Replace the data by up to 300 random bytes."""
    data[:] = rng.randbytes(rng.randint(0, 300))


MUTATIONS = (
    truncate,
    replace_bytes,
    flip_bits,
    duplicate_bytes,
    zero_bytes,
    resize_box,
    scramble_table,
    prepend_magic,
    random_bytes,
)


def mutate(rng: random.Random, seeds: list[bytes]) -> bytes:
    """Return a damaged clip, or bytes that never were one."""
    data = bytearray(rng.choice(seeds))
    for _ in range(rng.randint(1, 4)):
        rng.choice(MUTATIONS)(rng, data, rng.randrange(len(data)) if data else 0)
    return bytes(data)


def send_clip(client: httpx.Client, number: int, seed: int, seeds: list[bytes]) -> str:
    """Send one mutated clip in one of three ways; return the outcome."""
    rng = random.Random(f"{seed}-{number}")
    data = mutate(rng, seeds)
    draw = rng.random()
    if draw < 0.05:  # the body itself is hurt
        whole = (
            b'--b\r\nContent-Disposition: form-data; name="clip"; filename="a.mp4"\r\n\r\n' + data + b"\r\n--b--\r\n"
        )
        body = bytearray(whole)
        for _ in range(rng.randint(1, 5)):
            at = rng.randrange(min(len(body), 120))
            body[at : at + rng.randint(0, 3)] = rng.randbytes(rng.randint(0, 3))
        headers = {"Content-Type": "multipart/form-data; boundary=b"}
        answer = client.post("/v1/analyses", content=bytes(body), headers=headers)
    elif draw < 0.1 and data:
        tus = {"Tus-Resumable": "1.0.0"}
        url = client.post("/v1/uploads/", headers=tus | {"Upload-Length": str(len(data))}).headers["location"]
        piece = tus | {"Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}
        client.patch(url, content=data, headers=piece).raise_for_status()
        answer = client.post("/v1/analyses", json={"upload": url.rpartition("/")[2]})
        client.delete(url, headers=tus)
    else:
        answer = client.post("/v1/analyses", files={"clip": (rng.choice(["a.mp4", "../b.mov", "c" * 300]), data)})
    if answer.status_code == 202:
        id, outcome = answer.json()["id"], "taken"
        if rng.random() < ANALYSED_SHARE:
            outcome = f"analysed: {_wait_for_end(client, id)}"
        client.delete(f"/v1/analyses/{id}").raise_for_status()
        return f"{outcome}, then deleted"
    if answer.headers["content-type"] != "application/problem+json":
        return f"{answer.status_code} without a problem"
    return f"{answer.status_code} {answer.json()['title'].lower()}"


def _wait_for_end(client: httpx.Client, id: str) -> str:
    """Return how the analysis ended."""
    until_s = time.monotonic() + ANALYSIS_S
    while time.monotonic() < until_s:
        row = client.get(f"/v1/analyses/{id}?wait=10").json()
        if row["status"] not in ("queued", "running"):
            return f"{row['status']} {(row.get('error') or {}).get('code', '')}".strip()
    return "no end"


def list_service_pids(up: ServiceProcess) -> set[int]:
    """Return the processes whose end would be a crash: the server and its worker."""
    return {up.process.pid, *(worker.pid for worker in up.workers())}


def main() -> None:
    """Print the table; exit with 1 where the server failed or something was left."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--uploads", type=int, default=20_000)
    options.add_argument("--seed", type=int, default=1)
    arguments = options.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        seeds = [path.read_bytes() for path in sorted(SAMPLES.glob("*.mp4"))]
        seeds = sorted(seeds, key=len)[:3] + [_encode_tiny(folder / "tiny", *each) for each in CODECS]
        (folder / "tiny").unlink()
        with run_service(folder, worker=True, requests_per_minute=10_000_000, log_json=True) as up:
            client = httpx.Client(base_url=up.url, timeout=120)
            outcomes: Counter[str] = Counter()
            while client.get("/readyz").status_code != 200:  # until the worker takes jobs
                time.sleep(0.5)
            pids = list_service_pids(up)
            began = time.monotonic()
            print(f"{'uploads':>8s} {'server MB':>10s} {'worker MB':>10s} {'a second':>9s}")
            for start in range(0, arguments.uploads, STEP):
                with ThreadPoolExecutor(AT_ONCE) as pool:
                    numbers = range(start, min(start + STEP, arguments.uploads))
                    outcomes.update(pool.map(lambda number: send_clip(client, number, arguments.seed, seeds), numbers))
                rate = (start + len(numbers)) / (time.monotonic() - began)
                memory = f"{up.memory_mb():10.0f} {up.worker_memory_mb():10.0f}"
                print(f"{start + len(numbers):8d} {memory} {rate:9.1f}", flush=True)
            alive = client.get("/healthz").is_success and list_service_pids(up) == pids
            wait_until_idle(folder)
            rows = client.get("/v1/analyses").json()["items"]
            places = ("files", "incoming", "uploads", "scratch")
            found = [path for place in places for path in (folder / place).rglob("*") if path.is_file()]
            left = [path for path in found if path.name != ID_FILE]
        failures = (folder / "log").read_text().count('"level": "error"')
    for outcome, count in outcomes.most_common():
        print(f"{count:8d} {outcome}")
    print(f"server and worker up, the same processes: {alive}")
    print(f"analyses left: {len(rows)}; files left: {len(left)}; errors in the log: {failures}")
    bad = not alive or rows or left or any(outcome.startswith("5") for outcome in outcomes)
    raise SystemExit(1 if bad else 0)


def wait_until_idle(folder: Path) -> None:
    """Wait until the worker has noticed what was deleted while it ran."""
    until_s = time.monotonic() + 60
    while any((folder / "scratch").glob("*/*")) and time.monotonic() < until_s:
        time.sleep(0.5)


def _encode_tiny(path: Path, container_format: str, codec: str) -> bytes:
    """Return a clip of ten small grey frames."""
    import av
    import numpy as np

    with av.open(str(path), "w", format=container_format) as container:
        stream = container.add_stream(codec, rate=25)
        stream.width, stream.height = 64, 48
        stream.pix_fmt = {"mjpeg": "yuvj420p", "prores_ks": "yuv422p10le"}.get(codec, "yuv420p")
        for i in range(10):
            frame = av.VideoFrame.from_ndarray(np.full((48, 64, 3), 20 * i, np.uint8), format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path.read_bytes()


if __name__ == "__main__":
    main()
