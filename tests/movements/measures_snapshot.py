"""The JSON that each movement writes for simulated motions, as stored in `measures_snapshot.json`.

Run `python -m tests.movements.measures_snapshot` to store it again after an intended change.
"""

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from analyzer.movements.motion import ClipDetails, Motion
from analyzer.movements.registry import get_movement
from analyzer.results.schema import Analysis, ClipFacts, Provenance, Subject
from analyzer.results.schema import Movement as MovementFacts
from tests.movements.people import (
    BACKBEND,
    DEADLIFT,
    PLANK,
    PRESSED,
    RACK,
    RDL,
    REACH,
    SIT,
    SLUMP,
    SLUMP_KNEE,
    SQUAT,
    STAND,
    TOUCH,
    PostureAngles,
    reps,
    simulate_motion,
    simulate_walk,
    sit_to_stand_keys,
    with_angles,
    without_degrees,
)
from tests.views import result_quality, result_view

SNAPSHOT = Path(__file__).with_suffix(".json")
SLUMP_KEYS: list[tuple[float, PostureAngles]] = [
    (0.0, SIT), (3.0, SIT), (5.0, SLUMP), (8.0, SLUMP), (10.0, SLUMP_KNEE), (13.0, SLUMP_KNEE), (15.0, SLUMP),
    (17.0, SIT), (19.0, SIT),
]  # fmt: skip
PLANK_UP: PostureAngles = {**PLANK, "trunk_deg": 80, "thigh_deg": 80, "shin_deg": 80, "foot_deg": -80}
PLANK_SAG: PostureAngles = {**PLANK_UP, "trunk_deg": 72, "thigh_deg": 86, "shin_deg": 86}
PLANK_KNEES: PostureAngles = {**PLANK_UP, "trunk_deg": 76, "thigh_deg": 68, "shin_deg": 130}
PLANK_KEYS: list[tuple[float, PostureAngles]] = [
    (0.0, PLANK_UP), (6.0, PLANK_UP), (7.0, PLANK_SAG), (11.0, PLANK_SAG), (12.0, PLANK_UP), (16.0, PLANK_UP),
]  # fmt: skip


LOAD_PATH = {
    "load": "plate", "scale": "plate", "unit": "cm", "diameter": 45.0, "midfoot_doubt": 2.5,
    "worst_bow_forward": 7.0, "worst_from_midfoot": 9.0,
    "reps": [
        {"rep": 1, "seen": True, "up": 50.0, "bow_forward": 7.0, "from_midfoot_most": None},
        {"rep": 2, "seen": True, "up": 50.0, "bow_forward": 1.0, "from_midfoot_most": 9.0},
        {"rep": 3, "seen": False, "up": None, "bow_forward": None, "from_midfoot_most": None},
    ],
}  # fmt: skip


def drifting_lifts(deep: PostureAngles, per_rep: PostureAngles, count: int = 6) -> list[tuple[float, PostureAngles]]:
    """Key postures of a set in which the bottom changes by `per_rep` from rep to rep."""
    keys: list[tuple[float, PostureAngles]] = [(0.0, STAND), (1.5, STAND)]
    for index in range(count):
        bottom = {**deep, **{name: deep[name] + index * step for name, step in per_rep.items()}}
        for seconds, posture in ((1.0, bottom), (0.3, bottom), (1.3 + 0.2 * index, STAND), (0.7, STAND)):
            keys.append((keys[-1][0] + seconds, posture))
    return keys


def with_rounding(motion: Motion) -> Motion:
    """The motion with a back that rounds by a fifth of the trunk's lean, and more in later reps."""
    trunk = np.maximum(motion.angles["trunk_inclination_deg"], 0.0)
    rounding = trunk * (0.15 + 0.02 * motion.times_s)
    return with_angles(motion, {"back_rounding_deg": rounding})


def named_motions() -> Iterator[tuple[str, str, str | None, Motion]]:
    """Label, movement, variant and motion of every case."""
    rdl = simulate_motion(drifting_lifts({**RDL, "trunk_deg": 60}, {"trunk_deg": 4}))
    yield "hinge romanian, drifting", "hinge", "romanian", with_rounding(rdl)
    yield "hinge romanian, alike", "hinge", "romanian", simulate_motion(reps(STAND, RDL, 4), noise=0.0)
    yield "hinge without variant, knees bent", "hinge", None, simulate_motion(reps(STAND, SQUAT, 3))
    deadlift = simulate_motion(reps(DEADLIFT, STAND, 3, start_s=0.6))
    yield "hinge conventional, from the floor", "hinge", "conventional", deadlift
    yield "hinge sumo", "hinge", "sumo", simulate_motion(reps(STAND, {**DEADLIFT, "trunk_deg": 50}, 4))
    yield "hinge bodyweight, dropped", "hinge", "bodyweight", simulate_motion(reps(STAND, RDL, 4, 0.6, up_s=2.0))
    yield (
        "squat, shallower",
        "squat",
        None,
        simulate_motion(drifting_lifts({**SQUAT, "thigh_deg": -95}, {"thigh_deg": 5})),
    )
    yield "squat goblet, heels", "squat", "goblet", simulate_motion(reps(STAND, {**SQUAT, "foot_deg": -20}, 3))
    yield "plank, sagging", "plank", "forearm", simulate_motion(PLANK_KEYS)
    yield "plank on the knees", "plank", None, simulate_motion([(0.0, PLANK_KNEES), (8.0, PLANK_KNEES)])
    yield "slump test", "slump", None, with_rounding(simulate_motion(SLUMP_KEYS))
    yield "slump in turns", "slump", None, simulate_motion(reps(SIT, SLUMP, 3, 1.0, 1.5, 1.0, 1.5, start_s=2.0))
    yield "toe touch", "toe_touch", None, with_rounding(simulate_motion(reps(STAND, TOUCH, 3)))
    yield "standing extension", "standing_extension", None, simulate_motion(reps(STAND, BACKBEND, 3))
    yield "overhead reach", "overhead", "reach", simulate_motion(reps(STAND, REACH, 3))
    yield "overhead press", "overhead", "press", simulate_motion(reps(RACK, PRESSED, 3))
    yield "sit-to-stand", "sit_to_stand", None, simulate_motion(sit_to_stand_keys(3))
    yield "walk", "carry", "walk", simulate_walk()
    for name in ("hinge", "squat", "plank", "slump", "toe_touch", "standing_extension", "overhead", "carry"):
        yield f"{name} of a person who stands still", name, None, simulate_motion([(0.0, STAND), (3.0, STAND)])


def movement_json(name: str, variant: str | None, motion: Motion) -> dict[str, Any]:
    """Events, measures, observations and comparable measures of one motion, as plain JSON values."""
    movement, details = get_movement(name), ClipDetails(variant=variant)
    events = movement.find_events(motion, details)
    measures = movement.compute_measures(motion, details, events)
    if variant == "conventional":
        measures["load_path"] = LOAD_PATH
    analysis = Analysis(
        clip=ClipFacts(
            name="x", sha256="0", width_px=1, height_px=1, duration_s=1.0, frames=1, mean_fps=30.0, rotation_deg=0
        ),
        subject=Subject(chosen_by="x", box_px=(0, 0, 1, 1), others_seen=0),
        view=result_view(),
        quality=result_quality(),
        movement=MovementFacts(name=name, variant=variant, confidence=1.0, source="given"),
        reps=list(events.reps),
        holds=list(events.holds),
        stages=list(events.stages),
        measures=measures,
        provenance=Provenance(analyzer="0", mediapipe="0", model_sha256="0", settings={}),
    )
    stored = Analysis.model_validate_json(analysis.model_dump_json())
    written = {
        **{
            kind: [one.model_dump(mode="json") for one in getattr(events, kind)] for kind in ("reps", "holds", "stages")
        },
        "measures": measures,
        "observations": [asdict(one) for one in movement.list_observations(details, events, measures)],
        "comparable": [asdict(one) for one in movement.list_comparable_measures(stored)],
    }
    plain: dict[str, Any] = json.loads(json.dumps(written))
    return plain


def named_cases() -> Iterator[tuple[str, str, str | None, Motion]]:
    """Every motion, and where it has events the same in a view without degrees."""
    for label, name, variant, motion in named_motions():
        yield label, name, variant, motion
        if "stands still" not in label:
            yield f"{label}, no degrees", name, variant, without_degrees(motion)


if __name__ == "__main__":
    written = {label: movement_json(*case) for label, *case in named_cases()}
    lines = [f"{json.dumps(label)}: {json.dumps(case)}" for label, case in written.items()]
    SNAPSHOT.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
