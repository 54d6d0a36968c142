"""Filming the same thing again, from the page of a clip."""

import pytest
from playwright.sync_api import expect

from tests.api.web.conftest import DESKTOP, PHONE
from tests.api.web.web_service import FILE_INPUT
from tests.repeatability.people import draw_pairs, make_hinge


def add_hinge(web_service, name, fold, **options):
    files = {"clip": ("a.mp4", web_service.clip.read_bytes())}
    id = web_service.api.post("/v1/analyses", files=files, data=options).json()["id"]
    web_service.service.finish(id, make_hinge([fold - 1, fold, fold + 1], name))
    return id


def test_a_clip_is_repeated_from_its_page(web_service, open_page):
    client = web_service.create_client("Kim")
    first = add_hinge(web_service, "first.mp4", 90, client=client, movement="hinge")
    page = open_page(f"clips/{first}")
    page.get_by_role("link", name="Film the same thing again").click()
    expect(page.get_by_role("heading", level=1, name="Film the same thing again")).to_be_visible()
    expect(page.get_by_label("What to repeat")).to_contain_text("Kim")
    expect(page.get_by_label("What to repeat")).to_contain_text("Hip hinge / deadlift")
    expect(page.get_by_text("From 10 repeats of 5 people on")).to_be_visible()
    with page.expect_response(lambda answer: answer.url.endswith("/v1/analyses") and answer.status == 202) as sent:
        page.locator(FILE_INPUT).set_input_files(web_service.clip)
    body = sent.value.json()
    assert (body["repeat_of"], body["client"], body["movement"]) == (first, client, "hinge")


def test_the_film_view_sends_a_repeat_too(web_service, open_page):
    first = add_hinge(web_service, "film.mp4", 90, client=web_service.create_client("Lee"), movement="hinge")
    page = open_page(f"again/{first}")
    page.get_by_role("link", name="Film it").or_(page.get_by_role("link", name="Film")).first.click()
    expect(page.get_by_role("button", name="Start filming")).to_be_visible()
    options = page.evaluate("import('/views/clip_intake.js').then((m) => m.getDraftOptions())")
    assert options == {"repeat_of": first}


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desk"])
def test_enough_repeats_show_the_changes_that_count(web_service, open_page, size):
    first = None
    for number, (fold, again) in enumerate(draw_pairs(10, 2)):
        name = f"{size['width']}-{number}"
        client = web_service.create_client(name)
        first = add_hinge(web_service, f"{name}a.mp4", fold, client=client, movement="hinge")
        add_hinge(web_service, f"{name}b.mp4", again, repeat_of=first)
    page = open_page(f"again/{first}", size)
    card = page.get_by_label("How much the measurement varies")
    expect(card).to_contain_text("A change counts from:")
    expect(card.get_by_role("term").filter(has_text="Trunk-thigh")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
