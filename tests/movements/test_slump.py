"""Seated slumps of stick people with known stages: detected in order and in time for either leg and any order."""

from statistics import median

import numpy as np
import pytest

from analyzer.coaching.findings import build_findings
from analyzer.movements.motion import ClipDetails
from analyzer.movements.slump.corrections import place_spans
from analyzer.movements.slump.movement import MOVEMENT
from analyzer.movements.slump.stage_measures import measure_stages
from analyzer.movements.slump.stages import find_slump_stages
from analyzer.movements.slump.thresholds import StageSpan
from analyzer.movements.stage_placement import StagePlacement
from tests.movements.people import (
    FPS,
    SIT,
    SIT_LEAN,
    SQUAT,
    STAND,
    interpolate_posture,
    motion_of_body,
    reps,
    simulate_motion,
    without_degrees,
)

NO_DETAILS = ClipDetails()
TALL = {**SIT, "trunk_deg": -2, "shin_deg": 0, "neck_deg": 8, "foot_deg": 0, "left_thigh_deg": -87, "left_shin_deg": 0}
SLUMPED = {**TALL, "trunk_deg": 14, "neck_deg": 24}
CHIN = {**SLUMPED, "neck_deg": 52}
KNEE = {**CHIN, "shin_deg": -72, "foot_deg": 72}
TOES = {**KNEE, "foot_deg": 88}
HEAD_UP = {**TOES, "neck_deg": 24}
FULL = [
    (0.0, TALL), (1.5, TALL), (2.5, SLUMPED), (4.0, SLUMPED), (5.0, CHIN), (6.5, CHIN), (7.5, KNEE), (9.0, KNEE),
    (9.6, TOES), (11.0, TOES), (11.8, HEAD_UP), (13.0, HEAD_UP), (14.0, TALL), (14.4, TALL),
]  # fmt: skip
ORDER = ["tall_sit", "slump", "chin_to_chest", "knee_straight", "toes_up", "neck_release", "return"]
STARTS_S = [0.0, 1.5, 4.0, 6.5, 9.0, 11.0, 13.0]


def sit(keys, facing="right", noise=0.006, seed=0, scale=1.0):
    """The hips stay where they are: the left foot is on the floor."""
    times = np.arange(0.0, keys[-1][0] + 1e-6, 1 / FPS)
    return motion_of_body(
        times, interpolate_posture(times, keys), facing, 0.0, noise, seed, scale, travel_m=np.zeros(len(times))
    )


def mirrored_keys(keys):
    """The legs exchanged: facing left the left one is near."""
    legs = ("thigh_deg", "shin_deg")
    other = {one: f"left_{one}" for one in legs} | {f"left_{one}": one for one in legs}
    return [(time, {other.get(name, name): value for name, value in pose.items()}) for time, pose in keys]


@pytest.mark.parametrize("seed", [0, 1])
def test_all_stages_are_found_in_order_and_in_time(seed):
    motion = sit(FULL, seed=seed)
    stages = MOVEMENT.find_events(motion, NO_DETAILS).stages
    assert MOVEMENT.recognise(motion) > 0.9
    assert [stage.name for stage in stages] == ORDER
    assert [stage.start_s for stage in stages] == pytest.approx(STARTS_S, abs=0.3)
    assert stages[-1].end_s == pytest.approx(14.0, abs=0.3)
    assert {stage.name: stage.side for stage in stages if stage.side} == {"knee_straight": "near", "toes_up": "near"}


def test_angles_are_of_the_held_posture_and_changes_from_sitting_tall():
    stages = {stage.name: stage for stage in MOVEMENT.find_events(sit(FULL), NO_DETAILS).stages}
    assert stages["slump"].measures["trunk_from_tall_deg"] == pytest.approx(16.0, abs=1.5)
    assert stages["chin_to_chest"].measures["neck_from_tall_deg"] == pytest.approx(52 - 14 - 10, abs=4.0)
    assert stages["knee_straight"].measures["knee_short_of_straight_deg"] == pytest.approx(15.0, abs=2.0)
    assert stages["toes_up"].measures["ankle_from_tall_deg"] == pytest.approx(16.0, abs=3.0)
    assert stages["neck_release"].measures["neck_from_tall_deg"] == pytest.approx(0.0, abs=4.0)
    assert stages["return"].measures["trunk_from_tall_deg"] == pytest.approx(0.0, abs=1.5)


def test_stages_in_another_order_are_recorded_in_that_order():
    early = {**SLUMPED, "shin_deg": -72, "foot_deg": 72}
    keys = [(0.0, TALL), (1.5, TALL), (2.5, SLUMPED), (4.0, SLUMPED), (5.0, early), (6.5, early), (7.5, KNEE),
            (9.0, KNEE), (10.0, CHIN), (11.0, CHIN), (12.0, TALL), (13.5, TALL)]  # fmt: skip
    motion = sit(keys)
    names = [stage.name for stage in MOVEMENT.find_events(motion, NO_DETAILS).stages]
    assert names == ["tall_sit", "slump", "knee_straight", "chin_to_chest", "knee_release", "return", "tall_sit"]
    assert MOVEMENT.compute_measures(motion, NO_DETAILS, MOVEMENT.find_events(motion, NO_DETAILS))["order"] == names


def test_far_leg_is_distinguished_from_the_near_one():
    far = {**CHIN, "left_shin_deg": -72}
    keys = [(0.0, TALL), (1.5, TALL), (2.5, SLUMPED), (4.0, SLUMPED), (5.0, CHIN), (6.5, CHIN), (7.5, far), (9.5, far)]
    times = np.arange(0.0, keys[-1][0] + 1e-6, 1 / FPS)
    motion = simulate_motion(keys, noise=0.004)  # the right foot stays
    stages = find_slump_stages(motion)
    assert times[-1] == pytest.approx(motion.times_s[-1])
    assert [(span.name, span.side) for span in stages][-1] == ("knee_straight", "far")


def test_slumps_and_tall_sitting_in_turns():
    motion = sit(reps(TALL, SLUMPED, 3, 1.0, 1.5, 1.0, 1.5, start_s=2.0))
    stages = MOVEMENT.find_events(motion, NO_DETAILS).stages
    assert MOVEMENT.recognise(motion) > 0.5
    assert [stage.name for stage in stages] == ["tall_sit", *["slump", "tall_sit"] * 3]
    assert [s.start_s for s in stages if s.name == "slump"] == pytest.approx([2.0, 7.0, 12.0], abs=0.3)


def test_clip_that_begins_slumped():
    motion = sit([(0.0, SLUMPED), (3.0, SLUMPED), (4.0, TALL), (7.0, TALL)])
    assert [stage.name for stage in MOVEMENT.find_events(motion, NO_DETAILS).stages] == ["slump", "tall_sit"]


@pytest.mark.parametrize(
    "keys",
    [
        reps(STAND, SQUAT, 3),
        reps(STAND, SQUAT, 2, pause_s=3.0),
        reps(SIT, STAND, 4, 1.2, 0.6, 1.2, 0.8),
        [(0.0, SIT), (2.0, SIT), (2.8, SIT_LEAN), (4.0, STAND), (6.0, STAND)],
        [(0.0, STAND), (6.0, STAND)],
        [(0.0, SIT), (8.0, SIT)],
    ],
    ids=["squat", "paused squat", "sit to stand", "one rise", "standing", "sitting still"],
)
def test_other_motions_are_not_slumps(keys):
    assert MOVEMENT.recognise(simulate_motion(keys)) < 0.5


def test_stages_do_not_depend_on_side_or_size():
    one = MOVEMENT.find_events(sit(FULL, noise=0.0), NO_DETAILS).stages
    for other in (sit(FULL, noise=0.0, scale=0.5), sit(mirrored_keys(FULL), "left", noise=0.0)):
        stages = MOVEMENT.find_events(other, NO_DETAILS).stages
        assert [stage.name for stage in stages] == [stage.name for stage in one]
        assert [stage.start_s for stage in stages] == pytest.approx([stage.start_s for stage in one], abs=0.05)


def test_view_without_degrees_gives_only_order_and_times():
    motion = without_degrees(sit(FULL))
    events = MOVEMENT.find_events(motion, NO_DETAILS)
    assert [stage.name for stage in events.stages] == ORDER
    assert all(stage.angles == {} for stage in events.stages)
    assert not any(name.endswith("_deg") for stage in events.stages for name in stage.measures)
    observations = MOVEMENT.list_observations(NO_DETAILS, events, MOVEMENT.compute_measures(motion, NO_DETAILS, events))
    assert {each.id for each in observations} == {"slump.recorded"}


def test_findings_state_what_was_done():
    motion = sit(FULL)
    events = MOVEMENT.find_events(motion, NO_DETAILS)
    observations = MOVEMENT.list_observations(NO_DETAILS, events, MOVEMENT.compute_measures(motion, NO_DETAILS, events))
    assert {each.kind for each in observations} == {"can"}
    (knee,) = [each.evidence["short_deg"] for each in observations if each.id == "slump.knee"]
    assert knee == pytest.approx(15.0, abs=2.0)
    assert knee == median(
        stage.measures["knee_short_of_straight_deg"]
        for stage in events.stages
        if stage.name in ("knee_straight", "toes_up")
    )
    texts = [
        finding.text for finding in build_findings(MOVEMENT, observations, allows_degrees=True) if finding.kind == "can"
    ]
    assert any(f"{knee:.0f} degrees short of straight" in text for text in texts)


def test_the_largest_bend_leads_to_the_stage_that_shows_it():
    """Two slumps of 16 and 26 degrees, the second from 7 to 10 s."""
    deeper = {**SLUMPED, "trunk_deg": 24}
    keys = [(0, TALL), (1.5, TALL), (2.5, SLUMPED), (4, SLUMPED), (5, TALL), (7, TALL), (8, deeper), (10, deeper)]
    motion = sit([*keys, (11, TALL), (13, TALL)])
    events = MOVEMENT.find_events(motion, NO_DETAILS)
    observations = MOVEMENT.list_observations(NO_DETAILS, events, MOVEMENT.compute_measures(motion, NO_DETAILS, events))
    (evidence,) = [each.evidence for each in observations if each.id == "slump.range"]
    assert evidence["slump_deg"] == pytest.approx(26, abs=2)
    assert evidence["times_s"] == [pytest.approx(8.5, abs=0.3)]


def test_corrections_change_add_and_remove_stages():
    spans = [
        StageSpan("tall_sit", 0.0, 0.0, 2.0),
        StageSpan("slump", 2.0, 3.0, 5.0),
        StageSpan("return", 5.0, 6.0, 6.0),
    ]
    corrected = place_spans(
        spans,
        [
            StagePlacement("tall_sit", 0.0, 2.0, index=1, is_changed=False),
            StagePlacement("slump", 2.0, 4.0, index=2),
            StagePlacement("chin_to_chest", 4.0, 5.0),
        ],
    )
    assert corrected == [
        spans[0],
        StageSpan("slump", 2.0, 3.0, 4.0),
        StageSpan("chin_to_chest", 4.0, 4.0, 5.0),
    ]


def test_the_end_of_the_movement_stays_inside_a_corrected_stage():
    spans = [StageSpan("slump", 2.0, 3.0, 5.0)]
    starts_later, ends_earlier = (
        place_spans(spans, [StagePlacement("slump", start_s, end_s, index=1)])[0]
        for start_s, end_s in ((3.5, 5.0), (2.0, 2.5))
    )
    assert (starts_later.movement_end_s, ends_earlier.movement_end_s) == (3.5, 2.5)


def test_corrected_stages_are_measured_again():
    motion = sit(FULL)
    spans = find_slump_stages(motion)
    placements = [
        StagePlacement(span.name, span.start_s, span.end_s, span.side, index, is_changed=False)
        for index, span in enumerate(spans, start=1)
    ]
    assert measure_stages(motion, place_spans(spans, placements)) == measure_stages(motion, spans)
    placements[1] = StagePlacement("chin_to_chest", 5.0, 6.5, index=2)
    stages = measure_stages(motion, place_spans(spans, placements))
    assert stages[1].name == "chin_to_chest"
    assert stages[1].measures["trunk_from_tall_deg"] == pytest.approx(16.0, abs=1.5)


@pytest.mark.parametrize("index", [1, None])
def test_a_name_that_is_no_stage_is_refused(index):
    with pytest.raises(ValueError, match=r"^lean: not a stage\. Stages: tall_sit, slump,"):
        place_spans([StageSpan("tall_sit", 0.0, 0.0, 2.0)], [StagePlacement("lean", 0.0, 2.0, index=index)])
