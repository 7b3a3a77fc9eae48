"""RabbitMQ fulfils the contract, and what happens to it loses nothing."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from musecore.broker import RabbitBroker
from musecore.testing import BrokerSuite

pytestmark = pytest.mark.real


class TestRabbitBroker(BrokerSuite):
    @pytest_asyncio.fixture
    async def broker(self, rabbit_url: str) -> AsyncIterator[RabbitBroker]:
        broker = RabbitBroker(rabbit_url, delays_s=[0.01])
        await broker.start()
        yield broker
        await broker.close()
