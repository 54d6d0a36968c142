"""A session: its steps and the clips sent from it, from results made by hand and in a real browser."""

import json
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect

from analyzer.coaching.language_check import find_forbidden_words
from analyzer.movements.registry import load_movements
from tests.api.web.conftest import PHONE, SCREENS
from tests.api.web.test_views import OUTSIDE, SMALL
from tests.api.web.web_service import (
    CUE,
    FILE_INPUT,
    HINGE,
    OPEN_SESSION,
    SQUAT,
    OpenPage,
    WebTestService,
    go_to_step,
    insert_session,
    make_result,
    open_address,
    pages,
    run_web_service,
)

STORE = "import('/sessions/session_store.js')"


@pytest.fixture(scope="module")
def gym(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebTestService]:
    with run_web_service(tmp_path_factory.mktemp("gym")) as made:
        yield made


@pytest.fixture
def opened(browser: Browser, gym: WebTestService) -> Iterator[OpenPage]:
    with pages(browser, gym) as open_page:
        yield open_page


def test_from_the_client_through_the_steps_to_the_card(opened: OpenPage, gym: WebTestService):
    kim = gym.client()
    page = opened(f"clients/{kim}")
    page.get_by_role("link", name="Session").click()
    expect(page.get_by_role("heading", name="What is the plan today?")).to_be_visible()
    expect(page.get_by_role("button", name=HINGE)).to_contain_text("about 25 min")
    page.get_by_role("button", name=HINGE).click()

    expect(page.get_by_role("heading", name="Next: First clip")).to_be_visible()
    expect(page.get_by_text("Kim · Hip hinge, better today")).to_be_visible()
    page.get_by_label("Load in kg").fill("twenty")
    page.set_input_files(FILE_INPUT, gym.clip)
    expect(page.get_by_role("alert")).to_contain_text("number in kilograms")
    page.get_by_label("Load in kg").fill("20")
    page.set_input_files(FILE_INPUT, gym.clip)
    expect(page.get_by_role("heading", name="Next: Try 1")).to_be_visible()
    expect(go_to_step(page, "First clip")).to_contain_text("waiting")
    first = gym.newest(kim)
    assert (first["movement"], first["client"], first["note"], first["load_kg"]) == ("hinge", kim, "First clip", 20)

    # What is being typed stays while the clip becomes ready; its own cue is offered.
    expect(page.get_by_label("Load in kg")).to_have_value("20")
    page.get_by_label("Cue", exact=True).fill("Push the")
    gym.service.finish(first["id"], make_result("hinge", "You kept your shape.", folded_deg=80))
    expect(go_to_step(page, "First clip")).to_contain_text("ready")
    expect(page.get_by_label("Cue", exact=True)).to_be_focused()
    expect(page.get_by_label("Cue", exact=True)).to_have_value("Push the")
    page.get_by_role("button", name=f"Use the cue “{CUE}”").click()
    expect(page.get_by_label("Cue", exact=True)).to_have_value(CUE)
    page.set_input_files(FILE_INPUT, gym.clip)
    expect(page.get_by_role("heading", name="Next: Try 2")).to_be_visible()
    assert gym.newest(kim)["note"] == f"Try 1: “{CUE}”"
    gym.service.finish(gym.newest(kim)["id"], make_result("hinge", "You kept your shape.", folded_deg=85))
    expect(go_to_step(page, "Try 1")).to_contain_text(CUE)

    page.get_by_role("button", name="Skip this step").click()
    expect(page.get_by_role("heading", name="Next: The same again")).to_be_focused()
    expect(go_to_step(page, "Try 2")).to_contain_text("skipped")
    page.set_input_files(FILE_INPUT, gym.clip)
    expect(page.get_by_role("heading", name="All steps are done")).to_be_visible()
    again = gym.newest(kim)
    page.get_by_role("button", name="See the card").click()

    expect(page.get_by_text("1 clip is still being analysed")).to_be_visible()
    gym.service.finish(again["id"], make_result("hinge", "You folded all the way.", folded_deg=110))
    expect(page.get_by_role("region", name="What you can do")).to_contain_text("You folded all the way.")
    changed = page.get_by_role("region", name="What changed")
    expect(changed).to_contain_text("From A, “First clip”, to B, “The same again”")
    expect(changed).to_contain_text("30 degrees")
    thing = page.get_by_role("region", name="One thing to try")
    expect(thing).to_contain_text(CUE)
    expect(thing).to_contain_text("Next step: Light kettlebell.")
    assert page.locator(".clip-row").count() == 3
    expect(page.get_by_text("still being analysed")).to_have_count(0)
    expect(page.get_by_role("link", name="Side by side")).to_have_attribute(
        "href", f"#/compare/{first['id']}/{again['id']}"
    )
    text = page.locator("main").inner_text()
    assert [str(hit) for hit in find_forbidden_words(text)] == []

    page.reload()
    expect(page.get_by_role("region", name="What changed")).to_contain_text("30 degrees")
    open_address(page, f"session/{kim}")
    page.get_by_role("link", name=HINGE).click()
    expect(page.get_by_role("region", name="What you can do")).to_be_visible()


def test_it_is_filmed_inside_the_page_and_comes_back(opened: OpenPage, gym: WebTestService):
    kim = gym.client()
    page = opened(f"session/{kim}")
    page.get_by_role("button", name=SQUAT).click()
    page.get_by_role("link", name="Film").click()
    page.reload()  # a phone that reloads the page still knows what is filmed
    page.get_by_role("button", name="Start filming").click()
    expect(page.locator(".count")).to_have_text("Go", timeout=10_000)
    page.get_by_role("button", name="Stop").click()
    page.get_by_role("button", name="Use this clip").click()
    expect(page.get_by_role("heading", name="Next: Try 1")).to_be_visible(timeout=20_000)
    sent = gym.newest(kim)
    assert (sent["movement"], sent["note"]) == ("squat", "First clip")


def test_a_step_is_done_again_or_left_as_it_is(opened: OpenPage, gym: WebTestService):
    kim = gym.client()
    page = opened("me")
    clip = gym.done(kim)
    insert_session(page, kim, "lift_hinge", {"analysis": clip}, {"skipped": True})
    open_address(page, f"session/{kim}")
    page.get_by_role("button", name="Do again: First clip").click()
    expect(page.get_by_role("heading", name="Next: First clip")).to_be_focused()
    page.get_by_role("button", name="Leave it as it is").click()
    expect(page.get_by_role("heading", name="Next: Try 2")).to_be_visible()
    page.get_by_role("button", name="Do it now: Try 1").click()
    expect(page.get_by_role("heading", name="Next: Try 1")).to_be_visible()
    page.get_by_role("button", name="Skip this step").click()
    page.get_by_role("button", name="Do again: First clip").click()
    page.set_input_files(FILE_INPUT, gym.clip)
    expect(page.get_by_role("heading", name="Next: Try 2")).to_be_visible()
    kept = page.evaluate(OPEN_SESSION.format(client=kim))["steps"][0]
    assert kept["analysis"] == gym.newest(kim)["id"] != clip


def test_a_clip_that_was_deleted_or_not_read_leaves_its_step_open(opened: OpenPage, gym: WebTestService):
    kim = gym.client()
    page = opened("me")
    clips = [gym.done(kim) for _ in range(2)]
    insert_session(page, kim, "lift_hinge", *({"analysis": clip} for clip in clips))
    open_address(page, f"session/{kim}")
    expect(page.get_by_role("heading", name="Next: Try 2")).to_be_visible()
    assert gym.api.delete(f"/v1/analyses/{clips[0]}").status_code == 204
    page.reload()
    expect(page.get_by_role("heading", name="Next: First clip")).to_be_visible()
    expect(go_to_step(page, "First clip")).to_contain_text("not filmed")
    expect(page.get_by_role("alert")).to_have_count(0)
    waiting = gym.sent(kim)
    gym.api.post(f"/v1/analyses/{waiting}/cancel")
    session = page.evaluate(OPEN_SESSION.format(client=kim))["id"]
    page.evaluate(f"{STORE}.then((m) => m.updateStep('{session}', 0, {{ analysis: '{waiting}' }}))")
    page.reload()
    expect(page.get_by_role("heading", name="Next: First clip")).to_be_visible()


def test_a_reload_keeps_the_session_and_what_was_typed(opened: OpenPage, gym: WebTestService):
    kim = gym.client()
    page = opened("me")
    insert_session(page, kim, "lift_squat", {"analysis": gym.done(kim, "squat")})
    open_address(page, f"clients/{kim}")
    page.get_by_role("link", name="Continue the session").click()
    page.get_by_label("Cue", exact=True).fill("Spread the floor.")
    page.reload()
    expect(page.get_by_role("heading", name="Next: Try 1")).to_be_visible()
    expect(page.get_by_label("Cue", exact=True)).to_have_value("Spread the floor.")


def test_minutes_are_told_and_after_hours_when_it_began(opened: OpenPage, gym: WebTestService):
    kim = gym.client()
    page = opened("me")
    session = insert_session(page, kim, "lift_hinge")
    for minutes, told in (
        (0, "about 25 minutes"),
        (12, "12 of about 25 minutes"),
        (34, "34 minutes so far"),
        (600, "Started: "),
    ):
        page.evaluate(
            f"{STORE}.then((m) => m.updateSession('{session}', {{ started: Date.now() - {minutes} * 60000 }}))"
        )
        page.evaluate("import('/core/router.js').then(({ navigate }) => { navigate('me'); })")
        open_address(page, f"session/{kim}")
        expect(page.get_by_text(told)).to_be_visible()


def test_an_upload_that_is_stopped_leaves_its_step_open(opened: OpenPage, gym: WebTestService):
    kim = gym.client()
    page = opened(f"session/{kim}")
    page.route(
        "**/v1/uploads/*",
        lambda route: route.abort("internetdisconnected") if route.request.method == "PATCH" else route.continue_(),
    )
    page.get_by_role("button", name=HINGE).click()
    page.set_input_files(FILE_INPUT, gym.clip)
    expect(page.get_by_role("heading", name="Sending")).to_be_visible()
    open_address(page, f"session/{kim}")
    expect(go_to_step(page, "First clip")).to_contain_text("being sent")
    page.get_by_role("link", name="First clip").click()
    page.get_by_role("button", name="Stop sending").click()
    page.get_by_role("dialog").get_by_role("button", name="Stop sending").click()
    expect(page.get_by_role("heading", name="Next: First clip")).to_be_visible()
    page.get_by_role("button", name="Stop this session").click()
    expect(page.get_by_role("heading", name="What is the plan today?")).to_be_visible()


def test_a_handful_of_finished_ones_is_kept_and_others_see_none(opened: OpenPage, gym: WebTestService):
    kim, robin = gym.client(), gym.client("Robin")
    page = opened("me")
    for _ in range(7):
        gone = insert_session(page, kim, "lift_hinge", {"skipped": True}, finished=True)
    kept = page.evaluate(f"{STORE}.then((m) => m.listFinishedSessions('local', '{kim}').length)")
    assert kept == 5
    assert page.evaluate(f"{STORE}.then((m) => m.listFinishedSessions('ben', '{kim}').length)") == 0
    open_address(page, f"session/{robin}")
    expect(page.get_by_role("heading", name="What is the plan today?")).to_be_visible()
    expect(page.get_by_role("heading", name="Earlier sessions")).to_have_count(0)
    open_address(page, f"session/{robin}/{gone}")
    expect(page.get_by_role("alert")).to_contain_text("not on this phone")


def test_a_lost_store_and_a_plan_of_another_version_begin_anew(opened: OpenPage, gym: WebTestService):
    kim = gym.client()
    page = opened("me")
    insert_session(page, kim, "lift_hinge", {"analysis": gym.done(kim)})
    page.evaluate("""() => {
      const all = JSON.parse(localStorage["analyzer.sessions"]);
      all[0].steps.pop();
      localStorage["analyzer.sessions"] = JSON.stringify(all);
    }""")
    open_address(page, f"session/{kim}")
    expect(page.get_by_role("heading", name="What is the plan today?")).to_be_visible()
    page.evaluate("localStorage['analyzer.sessions'] = '{'")
    page.reload()
    expect(page.get_by_role("heading", name="What is the plan today?")).to_be_visible()


def test_without_a_network_it_says_so(opened: OpenPage, gym: WebTestService):
    kim = gym.client()
    page = opened(f"session/{kim}")
    page.route("**/v1/clients/*", lambda route: route.abort())
    page.reload()
    expect(page.get_by_role("alert")).to_contain_text("cannot be reached")


def test_a_deleted_client_takes_their_sessions_along(opened: OpenPage, gym: WebTestService):
    kim = gym.client()
    page = opened("me")
    insert_session(page, kim, "lift_hinge")
    gym.api.delete(f"/v1/clients/{kim}")
    open_address(page, f"session/{kim}")
    expect(page.get_by_role("heading", name="This page could not be found")).to_be_visible()
    assert page.evaluate("localStorage['analyzer.sessions']") == "[]"


def test_the_plans_name_movements_that_there_are_and_take_half_an_hour_at_most(opened: OpenPage):
    page = opened("me")
    plans = page.evaluate("import('/sessions/session_plans.js').then((m) => m.PLANS)")
    said = page.evaluate("import('/text/messages.js').then(({ messages: { session } }) => JSON.stringify(session))")
    said = json.loads(said)
    steps = [one for plan in plans for one in plan["steps"]]
    assert {one["movement"] for one in steps} - {None} <= set(load_movements())
    assert {one["name"] for one in steps} == set(said["steps"])
    assert {plan["name"] for plan in plans} == set(said["plans"])
    assert max(plan["minutes"] for plan in plans) <= 30
    assert {one["name"] for one in steps if one["movement"] is None} == {"roll", "twist"}


@SCREENS
def test_every_screen_is_accessible_and_fits(opened: OpenPage, gym: WebTestService, size: dict[str, int], scheme: str):
    kim, robin = gym.client(), gym.client("Robin")
    page = opened("me", size, scheme)
    clips = [{"analysis": gym.done(kim), "cue": CUE} for _ in range(2)]
    card = insert_session(
        page, kim, "lift_hinge", *clips, {"skipped": True}, {"analysis": gym.done(kim)}, finished=True
    )
    noted = {"noted": True, "note": "Smooth both ways."}
    look = insert_session(page, kim, "first_look", clips[0], *[{"skipped": True}] * 4, noted, finished=True)
    insert_session(page, robin, "lift_hinge", clips[0])
    told = []
    for address in (f"session/{kim}", f"session/{robin}", f"session/{kim}/{card}", f"session/{kim}/{look}"):
        open_address(page, address)
        found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
        told += [f"{address}: {one['id']} {one['nodes'][0]['target']}" for one in found]
        told += page.evaluate(OUTSIDE) + (page.evaluate(SMALL) if size is PHONE else [])
    assert told == []
