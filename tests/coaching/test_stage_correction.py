"""Stage correction: placement, neighbours and new measures."""

import numpy as np
import pytest

from analyzer.coaching.marks import MarksError, parse_marks
from analyzer.coaching.stage_correction import apply_stage_corrections, measure_held_angles
from analyzer.movements.protocol import Events
from analyzer.movements.stage_placement import StagePlacement
from tests.coaching.people import StubMovement, motion, stage

KNEE = "knee_flexion_deg"
PLAIN = StubMovement("slump")
SLUMP = Events(
    stages=(
        stage("tall", 0, 2, **{KNEE: 90}),
        stage("slump", 2, 4, **{KNEE: 88}),
        stage("knee", 4, 6, "near", **{KNEE: 25}),
        stage("toes", 6, 8, "near", **{KNEE: 15}),
        stage("knee", 8, 10, "far", **{KNEE: 40}),
    )
)
STEPS = motion(knee_flexion_deg=np.repeat([90.0, 50.0, 20.0, 10.0, 5.0], 20))


def corrected(*stages, events=SLUMP, tracked_motion=STEPS, movement=PLAIN):
    return apply_stage_corrections(movement, events, parse_marks({"stages": list(stages)}).stages, tracked_motion)


def test_without_corrections_nothing_changes():
    assert corrected() is SLUMP


def test_a_moved_stage_is_measured_again_and_neighbours_are_trimmed():
    after = corrected({"name": "slump", "start_s": 2.5, "end_s": 5}).stages
    assert [(one.name, one.start_s, one.end_s) for one in after] == [
        ("tall", 0, 2), ("slump", 2.5, 5), ("knee", 5, 6), ("toes", 6, 8), ("knee", 8, 10),
    ]  # fmt: skip
    assert after[1].angles == {KNEE: 50}  # the stillest second of 2.5 to 5 s
    assert after[2].angles == {KNEE: 20}
    assert after[0] == SLUMP.stages[0]


def test_an_added_stage_replaces_what_it_covers():
    after = corrected({"name": "chin", "start_s": 2, "end_s": 4}).stages
    assert [one.name for one in after] == ["tall", "chin", "knee", "toes", "knee"]


def test_side_or_shared_time_decides_between_two_stages_with_one_name():
    after = corrected({"name": "knee", "side": "far", "start_s": 8, "end_s": 9}).stages
    assert (after[-1].side, after[-1].end_s, len(after)) == ("far", 9, 5)
    after = corrected({"name": "knee", "start_s": 5, "end_s": 8.5}).stages  # more of the near leg's
    assert [(one.name, one.side, one.start_s, one.end_s) for one in after[2:]] == [
        ("knee", "near", 5, 8.5), ("knee", "far", 8.5, 10),
    ]  # fmt: skip


def test_of_several_slumps_one_is_moved_one_added_and_one_split():
    slumps = Events(stages=tuple(stage("slump", at, at + 1) for at in (1, 4, 7)))

    def times(*marks):
        after = corrected(*({"name": "slump", "start_s": a, "end_s": b} for a, b in marks), events=slumps).stages
        return [(one.start_s, one.end_s) for one in after]

    assert times((4.5, 6)) == [(1, 2), (4.5, 6), (7, 8)]
    assert times((2.5, 3.5)) == [(1, 2), (2.5, 3.5), (4, 5), (7, 8)]
    assert times((4, 4.4), (4.6, 5)) == [(1, 2), (4, 4.4), (4.6, 5), (7, 8)]


@pytest.mark.parametrize("start_s", [9.9, 11])
def test_a_stage_after_the_end_of_the_clip_is_refused(start_s):
    with pytest.raises(MarksError, match=rf"slump starts at {start_s:g} s, the clip ends at 9\.9 s"):
        corrected({"name": "slump", "start_s": start_s, "end_s": 12})


def test_without_detected_stages_all_angles_are_measured():
    after = corrected({"name": "tall", "start_s": 0, "end_s": 2}, events=Events()).stages
    assert after[0].angles == {KNEE: 90}


def test_without_degrees_no_angle_is_measured():
    tracked_motion = motion(degrees=False, knee_flexion_deg=np.repeat([90.0, 50.0, 20.0, 10.0, 5.0], 20))
    assert all(
        one.angles == {}
        for one in corrected({"name": "tall", "start_s": 0, "end_s": 1}, tracked_motion=tracked_motion).stages[:1]
    )


def test_the_stillest_second_is_measured_without_gaps():
    knee = np.concatenate([np.linspace(90, 30, 20), np.full(15, 30.0), np.linspace(30, 0, 15)])
    knee[25:27] = np.nan
    tracked_motion = motion(5.0, knee_flexion_deg=knee)
    assert measure_held_angles(tracked_motion, [KNEE], 0, 5)[KNEE] == pytest.approx(30, abs=0.01)
    assert measure_held_angles(tracked_motion, [KNEE], 2.5, 2.6) == {}
    assert measure_held_angles(tracked_motion, [KNEE], 7, 8) == {}


# ---- movements that measure corrected stages by themselves -----------------------------------------------------


class SelfMeasuring(StubMovement):
    """Records the placements that it is given."""

    def correct_stages(self, motion, placements):
        self.placements = list(placements)
        if any(one.name == "dance" for one in placements):
            raise ValueError("dance: not a stage")
        return [stage("measured", 0, 1)]


def test_a_correctable_movement_gets_all_stages_in_order():
    movement = SelfMeasuring("slump")
    after = corrected(
        {"name": "slump", "start_s": 1.5, "end_s": 8}, {"name": "extra", "start_s": 9, "end_s": 9.5}, movement=movement
    )
    assert [one.name for one in after.stages] == ["measured"]
    assert movement.placements == [
        StagePlacement("tall", 0, 1.5, index=1),
        StagePlacement("slump", 1.5, 8, index=2),
        StagePlacement("knee", 8, 9, "far", index=5),
        StagePlacement("extra", 9, 9.5),
    ]


def test_a_stage_that_is_not_corrected_is_passed_on_unchanged():
    movement = SelfMeasuring("slump")
    corrected({"name": "knee", "side": "far", "start_s": 8, "end_s": 9}, movement=movement)
    assert [one.is_changed for one in movement.placements] == [False] * 4 + [True]
    assert movement.placements[2] == StagePlacement("knee", 4, 6, "near", index=3, is_changed=False)


def test_a_placement_that_the_movement_refuses_is_an_error_in_one_line():
    with pytest.raises(MarksError, match=r"^marks: stages: dance: not a stage\. See docs/marks\.md\.$"):
        corrected({"name": "dance", "start_s": 1, "end_s": 2}, movement=SelfMeasuring("slump"))
