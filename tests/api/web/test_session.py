"""A session in the browser: its steps and the clips sent from it, with hand-built results."""

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
    create_page_opener,
    find_step,
    insert_session,
    make_result,
    open_address,
    run_web_service,
)

STORE = "import('/sessions/session_store.js')"


@pytest.fixture(scope="module")
def web_service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebTestService]:
    with run_web_service(tmp_path_factory.mktemp("web_service")) as made:
        yield made


@pytest.fixture
def open_page(browser: Browser, web_service: WebTestService) -> Iterator[OpenPage]:
    with create_page_opener(browser, web_service) as open_page:
        yield open_page


def test_session_from_client_page_to_card(open_page: OpenPage, web_service: WebTestService):
    kim = web_service.create_client()
    page = open_page(f"clients/{kim}")
    page.get_by_role("link", name="Session").click()
    expect(page.get_by_role("heading", name="What is the plan today?")).to_be_visible()
    expect(page.get_by_role("button", name=HINGE)).to_contain_text("about 25 min")
    page.get_by_role("button", name=HINGE).click()

    expect(page.get_by_role("heading", name="Next: First clip")).to_be_visible()
    expect(page.get_by_text(f"Kim · {HINGE}")).to_be_visible()
    page.get_by_label("Load in kg").fill("twenty")
    page.set_input_files(FILE_INPUT, web_service.clip)
    expect(page.get_by_role("alert")).to_contain_text("number in kilograms")
    page.get_by_label("Load in kg").fill("20")
    page.set_input_files(FILE_INPUT, web_service.clip)
    expect(page.get_by_role("heading", name="Next: Try 1")).to_be_visible()
    expect(find_step(page, "First clip")).to_contain_text("waiting")
    first = web_service.get_newest(kim)
    assert (first["movement"], first["client"], first["note"], first["load_kg"]) == ("hinge", kim, "First clip", 20)

    # What is being typed stays while the clip becomes ready; its own cue is offered.
    expect(page.get_by_label("Load in kg")).to_have_value("20")
    page.get_by_label("Cue", exact=True).fill("Push the")
    web_service.service.finish(first["id"], make_result("hinge", "You kept your shape.", folded_deg=80))
    expect(find_step(page, "First clip")).to_contain_text("ready")
    expect(page.get_by_label("Cue", exact=True)).to_be_focused()
    expect(page.get_by_label("Cue", exact=True)).to_have_value("Push the")
    page.get_by_role("button", name=f"Use the cue “{CUE}”").click()
    expect(page.get_by_label("Cue", exact=True)).to_have_value(CUE)
    page.set_input_files(FILE_INPUT, web_service.clip)
    expect(page.get_by_role("heading", name="Next: Try 2")).to_be_visible()
    assert web_service.get_newest(kim)["note"] == f"Try 1: “{CUE}”"
    web_service.service.finish(
        web_service.get_newest(kim)["id"], make_result("hinge", "You kept your shape.", folded_deg=85)
    )
    expect(find_step(page, "Try 1")).to_contain_text(CUE)

    page.get_by_role("button", name="Skip this step").click()
    expect(page.get_by_role("heading", name="Next: The same again")).to_be_focused()
    expect(find_step(page, "Try 2")).to_contain_text("skipped")
    page.set_input_files(FILE_INPUT, web_service.clip)
    expect(page.get_by_role("heading", name="All steps are done")).to_be_visible()
    again = web_service.get_newest(kim)
    page.get_by_role("button", name="See the card").click()

    expect(page.get_by_text("1 clip is still being analysed")).to_be_visible()
    web_service.service.finish(again["id"], make_result("hinge", "You folded all the way.", folded_deg=110))
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


def test_step_filmed_inside_the_page_returns_to_the_session(open_page: OpenPage, web_service: WebTestService):
    kim = web_service.create_client()
    page = open_page(f"session/{kim}")
    page.get_by_role("button", name=SQUAT).click()
    page.get_by_role("link", name="Film").click()
    page.reload()  # a phone that reloads the page still knows what is filmed
    page.get_by_role("button", name="Start filming").click()
    expect(page.locator(".count")).to_have_text("Go", timeout=10_000)
    page.get_by_role("button", name="Stop").click()
    page.get_by_role("button", name="Use this clip").click()
    expect(page.get_by_role("heading", name="Next: Try 1")).to_be_visible(timeout=20_000)
    sent = web_service.get_newest(kim)
    assert (sent["movement"], sent["note"]) == ("squat", "First clip")


def test_step_can_be_repeated_or_left(open_page: OpenPage, web_service: WebTestService):
    kim = web_service.create_client()
    page = open_page("me")
    clip = web_service.add_result(kim)
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
    page.set_input_files(FILE_INPUT, web_service.clip)
    expect(page.get_by_role("heading", name="Next: Try 2")).to_be_visible()
    stored = page.evaluate(OPEN_SESSION.format(client=kim))["steps"][0]
    assert stored["analysis"] == web_service.get_newest(kim)["id"] != clip


def test_deleted_or_cancelled_clip_reopens_its_step(open_page: OpenPage, web_service: WebTestService):
    kim = web_service.create_client()
    page = open_page("me")
    clips = [web_service.add_result(kim) for _ in range(2)]
    insert_session(page, kim, "lift_hinge", *({"analysis": clip} for clip in clips))
    open_address(page, f"session/{kim}")
    expect(page.get_by_role("heading", name="Next: Try 2")).to_be_visible()
    assert web_service.api.delete(f"/v1/analyses/{clips[0]}").status_code == 204
    page.reload()
    expect(page.get_by_role("heading", name="Next: First clip")).to_be_visible()
    expect(find_step(page, "First clip")).to_contain_text("not filmed")
    expect(page.get_by_role("alert")).to_have_count(0)
    waiting = web_service.send_clip(kim)
    web_service.api.post(f"/v1/analyses/{waiting}/cancel")
    session = page.evaluate(OPEN_SESSION.format(client=kim))["id"]
    page.evaluate(f"{STORE}.then((m) => m.updateStep('{session}', 0, {{ analysis: '{waiting}' }}))")
    page.reload()
    expect(page.get_by_role("heading", name="Next: First clip")).to_be_visible()


def test_reload_keeps_session_and_typed_text(open_page: OpenPage, web_service: WebTestService):
    kim = web_service.create_client()
    page = open_page("me")
    insert_session(page, kim, "lift_squat", {"analysis": web_service.add_result(kim, "squat")})
    open_address(page, f"clients/{kim}")
    page.get_by_role("link", name="Continue the session").click()
    page.get_by_label("Cue", exact=True).fill("Spread the floor.")
    page.reload()
    expect(page.get_by_role("heading", name="Next: Try 1")).to_be_visible()
    expect(page.get_by_label("Cue", exact=True)).to_have_value("Spread the floor.")


def test_elapsed_minutes_are_shown_and_the_start_time_after_hours(open_page: OpenPage, web_service: WebTestService):
    kim = web_service.create_client()
    page = open_page("me")
    session = insert_session(page, kim, "lift_hinge")
    for minutes, text in (
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
        expect(page.get_by_text(text)).to_be_visible()


def test_stopped_upload_reopens_its_step(open_page: OpenPage, web_service: WebTestService):
    kim = web_service.create_client()
    page = open_page(f"session/{kim}")
    page.route(
        "**/v1/uploads/*",
        lambda route: route.abort("internetdisconnected") if route.request.method == "PATCH" else route.continue_(),
    )
    page.get_by_role("button", name=HINGE).click()
    page.set_input_files(FILE_INPUT, web_service.clip)
    expect(page.get_by_role("heading", name="Sending")).to_be_visible()
    open_address(page, f"session/{kim}")
    expect(find_step(page, "First clip")).to_contain_text("being sent")
    page.get_by_role("link", name="First clip").click()
    page.get_by_role("button", name="Stop sending").click()
    page.get_by_role("dialog").get_by_role("button", name="Stop sending").click()
    expect(page.get_by_role("heading", name="Next: First clip")).to_be_visible()
    page.get_by_role("button", name="Stop this session").click()
    expect(page.get_by_role("heading", name="What is the plan today?")).to_be_visible()


def test_five_finished_sessions_are_stored_and_other_clients_see_none(open_page: OpenPage, web_service: WebTestService):
    kim, robin = web_service.create_client(), web_service.create_client("Robin")
    page = open_page("me")
    for _ in range(7):
        last_id = insert_session(page, kim, "lift_hinge", {"skipped": True}, finished=True)
    stored = page.evaluate(f"{STORE}.then((m) => m.listFinishedSessions('local', '{kim}').length)")
    assert stored == 5
    assert page.evaluate(f"{STORE}.then((m) => m.listFinishedSessions('ben', '{kim}').length)") == 0
    open_address(page, f"session/{robin}")
    expect(page.get_by_role("heading", name="What is the plan today?")).to_be_visible()
    expect(page.get_by_role("heading", name="Earlier sessions")).to_have_count(0)
    open_address(page, f"session/{robin}/{last_id}")
    expect(page.get_by_role("alert")).to_contain_text("not on this phone")


def test_lost_store_and_changed_plan_start_over(open_page: OpenPage, web_service: WebTestService):
    kim = web_service.create_client()
    page = open_page("me")
    insert_session(page, kim, "lift_hinge", {"analysis": web_service.add_result(kim)})
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


def test_session_page_reports_a_missing_network(open_page: OpenPage, web_service: WebTestService):
    kim = web_service.create_client()
    page = open_page(f"session/{kim}")
    page.route("**/v1/clients/*", lambda route: route.abort())
    page.reload()
    expect(page.get_by_role("alert")).to_contain_text("cannot be reached")


def test_deleting_a_client_deletes_their_sessions(open_page: OpenPage, web_service: WebTestService):
    kim = web_service.create_client()
    page = open_page("me")
    insert_session(page, kim, "lift_hinge")
    web_service.api.delete(f"/v1/clients/{kim}")
    open_address(page, f"session/{kim}")
    expect(page.get_by_role("heading", name="This page could not be found")).to_be_visible()
    assert page.evaluate("localStorage['analyzer.sessions']") == "[]"


def test_plans_offer_what_movements_state_and_take_half_an_hour_at_most(
    open_page: OpenPage, web_service: WebTestService
):
    page = open_page(f"session/{web_service.create_client()}")
    plans = page.evaluate("import('/sessions/session_plans.js').then((m) => m.listPlans())")
    movements = load_movements()
    practice, (first_look,) = [plan for plan in plans if plan["kind"] == "practice"], [plans[-1]]
    assert {plan["name"]: {step["movement"] for step in plan["steps"]} for plan in practice} == {
        f"lift_{name}": {name} for name, movement in movements.items() if "practice" in movement.session_plans
    }
    assert first_look["name"] == "first_look"
    steps = {step["name"]: step for step in first_look["steps"]}
    assert list(steps) == ["hinge", "squat", "toe_touch", "overhead", "carry", "roll", "twist"]
    assert set(steps) - {"roll", "twist"} == {
        name for name, movement in movements.items() if "first_look" in movement.session_plans
    }
    for name, step in steps.items():
        movement = movements.get(name)
        assert step["movement"] == (movement and name)
        assert movement is None or (step["instructions"], step["hasLoad"]) == (
            movement.instructions,
            movement.can_be_loaded,
        )
    assert all(step["title"] and step["instructions"] for plan in plans for step in plan["steps"])
    assert max(plan["minutes"] for plan in plans) <= 30


@SCREENS
def test_session_screens_are_accessible_and_fit(
    open_page: OpenPage, web_service: WebTestService, size: dict[str, int], scheme: str
):
    kim, robin = web_service.create_client(), web_service.create_client("Robin")
    page = open_page("me", size, scheme)
    clips = [{"analysis": web_service.add_result(kim), "cue": CUE} for _ in range(2)]
    card = insert_session(
        page, kim, "lift_hinge", *clips, {"skipped": True}, {"analysis": web_service.add_result(kim)}, finished=True
    )
    noted = {"noted": True, "note": "Smooth both ways."}
    look = insert_session(page, kim, "first_look", clips[0], *[{"skipped": True}] * 4, noted, finished=True)
    insert_session(page, robin, "lift_hinge", clips[0])
    problems = []
    for address in (f"session/{kim}", f"session/{robin}", f"session/{kim}/{card}", f"session/{kim}/{look}"):
        open_address(page, address)
        violations = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
        problems += [f"{address}: {one['id']} {one['nodes'][0]['target']}" for one in violations]
        problems += page.evaluate(OUTSIDE) + (page.evaluate(SMALL) if size is PHONE else [])
    assert problems == []
