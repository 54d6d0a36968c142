"""The live guide in scenes with the real pose model, judged by the scenes' own time."""

from itertools import islice, takewhile

import pytest
from playwright.sync_api import Page

from analyzer.pose.model_store import ModelFile
from tests.api.web.live_guide import RIGHT_WITHIN_S, detect_people, judge_scene, run_guide
from tests.api.web.live_scenes import SAMPLES, Scene, build_scenes, stand_then_move

SHORT_S = RIGHT_WITHIN_S + 0.3
EVERY_OTHER = 2  # frame is checked: 5 checks a second, as on the slowest phones
SCENES = ("30 degrees", "feet cut off", "two people", "sitting", "plank", "person leaves")
"""The others are in `benchmarks/live_guide.py`."""


@pytest.mark.parametrize("scene", [scene for scene in build_scenes() if scene.name in SCENES], ids=lambda one: one.name)
def test_each_scene_leads_to_the_right_instruction(modules_page: Page, pose_model: ModelFile, scene: Scene):
    short = takewhile(lambda frame: frame[0] <= scene.from_s + SHORT_S, scene.frames())
    outcome = judge_scene(
        scene, run_guide(modules_page, detect_people(islice(short, 0, None, EVERY_OTHER), pose_model.path))
    )
    assert outcome.is_right, outcome
    if scene.true_yaw_deg is not None:
        assert outcome.yaw_deg == pytest.approx(scene.true_yaw_deg, abs=10)


def test_a_set_of_two_hinges_is_started_counted_and_stopped(modules_page: Page, pose_model: ModelFile):
    film = stand_then_move(SAMPLES / "hinge_neutral.mp4", still_s=2.8, after_s=3.6)
    states = run_guide(modules_page, detect_people(islice(film, 0, None, EVERY_OTHER), pose_model.path))
    actions = {state.action: state.time_s for state in states if state.action}
    assert actions["start"] < 2.8 and actions["stop"] > 2.8 + 7.1
    assert states[-1].reps == 2
