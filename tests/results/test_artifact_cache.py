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


def test_values_without_a_digest_are_refused():
    with pytest.raises(TypeError, match="no digest of a object"):
        compute_digest([object()])


def test_a_piece_is_computed_once_and_cached_for_the_next_result(tmp_path):
    made = []

    def make() -> bytes:
        made.append(1)
        return b"drawn"

    cache = ArtifactCache()
    assert not cache.has("k")
    assert (cache.piece("k", make), cache.piece("k", make), len(made)) == (b"drawn", b"drawn", 1)
    cache.piece("unused later", lambda: b"old")
    cache.save(tmp_path)
    again = ArtifactCache(tmp_path)
    assert again.has("k") and again.has("unused later")
    assert (again.piece("k", make), len(made)) == (b"drawn", 1)
    (tmp_path / "next").mkdir()
    again.save(tmp_path / "next")
    assert ArtifactCache(tmp_path / "next").has("k") and not ArtifactCache(tmp_path / "next").has("unused later")


def test_a_file_is_reused_only_under_its_own_key(tmp_path):
    old, new = tmp_path / "old", tmp_path / "new"
    old.mkdir()
    new.mkdir()
    cache = ArtifactCache()
    assert not cache.file(old / "a.png", "k")
    (old / "a.png").write_bytes(b"drawn")
    cache.save(old)
    assert not ArtifactCache(old).file(new / "a.png", "other key") and not (new / "a.png").exists()
    assert ArtifactCache(old).file(new / "a.png", "k") and (new / "a.png").read_bytes() == b"drawn"
    (old / "a.png").unlink()
    assert not ArtifactCache(old).file(new / "b.png", "k") and not ArtifactCache(old).file(new / "a.png", "k")


def test_a_file_that_was_never_written_is_not_recorded(tmp_path):
    cache = ArtifactCache()
    cache.file(tmp_path / "a.mp4", "k")
    cache.save(tmp_path)
    (tmp_path / "a.mp4").write_bytes(b"from elsewhere")
    (tmp_path / "new").mkdir()
    assert not ArtifactCache(tmp_path).file(tmp_path / "new" / "a.mp4", "k")


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"no zip at all"])
def test_a_damaged_cache_is_empty(tmp_path, data):
    (tmp_path / "kept.zip").write_bytes(data)
    assert not ArtifactCache(tmp_path).has("k")


def test_a_cache_with_one_wrong_bit_is_empty(tmp_path):
    cache = ArtifactCache()
    cache.piece("k", lambda: b"made")
    cache.save(tmp_path)
    assert ArtifactCache(tmp_path).has("k")
    store = tmp_path / "kept.zip"
    store.write_bytes(mark_encrypted(store.read_bytes()))
    assert not ArtifactCache(tmp_path).has("k")


def test_a_file_that_cannot_be_linked_is_copied(tmp_path, monkeypatch):
    old, new = tmp_path / "old", tmp_path / "new"
    old.mkdir()
    new.mkdir()
    cache = ArtifactCache()
    cache.file(old / "a.png", "k")
    (old / "a.png").write_bytes(b"drawn")
    cache.save(old)

    def refuse(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr("analyzer.results.artifact_cache.os.link", refuse)
    assert ArtifactCache(old).file(new / "a.png", "k")
    (old / "a.png").write_bytes(b"changed")
    assert (new / "a.png").read_bytes() == b"drawn"
