"""The async twin of the client: the same questions, plans and jobs, awaited.

>>> from musewise import aio
>>> from musewise.classes import BIAS
>>> async with aio.connect() as muse:
...     async for bias in muse.query(BIAS.nifu == 6):
...         print(bias.filename)
...     job = await muse.process("DATACUBE_FINAL", target="HDFS")
...     await job.wait(timeout="3 h")

Questions are the same values as in the sync client. What is sent, how answers are read
and when a job is over is shared with it; only the sending is different.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Self
from uuid import UUID

import httpx
from typing_extensions import override

from musewise import dpu, session
from musewise._generated.catalog.api import objects as object_calls
from musewise._generated.scheduler.api import jobs as job_calls
from musewise._generated.scheduler.api import tasks as task_calls
from musewise.aio_objects import ObjectCalls
from musewise.answers import require_size, with_columns
from musewise.asking import AsyncConnection
from musewise.errors import ServerUnreachableError, UsageError
from musewise.jobs import (
    Snapshot,
    Watch,
    jobs_call,
    require_done,
    seconds,
    timed_out,
)
from musewise.query import OR, Query, none_fits
from musewise.records import Attempt, JobRecord, PlanRecord, Task
from musewise.requests import PlanRequest, accepting, plan_request, planning
from musewise.results import Frame
from musewise.settings import Server, find_server

__all__ = ["Asked", "Job", "Plan", "Session", "connect"]


def connect(
    url: str | None = None,
    token: str | None = None,
    *,
    directory: str | Path | None = None,
    transport: httpx.AsyncBaseTransport | None = None,
) -> Session:
    """Connect as `musewise.connect` does; to be used with ``async with``.

    Raises
    ------
    ServerNotFoundError
        No server is known.
    """
    folder = Path(directory) if directory else None
    return Session(find_server(url, token, folder), transport=transport)


class Session(ObjectCalls):
    """What one person does on one server."""

    def __init__(
        self, server: Server, *, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        self.server = server
        self.connection = AsyncConnection(server, transport=transport)
        self._files = session.Session(server)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections that are kept open."""
        self._files.close()
        await self.connection.close()

    def query(self, what: Query | str | None = None, where: str | None = None) -> Asked:
        """Ask a question: ``query(BIAS.nifu == 6)`` or ``query("BIAS", "nifu == 6")``."""
        if isinstance(what, Query):
            return Asked(self, what)
        return Asked(self, Query(tag=what, where=where, holds=OR))

    async def plan(self, product: str, **what: Any) -> Plan:
        """Plan a product; ``what`` as in `PlanRequest`. Nothing runs yet."""
        what.setdefault("project", self._files.project)
        return await self._planned(plan_request(product, **what))

    async def process(self, product: str, **what: Any) -> Job:
        """Plan a product and let it run.

        Raises
        ------
        UsageError
            The plan cannot run, as something is missing.
        """
        plan = await self.plan(product, **what)
        if not plan.record.runnable:
            raise UsageError(dpu.cannot_run(plan.record))
        return await plan.submit()

    async def run(
        self,
        recipe: str,
        *,
        date: Any,
        p: Mapping[str, Any] | None = None,
        commit: bool = True,
        **what: Any,
    ) -> Job:
        """Run a recipe on every exposure of a day; see `musewise.dpu.run`."""
        product, asked = dpu.wish(recipe, date=date, p=p, commit=commit)
        return await self.process(product, **asked, **what)

    async def job(self, job_id: str) -> Job:
        """Give a job by its id or the beginning of it."""
        found = await self.connection.ask(job_calls.show_job(job_id))
        return Job(self.connection, JobRecord.model_validate(found))

    async def jobs(
        self,
        limit: int = 100,
        *,
        mine: bool = False,
        since: str | datetime | None = None,
    ) -> list[Job]:
        """Give at most ``limit`` (1..200) jobs, the newest first."""
        rows = await self.connection.ask(jobs_call(limit, mine=mine, since=since))
        return [Job(self.connection, JobRecord.model_validate(row)) for row in rows]

    async def _planned(self, request: PlanRequest) -> Plan:
        made = await self.connection.ask(planning(request))
        return Plan(self.connection, PlanRecord.model_validate(made))


class Asked:
    """A question to one server: ``async for`` gives the objects, page by page."""

    def __init__(self, muse: Session, query: Query) -> None:
        self._muse = muse
        self.query = query

    @override
    def __repr__(self) -> str:
        return repr(self.query)

    def order_by(self, *keys: Any) -> Asked:
        """Put them in an order."""
        return Asked(self._muse, self.query.order_by(*keys))

    def limit(self, count: int) -> Asked:
        """Ask for at most this many."""
        return Asked(self._muse, self.query.limit(count))

    def select(self, *columns: Any) -> Asked:
        """Name the columns of a table."""
        return Asked(self._muse, self.query.select(*columns))

    async def _ask(self, call: Any, **more: Any) -> Any:
        return await self._muse.connection.ask(call(**_given(self.query), **more))

    async def __aiter__(self) -> AsyncIterator[Frame]:
        async for page in self._pages(object_calls.get_objects, "items"):
            for row in page["items"]:
                yield Frame.model_validate(row)

    async def _pages(self, call: Any, rows: str) -> AsyncIterator[dict[str, Any]]:
        """Give pages until there is no more, or as many rows as were asked for."""
        after, left = None, self.query.at_most
        while left is None or left > 0:
            count = min(Query.PAGE, left or Query.PAGE)
            page = await self._ask(call, after=after, limit=count)
            if left is not None:
                page[rows] = page[rows][:left]
                left -= len(page[rows])
            yield page
            after = page["next"]
            if after is None:
                return

    async def count(self) -> int:
        """Give the number of objects; beyond 50,000 it is an estimate."""
        found = int((await self._ask(object_calls.get_count))["count"])
        most = self.query.at_most
        return found if most is None else min(found, most)

    async def first(self) -> Frame:
        """Give the first.

        Raises
        ------
        NotFoundError
            There is none.
        """
        async for frame in self.limit(1):
            return frame
        raise none_fits(self.query)

    async def ids(self) -> list[str]:
        """Give the ids of all."""
        return [frame.frame_id async for frame in self]

    async def table_rows(self) -> tuple[list[dict[str, Any]], list[list[Any]]]:
        """Give columns (name, type, unit, doc) and rows.

        Raises
        ------
        TooManyError
            More than 100,000 rows and no limit.
        """
        asked = Asked(self._muse, with_columns(self.query))
        if not self.query.is_grouped:
            require_size(await asked.count(), "to_table()")
        columns: list[dict[str, Any]] = []
        rows: list[list[Any]] = []
        async for page in asked._pages(object_calls.get_table, "rows"):
            columns = page["columns"]
            rows += page["rows"]
        return columns, rows

    async def to_table(self) -> Any:
        """Give an astropy ``QTable`` with units and descriptions; needs astropy."""
        from musewise.tables import astropy_table

        return astropy_table(*await self.table_rows())


def _given(query: Query) -> dict[str, Any]:
    given = query.parameters()
    return {("class_" if name == "class" else name): one for name, one in given.items()}


class Plan:
    """A plan that was made and not yet accepted."""

    def __init__(self, connection: AsyncConnection, record: PlanRecord) -> None:
        self._connection = connection
        self.record = record

    async def submit(self) -> Job:
        """Let it run."""
        made = await self._connection.ask(accepting(self.record.plan_id))
        return Job(self._connection, JobRecord.model_validate(made))


class Job:
    """A plan that runs or ran."""

    def __init__(self, connection: AsyncConnection, record: JobRecord) -> None:
        self._connection = connection
        self.record = record

    @override
    def __repr__(self) -> str:
        return f"<Job {self.job_id}: {self.state}>"

    @property
    def job_id(self) -> str:
        """The whole id."""
        return self.record.job_id

    @property
    def state(self) -> str:
        """PLANNED, RUNNING, DONE, FAILED, BLOCKED or CANCELLED, when last looked."""
        return self.record.state

    async def refresh(self) -> Job:
        """Look again."""
        found = await self._connection.ask(job_calls.show_job(self.job_id))
        self.record = JobRecord.model_validate(found)
        return self

    async def tasks(self, state: str | None = None) -> list[Task]:
        """Give the tasks, all or those in one state."""
        rows = await self._connection.ask(job_calls.list_tasks(self.job_id))
        tasks = [Task.model_validate(row) for row in rows]
        return [one for one in tasks if state is None or one.state == state]

    async def attempts(self, task_id: str) -> list[Attempt]:
        """Give every try of a task, the first one first."""
        rows = await self._connection.ask(task_calls.list_attempts(UUID(task_id)))
        return [Attempt.model_validate(row) for row in rows]

    async def cancel(self) -> Job:
        """Stop it; what is finished stays."""
        await self._connection.ask(job_calls.cancel_job(self.job_id))
        return await self.refresh()

    async def follow(self, poll_s: float = 1.0) -> AsyncIterator[Snapshot]:
        """Look every ``poll_s`` seconds until nothing moves any more."""
        watch = Watch()
        while True:
            try:
                await self.refresh()
            except ServerUnreachableError as error:
                yield watch.missed(error)
            else:
                yield Snapshot(self.record)
                if watch.settled(self.record):
                    return
            await asyncio.sleep(poll_s)

    async def wait(
        self,
        *,
        timeout: float | str | None = None,  # noqa: ASYNC109  the twin of the sync one
        poll_s: float = 1.0,
    ) -> Job:
        """Wait until it is done; cancelling the waiting leaves the job running.

        Parameters
        ----------
        timeout
            Seconds, or a text as ``"3 h"``.

        Raises
        ------
        JobFailedError
            It ended without all its products.
        JobTimeoutError
            It is not done in time, and goes on.
        """
        most = None if timeout is None else seconds(timeout)
        start = time.monotonic()
        async for _ in self.follow(poll_s):
            if most is not None and time.monotonic() - start > most:
                raise timed_out(self.record, most)
        require_done(self.record)
        return self
