import re
from datetime import timedelta

from api.db import workers
from api.db.models import Worker, now
from api.dependencies import Access
from api.monitoring.telemetry import _secret, telemetry_options
from tests.api.service import METRICS_KEY, Service, problem_of


def test_it_is_up(service):
    assert service.client().get("/healthz").json()["status"] == "ok"


def test_it_is_ready_with_a_live_worker(service):
    answer = service.client().get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["checks"] == {
        "database": "ok", "files": "ok", "disk": "ok", "cleanup": "ok",
        "worker": "no worker takes jobs; start one: analyzer worker",
    }  # fmt: skip
    with service.services.database.session() as session:
        workers.record_heartbeat(session, "wrk_1", "here", 1, "the pose model")
    answer = service.client().get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["checks"]["worker"] == "no worker takes jobs: it waits for the pose model"
    with service.services.database.session() as session:
        workers.record_heartbeat(session, "wrk_1", "here", 1)
    answer = service.client().get("/readyz")
    assert (answer.status_code, answer.json()["status"]) == (200, "ok")
    with service.services.database.session() as session:
        session.get(Worker, "wrk_1").heartbeat_at = now() - timedelta(seconds=120)
    assert service.client().get("/readyz").status_code == 503


def test_it_is_not_ready_without_its_database(service):
    service.services.database.close()
    (service.settings.data_dir / "analyzer.sqlite").write_bytes(b"not a database at all" * 100)
    answer = service.client().get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["checks"]["database"] == "does not answer"
    assert service.client().get("/healthz").status_code == 200


def read_metrics(service):
    answer = service.client(METRICS_KEY).get("/metrics")
    assert answer.status_code == 200
    return answer.text


def test_figures_count_requests_by_route_and_jobs_by_state(service, ann, sent):
    service.finish(sent)
    ann.get(f"/v1/analyses/{sent}")
    ann.get("/v1/analyses/ana_00000000000000000000")
    ann.get("/nothing/../here")
    text = read_metrics(service)
    figures = dict(line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))
    route = 'method="GET",route="/v1/analyses/{id}"'
    assert figures[f'analyzer_http_requests_total{{{route},status="200"}}'] == "1.0"
    assert figures[f'analyzer_http_requests_total{{{route},status="404"}}'] == "1.0"
    assert figures['analyzer_analyses{status="done"}'] == "1.0"
    assert figures["analyzer_workers"] == "0.0"
    assert float(figures["analyzer_upload_bytes_total"]) > 500
    assert figures[f"analyzer_http_request_seconds_count{{{route}}}"] == "2.0"
    assert sent not in text
    assert "/nothing" not in text


def test_figures_have_few_names(service, ann, clip):
    for path in ("/s/token", "/pair/token", "/v1/x/y", "/v1/analyses/a/b/c", "/style.css", "/v1/clients/x/timeline"):
        ann.get(path)
    ann.request("BREW", "/v1/me")
    routes = set(re.findall(r'route="([^"]+)"', read_metrics(service)))
    assert routes <= {
        "/s/{token}", "/pair/{token}", "/v1/clients/{id}/timeline", "other", "/v1/me", "/metrics",
    }  # fmt: skip


def test_figures_cover_all_owners_and_are_the_operators(service, ann, tmp_path):
    assert service.client().get("/metrics").status_code == 401
    assert service.client(METRICS_KEY + "x").get("/metrics").status_code == 401
    assert problem_of(ann.get("/metrics"))["status"] == 403
    assert service.client(METRICS_KEY).get("/v1/me").status_code == 401  # it opens nothing else
    without_key = Service(tmp_path / "other")
    for given in ("", "x"):
        assert without_key.client(given).get("/metrics").status_code == 401
    local = Service(tmp_path / "local", access=Access(is_open=True))
    assert local.client().get("/metrics").status_code == 200


def test_traces_are_off_unless_there_is_where_to_send_them(tmp_path):
    service = Service(tmp_path / "data")
    assert telemetry_options(service.settings) == {"tracing": False, "metrics": False, "logs": False}
    service = Service(tmp_path / "other", otel_endpoint="http://127.0.0.1:9")
    options = telemetry_options(service.settings)
    assert options["tracer_provider"] is not None
    assert options["exclude"] is _secret
    options["tracer_provider"].shutdown()
    assert _secret({"path": "/s/token"})
    assert _secret({"path": "/pair/token"})
    assert not _secret({"path": "/v1/me"})
