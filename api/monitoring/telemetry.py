"""OpenTelemetry: off unless an endpoint is set."""

from collections.abc import MutableMapping
from typing import TYPE_CHECKING, Any

from analyzer.errors import AnalyzerError
from api.settings import ServiceSettings

if TYPE_CHECKING:
    from fastapi.telemetry import TelemetryConfig

_OFF: "TelemetryConfig" = {"tracing": False, "metrics": False, "logs": False}


class TelemetryMissingError(AnalyzerError):
    """The packages that send traces are not installed."""


def telemetry_options(settings: ServiceSettings) -> "TelemetryConfig":
    """Return the telemetry settings of the framework: traces without the addresses of share links."""
    if settings.otel_endpoint is None:
        return _OFF
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError:
        raise TelemetryMissingError(
            "ANALYZER_OTEL_ENDPOINT is set, and OpenTelemetry is not installed. Run: "
            "pip install -c constraints.txt -e '.[service,otel]'"
        ) from None

    provider = TracerProvider(resource=Resource.create({"service.name": "movement-analyzer"}))
    exporter = OTLPSpanExporter(endpoint=f"{settings.otel_endpoint.rstrip('/')}/v1/traces")
    provider.add_span_processor(BatchSpanProcessor(exporter))
    return {"tracer_provider": provider, "metrics": False, "logs": False, "exclude": _secret}


def _secret(scope: MutableMapping[str, Any]) -> bool:
    """Return whether the address itself is a secret, and must not be traced."""
    return bool(scope["path"].startswith(("/s/", "/pair/")))
