"""What goes wrong on purpose: one function per kind, each counted."""

import asyncio
import random
import signal
import time
from collections import Counter, defaultdict
from collections.abc import Mapping
from contextlib import AsyncExitStack, suppress
from uuid import UUID, uuid4

import asyncpg

from musecore.broker import BrokerUnavailable, Delivery, Message
from musecore.messages import Envelope, TaskCancelled, TaskFinished, envelope_of
from musecore.serving import broker_of
from musecore.times import uuid7
from tests.chaos.rig import EARS, LEASE_S, Rig

BAG = {
    "worker killed with -9": 8,
    "worker frozen beyond its lease": 4,
    "answer told again": 4,
    "answer told again under a new id": 3,
    "relay killed between publish and commit": 2,
    "relay loses its commit": 2,
    "scheduler killed with -9": 1,
    "catalog killed with -9": 2,
    "gateway killed with -9": 1,
    "auth killed with -9": 1,
    "store refuses": 3,
    "database restarted": 2,
    "broker stopped and started": 1,
}
"""How often each kind strikes in one run: 34 faults."""

TRIES = 30
SPREAD = 0.9
PATIENCE_S = 4.0


class Answers:
    """Hears what workers tell, and tells it again when asked."""

    def __init__(self, broker_url: str) -> None:
        self._broker = broker_of(broker_url)
        self._heard: list[Message] = []

    async def start(self) -> None:
        """Listen beside the services."""
        await self._broker.start()
        await self._broker.subscribe(
            EARS, [TaskFinished.name], self._hear, fleeting=True
        )

    async def stop(self) -> None:
        """Listen no more."""
        await self._broker.close()

    async def _hear(self, delivery: Delivery) -> None:
        self._heard.append(delivery.message)

    async def tell_again(self, dice: random.Random, *, new_id: bool) -> bool:
        """Publish an answer that was told before; False when there is none."""
        if not self._heard:
            return False
        message = dice.choice(self._heard)
        if new_id:
            known = Envelope.model_validate_json(message.body)
            message = Message.of(known.model_copy(update={"message_id": uuid7()}))
        try:
            await self._broker.publish(message)
        except BrokerUnavailable:
            return False
        return True


class Chaos:
    """Strikes a rig with a bag of faults, in an order that the seed gives.

    They are spread over the night. Faults overlap, but nothing is struck while it is
    down already.

    Parameters
    ----------
    night
        The project whose tasks are done meanwhile, and their number.
    """

    def __init__(
        self, rig: Rig, seed: int, bag: Mapping[str, int], night: tuple[str, int]
    ) -> None:
        self.rig = rig
        self._project, self._tasks = night
        self.dice = random.Random(seed)
        self.struck: Counter[str] = Counter()
        self.answers = Answers(rig.broker_url)
        self._bag = [kind for kind, n in bag.items() for _ in range(n)]
        self.dice.shuffle(self._bag)
        self._workers = rig.fleet.worker_names
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def run(self) -> None:
        """Strike until the bag is empty; all is up again at the end."""
        await self.answers.start()
        try:
            async with asyncio.TaskGroup() as aside:
                for number, kind in enumerate(self._bag):
                    await self._until_done(SPREAD * number / len(self._bag))
                    aside.create_task(self._insist(kind))
        finally:
            await self.answers.stop()

    async def _until_done(self, share: float) -> None:
        """Wait until so much of the night is done, but not for long."""
        await asyncio.sleep(self.dice.uniform(0.2, 0.8))
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end and await self._done() < share * self._tasks:
            await asyncio.sleep(0.5)

    async def _done(self) -> int:
        with suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            found = await self.rig.sql(
                "SELECT count(*) FROM scheduler.task "
                "WHERE project = $1 AND state = 'DONE'",
                self._project,
            )
            return int(found[0][0])
        return 0  # the database is down

    async def _insist(self, kind: str) -> None:
        """Strike until it strikes: a worker must run something to be frozen in it."""
        for _ in range(TRIES):
            with suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
                if await self._strike(kind):
                    self.struck[kind] += 1
                    return
            await asyncio.sleep(1)  # it is down itself, or there is nothing to break

    async def _strike(self, kind: str) -> bool:
        match kind:
            case "worker killed with -9":
                return await self._kill(self.dice.choice(self._workers))
            case "worker frozen beyond its lease":
                return await self._freeze()
            case "answer told again":
                return await self.answers.tell_again(self.dice, new_id=False)
            case "answer told again under a new id":
                return await self.answers.tell_again(self.dice, new_id=True)
            case "relay killed between publish and commit":
                return await self._before_commit(die=True)
            case "relay loses its commit":
                return await self._before_commit(die=False)
            case "store refuses":
                return await self._refuse()
            case "database restarted":
                async with self._turns["database"]:
                    await asyncio.to_thread(self.rig.postgres.stop)
                    await asyncio.to_thread(self.rig.postgres.start)
                return True
            case "broker stopped and started":
                async with self._turns["broker"]:
                    await asyncio.to_thread(self.rig.rabbit.stop)
                    await asyncio.to_thread(self.rig.rabbit.start)
                return True
            case _:
                name = kind.split()[0]
                return await self._kill(
                    "storage-gateway" if name == "gateway" else name
                )

    async def _kill(self, name: str) -> bool:
        process = self.rig.processes[name]
        async with self._turns[name]:
            await asyncio.to_thread(process.kill)
            await asyncio.sleep(self.dice.uniform(0.1, 1.0))
            await asyncio.to_thread(process.start)
        return True

    async def _refuse(self) -> bool:
        async with self._turns["store"]:
            self.rig.store_link.refuse()
            await asyncio.sleep(self.dice.uniform(1.5, 4.0))
            self.rig.store_link.heal()
        return True

    async def _freeze(self) -> bool:
        """Stop a worker that runs something, until its lease is surely over."""
        found = await self.rig.sql(
            "SELECT DISTINCT worker FROM scheduler.task WHERE state = 'RUNNING'"
        )
        free = [row[0] for row in found if not self._turns[row[0]].locked()]
        if not free:
            return False
        name = self.dice.choice(sorted(free))
        async with self._turns[name]:
            self.rig.processes[name].signal(signal.SIGSTOP)
            await asyncio.sleep(LEASE_S + 2.5)
            self.rig.processes[name].signal(signal.SIGCONT)
        return True

    async def _before_commit(self, *, die: bool) -> bool:
        """Hold the scheduler's relay after its publishing, before its commit; end it.

        A lock lets it read its outbox and publish, and holds up the UPDATE that notes
        what was sent.
        """
        turns = (self._turns[one] for one in ("scheduler", "broker", "database"))
        async with AsyncExitStack() as stack:
            for turn in turns:
                await stack.enter_async_context(turn)
            struck = await self._hold_and_end(die=die)
            if struck and die:
                await asyncio.to_thread(self.rig.processes["scheduler"].start)
        return struck

    async def _hold_and_end(self, *, die: bool) -> bool:
        holder = await asyncpg.connect(self.rig.postgres.url())
        try:
            await holder.execute(SAID_SOON, *_unheard())
            async with holder.transaction():
                await holder.execute("LOCK TABLE scheduler.outbox IN SHARE MODE")
                waiting = await self._waiting_relay()
                if waiting is not None and die:
                    await asyncio.to_thread(self.rig.processes["scheduler"].kill)
                elif waiting is not None:
                    await self.rig.sql("SELECT pg_terminate_backend($1)", waiting)
        finally:
            await holder.close()
        return waiting is not None

    async def _waiting_relay(self) -> int | None:
        for _ in range(60):
            found = await self.rig.sql(
                "SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' "
                "AND query LIKE '%UPDATE outbox%'"
            )
            if found:
                return int(found[0][0])
            await asyncio.sleep(0.05)
        return None


SAID_SOON = """
INSERT INTO scheduler.outbox (message_id, routing_key, body, headers, priority, due_at)
VALUES ($1, $2, $3, '{}', 0, now() + interval '0.3 s')
"""


def _unheard() -> tuple[UUID, str, bytes]:
    """Give a message of the scheduler that changes nothing: it gives the relay work."""
    order = TaskCancelled(task_id=uuid4(), attempt=1, reason="nobody wants it")
    envelope = envelope_of(order)
    body = envelope.model_dump_json().encode()
    return envelope.message_id, envelope.name, body
