"""Jobs: plans that run or ran. Look at them, wait for them, read their logs."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from typing_extensions import override

from musewise._generated.scheduler.api import jobs as job_calls
from musewise._generated.scheduler.api import tasks as task_calls
from musewise.calls import Call
from musewise.classes import recipes_of
from musewise.downloads import read_text
from musewise.errors import (
    JobFailedError,
    JobTimeoutError,
    ServerUnreachableError,
    UsageError,
)
from musewise.records import Attempt, JobProduct, JobRecord, RecipeProgress, Task
from musewise.requests import PlanRequest, flat_parameters, plan_request

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

    def log(self, *, follow: bool = False, poll_s: float = 1.0) -> Iterator[str]:
        """Give the logs of its recipes, line by line, each after a line that names it.

        With ``follow`` those that end later too, until the job moves no more.
        """
        told: set[tuple[str, int | None]] = set()
        yield from self._new_logs(told)
        if follow:
            for _ in self.follow(poll_s):
                yield from self._new_logs(told)

    def _new_logs(self, told: set[tuple[str, int | None]]) -> Iterator[str]:
        for task in self.tasks():
            if task.started is None:
                continue
            for one in self.attempts(task.task_id):
                key = (task.task_id, one.attempt)
                if key in told or one.ended is None:
                    continue
                told.add(key)
                yield f"==> {task.name}, attempt {one.attempt}: {one.outcome}"
                if one.log_file_id:
                    text = read_text(self._connection, one.log_file_id)
                    yield from text.splitlines()

    def rerun(self, p: Mapping[str, Any] | None = None, **changes: Any) -> Job:
        """Ask for the same again with other parameters; gives another job.

        Parameters
        ----------
        p
            ``{"scipost.crsigma": 20}``; a name alone is one of the recipe that made
            the product. They are added to those of this job.
        changes
            Other parts of the request, as in `PlanRequest`.

        Raises
        ------
        UsageError
            The request cannot be, or its plan cannot run.
        """
        from musewise.dpu import process

        request = again(self.record, dict(p or {}), changes)
        return process(self._connection, request)

    def follow(self, poll_s: float = 1.0) -> Iterator[Snapshot]:
        """Look every ``poll_s`` seconds until nothing moves any more.

        A server that goes away is waited for (`PATIENCE_S`), as its jobs go on once
        it is started again.
        """
        watch = Watch()
        while True:
            try:
                self.refresh()
                running = self.tasks("RUNNING") if self.state == "RUNNING" else []
            except ServerUnreachableError as error:
                yield watch.missed(error)
            else:
                yield Snapshot(self.record, running)
                if watch.settled(self.record):
                    return
            time.sleep(poll_s)

    def wait(
        self,
        *,
        progress: bool = False,
        timeout: float | str | None = None,
        timeout_s: float | None = None,
        poll_s: float = 1.0,
    ) -> Job:
        """Wait until it is done; with ``progress`` a bar for each recipe is shown.

        Interrupting the waiting leaves the job running, and says how to come back.

        Parameters
        ----------
        timeout
            Seconds, or a text as ``"3 h"`` or ``"20 min"``; ``timeout_s``: seconds.

        Raises
        ------
        JobFailedError
            It ended without all its products.
        JobTimeoutError
            It is not done in time, and goes on.
        """
        most = seconds(timeout) if timeout is not None else timeout_s
        snapshots = self._until(most, self.follow(poll_s))
        try:
            self._look_at(snapshots, progress=progress)
        except KeyboardInterrupt:
            self._say_how_to_come_back()
            raise
        require_done(self.record)
        return self

    def _look_at(self, snapshots: Iterator[Snapshot], *, progress: bool) -> None:
        if progress:
            from musewise.display.live import show_live

            show_live(snapshots)
            return
        for _ in snapshots:
            pass

    def _say_how_to_come_back(self) -> None:
        from musewise.display import consoles

        consoles.err().print(
            f"Job {self.job_id} goes on. Come back: client.job({self.job_id!r})"
            f".wait(progress=True), or: musewise job {self.job_id} --follow",
            markup=False,
            soft_wrap=True,
        )

    def _until(
        self, most: float | None, snapshots: Iterator[Snapshot]
    ) -> Iterator[Snapshot]:
        start = time.monotonic()
        for snapshot in snapshots:
            yield snapshot
            if most is not None and time.monotonic() - start > most:
                raise timed_out(self.record, most)

    def __rich__(self) -> Any:
        from musewise.display.live import job_view

        return job_view(self.record)

    def _repr_html_(self) -> str:
        from musewise.display.notebook import html_of

        return html_of(self.__rich__())


class Watch:
    """Tells when a job moves no more, from what is seen of it again and again."""

    def __init__(self) -> None:
        self._quiet = 0
        self._before: Mapping[str, RecipeProgress] | None = None
        self._away_since: float | None = None

    def missed(self, error: ServerUnreachableError) -> Snapshot:
        """The server did not answer; raises the error when that lasts too long."""
        self._away_since = self._away_since or time.monotonic()
        if time.monotonic() - self._away_since > PATIENCE_S:
            raise error
        return Snapshot(None, trouble=error.detail)

    def settled(self, record: JobRecord) -> bool:
        """Say whether it is over, or stuck where nothing goes on."""
        self._away_since = None
        self._quiet = self._quiet + 1 if record.progress == self._before else 0
        self._before = record.progress
        if record.state in OVER:
            return True
        if record.state not in STUCK:
            return False
        moving = any(one.running or one.waiting for one in record.progress.values())
        return not moving or self._quiet >= QUIET_POLLS


def require_done(record: JobRecord) -> None:
    """Pass where a job is done; raises `JobFailedError` elsewhere."""
    if record.state != "DONE":
        raise JobFailedError(
            f"Job {record.job_id} is {record.state}.", hint="job.failures() says why."
        )


def timed_out(record: JobRecord, most: float) -> JobTimeoutError:
    """Say that the waiting ended before the job."""
    return JobTimeoutError(
        f"Job {record.job_id} is {record.state} after {most:g} s.",
        hint="It goes on; wait for it again later.",
    )


_UNITS = {"s": 1.0, "min": 60.0, "h": 3600.0, "d": 86400.0}


def seconds(text: float | str) -> float:
    """Give seconds of ``90``, ``"90 s"``, ``"20 min"``, ``"3 h"`` or ``"1 d"``.

    Raises
    ------
    UsageError
        It is no such time.
    """
    found = _DURATION.fullmatch(str(text).strip())
    if found is None:
        raise UsageError(
            f"{text!r} is no time span.", hint='Write for example "20 min" or "3 h".'
        )
    return float(found[1]) * _UNITS[found[2] or "s"]


_DURATION = re.compile(r"(\d+(?:\.\d*)?)\s*(s|min|h|d)?")


def since_of(span: str | datetime) -> datetime:
    """Give the moment (UTC) that is so long ago as ``"1 d"`` says, or that is given."""
    if isinstance(span, datetime):
        return span if span.tzinfo else span.replace(tzinfo=UTC)
    return datetime.fromtimestamp(time.time() - seconds(span), UTC)


def again(
    record: JobRecord, p: Mapping[str, Any], changes: Mapping[str, Any]
) -> PlanRequest:
    """Give the request of a job with other parameters and parts.

    Addresses of notices are not repeated: the server shows them without their secrets.
    """
    said = {
        name: value
        for name, value in record.request.items()
        if name in _REPEATED and value is not None
    }
    said["with_"] = said.pop("with", [])
    parameters = flat_parameters(said.pop("parameters", None) or {})
    for name, value in flat_parameters(p).items():
        whole = name if "." in name else f"{_own_recipe(record)}.{name}"
        parameters = {
            one: old for one, old in parameters.items() if _bare(one) != _bare(whole)
        } | {whole: value}
    product = said.pop("product")
    return plan_request(product, **{**said, "parameters": parameters, **changes})


_REPEATED = {
    field.alias or name
    for name, field in PlanRequest.model_fields.items()
    if name != "notify"
}


def _bare(name: str) -> str:
    return name.removeprefix("muse_")


def _own_recipe(record: JobRecord) -> str:
    """Give the recipe that made what a job was asked for: the last that it runs."""
    makers = recipes_of(str(record.request["product"]))
    run = [recipe for recipe in record.progress if recipe in makers]
    return (run or makers)[-1]


def job(connection: Connection, job_id: str) -> Job:
    """Give a job by its id or the beginning of it."""
    found = connection.ask(job_calls.show_job(job_id))
    return Job(connection, JobRecord.model_validate(found))


def jobs(
    connection: Connection,
    limit: int,
    *,
    mine: bool = False,
    since: str | datetime | None = None,
) -> list[Job]:
    """Give at most ``limit`` (1..200) jobs, the newest first; see `Session.jobs`."""
    rows = connection.ask(jobs_call(limit, mine=mine, since=since))
    records = [JobRecord.model_validate(row) for row in rows]
    records.sort(key=lambda one: str(one.created or ""), reverse=True)
    return [Job(connection, record) for record in records[:limit]]


def jobs_call(
    limit: int, *, mine: bool, since: str | datetime | None
) -> Call[list[Any]]:
    """Give the call that lists jobs."""
    asked: dict[str, Any] = {"limit": limit}
    if mine:
        asked["mine"] = True
    if since is not None:
        asked["since"] = since_of(since)
    return job_calls.list_jobs(**asked)
