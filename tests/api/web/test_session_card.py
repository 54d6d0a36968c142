"""The card at the end of a session, from results made by hand and in a real browser."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from analyzer.results.schema import Finding
from tests.api.web.web_service import (
    CUE,
    FILE_INPUT,
    OpenPage,
    WebTestService,
    go_to_step,
    insert_session,
    make_result,
    open_address,
    pages,
    run_web_service,
)


@pytest.fixture(scope="module")
def gym(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebTestService]:
    with run_web_service(tmp_path_factory.mktemp("gym")) as made:
        yield made


@pytest.fixture
def opened(browser: Browser, gym: WebTestService) -> Iterator[OpenPage]:
    with pages(browser, gym) as open_page:
        yield open_page


def test_a_first_look_lists_what_they_can_do_and_what_the_coach_noted(opened: OpenPage, gym: WebTestService):
    kim = gym.client()
    page = opened("me")
    clips = [{"analysis": gym.done(kim, name, f"You can do the {name}.")} for name in ("hinge", "squat", "toe_touch")]
    insert_session(page, kim, "first_look", *clips, {"skipped": True}, {"skipped": True})
    open_address(page, f"session/{kim}")
    expect(page.get_by_role("heading", name="Next: Rolls")).to_be_visible()
    expect(page.locator(FILE_INPUT)).to_have_count(0)
    page.get_by_role("button", name="Save and continue").click()
    expect(page.get_by_role("alert")).to_contain_text("Write a line first")
    page.get_by_label("What they can do").fill("Rolls both ways, smooth.")
    page.get_by_role("button", name="Save and continue").click()
    expect(page.get_by_role("heading", name="Next: Twists")).to_be_visible()
    expect(go_to_step(page, "Rolls")).to_contain_text("Rolls both ways, smooth.")
    page.get_by_role("button", name="Finish here and see the card").click()
    can = page.get_by_role("region", name="What you can do")
    expect(can.get_by_role("listitem")).to_have_count(3)
    expect(can).to_contain_text("Hip hinge: You can do the hinge.")
    expect(page.get_by_role("region", name="Noted by the coach")).to_contain_text("Rolls: Rolls both ways, smooth.")
    expect(page.get_by_role("region", name="What changed")).to_have_count(0)
    expect(page.locator(".cue")).to_have_count(1)
    page.get_by_role("button", name="Continue this session").click()
    expect(page.get_by_role("heading", name="Next: Twists")).to_be_visible()


def test_the_card_says_which_try_felt_better_and_what_stayed_the_same(opened: OpenPage, gym: WebTestService):
    kim = gym.client()
    page = opened("me")
    levels = (4, 3, 1)
    steps = [{"analysis": gym.done(kim, level=level)} for level in levels] + [{"analysis": gym.done(kim)}]
    id = insert_session(page, kim, "lift_hinge", *steps, finished=True)
    changed = open_address(page, f"session/{kim}/{id}").get_by_role("region", name="What changed")
    expect(changed).to_contain_text("consistent")
    expect(changed).to_contain_text("Try 2 felt better: up to 1 of 10, and up to 4 of 10 in “First clip”.")


def test_without_the_last_clip_the_latest_try_is_put_beside_the_first_with_its_cue(
    opened: OpenPage, gym: WebTestService
):
    kim = gym.client()
    page = opened("me")
    steps = {"analysis": gym.done(kim)}, {"analysis": gym.done(kim), "cue": CUE}
    id = insert_session(page, kim, "lift_hinge", *steps, finished=True)
    changed = open_address(page, f"session/{kim}/{id}").get_by_role("region", name="What changed")
    expect(changed).to_contain_text("From A, “First clip”, to B, “Try 1”")
    expect(changed).to_contain_text("with the cue and without it")


def test_the_card_prints_without_the_page_around_it_and_is_shared_as_text(opened: OpenPage, gym: WebTestService):
    kim = gym.client()
    page = opened("me")
    id = insert_session(page, kim, "lift_hinge", {"analysis": gym.done(kim)}, finished=True)
    open_address(page, f"session/{kim}/{id}")
    page.evaluate("window.print = () => { document.title = 'printed'; }")
    page.get_by_role("button", name="Print").click()
    assert page.title() == "printed"
    page.emulate_media(media="print")
    expect(page.get_by_role("region", name="What you can do")).to_be_visible()
    for gone in (page.locator(".tabs"), page.locator(".actions"), page.locator(".clip-row")):
        expect(gone).to_be_hidden()
    page.emulate_media(media="screen")
    page.evaluate("document.title = ''; navigator.share = undefined")
    page.get_by_role("button", name="Share").click()
    expect(page.locator("#toast")).to_have_text("Copied.")
    text = page.evaluate("navigator.clipboard.readText()")
    assert text.startswith("Kim\n\nWhat you can do\nYou hinged well.")
    assert CUE in text and "The clips" not in text


def test_to_speak_to_a_clinician_comes_before_any_cue(opened: OpenPage, gym: WebTestService):
    kim = gym.client()
    page = opened("me")
    referred = make_result("squat", "You can squat.")
    told = "Please speak to your GP first."
    referred.findings[1] = Finding(id="clinician.soon", kind="next", text=told)
    squat = gym.sent(kim, "squat")
    gym.service.finish(squat, referred)
    steps = {"analysis": gym.done(kim)}, {"analysis": squat}
    id = insert_session(page, kim, "first_look", *steps, finished=True)
    open_address(page, f"session/{kim}/{id}")
    expect(page.get_by_role("region", name="One thing to try")).to_contain_text(told)
    expect(page.locator(".cue")).to_have_count(0)
