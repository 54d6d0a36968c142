"""The service as one FastAPI application: parts put together, routes by noun, the page beside them."""

import asyncio
import logging
import mimetypes
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from starlette.middleware import Middleware

from analyzer import __version__
from analyzer.result import Analysis
from api.db import analyses, workers
from api.db.engine import Database, open_database
from api.deps import Access, Services
from api.files import open_files
from api.jobs.port import Jobs
from api.limits import BodyLimit, RateLimit
from api.logs import RequestLog
from api.metrics import Measured, Metrics
from api.probing import Prober
from api.problems import add_handlers, documented
from api.routes import account, batches, clients, compare, marks, operations, results, shares, uploads
from api.routes import analyses as analyses_routes
from api.security import LOOPBACK, Guard
from api.settings import ServiceSettings
from api.telemetry import telemetry_of
from api.uploads import OneWriter, sweep

WEB = Path(__file__).parent / "web"
mimetypes.add_type("application/manifest+json", ".webmanifest")

_PER_ADDRESS = 60  # requests a minute of an address without a sign-in: links, pairing, wrong keys; chosen
_SWEEP_S = 3600  # between two looks at old uploads; chosen
_ABOUT = """Spine and hip angles, reps and a few helpful words from a side-view phone clip.

Send a clip to `POST /v1/analyses`, follow it, and get its files. Errors are `application/problem+json` (RFC 9457) and
say what to do. Show who you are with `Authorization: Bearer <key>`; on the machine itself nothing is asked."""


def create_app(settings: ServiceSettings, jobs: Jobs | None = None, *, access: Access | None = None) -> FastAPI:
    """The application; `jobs` is opened from the settings when it is not given, and closed with the app.

    `access` is how it is reached; without it everyone shows a key.
    """
    services = _services(settings, jobs, access or Access())
    app = FastAPI(
        title="Movement analyzer",
        version=__version__,
        description=_ABOUT,
        docs_url=None,  # they load their scripts from elsewhere
        redoc_url=None,
        lifespan=_lifespan,
        generate_unique_id_function=_operation_id,
        middleware=[
            Middleware(RequestLog),
            Middleware(Measured, metrics=services.metrics),
            Middleware(Guard, hosts=LOOPBACK if services.access.open else None),
            Middleware(
                BodyLimit,
                upload_bytes=settings.max_upload_bytes,
                forms=frozenset({analyses_routes.router.prefix, batches.router.prefix}),
                pieces=f"{uploads.PREFIX}/",
            ),
            Middleware(OneWriter, prefix=f"{uploads.PREFIX}/"),
        ],
        openapi_tags=[{"name": "uploads", "description": uploads.DESCRIPTION}],
        telemetry=telemetry_of(settings),
    )
    app.state.services = services
    add_handlers(app)
    for module in (analyses_routes, results, marks, shares, clients, compare, batches, account, operations):
        app.include_router(module.router)
    for module in (shares, account):
        app.include_router(module.public)
    app.include_router(uploads.tus_router(services), include_in_schema=False)
    if WEB.is_dir():
        app.frontend("/", directory=WEB, fallback=None)
    app.openapi = lambda: _openapi(app)  # type: ignore[method-assign]  # FastAPI's own way to extend it
    return app


def _services(settings: ServiceSettings, jobs: Jobs | None, access: Access) -> Services:
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    database = open_database(settings.db_url)
    database.migrate()
    return Services(
        settings=settings,
        access=access,
        database=database,
        files=open_files(settings),
        jobs=jobs if jobs is not None else _own_jobs(settings),
        prober=Prober(settings.clip_settings()),
        metrics=Metrics(lambda: _counts(database), lambda: _alive(database)),
        per_owner=RateLimit(settings.requests_per_minute, "requests"),
        per_address=RateLimit(_PER_ADDRESS, "requests without a sign-in"),
    )


def _own_jobs(settings: ServiceSettings) -> Jobs:
    from api.jobs.queue import open_jobs  # late: the engine takes a second to load

    return open_jobs(settings)


def _counts(database: Database) -> dict[str, int]:
    with database.reading() as session:
        return analyses.counts(session)


def _alive(database: Database) -> int:
    with database.reading() as session:
        return workers.alive(session)


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    services: Services = app.state.services
    await asyncio.to_thread(services.prober.warm)
    sweeping = asyncio.create_task(_sweeping(services))
    try:
        yield
    finally:
        services.stopping.set()
        sweeping.cancel()
        with suppress(asyncio.CancelledError):
            await sweeping
        await asyncio.to_thread(_close, services)


async def _sweeping(services: Services) -> None:
    while True:
        try:
            await asyncio.to_thread(sweep, services)
        except OSError:
            logging.getLogger("api").exception("old uploads could not be removed")
        await asyncio.sleep(_SWEEP_S)


def _close(services: Services) -> None:
    services.prober.close()
    services.jobs.close()
    services.database.close()


def _operation_id(route: APIRoute) -> str:
    return route.name


def _openapi(app: FastAPI) -> dict[str, Any]:
    if not app.openapi_schema:
        schema = get_openapi(
            title=app.title,
            version=app.version,
            description=app.description,
            routes=app.routes,
            tags=app.openapi_tags,
        )
        own = Analysis.model_json_schema(ref_template="#/components/schemas/{model}", mode="serialization")
        parts = own.pop("$defs", {})
        schema["components"]["schemas"] |= parts | {"Analysis": own}
        app.openapi_schema = documented(schema)
    return app.openapi_schema
