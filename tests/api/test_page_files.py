"""How the page's files are sent: compressed; and the answer to a clip that is shared before the page can take it."""

from pathlib import Path

import pytest

from api.app import WEB_DIR
from tests.api.service import Service


@pytest.fixture
def service(tmp_path: Path) -> Service:
    return Service(tmp_path / "data")


@pytest.mark.parametrize("path", ["/", "/app.js", "/style.css"])
def test_page_files_are_compressed_for_browsers_that_accept_it(service: Service, path: str):
    plain = service.client().get(path, headers={"Accept-Encoding": "identity"})
    packed = service.client().get(path, headers={"Accept-Encoding": "gzip"})
    assert plain.content == packed.content == (WEB_DIR / (path.strip("/") or "index.html")).read_bytes()
    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert int(packed.headers["content-length"]) < 0.6 * len(plain.content)
    assert plain.headers["vary"] == packed.headers["vary"] == "Accept-Encoding"
    assert plain.headers["etag"] == packed.headers["etag"]


def test_answers_of_the_api_are_not_compressed(service: Service):
    answer = service.client(service.key("anna")).get("/v1/movements", headers={"Accept-Encoding": "gzip"})
    assert len(answer.content) > 1000
    assert "content-encoding" not in answer.headers


def test_a_shared_clip_of_anybody_leads_to_the_page_and_is_not_stored(service: Service):
    answer = service.client().post("/share", files={"clips": ("a.mp4", bytes(3_000_000))}, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/#/shared")
    assert service.list_leftover_files() == []
    other = service.client().post("/share", headers={"Sec-Fetch-Site": "cross-site"}, follow_redirects=False)
    assert other.status_code == 403
