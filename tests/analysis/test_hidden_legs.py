"""A clip whose legs are hidden, as plates hide them: the trunk is measured alone."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from analyzer.analysis.pipeline import measure_clip
from analyzer.analysis.tracking import track_clip
from analyzer.clip.probe import Clip, open_clip
from analyzer.movements.hinge.movement import MOVEMENT
from analyzer.movements.motion import ClipDetails
from analyzer.movements.registry import load_movements
from analyzer.pose.model_store import ModelFile
from analyzer.request import AnalysisRequest
from analyzer.results.schema import Analysis
from analyzer.results.track_store import TrackedClip
from analyzer.settings import Settings
from analyzer.vocabulary.angles import CERTAIN_WITH
from benchmarks.accuracy import remove_legs
from tests.movements.people import RDL, STAND, reps, simulate_motion, without_degrees

LEG_ANGLES = tuple(CERTAIN_WITH)


@pytest.fixture(scope="module")
def tracked(samples: Path, pose_model: ModelFile) -> tuple[Clip, TrackedClip]:
    clip = open_clip(samples / "hinge_neutral.mp4", Settings())
    return clip, track_clip(clip, AnalysisRequest(), Settings(), lambda *_: None)


def measure(clip: Clip, tracked: TrackedClip, movement: str = "auto") -> Analysis:
    return measure_clip(clip, tracked, AnalysisRequest(movement), Settings()).analysis


def without_legs(tracked: TrackedClip) -> TrackedClip:
    return replace(tracked, raw=remove_legs(tracked.raw))


def test_trunk_is_published_alone_and_the_reps_stay(tracked):
    clip, track = tracked
    whole, hidden = measure(clip, track), measure(clip, without_legs(track))
    assert (whole.view.grade, hidden.view.grade) == ("good", "rough")
    assert "trunk-thigh and knee angles are left out" in hidden.view.reasons[0]
    assert [rep.complete for rep in hidden.reps] == [True, True]
    assert [rep.bottom_s for rep in hidden.reps] == pytest.approx([rep.bottom_s for rep in whole.reps], abs=0.05)
    trunk = "trunk_inclination_deg"
    assert np.nanmean(np.abs(hidden.angles[trunk] - whole.angles[trunk])) < 2.0
    assert hidden.angles[[*LEG_ANGLES, "back_rounding_deg"]].isna().all(axis=None)
    assert set(hidden.quality.uncertainty_deg) == {trunk}


def test_no_number_of_the_legs_or_the_back_is_reported(tracked):
    hidden = measure(tracked[0], without_legs(tracked[1]))
    assert [measure.id for measure in hidden.key_measures] == ["hinge.trunk", "hinge.ascent"]
    assert all(not set(LEG_ANGLES) & (rep.at_bottom.keys() | rep.range.keys()) for rep in hidden.reps)
    evidence = {name for finding in hidden.findings for name in finding.evidence}
    assert not {name for name in evidence if "knee" in name or "thigh" in name or "rounding" in name}
    assert not [finding for finding in hidden.findings if "lockout" in finding.text]


@pytest.mark.parametrize("movement", sorted(load_movements()))
def test_of_every_movement_the_trunk_is_published_and_nothing_of_the_legs(tracked, movement):
    hidden = measure(tracked[0], without_legs(tracked[1]), movement)
    assert hidden.view.grade == "rough"
    assert hidden.angles["trunk_inclination_deg"].notna().all()
    events = [*(rep.at_bottom | rep.range for rep in hidden.reps)]
    events += [event.angles for event in (*hidden.holds, *hidden.stages)]
    assert not {name for angles in events for name in angles} & {*LEG_ANGLES, "back_rounding_deg"}
    assert not [measure.id for measure in hidden.key_measures if "knee" in measure.id or "back" in measure.id]


def test_hidden_leg_angles_still_time_the_reps():
    motion = simulate_motion(reps(STAND, RDL, 3))
    hidden = without_degrees(motion, *LEG_ANGLES)
    wanted, found = (MOVEMENT.find_events(each, ClipDetails()).reps for each in (motion, hidden))
    assert [rep.bottom_s for rep in found] == [rep.bottom_s for rep in wanted]
    assert len(found) == 3
    assert "trunk_inclination_deg" in found[0].at_bottom and "knee_flexion_deg" not in found[0].at_bottom
