"""What is measured, and how one trace goes through services."""

import asyncio
import json

import httpx
import pytest
from fastapi import FastAPI

from musecore.broker import Delivery, LocalBroker, Message
from musecore.errors import Refused, Unavailable
from musecore.log import correlation, get_logger
from musecore.messages import TaskCancelled
from musecore.outbox import Relay, envelope_of, publish
from musecore.telemetry import (
    REGISTRY,
    carried,
    propagate,
    start_tracing,
    traced,
)
from musecore.times import uuid7
from musecore.web import compose, create_app
from tests.support.collector import Collector

CANCELLED = TaskCancelled(task_id=uuid7(), attempt=1, reason="a test")


def value(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


def lamps() -> FastAPI:
    app = create_app("musewise lamps")

    @app.get("/lamps/{number}")
    async def lamp(number: int) -> dict[str, int]:
        if number > 3:
            raise Unavailable("Dark.")
        get_logger("lamps").info("lamp asked")
        return {"number": number}

    return app


def client_of(app: FastAPI, **options: object) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://lamps", **options
    )


@pytest.mark.asyncio
async def test_requests_are_timed_by_the_template_of_their_route_and_their_status():
    async with client_of(compose("musewise", {"/lamps": lamps()})) as client:
        count = "musewise_http_request_duration_seconds_count"
        labels = {"service": "lamps", "method": "GET", "route": "/lamps/{number}"}
        before = [value(count, **labels, status=one) for one in ("200", "503")]
        for number in (1, 2, 9):
            await client.get(f"/lamps/lamps/{number}")
        after = [value(count, **labels, status=one) for one in ("200", "503")]
        assert [b - a for a, b in zip(before, after, strict=True)] == [2, 1]
        text = (await client.get("/metrics")).text
    assert 'service="lamps"' in text
    assert "# HELP musewise_http_request_duration_seconds" in text
    assert "lamps/9" not in text


@pytest.mark.asyncio
async def test_an_address_that_does_not_exist_makes_no_series_of_its_own():
    async with client_of(lamps()) as client:
        await client.get("/no/such/secret-17")
        text = (await client.get("/metrics")).text
    assert "secret-17" not in text
    assert 'route="(none)"' in text


@pytest.mark.asyncio
async def test_deliveries_are_counted_by_how_they_end():
    broker = LocalBroker(delay=lambda _attempt: 0.0)
    await broker.start()
    ends = iter([Unavailable("later"), None, Refused("never")])

    async def handle(_delivery: Delivery) -> None:
        if (error := next(ends)) is not None:
            raise error

    await broker.subscribe("ends", ["task.cancelled.v1"], handle)
    for _ in range(2):
        await broker.publish(Message.of(envelope_of(CANCELLED)))
    while await broker.depth("ends"):
        await asyncio.sleep(0.01)
    ended = {
        outcome: value("musewise_broker_messages_total", queue="ends", outcome=outcome)
        for outcome in ("done", "retried", "dead")
    }
    assert ended == {"done": 1, "retried": 1, "dead": 1}
    assert value("musewise_broker_dead_letters", queue="ends") == 1
    [letter] = await broker.dead_letters("ends")
    await broker.drop_dead("ends", letter.message.message_id)
    assert value("musewise_broker_dead_letters", queue="ends") == 0
    await broker.close()


@pytest.mark.asyncio
async def test_the_outbox_tells_how_much_is_unsent_and_since_when(databases):
    broker = LocalBroker()
    await broker.start()
    async with databases.database("scheduler", "muse_scheduler") as database:
        async with database.begin() as tx:
            await publish(tx, CANCELLED)
            await tx.execute("UPDATE outbox SET created_at = now() - interval '1 hour'")
        relay = Relay(database, broker)
        await relay.measure()
        age = "musewise_outbox_oldest_unsent_age_seconds"
        assert value("musewise_outbox_unsent_messages", service="scheduler") == 1
        assert 3600 <= value(age, service="scheduler") < 3700
        sent = {"service": "scheduler", "outcome": "sent"}
        failed = {"service": "scheduler", "outcome": "failed"}
        total = "musewise_outbox_published_total"
        before = (value(total, **sent), value(total, **failed))
        await relay.drain()  # nobody hears it
        await broker.declare("hearer", ["task.cancelled.v1"])
        async with database.begin() as tx:
            await tx.execute("UPDATE outbox SET due_at = now()")
        await relay.drain()
        assert value(total, **sent) == before[0] + 1
        assert value(total, **failed) == before[1] + 1
        await relay.measure()
        assert value("musewise_outbox_unsent_messages", service="scheduler") == 0
        assert value(age, service="scheduler") == 0
        used = {"service": "scheduler", "state": "used"}
        async with database.begin():
            assert value("musewise_database_connections", **used) == 1
    assert value("musewise_database_connections", **used) == 0
    await broker.close()


def test_every_metric_has_help_and_a_name_of_ours():
    for family in REGISTRY.collect():
        assert family.documentation
        assert family.name.startswith(("musewise_", "process_", "python_"))


@pytest.mark.asyncio
async def test_without_an_address_there_are_no_traces_and_no_headers():
    start_tracing("lamps", None)
    with traced("nothing") as span:
        assert not span.is_recording()
        assert carried() == {}
    assert dict(Message.of(envelope_of(CANCELLED)).headers) == {}


@pytest.mark.asyncio
async def test_one_trace_goes_through_a_request_a_message_and_the_answer(log_lines):
    broker = LocalBroker()
    await broker.start()
    app = lamps()

    @app.post("/switch")
    async def switch() -> None:
        await broker.publish(Message.of(envelope_of(CANCELLED)))

    async def handle(_delivery: Delivery) -> None:
        hooks = {"request": [propagate]}
        async with client_of(lamps(), event_hooks=hooks) as inner:
            await inner.get("/lamps/2")

    await broker.subscribe("switching", ["task.cancelled.v1"], handle)
    with Collector() as collector:
        with collector.traced_as("lamps"):
            async with client_of(app) as client:
                await client.post("/switch", headers={"X-Correlation-ID": "night-1"})
            while await broker.depth("switching"):
                await asyncio.sleep(0.01)
        spans = {span.name: span for span in collector.spans()}
    await broker.close()
    post, heard, get = (
        spans[name]
        for name in ("POST /switch", "task.cancelled.v1 handled", "GET /lamps/{number}")
    )
    assert len({post.trace_id, heard.trace_id, get.trace_id}) == 1
    assert heard.parent_span_id == post.span_id
    assert get.parent_span_id == heard.span_id
    lines = [json.loads(one) for one in log_lines()]
    [line] = [one for one in lines if one["event"] == "lamp asked"]
    assert line["trace_id"] == get.trace_id.hex()
    assert line["correlation_id"] == "night-1"
    assert line["queue"] == "switching"
    assert line["service"] == "lamps"
    [line] = [one for one in lines if one["event"] == "message handled"]
    assert line["correlation_id"] == "night-1"
    assert line["routing_key"] == "task.cancelled.v1"
    assert line["span_id"] == heard.span_id.hex()


@pytest.mark.asyncio
async def test_a_message_that_fails_is_told_every_time_with_its_correlation(log_lines):
    broker = LocalBroker(delay=lambda _attempt: 0.0)
    await broker.start()
    ends = iter([Unavailable("later"), Refused("never")])

    async def handle(_delivery: Delivery) -> None:
        raise next(ends)

    await broker.subscribe("failing", ["task.cancelled.v1"], handle)
    with correlation("night-2"):
        await broker.publish(Message.of(envelope_of(CANCELLED)))
    while await broker.depth("failing"):
        await asyncio.sleep(0.01)
    await broker.close()
    lines = [json.loads(one) for one in log_lines()]
    told = [(one["event"], one["detail"], one["correlation_id"]) for one in lines]
    assert told == [
        ("message not handled", "later", "night-2"),
        ("message not handled", "never", "night-2"),
        ("message became a dead letter", "never", "night-2"),
    ]


@pytest.mark.asyncio
async def test_a_collector_that_is_away_disturbs_nobody():
    with Collector() as collector:
        url = collector.url
    start_tracing("lamps", url, timeout_s=0.2)
    with correlation("x"), traced("something"):
        pass
    from musecore.telemetry import stop_tracing

    await asyncio.to_thread(stop_tracing)
