"""The still guide over the camera's picture lies on the picture, not on the black bars beside it."""

from collections.abc import Iterator
from contextlib import closing

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.api.web.conftest import PHONE
from tests.api.web.scripted_camera import FILES, refuse_files
from tests.api.web.serving import run_in_process, wait_until


@pytest.fixture
def page(browser: Browser, tmp_path) -> Iterator[Page]:
    with (
        run_in_process(tmp_path) as (_, address),
        closing(browser.new_context(viewport=PHONE, base_url=address, service_workers="block")) as context,
    ):
        context.grant_permissions(["camera"])
        yield context.new_page()


def test_figure_stands_inside_a_landscape_picture_on_a_portrait_phone(page: Page):
    page.route(FILES, refuse_files)
    page.goto("/#/film")
    expect(page.locator(".guide-over")).to_be_visible()
    wait_until(page, "document.querySelector('.live').videoWidth > document.querySelector('.live').videoHeight")
    boxes = page.evaluate("""async () => {
      await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
      const video = document.querySelector('.live');
      const box = video.getBoundingClientRect();
      const height = box.width * video.videoHeight / video.videoWidth;
      const figure = document.querySelector('.guide-over .figure').getBoundingClientRect();
      const top = box.top + (box.height - height) / 2;
      return { top, bottom: top + height, figureTop: figure.top, figureBottom: figure.bottom };
    }""")
    assert boxes["top"] > 10, "the picture has no black bars"
    assert boxes["top"] <= boxes["figureTop"] < boxes["figureBottom"] <= boxes["bottom"]
