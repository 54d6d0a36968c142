"""The interactive documentation in the browser: offline, under the page's policy, with requests that are sent."""

import json
from collections.abc import Iterator
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from tests.api.web.conftest import DESKTOP, PHONE, OpenSignedIn
from tests.api.web.serving import RunningService

VIOLATIONS = """
  window.violations = [];
  document.addEventListener('securitypolicyviolation', (event) => violations.push(event.violatedDirective));
"""


@pytest.fixture
def signed_out(service: RunningService, browser: Browser) -> Iterator[BrowserContext]:
    """A browser that is not signed in; on loopback the service answers it as the owner of this machine."""
    context = browser.new_context(viewport=DESKTOP, base_url=service.base, service_workers="block")
    yield context
    context.close()


def open_docs(context: BrowserContext) -> tuple[Page, list[str]]:
    """Open the documentation; also return the problems that follow: script errors, and requests to other hosts."""
    problems: list[str] = []
    page = context.new_page()
    page.add_init_script(VIOLATIONS)
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    page.goto("/docs")
    base = page.url.removesuffix("/docs")
    page.on("request", lambda request: None if request.url.startswith(base) else problems.append(request.url))
    page.locator(".opblock").first.wait_for()
    return page, problems


def open_operation(page: Page, tag: str, name: str) -> Locator:
    operation = page.locator(f"#operations-{tag}-{name}")
    operation.locator(".opblock-summary-control").click()
    return operation


def execute(operation: Locator) -> Locator:
    """Send the request; return its status and answer."""
    operation.get_by_role("button", name="Execute").click()
    answer = operation.locator(".live-responses-table tr.response")
    expect(answer.locator(".response-col_status")).to_contain_text("20")
    return answer


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desk"])
def test_requests_are_sent_with_the_sign_in_of_the_browser(open_signed_in: OpenSignedIn, size: dict[str, int]):
    page, problems = open_docs(open_signed_in("dana", size))
    expect(page.locator("#caller")).to_contain_text("Requests are sent as dana")
    created = open_operation(page, "clients", "create_client")
    name = f"Kim {uuid4().hex[:8]}"  # a name is given once, and both sizes use one service
    created.locator("textarea").fill(json.dumps({"name": name}))
    expect(execute(created)).to_contain_text(f'"name": "{name}"')
    started = open_operation(page, "sessions", "create_session")
    started.locator("textarea").fill(json.dumps({"client": name, "plan": "lift_hinge"}))
    expect(execute(started)).to_contain_text('"plan": "lift_hinge"')
    expect(execute(open_operation(page, "clients", "list_clients"))).to_contain_text(name)
    started.get_by_role("tab", name="Schema").first.click()
    assert page.evaluate("document.documentElement.scrollWidth") == size["width"]
    assert (page.evaluate("violations"), problems) == ([], [])


def test_requests_are_sent_with_a_key(signed_out: BrowserContext, service: RunningService):
    page, problems = open_docs(signed_out)
    expect(page.locator("#caller")).to_contain_text("Requests are sent as local")
    page.get_by_role("button", name="Authorize").click()
    dialog = page.get_by_role("dialog").or_(page.locator(".modal-ux"))
    expect(dialog).not_to_contain_text("sign_in")  # a cookie, which no page can set
    dialog.locator("input").fill(service.create_key("erin"))
    dialog.get_by_role("button", name="Apply credentials").click()
    dialog.get_by_role("button", name="Close").last.click()
    answer = execute(open_operation(page, "account", "get_me"))
    expect(answer).to_contain_text('"owner": "erin"')
    assert (page.evaluate("violations"), problems) == ([], [])


def test_the_account_page_links_to_the_documentation(open_signed_in: OpenSignedIn):
    page = open_signed_in("dana", PHONE).new_page()
    page.goto("/#/me")
    with page.expect_popup() as popup:
        page.get_by_role("link", name="documentation of the API").click()
    popup.value.locator(".opblock").first.wait_for()
