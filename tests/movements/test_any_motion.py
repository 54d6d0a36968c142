"""Every movement gives valid JSON for any track: gaps, noise, few frames, another movement."""

import json
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analyzer.coaching.clip_findings import coach_clip
from analyzer.coaching.marks import parse_marks
from analyzer.kinematics.angle_table import ANGLE_COLUMNS
from analyzer.kinematics.baseline_posture import BaselinePosture
from analyzer.kinematics.joints import SideJoints
from analyzer.movements.motion import ClipDetails, Motion
from analyzer.movements.protocol import Movement
from analyzer.movements.registry import load_movements, recognise_movement
from analyzer.results.schema import Analysis, ClipFacts, Finding, Provenance, Subject
from analyzer.results.schema import Movement as MovementFacts
from tests.movements import people
from tests.views import result_quality, result_view

JOINTS = tuple(SideJoints.__dataclass_fields__)
LENGTHS = (1, 2, 3, 5, 40, 300)
KINDS = ("nothing", "constant", "still", "wave", "noise", "steps", "huge")


def series(kind: str, random: np.random.Generator, times_s: np.ndarray) -> np.ndarray:
    """One column of a random track."""
    count = len(times_s)
    level = random.uniform(-90, 90)
    if kind == "nothing":
        return np.full(count, np.nan)
    if kind == "constant":
        return np.full(count, level)
    if kind == "still":
        return level + random.normal(0, 0.5, count)
    if kind == "wave":
        return level + random.uniform(5, 90) * np.sin(random.uniform(0.5, 6) * times_s + random.uniform(0, 6))
    if kind == "noise":
        return random.normal(0, 60, count)
    if kind == "steps":
        return np.where(np.arange(count) // max(1, count // 6) % 2, level, level + 70)
    return random.normal(0, 1e6, count)


def with_gaps(values: np.ndarray, random: np.random.Generator, share: float) -> np.ndarray:
    """Runs of unknown frames, `share` of all or so."""
    values = values.copy()
    while len(values) and share > 0 and np.isnan(values).mean() < share:
        first = int(random.integers(0, len(values)))
        values[first : first + int(random.integers(1, max(2, len(values) // 4)))] = np.nan
    return values


def hidden_degrees(draw: st.DrawFn, angles: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The angles, some or all of which may not be reported."""
    hidden = draw(st.sampled_from([(), ANGLE_COLUMNS])) or draw(st.sets(st.sampled_from(ANGLE_COLUMNS)))
    return {name: np.full_like(values, np.nan) if name in hidden else values for name, values in angles.items()}


@st.composite
def motions(draw: st.DrawFn) -> Motion:
    """Any track; its columns need not be consistent."""
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    fps = draw(st.sampled_from([8.0, 15.0, 29.97, 30.0, 60.0, 240.0]))
    count = draw(st.sampled_from(LENGTHS))
    times_s = np.cumsum(random.uniform(0.5, 1.5, count)) / fps if draw(st.booleans()) else np.arange(count) / fps
    times_s = times_s - times_s[0]
    share = draw(st.sampled_from([0.0, 0.1, 0.5, 0.9]))
    kind = draw(st.sampled_from([*KINDS, "mixed"]))

    def column(scale: float = 1.0) -> np.ndarray:
        one = KINDS[int(random.integers(0, len(KINDS)))] if kind == "mixed" else kind
        return with_gaps(scale * series(one, random, times_s), random, share)

    def side() -> SideJoints:
        points = {name: np.stack([300 + column(3.0), 300 + column(3.0)], axis=1) for name in JOINTS}
        for point in points.values():
            point[np.isnan(point).any(axis=1)] = np.nan
        return SideJoints(**points)

    reference = None
    if (posture := draw(st.sampled_from([None, "standing", "sitting", "lying"]))) is not None:
        frames = np.zeros(count, dtype=bool)
        frames[: max(1, count // 5)] = True
        reference = BaselinePosture(posture, draw(st.booleans()), 0.0, float(times_s[frames][-1]), frames)
    angles = {name: column() for name in ANGLE_COLUMNS}
    return Motion(
        times_s=times_s,
        angles=angles,
        degrees=hidden_degrees(draw, angles),
        confidence=np.clip(random.uniform(0, 1, count), 0, 1),
        near=side(),
        far=side(),
        forward_sign=draw(st.sampled_from([1, -1])),
        trunk_px=draw(st.sampled_from([1.0, 150.0])),
        baseline=reference,
        yaw_deg=draw(st.sampled_from([0.0, 15.0, 60.0])),
    )


def analyze(movement: Movement, motion: Motion, details: ClipDetails, marks: dict | None = None) -> Analysis:
    """Return the result of the pipeline for a motion."""
    events = movement.find_events(motion, details)
    measures = movement.compute_measures(motion, details, events)
    observations = movement.list_observations(details, events, measures)
    story = coach_clip(movement, motion, details, events, observations, parse_marks(marks))
    until = float(motion.times_s[-1])
    return Analysis(
        clip=ClipFacts(name="x", sha256="0", width_px=1, height_px=1, duration_s=until, frames=len(motion.times_s),
                       mean_fps=motion.fps, rotation_deg=0),
        subject=Subject(chosen_by="x", box_px=(0, 0, 1, 1), others_seen=0),
        view=result_view(yaw_deg=motion.yaw_deg),
        quality=result_quality(),
        movement=MovementFacts(name=movement.name, variant=details.variant, confidence=1.0, source="given"),
        reps=list(story.events.reps),
        holds=list(story.events.holds),
        stages=list(story.events.stages),
        measures=measures | story.measures.to_json(),
        findings=story.findings,
        provenance=Provenance(analyzer="0", mediapipe="0", model_sha256="0", settings={}),
    )  # fmt: skip


def assert_valid(result: Analysis, motion: Motion) -> None:
    """Assert that the result is JSON without NaN, in order of time and inside the clip."""
    json.dumps(result.model_dump(mode="python", exclude={"clip"}), allow_nan=False, default=str)
    assert Analysis.model_validate_json(result.model_dump_json()) == result
    first, last = float(motion.times_s[0]) - 1e-3, float(motion.times_s[-1]) + 1e-3
    for rep in result.reps:
        assert first <= rep.start_s <= rep.bottom_s <= rep.end_s <= last
        assert all(time is None or time >= 0 for time in (rep.descent_s, rep.pause_s, rep.ascent_s))
    for before, after in pairwise(result.reps):
        assert before.index < after.index
        assert before.end_s <= after.start_s + 1e-3
    for events in (result.holds, result.stages):
        for one in events:
            assert first <= one.start_s <= one.end_s <= last
        for before, after in pairwise(events):
            assert before.end_s <= after.start_s + 1e-3
    for finding in result.findings:
        assert isinstance(finding, Finding)
        assert finding.text
        assert "nan" not in finding.text.lower().split()


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(motion=motions(), load_kg=st.sampled_from([None, 0.0, 20.0]))
@pytest.mark.parametrize("name", sorted(load_movements()))
def test_any_track_gives_valid_json_in_order(name, motion, load_kg):
    movement = load_movements()[name]
    assert 0.0 <= movement.recognise(motion) <= 1.0
    for variant in (None, *movement.variants[:2]):
        result = analyze(movement, motion, ClipDetails(variant=variant, load_kg=load_kg))
        assert_valid(result, motion)
        for quantity in movement.list_comparable_measures(result):
            assert np.isfinite(quantity.values).all()


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(motion=motions())
def test_recognition_of_any_track_gives_a_valid_result(motion):
    assert 0.0 <= recognise_movement(motion).confidence <= 1.0


@pytest.mark.parametrize("name", sorted(load_movements()))
def test_every_movement_handles_clips_of_the_others(name):
    for motion in (*people.other_motions().values(), *people.example_motions().values()):
        assert_valid(analyze(load_movements()[name], motion, ClipDetails()), motion)


PEOPLE = {**people.other_motions(), **people.example_motions()}


@st.composite
def damaged(draw: st.DrawFn) -> Motion:
    """A moving person, cut anywhere, with gaps, lost joints, noise, or a strange rate of frames."""
    motion = PEOPLE[draw(st.sampled_from(sorted(PEOPLE)))]
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    first = draw(st.floats(0, 0.8)) * len(motion.times_s)
    frames = slice(int(first), int(first + draw(st.floats(0.02, 1)) * len(motion.times_s)) + 1, draw(st.integers(1, 4)))
    noise, share = draw(st.sampled_from([0.0, 2.0, 15.0])), draw(st.sampled_from([0.0, 0.2, 0.6]))
    lost = draw(st.sets(st.sampled_from(JOINTS), max_size=3))
    stretch = draw(st.sampled_from([0.125, 1.0, 3.0]))
    unseen = draw(st.sets(st.sampled_from(ANGLE_COLUMNS), max_size=3))

    def hurt(values: np.ndarray, gone: bool) -> np.ndarray:
        values = values[frames] + random.normal(0, noise, values[frames].shape)
        return np.full_like(values, np.nan) if gone else with_gaps(values, random, share)

    def side(joints: SideJoints) -> SideJoints:
        hidden = {name: np.isnan(hurt(np.zeros(len(motion.times_s)), name in lost)) for name in JOINTS}
        return SideJoints(**{n: np.where(hidden[n][:, None], np.nan, getattr(joints, n)[frames]) for n in JOINTS})

    reference = motion.baseline
    if reference is not None:
        sampled = reference.frames[frames]
        reference = replace(reference, frames=sampled) if sampled.any() and draw(st.booleans()) else None
    angles = {name: hurt(values, name in unseen) for name, values in motion.angles.items()}
    return replace(
        motion,
        times_s=motion.times_s[frames] * stretch,
        angles=angles,
        degrees=hidden_degrees(draw, angles),
        confidence=motion.confidence[frames],
        leg_height_gap_px=None if motion.leg_height_gap_px is None else motion.leg_height_gap_px[frames],
        near=side(motion.near),
        far=side(motion.far),
        baseline=reference,
    )


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(motion=damaged())
@pytest.mark.parametrize("name", sorted(load_movements()))
def test_damaged_track_gives_valid_json_in_order(name, motion):
    movement = load_movements()[name]
    assert 0.0 <= movement.recognise(motion) <= 1.0
    result = analyze(movement, motion, ClipDetails())
    assert_valid(result, motion)
    for quantity in movement.list_comparable_measures(result):
        assert np.isfinite(quantity.values).all()
