"""A movement from outside the package: available everywhere once installed; a broken one gives a one-line error."""

from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent

import pytest

from analyzer.clip.frame_reader import read_frames
from analyzer.clip.h264_writer import VideoWriter
from analyzer.clip.probe import open_clip
from analyzer.errors import AnalyzerError
from analyzer.movements import registry
from analyzer.pose.model_store import ModelFile
from analyzer.settings import Settings
from tests.movements.people import STAND, simulate_motion
from tests.movements.toy_package import forget_movements, install_package, run_python

TOY = """
    from pathlib import Path

    import numpy as np

    from analyzer.movements.protocol import ComparableMeasure, Events, Movement, Observation
    from analyzer.results.schema import Hold

    class Statue(Movement):
        name = "statue"
        title = "Standing like a statue"
        main_angle = "trunk_inclination_deg"
        smoothing = "hold"
        event_kind = "holds"
        catalogue_path = Path(__file__).with_name("words.toml")

        def recognise(self, motion):
            return 0.9 if np.nanstd(motion.angles["trunk_inclination_deg"]) < 3 else 0.0

        def find_events(self, motion, details):
            first, last = float(motion.times_s[0]), float(motion.times_s[-1])
            return Events(holds=[Hold(index=1, start_s=first, end_s=last, duration_s=last - first, in_zone_s=None)])

        def compute_measures(self, motion, details, events):
            return {"still_s": events.holds[0].duration_s}

        def list_observations(self, details, events, measures):
            return [Observation("statue.still", "can", 1.0, {"still_s": measures["still_s"]})]

        def list_comparable_measures(self, analysis):
            return [ComparableMeasure("statue.still_s", "hold_time", (analysis.measures["still_s"],))]

    MOVEMENT = Statue()
"""
WORDS = """
    [statue.still]
    say = "You stood like a statue for {still_s:.0f} s."
    say_shapes = "You stood like a statue."
    cue = "Melt."
"""
SEE = """
    from analyzer.analysis.recognition import resolve_movement
    from analyzer.movements.registry import get_movement, load_movements
    from analyzer.request import AnalysisRequest
    from tests.interpretation import interpret_motion
    from tests.movements.people import STAND, TOUCH, reps, simulate_motion

    still, moving = simulate_motion([(0.0, STAND), (6.0, STAND)]), simulate_motion(reps(STAND, TOUCH, 3))
    print(get_movement("statue").title)
    recognised = resolve_movement(still, AnalysisRequest())
    print(recognised.movement.name, recognised.confidence)
    interpreted = interpret_motion(still, recognised, AnalysisRequest())
    print(interpreted.movement.source, [finding.text for finding in interpreted.findings if finding.kind == "can"])
    print(load_movements()["statue"].recognise(moving))
"""


@pytest.fixture(scope="module")
def toy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return install_package(tmp_path_factory.mktemp("toy"), TOY, words=WORDS)


@pytest.fixture(scope="module")
def clip(samples: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first second of a hinge: long enough to be tracked."""
    path = tmp_path_factory.mktemp("clip") / "short.mp4"
    whole = open_clip(samples / "hinge_neutral.mp4", Settings())
    with VideoWriter(path, whole.width_px, whole.height_px) as writer:
        for index, image in read_frames(whole, 0, 30):
            writer.write(image, whole.times_s[index])
    return path


def test_plugin_is_listed_recognised_and_uses_its_own_texts(toy):
    done = run_python(toy, "-c", dedent(SEE))
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "Standing like a statue",
        "statue 0.9",
        "auto ['You stood like a statue for 6 s.']",
        "0.0",
    ]


CONFINED = """
    import os, sys

    from analyzer.movements.registry import list_package_paths, load_movements
    from analyzer.sandbox import confine_process

    os.chdir(sys.argv[1])
    confine_process(list_package_paths(), [])
    print("statue" in load_movements())
"""


def test_confined_process_loads_a_plugin_that_is_developed_in_the_current_folder(toy):
    done = run_python(toy, "-c", dedent(CONFINED), toy)
    assert done.stdout == "True\n", done.stderr


def test_movement_is_unknown_without_its_plugin(tmp_path):
    done = run_python(
        tmp_path, "-c", "from analyzer.movements.registry import load_movements as m; print('statue' in m())"
    )
    assert done.stdout == "False\n", done.stderr


def test_command_line_lists_and_analyses_a_plugin_movement(toy, clip, tmp_path, pose_model: ModelFile):
    run = ("-m", "analyzer", "run", clip, "--no-video", "--out", tmp_path, "--movement")
    done = run_python(toy, *run, "statue")
    assert done.returncode == 0, done.stderr
    assert "You stood like a statue for 1 s." in (tmp_path / "analysis.json").read_text(encoding="utf-8")
    done = run_python(toy, *run, "statuesque")
    assert done.returncode != 0
    assert done.stderr.startswith("statuesque: unknown movement. Choose one of ")
    assert ", statue, " in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.fixture
def fresh_registry(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Look up the installed movements again during the test, and after it."""
    forget_movements()
    yield
    monkeypatch.undo()
    forget_movements()


@pytest.mark.parametrize(
    ("module", "message"),
    [
        ("import no_such_package", "cannot be loaded (ModuleNotFoundError: No module named 'no_such_package')"),
        ("raise ValueError('one\\ntwo')", "cannot be loaded (ValueError: one two)"),
        ("", "cannot be loaded (AttributeError: module 'toy_movement' has no attribute 'MOVEMENT')"),
        ("MOVEMENT = 7", "is not a movement"),
        (TOY.replace("Statue()", "Statue"), "is not a movement"),
        (TOY.replace("def recognise", "def recognize"), "loaded (TypeError: Can't instantiate abstract"),
        (TOY.replace("title =", "heading ="), "'Statue' object has no attribute 'title'"),
        (TOY.replace('"holds"', '"poses"'), "missing or wrong (ValidationError: 1 validation error"),
        (TOY.replace('"statue"', '"hinge"'), "another movement is called hinge too"),
        (TOY.replace("0.9 if", "1.5 if"), "statue: its recognise() answered 1.5, expected 0 to 1."),
        (
            TOY.replace("0.9 if", "1 / 0 if"),
            "statue: its recognise() went wrong (ZeroDivisionError: division by zero).",
        ),
    ],
)
def test_broken_plugin_is_reported_in_one_line(module, message, tmp_path, fresh_registry, monkeypatch):
    monkeypatch.syspath_prepend(install_package(tmp_path, module))
    with pytest.raises(AnalyzerError) as caught:
        registry.recognise_movement(simulate_motion([(0.0, STAND), (3.0, STAND)]))
    assert "\n" not in str(caught.value)
    assert message in str(caught.value)


def test_broken_plugin_is_one_line_on_the_command_line(clip, tmp_path, pose_model: ModelFile):
    broken = install_package(tmp_path, "import no_such_package")
    done = run_python(broken, "-m", "analyzer", "run", clip, "--no-video", "--out", tmp_path / "out")
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "no_such_package" in done.stderr
    assert "uninstall toy-movement" in done.stderr


def test_movement_registered_in_this_process_is_available_until_its_name_is_taken(fresh_registry, monkeypatch):
    monkeypatch.setattr(registry, "_registered_here", [])
    namespace: dict[str, object] = {"__file__": __file__}
    exec(dedent(TOY), namespace)
    statue = namespace["MOVEMENT"]
    registry.register_movement(statue)  # type: ignore[arg-type]
    assert registry.get_movement("statue") is statue
    with pytest.raises(AnalyzerError, match="statue: another movement has this name"):
        registry.register_movement(statue)  # type: ignore[arg-type]
    with pytest.raises(AnalyzerError, match="7 is not a movement"):
        registry.register_movement(7)  # type: ignore[arg-type]
