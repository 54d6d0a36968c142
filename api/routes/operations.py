"""Routes for operators: health, readiness and metrics."""

import hmac
import logging
from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.security.utils import get_authorization_scheme_param
from sqlalchemy import text

from api.auth import identify_caller, key_scheme
from api.db import service_state, workers
from api.db.sqlite_file import DatabaseGoneError
from api.dependencies import Services, ServicesDep
from api.monitoring.metrics import CONTENT_TYPE
from api.responses.problem_details import Problem
from api.schemas.service import HealthOut

router = APIRouter(tags=["operations"])

_NO_WORKER = "no worker takes jobs; start one: analyzer worker"


async def _check_operator(services: ServicesDep, request: Request, _: Annotated[object, Depends(key_scheme)]) -> None:
    """Raise Problem 401 or 403 for callers other than the operator."""
    expected = services.settings.metrics_key
    scheme, given = get_authorization_scheme_param(request.headers.get("authorization"))
    if expected and scheme.lower() == "bearer" and hmac.compare_digest(given.encode(), expected.encode()):
        return
    if (await identify_caller(request, services)).kind != "open":
        detail = "Metrics cover all owners. Set ANALYZER_METRICS_KEY, and send it as the bearer key."
        raise Problem(403, "operators-only", detail)


OperatorAccess = Annotated[None, Depends(_check_operator)]


@router.get("/healthz")
async def get_health() -> HealthOut:
    """Report that the process answers."""
    return HealthOut(status="ok")


@router.get("/readyz", responses={503: {"model": HealthOut}})
def get_readiness(services: ServicesDep, response: Response) -> HealthOut:
    """Report whether clips can be accepted and analysed.

    Database and files answer and belong together, the disk has free space, and a worker is alive. `cleanup` says why
    nothing is deleted by age, if so; the service is ready all the same.
    """
    checks = {
        "database": _check_status(lambda: _database(services)),
        "files": _check_status(services.store.find_problem),
        "disk": _check_status(services.disk.describe_shortage),
        "worker": _check_status(lambda: _worker(services)),
    }
    ready = all(status == "ok" for status in checks.values()) and not services.stopping.is_set()
    checks["cleanup"] = _check_status(lambda: _cleanup(services))
    response.status_code = 200 if ready else 503
    return HealthOut(status="ok" if ready else "not_ready", checks=checks)


@router.get(
    "/metrics",
    response_class=Response,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}, 403: {}},
)
def get_metrics(services: ServicesDep, _: OperatorAccess) -> Response:
    """Return metrics in the Prometheus text format. They cover all owners: an owner's key does not open them.

    Send `ANALYZER_METRICS_KEY` as the bearer key; on this machine no key is needed.
    """
    return Response(services.metrics.text(), media_type=CONTENT_TYPE)


def _check_status(check: Callable[[], object]) -> str:
    try:
        problem = check()
    except DatabaseGoneError as error:
        return str(error)
    except Exception:
        logging.getLogger("api.operations").exception("not ready")
        return "does not answer"
    return problem if isinstance(problem, str) else "ok"


def _database(services: Services) -> None:
    with services.database.read_session() as session:
        session.execute(text("SELECT 1"))


def _cleanup(services: Services) -> str | None:
    with services.database.read_session() as session:
        return service_state.get(session, "cleanup_on_hold")


def _worker(services: Services) -> str:
    with services.database.read_session() as session:
        if workers.count_alive(session):
            return "ok"
        reasons = workers.list_reasons_to_wait(session)
        return f"no worker takes jobs: it waits for {', and for '.join(reasons)}" if reasons else _NO_WORKER
