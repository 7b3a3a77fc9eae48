"""Commands about jobs: jobs, job."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated

import typer
from rich.console import Group, RenderableType

from musewise.cli.options import Common, command, finish_with, print_json
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
from musewise.errors import Exit, JobFailedError, UsageError
from musewise.jobs import STUCK, Job
from musewise.records import Attempt, Task


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    command(app, "jobs", jobs)
    command(app, "job", job)


def jobs(
    common: Common,
    limit: Annotated[int, typer.Option(min=1, max=200, help="At most so many.")] = 30,
    mine: Annotated[bool, typer.Option("--mine", help="Only your own.")] = False,
    failed: Annotated[
        bool, typer.Option("--failed", help="Of these those that failed or are stuck.")
    ] = False,
    since: Annotated[
        str | None, typer.Option(metavar="SPAN", help="Made in the last '1 d', '3 h'.")
    ] = None,
) -> None:
    """List jobs, the newest first."""
    with common.connect() as muse:
        found = muse.jobs(limit, mine=mine, since=since)
    if failed:
        found = [one for one in found if one.state in STUCK]
    common.show(
        [one.record.model_dump(mode="json") for one in found], lambda: jobs_table(found)
    )
    finish_with(found)


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
    log: Annotated[
        bool, typer.Option("--log", help="The recipes' logs; with -f as they end.")
    ] = False
    rerun: Annotated[
        bool, typer.Option("--rerun", help="Ask for the same again, with other -p.")
    ] = False
    parameter: Annotated[
        list[str],
        typer.Option("-p", metavar="[RECIPE.]PARAM=VALUE", help="For --rerun."),
    ] = field(default_factory=list)
    tasks: Annotated[bool, typer.Option("--tasks", help="List its tasks.")] = False
    attempts: Annotated[
        bool, typer.Option("--attempts", help="List every try of every task.")
    ] = False


def job(wanted: JobOptions, common: Common) -> None:
    """Show a job; follow it, retry what failed, cancel it, or list its tasks."""
    with common.connect() as muse:
        one = _changed(muse.job(wanted.id_), wanted)
        if wanted.log:
            _show_log(one, wanted, common)
        elif wanted.tasks:
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


def _changed(one: Job, wanted: JobOptions) -> Job:
    """Do what is asked with a job; gives it, or the one that runs in its place."""
    if wanted.parameter and not wanted.rerun:
        raise UsageError("-p goes with --rerun.")
    if wanted.at_least is not None:
        one.at_least(wanted.at_least)
    if wanted.retry:
        one.retry()
    if wanted.cancel:
        one.cancel()
    if wanted.rerun:
        said = (text.partition("=") for text in wanted.parameter)
        return one.rerun(p={name: value for name, _, value in said})
    return one


def _show_log(one: Job, wanted: JobOptions, common: Common) -> None:
    lines = one.log(follow=wanted.follow, poll_s=common.surroundings.poll_s)
    if common.as_json:
        print_json(list(lines))
        return
    for line in lines:
        typer.echo(line)


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
