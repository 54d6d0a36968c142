"""Prometheus metrics in a registry of our own: requests, and the jobs and workers in the database."""

import logging
import time
from collections.abc import Callable, Iterator, Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from analyzer import __version__
from api.db.statuses import STATUSES

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)  # chosen

DISK_FREE = "analyzer_disk_free_bytes"
CLEANUP_ON_HOLD = "analyzer_cleanup_on_hold"
_STATE = {
    DISK_FREE: "Free space of the fullest disk that the service writes to",
    CLEANUP_ON_HOLD: "Whether nothing is deleted by age until an operator acts: see /readyz",
}

CountsProvider = Callable[[], dict[str, int]]


class ServiceMetrics:
    """All metrics of one service."""

    def __init__(
        self,
        analyses: CountsProvider,
        workers: Callable[[], int],
        state: Mapping[str, Callable[[], float]] | None = None,
    ) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "analyzer_http_requests", "Requests", ["method", "route", "status"], registry=self.registry
        )
        self.seconds = Histogram(
            "analyzer_http_request_seconds",
            "Time to the end of the response",
            ["method", "route"],
            registry=self.registry,
            buckets=_BUCKETS_S,
        )
        self.open = Gauge("analyzer_http_requests_open", "Requests in progress", registry=self.registry)
        self.uploaded = Counter("analyzer_upload_bytes", "Bytes of clips received", registry=self.registry)
        about = Gauge("analyzer_info", "Version", ["version"], registry=self.registry)
        about.labels(__version__).set(1)
        self.registry.register(_DatabaseCollector(analyses, workers))
        for name, read in (state or {}).items():
            Gauge(name, _STATE[name], registry=self.registry).set_function(read)

    def text(self) -> bytes:
        """Return the metrics in the Prometheus text format."""
        return generate_latest(self.registry)


class _DatabaseCollector(Collector):
    def __init__(self, analyses: CountsProvider, workers: Callable[[], int]) -> None:
        self._analyses, self._workers = analyses, workers

    def describe(self) -> Iterator[GaugeMetricFamily]:
        """Return nothing: registering the collector must not query the database."""
        return iter(())

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yield the current figures of the database."""
        try:
            counts, alive = self._analyses(), self._workers()
        except Exception:
            logging.getLogger("api.metrics").exception("the database does not answer")
            return
        family = GaugeMetricFamily("analyzer_analyses", "Analyses by status", labels=["status"])
        for status in STATUSES:
            family.add_metric([status], counts.get(status, 0))
        yield family
        yield GaugeMetricFamily("analyzer_workers", "Workers alive", value=alive)


class MetricsMiddleware:
    """Count and time every request by its route, never by its address."""

    def __init__(self, app: ASGIApp, metrics: ServiceMetrics) -> None:
        self.app, self._metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        started, status = time.perf_counter(), 500

        async def send_noted(message: Message) -> None:
            """Record the status of the response, then send the message."""
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        self._metrics.open.inc()
        try:
            await self.app(scope, receive, send_noted)
        finally:
            self._metrics.open.dec()
            method = scope["method"] if scope["method"] in _METHODS else "other"
            route = _route_of(scope)
            self._metrics.requests.labels(method, route, str(status)).inc()
            self._metrics.seconds.labels(method, route).observe(time.perf_counter() - started)


_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def _route_of(scope: Scope) -> str:
    """Return the path with names in place of its ids."""
    path = scope["path"]
    for name, value in (scope.get("path_params") or {}).items():
        path = path.replace(f"/{value}", f"/{{{name}}}", 1)
    if (
        scope.get("route") is not None
        and scope.get("path_params") is not None
        and path.startswith(("/v1/", "/s/", "/pair/"))
    ):
        return str(path)
    return path if path in ("/healthz", "/readyz", "/metrics", "/openapi.json") else "other"
