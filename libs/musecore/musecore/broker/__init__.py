"""Messages between services: one contract, a broker inside this process.

`Broker` is what services see; `LocalBroker` fulfils it without a server.
"""

from musecore.broker.contract import (
    Broker,
    DeadLetter,
    Delivery,
    Handler,
    Message,
    MessageUnparseable,
    Subscription,
    Topology,
    Unroutable,
    matches,
)
from musecore.broker.local import LocalBroker

__all__ = [
    "Broker",
    "DeadLetter",
    "Delivery",
    "Handler",
    "LocalBroker",
    "Message",
    "MessageUnparseable",
    "Subscription",
    "Topology",
    "Unroutable",
    "matches",
]
