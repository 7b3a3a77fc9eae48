"""Commands about jobs: jobs, job."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

import typer
from rich.console import Group, RenderableType

from musewise.cli.options import Common, command, print_json
from musewise.display import consoles
from musewise.display.formats import short_job_id
from musewise.display.jobs import (
    attempts_table,
    failures_view,
    finished_view,
    jobs_table,
    tasks_table,
)
from musewise.display.live import job_view, show_live
from musewise.errors import Exit, JobFailedError
from musewise.jobs import Job
from musewise.results import Attempt, Task


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    command(app, "jobs", jobs)
    command(app, "job", job)


def jobs(
    common: Common,
    limit: Annotated[int, typer.Option(min=1, max=200, help="At most so many.")] = 30,
) -> None:
    """List jobs, the newest first."""
    with common.connect() as muse:
        found = muse.jobs(limit)
    common.show(
        [one.record.model_dump(mode="json") for one in found], lambda: jobs_table(found)
    )


@dataclass(frozen=True)
class JobOptions:
    """Which job, and what to do with it."""

    id_: Annotated[str, typer.Argument(metavar="ID", help="Id, or its beginning.")]
    follow: Annotated[
        bool, typer.Option("--follow", "-f", help="Stay until it is done.")
    ] = False
    retry: Annotated[
        bool, typer.Option("--retry", help="Run the failed tasks again.")
    ] = False
    cancel: Annotated[bool, typer.Option("--cancel", help="Stop it.")] = False
    at_least: Annotated[
        int | None,
        typer.Option(min=1, max=24, help="Join as soon as K IFUs are there."),
    ] = None
    tasks: Annotated[bool, typer.Option("--tasks", help="List its tasks.")] = False
    attempts: Annotated[
        bool, typer.Option("--attempts", help="List every try of every task.")
    ] = False


def job(wanted: JobOptions, common: Common) -> None:
    """Show a job; follow it, retry what failed, cancel it, or list its tasks."""
    with common.connect() as muse:
        one = muse.job(wanted.id_)
        _change(one, wanted)
        if wanted.tasks:
            tasks = one.tasks()
            common.show(
                [task.model_dump(mode="json") for task in tasks],
                lambda: tasks_table(tasks),
            )
        elif wanted.attempts:
            _show_attempts(one, common)
        elif wanted.follow:
            watch(one, common)
        else:
            common.show(one.record.model_dump(mode="json"), lambda: _whole(one))


def _change(one: Job, wanted: JobOptions) -> None:
    if wanted.at_least is not None:
        one.at_least(wanted.at_least)
    if wanted.retry:
        one.retry()
    if wanted.cancel:
        one.cancel()


def _whole(one: Job) -> RenderableType:
    parts: list[RenderableType] = [job_view(one.record)]
    failures = one.failures()
    if failures:
        parts.append(failures_view(one.record, failures))
    elif one.products:
        parts.append(finished_view(one.record))
    return Group(*parts)


def _show_attempts(one: Job, common: Common) -> None:
    rows: list[tuple[Task, Attempt]] = [
        (task, attempt)
        for task in one.tasks()
        for attempt in one.attempts(task.task_id)
    ]
    data = [
        {"recipe": task.recipe, "ifu": task.ifu, "state": task.state}
        | attempt.model_dump(mode="json")
        for task, attempt in rows
    ]
    common.show(data, lambda: attempts_table(rows))


def watch(one: Job, common: Common, told: Sequence[str] = ()) -> None:
    """Stay with a job until it is done, and show its products or its failures.

    ``told`` are messages that were shown already.

    Raises
    ------
    JobFailedError
        It ended without all its products.
    """
    snapshots = one.follow(common.surroundings.poll_s)
    try:
        if common.as_json:
            for _ in snapshots:
                pass
        else:
            show_live(snapshots)
    except KeyboardInterrupt:
        common.note(
            f"\nThe job goes on. Come back: musewise job {short_job_id(one.job_id)} --follow"
        )
        raise typer.Exit(Exit.INTERRUPTED) from None
    failed = one.state != "DONE"
    if common.as_json:
        print_json(one.record.model_dump(mode="json"))
    elif failed:
        consoles.out().print(failures_view(one.record, one.failures()))
    else:
        consoles.out().print(finished_view(one.record, told))
    if failed:
        raise JobFailedError(f"Job {short_job_id(one.job_id)} is {one.state}.")
