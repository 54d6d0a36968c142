import pytest

from analyzer.result import Analysis, ClipFacts, Movement, Provenance, Quality, Subject, View


@pytest.fixture
def analysis() -> Analysis:
    return Analysis(
        clip=ClipFacts(
            name="client.mp4",
            sha256="0" * 64,
            width_px=640,
            height_px=640,
            duration_s=2.0,
            frames=60,
            mean_fps=30.0,
            rotation_deg=0,
        ),
        subject=Subject(chosen_by="largest", box_px=(0, 0, 10, 10), others_seen=0),
        view=View(facing="right", yaw_deg=4.0, roll_deg=None, grade="good", reasons=["square to the side"]),
        quality=Quality(tracked_fraction=1.0, warnings=[]),
        movement=Movement(name="hinge", variant=None, confidence=0.9, source="auto"),
        measures={"own_tall": {"kind": "standing", "start_s": 0.0, "end_s": 0.2, "angles": {"trunk_thigh_deg": -2.0}}},
        provenance=Provenance(analyzer="0.1.0", mediapipe="1.2.2", model_sha256="1" * 64, settings={"model": "full"}),
    )
