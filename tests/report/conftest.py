import pytest

from analyzer.results.schema import Analysis, ClipFacts, Finding, Movement, Provenance, Rep, Subject
from tests.views import result_quality, result_view


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
        view=result_view(reasons=["square to the side"]),
        quality=result_quality().model_copy(
            update={"uncertainty_deg": {"trunk_inclination_deg": 2.5, "trunk_thigh_deg": 4.0}}
        ),
        movement=Movement(name="hinge", variant=None, confidence=0.9, source="auto"),
        measures={"own_tall": {"kind": "standing", "start_s": 0.0, "end_s": 0.2, "angles": {"trunk_thigh_deg": -2.0}}},
        provenance=Provenance(analyzer="0.1.0", mediapipe="1.2.2", model_sha256="1" * 64, settings={"model": "full"}),
    )


@pytest.fixture
def lifted(analysis: Analysis) -> Analysis:
    """A set of two reps and a part of one, with its findings."""

    def rep(index: int, start_s: float, bottom_s: float, end_s: float, complete: bool = True) -> Rep:
        return Rep(
            index=index,
            start_s=start_s,
            bottom_s=bottom_s,
            end_s=end_s,
            descent_s=0.5,
            pause_s=0.2,
            ascent_s=0.3 if complete else None,
            complete=complete,
            at_bottom={"trunk_inclination_deg": 69.4 + index / 2, "trunk_thigh_deg": 93.6},
            measures={"hip_back_pct": 14.2, "style": "mix"},
        )

    analysis.reps = [rep(1, 0, 0.5, 0.9), rep(2, 0.95, 1.4, 1.8), rep(3, 1.8, 1.9, 1.95, complete=False)]
    analysis.provenance.settings["load_kg"] = 60.0
    analysis.findings = [
        Finding(id="hinge.tall", kind="can", text="You finish every rep tall.", evidence={"reps": [1, 2]}),
        Finding(
            id="hinge.back", kind="next", text="Hips back.", cue="Tap the wall.", try_="Wall tap.",
            evidence={"hip_back_pct": 9.0, "times_s": [0.5, 1.4]},
        ),
        Finding(id="hinge.tempo", kind="next", text="Own the way down.", cue="Count me down three."),
    ]  # fmt: skip
    return analysis
