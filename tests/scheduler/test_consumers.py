"""Messages in: each acts once, and a whole service answers over its broker."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from muse_scheduler.consumers import FRAMES, Together
from muse_scheduler.main import Service
from muse_scheduler.models import JobState
from muse_scheduler.service.context import Policy
from muse_scheduler.service.settling import Heard
from muse_scheduler.settings import SchedulerSettings
from muse_scheduler.store import FrameStore
from musecore.broker import Delivery, LocalBroker, Message
from musecore.db import Database
from musecore.identity import SigningKey, TokenVerifier
from musecore.log import correlation
from musecore.messages import (
    FrameChanged,
    Payload,
    TaskFinished,
    TaskRequested,
    TaskStarted,
)
from musecore.outbox import envelope_of
from musecore.testing import TemplateDatabases
from musecore.times import utcnow, uuid7
from tests.support.frames import make_frame, make_night
from tests.support.scheduling import ADA, CUBE, bench, event_of, finished

KEY = SigningKey.generate()
VERIFIER = TokenVerifier.of_key(KEY, issuer="musewise", audience="musewise")


@asynccontextmanager
async def running(
    databases: TemplateDatabases, broker: LocalBroker
) -> AsyncIterator[tuple[Service, Database]]:
    """Run a whole scheduler, with relay and reaper, on a database of its own."""
    async with databases.database("scheduler", "muse_scheduler") as database:
        service = Service(
            SchedulerSettings(slots=4, tick_s=0.05),
            database=database,
            broker=broker,
            verifier=VERIFIER,
        )
        await service.start()
        try:
            yield service, database
        finally:
            await service.stop()
            await broker.close()


async def say(broker: LocalBroker, payload: Payload) -> Message:
    message = Message.of(envelope_of(payload))
    await broker.publish(message)
    return message


async def settled(broker: LocalBroker, queue: str) -> None:
    """Wait until a queue is empty; the broker tells its depth to those who ask."""
    async with asyncio.timeout(10):
        while await broker.depth(queue):
            await asyncio.sleep(0.001)


@pytest.mark.asyncio
async def test_frames_and_their_changes_are_taken_over(
    databases: TemplateDatabases,
) -> None:
    broker = LocalBroker()
    async with running(databases, broker) as (_, database):
        told = event_of(make_frame("BIAS", ifus=(1, 2)))
        message = await say(broker, told)
        await broker.publish(message)
        every = [ref.frame_id for ref in told.frames]
        change = FrameChanged(
            file_id=told.file_id,
            frame_ids=every[:1],
            is_valid=False,
            reason="light leak",
            by="ada",
        )
        await say(broker, change)
        await settled(broker, FRAMES)
        async with database.begin() as tx:
            [frame] = await FrameStore(tx).visible(None)
        assert frame.is_valid is None
        assert [frame.ifus[n].live for n in (1, 2)] == [False, True]
        await say(broker, change.model_copy(update={"frame_ids": every}))
        await settled(broker, FRAMES)
        async with database.begin() as tx:
            [frame] = await FrameStore(tx).visible(None)
        assert frame.is_valid is False


@pytest.mark.asyncio
async def test_a_message_for_somebody_else_becomes_a_dead_letter(
    databases: TemplateDatabases,
) -> None:
    broker = LocalBroker()
    async with running(databases, broker):
        await broker.declare(FRAMES, ["task.requested.v1"])
        lost = TaskRequested.model_validate(
            {
                "task_id": "0193f6c4-0000-7000-8000-000000000000",
                "attempt": 1,
                "key": "k",
                "pool": "default",
                "recipe": "muse_bias",
                "ifu": 1,
            }
        )
        await say(broker, lost)
        await settled(broker, FRAMES)
        [letter] = await broker.dead_letters(FRAMES)
        assert letter.code == "message_unparseable"


@pytest.mark.asyncio
async def test_a_whole_job_runs_over_the_broker_and_children_follow_at_once(
    databases: TemplateDatabases,
) -> None:
    broker = LocalBroker()
    await broker.declare("catalog", [TaskFinished.name])
    async with running(databases, broker) as (service, _):
        ended: dict[str, float] = {}
        gaps: list[float] = []
        loop = asyncio.get_running_loop()

        async def work(delivery: Delivery) -> None:
            offer = delivery.payload
            assert isinstance(offer, TaskRequested)
            if ended:
                gaps.append(loop.time() - max(ended.values()))
            claims = service.service.claims
            task = await claims.claim(offer.task_id, offer.attempt, "w1")
            ended[str(offer.task_id)] = loop.time()
            await say(broker, finished(task))

        await broker.subscribe("worker", ["task.requested.v1.#"], work)
        for frame in make_night(ifus=(1,), full=False):
            await say(broker, event_of(frame))
        await settled(broker, FRAMES)
        job = str(await service.service.planning.accept(ADA, CUBE))
        async with asyncio.timeout(10):
            while True:
                shown = await service.service.jobs.job(ADA, job)
                if shown.state is JobState.DONE:
                    break
                await asyncio.sleep(0.02)
        assert await broker.depth("catalog") == len(ended)
        assert min(gaps) < 0.2  # the relay does not wait for its poll of one second


@pytest.mark.asyncio
async def test_an_answer_about_an_unknown_task_is_let_pass(
    databases: TemplateDatabases,
) -> None:
    async with bench(databases) as here:
        await here.accept()
        [offer] = await here.offers()
        task = await here.claim(offer)
    async with bench(databases) as elsewhere:
        await elsewhere.finish(task)
        await elsewhere.fail(task)
        assert await elsewhere.count("product") == 0


@pytest.mark.asyncio
async def test_results_that_come_shortly_after_each_other_share_a_transaction(
    databases: TemplateDatabases,
) -> None:
    async with bench(databases, frames=[]) as scheduler:
        together = Together(scheduler.service)

        async def come(after: int) -> None:
            for _ in range(after):  # one turn of the loop after the one before
                await asyncio.sleep(0)
            started = TaskStarted(
                task_id=uuid7(), attempt=1, worker="w1", pid=after, started=utcnow()
            )
            await together.settle(Heard(uuid7(), started))

        await asyncio.gather(*(come(number) for number in range(8)))
        async with scheduler.database.begin() as tx:
            found = await tx.execute(
                "SELECT count(*), count(DISTINCT xmin::text) FROM inbox"
            )
            assert tuple(found.one()) == (8, 1)


@pytest.mark.asyncio
async def test_what_a_batch_logs_belongs_to_its_own_messages_not_to_an_earlier_one(
    databases: TemplateDatabases, log_lines: Callable[[], list[str]]
) -> None:
    async with bench(databases) as here:
        await here.accept()
        [offer] = await here.offers()
        task = await here.claim(offer)
    policy = Policy(slots=4, settle_batch=1)
    async with bench(databases, frames=[], policy=policy) as elsewhere:
        together = Together(elsewhere.service)

        async def settle(name: str) -> str:
            unknown = finished(task).model_copy(update={"task_id": uuid7()})
            with correlation(name):
                await together.settle(Heard(uuid7(), unknown))
            return str(unknown.task_id)

        names = ["ann", "bob", "eve"]
        ids = await asyncio.gather(*map(settle, names))
    lines = [json.loads(line) for line in log_lines()]
    told = {
        line["task_id"]: line["correlation_id"]
        for line in lines
        if line["event"] == "result of an unknown task"
    }
    assert told == dict(zip(ids, names, strict=True))
