from datetime import timedelta

import pytest

from api.access import rate_limits
from api.db.models import ShareLink
from tests.api.service import Service, problem_of


@pytest.fixture
def shared(service, ann, sent):
    service.finish(sent)
    return ann.post(f"/v1/analyses/{sent}/shares", json={"days": 3}).json()


def path_of(share):
    return "/s/" + share["url"].rpartition("/")[2]


def test_a_link_opens_the_clients_page_and_nothing_else(service, sent, shared):
    stranger = service.client()
    answer = stranger.get(path_of(shared))
    assert (answer.status_code, answer.content) == (200, b"<!doctype html><p>You can</p>")
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cache-control"] == "no-store"
    assert "noindex" in answer.headers["x-robots-tag"]
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    for part in ("", "/report", "/result", "/client-report"):
        assert stranger.get(f"/v1/analyses/{sent}{part}").status_code == 401


def test_a_revoked_link_has_ended(service, ann, sent, shared):
    assert ann.delete(f"/v1/analyses/{sent}/shares/{shared['id']}").status_code == 204
    answer = service.client().get(path_of(shared))
    assert answer.status_code == 404
    assert "no longer works" in answer.text
    [listed] = ann.get(f"/v1/analyses/{sent}/shares").json()["items"]
    assert listed["revoked_at"]
    assert listed["url"] is None if "url" in listed else True


def test_an_old_link_has_ended(service, shared):
    with service.services.database.session() as session:
        row = session.get(ShareLink, shared["id"])
        row.expires_at -= timedelta(days=4)
    assert service.client().get(path_of(shared)).status_code == 404


def test_a_changed_link_opens_nothing(service, shared):
    path = path_of(shared)
    other = path[:-1] + ("a" if path[-1] != "a" else "b")
    for link in (other, "/s/x", "/s/shr_00000000000000000000_x", "/s/" + "x" * 500):
        assert service.client().get(link).status_code == 404


def test_another_owner_neither_sees_nor_ends_it(bob, service, sent, shared):
    assert bob.get(f"/v1/analyses/{sent}/shares").status_code == 404
    assert bob.post(f"/v1/analyses/{sent}/shares").status_code == 404
    assert bob.delete(f"/v1/analyses/{sent}/shares/{shared['id']}").status_code == 404
    assert service.client().get(path_of(shared)).status_code == 200


def test_only_what_is_done_is_shared(ann, sent):
    assert problem_of(ann.post(f"/v1/analyses/{sent}/shares"))["status"] == 409


def test_a_link_ends_with_its_analysis(service, ann, sent, shared):
    ann.delete(f"/v1/analyses/{sent}")
    assert service.client().get(path_of(shared)).status_code == 404


def test_guessing_links_is_slowed_down(tmp_path, monkeypatch):
    monkeypatch.setattr(rate_limits, "monotonic", lambda: 1000.0)  # no refill while a slow machine sends its requests
    client = Service(tmp_path / "data").client()
    answers = [client.get(f"/s/shr_{i:020d}_guess").status_code for i in range(80)]
    assert answers[0] == 404
    assert answers[-1] == 429
