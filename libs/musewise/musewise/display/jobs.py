"""Jobs that ended, failed or are listed, and what to do next."""

from collections.abc import Sequence
from datetime import datetime

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from musewise.display.formats import (
    memory_text,
    moment_text,
    priority_text,
    short_ids,
    short_job_id,
    short_sha,
    time_text,
)
from musewise.display.live import STYLES
from musewise.display.tables import grid, plain, task_text
from musewise.jobs import Job
from musewise.records import Attempt, JobProduct, JobRecord, Task

SHOWN_FAILURES = 6
SHOWN_LINES = 8  # of a recipe's log
CUBE = "DATACUBE_FINAL"


def jobs_table(jobs: Sequence[Job]) -> RenderableType:
    """List jobs with what they are about and how far they are."""
    if not jobs:
        return Text("No job yet.", style="dim")
    named = ("job", "state", "made (UTC)", "done", "priority", "product", "of")
    table = grid(*named, right=["done"])
    for job in jobs:
        record = job.record
        table.add_row(
            short_job_id(job.job_id),
            Text(job.state, STYLES.get(job.state, "yellow")),
            moment_text(record.created),
            f"{record.done}/{record.tasks_total}",
            priority_text(record.request),
            plain(record.request.get("product")),
            plain(_about(record)),
        )
    return table


def _about(record: JobRecord) -> str:
    for name in ("target", "exposure", "night", "ob", "template"):
        value = record.request.get(name)
        if value:
            return ", ".join(value) if isinstance(value, list) else str(value)
    return ""


def products_table(products: Sequence[JobProduct]) -> Table:
    """List finished products."""
    short = short_ids(one.frame_id for one in products)
    table = grid("id", "class", "file", "sha256")
    for one in products:
        table.add_row(
            short[one.frame_id],
            plain(one.tag),
            plain(one.filename),
            short_sha(one.sha256),
        )
    return table


def finished_view(record: JobRecord, told: Sequence[str] = ()) -> RenderableType:
    """Show the products of a finished job, and what to try next.

    Messages that were ``told`` already are left out.
    """
    products = record.products
    parts: list[RenderableType] = [
        Text(line) for line in record.messages if line not in told
    ]
    if not products:
        return Group(*parts)
    short = short_ids(one.frame_id for one in products)
    cubes = [one for one in products if one.tag == CUBE] or list(products)
    name = short[cubes[-1].frame_id]
    parts += [
        Text("\nProducts", "bold"),
        products_table(products),
        Text("\nNext", "bold"),
        _commands(
            (f"musewise get {name}", "download it"),
            (f"musewise tree {name}", "what it was made from, down to the raw files"),
            (f"musewise why {name}", "why these calibrations"),
            (f"musewise qc {name}", "its quality values"),
        ),
    ]
    return Group(*parts)


def _commands(*rows: tuple[str, str]) -> Table:
    table = Table.grid(padding=(0, 2))
    for command, meaning in rows:
        table.add_row(Text(f"  {command}"), Text(meaning, "dim"))
    return table


def failures_view(
    record: JobRecord, failures: Sequence[tuple[Task, Attempt | None]]
) -> RenderableType:
    """Show failed tasks with the telling lines of their logs, and what can be done."""
    parts: list[RenderableType] = [Text(line) for line in record.messages]
    for task, attempt in failures[:SHOWN_FAILURES]:
        parts += _failure(task, attempt)
    left = len(failures) - SHOWN_FAILURES
    job_id = short_job_id(record.job_id)
    if left > 0:
        parts.append(Text(f"… and {left} more: musewise job {job_id} --tasks"))
    parts += [Text("\nWhat to do", "bold"), _advice(job_id, failures)]
    return Group(*parts)


def _failure(task: Task, attempt: Attempt | None) -> list[RenderableType]:
    title = Text(f"\nfailed: {task_text(task.recipe, task.ifu)}", "bold red")
    if task.group:
        title.append(f"  {task.group}", "not bold")
    detail = (attempt and attempt.detail) or task.reason or "no reason was given"
    lines = attempt.telling_lines if attempt else ()
    shown = [Padding(Text(line, "dim"), (0, 0, 0, 4)) for line in lines[-SHOWN_LINES:]]
    return [title, Padding(Text(detail), (0, 0, 0, 2)), *shown]


def _advice(job_id: str, failures: Sequence[tuple[Task, Attempt | None]]) -> Table:
    rows: list[tuple[str, str]] = []
    if failures:
        short = short_ids(task.task_id for task, _ in failures)
        first = short[failures[0][0].task_id]
        rows.append((f"musewise log {first}", "the whole log of the first one"))
    rows.append((f"musewise job {job_id} --retry", "once the cause is gone"))
    if any(task.ifu is not None for task, _ in failures):
        rows.append((f"musewise job {job_id} --at-least K", "go on with K IFUs"))
    return _commands(*rows)


def tasks_table(tasks: Sequence[Task]) -> RenderableType:
    """List the tasks of a job."""
    short = short_ids(task.task_id for task in tasks)
    table = grid("task", "recipe", "state", "try", "took", "group", "why", fold=["why"])
    for task in tasks:
        table.add_row(
            short[task.task_id],
            task_text(task.recipe, task.ifu),
            Text(task.state, STYLES.get(task.state, "")),
            plain(task.attempt),
            _took(task.started, task.ended),
            plain(task.group),
            plain(task.reason),
        )
    return table


def _took(started: datetime | None, ended: datetime | None) -> str:
    if started is None or ended is None:
        return ""
    return time_text((ended - started).total_seconds())


def attempts_table(rows: Sequence[tuple[Task, Attempt]]) -> RenderableType:
    """List every try of every task: who ran it, how it ended, what it used."""
    if not rows:
        return Text("Nothing was run: all was there already.", style="dim")
    short = short_ids(task.task_id for task, _ in rows)
    table = grid(
        "task", "recipe", "try", "worker", "started (UTC)", "outcome", "wall", "memory",
        right=["wall", "memory"],
    )  # fmt: skip
    for task, one in rows:
        table.add_row(
            short[task.task_id],
            task_text(task.recipe, task.ifu),
            plain(one.attempt),
            plain(one.worker),
            moment_text(one.started),
            _outcome(one),
            time_text(one.wall_s),
            memory_text(one.max_rss_mb),
        )
    return table


def _outcome(one: Attempt) -> Text:
    word = one.outcome or "running"
    return Text(word, {"finished": "green", "running": "yellow"}.get(word, "red"))
