"""A TFLite file of a few hundred bytes, as odd as the real ones: no multiple of 16, older metadata inside."""

import flatbuffers


def make_tiny_model(outputs: int) -> bytes:
    """A model with two buffers, one graph with so many outputs, and metadata that says nothing of normalisation."""
    b = flatbuffers.Builder(0)

    def table(size: int, refs: dict[int, int], numbers: dict[int, int] | None = None) -> int:
        b.StartObject(size)
        for slot, value in refs.items():
            b.PrependUOffsetTRelativeSlot(slot, value, 0)
        for slot, value in (numbers or {}).items():
            b.PrependUint32Slot(slot, value, 0)
        return b.EndObject()

    def tables(*items: int) -> int:
        b.StartVector(4, len(items), 4)
        for item in reversed(items):
            b.PrependUOffsetTRelative(item)
        return b.EndVector()

    def ints(values: range) -> int:
        b.StartVector(4, len(values), 4)
        for value in reversed(values):
            b.PrependInt32(value)
        return b.EndVector()

    entries = [table(2, {0: b.CreateString(name)}, {1: 1}) for name in ("min_runtime_version", "TFLITE_METADATA")]
    buffers = tables(table(1, {}), table(1, {0: b.CreateByteVector(b"1.5.0")}))
    graphs = tables(table(5, {1: ints(range(1)), 2: ints(range(1, 1 + outputs))}))
    operators = tables(table(4, {}))
    fields = {1: operators, 2: graphs, 3: b.CreateString("tiny"), 4: buffers, 6: tables(*entries)}
    b.Finish(table(8, fields, {0: 3}), file_identifier=b"TFL3")
    return bytes(b.Output()) + b"odd"
