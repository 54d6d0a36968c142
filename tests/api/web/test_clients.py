"""Clients on the page: a name that another client has is explained."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.api.web.web_service import OpenPage, WebTestService, create_page_opener, run_web_service


@pytest.fixture(scope="module")
def web_service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebTestService]:
    with run_web_service(tmp_path_factory.mktemp("web_service")) as started:
        yield started


@pytest.fixture
def open_page(browser: Browser, web_service: WebTestService) -> Iterator[OpenPage]:
    with create_page_opener(browser, web_service) as open_page:
        yield open_page


def test_taken_name_is_explained_and_another_is_accepted(open_page: OpenPage, web_service: WebTestService):
    web_service.create_client("Kim")
    page = open_page("clients")
    page.get_by_role("button", name="Add a client").click()
    sheet = page.get_by_role("dialog")
    sheet.get_by_label("Name").fill("kim")
    sheet.get_by_role("button", name="Save").click()
    expect(sheet.get_by_role("alert")).to_contain_text("There is a client of this name already.")
    sheet.get_by_label("Name").fill("Kim Stone")
    sheet.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="Kim Stone")).to_be_visible()
