"""The way a notice goes: by mail or as a request."""

from __future__ import annotations

from dataclasses import dataclass

from muse_scheduler.models import Delivery
from muse_scheduler.providers.hooks import Hooks
from muse_scheduler.providers.mail import Mailer
from muse_scheduler.providers.undelivered import Undelivered

__all__ = ["Post", "Undelivered"]


@dataclass(frozen=True)
class Post:
    """Ways out; None: there is no such way."""

    mailer: Mailer | None = None
    hooks: Hooks | None = None

    async def send(self, delivery: Delivery) -> None:
        """Send a notice to its address.

        Raises
        ------
        Undelivered
        """
        way = self.mailer if delivery.address.startswith("mailto:") else self.hooks
        if way is None:
            raise Undelivered("this server has no way to such an address")
        await way.send(delivery)
