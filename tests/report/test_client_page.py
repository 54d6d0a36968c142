import re

import numpy as np
import pytest

from analyzer.coaching.language_check import find_forbidden_words
from analyzer.report.key_moments import KeyMoment
from analyzer.report.pages.client_page import write_client_page
from analyzer.report.stills.keyframes import MomentPicture
from analyzer.report.stills.page_pictures import encode_picture
from analyzer.results.schema import Finding
from tests.report.test_report_page import HOSTILE, Page

BEST = encode_picture(MomentPicture(KeyMoment("Your rep, bottom", 15, 0.5), np.zeros((40, 30, 3), np.uint8)))


def page(tmp_path, analysis, best=(BEST,)):
    write_client_page(analysis, best, tmp_path / "client.html")
    text = (tmp_path / "client.html").read_text(encoding="utf-8")
    return text, Page(text)


def test_client_page_has_strengths_and_one_next_step(tmp_path, lifted):
    _, shown = page(tmp_path, lifted)
    for words in (
        "You finish every rep tall.",
        "Hips back.",
        "Tap the wall.",
        "2, and 1 that the clip shows in part",
        "60\N{NO-BREAK SPACE}kg",
    ):
        assert words in shown.text
    assert "Own the way down." not in shown.text  # the second thing to work on stays with the coach
    images = [attributes for tag, attributes in shown.tags if tag == "img"]
    assert [(image["width"], image["height"]) for image in images] == [("30", "40")]
    assert find_forbidden_words(shown.text) == []


@pytest.mark.parametrize(("load_kg", "is_listed"), [(60, True), (0, True), (None, False)])
def test_a_load_that_is_not_known_has_no_line(tmp_path, lifted, load_kg, is_listed):
    lifted.provenance.settings["load_kg"] = load_kg
    _, shown = page(tmp_path, lifted)
    assert ("Load" in shown.text.split("What you did")[1]) == is_listed
    assert "Not noted" not in shown.text


def test_client_page_of_a_single_lift_that_ends_at_lockout_counts_no_zero(tmp_path, lifted):
    lifted.reps = [lifted.reps[0].model_copy(update={"complete": False})]
    _, shown = page(tmp_path, lifted)
    assert "1 that the clip shows in part" in shown.text
    assert "0, and" not in shown.text


def test_client_page_has_no_angles_no_file_names_and_loads_nothing(tmp_path, lifted):
    lifted.clip.name = HOSTILE
    lifted.measures["screen"] = {"state": "open", "questions": [{"when": "First", "ask": "Numb?", "answer": True}]}
    text, shown = page(tmp_path, lifted)
    assert not any(text in shown.text for text in ("69", "93", "alert", "mp4", "Numb", "°"))
    assert "script" not in {tag for tag, _ in shown.tags} and "://" not in text
    policy = next(attributes["content"] for tag, attributes in shown.tags if "http-equiv" in attributes)
    assert policy == "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
    assert {"name": "robots", "content": "noindex"} in [attributes for _, attributes in shown.tags]


def test_client_page_asks_for_another_clip_for_a_slanted_view(tmp_path, analysis):
    analysis.view.grade = "refused"
    _, shown = page(tmp_path, analysis, best=())
    assert "nothing in front of you" in shown.text and "img" not in {tag for tag, _ in shown.tags}


@pytest.mark.parametrize("kinds", [("can", "note"), ("note",)])
def test_plain_facts_stand_apart_from_what_the_client_can_do(tmp_path, analysis, kinds):
    analysis.findings = [Finding(id=f"a.{kind}", kind=kind, text=f"A {kind}.") for kind in kinds]
    text, _ = page(tmp_path, analysis)
    sections = re.findall(r"<section.*?</section>", text, re.DOTALL)
    of_note = [section for section in sections if "A note." in section]
    assert len(of_note) == 1 and "What the clip shows" in of_note[0] and "A can." not in of_note[0]
