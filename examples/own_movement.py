"""Define a movement of your own and analyse a clip with it.

python examples/own_movement.py [CLIP]

To ship it, put the class in a package with an entry point (docs/movements.md): then the command line, the service and
the phone page know it too.
"""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from analyzer import AnalyzerError, analyze
from analyzer.movements.motion import ClipDetails, Motion
from analyzer.movements.protocol import Events, Movement, Observation
from analyzer.movements.registry import register_movement
from analyzer.movements.rep_detection import build_reps, find_reps
from analyzer.vocabulary.measures import MeasureLabel


class Bow(Movement):
    """A bow from standing: how far the trunk leans, and how alike the bows are."""

    name = "bow"
    title = "Bow"
    main_angle = "trunk_inclination_deg"
    instructions = "Bow three times, as you would on a stage."
    catalogue_path = Path(__file__).with_name("own_movement.toml")
    measure_labels = {"lean_deg": MeasureLabel(label="Lean of the trunk", unit="deg")}

    def recognise(self, motion: Motion) -> float:
        return 0.0  # only when asked for by name

    def find_events(self, motion: Motion, details: ClipDetails) -> Events:
        return Events(reps=build_reps(find_reps(motion.times_s, motion.angles[self.main_angle]), motion))

    def compute_measures(self, motion: Motion, details: ClipDetails, events: Events) -> dict[str, Any]:
        leans = [rep.at_bottom[self.main_angle] for rep in events.reps if self.main_angle in rep.at_bottom]
        return {"lean_deg": round(float(np.median(leans)), 1) if leans else None}

    def list_observations(self, details: ClipDetails, events: Events, measures: Mapping[str, Any]) -> list[Observation]:
        if measures["lean_deg"] is None:
            return []
        evidence = {"lean_deg": measures["lean_deg"], "reps": len(events.reps)}
        return [Observation("bow.lean", "can", 0.5, evidence)]


register_movement(Bow())
clip = sys.argv[1] if len(sys.argv) > 1 else "sample_videos/hinge_neutral.mp4"
try:
    result = analyze(clip, movement="bow")
except AnalyzerError as error:
    sys.exit(str(error))
print(result.movement.name, result.measures["lean_deg"])
print(*(finding.text for finding in result.findings), sep="\n")
