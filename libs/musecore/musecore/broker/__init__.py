"""Messages between services: one contract, RabbitMQ or a broker in this process.

`Broker` is what services see; `RabbitBroker` fulfils it for a fleet, `LocalBroker`
without a server. `topology.yaml` describes the queues of the fleet.
"""

from musecore.broker.contract import (
    Broker,
    BrokerForbidden,
    BrokerUnavailable,
    DeadLetter,
    DeadLetterNotFound,
    DeliveredTooOften,
    Delivery,
    Handler,
    Message,
    MessageUnparseable,
    QueueMismatch,
    Subscription,
    Topology,
    Unroutable,
    matches,
)
from musecore.broker.local import LocalBroker
from musecore.broker.rabbit import RabbitBroker
from musecore.broker.rabbit_wire import LOST
from musecore.broker.topology import (
    FleetQueue,
    FleetQueues,
    fleet_queues,
    fleet_topology,
    queue_of,
)

__all__ = [
    "LOST",
    "Broker",
    "BrokerForbidden",
    "BrokerUnavailable",
    "DeadLetter",
    "DeadLetterNotFound",
    "DeliveredTooOften",
    "Delivery",
    "FleetQueue",
    "FleetQueues",
    "Handler",
    "LocalBroker",
    "Message",
    "MessageUnparseable",
    "QueueMismatch",
    "RabbitBroker",
    "Subscription",
    "Topology",
    "Unroutable",
    "fleet_queues",
    "fleet_topology",
    "matches",
    "queue_of",
]
