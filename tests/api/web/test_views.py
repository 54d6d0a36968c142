"""All views on a phone and a dark desktop: accessible (axe), inside the screen, with targets of a thumb's size."""

import re
from collections.abc import Callable

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.api.web.conftest import PHONE, SCREENS, DoneAnalyses, OpenSignedIn
from tests.api.web.serving import wait_until, wait_until_drawn

AXE = Axe()
LARGEST_BYTES = 150_000


def open_dialog(page: Page, button: str) -> None:
    page.get_by_role("button", name=button).first.click()
    expect(page.get_by_role("dialog")).to_be_visible()


def open_marking(page: Page) -> None:
    page.get_by_role("button", name="Felt here").click()
    page.get_by_role("button", name="Choose from a list").click()
    expect(page.get_by_role("dialog")).to_be_visible()


def open_stage_panel(page: Page, button: str) -> None:
    page.get_by_role("button", name=button, exact=True).click()
    if button.startswith("Add"):
        page.locator(".stage-panel").get_by_role("button", name="Save").click()
        expect(page.locator(".stage-panel").get_by_role("alert")).to_be_visible()  # that it needs a name


def start_session(page: Page) -> None:
    page.get_by_role("button", name="Hip hinge / deadlift, better today").click()
    expect(page.get_by_role("heading", name="Next: First clip")).to_be_visible()


def finish_session(page: Page) -> None:
    """Finish the open session with the client's two hinges as its first and last clip."""
    page.evaluate("""async () => {
      const client = location.hash.split('/').pop();
      const { items } = await fetch(`/v1/analyses?client=${client}&movement=hinge`).then((one) => one.json());
      const m = await import('/sessions/session_store.js');
      const { id } = await m.loadOpenSession(client);
      m.changeStep(id, 'first', { analysis: items[1].id });
      m.changeStep(id, 'again', { analysis: items[0].id });
      await m.setFinished(id, true);
      location.hash = `#/session/${client}/${id}`;
    }""")
    page.get_by_text("What changed").wait_for()
    wait_until_drawn(page)


# name: (address, heading, action after it is shown)
VIEWS: dict[str, tuple[str, str, Callable[[Page], None] | None]] = {
    "sign-in": ("sign-in", "Welcome", None),
    "new clip": ("", "New clip", None),
    "details": ("", "New clip", lambda page: page.get_by_text("Details").first.click()),
    "film": ("film", "Film", lambda page: page.get_by_role("button", name="Start filming").wait_for()),
    "clips": ("clips", "Clips", None),
    "clients": ("clients", "Clients", None),
    "add a client": ("clients", "Clients", lambda page: open_dialog(page, "Add a client")),
    "client": ("clients/{client}", "Kim", None),
    "choose two": ("clients/{client}", "Kim", lambda page: page.get_by_role("button", name="Compare two").click()),
    "plans": ("session/{client}", "Session", None),
    "session": ("session/{client}", "Session", start_session),
    "session card": ("session/{client}", "Session", finish_session),
    "batches": ("batches", "Batches", None),
    "batch": ("batches/{batch}", "Monday group", None),
    "you": ("me", "You", None),
    "result": ("clips/{later}", "Hip hinge", None),
    "movement menu": ("clips/{later}", "Hip hinge", lambda page: open_dialog(page, "Hip hinge")),
    "clip details": ("clips/{later}", "Hip hinge", lambda page: open_dialog(page, "Details")),
    "slump result": ("clips/{slump}", "seated slump", None),
    "change a stage": ("clips/{slump}", "seated slump", lambda page: open_stage_panel(page, "Change Slumped")),
    "add a stage": ("clips/{slump}", "seated slump", lambda page: open_stage_panel(page, "Add one at this moment")),
    "before the test": (
        "clips/{slump}",
        "seated slump",
        lambda page: page.locator("summary", has_text=re.compile("^Before the test")).click(),
    ),
    "mark": ("clips/{later}", "Hip hinge", open_marking),
    "share": ("clips/{later}", "Hip hinge", lambda page: open_dialog(page, "Share")),
    "delete": ("clips/{later}", "Hip hinge", lambda page: open_dialog(page, "Delete")),
    "compare": ("compare/{earlier}/{later}", "Side by side", lambda page: page.get_by_text("What changed").wait_for()),
    "gone": ("clips/ana_00000000000000000000", "could not be found", None),
}

NAVIGATE = "(path) => import('/core/router.js').then(({ navigate }) => { navigate(path); })"

SMALL = """() => [...document.querySelectorAll('button, a, select, input, summary, textarea')].filter((node) => {
  const box = (node.closest('label') ?? node).getBoundingClientRect();
  const small = box.width < 44 || box.height < 44;
  return small && node.checkVisibility() && box.width > 1 && !node.matches('.skip, p a');
}).map((node) => node.outerHTML.slice(0, 120))"""

OUTSIDE = """() => [...document.querySelectorAll('main *, dialog[open] *')].filter((node) => {
  const box = node.getBoundingClientRect();
  const cropped = node.closest('.crop, .visually-hidden, svg, .guide-over, option');
  return !cropped && node.checkVisibility() && box.width > 0 && (box.right > innerWidth + 1 || box.left < -1);
}).map((node) => node.outerHTML.slice(0, 120))"""


@SCREENS
def test_views_are_accessible_and_fit(
    open_signed_in: OpenSignedIn, done: DoneAnalyses, size: dict[str, int], scheme: str
):
    context = open_signed_in(size=size, color_scheme=scheme, permissions=["camera"], reduced_motion="reduce")
    page = context.new_page()
    page.goto("/#/me")
    wait_until_drawn(page)
    problems = []
    for name, (address, heading, act) in VIEWS.items():
        page.evaluate(NAVIGATE, address.format(**vars(done)))
        expect(page.get_by_role("heading", level=1).filter(has_text=heading)).to_be_visible()
        wait_until_drawn(page)
        if act:
            act(page)
        violations = AXE.run(page, options={"resultTypes": ["violations"]}).response["violations"]
        problems += [f"{name}: {one['id']} ({one['impact']}) {one['nodes'][0]['target']}" for one in violations]
        problems += [f"{name}: off the screen: {one}" for one in page.evaluate(OUTSIDE)]
        if size is PHONE:
            problems += [f"{name}: too small for a thumb: {one}" for one in page.evaluate(SMALL)]
    assert problems == []


def test_main_actions_are_in_the_lower_half_of_a_phone(phone: Page, done: DoneAnalyses):
    reach = PHONE["height"] / 2
    for address, name in (
        ("", "Choose a clip"),
        (f"clips/{done.later}", "Play"),
        (f"clips/{done.later}", "Felt here"),
        ("clients", "Add a client"),
    ):
        phone.goto("/#/" + address)
        target = (
            phone.get_by_text(name, exact=True)
            if name == "Choose a clip"
            else phone.get_by_role("button", name=name, exact=True)
        )
        wait_until_drawn(phone)
        target.first.wait_for()
        assert target.first.evaluate("node => node.getBoundingClientRect().y") > reach, name


def test_first_result_page_is_light(open_signed_in: OpenSignedIn, done: DoneAnalyses, record_property):
    page = open_signed_in().new_page()
    page.goto("/#/")
    wait_until_drawn(page)
    page.evaluate("import('/views/clip_page.js').then(() => null)")  # as it is loaded while a clip is sent
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    kinds, sizes = {}, {}
    session.on("Network.responseReceived", lambda one: kinds.update({one["requestId"]: one["response"]["mimeType"]}))
    session.on("Network.loadingFinished", lambda one: sizes.update({one["requestId"]: one["encodedDataLength"]}))
    page.goto(f"/#/clips/{done.later}")
    expect(page.get_by_role("heading", name="What you can do")).to_be_visible()
    wait_until(page, "document.querySelector('video').readyState >= 2")
    page.wait_for_load_state("networkidle")
    weight = sum(size for id, size in sizes.items() if not kinds.get(id, "").startswith("video/"))
    record_property("first_result_page_kb", round(weight / 1000))
    assert 20_000 < weight < LARGEST_BYTES


def test_focus_moves_into_a_new_view_and_back_from_a_sheet(phone: Page, done: DoneAnalyses):
    phone.goto("/#/")
    phone.get_by_role("link", name="Clients").click()
    expect(phone.get_by_role("heading", name="Clients")).to_be_visible()
    expect(phone.locator("main")).to_be_focused()
    expect(phone).to_have_title(re.compile("^Clients"))
    add = phone.get_by_role("button", name="Add a client")
    add.focus()
    phone.keyboard.press("Enter")
    wait_until(phone, "document.activeElement.closest('dialog') !== null")
    phone.keyboard.press("Escape")
    expect(add).to_be_focused()


def test_progress_is_announced_to_screen_readers(phone: Page, samples):
    phone.goto("/#/")
    phone.set_input_files("input[type=file]:not([capture])", samples / "plank.mp4")
    expect(phone.get_by_role("heading", name="Looking at the clip")).to_be_visible(timeout=60_000)
    # Both at one moment: the next stage may begin at any time.
    announced = 'document.querySelector("#live[aria-live=polite]").textContent.trim()'
    shown = 'document.querySelector("p.status")?.innerText.trim()'
    wait_until(phone, f'{announced} !== "" && {announced} === {shown}')
    phone.get_by_role("button", name="Cancel").click()
    phone.get_by_role("dialog").get_by_role("button", name="Stop").click()
    expect(phone.get_by_role("heading", name="You stopped this one.")).to_be_visible()
