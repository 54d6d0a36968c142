import pytest

from tests.api.service import problem_of

VIDEO = bytes(range(256)) * 40


@pytest.fixture
def done(service, sent):
    service.finish(sent)
    return f"/v1/analyses/{sent}"


def test_files_are_served_with_their_kind_and_name(ann, done):
    answer = ann.get(f"{done}/video")
    assert (answer.status_code, answer.content) == (200, VIDEO)
    assert answer.headers["content-type"] == "video/mp4"
    assert answer.headers["accept-ranges"] == "bytes"
    assert answer.headers["content-disposition"].startswith('inline; filename="squat-annotated.mp4"')
    assert ann.get(f"{done}/video?download=1").headers["content-disposition"].startswith("attachment;")
    assert ann.get(f"{done}/angles.csv").headers["content-type"].startswith("text/csv")


def test_head_request_returns_headers_only(ann, done):
    answer = ann.head(f"{done}/video")
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-length"] == str(len(VIDEO))


def test_unchanged_file_is_not_sent_again(ann, done):
    etag = ann.get(f"{done}/video").headers["etag"]
    for condition in (etag, f"W/{etag}", f'"other", {etag}', "*"):
        answer = ann.get(f"{done}/video", headers={"If-None-Match": condition})
        assert (answer.status_code, answer.content) == (304, b"")
        assert answer.headers["etag"] == etag
    assert ann.get(f"{done}/video", headers={"If-None-Match": '"other"'}).status_code == 200


def test_a_new_run_has_another_etag(service, ann, done, sent):
    etag = ann.get(f"{done}/report").headers["etag"]
    with service.services.database.session() as session:
        from api.db import analyses

        row = analyses.get(session, service.services.database and _owner(session), sent)
        row.run = "run2"
    local = service.settings.data_dir / "again"
    local.write_bytes(b"again")
    service.services.files.put(local, f"results/{sent}/run2/report.html")
    answer = ann.get(f"{done}/report", headers={"If-None-Match": etag})
    assert (answer.status_code, answer.content) == (200, b"again")


def _owner(session):
    from api.db import owners

    return owners.find_by_name(session, "ann").id


@pytest.mark.parametrize(
    ("byte_range", "part"),
    [
        ("bytes=0-9", (0, 10)),
        ("bytes=10-", (10, 10240)),
        ("bytes=-5", (10235, 10240)),
        ("bytes=10000-99999", (10000, 10240)),
        ("bytes=-99999", (0, 10240)),
        ("bytes=5-5", (5, 6)),
    ],
)
def test_requested_range_is_sent(ann, done, byte_range, part):
    start, end = part
    answer = ann.get(f"{done}/video", headers={"Range": byte_range})
    assert answer.status_code == 206
    assert answer.content == VIDEO[start:end]
    assert answer.headers["content-range"] == f"bytes {start}-{end - 1}/10240"
    assert answer.headers["content-length"] == str(end - start)


@pytest.mark.parametrize("byte_range", ["bytes=10240-", "bytes=99999-999999", "bytes=-0"])
def test_range_beyond_the_end_answers_416(ann, done, byte_range):
    answer = ann.get(f"{done}/video", headers={"Range": byte_range})
    assert answer.status_code == 416
    assert answer.headers["content-range"] == "bytes */10240"
    problem_of(answer)


@pytest.mark.parametrize(
    "byte_range", ["bytes", "bytes=", "bytes=a-b", "bytes=9-5", "lines=1-2", "bytes=0-1,4-5", "bytes=-"]
)
def test_invalid_range_is_ignored(ann, done, byte_range):
    answer = ann.get(f"{done}/video", headers={"Range": byte_range})
    assert (answer.status_code, answer.content) == (200, VIDEO)


def test_a_part_of_another_version_is_not_mixed_in(ann, done):
    etag = ann.get(f"{done}/video").headers["etag"]
    assert ann.get(f"{done}/video", headers={"Range": "bytes=0-9", "If-Range": etag}).status_code == 206
    for condition in ('"other"', f"W/{etag}", "Wed, 21 Oct 2015 07:28:00 GMT"):
        assert ann.get(f"{done}/video", headers={"Range": "bytes=0-9", "If-Range": condition}).status_code == 200


def test_unfinished_analysis_answers_its_state(ann, sent):
    answer = ann.get(f"/v1/analyses/{sent}/result")
    assert answer.status_code == 409
    assert "queued" in problem_of(answer)["detail"]
    assert answer.headers["retry-after"]


def test_missing_file_answers_404(ann, done):
    assert problem_of(ann.get(f"{done}/thumb"))["status"] == 404


def test_reports_reach_nothing_of_ours(ann, done):
    for part, scripts in (("report", True), ("client-report", False)):
        policy = ann.get(f"{done}/{part}").headers["content-security-policy"]
        directives = dict(one.strip().partition(" ")[::2] for one in policy.split(";"))
        assert directives["default-src"] == "'none'"
        assert "allow-same-origin" not in directives["sandbox"]
        assert ("allow-scripts" in directives["sandbox"]) is scripts
        assert ("script-src" in directives) is scripts
        assert "connect-src" not in directives
