"""Clips that another app shares with the installed page: posted to its service worker, then chosen in "New clip"."""

import hashlib
import json
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, FilePayload, Page, expect

from tests.api.web.conftest import OpenSignedIn
from tests.api.web.serving import RunningService, wait_until, wait_until_drawn
from tests.api.web.test_shell import WEB

AXE = Axe()
NOTES: FilePayload = {"name": "notes.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4"}


@pytest.fixture
def context(open_signed_in: OpenSignedIn) -> BrowserContext:
    return open_signed_in(service_workers="allow")


def open_installed(context: BrowserContext) -> Page:
    """Open the page, and wait until its service worker is in charge."""
    page = context.new_page()
    page.goto("/#/clients")
    page.evaluate("navigator.serviceWorker.ready.then(() => null)")
    wait_until(page, "navigator.serviceWorker.controller !== null")
    return page


def read_clip(path: Path) -> FilePayload:
    return {"name": path.name, "mimeType": "video/mp4", "buffer": path.read_bytes()}


def share(page: Page, *files: FilePayload) -> None:
    """Post files as the share sheet does, by the manifest."""
    target = json.loads((WEB / "manifest.webmanifest").read_text())["share_target"]
    page.evaluate(
        """(target) => {
          const form = document.createElement('form');
          Object.assign(form, { action: target.action, method: target.method, enctype: target.enctype, id: 'sheet' });
          const input = document.createElement('input');
          Object.assign(input, { type: 'file', multiple: true, name: target.params.files[0].name });
          form.append(input);
          document.body.append(form);
        }""",
        target,
    )
    page.locator("#sheet input").set_input_files(list(files))
    page.evaluate("document.getElementById('sheet').submit()")
    page.wait_for_url("**/#/*")
    expect(page.get_by_role("heading", level=1)).to_be_visible()


def expect_offer(page: Page, *names: str) -> None:
    expect(page.get_by_role("heading", name="New clip")).to_be_visible()
    expect(
        page.get_by_role("region", name="From another app").locator("li .over-text > span:first-child")
    ).to_have_text(list(names))


def test_a_shared_clip_is_sent_with_its_details(context: BrowserContext, service: RunningService, samples: Path):
    page = open_installed(context)
    share(page, read_clip(samples / "plank.mp4"))
    assert page.evaluate("location.hash") == "#/shared"
    expect_offer(page, "plank.mp4")
    wait_until_drawn(page)
    results = AXE.run(page, options={"resultTypes": ["violations"]})
    assert results.violations_count == 0, results.generate_report()
    page.locator("summary").click()
    page.get_by_label("Movement").select_option("plank")
    page.get_by_role("button", name="Send the clip").click()
    expect(page.get_by_role("heading", name="Looking at the clip")).to_be_visible(timeout=60_000)
    id = page.evaluate("location.hash").rpartition("/")[2]
    with service.open_api("anna") as api:
        status = api.get(f"/v1/analyses/{id}").json()
        assert status["movement"] == "plank"
        assert status["clip"]["sha256"] == hashlib.sha256((samples / "plank.mp4").read_bytes()).hexdigest()
        api.post(f"/v1/analyses/{id}/cancel")
    page.goto("/#/")
    wait_until_drawn(page)
    expect(page.get_by_role("button", name="Send the clip")).to_have_count(0)
    expect(page.get_by_text("Choose a clip")).to_be_visible()


def test_several_shared_files_become_several_clips_and_others_are_refused(
    context: BrowserContext, service: RunningService, samples: Path
):
    page = open_installed(context)
    names = ["plank.mp4", "slump.mp4", "hinge_neutral.mp4"]
    share(page, NOTES, *[read_clip(samples / name) for name in names])
    expect_offer(page, *names)
    expect(page.get_by_role("alert")).to_contain_text("notes.pdf does not look like a video")
    page.get_by_role("button", name="Leave out: slump.mp4").click()
    expect_offer(page, "plank.mp4", "hinge_neutral.mp4")
    sent: list[str] = []
    page.on("request", lambda one: sent.append(one.method) if "/v1/uploads/" in one.url else None)
    with page.expect_request(lambda _: sent.count("PATCH") == 2, timeout=60_000):
        page.get_by_role("button", name="Send 2 clips").click()
    wait_until(page, "(localStorage['analyzer.uploads'] ?? '[]') === '[]'", within_s=60)
    assert sent == ["POST", "PATCH", "POST", "PATCH"]  # one after another
    with service.open_api("anna") as api:
        newest = api.get("/v1/analyses", params={"limit": 2}).json()["items"]
        assert {one["clip"]["name"] for one in newest} == {"plank.mp4", "hinge_neutral.mp4"}
        for one in newest:
            api.post(f"/v1/analyses/{one['id']}/cancel")


def test_files_that_are_no_videos_are_refused(context: BrowserContext):
    page = open_installed(context)
    share(page, NOTES, {"name": "empty.mp4", "mimeType": "video/mp4", "buffer": b""})
    expect(page.get_by_role("alert")).to_contain_text("notes.pdf does not look like a video")
    expect(page.get_by_role("alert")).to_contain_text("empty.mp4 is empty")
    expect(page.get_by_text("Choose a clip")).to_be_visible()
    page.reload()
    expect(page.get_by_role("alert")).to_contain_text("No clip has arrived from the other app")
    page.goto("/#/")
    wait_until_drawn(page)
    expect(page.get_by_role("alert")).to_have_count(0)


def test_a_clip_shared_while_signed_out_waits_for_the_sign_in(
    context: BrowserContext, service: RunningService, samples: Path
):
    page = open_installed(context)
    # On loopback no client is turned away, so the answer of a service with keys is put in its place.
    page.route("**/v1/me", lambda route: route.fulfill(status=401, json={"status": 401, "title": "x", "detail": "x"}))
    share(page, read_clip(samples / "plank.mp4"))
    expect(page.get_by_role("heading", name="Welcome")).to_be_visible()
    page.unroute("**/v1/me")
    page.get_by_label("Key", exact=True).fill(service.create_key("anna"))
    page.get_by_role("button", name="Sign in").click()
    expect_offer(page, "plank.mp4")
    page.goto("about:blank")
    page.goto("/")  # as after a link that signs in
    expect_offer(page, "plank.mp4")


def test_a_clip_shared_before_the_service_worker_runs_is_to_be_chosen_again(
    open_signed_in: OpenSignedIn, samples: Path
):
    page = open_signed_in(service_workers="block").new_page()
    page.goto("/#/clients")
    share(page, read_clip(samples / "plank.mp4"))
    assert page.evaluate("location.hash") == "#/shared"
    expect(page.get_by_role("alert")).to_contain_text("No clip has arrived from the other app. Choose it here instead.")
    expect(page.get_by_text("Choose a clip")).to_be_visible()


def test_a_clip_shared_without_a_network_waits_for_it(context: BrowserContext, service: RunningService, samples: Path):
    page = open_installed(context)
    page.reload()
    wait_until_drawn(page)
    context.set_offline(True)
    share(page, read_clip(samples / "plank.mp4"))
    expect_offer(page, "plank.mp4")
    page.get_by_role("button", name="Send the clip").click()
    expect(page.locator(".status")).to_contain_text("No network right now")
    context.set_offline(False)
    expect(page.get_by_role("heading", name="Looking at the clip")).to_be_visible(timeout=60_000)
    with service.open_api("anna") as api:
        api.post(f"/v1/analyses/{page.evaluate('location.hash').rpartition('/')[2]}/cancel")
