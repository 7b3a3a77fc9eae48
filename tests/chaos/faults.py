"""What goes wrong on purpose: one function per kind, each counted."""

import asyncio
import contextlib
import random
import signal
from collections import Counter
from collections.abc import Awaitable, Callable
from uuid import uuid4

import aio_pika
import asyncpg

from musecore.messages import Envelope, TaskCancelled
from musecore.outbox import envelope_of
from musecore.times import uuid7
from tests.chaos.rig import LEASE_S, WORKERS, Rig

Fault = Callable[[], Awaitable[bool]]
"""True: it struck."""

EXCHANGE = "musewise"

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


class Answers:
    """Hears what workers tell, and tells it again when asked."""

    def __init__(self, rig: Rig) -> None:
        self._url = rig.rabbit.url
        self._heard: list[bytes] = []
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Listen beside the services."""
        self._task = asyncio.create_task(self._listen())

    async def stop(self) -> None:
        """Listen no more."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _listen(self) -> None:
        while True:
            with contextlib.suppress(aio_pika.exceptions.AMQPError, OSError):
                connection = await aio_pika.connect(self._url)
                async with connection:
                    channel = await connection.channel()
                    queue = await channel.declare_queue(exclusive=True)
                    await queue.bind(EXCHANGE, "task.finished.v1")
                    async with queue.iterator(no_ack=True) as told:
                        async for message in told:
                            self._heard.append(message.body)
            await asyncio.sleep(0.5)

    async def tell_again(self, dice: random.Random, *, new_id: bool) -> bool:
        """Publish an answer that was told before."""
        if not self._heard:
            return False
        body = dice.choice(self._heard)
        if new_id:
            known = Envelope.model_validate_json(body)
            changed = known.model_copy(update={"message_id": uuid7()})
            body = changed.model_dump_json().encode()
        return await publish(self._url, "task.finished.v1", body)


async def publish(url: str, key: str, body: bytes) -> bool:
    """Put a message into the fleet's exchange; False when the broker is away."""
    try:
        connection = await aio_pika.connect(url)
        async with connection:
            channel = await connection.channel()
            exchange = await channel.get_exchange(EXCHANGE, ensure=False)
            message = aio_pika.Message(
                body,
                message_id=str(Envelope.model_validate_json(body).message_id),
                delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
                headers={"x-musewise-key": key},
            )
            await exchange.publish(message, key)
    except (aio_pika.exceptions.AMQPError, OSError):
        return False
    return True


class Chaos:
    """Strikes a rig with a bag of faults, in an order that the seed gives."""

    def __init__(self, rig: Rig, seed: int, bag: dict[str, int] | None = None) -> None:
        self.rig = rig
        self.dice = random.Random(seed)
        self.struck: Counter[str] = Counter()
        self._bag = [kind for kind, n in (bag or BAG).items() for _ in range(n)]
        self.dice.shuffle(self._bag)
        self.answers = Answers(rig)
        self._frozen: set[str] = set()
        self._aside: set[asyncio.Task[None]] = set()

    async def run(self, gap_s: tuple[float, float] = (0.3, 1.2)) -> None:
        """Strike until the bag is empty; all is up again at the end."""
        self.answers.start()
        try:
            for kind in self._bag:
                await asyncio.sleep(self.dice.uniform(*gap_s))
                for _ in range(5):
                    if await self._strike(kind):
                        self.struck[kind] += 1
                        break
                    await asyncio.sleep(1)
        finally:
            await asyncio.gather(*self._aside)
            await self.answers.stop()

    async def _strike(self, kind: str) -> bool:
        rig, dice = self.rig, self.dice
        match kind:
            case "worker killed with -9":
                free = [name for name in WORKERS if name not in self._frozen]
                return await self._kill(dice.choice(free), dice.uniform(0.1, 1.0))
            case "worker frozen beyond its lease":
                return await self._freeze()
            case "answer told again":
                return await self.answers.tell_again(dice, new_id=False)
            case "answer told again under a new id":
                return await self.answers.tell_again(dice, new_id=True)
            case "relay killed between publish and commit":
                return await self._before_commit(die=True)
            case "relay loses its commit":
                return await self._before_commit(die=False)
            case "store refuses":
                rig.store_link.refuse()
                await asyncio.sleep(dice.uniform(1.5, 4.0))
                rig.store_link.heal()
                return True
            case "database restarted":
                await asyncio.to_thread(rig.postgres.stop)
                await asyncio.to_thread(rig.postgres.start)
                return True
            case "broker stopped and started":
                await asyncio.to_thread(rig.rabbit.stop)
                await asyncio.to_thread(rig.rabbit.start)
                return True
            case _:
                name = kind.split()[0]
                name = "storage-gateway" if name == "gateway" else name
                return await self._kill(name, dice.uniform(0.1, 1.0))

    async def _kill(self, name: str, away_s: float) -> bool:
        process = self.rig.processes[name]
        await asyncio.to_thread(process.kill)
        await asyncio.sleep(away_s)
        await asyncio.to_thread(process.begin)
        if name not in WORKERS:
            await asyncio.to_thread(process.wait_until_served)
        return True

    async def _freeze(self) -> bool:
        """Stop a worker that runs something, until its lease is surely over."""
        found = await self.rig.sql(
            "SELECT DISTINCT worker FROM scheduler.task WHERE state = 'RUNNING'"
        )
        free = [r[0] for r in found if r[0] in WORKERS and r[0] not in self._frozen]
        if not free or self._frozen:
            return False
        name = self.dice.choice(sorted(free))
        self._frozen.add(name)
        process = self.rig.processes[name]
        process.signal(signal.SIGSTOP)

        async def thaw() -> None:
            await asyncio.sleep(LEASE_S + 2.5)
            process.signal(signal.SIGCONT)
            self._frozen.discard(name)

        task = asyncio.create_task(thaw())
        self._aside.add(task)
        task.add_done_callback(self._aside.discard)
        return True

    async def _before_commit(self, *, die: bool) -> bool:
        """Hold the scheduler's relay after its publishing, before its commit; end it.

        A lock lets it read its outbox and publish, and holds up the UPDATE that notes
        what was sent.
        """
        url = self.rig.postgres.url()
        order = TaskCancelled(task_id=uuid4(), attempt=1, reason="nobody wants it")
        envelope = envelope_of(order)
        holder = await asyncpg.connect(url)
        try:
            await holder.execute(
                "INSERT INTO scheduler.outbox (message_id, routing_key, body, headers, "
                "priority, due_at) VALUES ($1, $2, $3, '{}', 0, "
                "now() + interval '0.3 s')",
                envelope.message_id,
                envelope.name,
                envelope.model_dump_json().encode(),
            )
            async with holder.transaction():
                await holder.execute("LOCK TABLE scheduler.outbox IN SHARE MODE")
                waiting = await self._waiting_relay()
                if waiting is None:
                    return False
                if die:
                    await asyncio.to_thread(self.rig.processes["scheduler"].kill)
                else:
                    await self.rig.sql("SELECT pg_terminate_backend($1)", waiting)
        finally:
            await holder.close()
        if die:
            await asyncio.to_thread(self.rig.processes["scheduler"].start)
        return True

    async def _waiting_relay(self) -> int | None:
        for _ in range(60):
            found = await self.rig.sql(
                "SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' "
                "AND query LIKE '%UPDATE outbox SET sent_at%'"
            )
            if found:
                return int(found[0][0])
            await asyncio.sleep(0.05)
        return None
