"""Clients on the page: a name that another client has is explained."""

from playwright.sync_api import expect

from tests.api.web.web_service import OpenPage, WebTestService


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
