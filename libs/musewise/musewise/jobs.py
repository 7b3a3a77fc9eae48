"""Jobs: plans that run or ran. Look at them, wait for them, read their logs."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from typing_extensions import override

from musewise._generated.scheduler.api import jobs as job_calls
from musewise._generated.scheduler.api import tasks as task_calls
from musewise.errors import JobFailedError, JobTimeoutError, ServerUnreachableError
from musewise.results import Attempt, JobProduct, JobRecord, Task

if TYPE_CHECKING:
    from musewise.connection import Connection

OVER = frozenset({"DONE", "CANCELLED"})
STUCK = frozenset({"FAILED", "BLOCKED"})
QUIET_POLLS = 5  # a failed job whose counts stand still this long goes on no more
PATIENCE_S = 120.0  # a server that is started again within this time is waited for


@dataclass(frozen=True)
class Snapshot:
    """A job at one moment; ``record`` None while the server does not answer."""

    record: JobRecord | None
    running: Sequence[Task] = ()
    trouble: str = ""


class Job:
    """A plan that runs or ran."""

    def __init__(self, connection: Connection, record: JobRecord) -> None:
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

    @property
    def products(self) -> Sequence[JobProduct]:
        """What is finished."""
        return self.record.products

    def refresh(self) -> Job:
        """Look again."""
        found = self._connection.ask(job_calls.show_job(self.job_id))
        self.record = JobRecord.model_validate(found)
        return self

    def tasks(self, state: str | None = None) -> list[Task]:
        """Give the tasks, all or those in one state."""
        rows = self._connection.ask(job_calls.list_tasks(self.job_id))
        tasks = [Task.model_validate(row) for row in rows]
        return [one for one in tasks if state is None or one.state == state]

    def attempts(self, task_id: str) -> list[Attempt]:
        """Give every try of a task, the first one first."""
        rows = self._connection.ask(task_calls.list_attempts(UUID(task_id)))
        return [Attempt.model_validate(row) for row in rows]

    def failures(self) -> list[tuple[Task, Attempt | None]]:
        """Give the failed tasks, each with its last attempt."""
        failed = self.tasks("FAILED")
        tries = [self.attempts(task.task_id) for task in failed]
        return [
            (task, found[-1] if found else None)
            for task, found in zip(failed, tries, strict=True)
        ]

    def cancel(self) -> Job:
        """Stop it; what is finished stays."""
        self._connection.ask(job_calls.cancel_job(self.job_id))
        return self.refresh()

    def retry(self) -> Job:
        """Run the failed tasks again; what waited for them goes on by itself."""
        self._connection.ask(job_calls.retry_job(self.job_id))
        return self.refresh()

    def at_least(self, k: int) -> Job:
        """Join IFUs as soon as ``k`` of them are there; the product says so."""
        from musewise._generated.scheduler.models.at_least import AtLeast

        self._connection.ask(job_calls.set_fan_in(self.job_id, body=AtLeast(k)))
        return self.refresh()

    def follow(self, poll_s: float = 1.0) -> Iterator[Snapshot]:
        """Look every ``poll_s`` seconds until nothing moves any more.

        A server that goes away is waited for (`PATIENCE_S`), as its jobs go on once
        it is started again.
        """
        quiet, before, away_since = 0, None, None
        while True:
            try:
                self.refresh()
                running = self.tasks("RUNNING") if self.state == "RUNNING" else []
            except ServerUnreachableError as error:
                away_since = away_since or time.monotonic()
                if time.monotonic() - away_since > PATIENCE_S:
                    raise
                yield Snapshot(None, trouble=error.detail)
            else:
                away_since = None
                yield Snapshot(self.record, running)
                quiet = quiet + 1 if self.record.progress == before else 0
                before = self.record.progress
                if self._settled(quiet):
                    return
            time.sleep(poll_s)

    def _settled(self, quiet: int) -> bool:
        if self.state in OVER:
            return True
        if self.state not in STUCK:
            return False
        moving = any(
            one.running or one.waiting for one in self.record.progress.values()
        )
        return not moving or quiet >= QUIET_POLLS

    def wait(
        self,
        *,
        progress: bool = False,
        timeout_s: float | None = None,
        poll_s: float = 1.0,
    ) -> Job:
        """Wait until it is done; with ``progress`` a bar for each recipe is shown.

        Interrupting the waiting leaves the job running.

        Raises
        ------
        JobFailedError
            It ended without all its products.
        JobTimeoutError
            It is not done after ``timeout_s`` seconds, and goes on.
        """
        snapshots = self._until(timeout_s, self.follow(poll_s))
        if progress:
            from musewise.display.live import show_live

            show_live(snapshots)
        else:
            for _ in snapshots:
                pass
        if self.state != "DONE":
            raise JobFailedError(
                f"Job {self.job_id} is {self.state}.", hint="job.failures() says why."
            )
        return self

    def _until(
        self, timeout_s: float | None, snapshots: Iterator[Snapshot]
    ) -> Iterator[Snapshot]:
        start = time.monotonic()
        for snapshot in snapshots:
            yield snapshot
            if timeout_s is not None and time.monotonic() - start > timeout_s:
                raise JobTimeoutError(
                    f"Job {self.job_id} is {self.state} after {timeout_s:g} s.",
                    hint="It goes on; wait for it again later.",
                )


def job(connection: Connection, job_id: str) -> Job:
    """Give a job by its id or the beginning of it."""
    found = connection.ask(job_calls.show_job(job_id))
    return Job(connection, JobRecord.model_validate(found))


def jobs(connection: Connection, limit: int) -> list[Job]:
    """Give at most ``limit`` (1..200) jobs, the newest first."""
    rows = connection.ask(job_calls.list_jobs(limit=limit))
    records = [JobRecord.model_validate(row) for row in rows]
    records.sort(key=lambda one: str(one.created or ""), reverse=True)
    return [Job(connection, record) for record in records[:limit]]
