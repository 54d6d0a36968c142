"""Hostile and odd files for `benchmarks.robustness`, each with the exit code that `analyzer run` owes it."""

import os
import struct
import sys
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from analyzer.clip.frame_reader import read_frames
from analyzer.clip.probe import open_clip
from analyzer.settings import Settings

DONE, NOT_ANALYSED, WRONG_USAGE = 0, 1, 2

_FRAMES, _SIZE = 75, (640, 360)  # enough of a hinge for a person to be found, and quick
_OPTIONS = {
    "libx264": {"preset": "ultrafast", "x264-params": "log-level=-1"},
    "libx265": {"preset": "ultrafast", "x265-params": "log-level=-1"},
    "libvpx-vp9": {"deadline": "realtime", "cpu-used": "8"},
    "libvpx": {"deadline": "realtime", "cpu-used": "8"},
    "libsvtav1": {"preset": "12"},
}


@dataclass(frozen=True)
class OddFileCase:
    """One file, and what the command owes it: an exit code, and a word of its line on standard error."""

    what: str
    path: Path
    exit_code: int
    says: str = ""
    extra: tuple[str, ...] = ()
    limits: dict[str, str] = field(default_factory=dict)


def make_odd_files(folder: Path, sample: Path, port: int) -> list[OddFileCase]:
    """Build every file in `folder`; those that name an address name 127.0.0.1:`port`."""
    os.environ["SVT_LOG"] = "0"
    clip = open_clip(sample, Settings())
    person = [image for _, image in read_frames(clip, 0, _FRAMES, size_px=_SIZE)]
    maker = _FileMaker(folder, person)
    cases = [*_no_clips(maker, port), *_bad_clips(maker, port), *_odd_clips(maker), *_usage(maker)]
    if sys.platform == "linux":  # where it is root, the AV1 encoder makes this process and its children real-time
        os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
    return cases


class _FileMaker:
    """Makes files with a name each, and keeps one whole MP4 to be hurt in many ways."""

    def __init__(self, folder: Path, person: list[NDArray[np.uint8]]) -> None:
        self.folder, self.person = folder, person
        self.whole = self.clip("whole.mp4").read_bytes()

    def raw(self, name: str, content: bytes) -> Path:
        """Write a file with this content."""
        (self.folder / name).write_bytes(content)
        return self.folder / name

    def clip(
        self,
        name: str,
        codec: str = "libx264",
        images: list[NDArray[np.uint8]] | None = None,
        stamps: list[int] | None = None,
        pix_fmt: str = "yuv420p",
        mux: dict[str, str] | None = None,
        **stream_options: Any,
    ) -> Path:
        """Encode a clip, of the person unless other images are given."""
        images = self.person if images is None else images
        turn, hflip = stream_options.pop("turn_ccw_deg", None), stream_options.pop("hflip", False)
        with av.open(f"file:{self.folder / name}", "w", options=mux or {}) as container:
            stream = container.add_stream(codec, rate=30, options=_OPTIONS.get(codec, {}))
            context = stream.codec_context
            context.width, context.height, context.pix_fmt = images[0].shape[1], images[0].shape[0], pix_fmt
            context.time_base = Fraction(1, 1000) if stamps else Fraction(1, 30)
            if codec in ("mjpeg", "mpeg4"):
                context.bit_rate = 4_000_000
            for key, value in stream_options.items():
                setattr(context, key, value)
            if turn is not None or hflip:
                stream.set_display_rotation(turn or 0, hflip=hflip)
            for i, image in enumerate(images):
                frame = VideoFrame.from_ndarray(np.ascontiguousarray(image), "rgb24")
                frame.pts, frame.time_base = stamps[i] if stamps else i, context.time_base
                container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
        return self.folder / name

    def media(self) -> tuple[int, int]:
        """Return where the media data of the whole clip starts and ends."""
        at = self.whole.index(b"mdat") - 4
        return at + 8, at + int.from_bytes(self.whole[at : at + 4], "big")


def _no_clips(make: _FileMaker, port: int) -> list[OddFileCase]:
    """Return files that are no video at all, most of them named as one."""
    address = f"http://127.0.0.1:{port}/clip.mp4"
    whole = make.folder / "whole.mp4"
    contents: list[tuple[str, bytes, str]] = [
        ("empty file", b"", "is empty"),
        ("text", b"Client notes, third session.\n" * 50, "is a text file"),
        ("UTF-16 text", ("Notizen über den Rücken\n" * 9).encode("utf-16"), "is a text file"),
        ("JSON", b'{"reps": []}', "is a text file"),
        ("ffconcat of a local clip", f"ffconcat version 1.0\nfile {whole}\n".encode(), "is a playlist"),
        ("ffconcat of an address", f"ffconcat version 1.0\nfile {address}\n".encode(), "is a playlist"),
        ("HLS playlist", f"#EXTM3U\n#EXTINF:10,\n{address}\n#EXT-X-ENDLIST\n".encode(), "is a playlist"),
        ("HLS playlist after a byte order mark", f"\ufeff#EXTM3U\n{address}\n".encode(), "is a playlist"),
        ("session description (SDP)", b"v=0\no=- 0 0 IN IP4 127.0.0.1\nm=video 5004 RTP/AVP 96\n", "is a playlist"),
        ("DASH manifest", b'<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011"/>', "is a playlist"),
        ("PLS playlist", f"[playlist]\nFile1={address}\n".encode(), "is a playlist"),
        ("JPEG", b"\xff\xd8\xff\xe0" + bytes(500), "is a picture"),
        ("PNG", b"\x89PNG\r\n\x1a\n" + bytes(500), "is a picture"),
        ("GIF without a frame", b"GIF89a" + bytes(500), "is damaged"),
        ("WebP", b"RIFF\x20\x00\x00\x00WEBPVP8 " + bytes(500), "is a picture"),
        ("HEIC photo", b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + bytes(500), "is a picture"),
        ("AVIF photo", b"\x00\x00\x00\x18ftypavif\x00\x00\x00\x00mif1avif" + bytes(500), "is a picture"),
        ("WAV", b"RIFF\x24\x00\x00\x00WAVEfmt " + bytes(500), "is a sound recording"),
        ("zip archive", b"PK\x03\x04" + bytes(range(256)) * 4, "is not a kind of video"),
        ("noise", np.random.default_rng(0).bytes(20_000), "is not a kind of video"),
        ("zeros", bytes(20_000), "is not a kind of video"),
        ("MPEG transport stream", (b"\x47\x40\x00\x10" + bytes(184)) * 50, "is not a kind of video"),
        ("only the head of an MP4", make.whole[:24], "is unfinished"),
        ("only the head of a Matroska", b"\x1aE\xdf\xa3\x80", "is damaged"),
        ("only the head of an AVI", b"RIFF\x00\x00\x00\x00AVI ", "is damaged"),
    ]
    cases = [
        OddFileCase(what, make.raw(f"no{i:02d}.mp4", content), NOT_ANALYSED, says)
        for i, (what, content, says) in enumerate(contents)
    ]
    os.mkfifo(make.folder / "pipe.mp4")
    (make.folder / "folder.mp4").mkdir()
    return [
        *cases,
        OddFileCase("no such file", make.folder / "missing.mp4", NOT_ANALYSED, "no such file"),
        OddFileCase("a folder", make.folder / "folder.mp4", NOT_ANALYSED, "is a folder"),
        OddFileCase("a pipe", make.folder / "pipe.mp4", NOT_ANALYSED, "is not a plain file"),
        OddFileCase("a device", Path(os.devnull), NOT_ANALYSED, "is not a plain file"),
        OddFileCase("a line break in the name", make.raw("a\nb.mp4", b"text"), NOT_ANALYSED, "is a text file"),
    ]


def _bad_clips(make: _FileMaker, port: int) -> list[OddFileCase]:
    """Return video containers that cannot or must not be analysed."""
    start, end = make.media()
    noise = make.whole[:start] + b"\xff" * (end - start) + make.whole[end:]
    grey = [np.full((360, 640, 3), 128, np.uint8)] * 40
    rng = np.random.default_rng(0)
    sound = make.folder / "sound.mp4"
    with av.open(str(sound), "w") as container:
        stream = container.add_stream("aac", rate=8000)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), "fltp", "mono")
        frame.sample_rate, frame.pts = 8000, 0
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    static = [rng.integers(0, 256, (360, 640, 3), np.uint8) for _ in range(20)]
    locked = make.whole.replace(b"avc1\x00\x00\x00\x00", b"encv\x00\x00\x00\x00")
    huge = [np.zeros((4320, 8192, 3), np.uint8)]
    local = f"file://{make.folder / 'whole.mp4'}"
    rows: list[tuple[str, Path, str]] = [
        ("MP4 of 20 million frames, it says", make.raw("bomb.mp4", _bomb(make)), "is damaged"),
        ("sound only", sound, "holds no video"),
        (
            "MP4 whose data lies at an address",
            make.raw("dref1.mp4", _elsewhere(make, b"url ", f"http://127.0.0.1:{port}/x")),
            "another file",
        ),
        (
            "MP4 whose data lies in another file",
            make.raw("dref2.mp4", _elsewhere(make, b"url ", local)),
            "another file",
        ),
        ("QuickTime alias to another file", make.raw("dref3.mov", _elsewhere(make, b"alis", local)), "another file"),
        ("copy protected", make.raw("locked.mp4", locked), "is encrypted"),
        ("MP4 cut before its index", make.raw("cut.mp4", make.whole[: end - 500]), "is unfinished"),
        ("MP4 whose pictures are noise", make.raw("noise.mp4", noise), "no picture that can be decoded"),
        ("a codec of no phone (FFV1)", make.clip("ffv1.mkv", "ffv1", make.person[:3]), "codec ffv1"),
        ("8192 x 4320 pixels", make.clip("huge.mp4", "mjpeg", huge, pix_fmt="yuvj420p"), "8192 x 4320"),
        ("no person in it: grey", make.clip("grey.mp4", images=grey), "person"),
        ("no person in it: noise", make.clip("static.mp4", images=static), "person"),
        ("one frame", make.clip("one.mp4", images=make.person[:1]), ""),
        (
            "a person in five frames of sixty",
            make.clip("brief.mp4", images=make.person[:5] + grey + grey[:15]),
            "person",
        ),
    ]
    whole = make.folder / "whole.mp4"
    return [
        *(OddFileCase(what, path, NOT_ANALYSED, says) for what, path, says in rows),
        OddFileCase("longer than the limit", whole, NOT_ANALYSED, "too long", limits={"ANALYZER_MAX_DURATION_S": "1"}),
        OddFileCase(
            "bigger than the limit", whole, NOT_ANALYSED, "too big", limits={"ANALYZER_MAX_FILE_BYTES": "1000"}
        ),
    ]


def _odd_clips(make: _FileMaker) -> list[OddFileCase]:
    """Return clips that are odd, and must be analysed all the same."""
    start, end = make.media()
    turned = [np.rot90(image) for image in make.person]
    gaps_ms = np.random.default_rng(0).integers(15, 60, _FRAMES).cumsum().tolist()
    hurt = bytearray(make.whole)
    hurt[(start + end) // 2 : (start + end) // 2 + 50] = b"\xff" * 50
    front = make.clip("front.mp4", mux={"movflags": "faststart"}).read_bytes()
    lying = bytearray(make.clip("true.avi", "mjpeg", pix_fmt="yuvj420p").read_bytes())
    for mark, offset in ((b"avih", 24), (b"strh", 40)):
        lying[lying.index(mark) + offset : lying.index(mark) + offset + 4] = struct.pack("<I", 9000)
    paths = {
        "as it should be": make.folder / "whole.mp4",
        "name with an address in it": make.raw("http:__127.0.0.1_x.mp4", make.whole),
        "name that looks like a protocol": make.raw("concat:a|b.mp4", make.whole),
        "name that starts with a hyphen": make.raw("-x.mp4", make.whole),
        "name with a counting pattern": make.raw("%03d.mp4", make.whole),
        "name in other scripts": make.raw("día 日 🏋.mp4", make.whole),
        "an MP4 named .txt": make.raw("clip.txt", make.whole),
        "QuickTime": make.clip("a.mov"),
        "Matroska": make.clip("a.mkv"),
        "HEVC 10 bit": make.clip("hevc.mp4", "libx265", pix_fmt="yuv420p10le"),
        "VP9 in WebM": make.clip("vp9.webm", "libvpx-vp9"),
        "VP8 in WebM": make.clip("vp8.webm", "libvpx"),
        "AV1": make.clip("av1.mp4", "libsvtav1"),
        "H.264 in AVI, B-frames without stamps": make.clip("h264.avi", max_b_frames=2),
        "MPEG-4 in AVI": make.clip("mpeg4.avi", "mpeg4"),
        "motion JPEG AVI that lies about its frames": make.raw("lying.avi", bytes(lying)),
        "filmed upright (turn of 90)": make.clip("r90.mp4", images=turned, turn_ccw_deg=-90),
        "upside down (turn of 180)": make.clip(
            "r180.mp4", images=[np.rot90(a, 2) for a in make.person], turn_ccw_deg=180
        ),
        "mirrored selfie": make.clip("mirror.mp4", hflip=True),
        "pixels that are not square": make.clip(
            "sar.mp4", images=[a[:, ::2] for a in make.person], sample_aspect_ratio=Fraction(2)
        ),
        "variable frame rate": make.clip("vfr.mp4", stamps=gaps_ms),
        "stamps that start at one hour": make.clip("hour.mkv", stamps=[3_600_000 + 33 * i for i in range(_FRAMES)]),
        "240 frames a second": make.clip(
            "slow.mkv",
            images=[a for a in make.person for _ in range(8)],
            stamps=[25 * i // 6 for i in range(8 * _FRAMES)],
        ),
        "fragmented": make.clip("frag.mp4", mux={"movflags": "frag_keyframe+empty_moov"}),
        "cut off at 60 %": make.raw("cut60.mp4", front[: len(front) * 6 // 10]),
        "damaged in the middle": make.raw("hurt.mp4", bytes(hurt)),
        "junk after the end": make.raw("junk.mp4", make.whole + bytes(5000)),
    }
    return [OddFileCase(what, path, DONE) for what, path in paths.items()]


def _usage(make: _FileMaker) -> list[OddFileCase]:
    whole = make.folder / "whole.mp4"
    return [
        OddFileCase("an option that is not there", whole, WRONG_USAGE, "--nonsense", ("--nonsense",)),
        OddFileCase("a load that is no number", whole, WRONG_USAGE, "--load-kg", ("--load-kg", "heavy")),
    ]


def _bomb(make: _FileMaker) -> bytes:
    """Return the whole clip with a sample table that promises 20 million frames of one byte."""
    data = bytearray(make.whole)
    struct.pack_into(">II", data, data.index(b"stsz") + 8, 1, 20_000_000)
    return bytes(data)


def _elsewhere(make: _FileMaker, kind: bytes, place: str) -> bytes:
    """Return the whole clip with its data reference pointed at `place`."""
    data = bytearray(make.whole)
    entry = data.index(b"url \x00\x00\x00\x01") - 4
    new = bytes(4) + place.encode().ljust(200, b"\x00")
    new = struct.pack(">I", len(new) + 8) + kind + new
    for box in (b"moov", b"trak", b"mdia", b"minf", b"dinf", b"dref"):
        at = data.index(box) - 4
        struct.pack_into(">I", data, at, struct.unpack_from(">I", data, at)[0] + len(new) - 12)
    data[entry : entry + 12] = new
    return bytes(data)
