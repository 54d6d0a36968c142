"""`--model auto`: the clip is tracked again with the heavy model where the full one leaves joints uncertain."""

from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any

import pytest

from analyzer.analysis import pipeline, subprocess_runner, tracking
from analyzer.analysis.pipeline import measure_or_track_again
from analyzer.errors import ClipError
from analyzer.request import AnalysisRequest
from analyzer.results.track_store import TrackedClip, save_track
from analyzer.settings import Settings
from tests.results.test_track_store import tracked


@dataclass
class Steps:
    """Stand-ins for tracking and measuring: the view of each model's track, and the models that tracked."""

    is_obstructed: dict[str, bool]
    tracked_with: list[str] = field(default_factory=list)
    loses_person: bool = False

    def track(self, _clip: Any, request: AnalysisRequest, *_: Any) -> TrackedClip:
        self.tracked_with.append(request.model)
        if self.loses_person:
            raise ClipError("clip.mp4", "no person found", "Film again")
        return replace(tracked(), model=request.model)

    def measure(self, _clip: Any, track: TrackedClip, *_: Any) -> Any:
        return SimpleNamespace(
            measured=track.model, view=SimpleNamespace(is_obstructed=self.is_obstructed[track.model])
        )

    def run(self, first: str, choice: str) -> tuple[str, str]:
        """Return the models of the track and of the result."""
        track, analyzed = measure_or_track_again(
            SimpleNamespace(name="clip.mp4"),
            replace(tracked(), model=first),
            AnalysisRequest(model=choice),
            Settings(),
            lambda *_: None,
        )
        return track.model, analyzed.measured


@pytest.fixture
def make_steps(monkeypatch: pytest.MonkeyPatch):
    def make(**options: Any) -> Steps:
        steps = Steps(**options)
        monkeypatch.setattr(tracking, "track_clip", steps.track)
        monkeypatch.setattr(pipeline, "measure_clip", steps.measure)
        return steps

    return make


@pytest.mark.parametrize(
    ("choice", "first", "is_obstructed", "used", "again"),
    [
        ("auto", "full", True, "heavy", ["heavy"]),
        ("auto", "full", False, "full", []),
        ("auto", "heavy", True, "heavy", []),  # from a stored track
        ("full", "full", True, "full", []),
        ("heavy", "heavy", True, "heavy", []),
    ],
)
def test_only_auto_tracks_again_and_only_an_obstructed_body(make_steps, choice, first, is_obstructed, used, again):
    steps = make_steps(is_obstructed={"full": is_obstructed, "heavy": is_obstructed})
    assert steps.run(first, choice) == (used, used)
    assert steps.tracked_with == again


def test_a_stored_track_of_another_model_is_not_measured_for_a_job(tmp_path):
    save_track(tmp_path / "track.npz", replace(tracked(), model="heavy"))
    used = {
        choice: subprocess_runner._load_stored_track(tmp_path / "track.npz", AnalysisRequest(model=choice))
        for choice in ("auto", "heavy", "full")
    }
    assert {choice: track and track.model for choice, track in used.items()} == {
        "auto": "heavy",
        "heavy": "heavy",
        "full": None,
    }


def test_where_the_heavy_model_finds_nobody_the_first_result_stays(make_steps):
    steps = make_steps(is_obstructed={"full": True}, loses_person=True)
    assert steps.run("full", "auto") == ("full", "full")
    assert steps.tracked_with == ["heavy"]
