"""Correcting the movement and the details of a clip on the result page."""

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.api.web.serving import RunningService
from tests.cut_clips import cut_piece

MEASURED_MS = 90_000  # a new measuring on a machine that is busy with other tests


@pytest.fixture(scope="module")
def api(service: RunningService) -> Iterator[httpx.Client]:
    with service.open_api("anna") as client:
        yield client


@pytest.fixture(scope="module")
def plank(service: RunningService, api: httpx.Client, samples: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Analyse a plank as a squat; return the id."""
    clip = cut_piece(samples / "plank.mp4", tmp_path_factory.mktemp("clip") / "wrong.mp4", 1.2)
    return service.wait_for_result(api, service.send_clip(api, clip, movement="squat"))


def read_movement(api: httpx.Client, id: str) -> tuple[str, str]:
    result = api.get(f"/v1/analyses/{id}/result").json()
    return result["movement"]["name"], result["movement"]["source"]


def test_wrong_movement_is_corrected_from_the_title(phone: Page, api: httpx.Client, plank: str):
    phone.goto(f"/#/clips/{plank}")
    title = phone.get_by_role("heading", level=1).get_by_role("button", name="Squat")
    title.click()
    menu = phone.get_by_role("dialog", name="Which movement is it?")
    menu.get_by_role("button", name=re.compile("^Plank")).click()
    corrected = phone.get_by_role("heading", level=1).get_by_role("button", name="Plank")
    expect(corrected).to_be_focused(timeout=MEASURED_MS)
    expect(phone.locator("#live")).to_have_text("Measured again: Plank.")
    assert read_movement(api, plank) == ("plank", "given")
    corrected.click()
    with phone.expect_response(lambda answer: answer.request.method == "PATCH"):
        menu.get_by_role("button", name="Detect it again").click()
    assert api.get(f"/v1/analyses/{plank}", params={"wait": 60}).json()["remeasuring"] is False
    assert read_movement(api, plank)[1] == "auto"
    expect(phone.get_by_text("Detecting the movement again")).to_have_count(0, timeout=MEASURED_MS)


def test_details_are_set_after_the_upload(phone: Page, api: httpx.Client, plank: str):
    phone.goto(f"/#/clips/{plank}")
    phone.get_by_role("button", name=re.compile("^Details")).click()
    sheet = phone.get_by_role("dialog", name="Details")
    sheet.get_by_label("Client", exact=True).select_option(label="New client…")
    sheet.get_by_label("Name of the new client").fill("Lee")
    sheet.get_by_label("Load in kg").fill("a lot")
    sheet.get_by_role("button", name="Save").click()
    expect(sheet.get_by_role("alert")).to_contain_text("number in kilograms")
    sheet.get_by_label("Load in kg").fill("12,5")
    sheet.get_by_label("Height in cm").fill("172")
    sheet.get_by_label("Note").fill("with a vest")
    sheet.get_by_role("button", name="Save").click()
    line = phone.get_by_role("button", name="Details: Lee: 12.5 kg: with a vest")
    expect(line).to_be_visible(timeout=MEASURED_MS)
    status = api.get(f"/v1/analyses/{plank}").json()
    assert (status["load_kg"], status["height_cm"], status["remeasuring"]) == (12.5, 172, False)
    assert api.get(f"/v1/analyses/{plank}/result").json()["provenance"]["settings"]["load_kg"] == 12.5
    line.click()
    sheet.get_by_label("Note").fill("")
    sheet.get_by_role("button", name="Save").click()
    expect(phone.get_by_role("button", name="Details: Lee: 12.5 kg", exact=True)).to_be_visible()
    assert api.get(f"/v1/analyses/{plank}").json()["note"] is None


def test_unknown_movement_offers_its_alternatives(phone: Page, api: httpx.Client, plank: str):
    guesses = [{"name": "slump", "confidence": 0.4}, {"name": "plank", "confidence": 0.3}]
    unknown = {"name": "unknown", "variant": None, "confidence": 0, "source": "auto", "alternatives": guesses}

    def return_unknown(route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, json=answer.json() | {"movement": unknown})

    phone.route(f"**/v1/analyses/{plank}/result", return_unknown, times=1)
    phone.goto(f"/#/clips/{plank}")
    expect(phone.get_by_role("heading", level=1, name="What is this?")).to_be_visible()
    shortcuts = phone.get_by_role("group", name="What is this?")
    expect(shortcuts.get_by_role("button")).to_have_text(["Seated slump", "Plank", "Another movement…"])
    shortcuts.get_by_role("button", name="Another movement…").focus()
    phone.keyboard.press("Enter")
    expect(phone.get_by_role("dialog").get_by_role("button", name=re.compile(r"^Seated slump 40\s%"))).to_be_visible()
    phone.keyboard.press("Escape")
    expect(shortcuts.get_by_role("button", name="Another movement…")).to_be_focused()
    shortcuts.get_by_role("button", name="Plank").focus()
    phone.keyboard.press("Enter")  # one press
    expect(phone.get_by_role("heading", level=1).get_by_role("button", name="Plank")).to_be_focused(timeout=MEASURED_MS)
    assert read_movement(api, plank) == ("plank", "given")


def test_refused_change_is_reported_and_the_result_stays(phone: Page, api: httpx.Client, plank: str):
    problem = {
        "type": "urn:problem:ended",
        "title": "Ended",
        "status": 409,
        "detail": "There is nothing to measure again.",
    }
    phone.route(f"**/v1/analyses/{plank}", lambda route: (
        route.fulfill(status=409, json=problem, content_type="application/problem+json")
        if route.request.method == "PATCH"
        else route.fallback()
    ))  # fmt: skip
    phone.goto(f"/#/clips/{plank}")
    title = phone.get_by_role("heading", level=1).get_by_role("button")
    expect(title).to_contain_text("Plank")
    title.click()
    phone.get_by_role("dialog").get_by_role("button", name="Toe touch").click()
    expect(phone.get_by_role("alert")).to_contain_text("nothing to measure again")
    expect(title).to_contain_text("Plank")
