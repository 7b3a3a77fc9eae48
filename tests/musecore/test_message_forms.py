"""Messages as they look outside: their schemas, and every property on the wire.

`test_messages.py` keeps the past readable; here any change of a field, its type or
its default, of a header or of a property of RabbitMQ's shows in a golden file.
"""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aio_pika
import pytest

from musecore.broker import Message, RabbitBroker
from musecore.broker.rabbit_wire import EXCHANGE, wire_form
from musecore.messages import MESSAGES, Envelope, Payload
from musecore.telemetry import continued
from musecore.testing import assert_golden
from musecore.testing.broker_suite import Heard
from tests.support.collector import Collector

GOLDEN = Path(__file__).parents[1] / "data" / "messages"
TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def past(name: str) -> Envelope:
    return Envelope.model_validate_json((GOLDEN / f"{name}.json").read_bytes())


def without_prose(schema: Any) -> Any:
    """Leave out what readers do not depend on: titles and descriptions."""
    if isinstance(schema, list):
        return [without_prose(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        key: without_prose(value)
        for key, value in schema.items()
        if not (key in ("title", "description") and isinstance(value, str))
    }


def schema_text(model: type[Payload] | type[Envelope]) -> str:
    return json.dumps(without_prose(model.model_json_schema()), indent=1) + "\n"


@pytest.fixture
def tracing() -> Iterator[None]:
    """Trace, as the child of a request whose ids are known."""
    with (
        Collector() as collector,
        collector.traced_as("catalog"),
        continued({"traceparent": TRACEPARENT}),
    ):
        yield


def on_the_wire(name: str) -> dict[str, Any]:
    """Give what RabbitMQ is given for a message of the past when it is sent today."""
    envelope = past(name)
    message = Message.of(envelope)
    form = wire_form(message)
    properties = {
        "message_id": form.message_id,
        "content_type": form.content_type,
        "delivery_mode": form.delivery_mode,
    }
    return {
        "exchange": EXCHANGE,
        "routing_key": message.routing_key,
        "properties": properties,
        "headers": form.headers,
        "body": json.loads(form.body),
    }


@pytest.mark.parametrize("name", MESSAGES)
def test_a_field_of_a_message_changes_under_the_eyes_of_a_person_only(
    name: str, update_golden: bool
) -> None:
    path = GOLDEN / "schemas" / f"{name}.json"
    assert_golden(path, schema_text(MESSAGES[name]), update=update_golden)


def test_so_does_a_field_of_the_envelope(update_golden: bool) -> None:
    path = GOLDEN / "schemas" / "envelope.json"
    assert_golden(path, schema_text(Envelope), update=update_golden)


@pytest.mark.parametrize("name", MESSAGES)
def test_a_message_is_sent_with_these_properties_and_headers(
    name: str, tracing: None, update_golden: bool
) -> None:
    form = on_the_wire(name)
    assert form["headers"]["traceparent"] == TRACEPARENT
    assert form["headers"]["correlation_id"] == past(name).correlation_id
    text = json.dumps(form, indent=1) + "\n"
    assert_golden(GOLDEN / "wire" / f"{name}.json", text, update=update_golden)


def test_golden_files_are_of_messages_that_exist() -> None:
    kept = {path.stem for path in (GOLDEN / "wire").iterdir()}
    schemas = {path.stem for path in (GOLDEN / "schemas").iterdir()}
    assert kept == set(MESSAGES)
    assert schemas == {*MESSAGES, "envelope"}


@pytest.mark.real
@pytest.mark.asyncio
async def test_what_an_older_version_left_in_rabbitmq_is_read_whole(
    rabbit_url: str,
) -> None:
    forms = [json.loads(path.read_text()) for path in (GOLDEN / "wire").iterdir()]
    broker = RabbitBroker(rabbit_url)
    await broker.start()
    await broker.declare("everything", ["#"])
    async with await aio_pika.connect(rabbit_url) as connection:
        exchange = await (await connection.channel()).get_exchange(EXCHANGE)
        for form in forms:
            body = json.dumps(form["body"]).encode()
            sent = aio_pika.Message(body, headers=form["headers"], **form["properties"])
            await exchange.publish(sent, form["routing_key"])
    heard = Heard()
    reading = await broker.subscribe("everything", [], heard, prefetch=1)
    await heard.count(len(forms))
    await asyncio.gather(reading.cancel(), broker.close())
    for form, delivery in zip(forms, heard.deliveries, strict=True):
        message = delivery.message
        assert message.message_id == form["body"]["message_id"]
        assert message.routing_key == delivery.payload.name == form["body"]["name"]
        assert message.headers == {
            "correlation_id": form["body"]["correlation_id"],
            "traceparent": TRACEPARENT,
        }
        assert delivery.envelope == past(delivery.payload.name)
