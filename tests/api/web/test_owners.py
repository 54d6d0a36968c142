"""Signing in and out, and the separation of owners."""

from pathlib import Path
from uuid import uuid4

from playwright.sync_api import Browser, expect

from tests.api.web.conftest import PHONE, DoneAnalyses, OpenSignedIn
from tests.api.web.serving import RunningService, wait_until


def test_other_owner_sees_nothing(open_signed_in: OpenSignedIn, done: DoneAnalyses):
    page = open_signed_in("ben").new_page()
    page.goto("/#/clips")
    expect(page.get_by_text("No clips yet")).to_be_visible()
    page.goto("/#/clients")
    expect(page.get_by_text("No clients yet")).to_be_visible()
    for address in (f"clips/{done.later}", f"clients/{done.client}", f"compare/{done.earlier}/{done.later}"):
        page.goto(f"/#/{address}")
        expect(page.get_by_role("heading", name="This page could not be found")).to_be_visible()
    for part in ("result", "overlay", "clip", "thumb", "report", "marks"):
        assert page.evaluate(f"fetch('/v1/analyses/{done.later}/{part}').then((one) => one.status)") == 404


def test_pending_upload_is_hidden_from_the_next_owner_on_the_phone(
    open_signed_in: OpenSignedIn, service: RunningService, samples: Path
):
    context = open_signed_in("anna")
    page = context.new_page()
    page.route(
        "**/v1/uploads/*",
        lambda route: route.abort("internetdisconnected") if route.request.method == "PATCH" else route.continue_(),
    )
    page.goto("/#/")
    page.set_input_files("input[type=file]:not([capture])", samples / "plank.mp4")
    expect(page.locator(".status")).to_contain_text("No network right now")
    context.clear_cookies()
    page.goto(service.create_pairing_url("ben"))
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="New clip")).to_be_visible()
    expect(page.get_by_text("plank.mp4")).to_have_count(0)


def test_sign_in_by_key_and_sign_out(browser: Browser, service: RunningService, done: DoneAnalyses):
    context = browser.new_context(viewport=PHONE, service_workers="block", base_url=service.base)
    page = context.new_page()
    page.goto("/#/sign-in")
    page.get_by_label("Key", exact=True).fill("mak_unknown_key")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("not recognised")
    page.get_by_label("Key", exact=True).fill(service.create_key("anna"))
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="New clip")).to_be_visible()
    page.get_by_role("link", name="Clips").click()
    expect(page.get_by_role("link", name="Hip hinge").first).to_be_visible()
    [cookie] = context.cookies()
    assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Strict")
    page.get_by_role("link", name="You", exact=True).click()
    expect(page.get_by_text("anna")).to_be_visible()
    page.get_by_role("button", name="Sign out", exact=True).click()
    expect(page.get_by_role("heading", name="Welcome")).to_be_visible()
    assert context.cookies() == []
    context.close()


def test_sign_out_stops_uploads(open_signed_in: OpenSignedIn, samples: Path):
    page = open_signed_in("anna").new_page()
    held, dropped = [], []

    def hold(route) -> None:
        if route.request.method == "PATCH":
            held.append(route)  # and never answer
            return
        if route.request.method == "DELETE":
            dropped.append(route.request.url)
        route.continue_()

    page.route("**/v1/uploads/*", hold)
    page.goto("/#/")
    page.set_input_files("input[type=file]:not([capture])", samples / "plank.mp4")
    expect(page.get_by_role("heading", name="Sending")).to_be_visible()
    wait_until(page, "JSON.parse(localStorage['analyzer.uploads'])[0].url")
    page.get_by_role("link", name="You", exact=True).click()
    page.get_by_role("button", name="Sign out", exact=True).click()
    with page.expect_event("requestfailed", lambda request: request.method == "PATCH"):
        page.get_by_role("dialog").get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Welcome")).to_be_visible()
    wait_until(page, "localStorage['analyzer.uploads'] === '[]'")
    assert [route.request.url for route in held] == dropped


def test_sign_out_asks_before_deleting_notes_that_were_not_sent(open_signed_in: OpenSignedIn):
    page = open_signed_in("cleo").new_page()
    page.goto("/#/me")
    page.route("**/v1/sessions/*", lambda route: route.abort("internetdisconnected"))
    page.evaluate("""async () => {
      const { queueChange } = await import('/sessions/session_changes.js');
      const steps = { first: { note: 'Smooth.' } };
      for (const owner of ['cleo', 'dora']) queueChange(owner, `ses_${owner}`, { steps });
    }""")
    page.get_by_role("button", name="Sign out", exact=True).click()
    sheet = page.get_by_role("dialog")
    expect(sheet).to_contain_text("has not been sent yet")
    sheet.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Welcome")).to_be_visible()
    wait_until(page, "JSON.parse(localStorage['analyzer.session_changes']).map(({ owner }) => owner)[0] === 'dora'")


def test_sessions_are_there_after_signing_out_and_in(open_signed_in: OpenSignedIn, service: RunningService):
    with service.open_api("cleo") as api:
        client = api.post("/v1/clients", json={"name": f"Kim {uuid4().hex[:8]}"}).json()["id"]
        api.post("/v1/sessions", json={"client": client, "plan": "lift_hinge"})
    page = open_signed_in("cleo").new_page()
    page.goto(f"/#/session/{client}")
    page.get_by_role("button", name="Skip this step").click()
    expect(page.get_by_role("heading", name="Next: Try 1")).to_be_visible()
    page.goto("/#/me")
    page.get_by_role("button", name="Sign out", exact=True).click()
    expect(page.get_by_role("heading", name="Welcome")).to_be_visible()
    other_phone = open_signed_in("cleo").new_page()
    other_phone.goto(f"/#/session/{client}")
    expect(other_phone.get_by_role("heading", name="Next: Try 1")).to_be_visible()
    stranger = open_signed_in("ben").new_page()
    stranger.goto(f"/#/session/{client}")
    expect(stranger.get_by_role("heading", name="This page could not be found")).to_be_visible()


def test_expired_sign_in_asks_for_the_key_and_returns_to_the_page(
    open_signed_in: OpenSignedIn, service: RunningService, done: DoneAnalyses
):
    page = open_signed_in("anna").new_page()
    # On loopback no client is turned away, so the answer of a service with keys is put in its place.
    refuse = {
        "status": 401,
        "content_type": "application/problem+json",
        "body": '{"status": 401, "title": "x", "detail": "x"}',
    }
    page.route("**/v1/me", lambda route: route.fulfill(**refuse))
    page.goto(f"/#/clients/{done.client}")
    expect(page.get_by_role("heading", name="Welcome")).to_be_visible()
    page.unroute("**/v1/me")
    page.get_by_label("Key", exact=True).fill(service.create_key("anna"))
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Kim")).to_be_visible()
