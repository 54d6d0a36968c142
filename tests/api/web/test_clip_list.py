"""The list of all clips: the client's name on every row, and the filters by client and movement."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.api.web.web_service import OpenPage, WebTestService, open_address

TIME = re.compile(r"^\d\d:\d\d$")


@pytest.fixture(scope="module")
def clips(web_service: WebTestService) -> dict[str, str]:
    kim, ann = web_service.create_client("Kim"), web_service.create_client("Ann")
    return {
        "kim": kim,
        "kim's hinge": web_service.add_result(kim),
        "kim's squat": web_service.add_result(kim, "squat"),
        "ann's hinge": web_service.add_result(ann),
        "nobody's": web_service.add_result(""),
    }


def find_row(page: Page, clips: dict[str, str], name: str):
    return page.locator(f'[data-analysis="{clips[name]}"]')


def test_rows_of_all_clips_name_the_client_and_those_of_a_client_do_not(open_page: OpenPage, clips: dict[str, str]):
    page = open_page("clips")
    expect(find_row(page, clips, "kim's hinge")).to_contain_text("Kim ·")
    expect(find_row(page, clips, "ann's hinge")).to_contain_text("Ann ·")
    expect(find_row(page, clips, "nobody's").locator(".quiet")).to_have_text(TIME)
    open_address(page, f"clients/{clips['kim']}")
    expect(find_row(page, clips, "kim's hinge").locator(".quiet")).to_have_text(TIME)


def test_clips_are_filtered_by_client_and_movement(open_page: OpenPage, clips: dict[str, str]):
    page = open_page("clips")
    rows = page.locator(".clip-row")
    expect(rows).to_have_count(4)
    page.get_by_label("Client").select_option("Kim")
    expect(rows).to_have_count(2)
    expect(find_row(page, clips, "ann's hinge")).to_have_count(0)
    page.get_by_label("Movement").select_option("hinge")
    expect(rows).to_have_count(1)
    expect(find_row(page, clips, "kim's hinge")).to_be_visible()
    page.get_by_label("Client").select_option("All clients")
    expect(rows).to_have_count(3)


def test_a_list_item_holds_the_name_of_the_client(web_service: WebTestService, clips: dict[str, str]):
    items = {item["id"]: item for item in web_service.api.get("/v1/analyses").json()["items"]}
    assert items[clips["ann's hinge"]]["client_name"] == "Ann"
    assert items[clips["nobody's"]]["client_name"] is None
