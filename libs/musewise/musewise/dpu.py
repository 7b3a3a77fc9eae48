"""Plans and jobs: ask for a product, look at the plan, let it run, wait for it."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from datetime import time as clock_time
from typing import TYPE_CHECKING, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from typing_extensions import override

from musewise._generated.scheduler.api import jobs as job_calls
from musewise._generated.scheduler.api import plans as plan_calls
from musewise._generated.scheduler.api import tasks as task_calls
from musewise.calls import Call
from musewise.classes import main_product
from musewise.errors import (
    JobFailedError,
    JobTimeoutError,
    ServerUnreachableError,
    UsageError,
)
from musewise.results import Attempt, JobProduct, JobRecord, PlanRecord, Task

if TYPE_CHECKING:
    from musewise.connection import Connection
    from musewise.session import Session

OVER = frozenset({"DONE", "CANCELLED"})
STUCK = frozenset({"FAILED", "BLOCKED"})
QUIET_POLLS = 5  # a failed job whose counts stand still this long goes on no more
PATIENCE_S = 120.0  # a server that is started again within this time is waited for


class FanIn(BaseModel):
    """How a recipe that joins IFUs treats those that failed."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    policy: Literal["all", "at_least", "listed"] = "all"
    k: int | None = Field(default=None, ge=1, le=24)
    ifus: list[int] | None = None


class PlanRequest(BaseModel):
    """What somebody wants built, and from which exposures.

    ``parameters`` maps ``recipe.name`` to a value (``{"scipost.crsigma": 20}`` or
    ``{"scipost": {"crsigma": 20}}``); ``ifus`` is a list or text as ``1-3,7``;
    ``combine`` None combines when more than one exposure is selected; ``notify``
    lists addresses (``mailto:…``, ``https://…``) that hear what becomes of the job;
    ``priority`` None is ``interactive``, ``urgency`` (-49..49) goes first within it.
    A ``trial`` is seen by its maker only, used for nothing else, and kept some days.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)
    product: str
    target: str | None = None
    exposure: list[str] | None = None
    night: str | None = None
    ob: str | None = None
    template: str | None = None
    ifus: list[int] | None = None
    project: str | None = None
    combine: bool | None = None
    parameters: dict[str, Any] = {}
    fan_in: FanIn | None = None
    without: list[str] = []
    with_: list[str] = Field(default=[], alias="with")
    notify: list[str] = []
    priority: Literal["interactive", "night", "reprocessing"] | None = None
    urgency: int | None = Field(default=None, ge=-49, le=49)
    trial: bool | None = None

    def body(self) -> dict[str, Any]:
        """What is sent: only what was said."""
        said = self.model_dump(by_alias=True, exclude_none=True)
        return {name: value for name, value in said.items() if value not in ([], {})}


def plan_request(product: str, **what: Any) -> PlanRequest:
    """Check a request before anything is sent.

    Raises
    ------
    UsageError
        An unknown name, a wrong type, an IFU outside 1..24.
    """
    if isinstance(what.get("ifus"), str):
        what["ifus"] = parse_ifus(what["ifus"])
    if isinstance(what.get("exposure"), str):
        what["exposure"] = [what["exposure"]]
    what["parameters"] = flat_parameters(what.get("parameters") or {})
    try:
        return PlanRequest(product=product, **what)
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        raise UsageError(f"The request is wrong at {name!r}: {first['msg']}.") from None


def flat_parameters(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Give ``{"recipe.name": value}`` for that or for ``{"recipe": {...}}``."""
    flat: dict[str, Any] = {}
    for name, value in parameters.items():
        if isinstance(value, Mapping):
            flat.update({f"{name}.{inner}": one for inner, one in value.items()})
        else:
            flat[name] = value
    return flat


def parse_ifus(text: str) -> list[int]:
    """Give the IFU numbers of ``1-3,7``, in order and each once.

    Raises
    ------
    UsageError
        It is no such list, or a number is outside 1..24.
    """
    try:
        ifus = {ifu for part in text.split(",") for ifu in _ifu_range(part.strip())}
    except ValueError:
        raise UsageError(
            f"{text!r} is no list of IFUs.", hint="Write for example 1,2,3 or 1-24."
        ) from None
    outside = sorted(ifu for ifu in ifus if not 1 <= ifu <= 24)
    if outside or not ifus:
        raise UsageError(f"{text!r} names IFU {outside}; they run from 1 to 24.")
    return sorted(ifus)


def _ifu_range(part: str) -> range:
    first, dash, last = part.partition("-")
    return range(int(first), int(last if dash else first) + 1)


class Plan:
    """A plan that was made and not yet accepted."""

    def __init__(self, connection: Connection, record: PlanRecord) -> None:
        self._connection = connection
        self.record = record

    def __rich__(self) -> Any:
        from musewise.display.plans import plan_view

        return plan_view(self.record)

    @override
    def __repr__(self) -> str:
        build = sum(recipe.build for recipe in self.record.recipes)
        return f"<Plan {self.record.plan_id}: {build} tasks to run>"

    def submit(self) -> Job:
        """Let it run."""
        made = self._connection.ask(accepting(self.record.plan_id))
        return Job(self._connection, JobRecord.model_validate(made))

    def chosen(self) -> dict[str, dict[str, Any]]:
        """Give {consumer ARCFILE: {category: what was chosen}}.

        What was chosen is the TPL START of a set, or the ARCFILE of a single frame
        or static; a list of them only where it differs between IFUs.
        """
        found: dict[str, dict[str, list[str]]] = {}
        for choice in self.record.choices:
            named = found.setdefault(choice.consumer, {})
            named.setdefault(choice.category, []).append(choice.choice)
        return {
            consumer: {category: _one(names) for category, names in by_category.items()}
            for consumer, by_category in found.items()
        }


def _one(names: list[str]) -> str | list[str]:
    distinct = list(dict.fromkeys(names))
    return distinct[0] if len(distinct) == 1 else distinct


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


def run(
    recipe: str,
    *,
    date: date | datetime | str,
    p: Mapping[str, Any] | None = None,
    commit: bool = True,
    session: Session | None = None,
    **what: Any,
) -> Job:
    """Run a recipe on every exposure of a day and what it needs before it.

    Parameters
    ----------
    recipe
        With or without ``muse_``: its main product is made, one for each exposure.
    date
        The UTC day of the exposures; with a time of day, exposures begun at it.
    p
        Parameters of the recipe.
    commit
        False makes a trial: only you see its products, nothing else is made of them,
        and they are removed after seven days (or as the server is set).
    session
        Where; the default one if none is given.

    Raises
    ------
    UsageError
        There is no such recipe, or something is missing.
    ParameterError
        The recipe has no such parameter, or it cannot have that value.
    """
    from musewise.session import default

    name = f"muse_{recipe.removeprefix('muse_')}"
    parameters = {
        f"{name}.{parameter}": value for parameter, value in (p or {}).items()
    }
    return (session or default()).process(
        main_product(name),
        exposure=[_stamp(date)],
        combine=name == "muse_exp_combine",
        parameters=parameters,
        trial=None if commit else True,
        **what,
    )


def _stamp(moment: date | datetime | str) -> str:
    """Give how the ARCFILE of an exposure goes on after its instrument."""
    if isinstance(moment, str):
        return moment
    if isinstance(moment, datetime) and moment.time() != clock_time():
        return moment.replace(tzinfo=None).isoformat(timespec="seconds")
    return f"{moment:%Y-%m-%d}"


def planning(request: PlanRequest) -> Call[Any]:
    """Give the call that asks for a plan."""
    from musewise._generated.scheduler.models.plan_request import (
        PlanRequest as Requested,
    )

    return plan_calls.make_plan(body=Requested.from_dict(request.body()))


def accepting(plan_id: str) -> Call[Any]:
    """Give the call that makes a plan a job."""
    from musewise._generated.scheduler.models.plan_to_accept import PlanToAccept

    return job_calls.make_job(body=PlanToAccept(UUID(plan_id)))


def plan(connection: Connection, request: PlanRequest) -> Plan:
    """Ask for a plan; nothing runs yet."""
    made = connection.ask(planning(request))
    return Plan(connection, PlanRecord.model_validate(made))


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
