from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from analyzer.load import cached_path as again
from analyzer.load.cached_path import get_load_path
from analyzer.load.load_path import LoadPath
from analyzer.results.artifact_cache import ArtifactCache
from analyzer.results.schema import Rep
from tests.views import camera_view

FRAMES = 20
CLIP = SimpleNamespace(sha256="a" * 64)
VIEW = camera_view(FRAMES, "right", 3.0)
TRACK = SimpleNamespace(points_px=np.full((FRAMES, 33, 2), 5.0), unsmoothed_px=np.full((FRAMES, 33, 2), 6.0))
LIFT = Rep(index=1, start_s=0, bottom_s=0.5, end_s=1, descent_s=0.5, pause_s=0.1, ascent_s=0.4, complete=True)
PLATE = LoadPath(np.array([[1 / 3, 2.0], [np.nan, np.nan]]), 1 / 7)
KETTLEBELL = replace(PLATE, kind="kettlebell")


@pytest.fixture(params=[PLATE, KETTLEBELL, None], ids=["a plate", "a kettlebell", "none seen"])
def followed(request, monkeypatch):
    """Counts how often the clip is read for its load."""
    calls = []

    def follow(*asked):
        calls.append(asked)
        return request.param

    monkeypatch.setattr(again, "track_load", follow)
    return request.param, calls


def test_it_is_followed_once_and_then_known_bit_for_bit(followed, tmp_path):
    path, calls = followed
    kept = ArtifactCache()
    get_load_path(kept, CLIP, TRACK, VIEW, 200.0, [LIFT], 1)
    kept.save(tmp_path)
    told = get_load_path(ArtifactCache(tmp_path), CLIP, TRACK, VIEW, 200.0, [LIFT], 2)
    assert len(calls) == 1
    if path is None:
        assert told is None
    else:
        assert told.centre_px.tobytes() == path.centre_px.tobytes()
        assert (told.radius_px, told.kind) == (path.radius_px, path.kind)


@pytest.mark.parametrize(
    "changed",
    [
        {"clip": SimpleNamespace(sha256="b" * 64)},
        {"track": SimpleNamespace(points_px=TRACK.points_px + 1, unsmoothed_px=TRACK.unsmoothed_px)},
        {"view": replace(VIEW, yaw_deg=3.1)},
        {"trunk_px": 200.1},
        {"reps": [LIFT.model_copy(update={"end_s": 1.1})]},
        {"reps": [LIFT.model_copy(update={"complete": False})]},
    ],
    ids=["clip", "hand", "view", "size", "end", "whole"],
)
def test_it_is_followed_anew_where_it_may_be_another(followed, tmp_path, changed):
    _, calls = followed
    asked = {"clip": CLIP, "track": TRACK, "view": VIEW, "trunk_px": 200.0, "reps": [LIFT], "threads": 1}
    kept = ArtifactCache()
    get_load_path(kept, **asked)
    kept.save(tmp_path)
    get_load_path(ArtifactCache(tmp_path), **(asked | changed))
    assert len(calls) == 2
    other_words = LIFT.model_copy(update={"measures": {"style": "mix"}})
    get_load_path(ArtifactCache(tmp_path), **(asked | {"reps": [other_words]}))
    assert len(calls) == 2
