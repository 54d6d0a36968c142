"""The files of the interactive documentation; the page itself is tested in a browser."""

import re
from pathlib import Path

import pytest

from api.access.security import PAGE_POLICY
from tests.api.service import Service, problem_of

DOCS = Path(__file__).resolve().parents[2] / "api" / "api_docs"


@pytest.fixture(scope="module")
def visitor(tmp_path_factory):
    """A browser that is not signed in."""
    with Service(tmp_path_factory.mktemp("docs") / "data").client() as client:
        yield client


def test_every_file_of_the_page_is_served_under_the_policy_of_all_pages(visitor):
    page = visitor.get("/docs")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert page.headers["content-security-policy"] == PAGE_POLICY
    style = (DOCS / "docs.css").read_text()
    named = {f"/{path}" for path in re.findall(r'(?:src|href)="(docs/[^"]+)"', page.text)}
    named |= {f"/docs/{name}" for name in re.findall(r'url\("([^"]+)"\)', style)}
    assert {"/docs/swagger-ui-bundle.js", "/docs/swagger-ui.css", "/docs/arrow.svg"} <= named
    for path in named:
        assert visitor.get(path).status_code == 200, path
    own = {f"/docs/{path.name}" for path in DOCS.iterdir() if path.suffix != ".html"}
    assert own <= named


@pytest.mark.parametrize("name", ["redoc.standalone.js", "index.html", "..%2Fapp.py", "x"])
def test_no_other_file_is_served(visitor, name):
    assert problem_of(visitor.get(f"/docs/{name}"))["status"] == 404


def test_page_names_no_other_host():
    for path in DOCS.iterdir():
        assert "//" not in re.sub(r"http://www\.w3\.org/2000/svg|/\*.*?\*/|^\s*//.*|// .*", "", path.read_text()), path


def test_every_group_of_operations_has_a_description(visitor):
    document = visitor.get("/openapi.json").json()
    used = {tag for path in document["paths"].values() for operation in path.values() for tag in operation["tags"]}
    described = {tag["name"] for tag in document["tags"] if tag["description"]}
    assert used <= described
