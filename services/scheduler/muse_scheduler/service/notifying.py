"""Tell people and programs what became of their jobs.

What is to be told is written first, once for each ending of a job, in the database;
then it is sent until it arrives. Several schedulers may do both at once.
"""

from __future__ import annotations

import asyncio
import random
from datetime import timedelta

from muse_scheduler.models import Delivery, JobState, NoticeText, Occasion
from muse_scheduler.providers import Undelivered
from muse_scheduler.rules import AddressRefused, masked, notice_text
from muse_scheduler.service.context import Context
from muse_scheduler.service.jobs import Jobs
from muse_scheduler.store import JobStore, NoticeStore
from musecore.log import get_logger
from musecore.rounds import Rounds
from musecore.times import utcnow

log = get_logger(__name__)

_ENDED = frozenset(
    {JobState.DONE, JobState.FAILED, JobState.BLOCKED, JobState.CANCELLED}
)
_TOLD_AT_ONCE = 50
_SENT_AT_ONCE = 10
_TASKS_TOLD = 5
_LEASE = timedelta(minutes=5)
_NOTHING = NoticeText(subject="", text="", facts={})


class Notifier:
    """Looks for what there is to tell, and sends it."""

    def __init__(self, context: Context, jobs: Jobs) -> None:
        self._context = context
        self._jobs = jobs
        self._rounds = Rounds(
            "notices",
            self.write,
            self.send,
            every_s=context.policy.notify_every_s,
        )

    async def start(self) -> None:
        """Begin to look."""
        await self._rounds.start()

    async def stop(self) -> None:
        """Look no more; what is unsent waits."""
        await self._rounds.stop()

    # -- write
    async def write(self) -> int:
        """Write what there is to tell; give the number of notices written.

        A job that cannot be told of does not keep the others back.
        """
        async with self._context.database.begin() as tx:
            found = await NoticeStore(tx).occasions(_TOLD_AT_ONCE)
        written = 0
        for occasion in found:
            try:
                written += await self._write(occasion)
            except Exception:
                log.exception("a notice was not written", job=str(occasion.job_id))
        return written

    async def _write(self, occasion: Occasion) -> bool:
        async with self._context.database.begin() as tx:
            kept = await JobStore(tx).job(occasion.job_id, None)
            if kept is None:
                return False
            job = await self._jobs.shown(tx, kept)
            if (job.state in _ENDED) != (occasion.kind == "ended"):
                return False  # it went on, or came to rest, since it was found
            store = NoticeStore(tx)
            addresses = self._context.addresses.of(kept.request.notify)
            words = _NOTHING
            if addresses:
                failed = await store.failed_tasks(occasion.job_id, _TASKS_TOLD)
                words = notice_text(occasion.kind, job, failed)
            return await store.add(occasion, job.state, words, addresses)

    # -- send
    async def send(self) -> int:
        """Send what is due; give the number of notices that arrived."""
        arrived = 0
        while True:
            async with self._context.database.begin() as tx:
                due = await NoticeStore(tx).claim(_SENT_AT_ONCE, _LEASE)
            if not due:
                return arrived
            arrived += sum(await asyncio.gather(*map(self._send, due)))

    async def _send(self, delivery: Delivery) -> bool:
        try:
            self._context.addresses.check([delivery.address])
            await self._context.post.send(delivery)
        except AddressRefused as error:
            await self._failed(delivery, error.detail, for_good=True)
        except Undelivered as error:
            await self._failed(delivery, str(error), for_good=error.for_good)
        except Exception as error:
            log.exception("a notice could not be sent", to=masked(delivery.address))
            await self._failed(delivery, type(error).__name__, for_good=False)
        else:
            async with self._context.database.begin() as tx:
                await NoticeStore(tx).sent(delivery)
            return True
        return False

    async def _failed(self, delivery: Delivery, why: str, *, for_good: bool) -> None:
        policy = self._context.policy
        over = for_good or delivery.attempts >= policy.notify_tries
        log.warning(
            "a notice did not arrive",
            to=masked(delivery.address),
            notice=str(delivery.notice_id),
            attempts=delivery.attempts,
            given_up=over,
            why=why,
        )
        async with self._context.database.begin() as tx:
            store = NoticeStore(tx)
            if over:
                await store.give_up(delivery, why)
            else:
                await store.put_off(delivery, why, utcnow() + self._wait(delivery))

    def _wait(self, delivery: Delivery) -> timedelta:
        """Give the wait before the next attempt: doubling, with jitter."""
        policy = self._context.policy
        doubled = policy.notify_backoff_s * 2 ** (delivery.attempts - 1)
        wait_s = min(policy.notify_backoff_max_s, doubled)
        return timedelta(seconds=wait_s * random.uniform(0.8, 1.2))  # noqa: S311
