"""A plugin movement describes itself, and every part of the program uses that description."""

import json
from collections.abc import Iterator
from pathlib import Path

import cv2
import pytest

from analyzer.clip.frame_reader import read_frames
from analyzer.clip.h264_writer import VideoWriter
from analyzer.clip.probe import open_clip
from analyzer.coaching.coaching_measures import ReportedSymptom
from analyzer.coaching.symptom_direction import build_direction_test
from analyzer.compare.changes import compare_sides
from analyzer.compare.pairing import order_pair
from analyzer.compare.side import CompareError
from analyzer.movements.registry import get_movement
from analyzer.pose.model_store import ModelFile
from analyzer.settings import Settings
from tests.api.service import Service
from tests.compare.results import rep, result, side
from tests.movements.toy_package import forget_movements, install_package, run_python

TOY = """
    from pathlib import Path

    from analyzer.movements.protocol import ComparableMeasure, Events, Movement, Observation, RepPhases
    from analyzer.vocabulary.measures import MeasureLabel
    from analyzer.movements.rep_detection import build_reps, find_reps
    from analyzer.results.schema import Stage

    class Bow(Movement):
        name = "toy_bow"
        title = "Bow"
        variants = ("deep", "empty_handed", "straddle")
        main_angle = "trunk_inclination_deg"
        catalogue_path = Path(__file__).with_name("words.toml")
        instructions = "Three slow bows."
        phases = RepPhases(top="proud", turn="lowest", outward="bowing", back="rising")
        stage_titles = {"hello": "The greeting"}
        correctable_stages = ("hello", "farewell")
        baseline_stages = frozenset({"hello"})
        asks_screening_first = True
        comfort_angles = ("trunk_inclination_deg", "trunk_thigh_deg")
        direction = "rounding"
        tracks_load = True
        unloaded_variants = frozenset({"empty_handed"})
        wide_stance_variants = frozenset({"straddle"})
        better = {"toy_bow.nod_deg": "more"}
        contrasts = {"squat": "dissociation"}
        measure_labels = {
            "nod_deg": MeasureLabel(label="Depth of the bow"),
            "grace": MeasureLabel(label="Grace", unit="pct"),
        }

        def recognise(self, motion):
            return 0.0

        def find_events(self, motion, details):
            times = find_reps(motion.times_s, motion.angles["trunk_inclination_deg"])
            reps = build_reps(times, motion, [{"nod_deg": 40.0 + index, "grace": 12} for index in range(len(times))])
            first_s = float(motion.times_s[0])
            return Events(reps=reps, stages=[Stage(name="hello", start_s=first_s, end_s=first_s + 1)])

        def list_observations(self, details, events, measures):
            return [Observation("toy_bow.bows", "can", 1.0), Observation("toy_bow.lower", "next", 1.0)]

        def list_comparable_measures(self, analysis):
            values = tuple(rep.measures["nod_deg"] for rep in analysis.reps)
            return [ComparableMeasure("toy_bow.nod_deg", "trunk", values)]

    MOVEMENT = Bow()
"""
WORDS = """
    [toy_bow.bows]
    say = "You bow."

    [toy_bow.lower]
    say = "There is more to come."
    cue = "Nose to the shoes."
"""
MARKS = {
    "stages": [{"name": "farewell", "start_s": 6.5, "end_s": 7.5}],
    "reports": [{"rep": 1, "level": 1, "where": "back"}, {"rep": 2, "level": 4, "where": "back"}],
}


@pytest.fixture(scope="module")
def toy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return install_package(tmp_path_factory.mktemp("toy"), TOY, "toy_bow", words=WORDS)


@pytest.fixture(scope="module")
def clip(samples: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two hinges with a plate drawn at the hands."""
    path = tmp_path_factory.mktemp("clip") / "plate.mp4"
    whole = open_clip(samples / "hinge_neutral.mp4", Settings())
    wrists = json.loads((samples / "hinge_neutral.truth.json").read_text(encoding="utf-8"))["joints_px"]["wrist_R"]
    with VideoWriter(path, whole.width_px, whole.height_px) as writer:
        for index, image in read_frames(whole, 0, len(whole.times_s)):
            drawn = image.copy()
            x, y = wrists[index]
            for radius_px, grey in ((40, 25), (34, 60), (10, 140)):
                cv2.circle(drawn, (round(x * 16), round((y + 8) * 16)), radius_px * 16, (grey,) * 3, -1, cv2.LINE_AA, 4)
            writer.write(drawn, whole.times_s[index])
    return path


@pytest.fixture(scope="module")
def output(toy: Path, clip: Path, pose_model: ModelFile, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the results of the clip, analysed by the command line as the toy movement."""
    out = tmp_path_factory.mktemp("out")
    marks = out / "marks.json"
    marks.write_text(json.dumps(MARKS), encoding="utf-8")
    done = run_python(
        toy, "-m", "analyzer", "run", clip, "--no-video", "--movement", "toy_bow", "--marks", marks, "--out", out
    )
    assert done.returncode == 0, done.stderr
    return out


@pytest.fixture(scope="module")
def analysis(output: Path) -> dict:
    return json.loads((output / "analysis.json").read_text(encoding="utf-8"))


@pytest.fixture
def bow(toy: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[object]:
    """The toy movement, installed in this process during the test."""
    monkeypatch.syspath_prepend(toy)
    forget_movements()
    yield get_movement("toy_bow")
    monkeypatch.undo()
    forget_movements()


def test_load_is_tracked_for_a_plugin(analysis):
    assert analysis["measures"]["load_path"]["load"] == "plate"
    assert len(analysis["reps"]) == 2


def test_screening_comes_before_anything_to_work_on(analysis):
    assert next(finding["text"] for finding in analysis["findings"] if finding["kind"] == "can") == "You bow."
    assert [finding["id"] for finding in analysis["findings"] if finding["kind"] == "next"] == ["general.ask_first"]
    assert analysis["measures"]["screen"]


def test_its_stages_are_corrected(analysis):
    assert [(stage["name"], stage["start_s"]) for stage in analysis["stages"]] == [("hello", 0.0), ("farewell", 6.5)]
    assert "trunk_inclination_deg" in analysis["stages"][1]["angles"]


def test_the_comfortable_range_is_stated_in_its_angles(analysis):
    assert list(analysis["measures"]["comfortable_range"]["angles"]) == ["trunk_inclination_deg", "trunk_thigh_deg"]


def test_report_uses_the_texts_of_the_plugin(output):
    report = (output / "report.html").read_text(encoding="utf-8")
    for text in (
        "Bow",
        "lowest",
        "Time bowing",
        "Time rising",
        "The greeting",
        "Farewell",
        "Depth of the bow",
        "Grace",
        "12\u00a0%",
    ):
        assert text in report, text


def test_reports_in_its_stages_determine_its_direction(bow):
    reported = [
        ReportedSymptom(stage="hello", level=1, light="go"),
        ReportedSymptom(rep=1, level=4, light="modify"),
    ]
    test = build_direction_test(bow, reported, None, 2)
    assert test is not None and (test.name, test.outcome) == ("toy_bow", "brought_on")


def test_plugin_chooses_its_compared_measures_and_their_order(bow):
    def a_clip(movement="toy_bow", variant=None, load_kg=None):
        return side(result(rep(1), movement=movement, variant=variant, load_kg=load_kg))

    def kind_and_order(first, second):
        pair = order_pair(first, second, cue=None)
        return pair.contrast, "as given" if pair.before is first else "reversed"

    deep = a_clip(variant="deep")
    assert kind_and_order(a_clip(variant="straddle"), deep) == ("stance", "reversed")
    assert kind_and_order(a_clip(load_kg=20), a_clip(variant="empty_handed")) == ("load", "reversed")
    assert kind_and_order(a_clip("squat"), deep) == ("dissociation", "reversed")
    with pytest.raises(CompareError, match="only clips of the same movement"):
        order_pair(deep, a_clip("hinge"), cue=None)


def test_plugin_progress_is_reported(bow):
    def three_bows(name, nod_deg):
        reps = [rep(index).model_copy(update={"measures": {"nod_deg": nod_deg}}) for index in (1, 2, 3)]
        return side(result(*reps, name=name, movement="toy_bow"))

    (pair,) = compare_sides([three_bows("a.mp4", 40.0), three_bows("b.mp4", 60.0)], "other_day").pairs
    (row,) = pair.rows
    assert (row.key, row.clear, row.better) == ("toy_bow.nod_deg", True, True)


def test_api_serves_the_description_of_the_plugin(bow, tmp_path):
    service = Service(tmp_path / "data")
    with service.client(service.key("ann")) as ann:
        items = {item["name"]: item for item in ann.get("/v1/movements").json()["items"]}
    assert items["toy_bow"] == json.loads(bow.describe().model_dump_json())
    assert items["toy_bow"]["instructions"] == "Three slow bows."
    assert items["toy_bow"]["stage_titles"] == {"hello": "The greeting"}
    assert items["toy_bow"]["measure_labels"]["grace"]["unit"] == "pct"
