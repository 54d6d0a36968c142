"""Planks and slumps on the true joints of rendered people: holds, body line and stages against what was rendered."""

import json
from pathlib import Path

import numpy as np
import pytest

from analyzer.kinematics import angles as angle
from analyzer.kinematics.joints import SideJoints
from analyzer.movements.motion import ClipDetails, Motion
from analyzer.movements.plank.movement import MOVEMENT as PLANK
from analyzer.movements.slump.movement import MOVEMENT as SLUMP

SAMPLES = Path(__file__).resolve().parents[2] / "sample_videos"
SHARED = Path(__file__).resolve().parents[3] / "shared" / "truth"
PLANKS = [SAMPLES / "plank.truth.json", *sorted(SHARED.glob("p*_*.truth.json"))]
SLUMPS = [SAMPLES / "slump.truth.json", *sorted(SHARED.glob("s*_slump*.truth.json"))]
PHASES = {
    "slump": "slump",
    "neck flexion": "chin_to_chest",
    "knee extension": "knee_straight",
    "dorsiflexion": "toes_up",
    "release knee": "knee_release",
    "release all": "return",
}


def load_truth(path: Path) -> tuple[Motion, list[dict]]:
    """The motion of the joints that were rendered, and the bounds; there is no heel: the foot is ankle to toe."""
    known = json.loads(path.read_text())
    frames = known.get("frames", [])
    times = np.array(known["time_s"] if not frames else [frame["t"] for frame in frames])
    side = "L" if known["camera"]["side"] == "left" else "R"
    forward = -1 if side == "L" else 1

    def joints(side: str) -> SideJoints:
        def points(name: str) -> np.ndarray:
            key = f"{name}_{side}"
            places = [frame["px"][key] for frame in frames] if frames else known["joints_px"][key]
            return np.array(places, dtype=float)

        names = ("ear", "shoulder", "elbow", "wrist", "hip", "knee", "ankle", "toe")
        return SideJoints(**{name: points(name) for name in names}, eye=points("ear"), heel=points("ankle"))

    near, far = joints(side), joints("R" if side == "L" else "L")
    trunk = angle.trunk_inclination_deg(near.hip, near.shoulder, forward)
    thigh = angle.thigh_inclination_deg(near.knee, near.hip, forward)
    shin = angle.shin_inclination_deg(near.ankle, near.knee, forward)
    arm = angle.arm_elevation_deg(near.shoulder, near.wrist, forward)
    unknown = np.full(len(times), np.nan)
    angles = {
        "trunk_inclination_deg": trunk,
        "thigh_inclination_deg": thigh,
        "shin_inclination_deg": shin,
        "trunk_thigh_deg": angle.trunk_thigh_deg(trunk, thigh),
        "knee_flexion_deg": angle.knee_flexion_deg(shin, thigh),
        "ankle_dorsiflexion_deg": unknown,
        "neck_flexion_deg": angle.neck_inclination_deg(near.shoulder, near.ear, forward) - trunk,
        "head_tilt_deg": unknown,
        "shoulder_flexion_deg": angle.shoulder_flexion_deg(arm, trunk),
        "elbow_flexion_deg": angle.elbow_flexion_deg(near.shoulder, near.elbow, near.wrist, forward),
        "back_rounding_deg": unknown,
        "body_line_deg": angle.body_line_deg(near.ankle, near.hip, near.shoulder, forward),
    }
    return Motion(
        times_s=times,
        angles=angles,
        degrees=angles,
        confidence=np.ones(len(times)),
        near=near,
        far=far,
        forward_sign=forward,
        trunk_px=float(np.nanpercentile(np.linalg.norm(near.shoulder - near.hip, axis=1), 95)),
        baseline=None,
    ), known.get("bounds_s") or known["bounds"]


@pytest.mark.parametrize("path", PLANKS, ids=lambda path: path.name.split(".")[0])
def test_whole_clip_is_one_plank_that_leaves_its_zone_once(path):
    motion, (bound,) = load_truth(path)
    (hold,) = PLANK.find_events(motion, ClipDetails()).holds
    assert PLANK.recognise(motion) > 0.9
    assert SLUMP.recognise(motion) < 0.5
    assert (hold.start_s, hold.end_s) == pytest.approx((motion.times_s[0], motion.times_s[-1]), abs=0.3)
    (drift,) = hold.measures["drifts"]
    # It is out of the zone from some way into the deviation until some way out of it.
    assert bound["start"] < drift["start_s"] < bound["full"]
    assert bound["full_end"] < drift["end_s"] < bound["end"]
    assert drift["direction"] == ("sag" if "sag" in path.name or path.parent == SAMPLES else "pike")
    assert drift["shape_changed"]


@pytest.mark.parametrize("path", SLUMPS, ids=lambda path: path.name.split(".")[0])
def test_stages_are_those_rendered(path):
    motion, bounds = load_truth(path)
    stages = SLUMP.find_events(motion, ClipDetails()).stages
    assert SLUMP.recognise(motion) > 0.9
    assert PLANK.recognise(motion) < 0.5
    assert [stage.name for stage in stages] == ["tall_sit", *(PHASES[bound["phase"]] for bound in bounds)]
    assert [stage.start_s for stage in stages[1:]] == pytest.approx([bound["start"] for bound in bounds], abs=0.4)
    assert [stage.end_s for stage in stages[1:]] == pytest.approx([bound["end"] for bound in bounds], abs=0.4)
