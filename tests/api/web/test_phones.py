"""The signed-in phones on the account page, and clips that were never sent completely."""

from pathlib import Path

from playwright.sync_api import Browser, expect

from api.db import owners, sign_ins
from api.db.owners import LOCAL_OWNER
from api.sign_in_lifetime import SignInLifetime
from tests.api.web.serving import wait_until
from tests.api.web.web_service import OpenPage, WebTestService

IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile/15E148 Safari/604.1"
ANDROID = "Mozilla/5.0 (Linux; Android 15; Pixel 8) Chrome/130.0 Mobile Safari/537.36"


def sign_in(web_service: WebTestService, agent: str) -> str:
    with web_service.service.services.database.session() as session:
        owner = owners.get_or_create(session, LOCAL_OWNER)
        return sign_ins.create(session, owner.id, agent, SignInLifetime(7, 90))


def test_a_phone_is_named_and_signed_out(web_service: WebTestService, open_page: OpenPage):
    lost, other = sign_in(web_service, IPHONE), sign_in(web_service, ANDROID)
    page = open_page("me")
    rows = page.locator(".phone")
    expect(rows).to_have_count(2)
    page.get_by_role("button", name="Rename iPhone, Safari").click()
    page.get_by_role("textbox", name="Name").fill("At the rack <b>")
    page.get_by_role("button", name="Save").click()
    expect(rows.filter(has_text="At the rack <b>")).to_have_count(1)
    page.get_by_role("button", name="Sign out At the rack <b>").click()
    page.get_by_role("dialog").get_by_role("button", name="Sign out").click()
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("Android, Chrome")
    with web_service.service.services.database.read_session() as session:
        assert sign_ins.find(session, lost) is None
        assert sign_ins.find(session, other) is not None
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


STORE = """async ([id, days]) => {
  const m = await import('/upload/pending_uploads.js');
  const created = Date.now() - days * 24 * 3600 * 1000;
  if (days !== null) m.savePendingUpload({ id, owner: 'local', name: `${id}.mp4`, size: 3, sent: 0, created });
  return m.storeFile(id, new File(['abc'], `${id}.mp4`));
}"""
STORED = "import('/upload/pending_uploads.js').then(async (m) => (await m.loadStoredFile('{id}')) !== null)"


def test_a_clip_that_was_never_sent_is_deleted_from_the_phone(web_service: WebTestService, open_page: OpenPage):
    page = open_page("me")
    for id, days in (("old", 6), ("new", 4), ("orphan", None)):
        assert page.evaluate(STORE, [id, days])
        assert page.evaluate(STORED.format(id=id))
    page.reload()
    for id in ("old", "orphan"):
        wait_until(page, f"{STORED.format(id=id)}.then((is_stored) => !is_stored)")
    assert page.evaluate(STORED.format(id="new"))
    assert "old" not in page.evaluate("localStorage.getItem('analyzer.uploads')")
    page.goto(f"{web_service.base}/#/")
    expect(page.get_by_role("link", name="new.mp4")).to_be_visible()


def test_notice_page_fits_a_phone(browser: Browser, tmp_path: Path):
    from api.network.certificate_notice import build_notice_page

    file = tmp_path / "notice.html"
    file.write_bytes(build_notice_page("https://192.168.178.105:8000"))
    page = browser.new_page(viewport={"width": 360, "height": 740})
    page.goto(file.as_uri())
    expect(page.get_by_role("link")).to_have_attribute("href", "https://192.168.178.105:8000")
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    page.close()
