"""Messages that the gateway hears."""

from muse_storage.service import Holdings
from musecore.broker import Broker, Delivery, Subscription, queue_of
from musecore.messages import FileUnwanted

__all__ = ["subscribe"]

_QUEUE = queue_of("storage")


async def subscribe(broker: Broker, holdings: Holdings) -> Subscription:
    """Let `holdings` hear what concerns it."""

    async def handle(delivery: Delivery) -> None:
        payload = delivery.payload
        assert isinstance(payload, FileUnwanted)
        await holdings.on_unwanted(delivery.envelope.message_id, payload)

    return await broker.subscribe(_QUEUE.name, _QUEUE.hears, handle)
