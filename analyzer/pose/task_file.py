"""Make a pose `.task` file out of MediaPipe's plain TFLite files, the same bytes every time.

The Tasks API refuses a model that does not say how its picture is normalised. The TFLite files stay as they are, bit
for bit: a new head with that metadata goes in front, and its references point into the old file. So the file's tail
keeps the SHA-256 that MediaPipe itself publishes, and no version of any library can change the result.
"""

import struct
import zipfile
from pathlib import Path

import flatbuffers

# Field numbers of the tables in the TFLite schema and in its metadata schema.
_OPERATORS, _SUBGRAPHS, _DESCRIPTION, _BUFFERS, _METADATA = 1, 2, 3, 4, 6
_METADATA_NAME = b"TFLITE_METADATA"
_ALIGN = 16
_ZIP_DATE = (1980, 1, 1, 0, 0, 0)


def write_task(target: Path, detector: bytes, landmarks: bytes) -> None:
    """Write a `.task` file: an uncompressed zip of the two models, each starting on a multiple of 16 bytes.

    Parameters
    ----------
    target : where to write; the folder must exist.
    detector, landmarks : the plain TFLite files `pose_detection.tflite` and `pose_landmark_*.tflite`.
    """
    parts = {
        "pose_detector.tflite": with_normalization(detector, mean=127.5, std=127.5),
        "pose_landmarks_detector.tflite": with_normalization(landmarks, mean=0.0, std=255.0),
    }
    with target.open("wb") as raw, zipfile.ZipFile(raw, "w") as archive:
        for name, data in parts.items():
            entry = zipfile.ZipInfo(name, _ZIP_DATE)
            entry.create_system = 0
            # MediaPipe rejects a malformed extra field: four bytes of head, then as many zeros as are missing.
            room = -(raw.tell() + 30 + len(name) + 4) % _ALIGN
            entry.extra = struct.pack("<HH", 0xD935, room) + bytes(room)
            archive.writestr(entry, data)


def with_normalization(model: bytes, mean: float, std: float) -> bytes:
    """Put metadata in front of a TFLite model: its input is `(pixel - mean) / std`.

    Parameters
    ----------
    model : a TFLite file; it becomes the tail of the answer, unchanged.
    mean, std : the same for all three channels, in units of the 8-bit picture.

    Returns
    -------
    bytes of a valid TFLite file. Raises ValueError when `model` is not a TFLite file.
    """
    if model[4:8] != b"TFL3":
        raise ValueError("not a TFLite file")
    old = _Table(model, _u32(model, 0))
    buffers = old.vector(_BUFFERS)
    entries = [at for at in old.vector(_METADATA) if _text(model, _Table(model, at).follow(0)) != _METADATA_NAME]
    note = _normalization_note(old, mean, std)

    # The head, in order: root, table layouts, the model table, two vectors, the metadata entry, its buffer.
    vtable = 8
    table = vtable + 4 + 2 * 7 + 2
    vec_buffers = table + 4 + 4 * 6
    vec_entries = vec_buffers + 4 + 4 * (len(buffers) + 1)
    entry = vec_entries + 4 + 4 * (len(entries) + 1) + 8
    name = entry + 12
    buffer = name + 4 + len(_METADATA_NAME) + 1 + 8
    data = buffer + 8
    data += -(data + 4) % _ALIGN
    size = data + 4 + len(note)
    size += -size % _ALIGN

    head = bytearray(size)
    struct.pack_into("<I4s", head, 0, table, b"TFL3")
    # Model: version, operators, subgraphs, description, buffers, (the old metadata list: left out), metadata.
    struct.pack_into("<9H", head, vtable, 4 + 2 * 7, 28, 4, 8, 12, 16, 20, 0, 24)
    version = old.scalar(0)
    fields = [size + old.follow(field) for field in (_OPERATORS, _SUBGRAPHS, _DESCRIPTION)]
    struct.pack_into("<iI", head, table, table - vtable, version)
    _refs(head, table + 8, [*fields, vec_buffers, vec_entries])
    _vector(head, vec_buffers, [*(size + at for at in buffers), buffer])
    _vector(head, vec_entries, [*(size + at for at in entries), entry])
    struct.pack_into("<4H", head, entry - 8, 8, 12, 4, 8)
    struct.pack_into("<i", head, entry, 8)
    _refs(head, entry + 4, [name])
    struct.pack_into("<I", head, entry + 8, len(buffers))
    struct.pack_into(f"<I{len(_METADATA_NAME)}s", head, name, len(_METADATA_NAME), _METADATA_NAME)
    struct.pack_into("<3H", head, buffer - 8, 6, 8, 4)
    struct.pack_into("<i", head, buffer, 8)
    _refs(head, buffer + 4, [data])
    struct.pack_into(f"<I{len(note)}s", head, data, len(note), note)
    return bytes(head) + model


class _Table:
    """A table of a flatbuffer, read by hand: where its fields are, as positions in the file."""

    def __init__(self, data: bytes, at: int) -> None:
        self.data, self.at = data, at
        self.vtable = at - int(struct.unpack_from("<i", data, at)[0])

    def field(self, number: int) -> int | None:
        """Position of a field, None when it is not set."""
        slot = 4 + 2 * number
        if slot >= _u16(self.data, self.vtable):
            return None
        offset = _u16(self.data, self.vtable + slot)
        return self.at + offset if offset else None

    def scalar(self, number: int) -> int:
        """Value of an unsigned 32-bit field."""
        at = self.field(number)
        return 0 if at is None else _u32(self.data, at)

    def follow(self, number: int) -> int:
        """Position of the table, vector or text that a field refers to."""
        at = self.field(number)
        if at is None:
            raise ValueError(f"field {number} is missing")
        return at + _u32(self.data, at)

    def vector(self, number: int) -> list[int]:
        """Positions of the tables in a vector; empty when the field is not set."""
        if self.field(number) is None:
            return []
        start = self.follow(number)
        slots = range(start + 4, start + 4 + 4 * _u32(self.data, start), 4)
        return [slot + _u32(self.data, slot) for slot in slots]


def _normalization_note(model: _Table, mean: float, std: float) -> bytes:
    """Bytes of the metadata flatbuffer ("M001"): an RGB picture in, normalised; nothing said of the outputs."""
    outputs = len(_i32_vector(_Table(model.data, model.vector(_SUBGRAPHS)[0]), 2))
    b = flatbuffers.Builder(0)

    def floats(value: float) -> int:
        b.StartVector(4, 1, 4)
        b.PrependFloat32(value)
        return int(b.EndVector())

    def tables(*items: int) -> int:
        b.StartVector(4, len(items), 4)
        for item in reversed(items):
            b.PrependUOffsetTRelative(item)
        return int(b.EndVector())

    def table(size: int, refs: dict[int, int], kinds: dict[int, int] | None = None) -> int:
        b.StartObject(size)
        for slot, value in refs.items():
            b.PrependUOffsetTRelativeSlot(slot, value, 0)
        for slot, value in (kinds or {}).items():
            b.PrependUint8Slot(slot, value, 0)
        return int(b.EndObject())

    rgb = table(2, {}, {0: 1})  # ImageProperties.color_space = RGB
    content = table(3, {1: rgb}, {0: 2})  # Content.content_properties = ImageProperties
    normal = table(2, {0: floats(mean), 1: floats(std)})  # NormalizationOptions
    unit = table(2, {1: normal}, {0: 1})  # ProcessUnit.options = NormalizationOptions
    picture = table(7, {0: b.CreateString("image"), 3: content, 4: tables(unit)})  # TensorMetadata
    answers = tables(*(table(7, {}) for _ in range(outputs)))
    graph = table(8, {2: tables(picture), 3: answers})  # SubGraphMetadata
    b.Finish(table(8, {3: tables(graph)}), file_identifier=b"M001")  # ModelMetadata
    return bytes(b.Output())


def _refs(head: bytearray, at: int, targets: list[int]) -> None:
    """Write references one after another; a reference counts from its own place, forwards only."""
    for slot, target in zip(range(at, at + 4 * len(targets), 4), targets, strict=True):
        struct.pack_into("<I", head, slot, target - slot)


def _vector(head: bytearray, at: int, targets: list[int]) -> None:
    struct.pack_into("<I", head, at, len(targets))
    _refs(head, at + 4, targets)


def _i32_vector(table: _Table, number: int) -> list[int]:
    start = table.follow(number)
    return list(struct.unpack_from(f"<{_u32(table.data, start)}i", table.data, start + 4))


def _text(data: bytes, at: int) -> bytes:
    return data[at + 4 : at + 4 + _u32(data, at)]


def _u32(data: bytes, at: int) -> int:
    return int(struct.unpack_from("<I", data, at)[0])


def _u16(data: bytes, at: int) -> int:
    return int(struct.unpack_from("<H", data, at)[0])
