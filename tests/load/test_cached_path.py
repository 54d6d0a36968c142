"""The path of a load is tracked once and then read from the cache, unless something it depends on changes."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from analyzer.load import cached_path
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


@pytest.fixture(params=[PLATE, KETTLEBELL, None], ids=["plate", "kettlebell", "none"])
def tracked(request, monkeypatch):
    """The path that tracking returns, and its calls."""
    calls = []

    def track(*arguments):
        calls.append(arguments)
        return request.param

    monkeypatch.setattr(cached_path, "track_load", track)
    return request.param, calls


def test_path_is_tracked_once_and_then_cached_bit_for_bit(tracked, tmp_path):
    path, calls = tracked
    cache = ArtifactCache()
    get_load_path(cache, CLIP, TRACK, VIEW, 200.0, [LIFT], 1)
    cache.save(tmp_path)
    cached = get_load_path(ArtifactCache(tmp_path), CLIP, TRACK, VIEW, 200.0, [LIFT], 2)
    assert len(calls) == 1
    if path is None:
        assert cached is None
    else:
        assert cached.centre_px.tobytes() == path.centre_px.tobytes()
        assert (cached.radius_px, cached.kind) == (path.radius_px, path.kind)


@pytest.mark.parametrize(
    "changed",
    [
        {"clip": SimpleNamespace(sha256="b" * 64)},
        {"track": SimpleNamespace(points_px=TRACK.points_px + 1, unsmoothed_px=TRACK.unsmoothed_px)},
        {"view": replace(VIEW, yaw_deg=3.1)},
        {"trunk_px": 200.1},
        {"reps": [LIFT.model_copy(update={"end_s": 1.1})]},
        {"reps": [LIFT.model_copy(update={"complete": False, "ascent_s": None})]},
    ],
    ids=["clip", "hand", "view", "size", "end", "measured"],
)
def test_path_is_tracked_again_when_a_dependency_changes(tracked, tmp_path, changed):
    _, calls = tracked
    arguments = {"clip": CLIP, "track": TRACK, "view": VIEW, "trunk_px": 200.0, "reps": [LIFT], "threads": 1}
    cache = ArtifactCache()
    get_load_path(cache, **arguments)
    cache.save(tmp_path)
    get_load_path(ArtifactCache(tmp_path), **(arguments | changed))
    assert len(calls) == 2
    other_measures = LIFT.model_copy(update={"measures": {"style": "mix"}})
    get_load_path(ArtifactCache(tmp_path), **(arguments | {"reps": [other_measures]}))
    assert len(calls) == 2
