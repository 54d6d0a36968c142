"""The live guide counts the reps of drawn sets as the analysis does, and as many as were drawn."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
import pytest
from playwright.sync_api import Page

from analyzer.kinematics.landmarks import RIGHT
from analyzer.movements import squat, toe_touch
from analyzer.movements.hinge import movement as hinge
from analyzer.movements.hinge.thresholds import FLOOR_VARIANTS, LIMITS
from analyzer.movements.motion import ClipDetails
from analyzer.movements.protocol import Movement
from tests.api.web.live_guide import LiveSample, run_guide
from tests.bodies import SIZE_PX, bearing, picture_px
from tests.movements.people import (
    BOW,
    DEADLIFT,
    RDL,
    SQUAT,
    STAND,
    TOUCH,
    PostureAngles,
    interpolate_posture,
    simulate_motion,
)

STEP_S = 0.1
UP_S, DOWN_S, TOP_S, STILL_S = 1.3, 1.4, 0.6, 4.0
LOW_SQUAT = {**SQUAT, "upper_arm_deg": 5}  # the arms hang: 0.2 leg lengths above the ankle
Keys = list[tuple[float, PostureAngles]]


@dataclass(frozen=True)
class DrawnSet:
    """A set and how many reps of it count; `counts` are those that the guide shows, one after the other."""

    deep: PostureAngles
    pauses_s: tuple[float, ...]
    counts: range
    movement: Movement = hinge.MOVEMENT
    variant: str | None = None
    begins_low: bool = False

    @property
    def keys(self) -> Keys:
        """Stand, unless it begins at the bottom, go up from each bottom after its pause, and stand still."""
        moves = [] if self.begins_low else [(STILL_S, STAND), (DOWN_S, self.deep)]
        for index, pause_s in enumerate(self.pauses_s):
            moves += [(TOP_S, STAND), (DOWN_S, self.deep)] if index else []
            moves += [(pause_s, self.deep), (UP_S, STAND)]
        moves += [(STILL_S, STAND)]
        times = np.cumsum([0.0, *(seconds for seconds, _ in moves)])
        return list(zip(times.tolist(), [moves[0][1], *(pose for _, pose in moves)], strict=True))


SETS = {
    "from the top": DrawnSet(RDL, (0.4, 0.4, 0.4), range(4)),
    "three lifts after a set-up, then up without the load": DrawnSet(DEADLIFT, (4, 0.4, 0.4, 0.4), range(4)),
    "three lifts after a set-up, the last ends at lockout": DrawnSet(DEADLIFT, (4, 0.4, 0.4), range(3)),
    "one lift after a set-up that ends at lockout": DrawnSet(DEADLIFT, (4,), range(1)),
    "touch and go": DrawnSet(DEADLIFT, (0.4, 0.2, 0.2), range(4)),
    "first pause of 2 s": DrawnSet(DEADLIFT, (2, 0.4, 0.4), range(4)),
    "long stops between all lifts": DrawnSet(DEADLIFT, (4, 3, 3), range(4)),
    "begun at the bottom": DrawnSet(DEADLIFT, (1.5, 0.4, 0.4, 0.4), range(4), begins_low=True),
    "long pause at a first bottom with high hands": DrawnSet(BOW, (4, 0.4, 0.4), range(4)),
    "long pause at the first bottom of a Romanian": DrawnSet(DEADLIFT, (4, 0.4, 0.4), range(4), variant="romanian"),
    "set-up of a kettlebell with high hands": DrawnSet(BOW, (4, 0.4, 0.4), range(3), variant="kettlebell"),
    "squat with a long pause at the first bottom": DrawnSet(LOW_SQUAT, (4, 0.4, 0.4), range(4), squat.MOVEMENT),
    "toe touch that is held": DrawnSet(TOUCH, (4,), range(2), toe_touch.MOVEMENT),
}


def film(keys: Sequence[tuple[float, PostureAngles]]) -> list[LiveSample]:
    """Return what the pose model detects in a film of these postures, on feet that stay where they are."""
    times = np.arange(0.0, keys[-1][0], STEP_S)
    world = interpolate_posture(times, keys).world_m(len(times), bearing("right", 0.0))
    points = picture_px(world - world[:, [RIGHT.ankle]] + world[:1, [RIGHT.ankle]])
    points = np.concatenate([points, np.full((*points.shape[:2], 1), 0.99)], axis=2)
    return [
        LiveSample(time_s, *SIZE_PX, 128.0, [{"points": px.ravel().tolist(), "world": metres.ravel().tolist()}])
        for time_s, px, metres in zip(times.tolist(), points, world, strict=True)
    ]


@pytest.mark.parametrize("drawn", SETS.values(), ids=SETS)
def test_guide_and_analysis_count_the_reps_that_were_drawn(modules_page: Page, drawn: DrawnSet):
    events = drawn.movement.find_events(simulate_motion(drawn.keys), ClipDetails(variant=drawn.variant))
    assert sum(rep.complete for rep in events.reps) == drawn.counts[-1]
    for movement in (drawn.movement.name, "auto"):
        if movement == "auto" and drawn.variant:
            continue  # a variant is chosen with its movement
        samples = film(drawn.keys)
        states = run_guide(modules_page, samples, movement, drawn.variant, is_tapped=drawn.begins_low)
        assert [reps for reps, _ in groupby(state.reps for state in states)] == list(drawn.counts), movement
        assert drawn.begins_low or [state.action for state in states if state.action] == ["start", "stop"]


def test_a_lift_counts_when_the_body_goes_down_after_it(modules_page: Page):
    drawn = SETS["three lifts after a set-up, then up without the load"]
    states = run_guide(modules_page, film(drawn.keys), "hinge")
    first_s = next(state.time_s for state in states if state.reps)
    lockout_s = STILL_S + DOWN_S + 4 + UP_S
    assert lockout_s + TOP_S < first_s < lockout_s + TOP_S + DOWN_S


def test_limits_are_those_of_the_analysis(modules_page: Page):
    source = modules_page.evaluate("fetch('/live/floor_lifts.js').then((response) => response.text())")
    values = {name: float(value) for name, value in re.findall(r"^const (\w+) = ([\d.]+);", source, re.MULTILINE)}
    names = ("max_floor_hand_height", "lifts_setup_pause_s", "lifts_setup_pause_ratio")
    assert {name: values[name.upper()] for name in names} == {name: getattr(LIMITS, name) for name in names}
    assert set(re.findall(r'"(\w+)"', source.split("FLOOR_VARIANTS = ")[1].split(";")[0])) == FLOOR_VARIANTS
