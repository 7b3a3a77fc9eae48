"""A handler at work: correlation, trace and time around it, the same for all brokers."""

from musecore.broker.contract import Delivery, Handler
from musecore.log import bound, correlation, get_logger
from musecore.telemetry import BROKER_HANDLING_SECONDS, continued, traced

__all__ = ["attend"]

log = get_logger(__name__)


async def attend(handler: Handler, delivery: Delivery) -> None:
    """Let `handler` have a delivery; raises what it raises."""
    message, queue = delivery.message, delivery.queue
    with (
        correlation(message.headers.get("correlation_id")),
        bound(queue=queue, message_id=message.message_id),
        continued(message.headers),
        traced(
            f"{message.routing_key} handled",
            kind="consumer",
            messaging_destination=queue,
            messaging_message_id=message.message_id,
            messaging_attempt=delivery.attempt,
        ),
        BROKER_HANDLING_SECONDS.labels(queue).time(),
    ):
        said = {"routing_key": message.routing_key, "delivery": delivery.attempt}
        try:
            await handler(delivery)
        except Exception as error:
            log.warning("message not handled", **said, detail=str(error))
            raise
        log.info("message handled", **said)
