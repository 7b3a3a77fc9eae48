"""Whatever happens to a small graph, in whatever order: nothing is lost or done twice."""

import asyncio
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from muse_scheduler.models import ClaimedTask, TaskState
from muse_scheduler.service import Policy
from muse_scheduler.store import WorkStore
from musecore.errors import MuseError
from musecore.messages import TaskRequested
from musecore.outbox import Relay
from musecore.testing import TemplateDatabases
from musecore.testing.clock import frozen_clock
from musecore.times import uuid7
from tests.support.frames import make_night
from tests.support.scheduling import ADA, Bench, bench, finished

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
REST = {"DONE", "FAILED", "BLOCKED", "CANCELLED"}

_STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            [
                *("claim", "claim", "finish", "finish", "again", "fail", "late"),
                *("expire", "cancel", "retry", "duplicate", "two reapers"),
            ]
        ),
        st.integers(0, 7),
        st.sampled_from(
            ["infrastructure", "recipe_error", "out_of_memory", "time_limit"]
        ),
    ),
    min_size=5,
    max_size=30,
)


class World:
    """A job of a small graph, with workers that do anything."""

    def __init__(self, at: Bench, clock: Any, job: str) -> None:
        self.at = at
        self.clock = clock
        self.job = job
        self.offers: list[TaskRequested] = []
        self.held: list[ClaimedTask] = []
        self.over: list[ClaimedTask] = []
        self.names = count()

    async def step(self, what: str, n: int, failure: str) -> None:
        self.offers += await self.at.offers()
        match what:
            case "claim" if self.offers:
                await self.claim(self.offers.pop(n % len(self.offers)))
            case "duplicate" if self.offers:
                offer = self.offers[n % len(self.offers)]
                both = (self.claim(offer), self.claim(offer))
                await asyncio.gather(*both)
            case "finish" if self.held:
                await self.finish(self.held.pop(n % len(self.held)))
            case "again" | "late" if self.over:
                await self.finish(self.over[n % len(self.over)])
            case "fail" if self.held:
                task = self.held.pop(n % len(self.held))
                self.over.append(task)
                await self.at.fail(task, failure)
            case "expire":
                self.clock.advance(timedelta(seconds=400))
                await self.at.service.reaper.tick()
            case "two reapers":
                self.clock.advance(timedelta(seconds=400))
                reaper = self.at.service.reaper
                await asyncio.gather(reaper.tick(), reaper.tick(), reaper.tick())
            case "cancel":
                await self.at.service.jobs.cancel(ADA, self.job)
            case "retry":
                await self.at.service.retrying.retry(ADA, self.job)

    async def claim(self, offer: TaskRequested) -> None:
        try:
            task = await self.at.claim(offer, f"w{next(self.names)}")
        except MuseError:
            return
        self.held.append(task)

    async def finish(self, task: ClaimedTask) -> None:
        await self.at.service.settling.finished(uuid7(), finished(task))
        self.over.append(task)

    async def check(self) -> None:
        """What must hold after every step."""
        async with self.at.database.begin() as tx:
            wrong = await tx.execute(
                "SELECT t.task_id FROM task t WHERE t.state IN ('WAITING', 'BLOCKED') "
                "AND t.n_wait <> (SELECT count(*) FROM dep d JOIN task p "
                "ON p.task_id = d.parent WHERE d.child = t.task_id "
                "AND p.state <> 'DONE')"
            )
            assert wrong.all() == []
            twice = await tx.execute(
                "SELECT task_id, tag, ordinal FROM product WHERE state = 'VALID' "
                "GROUP BY task_id, tag, ordinal HAVING count(*) > 1"
            )
            assert twice.all() == []
            done = await tx.execute(
                "SELECT task_id FROM task_event WHERE to_state = 'DONE' "
                "GROUP BY task_id HAVING count(*) > 1"
            )
            assert done.all() == []

    async def come_to_rest(self) -> None:
        """Let workers behave from now on; everything must come to an end."""
        for _ in range(60):
            self.clock.advance(timedelta(seconds=400))
            await self.at.service.reaper.tick()
            for offer in await self.at.offers():
                await self.claim(offer)
            while self.held:
                await self.finish(self.held.pop())
            states = set((await self.at.states(self.job)).values())
            if states <= REST:
                return
        raise AssertionError(f"It never ends: {await self.at.states(self.job)}")


@pytest.mark.asyncio
async def test_whatever_happens_every_task_ends_and_none_is_done_twice(
    databases: TemplateDatabases,
) -> None:
    frames = make_night(ifus=(1, 2), full=False)

    async def live(steps: list[tuple[str, int, str]]) -> None:
        policy = Policy(slots=3, infrastructure_tries=50)
        async with bench(databases, frames=frames, policy=policy) as at:
            with frozen_clock(NOON) as clock:
                world = World(at, clock, await at.accept())
                for what, n, failure in steps:
                    await world.step(what, n, failure)
                    await world.check()
                await world.come_to_rest()
                await world.check()
                await at.service.retrying.retry(ADA, world.job)
                await world.come_to_rest()
                await world.check()
                assert set((await at.states(world.job)).values()) == {"DONE"}

    loop = asyncio.get_running_loop()

    @settings(
        max_examples=12,
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(_STEPS)
    def tell(steps: list[tuple[str, int, str]]) -> None:
        asyncio.run_coroutine_threadsafe(live(steps), loop).result(timeout=120)

    await asyncio.to_thread(tell)


@pytest.mark.asyncio
async def test_two_reapers_at_once_end_an_expired_lease_once(
    databases: TemplateDatabases,
) -> None:
    async with bench(databases) as at:
        with frozen_clock(NOON) as clock:
            await at.accept()
            [offer] = await at.offers()
            task = await at.claim(offer)
            clock.advance(timedelta(seconds=91))
            reaper = at.service.reaper
            await asyncio.gather(*(reaper.tick() for _ in range(4)))
            assert await at.count("attempt WHERE outcome = 'lost'") == 1
            clock.advance(timedelta(seconds=30))
            await asyncio.gather(*(reaper.tick() for _ in range(4)))
            [again] = await at.offers()
            assert again.attempt == task.attempt + 1


@pytest.mark.asyncio
async def test_two_relays_at_once_lose_nothing_and_a_task_is_claimed_once(
    databases: TemplateDatabases,
) -> None:
    frames = make_night(ifus=range(1, 13), full=False)
    async with bench(databases, frames=frames) as at:
        await at.accept()
        other = Relay(at.database, at.broker)
        sent = await asyncio.gather(at.relay.drain(), other.drain())
        offers = await at.offers()
        assert sum(sent) == len(offers) == 12
        claims = at.service.claims
        wanted = [(offer.task_id, offer.attempt) for offer in offers]
        answers = await asyncio.gather(
            claims.claim_many(wanted, "w1"), claims.claim_many(wanted[::-1], "w2")
        )
        got = [
            a.task_id for part in answers for a in part if not isinstance(a, MuseError)
        ]
        assert sorted(got) == sorted(task_id for task_id, _ in wanted)


@pytest.mark.asyncio
async def test_a_job_cancelled_while_it_runs_leaves_no_task_under_way(
    databases: TemplateDatabases,
) -> None:
    async with bench(databases) as at:
        job = await at.accept()
        [offer] = await at.offers()
        await at.claim(offer)
        await at.service.jobs.cancel(ADA, job)
        ids: list[UUID] = await at.cancelled()
        assert ids == [offer.task_id]
        async with at.database.begin() as tx:
            standing = await WorkStore(tx).standing(ids)
        assert standing[offer.task_id].state is TaskState.CANCELLED
