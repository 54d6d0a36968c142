"""The same over an object store: clips go there, and results come from there in parts."""

import pytest

from api.storage.store_identity import ID_FILE
from tests.api.service import Service

VIDEO = bytes(range(256)) * 40


@pytest.fixture
def service(tmp_path, s3_server):
    bucket = f"{s3_server.new_bucket()}/service"
    return Service(tmp_path / "data", files_url=bucket, files_options=s3_server.options)


def test_results_come_whole_and_in_parts(service, ann, sent):
    assert list(service.services.files.list("clips"))
    assert service.list_leftover_files() == []
    service.finish(sent)
    url = f"/v1/analyses/{sent}/video"
    whole = ann.get(url)
    assert (whole.status_code, whole.content) == (200, VIDEO)
    assert whole.headers["content-length"] == "10240"
    etag = whole.headers["etag"]
    for byte_range, start, end in (("bytes=0-9", 0, 10), ("bytes=-5", 10235, 10240), ("bytes=100-", 100, 10240)):
        part = ann.get(url, headers={"Range": byte_range, "If-Range": etag})
        assert (part.status_code, part.content) == (206, VIDEO[start:end])
        assert part.headers["content-range"] == f"bytes {start}-{end - 1}/10240"
        assert part.headers["content-length"] == str(end - start)
    assert ann.get(url, headers={"Range": "bytes=99999-"}).status_code == 416
    assert ann.get(url, headers={"Range": "bytes=a"}).content == VIDEO
    assert ann.get(url, headers={"If-None-Match": etag}).status_code == 304
    assert ann.get(f"/v1/analyses/{sent}/thumb").status_code == 404


def test_deleting_leaves_nothing_there(service, ann, sent):
    service.finish(sent)
    assert ann.delete(f"/v1/analyses/{sent}").status_code == 204
    assert list(service.services.files.list("")) == [ID_FILE]
