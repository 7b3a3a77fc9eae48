"""A worker whose tasks do nothing: the real protocol, no recipe.

Takes `TaskRequested` from the quorum queue of a pool, claims by ``POST /claims`` what
has gathered, and answers each attempt with a persistent, confirmed `TaskFinished`.
Settings by environment, as the real worker's: broker, scheduler, auth, account.
"""

import asyncio
import hashlib
import signal
import sys
import time
from typing import Any
from uuid import UUID

import httpx

from muse_worker.models import ClaimedTask
from muse_worker.settings import WorkerSettings
from musecore.broker import Delivery, Message
from musecore.identity import ServiceToken
from musecore.messages import (
    InputUsed,
    ProductMade,
    Resources,
    TaskFinished,
    TaskRequested,
)
from musecore.outbox import envelope_of
from musecore.serving import broker_of
from musecore.times import utcnow, uuid7

PREFETCH = 100
GAP_S, LONGEST_S = 0.002, 0.1
QUEUE, PATTERN = "worker.small", f"{TaskRequested.name}.small"
_LOG = UUID(int=0)


class NoopWorker:
    """Claims and answers what has gathered since the last time, all at once."""

    def __init__(self, settings: WorkerSettings) -> None:
        token = ServiceToken(
            settings.need("auth_url"),
            settings.need("client_id"),
            settings.need("client_secret"),
        )
        self._name = settings.name
        self._broker = broker_of(settings.need("broker_url"))
        self._scheduler = httpx.AsyncClient(
            base_url=settings.need("scheduler_url"), auth=token, timeout=60
        )
        self._offered: list[tuple[TaskRequested, asyncio.Future[None]]] = []
        self._news = asyncio.Event()
        self._patience_s = 0.0
        self._answering: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Work until cancelled."""
        await self._broker.start()
        await self._broker.subscribe(
            QUEUE, [PATTERN], self._on_requested, prefetch=PREFETCH
        )
        print("ready", flush=True)
        try:
            while True:
                _ = await self._news.wait()
                self._news.clear()
                await self._take()
        finally:
            await self._broker.close()
            await self._scheduler.aclose()

    async def _on_requested(self, delivery: Delivery) -> None:
        """Acknowledge by returning, once the attempt is claimed."""
        payload = delivery.payload
        assert isinstance(payload, TaskRequested)
        claimed = asyncio.get_running_loop().create_future()
        self._offered.append((payload, claimed))
        self._news.set()
        await claimed

    async def _take(self) -> None:
        end = time.monotonic() + self._patience_s
        before = -1
        while len(self._offered) < PREFETCH:  # those of the same moment join
            if before == len(self._offered) and time.monotonic() >= end:
                break
            before = len(self._offered)
            await asyncio.sleep(GAP_S)
        offered, self._offered = self._offered, []
        if not offered:
            return
        tasks = [
            {"task_id": str(offer.task_id), "attempt": offer.attempt}
            for offer, _ in offered
        ]
        begun = time.monotonic()
        answer = await self._scheduler.post(
            "/claims", json={"worker": self._name, "tasks": tasks}
        )
        answer.raise_for_status()
        took_s = time.monotonic() - begun
        self._patience_s = min(LONGEST_S, took_s) if len(offered) > 1 else 0.0
        for _, claimed in offered:
            claimed.set_result(None)
        for one in answer.json():
            if one["task"] is None:
                print("refused", one["refused"], file=sys.stderr, flush=True)
                continue
            report = self._run(one["task"])
            sending = asyncio.create_task(self._send(report))
            self._answering.add(sending)
            sending.add_done_callback(self._answering.discard)

    def _run(self, claimed: dict[str, Any]) -> TaskFinished:
        """Do nothing, and say so; a product for each tag that somebody reads."""
        task = ClaimedTask.model_validate(claimed)
        now = utcnow()
        return TaskFinished(
            task_id=task.task_id,
            attempt=task.attempt,
            worker=self._name,
            key=task.key,
            recipe=task.recipe,
            ifu=task.ifu,
            project=task.project,
            owner=task.owner,
            parameters=task.parameters,
            inputs=[InputUsed(**one.model_dump()) for one in task.inputs],
            products=[_product(task, one.tag) for one in task.outputs if one.min > 0],
            versions=task.versions,
            log_file_id=_LOG,
            started=now,
            ended=now,
            resources=Resources(wall_s=0.0, cpu_s=0.0, max_rss_mb=1.0),
        )

    async def _send(self, report: TaskFinished) -> None:
        await self._broker.publish(Message.of(envelope_of(report)))


def _product(task: ClaimedTask, tag: str) -> ProductMade:
    file_id = uuid7()
    content = hashlib.sha256(f"{task.key}|{tag}".encode()).hexdigest()
    return ProductMade(
        product_id=uuid7(),
        file_id=file_id,
        tag=tag,
        ordinal=1,
        ifu=task.ifu,
        filename=f"{tag}-{task.key[:8]}.fits",
        object_key=f"objects/{file_id}",
        sha256=content,
        content_key=content,
        size=0,
        headers="",
    )


async def main() -> None:
    """Work until SIGTERM."""
    working = asyncio.create_task(NoopWorker(WorkerSettings.load()).run())
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, working.cancel)
    try:
        await working
    except asyncio.CancelledError:
        print("stopped", flush=True)


if __name__ == "__main__":
    asyncio.run(main())
