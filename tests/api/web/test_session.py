"""A session: its steps, the clips sent from it, its card, from results made by hand and in a real browser."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, expect

from analyzer.coaching.language import check
from analyzer.movements.registry import movements
from analyzer.result import Analysis, Finding
from tests.api.service import Service, tiny_clip
from tests.api.web.conftest import DESK, PHONE, Signed
from tests.api.web.serving import drawn, in_this_process, until
from tests.api.web.test_views import OUTSIDE, SMALL
from tests.compare.results import rep, result

CHOOSE = "input[type=file]:not([capture])"
CUE = "Reach your back pockets to the wall."
HINGE, SQUAT, LOOK = "Hip hinge, better today", "Squat, better today", "A first look"

NUMBERS = count()

CARRIED_ON = "import('/sessions.js').then((m) => m.goingOn('local', '{client}'))"


def clip_of(movement: str, can: str, *, folded_deg: float = 80.0, level: int | None = None) -> Analysis:
    """Three reps of a movement; `folded_deg` at the bottom; `level`: what was felt, where that was told."""
    reps = [
        rep(i).model_copy(update={"measures": {"trunk_thigh_deg": folded_deg + d, "trunk_deg": 60.0}})
        for i, d in ((1, -1), (2, 0), (3, 1))
    ]
    measures = {} if level is None else {"reported": [{"rep": 1, "level": level, "light": "go"}]}
    said = [
        Finding(id="general.can", kind="can", text=can),
        Finding(id="general.next", kind="next", text=f"Next, said of {movement}.", cue=CUE, try_="Light kettlebell."),
    ]
    name = f"{next(NUMBERS)}.mp4"  # clips of one name and content would be the same clip
    return result(*reps, name=name, movement=movement, measures=measures).model_copy(update={"findings": said})


@dataclass(frozen=True)
class Gym:
    """A service in this process and what a test puts into it."""

    service: Service
    base: str
    clip: Path
    api: httpx.Client

    def client(self, name: str = "Kim") -> str:
        return self.api.post("/v1/clients", json={"name": name}).json()["id"]

    def sent(self, client: str, movement: str = "hinge") -> str:
        files = {"clip": ("a.mp4", self.clip.read_bytes())}
        return self.api.post("/v1/analyses", files=files, data={"client": client, "movement": movement}).json()["id"]

    def done(self, client: str, movement: str = "hinge", can: str = "You hinged well.", **given) -> str:
        id = self.sent(client, movement)
        self.service.finish(id, clip_of(movement, can, **given))
        return id

    def newest(self, client: str) -> dict:
        return self.api.get("/v1/analyses", params={"client": client, "limit": 1}).json()["items"][0]


@pytest.fixture(scope="module")
def gym(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gym]:
    folder = tmp_path_factory.mktemp("gym")
    with in_this_process(folder) as (service, base), httpx.Client(base_url=base, timeout=60) as api:
        yield Gym(service, base, tiny_clip(folder / "hinge.mp4"), api)


Opened = Callable[..., Page]


@pytest.fixture
def opened(browser: Browser, gym: Gym) -> Iterator[Opened]:
    """Open an address in a browser of its own; what it complains of fails the test."""
    contexts, complaints = [], []

    def open_page(address: str, size: dict[str, int] = PHONE, scheme: str = "light") -> Page:
        touch = {"is_mobile": True, "has_touch": True} if size is PHONE else {}
        context = browser.new_context(
            viewport=size, color_scheme=scheme, service_workers="block", base_url=gym.base, locale="en-GB",
            timezone_id="UTC", reduced_motion="reduce", **touch,
            permissions=["camera", "clipboard-read", "clipboard-write"],
        )  # fmt: skip
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda message: complaints.append(message.text) if "Security" in message.text else None)
        page.goto(f"/#/{address}")
        drawn(page)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


def put_in(page: Page, client: str, plan: str, *steps: dict, finished: bool = False) -> str:
    """Begin a session behind the page's back, with what its first steps hold; gives its id."""
    return page.evaluate(
        """async ([client, plan, steps, finished]) => {
          const m = await import('/sessions.js');
          const { planNamed } = await import('/plans.js');
          const { id } = m.begin('local', client, planNamed(plan));
          steps.forEach((fields, index) => m.changeStep(id, index, fields));
          if (finished) m.finish(id);
          return id;
        }""",
        [client, plan, steps, finished],
    )


def shown(page: Page, address: str) -> Page:
    page.evaluate("(path) => import('/router.js').then(({ go }) => { go(path); })", address)
    drawn(page)
    return page


def step(page: Page, title: str) -> Locator:
    return page.locator(".step").filter(has=page.locator("strong", has_text=re.compile(f"^{title}$")))


def test_from_the_client_through_the_steps_to_the_card(opened: Opened, gym: Gym):
    kim = gym.client()
    page = opened(f"clients/{kim}")
    page.get_by_role("link", name="Session").click()
    expect(page.get_by_role("heading", name="What is it today?")).to_be_visible()
    expect(page.get_by_role("button", name=HINGE)).to_contain_text("about 25 min")
    page.get_by_role("button", name=HINGE).click()

    expect(page.get_by_role("heading", name="Next: First clip")).to_be_visible()
    expect(page.get_by_text("Kim · Hip hinge, better today")).to_be_visible()
    page.get_by_label("Load in kg").fill("twenty")
    page.set_input_files(CHOOSE, gym.clip)
    expect(page.get_by_role("alert")).to_contain_text("number in kilograms")
    page.get_by_label("Load in kg").fill("20")
    page.set_input_files(CHOOSE, gym.clip)
    expect(page.get_by_role("heading", name="Next: Try 1")).to_be_visible()
    expect(step(page, "First clip")).to_contain_text("waiting")
    first = gym.newest(kim)
    assert (first["movement"], first["client"], first["note"], first["load_kg"]) == ("hinge", kim, "First clip", 20)

    # What is being typed stays while the clip becomes ready; its own cue is offered.
    expect(page.get_by_label("Load in kg")).to_have_value("20")
    page.get_by_label("Cue", exact=True).fill("Push the")
    gym.service.finish(first["id"], clip_of("hinge", "You kept your shape.", folded_deg=80))
    expect(step(page, "First clip")).to_contain_text("ready")
    expect(page.get_by_label("Cue", exact=True)).to_be_focused()
    expect(page.get_by_label("Cue", exact=True)).to_have_value("Push the")
    page.get_by_role("button", name=f"Take the cue “{CUE}”").click()
    expect(page.get_by_label("Cue", exact=True)).to_have_value(CUE)
    page.set_input_files(CHOOSE, gym.clip)
    expect(page.get_by_role("heading", name="Next: Try 2")).to_be_visible()
    assert gym.newest(kim)["note"] == f"Try 1: “{CUE}”"
    gym.service.finish(gym.newest(kim)["id"], clip_of("hinge", "You kept your shape.", folded_deg=85))
    expect(step(page, "Try 1")).to_contain_text(CUE)

    page.get_by_role("button", name="Skip this step").click()
    expect(page.get_by_role("heading", name="Next: The same again")).to_be_focused()
    expect(step(page, "Try 2")).to_contain_text("skipped")
    page.set_input_files(CHOOSE, gym.clip)
    expect(page.get_by_role("heading", name="All steps are through")).to_be_visible()
    again = gym.newest(kim)
    page.get_by_role("button", name="See the card").click()

    expect(page.get_by_text("1 clip is still being looked at")).to_be_visible()
    gym.service.finish(again["id"], clip_of("hinge", "You folded all the way.", folded_deg=110))
    expect(page.get_by_role("region", name="What you can do")).to_contain_text("You folded all the way.")
    changed = page.get_by_role("region", name="What changed")
    expect(changed).to_contain_text("From A, “First clip”, to B, “The same again”")
    expect(changed).to_contain_text("30 degrees")
    thing = page.get_by_role("region", name="One thing to try")
    expect(thing).to_contain_text(CUE)
    expect(thing).to_contain_text("Next step: Light kettlebell.")
    assert page.locator(".clip-row").count() == 3
    expect(page.get_by_text("still being looked at")).to_have_count(0)
    expect(page.get_by_role("link", name="Side by side")).to_have_attribute(
        "href", f"#/compare/{first['id']}/{again['id']}"
    )
    text = page.locator("main").inner_text()
    assert [str(hit) for hit in check(text)] == []

    page.reload()
    expect(page.get_by_role("region", name="What changed")).to_contain_text("30 degrees")
    shown(page, f"session/{kim}")
    page.get_by_role("link", name=HINGE).click()
    expect(page.get_by_role("region", name="What you can do")).to_be_visible()


def test_it_is_filmed_inside_the_page_and_comes_back(opened: Opened, gym: Gym):
    kim = gym.client()
    page = opened(f"session/{kim}")
    page.get_by_role("button", name=SQUAT).click()
    page.get_by_role("link", name="Film").click()
    page.reload()  # a phone that reloads the page still knows what is filmed
    page.get_by_role("button", name="Start filming").click()
    page.wait_for_timeout(1500)
    page.get_by_role("button", name="Stop").click()
    page.get_by_role("button", name="Use this clip").click()
    expect(page.get_by_role("heading", name="Next: Try 1")).to_be_visible(timeout=20_000)
    sent = gym.newest(kim)
    assert (sent["movement"], sent["note"]) == ("squat", "First clip")


def test_a_step_is_done_again_or_left_as_it_is(opened: Opened, gym: Gym):
    kim = gym.client()
    page = opened("me")
    clip = gym.done(kim)
    put_in(page, kim, "lift_hinge", {"analysis": clip}, {"skipped": True})
    shown(page, f"session/{kim}")
    page.get_by_role("button", name="Do again: First clip").click()
    expect(page.get_by_role("heading", name="Next: First clip")).to_be_focused()
    page.get_by_role("button", name="Leave it as it is").click()
    expect(page.get_by_role("heading", name="Next: Try 2")).to_be_visible()
    page.get_by_role("button", name="Do it now: Try 1").click()
    expect(page.get_by_role("heading", name="Next: Try 1")).to_be_visible()
    page.get_by_role("button", name="Skip this step").click()
    page.get_by_role("button", name="Do again: First clip").click()
    page.set_input_files(CHOOSE, gym.clip)
    expect(page.get_by_role("heading", name="Next: Try 2")).to_be_visible()
    kept = page.evaluate(CARRIED_ON.format(client=kim))["steps"][0]
    assert kept["analysis"] == gym.newest(kim)["id"] != clip


def test_a_clip_that_was_deleted_or_not_read_leaves_its_step_open(opened: Opened, gym: Gym):
    kim = gym.client()
    page = opened("me")
    clips = [gym.done(kim) for _ in range(2)]
    put_in(page, kim, "lift_hinge", *({"analysis": clip} for clip in clips))
    shown(page, f"session/{kim}")
    expect(page.get_by_role("heading", name="Next: Try 2")).to_be_visible()
    assert gym.api.delete(f"/v1/analyses/{clips[0]}").status_code == 204
    page.reload()
    expect(page.get_by_role("heading", name="Next: First clip")).to_be_visible()
    expect(step(page, "First clip")).to_contain_text("not filmed")
    expect(page.get_by_role("alert")).to_have_count(0)
    waiting = gym.sent(kim)
    gym.api.post(f"/v1/analyses/{waiting}/cancel")
    session = page.evaluate(CARRIED_ON.format(client=kim))["id"]
    page.evaluate(f"import('/sessions.js').then((m) => m.changeStep('{session}', 0, {{ analysis: '{waiting}' }}))")
    page.reload()
    expect(page.get_by_role("heading", name="Next: First clip")).to_be_visible()


def test_a_reload_keeps_the_session_and_what_was_typed(opened: Opened, gym: Gym):
    kim = gym.client()
    page = opened("me")
    put_in(page, kim, "lift_squat", {"analysis": gym.done(kim, "squat")})
    shown(page, f"clients/{kim}")
    page.get_by_role("link", name="Go on with the session").click()
    page.get_by_label("Cue", exact=True).fill("Spread the floor.")
    page.reload()
    expect(page.get_by_role("heading", name="Next: Try 1")).to_be_visible()
    expect(page.get_by_label("Cue", exact=True)).to_have_value("Spread the floor.")


def test_minutes_are_told_and_after_hours_when_it_began(opened: Opened, gym: Gym):
    kim = gym.client()
    page = opened("me")
    session = put_in(page, kim, "lift_hinge")
    for minutes, told in (
        (0, "about 25 minutes"),
        (12, "12 of about 25 minutes"),
        (34, "34 minutes so far"),
        (600, "Begun: "),
    ):
        page.evaluate(
            f"import('/sessions.js').then((m) => m.changeSession('{session}', "
            f"{{ started: Date.now() - {minutes} * 60000 }}))"
        )
        page.evaluate("import('/router.js').then(({ go }) => { go('me'); })")
        shown(page, f"session/{kim}")
        expect(page.get_by_text(told)).to_be_visible()


def test_an_upload_that_is_stopped_leaves_its_step_open(opened: Opened, gym: Gym):
    kim = gym.client()
    page = opened(f"session/{kim}")
    page.route(
        "**/v1/uploads/*",
        lambda route: route.abort("internetdisconnected") if route.request.method == "PATCH" else route.continue_(),
    )
    page.get_by_role("button", name=HINGE).click()
    page.set_input_files(CHOOSE, gym.clip)
    expect(page.get_by_role("heading", name="Sending")).to_be_visible()
    shown(page, f"session/{kim}")
    expect(step(page, "First clip")).to_contain_text("on its way")
    page.get_by_role("link", name="First clip").click()
    page.get_by_role("button", name="Stop sending").click()
    page.get_by_role("dialog").get_by_role("button", name="Stop sending").click()
    expect(page.get_by_role("heading", name="Next: First clip")).to_be_visible()
    page.get_by_role("button", name="Stop this session").click()
    expect(page.get_by_role("heading", name="What is it today?")).to_be_visible()


def test_a_first_look_lists_what_they_can_do_and_what_the_coach_noted(opened: Opened, gym: Gym):
    kim = gym.client()
    page = opened("me")
    clips = [{"analysis": gym.done(kim, name, f"You can do the {name}.")} for name in ("hinge", "squat", "toe_touch")]
    put_in(page, kim, "first_look", *clips, {"skipped": True}, {"skipped": True})
    shown(page, f"session/{kim}")
    expect(page.get_by_role("heading", name="Next: Rolls")).to_be_visible()
    expect(page.locator(CHOOSE)).to_have_count(0)
    page.get_by_role("button", name="Save and go on").click()
    expect(page.get_by_role("alert")).to_contain_text("Write a line first")
    page.get_by_label("What they can do").fill("Rolls both ways, smooth.")
    page.get_by_role("button", name="Save and go on").click()
    expect(page.get_by_role("heading", name="Next: Twists")).to_be_visible()
    expect(step(page, "Rolls")).to_contain_text("Rolls both ways, smooth.")
    page.get_by_role("button", name="Finish here and see the card").click()
    can = page.get_by_role("region", name="What you can do")
    expect(can.get_by_role("listitem")).to_have_count(3)
    expect(can).to_contain_text("Hip hinge: You can do the hinge.")
    expect(page.get_by_role("region", name="Noted by the coach")).to_contain_text("Rolls: Rolls both ways, smooth.")
    expect(page.get_by_role("region", name="What changed")).to_have_count(0)
    expect(page.locator(".cue")).to_have_count(1)
    page.get_by_role("button", name="Go on with this session").click()
    expect(page.get_by_role("heading", name="Next: Twists")).to_be_visible()


def test_the_card_says_which_try_felt_better_and_what_stayed_the_same(opened: Opened, gym: Gym):
    kim = gym.client()
    page = opened("me")
    levels = (4, 3, 1)
    steps = [{"analysis": gym.done(kim, level=level)} for level in levels] + [{"analysis": gym.done(kim)}]
    id = put_in(page, kim, "lift_hinge", *steps, finished=True)
    changed = shown(page, f"session/{kim}/{id}").get_by_role("region", name="What changed")
    expect(changed).to_contain_text("consistent")
    expect(changed).to_contain_text("Try 2 felt better: up to 1 of 10, and up to 4 of 10 in “First clip”.")


def test_without_the_last_clip_the_latest_try_is_put_beside_the_first_with_its_cue(opened: Opened, gym: Gym):
    kim = gym.client()
    page = opened("me")
    steps = {"analysis": gym.done(kim)}, {"analysis": gym.done(kim), "cue": CUE}
    id = put_in(page, kim, "lift_hinge", *steps, finished=True)
    changed = shown(page, f"session/{kim}/{id}").get_by_role("region", name="What changed")
    expect(changed).to_contain_text("From A, “First clip”, to B, “Try 1”")
    expect(changed).to_contain_text("with the cue and without it")


def test_the_card_prints_without_the_page_around_it_and_is_shared_as_text(opened: Opened, gym: Gym):
    kim = gym.client()
    page = opened("me")
    id = put_in(page, kim, "lift_hinge", {"analysis": gym.done(kim)}, finished=True)
    shown(page, f"session/{kim}/{id}")
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


def test_to_speak_to_a_clinician_comes_before_any_cue(opened: Opened, gym: Gym):
    kim = gym.client()
    page = opened("me")
    referred = clip_of("squat", "You can squat.")
    told = "Please speak to your GP first."
    referred.findings[1] = Finding(id="clinician.soon", kind="next", text=told)
    squat = gym.sent(kim, "squat")
    gym.service.finish(squat, referred)
    steps = {"analysis": gym.done(kim)}, {"analysis": squat}
    id = put_in(page, kim, "first_look", *steps, finished=True)
    shown(page, f"session/{kim}/{id}")
    expect(page.get_by_role("region", name="One thing to try")).to_contain_text(told)
    expect(page.locator(".cue")).to_have_count(0)


def test_a_handful_of_finished_ones_is_kept_and_others_see_none(opened: Opened, gym: Gym):
    kim, robin = gym.client(), gym.client("Robin")
    page = opened("me")
    for _ in range(7):
        gone = put_in(page, kim, "lift_hinge", {"skipped": True}, finished=True)
    kept = page.evaluate(f"import('/sessions.js').then((m) => m.finishedOf('local', '{kim}').length)")
    assert kept == 5
    assert page.evaluate(f"import('/sessions.js').then((m) => m.finishedOf('ben', '{kim}').length)") == 0
    shown(page, f"session/{robin}")
    expect(page.get_by_role("heading", name="What is it today?")).to_be_visible()
    expect(page.get_by_role("heading", name="Earlier sessions")).to_have_count(0)
    shown(page, f"session/{robin}/{gone}")
    expect(page.get_by_role("alert")).to_contain_text("not on this phone")


def test_a_lost_store_and_a_plan_of_another_version_begin_anew(opened: Opened, gym: Gym):
    kim = gym.client()
    page = opened("me")
    put_in(page, kim, "lift_hinge", {"analysis": gym.done(kim)})
    page.evaluate("""() => {
      const all = JSON.parse(localStorage["analyzer.sessions"]);
      all[0].steps.pop();
      localStorage["analyzer.sessions"] = JSON.stringify(all);
    }""")
    shown(page, f"session/{kim}")
    expect(page.get_by_role("heading", name="What is it today?")).to_be_visible()
    page.evaluate("localStorage['analyzer.sessions'] = '{'")
    page.reload()
    expect(page.get_by_role("heading", name="What is it today?")).to_be_visible()


def test_without_a_network_it_says_so(opened: Opened, gym: Gym):
    kim = gym.client()
    page = opened(f"session/{kim}")
    page.route("**/v1/clients/*", lambda route: route.abort())
    page.reload()
    expect(page.get_by_role("alert")).to_contain_text("cannot be reached")


def test_a_deleted_client_takes_their_sessions_along(opened: Opened, gym: Gym):
    kim = gym.client()
    page = opened("me")
    put_in(page, kim, "lift_hinge")
    gym.api.delete(f"/v1/clients/{kim}")
    shown(page, f"session/{kim}")
    expect(page.get_by_role("heading", name="This page is not here.")).to_be_visible()
    assert page.evaluate("localStorage['analyzer.sessions']") == "[]"


def test_signing_out_asks_and_drops_what_this_phone_alone_keeps(signed_in: Signed):
    page = signed_in("cleo").new_page()
    page.goto("/#/me")
    page.evaluate("""Promise.all([import('/sessions.js'), import('/plans.js')]).then(([m, { PLANS }]) => {
      m.begin('cleo', 'cli_1', PLANS[0]);
      m.begin('dora', 'cli_2', PLANS[0]);
    })""")
    page.get_by_role("button", name="Sign out").click()
    sheet = page.get_by_role("dialog")
    expect(sheet).to_contain_text("on this phone alone")
    sheet.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Welcome")).to_be_visible()
    until(page, "JSON.parse(localStorage['analyzer.sessions']).length === 1")


def test_the_plans_name_movements_that_there_are_and_take_half_an_hour_at_most(opened: Opened):
    page = opened("me")
    plans = page.evaluate("import('/plans.js').then((m) => m.PLANS)")
    said = page.evaluate("import('/words.js').then(({ words: { session } }) => JSON.stringify(session))")
    said = json.loads(said)
    steps = [one for plan in plans for one in plan["steps"]]
    assert {one["movement"] for one in steps} - {None} <= set(movements())
    assert {one["name"] for one in steps} == set(said["steps"])
    assert {plan["name"] for plan in plans} == set(said["plans"])
    assert max(plan["minutes"] for plan in plans) <= 30
    assert {one["name"] for one in steps if one["movement"] is None} == {"roll", "twist"}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_every_screen_is_accessible_and_fits(opened: Opened, gym: Gym, size: dict[str, int], scheme: str):
    kim, robin = gym.client(), gym.client("Robin")
    page = opened("me", size, scheme)
    clips = [{"analysis": gym.done(kim), "cue": CUE} for _ in range(2)]
    card = put_in(page, kim, "lift_hinge", *clips, {"skipped": True}, {"analysis": gym.done(kim)}, finished=True)
    noted = {"noted": True, "note": "Smooth both ways."}
    look = put_in(page, kim, "first_look", clips[0], *[{"skipped": True}] * 4, noted, finished=True)
    put_in(page, robin, "lift_hinge", clips[0])
    told = []
    for address in (f"session/{kim}", f"session/{robin}", f"session/{kim}/{card}", f"session/{kim}/{look}"):
        shown(page, address)
        found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
        told += [f"{address}: {one['id']} {one['nodes'][0]['target']}" for one in found]
        told += page.evaluate(OUTSIDE) + (page.evaluate(SMALL) if size is PHONE else [])
    assert told == []
