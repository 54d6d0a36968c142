"""The page as an app: manifest, offline use, and no personal data on the phone."""

import json
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.api.web.conftest import DoneAnalyses, OpenSignedIn
from tests.api.web.serving import wait_until, wait_until_drawn

START_BYTES = 180_000  # uncompressed; 174 kB
START_TRANSFER_BYTES = 80_000  # compressed, with 300 bytes of headers each, as browsers count them; 75 kB
WEB = Path(__file__).resolve().parents[3] / "api" / "web"


def test_manifest_icons_have_the_stated_sizes():
    manifest = json.loads((WEB / "manifest.webmanifest").read_text())
    assert (manifest["display"], manifest["start_url"], manifest["scope"]) == ("standalone", "./", "./")
    drawn = [icon for icon in manifest["icons"] if icon["type"] == "image/png"]
    assert {icon["sizes"] for icon in drawn} >= {"192x192", "512x512"}
    assert any(icon.get("purpose") == "maskable" for icon in drawn)
    for icon in drawn:
        with Image.open(WEB / icon["src"]) as image:
            assert f"{image.width}x{image.height}" == icon["sizes"]


def test_page_opens_offline_and_caches_no_personal_data(open_signed_in: OpenSignedIn, done: DoneAnalyses):
    context = open_signed_in(service_workers="allow")
    page = context.new_page()
    page.goto(f"/#/clips/{done.later}")
    expect(page.get_by_role("heading", name="What you can do")).to_be_visible()
    page.evaluate("navigator.serviceWorker.ready.then(() => null)")
    wait_until(page, "caches.keys().then((names) => names.length > 0)")
    page.reload()
    expect(page.get_by_role("heading", name="What you can do")).to_be_visible()
    cached = page.evaluate(
        """caches.keys()
          .then((names) => Promise.all(names.map((name) => caches.open(name).then((store) => store.keys()))))
          .then((all) => all.flat().map((one) => new URL(one.url).pathname))"""
    )
    own = {"/" + path.relative_to(WEB).as_posix() for path in WEB.rglob("*") if path.is_file()}
    assert set(cached) <= own | {"/"}
    assert {"/", "/app.js", "/style.css", "/views/result/result_page.js"} <= set(cached)
    context.set_offline(True)
    page.goto("/#/clips")
    page.reload()
    expect(page.get_by_role("alert")).to_contain_text("cannot be reached")
    context.set_offline(False)
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("heading", name="Clips", exact=True)).to_be_visible()


def test_pending_upload_is_shown_offline(open_signed_in: OpenSignedIn):
    context = open_signed_in(service_workers="allow")
    page = context.new_page()
    page.goto("/#/")
    page.evaluate("navigator.serviceWorker.ready.then(() => null)")
    entry = {"id": "a1", "owner": "anna", "fingerprint": "-", "name": "squat.mp4", "size": 10, "sent": 5, "url": None}
    page.evaluate(
        "(entry) => { localStorage['analyzer.uploads'] = JSON.stringify([{ ...entry, created: Date.now() }]); }", entry
    )
    context.set_offline(True)
    page.reload()
    page.get_by_role("link", name="squat.mp4").click()
    expect(page.get_by_role("heading", name="Sending")).to_be_visible()
    expect(page.locator(".status")).to_contain_text("Pick the same clip again")


def test_service_worker_caches_every_module():
    listed = (WEB / "service_worker.js").read_text()
    modules = [path.relative_to(WEB).as_posix() for path in WEB.rglob("*.js") if path.name != "service_worker.js"]
    assert [path for path in modules if f'"{path}"' not in listed] == []


@pytest.mark.parametrize("path", sorted(WEB.rglob("*.js")), ids=lambda path: path.stem)
def test_modules_are_small_and_described(path: Path):
    lines = path.read_text().splitlines()
    assert len(lines) < 400
    assert lines[0].startswith("/**")
    assert [line for line in lines if len(line) > 170] == []


def test_page_loads_nothing_from_elsewhere_and_builds_no_markup_from_text():
    for path in [*WEB.rglob("*.js"), *WEB.rglob("*.html"), *WEB.rglob("*.css")]:
        text = path.read_text().replace("http://www.w3.org/2000/svg", "")
        for forbidden in (
            "http://",
            "https://",
            "innerHTML",
            "insertAdjacentHTML",
            "eval(",
            "document.write",
            " style=",
            "onclick=",
        ):
            assert forbidden not in text, (path.name, forbidden)


def test_start_page_loads_only_what_it_needs(open_signed_in: OpenSignedIn):
    page = open_signed_in().new_page()
    page.goto("/#/")
    wait_until_drawn(page)
    page.wait_for_load_state("networkidle")
    entries = page.evaluate(
        """['navigation', 'resource'].flatMap((type) => performance.getEntriesByType(type)).map(
          ({ name, decodedBodySize, transferSize }) => [new URL(name).pathname, decodedBodySize, transferSize])"""
    )
    own = [entry for entry in entries if not entry[0].startswith("/v1/")]
    assert 100_000 < sum(size for _, size, _ in own) < START_BYTES
    assert 30_000 < sum(size for _, _, size in own) < START_TRANSFER_BYTES
    on_demand = ("/live", "/camera", "/player", "/marks", "/views/result", "/views/shared_clips", "/views/clip_list")
    assert [path for path, _, _ in own if path.startswith(on_demand)] == []
