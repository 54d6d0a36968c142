import base64
import gzip
import itertools
import json
import re
from html.parser import HTMLParser

import numpy as np
import pytest
from plotly.offline import get_plotlyjs

from analyzer.coaching.language_check import find_forbidden_words
from analyzer.report.charts.event_bands import list_event_bands
from analyzer.report.charts.interactive_chart import build_chart_json, pack_plotly_js
from analyzer.report.charts.static_chart import plot_angles, render_svg
from analyzer.report.key_moments import KeyMoment
from analyzer.report.pages.report_page import write_report
from analyzer.report.stills.keyframes import MomentPicture
from analyzer.report.stills.page_pictures import encode_picture
from analyzer.results.schema import Finding, Hold, KeyMeasure, Stage, SymptomReport
from tests.report.body import angle_table

HOSTILE = '<script>alert("1")</script>&\'.mp4'
PICTURE = MomentPicture(KeyMoment("Tallest", 15, 0.5), np.zeros((40, 30, 3), np.uint8), {"trunk_thigh_deg": 93.4})


class Page(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.tags, self.text, self.inside = [], "", None
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self.inside = tag

    def handle_endtag(self, tag):
        self.inside = None
        self.text += " "

    def handle_data(self, data):
        if self.inside not in ("script", "style"):
            self.text += data


def render_report(tmp_path, analysis, table=None, pictures=(PICTURE,)):
    table = angle_table() if table is None else table
    prints = [encode_picture(picture) for picture in pictures]
    svg = render_svg(plot_angles(table))
    write_report(analysis, table, prints, prints[:1], svg, tmp_path / "report.html")
    return (tmp_path / "report.html").read_text(encoding="utf-8")


def test_every_text_is_escaped(tmp_path, analysis):
    analysis.clip.name = HOSTILE
    analysis.view.reasons = [HOSTILE]
    analysis.quality.warnings = [HOSTILE]
    analysis.provenance.settings = {HOSTILE: HOSTILE}
    analysis.subject.chosen_by = HOSTILE
    analysis.movement.name = analysis.movement.variant = HOSTILE
    analysis.findings = [
        Finding(id="a.b", kind="next", text=HOSTILE, cue=HOSTILE, try_=HOSTILE, evidence={HOSTILE: HOSTILE})
    ]
    analysis.stages = [
        Stage(name=HOSTILE, start_s=0, end_s=1, reported=SymptomReport(word=HOSTILE), measures={HOSTILE: HOSTILE})
    ]
    analysis.measures |= {"screen": {"questions": [{"ask": HOSTILE, "when": HOSTILE}]}, "context": {"goal": HOSTILE}}
    text = render_report(
        tmp_path, analysis, pictures=[MomentPicture(KeyMoment(HOSTILE, 15, 0.5, HOSTILE), PICTURE.image)]
    )
    assert "alert(" in text and "<script>alert" not in text.lower()
    assert len([tag for tag, _ in Page(text).tags if tag == "script"]) == 4


def test_the_report_loads_no_external_resource(tmp_path, analysis):
    text = render_report(tmp_path, analysis)
    assert not re.search(r"https?:|//[a-z]+\.|@import|url\((?!#)", text.replace("http-equiv", ""))
    for _, attributes in Page(text).tags:
        for name in ("src", "href", "xlink:href", "srcset", "action"):
            assert (attributes.get(name) or "#").startswith(("#", "data:image/jpeg;base64,"))
    assert "default-src 'none'" in text


@pytest.mark.parametrize("is_pending", [False, True])
def test_pictures_have_alternative_texts_and_headings_are_in_order(tmp_path, lifted, is_pending):
    if is_pending:
        lifted.measures["screen"] = {"state": "unanswered", "questions": [{"ask": "A foot that drags?", "when": "Now"}]}
    tags = Page(render_report(tmp_path, lifted)).tags
    assert all(attributes.get("alt") for tag, attributes in tags if tag == "img")
    levels = [int(tag[1]) for tag, _ in tags if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1 and levels.count(1) == 1 + is_pending
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))


def test_strengths_come_first_with_one_next_step_and_its_cue(tmp_path, lifted):
    text = render_report(tmp_path, lifted)
    client = Page(text[: text.index("For the coach")]).text
    order = [
        client.index(words) for words in ("You finish every rep tall.", "Hips back.", "“Tap the wall.”", "Wall tap.")
    ]
    assert order == sorted(order)
    assert "Own the way down." not in client and "Own the way down." in Page(text).text
    for jargon in ("°", "yaw", "trunk", "confidence", "_"):
        assert jargon not in client
    done = re.sub(r"\s+", " ", client[client.index("What you did") :])
    assert "Reps 2, and 1 that the clip shows in part" in done
    assert "Load 60 kg" in done and "Tempo 0.5 s down, 0.2 s pause, 0.3 s up" in done


def test_all_measures_have_a_row_a_measure_and_a_column_a_rep(tmp_path, lifted):
    text = re.sub(r"\s+", " ", Page(render_report(tmp_path, lifted)).text)
    assert "Rep 1 Rep 2 Rep 3 (part) Times Start 0.0 s 0.9 s 1.8 s Bottom 0.5 s" in text
    assert re.search(r"Angles, bottom Trunk inclination 70° 70° 71° Trunk-thigh 94° 94° 94°", text)


def test_evidence_is_shown_unless_the_sentence_or_a_key_measure_states_it(tmp_path, lifted):
    lifted.findings[0] = lifted.findings[0].model_copy(
        update={"text": "Hips back by 14 % of your leg length.", "evidence": {"hip_back_pct": 14.2, "pause_s": 1.4}}
    )
    text = re.sub(r"\s+", " ", Page(render_report(tmp_path, lifted)).text)
    assert "Hips back, of leg length: 9 %" in text and "Hips back, of leg length: 14 %" not in text
    assert "Pause: 1.4 s" in text
    lifted.key_measures = [
        KeyMeasure(id="hinge.pause", label="Pause", value=1.4, unit="s", interval_80=None, per_rep=[])
    ]
    assert "Pause: 1.4" not in Page(render_report(tmp_path, lifted)).text


def test_measured_numbers_come_first_and_all_else_is_behind_one_summary(tmp_path, lifted):
    lifted.key_measures = [
        KeyMeasure(
            id="hinge.fold", label="Trunk-thigh", value=94, unit="deg", interval_80=(90, 98), per_rep=[93.6, 93.6]
        )
    ]
    text = render_report(tmp_path, lifted)
    coach = text[text.index("For the coach") :]
    order = [
        coach.index(part)
        for part in ('id="key"', 'id="events"', 'id="findings"', 'id="chart-title"', 'id="pictures"', 'id="all"')
    ]
    assert order == sorted(order)
    before_all = Page(coach[: coach.index('id="all"')]).tags
    assert [tag for tag, _ in before_all].count("table") == 1
    assert coach.count("<summary>All measures</summary>") == 1 and "more</caption>" not in coach


def test_a_single_hold_is_a_list_and_its_time_in_the_zone_is_shown(tmp_path, analysis):
    analysis.holds = [
        Hold(index=1, start_s=0.2, end_s=1.8, duration_s=1.6, in_zone_s=1.2, angles={"body_line_deg": -3})
    ]
    text = re.sub(r"\s+", " ", Page(render_report(tmp_path, analysis)).text)
    assert "Held 1.6 s In your own line 1 s" in text and "In your own line 1.2 s" in text and "Body line −3°" in text


def test_symptom_reports_are_shown_at_their_stage(tmp_path, analysis):
    symptoms = SymptomReport(level=3, where="back", word="stretch", familiar=True, on_release="less")
    analysis.stages = [
        Stage(name="tall_sit", start_s=0, end_s=1),
        Stage(name="knee_straight", start_s=1, end_s=2, side="near", reported=symptoms),
    ]
    analysis.measures["reported"] = [{"stage": "knee_straight", "side": "near", **symptoms.model_dump(), "light": "go"}]
    text = Page(render_report(tmp_path, analysis)).text
    assert text.count("3 of 10, a stretch, back, familiar, less when let go") == 2 and "Knee straight, near leg" in text


def test_unanswered_questions_come_before_everything_and_answered_ones_on_the_coachs_page(tmp_path, analysis):
    question = {"ask": "A foot that drags?", "when": "Now", "answer": None}
    analysis.measures["screen"] = {"state": "unanswered", "intro": "Asked first.", "note": "N", "questions": [question]}
    words = Page(render_report(tmp_path, analysis)).text
    assert words.index("A foot that drags?") < words.index("What you did")
    analysis.measures["screen"] |= {"state": "answered", "questions": [question | {"answer": False}]}
    words = Page(render_report(tmp_path, analysis)).text
    assert words.index("A foot that drags?") > words.index("For the coach")


def test_an_unknown_movement_is_labelled_unknown_and_not_judged(tmp_path, analysis):
    analysis.movement.name = "unknown"
    words = Page(render_report(tmp_path, analysis)).text
    assert "Movement not recognised: angles without judgement." in words and "What you can do" not in words


def test_the_table_gives_ranges_and_the_change_from_the_own_tall_stance(tmp_path, analysis):
    text = re.sub(r"\s+", " ", Page(render_report(tmp_path, analysis)).text)
    hinge = text[text.index("in line is 0") :]
    assert re.search(r"−2° 93° \+95°", hinge)
    analysis.measures = {"own_tall": None}
    text = Page(render_report(tmp_path, analysis)).text
    assert "No tall stance was found" in text and "+95°" not in text


def test_a_refused_view_shows_no_degrees(tmp_path, analysis):
    analysis.view.grade = "refused"
    shape = MomentPicture(PICTURE.moment, PICTURE.image)
    text = render_report(tmp_path, analysis, pictures=[shape])
    assert "°" not in Page(text[: text.index("How the camera saw it")]).text
    assert "Film it again" in text and "<table" not in text
    assert json.loads(build_chart_json(angle_table(), degrees=False))["layout"]["yaxis"]["showticklabels"] is False


@pytest.mark.parametrize("grade", ["good", "fair", "rough", "refused"])
def test_the_report_has_no_blaming_or_grading_words(tmp_path, lifted, grade):
    lifted.view.grade = grade
    words = Page(render_report(tmp_path, lifted)).text
    assert find_forbidden_words(words) == []


def test_the_chart_leaves_gaps_open_and_cannot_end_its_script(analysis):
    table = angle_table()
    table.loc[3, "trunk_thigh_deg"] = np.nan
    text = build_chart_json(table, degrees=True)
    lines = {line["name"]: line for line in json.loads(text)["data"]}
    assert lines["Trunk-thigh"]["y"][3] is None
    assert "Back" not in lines
    assert "<" not in text


def test_the_chart_tints_and_numbers_each_rep_and_marks_its_bottom_on_the_line(lifted):
    chart = json.loads(
        build_chart_json(angle_table(), degrees=True, bands=list_event_bands(lifted), highlighted="trunk_thigh_deg")
    )
    assert [note["text"] for note in chart["layout"]["annotations"]] == ["<b>1</b>", "<b>2</b>", "<b>3</b>"]
    assert [(shape["x0"], shape["x1"]) for shape in chart["layout"]["shapes"]] == [(0, 0.9), (0.95, 1.8), (1.8, 1.95)]
    marks = chart["data"][-1]
    assert marks["name"] == "Bottom" and marks["x"] == [0.5, 1.4, 1.9] and marks["customdata"][1] == "rep-2"
    table = angle_table()
    assert marks["y"][0] == pytest.approx(np.interp(0.5, table["time_s"], table["trunk_thigh_deg"]), abs=0.06)


def test_plotly_js_is_packed_unchanged():
    assert gzip.decompress(base64.b64decode(pack_plotly_js())).decode() == get_plotlyjs()


def test_a_long_clip_makes_a_chart_of_no_more_rows_than_a_screen_shows():
    chart = json.loads(build_chart_json(angle_table(9000), degrees=True))
    assert 2000 < len(chart["data"][0]["x"]) <= 2400
