import json
import re
from html.parser import HTMLParser

import numpy as np
import pytest

from analyzer.report.chart import chart_json
from analyzer.report.html import write_report
from analyzer.report.keyframes import KeyFrame
from tests.report.body import angle_table

HOSTILE = '<script>alert("1")</script>&\'.mp4'
PICTURE = KeyFrame("Tallest", 0.5, np.zeros((40, 30, 3), np.uint8))


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

    def handle_data(self, data):
        if self.inside not in ("script", "style"):
            self.text += data


def report(tmp_path, analysis, table=None, pictures=(PICTURE,)):
    write_report(analysis, angle_table() if table is None else table, pictures, tmp_path / "report.html")
    return (tmp_path / "report.html").read_text(encoding="utf-8")


def test_every_text_is_escaped(tmp_path, analysis):
    analysis.clip.name = HOSTILE
    analysis.view.reasons = [HOSTILE]
    analysis.quality.warnings = [HOSTILE]
    analysis.provenance.settings = {HOSTILE: HOSTILE}
    analysis.subject.chosen_by = HOSTILE
    analysis.movement.name = analysis.movement.variant = HOSTILE
    text = report(tmp_path, analysis, pictures=[KeyFrame(HOSTILE, 0.5, PICTURE.image)])
    assert "alert(" in text and "<script>alert" not in text.lower()
    assert len([tag for tag, _ in Page(text).tags if tag == "script"]) == 4


def test_the_file_reaches_for_nothing_outside_itself(tmp_path, analysis):
    text = report(tmp_path, analysis)
    assert not re.search(r"https?:|//[a-z]+\.|@import|url\((?!#)", text.replace("http-equiv", ""))
    for _, attributes in Page(text).tags:
        for name in ("src", "href", "xlink:href", "srcset", "action"):
            assert (attributes.get(name) or "#").startswith(("#", "data:image/jpeg;base64,"))
    assert "default-src 'none'" in text


def test_pictures_have_texts_and_headings_follow_one_another(tmp_path, analysis):
    tags = Page(report(tmp_path, analysis)).tags
    assert all(attributes.get("alt") for tag, attributes in tags if tag == "img")
    levels = [int(tag[1]) for tag, _ in tags if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1 and set(levels[1:]) == {2}


def test_the_table_gives_ranges_and_the_change_from_the_own_tall_stance(tmp_path, analysis):
    text = re.sub(r"\s+", " ", Page(report(tmp_path, analysis)).text)
    hinge = text[text.index("in line is 0") :]
    assert re.search(r"−2° ?93° ?\+95°", hinge)
    analysis.measures = {"own_tall": None}
    text = Page(report(tmp_path, analysis)).text
    assert "No tall stance was found" in text and "+95°" not in text


def test_a_view_for_shapes_only_shows_no_degrees_and_a_refused_one_no_chart(tmp_path, analysis):
    analysis.view.grade = "shapes_only"
    text = report(tmp_path, analysis)
    assert "<table" not in text and 'id="chart"' in text and "No degrees are given" in text
    assert json.loads(chart_json(angle_table(), degrees=False))["layout"]["yaxis"]["showticklabels"] is False
    analysis.view.grade = "refused"
    text = report(tmp_path, analysis)
    assert "<table" not in text and 'id="chart"' not in text


@pytest.mark.parametrize("grade", ["good", "warn", "shapes_only", "refused"])
def test_the_report_blames_and_grades_nobody(tmp_path, analysis, grade):
    analysis.view.grade = grade
    words = Page(report(tmp_path, analysis)).text
    avoided = "bad|poor|wrong|fail|faulty|abnormal|weak|correct|perfect|ideal|score|injury|safe|must|never|diagnos"
    assert not re.search(rf"\b({avoided})", words, re.IGNORECASE)


def test_the_chart_leaves_gaps_open_and_cannot_end_its_script(analysis):
    table = angle_table()
    table.loc[3, "trunk_thigh_deg"] = np.nan
    text = chart_json(table, degrees=True)
    lines = {line["name"]: line for line in json.loads(text)["data"]}
    assert lines["Hip hinge"]["y"][3] is None
    assert "Back" not in lines
    assert "<" not in text
