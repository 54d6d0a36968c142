"""Invalid clips are refused in one line with the reason and what to do."""

import os
import socket
import struct
import threading

import av
import numpy as np
import pytest

from analyzer.clip.probe import open_clip
from analyzer.errors import ClipError
from analyzer.settings import Settings

SEND = "Send the clip as the phone saved it (mp4, mov, m4v, mkv, webm or avi), or an animated GIF."
AGAIN = "Send the file again, or film the clip again."
OWN = "Send a clip that was filmed with a phone's own camera."
PLAYLIST = f"is a playlist that names other files or addresses, not a video. {SEND}"
PICTURE = f"is a picture, not a video. {SEND}"
SOUND = f"is a sound recording without a picture. {SEND}"
UNKNOWN = f"is not a kind of video that can be read. {SEND}"
ELSEWHERE = f"keeps its pictures in another file or at an address, and only self-contained clips are opened. {SEND}"


def get_refusal(path, **limits) -> str:
    with pytest.raises(ClipError) as caught:
        open_clip(path, Settings(**limits))
    line = str(caught.value)
    assert "\n" not in line
    assert caught.value.name == path.name
    return line.removeprefix(f"{path.name}: ")


CONTENTS = {
    "empty": (b"", f"is empty. {AGAIN}"),
    "text": (b"A note about my squats.\n" * 40, f"is a text file, not a video. {SEND}"),
    "utf-16": ("Notizen über den Rücken\n".encode("utf-16"), f"is a text file, not a video. {SEND}"),
    "json": (b'{"a": 1}', f"is a text file, not a video. {SEND}"),
    "ffconcat": (b"ffconcat version 1.0\nfile real.mp4\n", PLAYLIST),
    "concat list": (b"file 'real.mp4'\n", PLAYLIST),
    "m3u8": (b"#EXTM3U\n#EXT-X-VERSION:3\n#EXTINF:10,\nreal.mp4\n#EXT-X-ENDLIST\n", PLAYLIST),
    "m3u8 after a mark": (b"\xef\xbb\xbf#EXTM3U\nhttp://127.0.0.1/x.ts\n", PLAYLIST),
    "sdp": (b"v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nm=video 5004 RTP/AVP 96\n", PLAYLIST),
    "mpd": (b'<?xml version="1.0"?>\n<MPD xmlns="urn:mpeg:dash:schema:mpd:2011"/>', PLAYLIST),
    "pls": (b"[playlist]\nFile1=http://127.0.0.1/x.mp4\n", PLAYLIST),
    "address": (b"http://127.0.0.1/clip.mp4\n", PLAYLIST),
    "jpeg": (b"\xff\xd8\xff\xe0" + bytes(200), PICTURE),
    "png": (b"\x89PNG\r\n\x1a\n" + bytes(200), PICTURE),
    "gif without a frame": (b"GIF89a" + bytes(200), f"is damaged and cannot be opened. {AGAIN}"),
    "webp": (b"RIFF\x20\x00\x00\x00WEBPVP8 " + bytes(200), PICTURE),
    "heic": (b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + bytes(200), PICTURE),
    "avif": (b"\x00\x00\x00\x1cftypavif\x00\x00\x00\x00avifmif1miaf" + bytes(200), PICTURE),
    "wav": (b"RIFF\x24\x00\x00\x00WAVEfmt " + bytes(200), SOUND),
    "mp3": (b"ID3\x04" + bytes(200), SOUND),
    "zip": (b"PK\x03\x04" + bytes(range(200)), UNKNOWN),
    "program": (b"\x7fELF" + bytes(200), UNKNOWN),
    "noise": (bytes(np.random.default_rng(0).integers(0, 256, 5000, np.uint8)), UNKNOWN),
    "zeros": (bytes(5000), UNKNOWN),
    "transport stream": ((b"\x47\x40\x00\x10" + bytes(184)) * 20, UNKNOWN),
    "matroska head only": (b"\x1aE\xdf\xa3\x80", f"is damaged and cannot be opened. {AGAIN}"),
    "matroska noise": (b"\x1aE\xdf\xa3" + bytes(range(256)) * 4, f"is damaged and cannot be opened. {AGAIN}"),
    "avi head only": (b"RIFF\x00\x00\x00\x00AVI ", f"is damaged and cannot be opened. {AGAIN}"),
    "mp4 head only": (
        b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00isommp42",
        f"is unfinished: its index is missing, so the recording or the upload was cut off. {AGAIN}",
    ),
}


@pytest.mark.parametrize("name", CONTENTS)
def test_contents_that_are_no_clip(tmp_path, name):
    content, line = CONTENTS[name]
    (tmp_path / "clip.mp4").write_bytes(content)
    assert get_refusal(tmp_path / "clip.mp4") == line


def test_a_missing_file_is_refused(tmp_path):
    assert get_refusal(tmp_path / "clip.mp4") == "there is no such file. Check the path."
    (tmp_path / "file").touch()
    assert get_refusal(tmp_path / "file" / "clip.mp4") == "there is no such file. Check the path."


def test_a_folder_is_refused(tmp_path):
    line = "is a folder, not a video. Name one of the clips in it."
    assert get_refusal(tmp_path) == line


def test_a_pipe_is_not_even_opened(tmp_path):
    os.mkfifo(tmp_path / "clip.mp4")
    assert get_refusal(tmp_path / "clip.mp4") == f"is not a plain file. {SEND}"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read anything")
def test_an_unreadable_file_is_refused(tmp_path, clip_tools):
    path = clip_tools.make(tmp_path / "clip.mp4")
    path.chmod(0)
    assert get_refusal(path) == "cannot be read (Permission denied). Check the file."


def test_sound_without_a_picture(tmp_path):
    with av.open(str(tmp_path / "clip.mp4"), "w") as container:
        stream = container.add_stream("aac", rate=8000)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), "fltp", "mono")
        frame.sample_rate, frame.pts = 8000, 0
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    assert get_refusal(tmp_path / "clip.mp4") == f"holds no video, only sound or other data. {SEND}"


def test_an_unsupported_codec_is_refused(tmp_path, clip_tools):
    path = clip_tools.make(tmp_path / "clip.mkv", codec="ffv1")
    assert get_refusal(path) == f"is stored in a way that cannot be read (codec ffv1). {SEND}"


def test_a_clip_without_frames_is_refused(tmp_path, clip_tools):
    data = clip_tools.make(tmp_path / "whole.mp4").read_bytes()
    stbl = b"moov", b"trak", b"mdia", b"minf", b"stbl"
    for kind in (b"stts", b"stsz", b"stsc", b"stco", b"ctts", b"stss"):
        zeros = bytes(12 if kind == b"stsz" else 8)
        data = clip_tools.swap_box(data, (*stbl, kind), (8 + len(zeros)).to_bytes(4, "big") + kind + zeros)
    (tmp_path / "clip.mp4").write_bytes(data)
    assert get_refusal(tmp_path / "clip.mp4") == f"holds no pictures. {AGAIN}"


def test_pictures_that_are_noise(tmp_path, clip_tools):
    data = bytearray(clip_tools.make(tmp_path / "whole.mp4").read_bytes())
    start, end = clip_tools.find_box(data, b"mdat")
    data[start + 8 : end] = b"\xff" * (end - start - 8)
    (tmp_path / "clip.mp4").write_bytes(data)
    line = "holds no picture that can be decoded. Film it again, or send another clip."
    assert get_refusal(tmp_path / "clip.mp4") == line


def test_copy_protection(tmp_path, clip_tools):
    data = clip_tools.make(tmp_path / "whole.mp4").read_bytes()
    (tmp_path / "clip.mp4").write_bytes(data.replace(b"avc1\x00\x00\x00\x00", b"encv\x00\x00\x00\x00"))
    assert get_refusal(tmp_path / "clip.mp4") == f"is encrypted (copy protection). {OWN}"


def test_limits_are_enforced(tmp_path, clip_tools):
    path = clip_tools.make(tmp_path / "clip.mp4")
    trim, film = "Trim the clip and send it again.", "Film in 4K or less."
    assert get_refusal(path, max_duration_s=1) == f"is too long (at most 1 s). {trim}"
    assert get_refusal(path, max_file_bytes=2000) == "is too big (0 MB; at most 0 MB). Send a shorter clip."
    line = f"has pictures of 64 x 48 pixels, more than the 0.0 million accepted. {film}"
    assert get_refusal(path, max_frame_px=3000) == line
    assert open_clip(path, Settings(max_duration_s=1.2, max_frame_px=64 * 48)).frames == clip_tools.n


def test_a_huge_picture_is_refused_before_it_is_decoded(tmp_path, clip_tools):
    path = clip_tools.make(tmp_path / "clip.mp4", size=(8192, 4320), frames=1, codec="mjpeg", pix_fmt="yuvj420p")
    line = "has pictures of 8192 x 4320 pixels, more than the 9.4 million accepted. Film in 4K or less."
    assert get_refusal(path) == line


@pytest.mark.parametrize("kind", [b"url ", b"alis", b"urn "])
@pytest.mark.parametrize("brand", [b"isom", b"qt  "])
def test_a_file_that_refers_to_external_data_is_refused(tmp_path, clip_tools, kind, brand):
    with socket.create_server(("127.0.0.1", 0)) as server:
        calls = []
        server.settimeout(0.5)
        listener = threading.Thread(target=lambda: calls.append(_accepted(server)))
        listener.start()
        data = clip_tools.make(tmp_path / "whole.mp4").read_bytes().replace(b"ftypisom", b"ftyp" + brand)
        place = b"http://127.0.0.1:%d/clip.mp4\x00" % server.getsockname()[1]
        entry = b"\x00\x00\x00\x00" + place.ljust(200, b"\x00")
        entry = (8 + len(entry)).to_bytes(4, "big") + kind + entry
        dref = (16 + len(entry)).to_bytes(4, "big") + b"dref" + bytes(4) + b"\x00\x00\x00\x01" + entry
        path = b"moov", b"trak", b"mdia", b"minf", b"dinf", b"dref"
        (tmp_path / "clip.mp4").write_bytes(clip_tools.swap_box(data, path, dref))
        assert get_refusal(tmp_path / "clip.mp4") == ELSEWHERE
        listener.join()
        assert calls == [False]


def _accepted(server) -> bool:
    try:
        server.accept()
    except TimeoutError:
        return False
    return True


STBL = b"moov", b"trak", b"mdia", b"minf", b"stbl"
BOMBS = {  # small files that promise much: FFmpeg would build an index of gigabytes
    "samples": ((*STBL, b"stsz"), struct.pack(">III", 0, 1, 20_000_000)),
    "edits": ((b"moov", b"trak", b"edts", b"elst"), struct.pack(">II", 0, 5000) + bytes(60_000)),
}


@pytest.mark.parametrize("name", BOMBS)
def test_tables_that_promise_too_much(tmp_path, clip_tools, name):
    path, payload = BOMBS[name]
    box = struct.pack(">I", len(payload) + 8) + path[-1] + payload
    (tmp_path / "clip.mp4").write_bytes(
        clip_tools.swap_box(clip_tools.make(tmp_path / "whole.mp4").read_bytes(), path, box)
    )
    assert get_refusal(tmp_path / "clip.mp4") == f"is damaged and cannot be opened. {AGAIN}"


def test_fragments_that_promise_too_much(tmp_path, clip_tools):
    data = bytearray(clip_tools.make(tmp_path / "whole.mp4", mux={"movflags": "frag_keyframe+empty_moov"}).read_bytes())
    at = data.index(b"trun") + 8
    data[at : at + 4] = struct.pack(">I", 20_000_000)
    (tmp_path / "clip.mp4").write_bytes(data)
    assert get_refusal(tmp_path / "clip.mp4") == f"is damaged and cannot be opened. {AGAIN}"


def test_a_file_name_cannot_inject_a_second_line(tmp_path):
    (tmp_path / "a\nb\x1b[31m.mp4").write_text("x")
    with pytest.raises(ClipError, match=r"^a\?b\?\[31m\.mp4: is a text file"):
        open_clip(tmp_path / "a\nb\x1b[31m.mp4", Settings())


def test_ffmpeg_stays_silent(tmp_path, clip_tools, capfd):
    data = bytearray(clip_tools.make(tmp_path / "whole.mp4").read_bytes())
    data[60:2000:7] = bytes(len(data[60:2000:7]))
    (tmp_path / "clip.mp4").write_bytes(data)
    capfd.readouterr()
    get_refusal(tmp_path / "clip.mp4")
    assert capfd.readouterr() == ("", "")
