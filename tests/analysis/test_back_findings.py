"""From a simulated movement, or a rendered clip, to what its findings state about the back."""

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from analyzer.analysis.pipeline import analyze
from analyzer.coaching.catalogue import load_catalogue
from analyzer.movements.back_findings import observe_unmeasured_back
from analyzer.movements.motion import Motion
from analyzer.movements.registry import RecognisedMovement, load_movements
from analyzer.request import AnalysisRequest
from analyzer.results.schema import Finding
from tests.interpretation import interpret_motion
from tests.movements.people import PLANK, RDL, SQUAT, STAND, TOUCH, reps, simulate_motion, with_angles, without_degrees

HALF_WIDTH_DEG = 8.0
TRUTH = Path(__file__).resolve().parents[3] / "shared" / "truth"


def with_back(motion: Motion, back_deg: np.ndarray) -> Motion:
    return with_angles(motion, {"back_rounding_deg": back_deg})


def bend_at_bottoms(movement: str, motion: Motion, bottoms_deg: Sequence[float]) -> Motion:
    """The back bends with the trunk: 0 standing, the given degrees at the bottom of each rep."""
    events = load_movements()[movement].find_events(motion, AnalysisRequest())
    trunk = motion.angles["trunk_inclination_deg"]
    share = np.clip(trunk / np.max(trunk), 0, 1)
    return with_back(motion, share * np.interp(motion.times_s, [rep.bottom_s for rep in events.reps], bottoms_deg))


def find(movement: str, motion: Motion, **marks) -> dict[str, Finding]:
    recognised = RecognisedMovement(load_movements()[movement], 1.0)
    request = AnalysisRequest(movement=movement, marks=marks)
    findings = interpret_motion(motion, recognised, request, HALF_WIDTH_DEG).findings
    return {finding.id: finding for finding in findings}


def about_back(findings: dict[str, Finding]) -> list[str]:
    return [id for id in findings if id.startswith("back.")]


def test_a_flat_hinge_keeps_its_shape_and_that_is_the_reason_for_the_next_step():
    findings = find("hinge", bend_at_bottoms("hinge", simulate_motion(reps(STAND, RDL, 5)), [6] * 5))
    assert about_back(findings) == ["back.keeps_shape"]
    assert findings["back.keeps_shape"].text.endswith("degrees from tall (likely up to 14).")
    step = findings["general.keep_going"]
    assert step.text == "Your back kept its shape: a base for the next step."
    assert step.step_id == "hip_skill.romanian_deadlift"


@pytest.mark.parametrize(
    ("movement", "keys"), [("hinge", reps(STAND, RDL, 3)), ("plank", [(0.0, PLANK), (8.0, PLANK)])]
)
def test_a_back_without_a_number_is_not_taken_for_one_that_keeps_its_shape(movement, keys):
    motion = simulate_motion(keys)
    findings = find(movement, motion)
    assert about_back(findings) == ["back.not_measured"]
    assert findings["back.not_measured"].text == (
        "This clip gives no number for your back: its outline was not seen clearly at the moments that count. "
        "It takes a square side view with the whole back clear of arms, load and chair."
    )
    assert about_back(find(movement, without_degrees(motion))) == []


@pytest.mark.parametrize(
    ("reason", "text"),
    [("an arm lies over it", "an arm lies over it."), (None, "its outline was not seen clearly")],
)
def test_a_back_without_a_number_says_why(reason: str | None, text: str):
    observation = observe_unmeasured_back(reason)
    sentence = load_catalogue().render_sentence(observation.id, observation.evidence, allows_degrees=True)
    assert sentence is not None
    assert sentence.startswith(f"This clip gives no number for your back: {text}")


def test_a_rounded_hinge_states_the_change_and_gets_one_thing_to_try():
    findings = find("hinge", bend_at_bottoms("hinge", simulate_motion(reps(STAND, RDL, 5)), [50] * 5))
    assert about_back(findings) == ["back.rounds", "back.room"]
    assert findings["back.room"].step_id == "reach_to_floor.trap_bar_high_handles"


def test_growth_over_the_set_is_stated_with_its_reps():
    motion = bend_at_bottoms("hinge", simulate_motion(reps(STAND, RDL, 6)), [5, 5, 5, 25, 25, 25])
    findings = find("hinge", motion)
    assert about_back(findings) == ["back.rounds", "back.grows"]
    assert "Your first 3 reps kept your shape best" in findings["back.grows"].text
    assert findings["back.rounds"].evidence["times_s"][0] > motion.times_s[-1] / 2


def test_the_share_of_the_own_toe_touch_comes_from_the_marks():
    motion = bend_at_bottoms("hinge", simulate_motion(reps(STAND, RDL, 3)), [30] * 3)
    assert "toe touch" not in find("hinge", motion)["back.rounds"].text
    text = find("hinge", motion, toe_touch_rounding_deg=60.0)["back.rounds"].text
    assert re.search(r"That is (4\d|50) % of your own toe touch\.$", text)


def test_squats_and_toe_touches_have_their_own_words():
    squats = find("squat", bend_at_bottoms("squat", simulate_motion(reps(STAND, SQUAT, 4)), [6] * 4))
    assert about_back(squats) == ["back.keeps_shape_squat"]
    touches = find("toe_touch", bend_at_bottoms("toe_touch", simulate_motion(reps(STAND, TOUCH, 3)), [70] * 3))
    assert about_back(touches) == ["back.own_range"]


@pytest.mark.parametrize(("arch_deg", "expected"), [(3, "back.keeps_shape_hold"), (15, "back.arches_in_hold")])
def test_a_plank_states_the_change_of_the_back_over_the_hold(arch_deg, expected):
    motion = simulate_motion([(0.0, PLANK), (12.0, PLANK)])
    late = np.clip((motion.times_s - 5.0) / 2.0, 0, 1)
    findings = find("plank", with_back(motion, -arch_deg * late))
    assert about_back(findings)[0] == expected
    assert ("back.keep_hold_arches" in findings) == (arch_deg > 8)


def test_a_view_without_degrees_states_nothing_of_the_back():
    motion = bend_at_bottoms("hinge", simulate_motion(reps(STAND, RDL, 4), yaw_deg=40), [6] * 4)
    assert about_back(find("hinge", without_degrees(motion))) == []


@pytest.mark.pose_model
@pytest.mark.parametrize(
    ("clip", "movement", "expected"),
    [
        ("hinge_neutral", "hinge", ["back.keeps_shape"]),
        ("hinge_rounded", "hinge", ["back.rounds"]),
        ("plank", "plank", ["back.arches_in_hold"]),  # hips and back sag half way; then the line is found again
    ],
)
def test_rendered_sample_clips(samples, clip, movement, expected):
    findings = analyze(samples / f"{clip}.mp4", movement=movement).findings
    assert [one.id for one in findings if one.id.startswith("back.")][: len(expected)] == expected


@pytest.mark.pose_model
@pytest.mark.parametrize(
    ("clip", "expected"),
    [
        pytest.param(TRUTH / name, expected, id=name)
        for name, expected in (
            ("h01_A_l00.mp4", ["back.keeps_shape"]),  # rendered with a change of 0 degrees
            ("h07_B_l45.mp4", ["back.rounds", "back.room"]),  # 45
            ("q17_E_butt20.mp4", ["back.rounds"]),  # 20
            ("s24_C_slump.mp4", ["back.rounds"]),  # 50
        )
        if (TRUTH / name).exists()
    ],
)
def test_rendered_clips_with_known_backs(clip, expected):
    findings = analyze(clip).findings
    assert [one.id for one in findings if one.id.startswith("back.")] == expected
