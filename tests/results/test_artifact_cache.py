from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.results.artifact_cache import ArtifactCache, compute_digest
from tests.zip_damage import mark_encrypted


@dataclass(frozen=True)
class Mark:
    x: float
    points: np.ndarray


SAME = [
    (1.5, "a", None, np.arange(3.0), [1, 2], {"a": 1}),
    (Mark(1.0, np.zeros(2)), True),
]
CHANGED = [
    ((1.0,), (np.nextafter(1.0, 2),)),
    ((1,), (1.0,)),
    ((1,), (True,)),
    (("1",), (1,)),
    ((None,), ("None",)),
    ((["a", "b"],), (["ab"],)),
    (([1], [2]), ([1, 2], [])),
    (({"a": 1, "b": 2},), ({"a": 2, "b": 1},)),
    ((np.zeros(4),), (np.zeros((2, 2)),)),
    ((np.zeros(2),), (np.zeros(2, np.float32),)),
    ((np.zeros(2),), (-np.zeros(2),)),
    ((Mark(1.0, np.zeros(2)),), (Mark(1.0, np.array([0.0, np.nan])),)),
]


@pytest.mark.parametrize("parts", SAME)
def test_the_same_values_have_the_same_digest(parts):
    copied = [part.copy() if isinstance(part, np.ndarray | list | dict) else part for part in parts]
    assert compute_digest(*parts) == compute_digest(*copied)


@pytest.mark.parametrize("a, b", CHANGED)
def test_other_values_have_another_digest(a, b):
    assert compute_digest(*a) != compute_digest(*b)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=6,
)


@given(values, values)
def test_two_values_share_a_digest_only_if_they_are_written_alike(a, b):
    assert (compute_digest(a) == compute_digest(b)) == (repr(a) == repr(b))


def test_what_has_no_digest_is_refused():
    with pytest.raises(TypeError, match="no digest of a object"):
        compute_digest([object()])


def test_a_piece_is_made_once_and_left_for_the_next_result(tmp_path):
    made = []

    def make() -> bytes:
        made.append(1)
        return b"drawn"

    kept = ArtifactCache()
    assert not kept.has("k")
    assert (kept.piece("k", make), kept.piece("k", make), len(made)) == (b"drawn", b"drawn", 1)
    kept.piece("unused later", lambda: b"old")
    kept.save(tmp_path)
    again = ArtifactCache(tmp_path)
    assert again.has("k") and again.has("unused later")
    assert (again.piece("k", make), len(made)) == (b"drawn", 1)
    (tmp_path / "next").mkdir()
    again.save(tmp_path / "next")
    assert ArtifactCache(tmp_path / "next").has("k") and not ArtifactCache(tmp_path / "next").has("unused later")


def test_a_file_is_taken_over_only_under_its_own_key(tmp_path):
    old, new = tmp_path / "old", tmp_path / "new"
    old.mkdir()
    new.mkdir()
    kept = ArtifactCache()
    assert not kept.file(old / "a.png", "k")
    (old / "a.png").write_bytes(b"drawn")
    kept.save(old)
    assert not ArtifactCache(old).file(new / "a.png", "other key") and not (new / "a.png").exists()
    assert ArtifactCache(old).file(new / "a.png", "k") and (new / "a.png").read_bytes() == b"drawn"
    (old / "a.png").unlink()
    assert not ArtifactCache(old).file(new / "b.png", "k") and not ArtifactCache(old).file(new / "a.png", "k")


def test_a_file_that_was_never_written_is_not_promised(tmp_path):
    kept = ArtifactCache()
    kept.file(tmp_path / "a.mp4", "k")
    kept.save(tmp_path)
    (tmp_path / "a.mp4").write_bytes(b"from elsewhere")
    (tmp_path / "new").mkdir()
    assert not ArtifactCache(tmp_path).file(tmp_path / "new" / "a.mp4", "k")


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"no zip at all"])
def test_a_damaged_store_keeps_nothing(tmp_path, data):
    (tmp_path / "kept.zip").write_bytes(data)
    assert not ArtifactCache(tmp_path).has("k")


def test_a_store_with_one_wrong_bit_keeps_nothing(tmp_path):
    kept = ArtifactCache()
    kept.piece("k", lambda: b"made")
    kept.save(tmp_path)
    assert ArtifactCache(tmp_path).has("k")
    store = tmp_path / "kept.zip"
    store.write_bytes(mark_encrypted(store.read_bytes()))
    assert not ArtifactCache(tmp_path).has("k")


def test_where_a_file_cannot_have_two_names_it_is_copied(tmp_path, monkeypatch):
    old, new = tmp_path / "old", tmp_path / "new"
    old.mkdir()
    new.mkdir()
    kept = ArtifactCache()
    kept.file(old / "a.png", "k")
    (old / "a.png").write_bytes(b"drawn")
    kept.save(old)

    def refuse(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr("analyzer.results.artifact_cache.os.link", refuse)
    assert ArtifactCache(old).file(new / "a.png", "k")
    (old / "a.png").write_bytes(b"changed")
    assert (new / "a.png").read_bytes() == b"drawn"
