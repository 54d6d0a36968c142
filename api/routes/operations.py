"""Routes for operators: health, readiness and metrics."""

import logging
from collections.abc import Callable

from fastapi import APIRouter, Response
from sqlalchemy import text

from api.auth import CurrentCaller
from api.db import workers
from api.dependencies import Services, ServicesDep
from api.metrics import CONTENT_TYPE
from api.schemas import HealthOut

router = APIRouter(tags=["operations"])


@router.get("/healthz")
async def get_health() -> HealthOut:
    """Report that the process answers."""
    return HealthOut(status="ok")


@router.get("/readyz", responses={503: {"model": HealthOut}})
def get_readiness(services: ServicesDep, response: Response) -> HealthOut:
    """Report whether clips can be analysed: the database and the files answer, and a worker is alive."""
    checks = {
        "database": _check_status(lambda: _database(services)),
        "files": _check_status(lambda: services.files.exists("readyz")),
        "worker": _check_status(lambda: _worker(services)),
    }
    ready = all(status == "ok" for status in checks.values()) and not services.stopping.is_set()
    response.status_code = 200 if ready else 503
    return HealthOut(status="ok" if ready else "not_ready", checks=checks)


@router.get(
    "/metrics", response_class=Response, responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}}
)
def get_metrics(services: ServicesDep, who: CurrentCaller) -> Response:
    """Return metrics in the Prometheus text format. It requires a key, as all other routes do."""
    return Response(services.metrics.text(), media_type=CONTENT_TYPE)


def _check_status(check: Callable[[], object]) -> str:
    try:
        problem = check()
    except Exception:
        logging.getLogger("api.operations").exception("not ready")
        return "does not answer"
    return problem if isinstance(problem, str) else "ok"


def _database(services: Services) -> None:
    with services.database.read_session() as session:
        session.execute(text("SELECT 1"))


def _worker(services: Services) -> str:
    with services.database.read_session() as session:
        return "ok" if workers.count_alive(session) else "no worker is running; start one: analyzer worker"
