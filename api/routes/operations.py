"""For those who run it: is it up, is it ready, how busy is it."""

import logging
from collections.abc import Callable

from fastapi import APIRouter, Response
from sqlalchemy import text

from api.auth import Who
from api.db import workers
from api.deps import Parts, Services
from api.metrics import CONTENT_TYPE
from api.schemas import Health

router = APIRouter(tags=["operations"])


@router.get("/healthz")
async def get_health() -> Health:
    """Whether the process answers."""
    return Health(status="ok")


@router.get("/readyz", responses={503: {"model": Health}})
def get_readiness(services: Parts, response: Response) -> Health:
    """Whether work can be done: the database and the files answer, and a worker is alive."""
    checks = {
        "database": _tried(lambda: _database(services)),
        "files": _tried(lambda: services.files.exists("readyz")),
        "worker": _tried(lambda: _worker(services)),
    }
    ready = all(told == "ok" for told in checks.values()) and not services.stopping.is_set()
    response.status_code = 200 if ready else 503
    return Health(status="ok" if ready else "not_ready", checks=checks)


@router.get(
    "/metrics", response_class=Response, responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}}
)
def get_metrics(services: Parts, who: Who) -> Response:
    """Figures for Prometheus; it takes a key as everything else does."""
    return Response(services.metrics.text(), media_type=CONTENT_TYPE)


def _tried(check: Callable[[], object]) -> str:
    try:
        told = check()
    except Exception:
        logging.getLogger("api.operations").exception("not ready")
        return "does not answer"
    return told if isinstance(told, str) else "ok"


def _database(services: Services) -> None:
    with services.database.reading() as session:
        session.execute(text("SELECT 1"))


def _worker(services: Services) -> str:
    with services.database.reading() as session:
        return "ok" if workers.alive(session) else "none is alive; start one: analyzer worker"
