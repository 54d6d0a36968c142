"""The page over all clips and the timelines on it."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from analyzer.batch import index_page as page
from analyzer.batch import inline_charts as charts
from analyzer.batch.client_timelines import build_timelines
from analyzer.batch.clip_facts import FactsRow
from analyzer.batch.index_page import write_index_page
from analyzer.batch.summary_tables import build_batch_tables
from analyzer.coaching.language_check import find_forbidden_words
from analyzer.results.schema import KeyMeasure
from analyzer.vocabulary.units import MINUS_SIGN
from tests.batch.test_summary_tables import make_entry, make_folds, plank, slump


def make_dated_clip(file: str, date: str, *degrees: float, client="Anna", load_kg=None, **more):
    analysis = make_folds(*degrees, name=file, load_kg=load_kg, **more)
    analysis = analysis.model_copy(update={"clip": analysis.clip.model_copy(update={"sha256": file})})
    return make_entry(file, analysis, FactsRow(client=client, date=date, load_kg=load_kg))


def read_lines(*entries):
    return list(build_timelines(entries, build_batch_tables(entries)))


def write_page(entries, folder: Path) -> str:
    write_index_page(entries, build_batch_tables(entries), folder)
    return (folder / "index.html").read_text(encoding="utf-8")


class Text(HTMLParser):
    """Collect the visible text of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.parts: list[str] = []
        self._inside: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        if tag in ("script", "style"):
            self._inside.append(tag)
        self.parts += [value for name, value in attrs if name in ("aria-label", "placeholder") and value]

    def handle_endtag(self, tag):
        if self._inside and self._inside[-1] == tag:
            self._inside.pop()

    def handle_data(self, data):
        if not self._inside:
            self.parts.append(data)


# ---- timelines


def test_a_change_beyond_the_minimal_detectable_change_is_reported():
    (line,) = read_lines(
        make_dated_clip("b.mp4", "2026-04-02", 95, 96, 97),
        make_dated_clip("a.mp4", "2026-03-02", 70, 71, 72),
        make_dated_clip("c.mp4", "2026-03-20", 80),
    )
    assert line.clips == ["a.mp4", "c.mp4", "b.mp4"]  # by date
    fold, ascent = line.trends  # the key measures that the clips have, in the order of the movement
    assert (fold.change.id, ascent.change.id) == ("hinge.fold", "hinge.ascent")
    assert (fold.change.clear, fold.change.change) == (True, 25)
    assert [point.value for point in fold.points] == [71, 80, 96]
    assert any("25 degrees" in text for text in line.sentences)


def test_a_change_below_the_minimal_detectable_change_is_not_reported():
    (line,) = read_lines(
        make_dated_clip("a.mp4", "2026-03-02", 70, 71, 72), make_dated_clip("b.mp4", "2026-04-02", 79, 80, 81)
    )
    trend = line.trends[0]  # 9 degrees; another day takes 11
    assert (trend.change.id, trend.change.clear, trend.change.mdc) == ("hinge.fold", False, 11)
    assert line.sentences == ["About the same in A and B: consistent."]


def test_the_threshold_is_smaller_on_the_same_day():
    (line,) = read_lines(
        make_dated_clip("a.mp4", "2026-03-02", 70, 71, 72), make_dated_clip("b.mp4", "2026-03-02", 79, 80, 81)
    )
    assert line.trends[0].change.clear  # filmed again: 8


@pytest.mark.parametrize(
    "second",
    [
        make_dated_clip("b.mp4", "2026-04-02", 95, client="Ben"),
        make_dated_clip("b.mp4", "", 95),
        make_dated_clip("b.mp4", "2026-04-02", 95, movement="squat"),
        make_dated_clip("b.mp4", "2026-04-02", 95, variant="sumo"),
        make_dated_clip("b.mp4", "2026-04-02", 95, load_kg=0),
        make_entry("b.mp4", reason="no", facts=FactsRow(client="Anna", date="2026-04-02")),
    ],
    ids=["client", "no date", "movement", "stance", "without load", "no result"],
)
def test_timelines_contain_one_client_and_one_exercise(second):
    assert read_lines(make_dated_clip("a.mp4", "2026-03-02", 70, load_kg=20), second) == []


def test_points_have_the_interval_and_a_change_without_a_threshold_has_no_band():
    html = str(charts.draw_timeline([charts.TimelinePoint("a", 0, 10), charts.TimelinePoint("b", 9, 30)], None, "x"))
    assert 'class="band"' not in html and html.count('class="dot"') == 2


# ---- the page


@pytest.fixture
def entries():
    return [
        make_dated_clip("anna/a.mp4", "2026-03-02", 70, 71, 72),
        make_dated_clip("anna/b.mp4", "2026-04-02", 95, 96, 97),
        make_entry("text.mp4", reason="text.mp4: is a text file, not a video.", code="clip"),
        make_entry("plank.mp4", plank()),
        make_entry("slump #1?.mp4", slump(), thumbnail_path="clips/slump #1?.mp4/thumb.jpg"),
        make_entry("later.mp4", state="waiting"),
    ]


def test_every_clip_leads_to_its_report(entries, tmp_path):
    html = write_page(entries, tmp_path)
    assert (
        re.findall(r'<a href="(clips/[^"]+)"', html)[::2]
        == [
            "clips/anna/a.mp4/report.html",
            "clips/anna/b.mp4/report.html",
            "clips/plank.mp4/report.html",
            "clips/slump%20%231%3F.mp4/report.html",
        ]
        or len(re.findall(r'href="clips/[^"]+report.html"', html)) == 8
    )
    assert 'src="clips/slump%20%231%3F.mp4/thumb.jpg"' in html
    assert "is a text file, not a video." in html and "later.mp4" in html


def test_key_measures_stand_with_their_change_since_the_last_clip(entries, tmp_path):
    text = re.sub(r"<[^>]+>|\s+", " ", write_page(entries, tmp_path))
    assert re.search(r"Trunk-thigh +96° +\+25° +Time up +1.0.s +no clear change", text)
    assert "Changes since 2026-03-02" in text
    assert re.search(r"Trunk-thigh: 71° → 96°, +\+25° +\(counts from 11°\)", text)  # over time


def test_directions_stand_over_time_as_they_do_beside_the_clip(tmp_path):
    clips = []
    for file, date, degrees, direction in (("a.mp4", "2026-03-02", 1, None), ("b.mp4", "2026-04-02", -14, "sagging")):
        ends = (degrees - 4, degrees + 4)
        line = KeyMeasure(
            id="plank.line",
            label="Body line",
            value=degrees,
            unit="deg",
            interval_80=ends,
            per_rep=[degrees],
            direction=direction,
        )
        held = plank().model_copy(update={"key_measures": [line]})
        held.clip.sha256 = file
        clips.append(make_entry(file, held, FactsRow("Zoë", date=date)))
    text = re.sub(r"<[^>]+>", "", write_page(clips, tmp_path))
    assert f"1° ({MINUS_SIGN}3 to 5) → 14° sagging (10 to 18)" in text


def test_a_clip_without_angles_or_movement_says_why_and_what_to_do(tmp_path):
    clip = make_folds(90, name="a.mp4", movement="unknown", grade="refused")
    clip = clip.model_copy(update={"view": clip.view.model_copy(update={"reasons": ["the camera stands in front"]})})
    text = " ".join(Text(write_page([make_entry("a.mp4", clip)], tmp_path)).parts)
    assert (
        "The camera stands in front. If it is a movement that can be measured, name it in the column movement" in text
    )
    assert "column movement" not in " ".join(Text(write_page([make_entry("b.mp4", plank())], tmp_path)).parts)


def test_key_measures_have_the_width_of_the_phone(browser, entries, tmp_path):
    write_page(entries, tmp_path)
    phone = browser.new_page(viewport={"width": 390, "height": 844})
    phone.goto((tmp_path / "index.html").as_uri())
    assert phone.locator("td.key-measures").first.bounding_box()["width"] > 300
    assert phone.evaluate("document.documentElement.scrollWidth") == 390
    phone.close()


def test_index_page_loads_no_external_resource(entries, tmp_path):
    html = write_page(entries, tmp_path)
    assert "default-src 'none'" in html
    assert not re.search(r"(?:src|href)=[\"']?(?:https?:)?//", html)
    assert "@import" not in html and "url(" not in html


def test_single_lift_that_ends_at_lockout_has_its_bar_and_is_no_whole_rep(tmp_path):
    whole, single = make_folds(90, 96, name="whole.mp4"), make_folds(80, name="single.mp4")
    single.reps = [single.reps[0].model_copy(update={"complete": False})]
    html = write_page([make_entry(one.clip.name, one) for one in (whole, single)], tmp_path)
    assert "1 rep shown in part" in " ".join(Text(html).parts)
    assert "of each rep: 80°" in html
    assert "0 reps" not in html


def test_index_page_passes_the_language_check(entries, tmp_path):
    text = "\n".join(Text(write_page(entries, tmp_path)).parts)
    assert "Over time" in text and "2 reps" not in text and "3 reps" in text
    assert find_forbidden_words(text) == []


def test_names_and_notes_are_escaped_in_the_page(tmp_path):
    evil = '"><script>alert(1)</script>'
    one = make_dated_clip(f"{evil}.mp4", "2026-03-02", 70, client=evil)
    two = make_dated_clip("b.mp4", "2026-04-02", 99, client=evil)
    html = write_page([one, two, make_entry("x", reason=evil)], tmp_path)
    assert "<script>alert" not in html and html.count("<script>") == 1


def test_very_many_clips_are_parted_into_pages(entries, tmp_path, monkeypatch):
    (tmp_path / "index-9.html").write_text("of a larger batch")
    monkeypatch.setattr(page, "CLIPS_PER_PAGE", 3)
    names = write_index_page(entries, build_batch_tables(entries), tmp_path)
    assert (
        names
        == ["index.html", "index-2.html"]
        == sorted((path.name for path in tmp_path.iterdir()), key=lambda name: (len(name), name))
    )
    second = (tmp_path / "index-2.html").read_text()
    assert "Clips 4 to 4 of 4" in second and "slump" in second and 'href="index.html"' in second


def test_a_batch_without_results_has_a_page_too(tmp_path):
    html = write_page([make_entry("bad.mp4", reason="bad.mp4: is empty.")], tmp_path)
    assert "1 not analysed" in html and "<table" not in html


# ---- the drawings


def read_numbers(svg: str, kind: str, name: str) -> list[float]:
    return [float(one) for one in re.findall(rf'class="{kind}"[^>]* {name}="([-\d.]+)"', svg)]


def test_bars_are_as_high_as_their_values():
    svg = charts.draw_rep_bars([50, None, 100], 100, "label")
    assert read_numbers(svg, "bar", "height") == [14, 28] and read_numbers(svg, "bar", "x") == [1.2, 25.2]
    assert 'aria-label="label"' in svg


def test_hold_bars_are_filled_by_the_share_in_the_zone():
    svg = charts.draw_hold_bars([(30, 15), (60, None)], 60, "label")
    assert read_numbers(svg, "room", "width") == [60, 120] and read_numbers(svg, "bar", "width") == [30]


def test_timeline_band_is_the_threshold_around_the_first_value():
    points = [charts.TimelinePoint("a", 0, 10), charts.TimelinePoint("b", 30, 30), charts.TimelinePoint("c", 40, 20)]
    svg = charts.draw_timeline(points, 10, "label")
    # From 0 to 30 in 8..82: the band reaches from 20 down to 0.
    assert read_numbers(svg, "band", "y") == [pytest.approx(32.7)] and read_numbers(svg, "band", "height") == [
        pytest.approx(49.3)
    ]
    assert read_numbers(svg, "dot", "cx") == [8, 221, 292]  # by their days
    assert read_numbers(svg, "dot", "cy") == [pytest.approx(57.3), 8, pytest.approx(32.7)]


def test_timeline_of_one_day_is_drawn_in_order():
    svg = charts.draw_timeline(
        [charts.TimelinePoint("a", 5, 1), charts.TimelinePoint("b", 5, 1), charts.TimelinePoint("c", 5, 1)], 0, "label"
    )
    assert read_numbers(svg, "dot", "cx") == [8, 150, 292]
