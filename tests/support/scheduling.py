"""A scheduler with a scripted worker: real database, real broker, no pipeline."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import (
    AbstractAsyncContextManager,
    asynccontextmanager,
    nullcontext,
)
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from muse_scheduler.models import ClaimedTask, FrameRecord, PlanRequest
from muse_scheduler.service import Context, Policy, SchedulerService, Space
from musecore.broker import Delivery, LocalBroker
from musecore.db import Database
from musecore.identity import Principal
from musecore.messages import (
    FileUnwanted,
    FrameIngested,
    FrameRef,
    InputUsed,
    Payload,
    ProductMade,
    Resources,
    TaskCancelled,
    TaskFailed,
    TaskFinished,
    TaskRequested,
)
from musecore.muse.schema import load
from musecore.outbox import Relay
from musecore.testing import TemplateDatabases
from musecore.times import utcnow, uuid7
from tests.support.frames import VERSIONS, make_night

ADA = Principal(subject="ada", name="ada", projects={"local": 5})
BOB = Principal(subject="bob", name="bob", projects={"other": 5})

CUBE = PlanRequest(product="DATACUBE_FINAL", target="NGC 1")

_HEARD = "scripted-worker"
_SAID = ["task.requested.v1.#", "task.cancelled.v1", "file.unwanted.v1"]


def event_of(frame: FrameRecord, project: str = "local") -> FrameIngested:
    """What the catalog says of a file."""
    refs = [
        FrameRef(
            frame_id=uuid7(), ifu=n, chip_id=chip.chip_id, chip_name=chip.chip_name
        )
        for n, chip in frame.ifus.items()
    ] or [FrameRef(frame_id=uuid7(), ifu=None)]
    plain = frame.model_dump(exclude={"ifus", "project", "kind"})
    return FrameIngested(**plain, kind=frame.kind, project=project, frames=refs)


def sha(*parts: object) -> str:
    return hashlib.sha256("|".join(map(str, parts)).encode()).hexdigest()


@dataclass
class Bench:
    """A scheduler at work; `space` is what it is told of the store."""

    database: Database
    service: SchedulerService
    broker: LocalBroker
    relay: Relay
    heard: list[Payload] = field(default_factory=list)
    runs: list[ClaimedTask] = field(default_factory=list)

    # -- the catalog's part
    async def ingest(
        self, frames: Iterable[FrameRecord], project: str = "local"
    ) -> None:
        for frame in frames:
            await self.service.projection.ingest(uuid7(), event_of(frame, project))

    # -- the worker's part
    async def hear(self) -> list[Payload]:
        """Give what the scheduler has said since the last time."""
        await self.relay.drain()
        while await self.broker.depth(_HEARD):
            await asyncio.sleep(0)
        said, self.heard[:] = list(self.heard), []
        return said

    async def offers(self) -> list[TaskRequested]:
        return [m for m in await self.hear() if isinstance(m, TaskRequested)]

    async def unwanted(self) -> list[UUID]:
        said = await self.hear()
        return [m.file_id for m in said if isinstance(m, FileUnwanted)]

    async def cancelled(self) -> list[UUID]:
        said = await self.hear()
        return [m.task_id for m in said if isinstance(m, TaskCancelled)]

    async def claim(self, offer: TaskRequested, worker: str = "w1") -> ClaimedTask:
        return await self.service.claims.claim(offer.task_id, offer.attempt, worker)

    async def finish(self, task: ClaimedTask, **changes: Any) -> TaskFinished:
        """Answer a task with products whose content follows from its inputs."""
        event = finished(task, **changes)
        self.runs.append(task)
        await self.service.settling.finished(uuid7(), event)
        return event

    async def fail(
        self,
        task: ClaimedTask,
        failure: str = "recipe_error",
        detail: str = "it broke",
        worker: str = "w1",
    ) -> None:
        event = TaskFailed.model_validate(
            {
                "task_id": task.task_id,
                "attempt": task.attempt,
                "worker": worker,
                "failure_class": failure,
                "detail": detail,
                "telling_lines": ["[ ERROR ] saturated"],
                "exit_code": 1,
                "started": utcnow(),
                "ended": utcnow(),
            }
        )
        await self.service.settling.failed(uuid7(), event)

    async def work(
        self,
        *,
        fails: Callable[[ClaimedTask], bool] = lambda _task: False,
        until: Callable[[TaskRequested], bool] = lambda _offer: False,
        **changes: Any,
    ) -> list[TaskRequested]:
        """Do what is offered until nothing is, or an offer is one to stop at."""
        while offers := await self.offers():
            for n, offer in enumerate(offers):
                if until(offer):
                    return offers[n:]
                task = await self.claim(offer)
                if fails(task):
                    await self.fail(task)
                else:
                    await self.finish(task, **changes)
        return []

    # -- a person's part
    async def accept(self, request: PlanRequest = CUBE) -> str:
        return str(await self.service.planning.accept(ADA, request))

    async def states(self, job: str) -> dict[tuple[str, int | None], str]:
        """Give (recipe, IFU) -> state of the tasks of a job."""
        tasks = await self.service.jobs.tasks(ADA, job)
        return {(task.recipe, task.ifu): task.state.value for task in tasks}

    async def recipes_run(self) -> list[str]:
        """Give the recipes that were run since the last time, in order."""
        run, self.runs[:] = [task.recipe for task in self.runs], []
        return run

    async def count(self, table: str) -> int:
        async with self.database.begin() as tx:
            found = await tx.execute(f"SELECT count(*) FROM {table}")
            return int(found.scalar_one())


def finished(
    task: ClaimedTask, *, content: str | None = None, size: int = 1000
) -> TaskFinished:
    """A worker's answer; equal inputs and parameters give equal content."""
    inputs = [InputUsed(**one.model_dump()) for one in task.inputs]
    made = content or sha(
        task.recipe,
        task.ifu,
        sorted(task.parameters.items()),
        [i.content_key for i in inputs],
    )
    tags = [output for output in task.outputs if output.min > 0]
    products = [
        _product(task, output.tag, sha(made, output.tag), size) for output in tags
    ]
    now = utcnow()
    return TaskFinished(
        task_id=task.task_id,
        attempt=task.attempt,
        worker="w1",
        key=task.key,
        recipe=task.recipe,
        ifu=task.ifu,
        project=task.project,
        owner=task.owner,
        parameters=task.parameters,
        inputs=inputs,
        products=products,
        versions=task.versions,
        log_file_id=uuid7(),
        started=now - timedelta(seconds=10),
        ended=now,
        resources=Resources(wall_s=10.0, cpu_s=15.0, max_rss_mb=900.0),
    )


def _product(task: ClaimedTask, tag: str, content_key: str, size: int) -> ProductMade:
    ifu = "" if task.ifu is None else f"-{task.ifu:02d}"
    file_id = uuid7()
    return ProductMade(
        product_id=uuid7(),
        file_id=file_id,
        tag=tag,
        ordinal=1,
        ifu=task.ifu,
        filename=f"{tag}{ifu}.fits",
        object_key=f"objects/{file_id}",
        sha256=sha("bytes", file_id),
        content_key=content_key,
        size=size,
        headers="",
    )


def _database(
    databases: TemplateDatabases, known: Database | None
) -> AbstractAsyncContextManager[Database]:
    if known is not None:
        return nullcontext(known)
    return databases.database("scheduler", "muse_scheduler")


@asynccontextmanager
async def bench(
    databases: TemplateDatabases,
    *,
    frames: Sequence[FrameRecord] | None = None,
    policy: Policy | None = None,
    space: Space | None = None,
    database: Database | None = None,
) -> AsyncIterator[Bench]:
    """Open a scheduler with a night of frames and a worker that does as told."""
    broker = LocalBroker()
    await broker.start()

    async def room() -> Space:
        assert space is not None
        return space

    async with _database(databases, database) as opened_database:
        context = Context(
            database=opened_database,
            model=load(),
            versions=VERSIONS,
            policy=policy or Policy(slots=50),
            space=None if space is None else room,
        )
        relay = Relay(opened_database, broker)
        opened = Bench(opened_database, SchedulerService(context), broker, relay)

        async def listen(delivery: Delivery) -> None:
            opened.heard.append(delivery.payload)

        subscription = await broker.subscribe(_HEARD, _SAID, listen)
        await opened.ingest(make_night(ifus=(1,)) if frames is None else frames)
        yield opened
        await subscription.cancel()
        await broker.close()
