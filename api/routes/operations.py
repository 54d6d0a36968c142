"""For those who run it: is it up, is it ready, how busy is it."""

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
    """Whether the process answers."""
    return HealthOut(status="ok")


@router.get("/readyz", responses={503: {"model": HealthOut}})
def get_readiness(services: ServicesDep, response: Response) -> HealthOut:
    """Whether work can be done: the database and the files answer, and a worker is alive."""
    checks = {
        "database": _check_status(lambda: _database(services)),
        "files": _check_status(lambda: services.files.exists("readyz")),
        "worker": _check_status(lambda: _worker(services)),
    }
    ready = all(told == "ok" for told in checks.values()) and not services.stopping.is_set()
    response.status_code = 200 if ready else 503
    return HealthOut(status="ok" if ready else "not_ready", checks=checks)


@router.get(
    "/metrics", response_class=Response, responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}}
)
def get_metrics(services: ServicesDep, who: CurrentCaller) -> Response:
    """Figures for Prometheus; it takes a key as everything else does."""
    return Response(services.metrics.text(), media_type=CONTENT_TYPE)


def _check_status(check: Callable[[], object]) -> str:
    try:
        told = check()
    except Exception:
        logging.getLogger("api.operations").exception("not ready")
        return "does not answer"
    return told if isinstance(told, str) else "ok"


def _database(services: Services) -> None:
    with services.database.read_session() as session:
        session.execute(text("SELECT 1"))


def _worker(services: Services) -> str:
    with services.database.read_session() as session:
        return "ok" if workers.count_alive(session) else "none is alive; start one: analyzer worker"
