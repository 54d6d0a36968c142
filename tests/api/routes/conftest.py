import pytest

from tests.api.service import METRICS_KEY, Service, tiny_clip


@pytest.fixture(scope="session")
def clip(tmp_path_factory):
    """The bytes of a clip that opens."""
    return tiny_clip(tmp_path_factory.mktemp("clip") / "squat.mp4").read_bytes()


@pytest.fixture
def service(tmp_path):
    return Service(tmp_path / "data", metrics_key=METRICS_KEY)


@pytest.fixture
def any_service(tmp_path, url_with_tables):
    """On a database of each kind."""
    service = Service(tmp_path / "data", database_url=url_with_tables)
    yield service
    service.services.database.close()


@pytest.fixture
def ann(service):
    """A signed-in caller."""
    with service.client(service.key("ann")) as client:
        yield client


@pytest.fixture
def bob(service):
    """Another owner."""
    return service.client(service.key("bob"))


@pytest.fixture
def sent(ann, clip):
    """The id of an analysis of ann's that is queued."""
    answer = ann.post("/v1/analyses", files={"clip": ("squat.mp4", clip)})
    assert answer.status_code == 202, answer.text
    return answer.json()["id"]
