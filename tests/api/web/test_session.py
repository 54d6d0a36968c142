"""A session in the browser: its steps and the clips sent from it, with hand-built results."""

from datetime import UTC, datetime, timedelta

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from analyzer.coaching.language_check import find_forbidden_words
from tests.api.web.conftest import PHONE, SCREENS
from tests.api.web.serving import wait_for, wait_until, wait_until_drawn
from tests.api.web.test_views import OUTSIDE, SMALL
from tests.api.web.web_service import (
    CUE,
    FILE_INPUT,
    HINGE,
    SQUAT,
    OpenPage,
    WebTestService,
    find_step,
    make_result,
    open_address,
)


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
    expect(page.locator(".clip-row")).to_have_count(3)
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
    expect(page.locator(".count")).to_have_text("Go")
    page.get_by_role("button", name="Stop").click()
    page.get_by_role("button", name="Use this clip").click()
    expect(page.get_by_role("heading", name="Next: Try 1")).to_be_visible()
    sent = web_service.get_newest(kim)
    assert (sent["movement"], sent["note"]) == ("squat", "First clip")


def test_step_can_be_repeated_or_left(open_page: OpenPage, web_service: WebTestService):
    kim = web_service.create_client()
    page = open_page("me")
    clip = web_service.add_result(kim)
    web_service.add_session(kim, "lift_hinge", {"analysis": clip}, {"skipped": True})
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
    expect(find_step(page, "First clip")).to_contain_text("waiting")
    wait_for(lambda: web_service.get_session(kim)["steps"][0]["analysis"] == web_service.get_newest(kim)["id"] != clip)


def test_deleted_or_cancelled_clip_reopens_its_step(open_page: OpenPage, web_service: WebTestService):
    kim = web_service.create_client()
    page = open_page("me")
    clips = [web_service.add_result(kim) for _ in range(2)]
    web_service.add_session(kim, "lift_hinge", *({"analysis": clip} for clip in clips))
    open_address(page, f"session/{kim}")
    expect(page.get_by_role("heading", name="Next: Try 2")).to_be_visible()
    assert web_service.api.delete(f"/v1/analyses/{clips[0]}").status_code == 204
    page.reload()
    expect(page.get_by_role("heading", name="Next: First clip")).to_be_visible()
    expect(find_step(page, "First clip")).to_contain_text("not filmed")
    expect(page.get_by_role("alert")).to_have_count(0)
    waiting = web_service.send_clip(kim)
    web_service.api.post(f"/v1/analyses/{waiting}/cancel")
    change = {"steps": [{"name": "first", "analysis": waiting}]}
    web_service.api.patch(f"/v1/sessions/{web_service.get_session(kim)['id']}", json=change)
    page.reload()
    expect(page.get_by_role("heading", name="Next: First clip")).to_be_visible()


def test_reload_keeps_session_and_typed_text(open_page: OpenPage, web_service: WebTestService):
    kim = web_service.create_client()
    page = open_page("me")
    web_service.add_session(kim, "lift_squat", {"analysis": web_service.add_result(kim, "squat")})
    open_address(page, f"clients/{kim}")
    page.get_by_role("link", name="Continue the session").click()
    page.get_by_label("Cue", exact=True).fill("Spread the floor.")
    page.get_by_label("Load in kg").fill("42,5")
    page.reload()
    expect(page.get_by_role("heading", name="Next: Try 1")).to_be_visible()
    expect(page.get_by_label("Load in kg")).to_have_value("42.5")
    expect(page.get_by_label("Cue", exact=True)).to_have_value("Spread the floor.")


def test_elapsed_minutes_are_shown_and_the_start_time_after_hours(open_page: OpenPage, web_service: WebTestService):
    page = open_page("me")
    for minutes, text in (
        (0, "about 25 minutes"),
        (12, "12 of about 25 minutes"),
        (34, "34 minutes so far"),
        (600, "Started: "),
    ):
        kim = web_service.create_client()
        started_at = datetime.now(UTC) - timedelta(minutes=minutes)
        web_service.add_session(kim, "lift_hinge", started_at=started_at.isoformat())
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


def test_earlier_sessions_are_those_of_the_client(open_page: OpenPage, web_service: WebTestService):
    kim, robin = web_service.create_client(), web_service.create_client("Robin")
    ids = [web_service.add_session(kim, "lift_hinge", {"skipped": True}, finished=True) for _ in range(7)]
    page = open_page(f"session/{kim}")
    expect(page.get_by_role("link", name=HINGE)).to_have_count(7)
    open_address(page, f"session/{robin}")
    expect(page.get_by_role("heading", name="What is the plan today?")).to_be_visible()
    expect(page.get_by_role("heading", name="Earlier sessions")).to_have_count(0)
    for address in (f"session/{robin}/{ids[-1]}", f"session/{kim}/ses_none"):
        open_address(page, address)
        expect(page.get_by_role("alert")).to_contain_text("does not exist")


def test_session_is_deleted_from_its_card(open_page: OpenPage, web_service: WebTestService):
    kim = web_service.create_client()
    id = web_service.add_session(kim, "lift_hinge", {"skipped": True}, finished=True)
    page = open_page(f"session/{kim}/{id}")
    page.get_by_role("button", name="Delete this session").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete this session").click()
    expect(page.get_by_role("heading", name="What is the plan today?")).to_be_visible()
    assert web_service.api.get(f"/v1/sessions/{id}").status_code == 404


def test_two_phones_write_in_one_session(open_page: OpenPage, web_service: WebTestService):
    kim = web_service.create_client()
    web_service.add_session(kim, "lift_hinge", {"analysis": web_service.add_result(kim)})
    one, other = open_page(f"session/{kim}"), open_page(f"session/{kim}")
    one.get_by_label("Cue", exact=True).fill("Reach back.")
    wait_for(lambda: web_service.get_session(kim)["steps"][1]["cue"] == "Reach back.")
    other.get_by_role("button", name="Skip this step").click()
    wait_for(lambda: web_service.get_session(kim)["steps"][1]["skipped"])
    assert web_service.get_session(kim)["steps"][1]["cue"] == "Reach back."
    assert web_service.api.delete(f"/v1/sessions/{web_service.get_session(kim)['id']}").status_code == 204
    other.get_by_role("button", name="Skip this step").click()  # the session is gone, and so is its page
    expect(other.get_by_role("heading", name="What is the plan today?")).to_be_visible()


def test_notes_made_without_a_network_are_sent_later(open_page: OpenPage, web_service: WebTestService):
    kim = web_service.create_client()
    clips = [{"analysis": web_service.add_result(kim)}] + [{"skipped": True}] * 4
    web_service.add_session(kim, "first_look", *clips)
    page = open_page(f"session/{kim}")
    page.context.set_offline(True)
    page.get_by_label("What they can do").fill("Rolls both ways.")
    page.get_by_role("button", name="Save and continue").click()
    expect(page.get_by_role("heading", name="Next: Twists")).to_be_visible()
    expect(page.get_by_text("sent later")).to_be_visible()
    open_address(page, "me")
    open_address(page, f"session/{kim}")  # an open page works on
    expect(find_step(page, "Rolls")).to_contain_text("Rolls both ways.")
    page.get_by_label("What they can do").fill("Twists to the left.")
    assert web_service.get_session(kim)["steps"][5]["note"] == ""
    page.context.set_offline(False)
    wait_for(lambda: [step["note"] for step in web_service.get_session(kim)["steps"][5:]]
             == ["Rolls both ways.", "Twists to the left."])  # fmt: skip
    expect(page.get_by_text("sent later")).to_be_hidden()
    wait_until(page, "localStorage['analyzer.session_changes'] === undefined")


def test_notes_of_a_closed_page_are_sent_by_the_next_one(open_page: OpenPage, web_service: WebTestService):
    kim = web_service.create_client()
    web_service.add_session(kim, "lift_squat", {"skipped": True})
    page = open_page(f"session/{kim}")
    page.route("**/v1/sessions/*", lambda route: route.abort("internetdisconnected"))
    page.get_by_label("Cue", exact=True).fill("Spread the floor.")
    expect(page.get_by_text("sent later")).to_be_visible()
    page.close()
    again = page.context.new_page()
    again.goto("/#/me")
    wait_for(lambda: web_service.get_session(kim)["steps"][1]["cue"] == "Spread the floor.")


def test_clip_filmed_without_a_network_joins_its_step_later(open_page: OpenPage, web_service: WebTestService):
    kim = web_service.create_client()
    web_service.add_session(kim, "lift_hinge")
    page = open_page(f"session/{kim}")
    page.context.set_offline(True)
    page.set_input_files(FILE_INPUT, web_service.clip)
    expect(page.get_by_role("heading", name="Sending")).to_be_visible()
    open_address(page, f"session/{kim}")
    expect(find_step(page, "First clip")).to_contain_text("being sent")
    expect(page.get_by_role("heading", name="Next: Try 1")).to_be_visible()
    page.context.set_offline(False)
    wait_for(lambda: web_service.get_session(kim)["steps"][0]["analysis"] is not None)
    expect(find_step(page, "First clip")).to_contain_text("waiting")


def test_change_that_names_a_deleted_clip_is_sent_without_it(open_page: OpenPage, web_service: WebTestService):
    kim = web_service.create_client()
    id = web_service.add_session(kim, "lift_hinge")
    page = open_page(f"session/{kim}")
    page.evaluate(
        """async (id) => {
          const { queueChange } = await import('/sessions/session_changes.js');
          queueChange('local', id, { steps: { first: { analysis: 'ana_gone' }, try_1: { cue: 'Reach.' } } });
        }""",
        id,
    )
    wait_for(lambda: web_service.get_session(kim)["steps"][1]["cue"] == "Reach.")
    wait_until(page, "localStorage['analyzer.session_changes'] === undefined")
    assert web_service.get_session(kim)["steps"][0]["analysis"] is None


def test_sessions_stored_in_the_browser_move_to_the_service_once(open_page: OpenPage, web_service: WebTestService):
    kim = web_service.create_client()
    clip, other = web_service.add_result(kim), web_service.add_result(web_service.create_client("Robin"))
    empty = {"sending": None, "analysis": None, "skipped": False, "redo": False, "noted": False, "cue": "",
             "load": None, "note": ""}  # fmt: skip
    steps = [
        {"name": "first", **empty, "analysis": clip, "load": "20,5"},
        {"name": "try_1", **empty, "analysis": other, "cue": "Reach back."},
        {"name": "try_2", **empty, "analysis": "ana_gone", "skipped": True},
        {**empty, "load": "twenty"},  # older versions stored no names
    ]
    begin = 1_790_000_000_000
    session = {"id": "abc", "owner": "local", "client": kim, "plan": "lift_hinge", "started": begin, "finished": None,
               "steps": steps}  # fmt: skip
    stored = [
        {**session, "id": "new", "started": begin + 5},
        {**session, "finished": begin + 1_200_000},
        {**session, "id": "gone", "client": "cli_gone"},
        {**session, "id": "old plan", "steps": steps[:3]},
        {**session, "id": "bens", "owner": "ben"},
    ]
    page = open_page("me")
    page.evaluate("(stored) => { localStorage['analyzer.sessions'] = JSON.stringify(stored); }", stored)
    page.route("**/v1/sessions", lambda route: route.abort("internetdisconnected"))
    page.reload()
    wait_until_drawn(page)
    assert len(page.evaluate("JSON.parse(localStorage['analyzer.sessions'])")) == 5
    page.unroute("**/v1/sessions")
    open_address(page, f"session/{kim}")
    expect(page.get_by_role("heading", name="Next: Try 1")).to_be_visible()  # its clip is of another client
    wait_until(page, "JSON.parse(localStorage['analyzer.sessions']).length === 1")
    newest, oldest = web_service.api.get("/v1/sessions", params={"client": kim}).json()["items"]
    assert (newest["finished_at"], oldest["finished_at"]) == (None, "2026-09-21T14:33:20Z")
    assert oldest["started_at"] == "2026-09-21T14:13:20Z"
    got = [(step["analysis"], step["load_kg"], step["cue"], step["skipped"]) for step in newest["steps"]]
    assert got == [(clip, 20.5, "", False), (None, None, "Reach back.", False), (None, None, "", True),
                   (None, None, "", False)]  # fmt: skip
    page.reload()
    wait_until_drawn(page)
    assert len(web_service.api.get("/v1/sessions", params={"client": kim}).json()["items"]) == 2


def test_session_page_reports_a_missing_network(open_page: OpenPage, web_service: WebTestService):
    kim = web_service.create_client()
    page = open_page(f"session/{kim}")
    page.route("**/v1/clients/*", lambda route: route.abort())
    page.reload()
    expect(page.get_by_role("alert")).to_contain_text("cannot be reached")


def test_session_page_of_a_deleted_client_is_not_found(open_page: OpenPage, web_service: WebTestService):
    kim = web_service.create_client()
    web_service.add_session(kim, "lift_hinge")
    web_service.api.delete(f"/v1/clients/{kim}")
    page = open_page(f"session/{kim}")
    expect(page.get_by_role("heading", name="This page could not be found")).to_be_visible()


@SCREENS
def test_session_screens_are_accessible_and_fit(
    open_page: OpenPage, web_service: WebTestService, size: dict[str, int], scheme: str
):
    kim, robin = web_service.create_client(), web_service.create_client("Robin")
    page = open_page("me", size, scheme)
    clips = [{"analysis": web_service.add_result(kim), "cue": CUE} for _ in range(2)]
    card = web_service.add_session(
        kim, "lift_hinge", *clips, {"skipped": True}, {"analysis": web_service.add_result(kim)}, finished=True
    )
    noted = {"noted": True, "note": "Smooth both ways."}
    look = web_service.add_session(kim, "first_look", clips[0], *[{"skipped": True}] * 4, noted, finished=True)
    web_service.add_session(robin, "lift_hinge", {"analysis": web_service.add_result(robin), "cue": CUE})
    problems = []
    for address in (f"session/{kim}", f"session/{robin}", f"session/{kim}/{card}", f"session/{kim}/{look}"):
        open_address(page, address)
        violations = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
        problems += [f"{address}: {one['id']} {one['nodes'][0]['target']}" for one in violations]
        problems += page.evaluate(OUTSIDE) + (page.evaluate(SMALL) if size is PHONE else [])
    assert problems == []
