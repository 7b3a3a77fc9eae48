"""The words of a notice: what became of a job, what failed, where to look."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from muse_scheduler.models import (
    FailedTask,
    Job,
    JobState,
    NoticeKind,
    NoticeText,
    PlanRequest,
)

LINES_SHOWN = 5
PRODUCTS_SHOWN = 5
_LONGEST = 300


def notice_text(kind: NoticeKind, job: Job, failed: Sequence[FailedTask]) -> NoticeText:
    """Word a notice; `failed` are some of the failed tasks, the last ones first."""
    state = "FAILING" if kind == "failing" else job.state.value
    wanted = _wanted(job.request)
    subject = _line(f"[musewise] {state}: {wanted} (job {job.job_id})")
    counts = _counts(job)
    text = "\n".join(_lines(state, job, counts, failed)) + "\n"
    return NoticeText(
        subject=subject, text=text, facts=_facts(kind, job, counts, failed)
    )


def _counts(job: Job) -> dict[str, int]:
    recipes = job.progress.values()
    return {
        "total": job.tasks_total,
        "done": job.done,
        "reused": sum(r.reused for r in recipes),
        "running": sum(r.running for r in recipes),
        "waiting": sum(r.waiting for r in recipes),
        "failed": sum(r.failed for r in recipes),
        "blocked": sum(r.blocked for r in recipes),
    }


def _wanted(request: PlanRequest) -> str:
    where = request.target or request.ob or request.template or ""
    named = f"{request.product} of {where}" if where else request.product
    return f"{named}, night {request.night}" if request.night else named


def _lines(
    state: str, job: Job, counts: dict[str, int], failed: Sequence[FailedTask]
) -> Iterator[str]:
    yield {
        "FAILING": "Tasks of this job have failed; the rest of it still runs.",
        JobState.DONE.value: "This job is done.",
        JobState.FAILED.value: "This job has failed.",
        JobState.BLOCKED.value: "This job cannot go on: what it needs has failed.",
        JobState.CANCELLED.value: "This job was cancelled.",
    }[state]
    yield ""
    request = job.request
    yield f"job      {job.job_id}"
    yield f"owner    {_line(request.owner)} (project {_line(request.project)})"
    yield f"product  {_line(request.product)}"
    for name in ("target", "night", "ob", "template"):
        if value := getattr(request, name):
            yield f"{name:<8} {_line(value)}"
    yield f"state    {state}"
    told = ", ".join(f"{n} {name}" for name, n in counts.items() if n)
    yield f"tasks    {told or 'none'}"
    if failed:
        yield from ("", "What failed:")
        for task in failed:
            yield from _failed_lines(task)
        more = counts["failed"] - len(failed)
        if more > 0:
            yield f"  and {more} more"
    yield from ("", "To look further:", f"  musewise job {job.job_id}")
    if failed:
        yield f"  musewise job {job.job_id} --attempts"
        yield f"  musewise log {failed[0].task_id}"
    for product in job.products[:PRODUCTS_SHOWN]:
        yield f"  musewise why {product.frame_id}    ({_line(product.filename)})"


def _failed_lines(task: FailedTask) -> Iterator[str]:
    ifu = "" if task.ifu is None else f" of IFU {task.ifu}"
    yield (
        f"  {task.recipe}{ifu} ({_line(task.group_label)}), attempt {task.attempt}: "
        f"{_line(task.outcome)}: {_line(task.detail)}"
    )
    for line in task.telling_lines[:LINES_SHOWN]:
        yield f"      {_line(line)}"


def _facts(
    kind: NoticeKind, job: Job, counts: dict[str, int], failed: Sequence[FailedTask]
) -> dict[str, Any]:
    return {
        "kind": kind,
        "job_id": str(job.job_id),
        "state": job.state.value,
        "owner": job.request.owner,
        "project": job.request.project,
        "product": job.request.product,
        "target": job.request.target,
        "night": job.request.night,
        "tasks": counts,
        "failed": [task.model_dump(mode="json") for task in failed],
        "products": [product.model_dump(mode="json") for product in job.products],
    }


def _line(text: str) -> str:
    """Keep what others wrote to one line of a sensible length."""
    flat = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return flat if len(flat) <= _LONGEST else f"{flat[:_LONGEST]}…"
