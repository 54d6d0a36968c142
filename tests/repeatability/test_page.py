"""The page `repeatability.html`: its numbers, its plots, and that it fits a phone."""

import re

import pytest

from analyzer.repeatability.build import build_repeatability
from analyzer.repeatability.page import render_repeatability_page
from analyzer.repeatability.repeats import find_repeats
from tests.repeatability.people import draw_pairs, make_clip, make_pairs


def render(clips):
    return render_repeatability_page(build_repeatability(find_repeats(clips, "refilmed"), "refilmed"))


def read_words(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", re.sub(r"<style>.*?</style>", "", page, flags=re.S)).split())


def test_numbers_and_intervals_are_written():
    # Differences 2, -4, 6: SEM 3.055, MDC95 8.468; bias 4/3, SD of the differences sqrt(76/3) = 5.033.
    words = read_words(render(make_pairs([(90, 92), (100, 96), (80, 86)])))
    assert "Trunk-thigh 3.1° 1.7 to 11.4 8.5° 4.8 to 31.6 too few repeats" in words
    assert "Bias 1.3° (−11.2 to 13.8); limits of agreement −8.5° to 11.2°; from rep to rep 1.0°" in words
    assert "until there are 10 repeats of at least 5 people" in words


def test_a_plot_has_one_point_a_person_at_its_mean_and_difference():
    page = render(make_pairs([(90, 92), (100, 96), (80, 86)]))
    plot = page[page.index('<svg class="agreement"') : page.index("</svg>")]
    points = [(float(x), float(y)) for x, y in re.findall(r'class="dot" cx="([\d.]+)" cy="([\d.]+)"', plot)]
    assert len(points) == 3
    # Means 91, 98, 83: the third is leftmost. Differences 2, -4, 6: the third is highest. Equal scales along each axis.
    assert (points[1][0] - points[0][0]) / (points[0][0] - points[2][0]) == pytest.approx(7 / 8, abs=0.01)
    assert (points[1][1] - points[0][1]) / (points[0][1] - points[2][1]) == pytest.approx(6 / 4, abs=0.01)
    bias_y = float(re.search(r'line class="bias" x1="\S+" y1="([\d.]+)"', plot)[1])
    assert (bias_y - points[0][1]) / (points[0][1] - points[2][1]) == pytest.approx((2 - 4 / 3) / 4, abs=0.02)


def test_enough_repeats_give_the_change_that_counts():
    words = read_words(render(make_pairs(draw_pairs(12, 2))))
    assert "too few repeats" not in words


def test_every_text_is_escaped_and_nothing_is_loaded():
    clips = [make_clip('<b>Zoë</b> & "co"', number, [90.0 + number]) for number in (1, 2)]
    page = render([*clips, *make_pairs([(90, 92)]), make_clip("<i>once</i>", 1, [90])])
    assert "<b>Zo" not in page
    assert "<i>once" not in page
    assert not re.findall(r"(?:src|href)=|url\(|@import|<script", page)


def test_equal_values_draw_a_plot_too():
    page = render(make_pairs([(90, 90), (90, 90)]))
    assert "nan" not in page.lower().replace("finance", "")


@pytest.mark.parametrize("width", [360, 1280])
def test_the_page_fits_the_screen_and_follows_its_policy(browser, tmp_path, width):
    path = tmp_path / "repeatability.html"
    clips = make_pairs(draw_pairs(18, 2))
    path.write_text(render([*clips, make_clip("Maximiliane-Oberhuber-of-a-long-name", 1, [90])]), encoding="utf-8")
    context = browser.new_context(viewport={"width": width, "height": 800})
    page, messages = context.new_page(), []
    page.on("console", lambda message: messages.append(message.text))
    page.on("pageerror", lambda error: messages.append(str(error)))
    page.goto(path.as_uri())
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    cells = page.locator(".errors tr > *").evaluate_all("all => all.map(one => one.scrollWidth - one.clientWidth)")
    assert max(cells) <= 0
    assert page.locator("svg.agreement").first.bounding_box()["width"] > 280
    assert messages == []
    context.close()
