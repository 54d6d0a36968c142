"""The whole OpenAPI document: clean for generated clients, true in every answer, and no request breaks the service."""

import re

import openapi_spec_validator
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from requests.structures import CaseInsensitiveDict
from schemathesis import GenerationMode
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi import checks

from tests.api.service import Service, tiny_clip
from tests.compare.results import result, three_reps

EXAMPLES = 4  # an operation and mode
CHECKS = [
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
]
OWN_ERRORS = {("/readyz", "503"), ("/s/{token}", "404"), ("/pair/{token}", "404")}  # in another form
METHODS = {"get", "post", "put", "patch", "delete"}


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    return Service(tmp_path_factory.mktemp("openapi") / "data", requests_per_minute=1_000_000)


@pytest.fixture(scope="module")
def document(service):
    return service.app.openapi()


def operations(document):
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            assert method in METHODS
            yield path, method, operation


def test_it_is_a_valid_document(document):
    openapi_spec_validator.validate(document)


def test_operations_have_clean_names_summaries_and_tags(document):
    ids = [operation["operationId"] for *_, operation in operations(document)]
    assert len(ids) == len(set(ids)) > 35
    assert all(re.fullmatch(r"[a-z]+(_[a-z]+)*", id) for id in ids), ids
    for path, _, operation in operations(document):
        assert operation["description"], path
        assert operation["tags"], path


def test_every_operation_documents_problems(document):
    for path, method, operation in operations(document):
        responses = operation["responses"]
        for code, response in responses.items():
            if code != "default" and (int(code) < 400 or (path, code) in OWN_ERRORS):
                continue
            assert list(response["content"]) == ["application/problem+json"], (path, code)
        assert "default" in responses
        if "security" in operation:
            assert {"401", "429"} <= responses.keys(), (path, method)


def test_only_public_operations_need_no_sign_in(document):
    public = {operation["operationId"] for *_, operation in operations(document) if "security" not in operation}
    assert public == {"get_health", "get_readiness", "sign_in", "show_pairing", "use_pairing", "show_share"}


def test_models_have_plain_names_and_fields_are_described_with_examples(document):
    schemas = document["components"]["schemas"]
    assert all(re.fullmatch(r"[A-Za-z]+", name) for name in schemas), sorted(schemas)
    assert "examples" in schemas["ClientIn"]["properties"]["name"]


@pytest.fixture(scope="module")
def stocked(service):
    """The service with one of everything, and the ids of it, so that more than 404 is tried."""
    clip = tiny_clip(service.settings.data_dir / "squat.mp4").read_bytes()
    key = service.key("ann")
    with service.client(key) as ann:
        client = ann.post("/v1/clients", json={"name": "Client"}).json()["id"]
        sent = ann.post("/v1/analyses", files={"clip": ("a.mp4", clip)}, data={"client": client}).json()["id"]
        service.finish(sent, result(*three_reps()))
        batch = ann.post("/v1/batches", files={"clips": ("a.mp4", clip)}).json()["id"]
        session = ann.post("/v1/sessions", json={"client": client, "plan": "lift_hinge"}).json()["id"]
        ann.patch(f"/v1/sessions/{session}", json={"steps": [{"name": "first", "analysis": sent}]})
        yield key, {"analyses": sent, "clients": client, "batches": batch, "sessions": session}


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["fitting", "unfitting"])
def test_no_request_breaks_the_service_or_the_contract(service, stocked, mode):
    key, ids = stocked
    schema = schemathesis.openapi.from_asgi("/openapi.json", service.app)
    failures, tried, bare = [], 0, []
    for found in schema.get_all_operations():
        operation = found.ok()

        @given(case=operation.as_strategy(generation_mode=mode), known=st.booleans())
        @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), database=None,
                  derandomize=True, phases=[Phase.generate])  # fmt: skip
        def check(case, known):
            nonlocal tried
            noun = case.path.split("/")[2] if case.path.startswith("/v1/") else ""
            if known and noun in ids and "id" in (case.path_parameters or {}) and case.method != "DELETE":
                case.path_parameters["id"] = ids[noun]
            if case.query and "wait" in case.query:
                case.query["wait"] = 0
            case.headers = CaseInsensitiveDict({**(case.headers or {}), "Authorization": f"Bearer {key}"})
            tried += 1
            answer = case.call(base_url="http://localhost")
            case.validate_response(answer, checks=CHECKS)
            assert answer.status_code < 500 or case.path == "/readyz"

        try:
            check()
        except Unsatisfiable:
            bare.append(operation.label)  # nothing can be wrong about a request without parameters
        except (FailureGroup, AssertionError) as failure:
            single_failures = failure.exceptions if isinstance(failure, FailureGroup) else [failure]
            failures += [f"{operation.label}: {one}" for one in single_failures]
    assert not failures, "\n\n".join(failures)
    assert tried > 5 * EXAMPLES
    assert not bare or mode is GenerationMode.NEGATIVE, bare
    assert len(bare) < 10, bare
