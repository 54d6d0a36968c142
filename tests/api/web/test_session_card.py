"""The card at the end of a session in the browser, with hand-built results."""

from playwright.sync_api import expect

from analyzer.results.schema import Finding
from tests.api.web.web_service import (
    CUE,
    FILE_INPUT,
    OpenPage,
    WebTestService,
    find_step,
    make_result,
    open_address,
)


def test_first_look_card_lists_findings_and_notes(open_page: OpenPage, web_service: WebTestService):
    kim = web_service.create_client()
    page = open_page("me")
    clips = [
        {"analysis": web_service.add_result(kim, name, f"You can do the {name}.")}
        for name in ("hinge", "squat", "toe_touch")
    ]
    web_service.add_session(kim, "first_look", *clips, {"skipped": True}, {"skipped": True})
    open_address(page, f"session/{kim}")
    expect(page.get_by_role("heading", name="Next: Rolls")).to_be_visible()
    expect(page.locator(FILE_INPUT)).to_have_count(0)
    page.get_by_role("button", name="Save and continue").click()
    expect(page.get_by_role("alert")).to_contain_text("Write a line first")
    page.get_by_label("What they can do").fill("Rolls both ways, smooth.")
    page.get_by_role("button", name="Save and continue").click()
    expect(page.get_by_role("heading", name="Next: Twists")).to_be_visible()
    expect(find_step(page, "Rolls")).to_contain_text("Rolls both ways, smooth.")
    page.get_by_role("button", name="Finish here and see the card").click()
    can = page.get_by_role("region", name="What you can do")
    expect(can.get_by_role("listitem")).to_have_count(3)
    expect(can).to_contain_text("Hip hinge / deadlift: You can do the hinge.")
    expect(page.get_by_role("region", name="Noted by the coach")).to_contain_text("Rolls: Rolls both ways, smooth.")
    expect(page.get_by_role("region", name="What changed")).to_have_count(0)
    expect(page.locator(".cue")).to_have_count(1)
    page.get_by_role("button", name="Continue this session").click()
    expect(page.get_by_role("heading", name="Next: Twists")).to_be_visible()


def test_card_shows_the_better_try_and_unchanged_measures(open_page: OpenPage, web_service: WebTestService):
    kim = web_service.create_client()
    page = open_page("me")
    levels = (4, 3, 1)
    steps = [{"analysis": web_service.add_result(kim, level=level)} for level in levels] + [
        {"analysis": web_service.add_result(kim)}
    ]
    id = web_service.add_session(kim, "lift_hinge", *steps, finished=True)
    changed = open_address(page, f"session/{kim}/{id}").get_by_role("region", name="What changed")
    expect(changed).to_contain_text("consistent")
    expect(changed).to_contain_text("Try 2 felt better: up to 1 of 10, and up to 4 of 10 in “First clip”.")


def test_each_clip_of_the_card_lists_its_key_measures_and_their_changes(
    open_page: OpenPage, web_service: WebTestService
):
    kim = web_service.create_client()
    page = open_page("me")
    steps = [{"analysis": web_service.add_result(kim, folded_deg=folded_deg)} for folded_deg in (80, 110)]
    id = web_service.add_session(kim, "lift_hinge", *steps, finished=True)
    rows = open_address(page, f"session/{kim}/{id}").locator(".clip-row")
    expect(rows.locator(".clip-measures li", has_text="Trunk-thigh")).to_have_text(
        ["Trunk-thigh 80°", "Trunk-thigh 110° +30°"]
    )


def test_card_compares_the_latest_try_if_the_last_clip_is_missing(open_page: OpenPage, web_service: WebTestService):
    kim = web_service.create_client()
    page = open_page("me")
    steps = {"analysis": web_service.add_result(kim)}, {"analysis": web_service.add_result(kim), "cue": CUE}
    id = web_service.add_session(kim, "lift_hinge", *steps, finished=True)
    changed = open_address(page, f"session/{kim}/{id}").get_by_role("region", name="What changed")
    expect(changed).to_contain_text("From A, “First clip”, to B, “Try 1”")
    expect(changed).to_contain_text("with the cue and without it")


def test_card_prints_alone_and_is_shared_as_text(open_page: OpenPage, web_service: WebTestService):
    kim = web_service.create_client()
    page = open_page("me")
    id = web_service.add_session(kim, "lift_hinge", {"analysis": web_service.add_result(kim)}, finished=True)
    open_address(page, f"session/{kim}/{id}")
    page.evaluate("window.print = () => { document.title = 'printed'; }")
    page.get_by_role("button", name="Print").click()
    expect(page).to_have_title("printed")
    page.emulate_media(media="print")
    expect(page.get_by_role("region", name="What you can do")).to_be_visible()
    for hidden in (page.locator(".tabs"), page.locator(".actions"), page.locator(".clip-row")):
        expect(hidden).to_be_hidden()
    page.emulate_media(media="screen")
    page.evaluate("document.title = ''; navigator.share = undefined")
    page.get_by_role("button", name="Share").click()
    expect(page.locator("#toast")).to_have_text("Copied.")
    text = page.evaluate("navigator.clipboard.readText()")
    assert text.startswith("Kim\n\nWhat you can do\nYou hinged well.")
    assert CUE in text and "The clips" not in text


def test_referral_comes_before_any_cue(open_page: OpenPage, web_service: WebTestService):
    kim = web_service.create_client()
    page = open_page("me")
    referred = make_result("squat", "You can squat.")
    text = "Please speak to your GP first."
    referred.findings[1] = Finding(id="clinician.soon", kind="next", text=text)
    squat = web_service.send_clip(kim, "squat")
    web_service.service.finish(squat, referred)
    steps = {"analysis": web_service.add_result(kim)}, {"analysis": squat}
    id = web_service.add_session(kim, "first_look", *steps, finished=True)
    open_address(page, f"session/{kim}/{id}")
    expect(page.get_by_role("region", name="One thing to try")).to_contain_text(text)
    expect(page.locator(".cue")).to_have_count(0)
