"""The `.task` file assembled from plain TFLite files."""

import hashlib
import struct
import zipfile
from pathlib import Path

import pytest
from mediapipe.tasks.metadata import metadata_schema_py_generated as notes
from mediapipe.tasks.metadata import schema_py_generated as schema
from mediapipe.tasks.python import BaseOptions, vision

from analyzer.pose.model_manifest import load_model_manifest
from analyzer.pose.model_store import ModelFile
from analyzer.pose.task_file import add_normalization, write_task_file
from tests.pose.tiny_tflite import make_tiny_model


def test_the_same_parts_give_the_same_bytes(tmp_path: Path):
    for name in ("a.task", "b.task"):
        write_task_file(tmp_path / name, make_tiny_model(outputs=2), make_tiny_model(outputs=5))
    assert (tmp_path / "a.task").read_bytes() == (tmp_path / "b.task").read_bytes()


def test_the_original_model_is_the_tail_and_stays_aligned():
    model = make_tiny_model(outputs=2)
    extended = add_normalization(model, mean=127.5, std=127.5)
    assert extended.endswith(model)
    assert (len(extended) - len(model)) % 16 == 0


def test_the_normalisation_can_be_read_back():
    extended = add_normalization(make_tiny_model(outputs=5), mean=0.0, std=255.0)
    model = schema.ModelT.InitFromObj(schema.Model.GetRootAs(extended, 0))
    assert [entry.name for entry in model.metadata] == [b"min_runtime_version", b"TFLITE_METADATA"]
    note = bytes(model.buffers[model.metadata[-1].buffer].data)
    graph = notes.ModelMetadataT.InitFromObj(notes.ModelMetadata.GetRootAs(note, 0)).subgraphMetadata[0]
    unit = graph.inputTensorMetadata[0].processUnits[0].options
    assert (unit.mean, unit.std) == ([0.0], [255.0])
    assert len(graph.outputTensorMetadata) == 5
    assert model.description == b"tiny"


def test_entries_start_on_multiples_of_16_and_carry_well_formed_extras(tmp_path: Path):
    write_task_file(tmp_path / "t.task", make_tiny_model(outputs=2), make_tiny_model(outputs=5))
    data = (tmp_path / "t.task").read_bytes()
    with zipfile.ZipFile(tmp_path / "t.task") as archive:
        entries = archive.infolist()
    assert [entry.filename for entry in entries] == ["pose_detector.tflite", "pose_landmarks_detector.tflite"]
    for entry in entries:
        name_length, extra_length = struct.unpack_from("<2H", data, entry.header_offset + 26)
        assert entry.compress_type == zipfile.ZIP_STORED
        assert (entry.header_offset + 30 + name_length + extra_length) % 16 == 0
        assert struct.unpack_from("<H", entry.extra, 2)[0] == len(entry.extra) - 4


def test_something_else_is_refused():
    with pytest.raises(ValueError, match="not a TFLite file"):
        add_normalization(b"PK\x03\x04 something else", mean=0, std=1)


def test_the_real_model_holds_the_official_parts_unchanged(pose_model: ModelFile):
    recipe = load_model_manifest().models["full"].assembled
    if recipe is None or pose_model.sha256 != recipe.sha256:
        pytest.skip("the official .task file is in use, not the assembled one")
    with zipfile.ZipFile(pose_model.path) as archive:
        detector, landmarks = (archive.read(entry) for entry in archive.infolist())
    assert hashlib.sha256(detector[-2959046:]).hexdigest() == recipe.wheel.files[recipe.detector]
    assert hashlib.sha256(landmarks[-6440512:]).hexdigest() == recipe.wheel.files[recipe.landmarks]


def test_the_real_model_loads(pose_model: ModelFile):
    base = BaseOptions(model_asset_path=str(pose_model.path))
    with vision.PoseLandmarker.create_from_options(vision.PoseLandmarkerOptions(base_options=base)):
        pass  # making it is the check: it raises for a model that it cannot use
