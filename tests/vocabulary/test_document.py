"""The vocabulary as JSON: complete, and the same words as everywhere else."""

import json
from typing import get_args

from analyzer.coaching.coaching_measures import TrafficLight
from analyzer.coaching.marks import ReportMark, SymptomSite
from analyzer.kinematics.angle_table import ANGLE_COLUMNS
from analyzer.kinematics.back_rounding import BackRounding
from analyzer.kinematics.camera_view import GRADES_DEG, Grade
from analyzer.progress import ProgressStage
from analyzer.vocabulary.angles import ANGLE_DISPLAYS, SD_COLUMNS, get_angle_of_sd_column, get_sd_column
from analyzer.vocabulary.document import Vocabulary, build_vocabulary
from analyzer.vocabulary.measures import format_measure_name
from analyzer.vocabulary.terms import BASELINE_TEXTS, format_stage_title, format_title
from analyzer.vocabulary.units import format_number


def test_every_angle_of_the_table_has_words_of_its_own():
    words = build_vocabulary().angles
    assert list(words) == list(ANGLE_COLUMNS)
    assert (
        len({angle.title for angle in words.values()}) == len({angle.label for angle in words.values()}) == len(words)
    )


def test_every_grade_has_words_with_its_own_degrees():
    words = build_vocabulary().grades
    assert set(words) == set(get_args(Grade))
    for grade, most_deg in GRADES_DEG:
        assert f" {most_deg:.0f} degrees" in words[grade].sentence


def test_every_light_and_every_stage_of_progress_has_words():
    words = build_vocabulary()
    assert set(words.lights) == {*get_args(TrafficLight), "none"}
    assert set(words.progress_stages) == set(get_args(ProgressStage))


def test_every_baseline_posture_and_symptom_site_has_words():
    kinds = get_args(BackRounding.__annotations__["baseline"])
    assert set(BASELINE_TEXTS) == {value for kind in kinds for value in get_args(kind) or [kind]}
    symptoms = build_vocabulary().symptoms
    assert set(symptoms.sites) == set(get_args(SymptomSite))
    levels = get_args(get_args(ReportMark.model_fields["on_release"].annotation)[0])
    assert set(symptoms.releases) == set(levels)


def test_a_measure_reads_as_in_the_report_and_its_unit_is_one_of_the_document():
    words = build_vocabulary()
    for key, measure in words.measures.items():
        assert measure.label == format_measure_name(key)
        assert measure.unit is None or measure.unit in words.units


def test_a_page_can_write_a_number_from_the_document_alone():
    document = json.loads(build_vocabulary().model_dump_json())
    unit = document["units"][document["angles"]["trunk_inclination_deg"]["unit"]]
    written = f"{unit['factor'] * 61.7:.{unit['decimals']}f}{unit['symbol']}"
    assert written == format_number(61.7) and not unit["has_space"]
    assert Vocabulary.model_validate(document) == build_vocabulary()


def test_the_column_of_a_standard_deviation_is_named_after_its_angle():
    assert [get_sd_column(get_angle_of_sd_column(column)) for column in SD_COLUMNS] == list(SD_COLUMNS)
    assert {get_angle_of_sd_column(column) for column in SD_COLUMNS} <= set(ANGLE_DISPLAYS)


def test_a_stage_has_the_title_of_its_movement_and_the_side_of_its_leg():
    titles = {"tall_sit": "Sitting tall"}
    assert format_stage_title("tall_sit", None, titles) == "Sitting tall"
    assert format_stage_title("knee_straight", "far", titles) == "Knee straight, far leg"
    assert format_title("toes_up") == "Toes up"
