"""Assemble a pose `.task` file from MediaPipe's plain TFLite files, the same bytes every time.

The Tasks API refuses a model without metadata on how its picture is normalised. The TFLite files stay the same, bit for
bit: a new head with that metadata goes in front, and its references point into the old file. So the file's tail has the
SHA-256 that MediaPipe itself publishes, and no version of any library can change the result.
"""

import struct
import zipfile
from collections import deque
from dataclasses import dataclass
from pathlib import Path

# Field numbers of the model table in the TFLite schema.
_VERSION, _OPERATORS, _SUBGRAPHS, _DESCRIPTION, _BUFFERS, _METADATA = 0, 1, 2, 3, 4, 6
_METADATA_NAME = b"TFLITE_METADATA"
_ALIGN = 16
_ZIP_DATE = (1980, 1, 1, 0, 0, 0)


def write_task_file(target: Path, detector: bytes, landmarks: bytes) -> None:
    """Write a `.task` file: an uncompressed zip of the two models, each starting on a multiple of 16 bytes.

    Parameters
    ----------
    target : where to write; the folder must exist.
    detector, landmarks : the plain TFLite files `pose_detection.tflite` and `pose_landmark_*.tflite`.
    """
    parts = {
        "pose_detector.tflite": add_normalization(detector, mean=127.5, std=127.5),
        "pose_landmarks_detector.tflite": add_normalization(landmarks, mean=0.0, std=255.0),
    }
    with target.open("wb") as raw, zipfile.ZipFile(raw, "w") as archive:
        for name, data in parts.items():
            entry = zipfile.ZipInfo(name, _ZIP_DATE)
            entry.create_system = 0
            # MediaPipe rejects a malformed extra field: four bytes of head, then as many zeros as are missing.
            room = -(raw.tell() + 30 + len(name) + 4) % _ALIGN
            entry.extra = struct.pack("<HH", 0xD935, room) + bytes(room)
            archive.writestr(entry, data)


def add_normalization(model: bytes, mean: float, std: float) -> bytes:
    """Add metadata in front of a TFLite model: its input is `(pixel - mean) / std`.

    Parameters
    ----------
    model : a TFLite file; it becomes the tail of the result, unchanged.
    mean, std : the same for all three channels, in units of the 8-bit picture.

    Returns
    -------
    Bytes of a valid TFLite file. Raises ValueError when `model` is not a TFLite file.
    """
    if model[4:8] != b"TFL3":
        raise ValueError("not a TFLite file")
    old = _Table(model, _u32(model, 0))
    buffers = old.vector(_BUFFERS)
    graph = _Table(model, old.vector(_SUBGRAPHS)[0])
    outputs = _u32(model, graph.follow(2))
    other_metadata = [
        _TailReference(at)
        for at in old.vector(_METADATA)
        if _text(model, _Table(model, at).follow(0)) != _METADATA_NAME
    ]
    note = _flatbuffer(_normalization(mean, std, outputs), b"M001")
    head: _Node = {
        _VERSION: old.scalar(_VERSION),
        _OPERATORS: _TailReference(old.follow(_OPERATORS)),
        _SUBGRAPHS: _TailReference(old.follow(_SUBGRAPHS)),
        _DESCRIPTION: _TailReference(old.follow(_DESCRIPTION)),
        _BUFFERS: [*(_TailReference(at) for at in buffers), {0: note}],
        _METADATA: [*other_metadata, {0: _METADATA_NAME, 1: len(buffers)}],
    }
    return _flatbuffer(head, b"TFL3", tail=model)


def _normalization(mean: float, std: float, outputs: int) -> "_Node":
    """Build the metadata: a normalised RGB picture as input, and only the number of outputs."""
    content: _Node = {0: 2, 1: {0: 1}}  # an image, its colours RGB
    process: _Node = {0: 1, 1: {0: (mean,), 1: (std,)}}  # NormalizationOptions
    picture: _Node = {0: b"image", 3: content, 4: [process]}
    subgraph: _Node = {2: [picture], 3: [{} for _ in range(outputs)]}
    return {3: [subgraph]}


@dataclass(frozen=True)
class _TailReference:
    """Something that stays in the old file, at this position of it."""

    at: int


# A table by field number, a vector of tables, a vector of floats, bytes or text, a number, or something old.
_Node = dict[int, "_Node"] | list["_Node"] | tuple[float, ...] | bytes | int | _TailReference


def _flatbuffer(root: "_Node", identifier: bytes, tail: bytes = b"") -> bytes:
    """Lay out a flatbuffer, parents before children, and the tail behind it on a multiple of 16 bytes.

    References in a flatbuffer only lead forwards, so what is new may refer to the tail, never the other way.
    """
    out = bytearray(struct.pack("<I4s", 0, identifier))
    waiting: deque[tuple[int, _Node]] = deque([(0, root)])
    into_tail: list[tuple[int, int]] = []
    while waiting:
        slot, node = waiting.popleft()
        if isinstance(node, _TailReference):
            into_tail.append((slot, node.at))
            continue
        _pad(out, 4)
        if isinstance(node, dict):
            at = _append_table(out, node, waiting)
        elif isinstance(node, list):
            at = len(out)
            out += struct.pack("<I", len(node)) + bytes(4 * len(node))
            waiting.extend((at + 4 + 4 * i, item) for i, item in enumerate(node))
        elif isinstance(node, tuple):
            at = len(out)
            out += struct.pack(f"<I{len(node)}f", len(node), *node)
        elif isinstance(node, bytes):
            _pad(out, _ALIGN, before=4)
            at = len(out)
            out += struct.pack("<I", len(node)) + node + b"\0"
        else:
            raise TypeError("a number stands in its table, not on its own")
        struct.pack_into("<I", out, slot, at - slot)
    _pad(out, _ALIGN)
    for slot, position in into_tail:
        struct.pack_into("<I", out, slot, len(out) + position - slot)
    return bytes(out) + tail


def _append_table(out: bytearray, fields: "dict[int, _Node]", waiting: "deque[tuple[int, _Node]]") -> int:
    """Append a table behind its own list of field offsets, each field four bytes wide; return its position."""
    start, count = len(out), max(fields, default=-1) + 1
    offsets = [0] * count
    for i, number in enumerate(fields):
        offsets[number] = 4 + 4 * i
    out += struct.pack(f"<{2 + count}H", 4 + 2 * count, 4 + 4 * len(fields), *offsets)
    _pad(out, 4)
    at = len(out)
    out += struct.pack("<i", at - start) + bytes(4 * len(fields))
    for i, node in enumerate(fields.values()):
        slot = at + 4 + 4 * i
        if isinstance(node, int):
            struct.pack_into("<I", out, slot, node)
        else:
            waiting.append((slot, node))
    return at


def _pad(out: bytearray, multiple: int, before: int = 0) -> None:
    """Add zeros until the end, `before` bytes further on, is on a multiple."""
    out += bytes(-(len(out) + before) % multiple)


class _Table:
    """A table of a flatbuffer, read by hand: where its fields are, as positions in the file."""

    def __init__(self, data: bytes, at: int) -> None:
        self.data, self.at = data, at
        self.vtable = at - int(struct.unpack_from("<i", data, at)[0])

    def field(self, number: int) -> int | None:
        """Find the position of a field; None when it is not set."""
        slot = 4 + 2 * number
        if slot >= _u16(self.data, self.vtable):
            return None
        offset = _u16(self.data, self.vtable + slot)
        return self.at + offset if offset else None

    def scalar(self, number: int) -> int:
        """Read an unsigned 32-bit field; 0 when it is not set."""
        at = self.field(number)
        return 0 if at is None else _u32(self.data, at)

    def follow(self, number: int) -> int:
        """Find the position of the table, vector or text that a field refers to."""
        at = self.field(number)
        if at is None:
            raise ValueError(f"field {number} is missing")
        return at + _u32(self.data, at)

    def vector(self, number: int) -> list[int]:
        """Find the positions of the tables in a vector; empty when the field is not set."""
        if self.field(number) is None:
            return []
        start = self.follow(number)
        slots = range(start + 4, start + 4 + 4 * _u32(self.data, start), 4)
        return [slot + _u32(self.data, slot) for slot in slots]


def _text(data: bytes, at: int) -> bytes:
    return data[at + 4 : at + 4 + _u32(data, at)]


def _u32(data: bytes, at: int) -> int:
    return int(struct.unpack_from("<I", data, at)[0])


def _u16(data: bytes, at: int) -> int:
    return int(struct.unpack_from("<H", data, at)[0])
