"""Whose turn it is, where tasks run, and what failures lead to."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest

from muse_scheduler.models import Announcement, TaskState, WorkerState
from muse_scheduler.service import Policy
from muse_scheduler.service.claims import Beat, NotClaimable
from muse_scheduler.service.dispatching import dispatch
from muse_scheduler.service.release import graph_change
from muse_scheduler.service.settling import Heard
from muse_scheduler.store import TaskStore
from musecore.errors import Forbidden, WorkerPaused
from musecore.identity import Principal
from musecore.messages import TaskRequested
from musecore.testing import TemplateDatabases
from musecore.testing.clock import frozen_clock
from musecore.times import uuid7
from tests.scheduler.test_store import make_row
from tests.support.frames import make_night
from tests.support.scheduling import ADA, CUBE, Bench, bench, finished, sha

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
OPERATOR = Principal(subject="op", name="op", scopes=frozenset({"admin"}))
NODE = Announcement(cores=4, memory_mb=24_000)
SIX = (1, 2, 3, 4, 5, 6)


async def add_ready(at: Bench, owner: str, count: int, **changes: Any) -> list[UUID]:
    """Put tasks in place that wait for nothing."""
    rows = [
        make_row(sha(owner, n, sorted(changes.items())), owner=owner, **changes)
        for n in range(count)
    ]
    async with at.database.begin() as tx:
        store = TaskStore(tx)
        ids = await store.add(rows, owner)
        await store.move(ids, TaskState.READY, who=owner, why="test")
    return ids


async def hand_out(at: Bench) -> list[str]:
    """Dispatch; give the owners of what was offered, in order."""
    async with graph_change(at.service.context) as tx:
        await dispatch(at.service.context, tx)
    offers = await at.offers()
    async with at.database.begin() as tx:
        tasks = await TaskStore(tx).by_ids([offer.task_id for offer in offers])
    return [tasks[offer.task_id].owner for offer in offers]


def policy(slots: int, **changes: Any) -> Policy:
    return Policy(slots=slots, window=1.0, **changes)


# -- whose turn
@pytest.mark.asyncio
async def test_six_hundred_tasks_of_one_user_do_not_starve_five_of_another(
    databases: TemplateDatabases,
) -> None:
    async with bench(databases, policy=policy(8)) as at:
        await add_ready(at, "ada", 600)
        assert await hand_out(at) == ["ada"] * 8
        await add_ready(at, "bob", 5)
        served: list[str] = []
        for _ in range(12):
            await _end_one(at)
            served += await hand_out(at)
        assert served[:4] == ["bob"] * 4
        assert served.count("bob") == 5
        assert served[-1] == "ada"


async def _end_one(at: Bench) -> None:
    """Let the oldest task under way be done."""
    async with at.database.begin() as tx:
        await tx.execute(
            "UPDATE task SET state = 'DONE' WHERE task_id = (SELECT task_id FROM task "
            "WHERE state = 'QUEUED' ORDER BY queued_at, task_id LIMIT 1)"
        )


@pytest.mark.asyncio
async def test_a_window_is_shared_evenly_and_by_weight(
    databases: TemplateDatabases,
) -> None:
    async with bench(databases, policy=policy(12)) as at:
        await at.service.fleet.set_weight(OPERATOR, "bob", 3)
        for owner in ("ada", "bob"):
            await add_ready(at, owner, 20)
        served = await hand_out(at)
        assert (served.count("ada"), served.count("bob")) == (3, 9)


@pytest.mark.asyncio
async def test_interactive_goes_before_night_and_night_before_reprocessing(
    databases: TemplateDatabases,
) -> None:
    async with bench(databases, policy=policy(1)) as at:
        for owner, priority in (("re", 100), ("night", 200), ("me", 300)):
            await add_ready(at, owner, 1, priority=priority)
        served = []
        for _ in range(3):
            served += await hand_out(at)
            await _end_one(at)
        assert served == ["me", "night", "re"]


@pytest.mark.asyncio
async def test_what_gets_no_turn_for_long_comes_before_what_is_more_urgent(
    databases: TemplateDatabases,
) -> None:
    async with bench(databases, policy=policy(1, ageing_s=60.0)) as at:
        with frozen_clock(NOON) as clock:
            await add_ready(at, "re", 2, priority=100)
            clock.advance(timedelta(minutes=101))
            await add_ready(at, "night", 3, priority=200)
            served = []
            for _ in range(3):
                served += await hand_out(at)
                await _end_one(at)
        assert served == ["re", "night", "night"]


@pytest.mark.asyncio
async def test_shared_ancestors_inherit_the_highest_priority_and_lose_it_again(
    databases: TemplateDatabases,
) -> None:
    async def priorities(job: str) -> set[int]:
        async with at.database.begin() as tx:
            found = await tx.execute(
                "SELECT DISTINCT t.priority FROM task t JOIN job_task w USING (task_id) "
                "WHERE w.job_id = CAST(:job AS uuid) AND t.recipe <> 'muse_scipost'",
                {"job": job},
            )
            return {row[0] for row in found}

    async with bench(databases) as at:
        slow = await at.accept(CUBE.model_copy(update={"priority": "reprocessing"}))
        assert await priorities(slow) == {100}
        given = {"scipost.crsigma": "20"}
        wish = {"parameters": given, "priority": "night", "urgency": 7}
        quick = await at.accept(CUBE.model_copy(update=wish))
        assert await priorities(slow) == {207}
        await at.service.jobs.cancel(ADA, quick)
        assert await priorities(slow) == {100}
        await at.service.retrying.retry(ADA, quick)
        assert await priorities(slow) == {207}


# -- windows and workers
@pytest.mark.asyncio
async def test_the_window_follows_the_workers_that_are_there(
    databases: TemplateDatabases,
) -> None:
    async with bench(databases, policy=Policy(slots=1, window=2.0)) as at:
        await add_ready(at, "ada", 50)
        assert len(await hand_out(at)) == 2  # nobody is known: as the setting says
        fleet = at.service.fleet
        await fleet.announce("w1", NODE)
        assert len(await at.offers()) == 6
        await fleet.announce("w2", NODE.model_copy(update={"cores": 2}))
        assert len(await at.offers()) == 4
        pools = {pool.name: pool for pool in await fleet.pools()}
        assert pools["small"].slots == 6
        assert pools["large"].slots == 2
        assert pools["huge"].slots == 0
        assert (pools["small"].queued, pools["small"].ready) == (12, 38)


@pytest.mark.asyncio
@pytest.mark.parametrize("state", ["PAUSED", "DRAINING", "CORDONED"])
async def test_a_paused_worker_gets_nothing_and_its_message_goes_to_another(
    databases: TemplateDatabases, state: str
) -> None:
    async with bench(databases) as at:
        with frozen_clock(NOON) as clock:
            fleet = at.service.fleet
            for name in ("w1", "w2"):
                await fleet.announce(name, NODE)
            await at.accept()
            [offer] = await at.offers()
            shown = await fleet.order(OPERATOR, "w1", WorkerState(state), "disk swap")
            assert shown.state == state
            orders = await fleet.announce("w1", NODE)
            assert (orders.state, orders.reason) == (WorkerState(state), "disk swap")
            with pytest.raises(WorkerPaused, match="disk swap"):
                await at.claim(offer, "w1")
            clock.advance(timedelta(seconds=2))
            await at.service.reaper.tick()
            [again] = await at.offers()
            assert (again.task_id, again.attempt) == (offer.task_id, offer.attempt)
            assert (await at.claim(again, "w2")).task_id == offer.task_id
            await fleet.order(OPERATOR, "w1", WorkerState.ACTIVE, "")
            events = await fleet.events("w1")
            steps = [(event.to_state, event.who) for event in events]
            assert steps == [(WorkerState(state), "op"), (WorkerState.ACTIVE, "op")]


@pytest.mark.asyncio
async def test_when_all_workers_are_paused_nothing_is_handed_out(
    databases: TemplateDatabases,
) -> None:
    async with bench(databases) as at:
        await at.service.fleet.announce("w1", NODE)
        await at.service.fleet.order(OPERATOR, "w1", WorkerState.PAUSED, "")
        await at.accept()
        assert await at.offers() == []
        await at.service.fleet.order(OPERATOR, "w1", WorkerState.ACTIVE, "")
        assert len(await at.offers()) == 1


@pytest.mark.asyncio
@pytest.mark.parametrize(("kind", "name"), [("site", "garching"), ("pool", "small")])
async def test_a_paused_site_or_pool_gets_nothing_until_it_is_resumed(
    databases: TemplateDatabases, kind: str, name: str
) -> None:
    async with bench(databases) as at:
        fleet = at.service.fleet
        await fleet.announce("w1", NODE.model_copy(update={"site": "garching"}))
        await at.accept()
        [offer] = await at.offers()
        [gate] = await fleet.pause(OPERATOR, kind, name, "power cut")
        assert gate.reason == "power cut"
        with pytest.raises(WorkerPaused, match="power cut"):
            await at.claim(offer)
        assert await fleet.resume(OPERATOR, kind, name) == []
        async with at.database.begin() as tx:
            await tx.execute("UPDATE task SET not_before = NULL")
        await at.service.reaper.tick()
        [again] = await at.offers()
        await at.claim(again)


@pytest.mark.asyncio
async def test_only_operators_steer_workers(databases: TemplateDatabases) -> None:
    async with bench(databases) as at:
        await at.service.fleet.announce("w1", NODE)
        with pytest.raises(Forbidden, match="admin"):
            await at.service.fleet.order(ADA, "w1", WorkerState.PAUSED, "")


@pytest.mark.asyncio
async def test_a_silent_worker_is_gone_and_comes_back_as_what_it_was(
    databases: TemplateDatabases,
) -> None:
    async with bench(databases) as at:
        with frozen_clock(NOON) as clock:
            fleet = at.service.fleet
            await fleet.announce("w1", NODE)
            await fleet.order(OPERATOR, "w1", WorkerState.CORDONED, "bad memory")
            clock.advance(timedelta(seconds=61))
            await at.service.reaper.tick()
            assert (await fleet.worker("w1")).state is WorkerState.GONE
            starting = NODE.model_copy(update={"starting": True})
            assert (await fleet.announce("w1", starting)).state is WorkerState.CORDONED


@pytest.mark.asyncio
async def test_a_worker_that_stops_in_order_is_gone_at_once_and_back_with_its_start(
    databases: TemplateDatabases,
) -> None:
    async with bench(databases) as at:
        fleet = at.service.fleet
        await fleet.announce("w1", NODE)
        await fleet.announce("w1", NODE.model_copy(update={"stopping": True}))
        shown = await fleet.worker("w1")
        assert (shown.state, shown.reason) == (WorkerState.GONE, "it stopped in order")
        orders = await fleet.announce("w1", NODE.model_copy(update={"starting": True}))
        assert orders.state is WorkerState.ACTIVE
        assert (await fleet.worker("w1")).state is WorkerState.ACTIVE


@pytest.mark.asyncio
async def test_the_worker_that_holds_the_inputs_is_asked_first_then_all(
    databases: TemplateDatabases,
) -> None:
    async with bench(databases) as at:
        keys: list[str] = []

        async def listen(delivery: Any) -> None:
            keys.append(delivery.message.routing_key)

        await at.broker.subscribe("keys", [f"{TaskRequested.name}.#"], listen)
        with frozen_clock(NOON) as clock:
            fleet = at.service.fleet
            own = NODE.model_copy(update={"own_queue": True})
            await fleet.announce("w1", own)
            await fleet.announce("w2", own)
            await at.accept()
            [bias] = await at.offers()
            await at.finish(await at.claim(bias, "w1"))
            offers = await at.offers()
            assert {"muse_flat"} <= {offer.recipe for offer in offers}
            assert keys[1:]
            assert set(keys[1:]) == {"task.requested.v1.at.w1"}
            clock.advance(timedelta(seconds=31))
            keys.clear()
            await at.service.reaper.tick()
            again = await at.offers()
            assert {one.task_id for one in again} == {one.task_id for one in offers}
            assert set(keys) == {"task.requested.v1.small"}
            await at.claim(again[0], "w2")
            with pytest.raises(NotClaimable):
                await at.claim(again[0], "w1")


# -- memory
@pytest.mark.asyncio
async def test_a_task_that_needs_more_memory_climbs_the_pools_outside_its_budget(
    databases: TemplateDatabases,
) -> None:
    async with bench(databases, policy=Policy(slots=9, infrastructure_tries=1)) as at:
        job = await at.accept()
        seen = []
        while offers := await at.offers():
            task = await at.claim(offers[0])
            seen.append((offers[0].pool, task.memory_mb))
            await at.fail(task, "out_of_memory")
        assert [pool for pool, _ in seen] == ["small", "medium", "large", "huge"]
        assert all(2 * a <= b for (_, a), (_, b) in pairwise(seen))
        assert (await at.states(job))["muse_bias", 1] == "FAILED"


@pytest.mark.asyncio
async def test_memory_is_learned_from_what_earlier_runs_took(
    databases: TemplateDatabases,
) -> None:
    frames = make_night(ifus=SIX, full=False)
    async with bench(databases, frames=frames, policy=Policy(slots=1)) as at:
        await at.accept()
        async with at.database.begin() as tx:
            first = await tx.execute(
                "SELECT DISTINCT memory_mb FROM task WHERE recipe = 'muse_bias'"
            )
            assert first.scalar_one() == 890
        await at.work()
        one = {"parameters": {"bias.losigmabadpix": "31"}}
        await at.accept(CUBE.model_copy(update=one))
        async with at.database.begin() as tx:
            found = await tx.execute(
                "SELECT DISTINCT memory_mb FROM task WHERE recipe = 'muse_bias' "
                "AND state IN ('READY', 'QUEUED')"
            )
            assert found.scalar_one() == round(900 * 1.2)


# -- many at once
@pytest.mark.asyncio
async def test_many_attempts_are_claimed_at_once_and_each_is_answered(
    databases: TemplateDatabases,
) -> None:
    async with bench(databases, frames=make_night(ifus=SIX, full=False)) as at:
        await at.accept()
        offers = await at.offers()
        wanted = [(offer.task_id, offer.attempt) for offer in offers[:3]]
        unknown = (uuid7(), 1)
        claims = at.service.claims
        answers = await claims.claim_many([*wanted, unknown, (wanted[0][0], 7)], "w1")
        assert [getattr(a, "task_id", None) for a in answers[:3]] == [
            task_id for task_id, _ in wanted
        ]
        assert [getattr(a, "code", "") for a in answers[3:]] == [
            "task_not_found",
            "not_claimable",
        ]
        second = await claims.claim_many(wanted, "w2")
        assert all(isinstance(answer, NotClaimable) for answer in second)
        beats = [Beat(wanted[0][0], 1, "w1"), Beat(wanted[1][0], 1, "w2")]
        assert [stop is None for stop in await claims.heartbeats(beats)] == [
            True,
            False,
        ]


@pytest.mark.asyncio
async def test_a_result_that_breaks_does_not_sink_those_that_came_with_it(
    databases: TemplateDatabases,
) -> None:
    async with bench(databases, frames=make_night(ifus=SIX, full=False)) as at:
        job = await at.accept()
        tasks = [await at.claim(offer) for offer in (await at.offers())[:3]]
        events = [finished(task) for task in tasks]
        poison = events[1].model_copy(
            update={
                "products": [
                    one.model_copy(update={"ifu": 99_999}) for one in events[1].products
                ]
            }
        )
        heard = [Heard(uuid7(), event) for event in (events[0], poison, events[2])]
        errors = await at.service.settling.settle_each([*heard, heard[0]])
        assert [error is None for error in errors] == [True, False, True, True]
        done = await at.count("task WHERE state = 'DONE'")
        assert done == 2
        await at.service.settling.settle_each(heard[:1])
        assert await at.count("product") == 2
        assert (await at.states(job))["muse_scipost", None] == "WAITING"


@pytest.mark.asyncio
async def test_an_answer_that_comes_twice_in_one_batch_acts_once(
    databases: TemplateDatabases,
) -> None:
    async with bench(databases) as at:
        await at.accept()
        [offer] = await at.offers()
        task = await at.claim(offer)
        first, second = finished(task), finished(task)
        await at.service.settling.settle(
            [Heard(uuid7(), first), Heard(uuid7(), second)]
        )
        assert await at.count("product WHERE state = 'VALID'") == 1
        assert await at.unwanted() == [one.file_id for one in second.products]
