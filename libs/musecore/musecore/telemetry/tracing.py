"""OpenTelemetry traces through requests, messages and recipes; off unless started.

While off, `traced` opens nothing and `carried` adds nothing. What one service tells
another is in the W3C header ``traceparent``, of HTTP requests and of messages alike.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Protocol

from opentelemetry import context as otel_context
from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Span, SpanKind, Status, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from musecore.log import correlation_id, service_name

__all__ = [
    "Span",
    "SpanKind",
    "carried",
    "continued",
    "fail",
    "propagate",
    "start_tracing",
    "stop_tracing",
    "traced",
    "tracing",
]

_KINDS = {
    "internal": SpanKind.INTERNAL,
    "server": SpanKind.SERVER,
    "client": SpanKind.CLIENT,
    "producer": SpanKind.PRODUCER,
    "consumer": SpanKind.CONSUMER,
}
_W3C = TraceContextTextMapPropagator()
_OFF = trace.INVALID_SPAN


class _State:
    """Whether this process traces, and by what."""

    provider: TracerProvider | None = None


def start_tracing(
    service: str, otlp_url: str | None, *, timeout_s: float = 10.0
) -> None:
    """Send the spans of this process to a collector, by OTLP over HTTP.

    Parameters
    ----------
    otlp_url
        Address of the collector, without ``/v1/traces``; None: no traces.
    """
    if otlp_url is None:
        return
    stop_tracing()
    exporter = OTLPSpanExporter(
        endpoint=f"{otlp_url.rstrip('/')}/v1/traces", timeout=timeout_s
    )
    provider = TracerProvider(
        resource=Resource.create({"service.name": service}), shutdown_on_exit=False
    )
    provider.add_span_processor(BatchSpanProcessor(exporter))
    _State.provider = provider


def stop_tracing() -> None:
    """Send what is left, and trace no more. Blocks for some seconds at most."""
    provider, _State.provider = _State.provider, None
    if provider is not None:
        provider.shutdown()


def tracing() -> bool:
    """Whether spans are made."""
    return _State.provider is not None


@contextmanager
def traced(name: str, *, kind: str = "internal", **attributes: Any) -> Iterator[Span]:
    """Time what happens inside the block as a span; an exception marks it as failed.

    Attribute names take ``_`` for ``.``: ``musewise_ifu=7`` is ``musewise.ifu``.
    """
    if _State.provider is None:
        yield _OFF
        return
    tracer = _State.provider.get_tracer("musewise")
    said = {key.replace("_", ".", 1): value for key, value in attributes.items()}
    said["musewise.service"] = service_name()
    said["musewise.correlation_id"] = correlation_id()
    known = {key: value for key, value in said.items() if value is not None}
    with tracer.start_as_current_span(
        name, kind=_KINDS[kind], attributes=known, set_status_on_exception=True
    ) as span:
        yield span


def fail(span: Span, why: str) -> None:
    """Mark a span as failed without an exception."""
    span.set_status(Status(StatusCode.ERROR, why))


def carried() -> dict[str, str]:
    """Give the headers that let another service go on with the present trace."""
    headers: dict[str, str] = {}
    if _State.provider is not None:
        _W3C.inject(headers)
    return headers


@contextmanager
def continued(headers: Mapping[str, str]) -> Iterator[None]:
    """Go on with the trace that these headers tell of; with none: begin anew."""
    if _State.provider is None:
        yield
        return
    token = otel_context.attach(_W3C.extract(headers, otel_context.Context()))
    try:
        yield
    finally:
        otel_context.detach(token)


class _Request(Protocol):
    @property
    def headers(self) -> Any: ...


async def propagate(request: _Request) -> None:
    """Let a request of httpx carry the trace: ``event_hooks={"request": [propagate]}``."""
    for name, value in carried().items():
        request.headers[name] = value
