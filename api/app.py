"""The service as one FastAPI application: middleware, routes and the phone page."""

import asyncio
import logging
import mimetypes
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from sqlalchemy.exc import DBAPIError
from starlette.middleware import Middleware

from analyzer import __version__
from analyzer.movements.minimal_detectable_change import NO_OWN_MDC
from analyzer.repeatability.schema import read_mdc_table
from analyzer.results.schema import Analysis
from api.access.open_requests import OpenRequestMiddleware
from api.access.rate_limits import BodyLimitMiddleware, RateLimit
from api.access.security import SecurityMiddleware
from api.analysis_events import AnalysisEvents
from api.auth import CredentialMiddleware
from api.clients.export import remove_exports
from api.db import analyses, service_state, workers
from api.db.engine import Database, open_database
from api.db.sqlite_file import DatabaseGoneError
from api.db.write_gate import DatabaseBusyError
from api.dependencies import Access, Services
from api.jobs.interface import JobQueue
from api.jobs.prompt_queue import PromptJobQueue
from api.json_object import JsonObject
from api.live_guide_files import LiveGuideFiles
from api.monitoring.metrics import CLEANUP_ON_HOLD, DISK_FREE, MetricsMiddleware, ServiceMetrics
from api.monitoring.structured_logs import RequestLogMiddleware
from api.monitoring.telemetry import telemetry_options
from api.responses.page_compression import PageCompressionMiddleware
from api.responses.problem_details import add_handlers, add_problem_responses
from api.responses.share_target import ShareTargetMiddleware
from api.responses.storage_problems import add_storage_handlers
from api.routes import (
    account,
    batches,
    clients,
    compare,
    documentation,
    live_guide,
    marks,
    operations,
    repeatability,
    results,
    sessions,
    shares,
    uploads,
    vocabulary,
)
from api.routes import analyses as analyses_routes
from api.settings import ServiceSettings
from api.storage.clock_guard import ClockGuard
from api.storage.disk_space import DiskSpace
from api.storage.file_store import make_durable_folder, open_files
from api.storage.store_identity import StoreGuard
from api.untrusted_files.clip_probing import ClipProber
from api.uploads.resumable import SingleWriterMiddleware, sweep_uploads

WEB_DIR = Path(__file__).parent / "web"
mimetypes.add_type("application/manifest+json", ".webmanifest")

_PER_ADDRESS = 60  # requests per minute and address without a sign-in: links, pairing, wrong keys; chosen
_PUBLIC_BODIES = {"/v1/sign-ins": 2000, "/pair/": 2000}  # addresses that accept a body of anybody; bytes; chosen
_WRITE_WAIT_S = 5.0  # a request waits at most this long for other writers of SQLite; chosen
_SWEEP_S = 3600  # between two removals of old uploads and exports; chosen
_EXPORT_GRACE_S = 60  # an export that grew within this may be another server's; chosen
_API_DESCRIPTION = """Spine and hip angles, reps and clear feedback from a side-view phone clip.

Send a clip to `POST /v1/analyses`, follow the analysis, and download its files. Errors are `application/problem+json`
(RFC 9457) and say what to do. Authenticate with `Authorization: Bearer <key>`; on this machine no key is needed."""

_TAGS = [
    {"name": "analyses", "description": "Send clips, follow their analysis, correct, compare and delete them."},
    {"name": "uploads", "description": uploads.TUS_DESCRIPTION},
    {"name": "results", "description": "Files of a finished analysis."},
    {"name": "marks", "description": "What the client reports, and what the coach adds."},
    {"name": "clients", "description": "People who are filmed: timeline, export and deletion."},
    {"name": "sessions", "description": "A few clips of one client in the order of a plan, with a card at the end."},
    {"name": "shares", "description": "Links to a client's page."},
    {"name": "batches", "description": "Many clips at once."},
    {"name": "account", "description": "Signing in, and the limits of your account."},
    {"name": "vocabulary", "description": "Movements, and the words and units of results."},
    {"name": "operations", "description": "Health and metrics."},
]  # in the order in which the documentation shows them


_ROUTERS = (
    analyses_routes.router,
    results.router,
    marks.router,
    shares.router,
    clients.router,
    sessions.router,
    compare.router,
    repeatability.router,
    batches.router,
    account.router,
    vocabulary.router,
    operations.router,
)


def create_app(settings: ServiceSettings, jobs: JobQueue | None = None, *, access: Access | None = None) -> FastAPI:
    """Create the application.

    Parameters
    ----------
    jobs : job queue; by default it is opened from the settings. The application closes it.
    access : how the service is reached; by default every caller needs a key.
    """
    services = _services(settings, jobs, access or Access())
    app = FastAPI(
        title="Movement analyzer",
        version=__version__,
        description=_API_DESCRIPTION,
        docs_url=None,  # FastAPI's own pages load scripts from other hosts; ours: api/routes/documentation.py
        redoc_url=None,
        lifespan=_lifespan,
        generate_unique_id_function=_operation_id,
        middleware=[
            Middleware(RequestLogMiddleware),
            Middleware(MetricsMiddleware, metrics=services.metrics),
            Middleware(OpenRequestMiddleware, requests=services.open_requests),
            Middleware(SecurityMiddleware, local_only=services.access.is_open, hsts=not services.access.is_self_signed),
            Middleware(PageCompressionMiddleware),
            Middleware(ShareTargetMiddleware),
            Middleware(CredentialMiddleware, services=services, public=_PUBLIC_BODIES),
            Middleware(
                BodyLimitMiddleware,
                upload_bytes=settings.max_upload_bytes,
                forms=frozenset({analyses_routes.router.prefix, batches.router.prefix}),
                pieces=f"{uploads.UPLOADS_PREFIX}/",
            ),
            Middleware(SingleWriterMiddleware, prefix=f"{uploads.UPLOADS_PREFIX}/", disk=services.disk),
        ],
        openapi_tags=_TAGS,
        telemetry=telemetry_options(settings),
    )
    app.state.services = services
    add_handlers(app)
    add_storage_handlers(app)
    for router in _ROUTERS:
        app.include_router(router)
    for module in (shares, account):
        app.include_router(module.public)
    app.include_router(uploads.tus_router(services), include_in_schema=False)
    app.include_router(documentation.router)
    app.include_router(live_guide.router)
    if WEB_DIR.is_dir():
        app.frontend("/", directory=WEB_DIR, fallback=None)
    app.openapi = lambda: _openapi(app)  # type: ignore[method-assign]  # as FastAPI documents it
    return app


def _services(settings: ServiceSettings, jobs: JobQueue | None, access: Access) -> Services:
    make_durable_folder(settings.data_dir)
    received = (settings.data_dir / "incoming", settings.data_dir / "uploads")
    for folder in received:  # the prober can read only folders that exist when it starts
        folder.mkdir(parents=True, exist_ok=True)
    database = open_database(settings.db_url, _WRITE_WAIT_S)
    database.migrate()
    if database.sqlite is not None:
        database.sqlite.hold_reserve()
    stopping = threading.Event()
    files, disk = open_files(settings), DiskSpace(settings.disk_folders, settings.min_free_bytes)
    store = StoreGuard(database, files)
    store.start()
    return Services(
        settings=settings,
        access=access,
        database=database,
        files=files,
        jobs=jobs if jobs is not None else _open_owned_jobs(settings),
        prober=ClipProber(settings.clip_settings(), received),
        metrics=ServiceMetrics(
            lambda: _counts(database),
            lambda: _count_live_workers(database),
            {DISK_FREE: disk.free_bytes, CLEANUP_ON_HOLD: lambda: _is_cleanup_on_hold(database)},
        ),
        disk=disk,
        clock=ClockGuard(database),
        store=store,
        per_owner=RateLimit(settings.requests_per_minute, "requests"),
        per_address=RateLimit(_PER_ADDRESS, "requests without a sign-in"),
        events=AnalysisEvents(database, stopping, settings.event_streams_per_owner),
        live_guide=LiveGuideFiles(settings.clip_settings(), settings.live_guide),
        stopping=stopping,
        own_mdc=NO_OWN_MDC if settings.repeatability_file is None else read_mdc_table(settings.repeatability_file),
    )


def _open_owned_jobs(settings: ServiceSettings) -> JobQueue:
    from api.jobs.dbos_queue import open_jobs  # deferred: the engine takes a second to load

    return PromptJobQueue(open_jobs(settings))


def _counts(database: Database) -> dict[str, int]:
    with database.read_session() as session:
        return analyses.count_by_status(session)


def _is_cleanup_on_hold(database: Database) -> bool:
    try:
        with database.read_session() as session:
            return service_state.get(session, "cleanup_on_hold") is not None
    except Exception:  # metrics are answered without the database, too
        return True


def _count_live_workers(database: Database) -> int:
    with database.read_session() as session:
        return workers.count_alive(session)


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    services: Services = app.state.services
    await asyncio.to_thread(services.prober.start_ahead)
    tasks = [
        asyncio.create_task(_sweep_uploads_hourly(services)),
        asyncio.create_task(services.open_requests.watch(services.database)),
    ]
    try:
        yield
    finally:
        services.stopping.set()
        for task in tasks:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        await asyncio.to_thread(_close, services)


async def _sweep_uploads_hourly(services: Services) -> None:
    await asyncio.to_thread(remove_exports, services.incoming, older_than_s=_EXPORT_GRACE_S)
    while True:
        try:
            await asyncio.to_thread(remove_exports, services.incoming, older_than_s=_SWEEP_S)
            await asyncio.to_thread(sweep_uploads, services)
        except (OSError, DatabaseBusyError, DatabaseGoneError, DBAPIError):
            logging.getLogger("api").exception("old uploads could not be removed")
        await asyncio.sleep(_SWEEP_S)


def _close(services: Services) -> None:
    services.prober.close()
    services.jobs.close()
    services.database.close()


def _operation_id(route: APIRoute) -> str:
    return route.name


def _openapi(app: FastAPI) -> JsonObject:
    if not app.openapi_schema:
        schema = get_openapi(
            title=app.title,
            version=app.version,
            description=app.description,
            routes=app.routes,
            tags=app.openapi_tags,
        )
        result_schema = Analysis.model_json_schema(ref_template="#/components/schemas/{model}", mode="serialization")
        parts = result_schema.pop("$defs", {})
        schema["components"]["schemas"] |= parts | {"Analysis": result_schema}
        app.openapi_schema = add_problem_responses(schema)
    return app.openapi_schema
