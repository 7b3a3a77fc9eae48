"""Trials: seen by their maker only, used for nothing else, removed after some days.

What makes it so is where a trial belongs (`access.place_of`): a space like a project, of
one person. Here is how it ends.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from muse_scheduler.service.context import Context
from muse_scheduler.service.release import graph_change
from muse_scheduler.store import JobStore, ProductStore
from musecore.log import get_logger
from musecore.messages import FileUnwanted
from musecore.outbox import publish_many
from musecore.times import utcnow

__all__ = ["Trials", "said_of_trial"]

log = get_logger(__name__)

_AT_ONCE = 500


class Trials:
    """Removes the products of trials whose time is over."""

    def __init__(self, context: Context) -> None:
        self._context = context

    async def end(self) -> int:
        """Remove what is over, bytes and records; give the number of files.

        The jobs stay and say so. May be repeated, and by several at once.
        """
        days = self._context.policy.trial_days
        before = utcnow() - timedelta(days=days)
        async with self._context.database.begin() as tx:
            if not await ProductStore(tx).ended_trials(before, 1):
                return 0  # mostly so: nobody has to wait for their turn
        async with graph_change(self._context) as tx:
            products = await ProductStore(tx).ended_trials(before, _AT_ONCE)
            if not products:
                return 0
            why = f"a trial that is over: its products are kept for {days:g} days"
            ids = [product.product_id for product in products]
            await ProductStore(tx).move(ids, "SUPERSEDED", why)
            said = [
                FileUnwanted(file_id=one.file_id, reason=why, superseded=True)
                for one in products
            ]
            await publish_many(tx, [(one, None, 0) for one in said])
            jobs = await JobStore(tx).wanting({one.task_id for one in products})
            await JobStore(tx).say(
                jobs, f"The trial is over since {utcnow():%Y-%m-%d}."
            )
        log.info("trials ended", files=len(products))
        return len(products)


def said_of_trial(begun: datetime, days: float, *, is_new: bool) -> str:
    """Say to the maker what a trial is; nothing of one where all is there already."""
    if not is_new:
        return (
            "Nothing is made for this trial: what it asks for is there already. That is "
            "no trial: others see it, and it stays."
        )
    end = begun + timedelta(days=days)
    return (
        "This is a trial: only you see it, nothing else is made of it, and its products "
        f"are removed {days:g} days after they were made, not before {end:%Y-%m-%d}."
    )
