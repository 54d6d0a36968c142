import json
from dataclasses import fields, replace

import numpy as np
import pytest

from analyzer.kinematics.back_outline import OUTLINE_POSITIONS
from analyzer.pose.subject_selection import DetectedPerson, SelectedSubject
from analyzer.pose.track import Pose, RawTrack
from analyzer.request import AnalysisRequest
from analyzer.results import track_store
from analyzer.results.track_store import (
    TRACK_SCHEMA,
    TrackedClip,
    TrackStoreError,
    load_track,
    load_usable_track,
    save_track,
)
from tests.zip_damage import mark_encrypted


def tracked(rows: int = 7, *, outlined: bool = True) -> TrackedClip:
    """A track of random numbers, some of them unknown."""
    random = np.random.default_rng(5)

    def numbers(*shape: int) -> np.ndarray:
        values = random.normal(size=shape)
        values[random.random(shape) < 0.1] = np.nan
        return values

    raw = RawTrack(
        np.arange(0, 2 * rows, 2),
        numbers(rows, 33, 2),
        numbers(rows, 33, 2),
        numbers(rows, 33),
        numbers(rows, 33, 3),
        random.random(rows) < 0.9,
        numbers(rows, 2, len(OUTLINE_POSITIONS)) if outlined else None,
    )
    poses = [Pose(numbers(33, 2), numbers(33), numbers(33, 3)) for _ in range(3)]
    chosen = SelectedSubject(
        DetectedPerson([0, 5, 9], [0.0, 0.1 + 0.2, 1 / 3], poses), "largest person, as requested", 2
    )
    return TrackedClip("a" * 64, "480,270", "full", "b" * 64, "1.2.2", chosen, raw, 1 / 7)


@pytest.mark.parametrize("outlined", [True, False])
@pytest.mark.parametrize("roll_deg", [1 / 7, None])
def test_every_number_comes_back_bit_for_bit(tmp_path, outlined, roll_deg):
    saved = replace(tracked(outlined=outlined), roll_deg=roll_deg)
    save_track(tmp_path / "track.npz", saved)
    back = load_track(tmp_path / "track.npz")
    for field in fields(RawTrack):
        before, after = getattr(saved.raw, field.name), getattr(back.raw, field.name)
        if before is None:
            assert after is None
        else:
            assert (after.dtype, after.shape, after.tobytes()) == (before.dtype, before.shape, before.tobytes())
    person, again = saved.chosen.person, back.chosen.person
    assert (again.frames, again.times_s) == (person.frames, person.times_s)
    for pose, same in zip(person.poses, again.poses, strict=True):
        assert same.points_px.tobytes() == pose.points_px.tobytes()
        assert same.visibility.tobytes() == pose.visibility.tobytes()
        assert same.world_m.tobytes() == pose.world_m.tobytes()
    plain = [field.name for field in fields(TrackedClip) if field.name not in ("raw", "chosen")]
    assert [getattr(back, name) for name in plain] == [getattr(saved, name) for name in plain]
    assert (back.chosen.chosen_by, back.chosen.others_seen) == ("largest person, as requested", 2)


def test_the_same_track_gives_the_same_file(tmp_path):
    for name in ("a.npz", "b.npz"):
        save_track(tmp_path / name, tracked())
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()


def test_a_track_serves_only_its_own_clip_subject_and_model():
    request = AnalysisRequest(subject="480,270", model="full")
    assert tracked().serves("a" * 64, request)
    assert tracked().serves("a" * 64, replace(request, movement="plank", load_kg=20.0, marks={"felt": []}))
    assert not tracked().serves("c" * 64, request)
    assert not tracked().serves("a" * 64, replace(request, subject="auto"))
    assert not tracked().serves("a" * 64, replace(request, model="lite"))


def test_a_choice_of_models_is_served_by_the_tracks_of_all_of_them():
    request = AnalysisRequest(subject="480,270", model="auto")
    assert [
        model for model in ("lite", "full", "heavy") if replace(tracked(), model=model).serves("a" * 64, request)
    ] == [
        "full",
        "heavy",
    ]


def test_the_error_of_an_unusable_track_explains_what_to_do(tmp_path):
    path = tmp_path / "track.npz"
    with pytest.raises(TrackStoreError, match=r"^track\.npz: there is no such file\. Analyse the clip again\.$"):
        load_track(path)
    save_track(path, tracked())
    whole = path.read_bytes()
    for damaged in (
        b"",
        b"PK\x03\x04 nothing",
        whole[: len(whole) // 2],
        whole.replace(b"points_px.npy", b"pointless.npy"),
        mark_encrypted(whole),
    ):
        path.write_bytes(damaged)
        with pytest.raises(TrackStoreError, match=r"^track\.npz: is damaged\. Analyse the clip again\.$"):
            load_track(path)


def test_a_track_of_version_2_is_measured_but_a_new_analysis_tracks_again(tmp_path, monkeypatch):
    path, saved = tmp_path / "track.npz", tracked()
    request = AnalysisRequest(subject=saved.subject, model="full")
    monkeypatch.setattr(track_store, "version", lambda _: saved.mediapipe)
    accepted = track_store.load_model_manifest().models["full"].accepted_sha256
    saved = replace(saved, model_sha256=next(iter(accepted)))
    for schema, is_usable in ((2, False), (TRACK_SCHEMA, True)):
        with monkeypatch.context() as patch:
            patch.setattr(track_store, "TRACK_SCHEMA", schema)
            save_track(path, saved)
        assert load_track(path).subject == saved.subject
        assert (load_usable_track(path, saved.clip_sha256, request) is not None) == is_usable


def test_a_track_of_another_version_is_not_used(tmp_path):
    path = tmp_path / "track.npz"
    save_track(path, tracked())
    with np.load(path) as file:
        arrays = dict(file)
    facts = json.loads(str(arrays["facts"])) | {"schema": TRACK_SCHEMA + 1}
    np.savez(path, **(arrays | {"facts": np.array(json.dumps(facts))}))
    with pytest.raises(TrackStoreError, match="another version"):
        load_track(path)


def test_a_pickled_file_is_not_loaded(tmp_path):
    path = tmp_path / "track.npz"
    np.savez(path, facts=np.array([{"schema": TRACK_SCHEMA}], dtype=object))
    with pytest.raises(TrackStoreError, match="damaged"):
        load_track(path)
