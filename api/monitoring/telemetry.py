"""OpenTelemetry: off unless an endpoint is set."""

from collections.abc import MutableMapping
from typing import TYPE_CHECKING, Any

from api.settings import ServiceSettings

if TYPE_CHECKING:
    from fastapi.telemetry import TelemetryConfig

_OFF: "TelemetryConfig" = {"tracing": False, "metrics": False, "logs": False}


def telemetry_options(settings: ServiceSettings) -> "TelemetryConfig":
    """Return the telemetry settings of the framework: traces without the addresses of share links."""
    if settings.otel_endpoint is None:
        return _OFF
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    provider = TracerProvider(resource=Resource.create({"service.name": "movement-analyzer"}))
    exporter = OTLPSpanExporter(endpoint=f"{settings.otel_endpoint.rstrip('/')}/v1/traces")
    provider.add_span_processor(BatchSpanProcessor(exporter))
    return {"tracer_provider": provider, "metrics": False, "logs": False, "exclude": _secret}


def _secret(scope: MutableMapping[str, Any]) -> bool:
    """Return whether the address itself is a secret, and must not be traced."""
    return bool(scope["path"].startswith(("/s/", "/pair/")))
