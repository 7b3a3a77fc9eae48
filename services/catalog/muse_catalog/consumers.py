"""Messages that the catalogue hears."""

from muse_catalog.service import Ingest, Products
from musecore.broker import (
    Broker,
    Delivery,
    MessageUnparseable,
    Subscription,
    queue_of,
)
from musecore.messages import FileRefused, FileStored, FileUnwanted, TaskFinished

__all__ = ["subscribe"]

_QUEUE = queue_of("catalog")
_AT_ONCE = 4


async def subscribe(broker: Broker, ingest: Ingest, products: Products) -> Subscription:
    """Let the use cases hear what concerns them."""

    async def handle(delivery: Delivery) -> None:
        message_id = delivery.envelope.message_id
        match delivery.payload:
            case FileStored() as message:
                await ingest.on_stored(message_id, message)
            case FileRefused() as message:
                await ingest.on_refused(message_id, message)
            case FileUnwanted() as message:
                await ingest.on_unwanted(message_id, message)
            case TaskFinished() as message:
                await products.on_finished(message_id, message)
            case other:
                raise MessageUnparseable(f"{other.name} is none of {_QUEUE.hears}.")

    return await broker.subscribe(_QUEUE.name, _QUEUE.hears, handle, prefetch=_AT_ONCE)
