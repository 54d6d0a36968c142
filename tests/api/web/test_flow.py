"""One clip on a phone from upload to deletion: chosen or filmed, refused, cancelled, shared, in a batch."""

import io
import re
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, expect

from tests.api.service import tiny_clip
from tests.api.web.conftest import DoneAnalyses, OpenSignedIn
from tests.api.web.serving import RunningService, record_texts
from tests.cut_clips import cut_piece

LONG_MS = 240_000  # an analysis on a machine that is busy with other tests


def test_clip_is_chosen_uploaded_followed_and_shown(phone: Page, samples: Path, tmp_path: Path):
    clip = cut_piece(samples / "hinge_neutral.mp4", tmp_path / "hinge.mp4", 4.2)  # the first of its reps
    phone.goto("/#/")
    phone.get_by_text("Details").first.click()
    phone.get_by_label("Client", exact=True).select_option(label="New client…")
    phone.get_by_label("Name of the new client").fill("Robin")
    phone.get_by_label("Load in kg").fill("12,5")
    phone.get_by_label("Note").fill("first time")
    phone.set_input_files("input[type=file]:not([capture])", clip)
    expect(phone.get_by_role("heading", name="Looking at the clip")).to_be_visible(timeout=60_000)
    expect(phone.locator(".status")).not_to_have_text("")
    expect(phone.get_by_text(re.compile(r"^\d+ of \d+"))).to_be_visible(timeout=LONG_MS)
    expect(phone.get_by_role("heading", name="Hip hinge")).to_be_visible(timeout=LONG_MS)
    expect(phone.get_by_role("heading", name="What you can do")).to_be_visible()
    phone.get_by_text("About this clip").click()
    expect(phone.get_by_text("12.5 kg", exact=True)).to_be_visible()
    phone.goto("/#/clients")
    phone.get_by_role("link", name="Robin").click()
    expect(phone.locator(".clip-row").get_by_role("link", name="Hip hinge")).to_be_visible()
    expect(phone.get_by_role("region", name="What you can train")).to_contain_text("12.5 kg")
    expect(phone.get_by_role("heading", name="Today")).to_be_visible()


def test_invalid_load_is_reported_before_filming(phone: Page):
    phone.goto("/#/")
    phone.get_by_text("Details").first.click()
    phone.get_by_label("Load in kg").fill("12 kg")
    phone.get_by_role("link", name="Film").click()
    expect(phone.get_by_role("alert")).to_contain_text("number in kilograms")
    expect(phone.get_by_role("heading", name="New clip")).to_be_visible()


def test_share_link_opens_without_sign_in_until_revoked(phone: Page, done: DoneAnalyses, browser):
    phone.goto(f"/#/clips/{done.later}")
    phone.get_by_role("button", name="Share").click()
    sheet = phone.get_by_role("dialog", name="Share with the client")
    expect(sheet).to_contain_text("sentences may state measured values")
    sheet.get_by_role("button", name="Create a link").click()
    expect(sheet.get_by_text("Opens until").first).to_be_visible()
    expect(sheet.get_by_label("Link", exact=True)).to_have_value(re.compile("^http"))
    link = sheet.get_by_label("Link", exact=True).input_value()
    stranger = browser.new_context().new_page()
    assert stranger.goto(link).status == 200
    expect(stranger.get_by_role("heading", name="What you can do")).to_be_visible()
    sheet.get_by_role("button", name="Revoke").click()
    expect(sheet.get_by_role("button", name="Revoke")).to_have_count(0)
    assert stranger.goto(link).status == 404
    stranger.context.close()


def test_deleting_asks_first(phone: Page, service: RunningService, samples: Path, tmp_path: Path):
    with service.open_api("anna") as api:
        id = service.wait_for_result(
            api, service.send_clip(api, cut_piece(samples / "plank.mp4", tmp_path / "short.mp4", 1.2), movement="plank")
        )
    phone.goto(f"/#/clips/{id}")
    phone.get_by_role("button", name="Delete").click()
    phone.get_by_role("dialog").get_by_role("button", name="Keep it").click()
    phone.get_by_role("button", name="Delete").click()
    phone.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(phone.get_by_role("heading", name="Clips", exact=True)).to_be_visible()
    with service.open_api("anna") as api:
        assert api.get(f"/v1/analyses/{id}").status_code == 404


def test_unreadable_clip_is_explained(phone: Page, tmp_path: Path):
    text = tmp_path / "notes.mp4"
    text.write_text("ffconcat version 1.0\nfile /etc/passwd\n")
    phone.goto("/#/")
    phone.set_input_files("input[type=file]:not([capture])", text)
    alert = phone.get_by_role("alert")
    expect(alert).to_contain_text("notes.mp4")
    expect(alert).not_to_contain_text("passwd")
    phone.get_by_role("button", name="Stop sending").click()
    phone.get_by_role("dialog").get_by_role("button", name="Stop sending").click()
    expect(phone.get_by_role("heading", name="New clip")).to_be_visible()
    expect(phone.get_by_text("Still sending")).to_have_count(0)


def test_picture_is_refused_at_once(phone: Page):
    phone.goto("/#/")
    phone.set_input_files(
        "input[type=file]:not([capture])", {"name": "me.jpg", "mimeType": "image/jpeg", "buffer": b"x"}
    )
    expect(phone.get_by_role("alert")).to_contain_text("does not look like a video")


def test_still_gif_is_refused_by_the_service(phone: Page):
    still = io.BytesIO()
    Image.new("L", (8, 8)).save(still, "GIF")
    phone.goto("/#/")
    choose = phone.locator("input[type=file]:not([capture])")
    expect(choose).to_have_attribute("accept", "video/*,image/gif")
    choose.set_input_files({"name": "me.gif", "mimeType": "image/gif", "buffer": still.getvalue()})
    expect(phone.get_by_role("alert")).to_contain_text("me.gif: is a picture, not a video")


def test_analysis_can_be_cancelled(phone: Page, service: RunningService, samples: Path):
    with service.open_api("anna") as api:
        id = service.send_clip(api, samples / "plank.mp4")
    phone.goto(f"/#/clips/{id}")
    phone.get_by_role("button", name="Cancel").click()
    phone.get_by_role("dialog").get_by_role("button", name="Stop").click()
    expect(phone.get_by_role("heading", name="You stopped this one.")).to_be_visible()


def test_batch_lists_refused_files_and_has_a_summary(phone: Page, done: DoneAnalyses):
    phone.goto("/#/batches")
    phone.get_by_role("link", name="Monday group").click()
    expect(phone.get_by_role("heading", name="Monday group")).to_be_visible()
    expect(phone.get_by_text("notes.txt")).to_be_visible()
    expect(phone.get_by_text("2 clips were not read")).to_be_visible(timeout=LONG_MS)
    expect(phone.get_by_role("button", name="Stop this batch")).to_have_count(0)
    with phone.expect_download() as download:
        phone.get_by_role("link", name="Summary").click()
    assert "empty.mp4" in Path(download.value.path()).read_text()


def test_batch_is_deleted(phone: Page, service: RunningService, tmp_path: Path):
    clip = tiny_clip(tmp_path / "empty.mp4").read_bytes()
    with service.open_api("anna") as api:
        sent = api.post("/v1/batches", files={"clips": ("empty.mp4", clip)}, data={"name": "Tuesday group"}).json()
    phone.goto(f"/#/batches/{sent['id']}")
    phone.get_by_role("button", name="Delete this batch").click()
    phone.get_by_role("dialog").get_by_role("button", name="Delete this batch").click()
    expect(phone.get_by_role("heading", name="Batches")).to_be_visible()
    expect(phone.get_by_role("link", name="Tuesday group")).to_have_count(0)


def test_filming_counts_two_seconds_of_standing_tall(open_signed_in: OpenSignedIn):
    page = open_signed_in(permissions=["camera"]).new_page()
    page.goto("/#/")
    page.get_by_role("link", name="Film").click()
    page.get_by_role("button", name="Start filming").wait_for()
    texts = record_texts(page, ".count")
    page.get_by_role("button", name="Start filming").click()
    expect(page.locator(".count")).to_have_text("Go")
    assert page.evaluate(texts) == ["", "Stand tall2", "Stand tall1", "Go"]
    page.get_by_role("button", name="Stop", exact=True).click()
    page.get_by_role("button", name="Use this clip").click()
    expect(page.get_by_role("heading", name=re.compile("Looking at the clip|could not be read"))).to_be_visible()
